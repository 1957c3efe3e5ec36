//! One person, one client, and a store that can break down.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

use base::id::ApplicationArn;
use base::{CorrelationId, FixedClock, pkce};
use directory::{DirectoryError, DirectoryUser, MemoryStore, NewUser, UserEdit};
use policy::{Context, Subject, SubjectKind};
use time::macros::datetime;

use super::super::*;
use crate::access::{CallRefusal, IamCaller, Lack};
use crate::application::OAuthApplication;
use crate::claims::Scope;
use crate::client::{ClientRegistration, NewClient};
use crate::port::{StoredTokens, TokenStoreUnavailable};
use crate::redirect::RedirectUri;
use crate::verify::Audience;

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

pub(super) const REDSHIFT: &str = "application-1";
/// A custom application: confidential, and its scope is for everything.
pub(super) const EDITOR: &str = "editor";
pub(super) const EDITOR_REDIRECT: &str = "https://editor.example.com/cb";

/// Applications by ARN, and which the one person isn't assigned to.
#[derive(Debug)]
pub(super) struct Assigned {
    applications: Mutex<BTreeMap<ApplicationArn, OAuthApplication>>,
    lost: Mutex<BTreeSet<ApplicationArn>>,
    fenced: AtomicBool,
}

impl Assigned {
    fn new() -> Self {
        let application = |arn: &str, redshift: bool, redirect: &str| OAuthApplication {
            arn: ApplicationArn::new(arn),
            name: arn.to_owned(),
            enabled: true,
            redshift,
            code_redirects: Some(vec![redirect.to_owned()]),
            refresh_token: true,
            token_exchange: redshift,
            scopes: BTreeSet::from([Scope::RedshiftConnect]),
        };
        let all = [application(REDSHIFT, true, "http://127.0.0.1/"), application(EDITOR, false, EDITOR_REDIRECT)];
        let applications = all.into_iter().map(|one| (one.arn.clone(), one)).collect();
        Self { applications: Mutex::new(applications), lost: Mutex::default(), fenced: AtomicBool::new(false) }
    }

    pub(super) fn assign(&self, assigned: bool) {
        self.assign_to(REDSHIFT, assigned);
    }

    pub(super) fn assign_to(&self, application: &str, assigned: bool) {
        let arn = ApplicationArn::new(application);
        let mut lost = self.lost.lock().unwrap();
        if assigned {
            lost.remove(&arn)
        } else {
            lost.insert(arn)
        };
    }

    /// Whether the scopes of tokens reach no other application.
    pub(super) fn fence(&self, fenced: bool) {
        self.fenced.store(fenced, Ordering::SeqCst);
    }

    pub(super) fn set(&self, application: &str, change: impl FnOnce(&mut OAuthApplication)) {
        change(self.applications.lock().unwrap().get_mut(&ApplicationArn::new(application)).unwrap());
    }
}

impl AccessDecision for Assigned {
    fn redshift_application_for(&self, user: &ActiveUser) -> Result<ApplicationArn, NoAccess> {
        let application = ApplicationArn::new(REDSHIFT);
        self.may_use(user, &application).map(|()| application)
    }

    fn may_use(&self, user: &ActiveUser, application: &ApplicationArn) -> Result<(), NoAccess> {
        let connect = BTreeSet::from([Scope::RedshiftConnect]);
        application::decide_open(application, self.application(application).as_ref(), &connect)?;
        if !self.lost.lock().unwrap().contains(application) {
            return Ok(());
        }
        Err(NoAccess {
            application: Some(application.clone()),
            lack: Lack::Assignment,
            reason: format!("{} is not assigned.", user.user_name()),
            hint: "Ask the administrator.".into(),
        })
    }

    fn application(&self, application: &ApplicationArn) -> Option<OAuthApplication> {
        self.applications.lock().unwrap().get(application).cloned()
    }

    fn reaches(&self, _: &ApplicationArn, _: Scope, _: &ApplicationArn) -> bool {
        !self.fenced.load(Ordering::SeqCst)
    }

    fn lists_redirect(&self, redirect: &RedirectUri) -> bool {
        redirect.as_str() == EDITOR_REDIRECT
    }

    fn may_call(&self, caller: &IamCaller<'_>, application: &ApplicationArn) -> Result<(), CallRefusal> {
        let SubjectKind::Root = caller.subject.kind else {
            return Err(CallRefusal::Denied { reason: "Not by the actor policy.".into(), hint: "Ask.".into() });
        };
        self.application(application).map(|_| ()).ok_or(CallRefusal::UnknownApplication)
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
        let access = Arc::new(Assigned::new());
        let directory = Directory::open(Arc::<MemoryStore>::default(), clock.clone()).await.unwrap();
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
            scope: Scope::RedshiftConnect,
            audience: Audience::Application(ApplicationArn::new(REDSHIFT)),
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

    /// The editor, asked for by somebody who may.
    pub(super) fn caller(&self, application: &str) -> ApplicationCaller {
        let subject = Subject { account: "123456789012".into(), kind: SubjectKind::Root };
        let caller = IamCaller { subject: &subject, context: &Context::new() };
        self.tokens.application_caller(application, &caller).unwrap()
    }

    /// A code for the editor, without a challenge.
    pub(super) async fn editor_code(&self) -> Secret<String> {
        let request = AuthorizationRequest {
            response_type: Some("code".into()),
            client_id: Some(EDITOR.into()),
            redirect_uri: Some(EDITOR_REDIRECT.into()),
            ..AuthorizationRequest::default()
        };
        let checked = self.tokens.check_authorization(&request).unwrap();
        self.tokens.authorize(&checked, &self.user, &self.correlation()).await.unwrap()
    }

    pub(super) async fn editor_tokens(&self) -> IssuedTokens {
        let (caller, code) = (self.caller(EDITOR), self.editor_code().await);
        self.tokens.exchange_code_with_iam(caller, code, EDITOR_REDIRECT.into(), None, Vec::new()).await.unwrap()
    }
}
