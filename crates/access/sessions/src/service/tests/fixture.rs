//! One person with one client, in memory.

use std::collections::BTreeSet;
use std::net::SocketAddr;

use base::id::{ApplicationArn, InstanceArn, WarehouseId};
use base::{AuditEvent, AuditLog, AuditUnavailable, FixedClock, pkce};
use directory::{DirectoryError, DirectoryUser, MemoryStore, NewUser, UserEdit};
use time::macros::datetime;
use tokens::{
    AccessClaims, Audience, AuthorizationRequest, CallRefusal, ClientRegistration, CodeExchange, IamCaller, Lack,
    Lifetimes, NoAccess, OAuthApplication, RedirectUri, Requirement, Scope, StoredTokens, TokenSettings, TokenStore,
    TokenStoreUnavailable, TokenWrite, Verified,
};
use tokio::sync::mpsc;

use super::super::*;

pub(super) const PEER: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), 50_000);
const REDIRECT: &str = "http://127.0.0.1:7890";
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";

#[derive(Debug, Default)]
pub(super) struct Memory(Mutex<HashSet<SecretHash>>);

impl Memory {
    pub(super) fn stored(&self) -> usize {
        self.0.lock().unwrap().len()
    }
}

#[async_trait::async_trait]
impl BrowserSessionStore for Memory {
    async fn load(&self) -> Result<Vec<BrowserSession>, SessionStoreUnavailable> {
        Ok(Vec::new())
    }

    async fn put(&self, session: &BrowserSession) -> Result<(), SessionStoreUnavailable> {
        self.0.lock().unwrap().insert(session.hash);
        Ok(())
    }

    async fn delete(&self, sessions: &[SecretHash]) -> Result<(), SessionStoreUnavailable> {
        let mut stored = self.0.lock().unwrap();
        for hash in sessions {
            stored.remove(hash);
        }
        Ok(())
    }
}

#[async_trait::async_trait]
impl TokenStore for Memory {
    async fn load(&self) -> Result<StoredTokens, TokenStoreUnavailable> {
        Ok(StoredTokens::default())
    }

    async fn apply(&self, _: &[TokenWrite]) -> Result<(), TokenStoreUnavailable> {
        Ok(())
    }
}

/// Hands each record to the test.
#[derive(Debug)]
pub(super) struct Records {
    sender: mpsc::UnboundedSender<AuditEvent>,
    receiver: tokio::sync::Mutex<mpsc::UnboundedReceiver<AuditEvent>>,
}

impl Records {
    pub(super) async fn next(&self) -> AuditEvent {
        self.receiver.lock().await.recv().await.unwrap()
    }
}

#[async_trait::async_trait]
impl AuditLog for Records {
    async fn record(&self, event: AuditEvent) -> Result<(), AuditUnavailable> {
        self.sender.send(event).map_err(|cause| AuditUnavailable(cause.to_string()))
    }
}

/// Two Redshift applications, and what everybody lacks of each.
#[derive(Debug, Default)]
pub(super) struct Assigned(Mutex<HashMap<ApplicationArn, Lack>>);

impl Assigned {
    /// Takes the application away from everybody.
    pub(super) fn lose(&self, application: &str, lack: Lack) {
        self.0.lock().unwrap().insert(ApplicationArn::new(application), lack);
    }
}

impl AccessDecision for Assigned {
    fn redshift_application_for(&self, user: &ActiveUser) -> Result<ApplicationArn, NoAccess> {
        let application = ApplicationArn::new("application-1");
        self.may_use(user, &application).map(|()| application)
    }

    fn may_use(&self, _: &ActiveUser, application: &ApplicationArn) -> Result<(), NoAccess> {
        match self.0.lock().unwrap().get(application) {
            None => Ok(()),
            Some(&lack) => Err(NoAccess {
                application: Some(application.clone()),
                lack,
                reason: "It is lost.".into(),
                hint: "Ask.".into(),
            }),
        }
    }

    fn application(&self, application: &ApplicationArn) -> Option<OAuthApplication> {
        Some(OAuthApplication {
            arn: application.clone(),
            name: "Redshift".into(),
            enabled: true,
            redshift: true,
            code_redirects: Some(vec!["http://127.0.0.1/".into()]),
            refresh_token: true,
            token_exchange: false,
            scopes: BTreeSet::from([Scope::RedshiftConnect]),
        })
    }

    fn reaches(&self, _: &ApplicationArn, _: Scope, _: &ApplicationArn) -> bool {
        false
    }

    fn lists_redirect(&self, _: &RedirectUri) -> bool {
        false
    }

    fn may_call(&self, _: &IamCaller<'_>, _: &ApplicationArn) -> Result<(), CallRefusal> {
        Err(CallRefusal::UnknownApplication)
    }
}

