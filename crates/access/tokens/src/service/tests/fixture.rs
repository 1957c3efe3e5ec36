//! One person, one client, and a store that can break down.

use std::sync::atomic::{AtomicBool, Ordering};

use base::id::ApplicationArn;
use base::{CorrelationId, FixedClock};
use directory::{DirectoryError, DirectoryStore, DirectoryUser, DirectoryWrite, NewUser, StoredDirectory, UserEdit};
use time::macros::datetime;

use super::super::*;
use crate::client::{ClientRegistration, NewClient};
use crate::pkce;
use crate::port::{StoredTokens, TokenStoreUnavailable};

const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const REDIRECT: &str = "http://127.0.0.1:7890";

#[derive(Debug, Default)]
pub(super) struct Memory(AtomicBool);

impl Memory {
    pub(super) fn break_down(&self, broken: bool) {
        self.0.store(broken, Ordering::SeqCst);
    }
}

#[async_trait::async_trait]
impl TokenStore for Memory {
    async fn load(&self) -> Result<StoredTokens, TokenStoreUnavailable> {
        Ok(StoredTokens::default())
    }

    async fn apply(&self, _: &[TokenWrite]) -> Result<(), TokenStoreUnavailable> {
        if self.0.load(Ordering::SeqCst) { Err(TokenStoreUnavailable("disk full".into())) } else { Ok(()) }
    }
}

#[async_trait::async_trait]
impl DirectoryStore for Memory {
    async fn load(&self) -> Result<StoredDirectory, DirectoryError> {
        Ok(StoredDirectory::default())
    }

    async fn apply(&self, _: &[DirectoryWrite]) -> Result<(), DirectoryError> {
        Ok(())
    }
}

#[derive(Debug)]
pub(super) struct Assigned(AtomicBool);

impl Assigned {
    pub(super) fn assign(&self, assigned: bool) {
        self.0.store(assigned, Ordering::SeqCst);
    }
}

impl AccessDecision for Assigned {
    fn redshift_application_for(&self, user: &ActiveUser) -> Result<ApplicationArn, NotAssigned> {
        let application = ApplicationArn::new("application-1");
        self.may_use(user, &application).map(|()| application)
    }

    fn may_use(&self, user: &ActiveUser, application: &ApplicationArn) -> Result<(), NotAssigned> {
        if self.0.load(Ordering::SeqCst) {
            return Ok(());
        }
        let reason = format!("{} is not assigned.", user.user_name());
        Err(NotAssigned { application: Some(application.clone()), reason, hint: "Ask the administrator.".into() })
    }
}

pub(super) struct Fixture {
    pub(super) tokens: Tokens,
    pub(super) directory: Arc<Directory>,
    pub(super) access: Arc<Assigned>,
    pub(super) clock: Arc<FixedClock>,
    pub(super) store: Arc<Memory>,
    pub(super) user: ActiveUser,
    pub(super) client: NewClient,
}

impl Fixture {
    pub(super) async fn new(refreshes: bool) -> Self {
        let clock = Arc::new(FixedClock::at(datetime!(2026-01-02 03:04:05 UTC)));
        let store = Arc::new(Memory::default());
        let access = Arc::new(Assigned(AtomicBool::new(true)));
        let directory = Directory::open(Arc::<Memory>::default(), clock.clone()).await.unwrap();
        let new = NewUser { user_name: "ethan".into(), active: true, ..NewUser::default() };
        let id = directory.create_user(new).await.unwrap().id.clone();
        let settings = TokenSettings {
            instance: InstanceArn::new("instance-1"),
            issuer_urls: vec!["https://issuer".into()],
            lifetimes: Lifetimes::default(),
        };
        let tokens =
            Tokens::open(store.clone(), directory.clone(), access.clone(), clock.clone(), settings).await.unwrap();
        let mut grant_types = vec!["authorization_code".to_owned()];
        grant_types.extend(refreshes.then(|| "refresh_token".to_owned()));
        let registration = ClientRegistration {
            name: "driver".into(),
            client_type: "public".into(),
            scopes: vec!["redshift:connect".into()],
            redirect_uris: vec![REDIRECT.into()],
            grant_types,
            ..ClientRegistration::default()
        };
        let client = tokens.register_client(&registration).await.unwrap();
        let user = directory.active_user(&id).unwrap();
        Self { tokens, directory, access, clock, store, user, client }
    }

    pub(super) fn required(&self) -> Requirement {
        Requirement {
            scope: crate::claims::Scope::RedshiftConnect,
            audience: ApplicationArn::new("application-1"),
            issuer: InstanceArn::new("instance-1"),
        }
    }

    pub(super) fn correlation(&self) -> CorrelationId {
        CorrelationId::resume("way-1")
    }

    pub(super) fn checked(&self) -> CheckedAuthorization {
        let request = AuthorizationRequest {
            response_type: Some("code".into()),
            client_id: Some(self.client.client.id.to_string()),
            redirect_uri: Some(REDIRECT.into()),
            state: Some("s".into()),
            scope: None,
            code_challenge: Some(pkce::challenge_of(&Secret::from(VERIFIER))),
            code_challenge_method: Some("S256".into()),
            fault: None,
        };
        self.tokens.check_authorization(&request).unwrap()
    }

    pub(super) async fn code(&self) -> Secret<String> {
        self.tokens.authorize(&self.checked(), &self.user, &self.correlation()).await.unwrap()
    }

    pub(super) fn code_exchange(&self, code: &Secret<String>) -> CodeExchange {
        CodeExchange {
            client: self.client.client.id.clone(),
            client_secret: self.client.secret.clone(),
            code: code.clone(),
            redirect_uri: REDIRECT.into(),
            verifier: Secret::from(VERIFIER),
            scopes: Vec::new(),
        }
    }

    pub(super) async fn exchange(&self, code: &Secret<String>) -> Result<IssuedTokens, TokenError> {
        self.tokens.exchange_code(self.code_exchange(code)).await
    }

    pub(super) async fn refresh(&self, refresh: &Secret<String>) -> Result<IssuedTokens, TokenError> {
        let asked = RefreshExchange {
            client: self.client.client.id.clone(),
            client_secret: self.client.secret.clone(),
            refresh_token: refresh.clone(),
            scopes: Vec::new(),
        };
        self.tokens.refresh(asked).await
    }

    pub(super) async fn deactivate(&self) {
        let off = |user: &DirectoryUser| {
            Ok::<_, DirectoryError>(UserEdit::from(NewUser { active: false, ..NewUser::from(user) }))
        };
        self.directory.update_user(self.user.id(), None, off).await.unwrap();
    }
}