pub(super) struct Fixture {
    pub(super) sessions: Arc<Sessions>,
    pub(super) directory: Arc<Directory>,
    pub(super) access: Arc<Assigned>,
    pub(super) audit: Arc<Records>,
    pub(super) clock: Arc<FixedClock>,
    pub(super) store: Arc<Memory>,
    pub(super) user: ActiveUser,
}

impl Fixture {
    pub(super) async fn new() -> Self {
        let clock = Arc::new(FixedClock::at(datetime!(2026-01-02 03:04:05 UTC)));
        let store = Arc::new(Memory::default());
        let access = Arc::new(Assigned::default());
        let directory = Directory::open(Arc::<MemoryStore>::default(), clock.clone()).await.unwrap();
        let settings = TokenSettings {
            instance: InstanceArn::new("instance-1"),
            issuer_urls: vec!["https://issuer".into()],
            lifetimes: Lifetimes::default(),
        };
        let tokens = Tokens::open(store.clone(), directory.clone(), access.clone(), clock.clone(), settings).await;
        let tokens = Arc::new(tokens.unwrap());
        let limits = BrowserLimits::default();
        let sessions = Sessions::open(store.clone(), directory.clone(), tokens, access.clone(), clock.clone(), limits)
            .await
            .unwrap();
        let (sender, receiver) = mpsc::unbounded_channel();
        let audit = Arc::new(Records { sender, receiver: tokio::sync::Mutex::new(receiver) });
        let user = create(&directory, "ethan").await;
        Self { sessions, directory, access, audit, clock, store, user }
    }

    pub(super) async fn another(&self, name: &str) -> ActiveUser {
        create(&self.directory, name).await
    }

    /// A token of the person's, got as a driver does.
    pub(super) async fn verified(&self) -> Verified<AccessClaims> {
        let tokens = &self.sessions.tokens;
        let registration = ClientRegistration {
            name: "driver".into(),
            client_type: "public".into(),
            scopes: vec!["redshift:connect".into()],
            redirect_uris: vec![REDIRECT.into()],
            ..ClientRegistration::default()
        };
        let client = tokens.register_client(&registration).await.unwrap();
        let request = AuthorizationRequest {
            response_type: Some("code".into()),
            client_id: Some(client.client.id.to_string()),
            redirect_uri: Some(REDIRECT.into()),
            code_challenge: Some(pkce::challenge_of(&Secret::from(VERIFIER))),
            code_challenge_method: Some("S256".into()),
            ..AuthorizationRequest::default()
        };
        let checked = tokens.check_authorization(&request).unwrap();
        let code = tokens.authorize(&checked, &self.user, &CorrelationId::resume("way-1")).await.unwrap();
        let exchange = CodeExchange {
            client: client.client.id.clone(),
            client_secret: client.secret,
            code,
            redirect_uri: REDIRECT.into(),
            verifier: Secret::from(VERIFIER),
            scopes: Vec::new(),
        };
        let issued = tokens.exchange_code(exchange).await.unwrap();
        let required = Requirement {
            scope: Scope::RedshiftConnect,
            audience: Audience::AnyRedshift,
            issuer: InstanceArn::new("instance-1"),
        };
        tokens.verify_access(&issued.access, &required).unwrap()
    }

    pub(super) async fn open(&self) -> Result<DbSessionHandle, SessionError> {
        self.open_in("warehouse-1", "application-1", &self.verified().await)
    }

    pub(super) fn open_in(
        &self,
        warehouse: &str,
        application: &str,
        claims: &Verified<AccessClaims>,
    ) -> Result<DbSessionHandle, SessionError> {
        self.sessions.open_db(opening(&self.user, warehouse, application, claims)?)
    }

    pub(super) async fn deactivate(&self) {
        let off = |user: &DirectoryUser| {
            Ok::<_, DirectoryError>(UserEdit::from(NewUser { active: false, ..NewUser::from(user) }))
        };
        self.directory.update_user(self.user.id(), None, off).await.unwrap();
    }
}

pub(super) fn opening(
    user: &ActiveUser,
    warehouse: &str,
    application: &str,
    claims: &Verified<AccessClaims>,
) -> Result<OpenDb, SessionError> {
    let (warehouse, application) = (WarehouseId::new(warehouse), ApplicationArn::new(application));
    OpenDb::with_token(user, claims, &warehouse, &application, "awsidc:ethan", PEER)
}

pub(super) fn with_password(warehouse: &str) -> OpenDb {
    OpenDb::with_password(&WarehouseId::new(warehouse), "admin", CorrelationId::fresh(), PEER)
}

async fn create(directory: &Directory, name: &str) -> ActiveUser {
    let new = NewUser { user_name: name.into(), active: true, ..NewUser::default() };
    let id = directory.create_user(new).await.unwrap().id.clone();
    directory.active_user(&id).unwrap()
}
