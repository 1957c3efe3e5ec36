//! A whole warehouse in memory: people, tokens, sessions, an audit trail, and an engine of texts.

mod cloud;
mod engine;
mod issuer;
mod ports;

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use base::id::{DirectoryGroupId, InstanceArn, WarehouseId};
use base::{CorrelationId, FixedClock, Secret, pkce};
use directory::{ActiveUser, Directory, DirectoryError, DirectoryUser, MemoryStore, NewGroup, NewUser, UserEdit};
use sessions::{BrowserLimits, Sessions};
use time::macros::datetime;
use tokens::{AuthorizationRequest, ClientRegistration, CodeExchange, Lifetimes, TokenSettings, Tokens};

pub(crate) use self::cloud::Cloud;
pub(crate) use self::engine::FakeEngine;
pub(crate) use self::issuer::{AUDIENCE, ISSUER, Issuer, claims};
pub(crate) use self::ports::{Assignments, CLOSED_PORT, EDITOR, NETWORK_RULE, Nowhere, Records, Roles, Routes, field};
use crate::{
    CancelKeys, Challenge, ChallengeAnswer, DbConnection, Gate, NewWarehouse, Prepared, QueryError, Reply, ReplyBody,
    StartupRequest, TransactionStatus, Warehouse, WarehouseParts, WarehouseSettings,
};

pub(crate) const APPLICATION: &str = "arn:aws:sso::123456789012:application/ssoins-1/apl-2";
pub(crate) const PASSWORD: &str = "Passw0rd1";
const INSTANCE: &str = "arn:aws:sso:::instance/ssoins-1";
const REDIRECT: &str = "http://127.0.0.1:7890";
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";

/// Namespace, a role with a table, a table that nobody has, and bob with a password.
const SEED: &[&str] = &[
    "CREATE IDENTITY PROVIDER idp TYPE AWSIDC NAMESPACE 'awsidc' \
     APPLICATION_ARN 'arn:aws:sso::123456789012:application/ssoins-1/apl-2' IAM_ROLE default",
    "CREATE ROLE \"awsidc:sales\"",
    "CREATE SCHEMA s",
    "CREATE TABLE s.t (a int)",
    "CREATE TABLE s.hidden (a int)",
    "GRANT USAGE ON SCHEMA s TO ROLE \"awsidc:sales\"",
    "GRANT SELECT ON TABLE s.t TO ROLE \"awsidc:sales\"",
    "CREATE USER bob PASSWORD 'Passw0rd1'",
];

pub(crate) struct World {
    pub(crate) warehouse: Arc<Warehouse>,
    pub(crate) engine: Arc<FakeEngine>,
    pub(crate) directory: Arc<Directory>,
    pub(crate) tokens: Arc<Tokens>,
    pub(crate) sessions: Arc<Sessions>,
    pub(crate) access: Arc<Assignments>,
    pub(crate) audit: Arc<Records>,
    pub(crate) clock: Arc<FixedClock>,
    pub(crate) cloud: Arc<Cloud>,
    pub(crate) issuers: Arc<Issuer>,
    pub(crate) idc: Arc<Roles>,
    pub(crate) cancel_keys: Arc<CancelKeys>,
}

pub(crate) fn peer() -> SocketAddr {
    SocketAddr::from((Ipv4Addr::LOCALHOST, 50_000))
}

/// An encrypted connection to the database `dev`.
pub(crate) fn startup(parameters: &[(&str, &str)]) -> StartupRequest {
    let own = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
    let mut parameters: Vec<_> = parameters.iter().map(own).collect();
    parameters.push(("database".to_owned(), "dev".to_owned()));
    StartupRequest { parameters, peer: peer(), encrypted: true, network_rule: None }
}

/// The administrator is awsuser with [`PASSWORD`].
pub(crate) fn new_warehouse() -> NewWarehouse {
    NewWarehouse {
        database: "dev".to_owned(),
        admin_user: "awsuser".to_owned(),
        admin_password: Secret::from(PASSWORD),
        identity_provider: None,
    }
}

impl World {
    /// A new warehouse with the administrator only.
    pub(crate) async fn empty() -> Self {
        let clock = Arc::new(FixedClock::at(datetime!(2026-01-02 03:04:05 UTC)));
        let access = Arc::new(Assignments::to(APPLICATION));
        let (audit, engine) = (Arc::<Records>::default(), Arc::<FakeEngine>::default());
        let directory = Directory::open(Arc::<MemoryStore>::default(), clock.clone()).await.unwrap();
        let settings = TokenSettings {
            instance: InstanceArn::new(INSTANCE),
            issuer_urls: vec!["https://issuer".to_owned()],
            lifetimes: Lifetimes::default(),
        };
        let tokens = Tokens::open(Arc::new(Nowhere), directory.clone(), access.clone(), clock.clone(), settings).await;
        let tokens = Arc::new(tokens.unwrap());
        let limits = BrowserLimits::default();
        let sessions =
            Sessions::open(Arc::new(Nowhere), directory.clone(), tokens.clone(), access.clone(), clock.clone(), limits);
        let sessions = sessions.await.unwrap();
        let cancel_keys = Arc::<CancelKeys>::default();
        let cloud = Arc::new(Cloud::new(&clock).await);
        let (issuers, idc) = (Arc::new(Issuer::new(&clock)), Arc::<Roles>::default());
        let parts = WarehouseParts {
            id: WarehouseId::new("w-testcluster"),
            name: "testcluster".to_owned(),
            instance: InstanceArn::new(INSTANCE),
            engine: engine.clone(),
            directory: directory.clone(),
            tokens: tokens.clone(),
            access: access.clone(),
            sessions: sessions.clone(),
            credentials: cloud.credentials.clone(),
            issuers: issuers.trusted(),
            idc: idc.clone(),
            audit: audit.clone(),
            clock: clock.clone(),
            cancel_keys: cancel_keys.clone(),
            settings: WarehouseSettings::default(),
        };
        let warehouse = Warehouse::create(parts, new_warehouse().catalog([1; 32]).unwrap()).await.unwrap();
        Self { warehouse, engine, directory, tokens, sessions, access, audit, clock, cloud, issuers, idc, cancel_keys }
    }

    /// The parts of a warehouse beside this one, over `engine`.
    pub(crate) fn parts(&self, name: &str, engine: Arc<FakeEngine>) -> WarehouseParts {
        WarehouseParts {
            id: WarehouseId::new(format!("w-{name}")),
            name: name.to_owned(),
            instance: InstanceArn::new(INSTANCE),
            engine,
            directory: self.directory.clone(),
            tokens: self.tokens.clone(),
            access: self.access.clone(),
            sessions: self.sessions.clone(),
            credentials: self.cloud.credentials.clone(),
            issuers: self.issuers.trusted(),
            idc: self.idc.clone(),
            audit: self.audit.clone(),
            clock: self.clock.clone(),
            cancel_keys: self.cancel_keys.clone(),
            settings: WarehouseSettings::default(),
        }
    }

    /// A second warehouse of the same server, with an engine of its own.
    pub(crate) async fn beside(&self, name: &str) -> Self {
        let engine = Arc::<FakeEngine>::default();
        let catalog = new_warehouse().catalog([2; 32]).unwrap();
        let warehouse = Warehouse::create(self.parts(name, engine.clone()), catalog).await.unwrap();
        Self {
            warehouse,
            engine,
            directory: self.directory.clone(),
            tokens: self.tokens.clone(),
            sessions: self.sessions.clone(),
            access: self.access.clone(),
            audit: self.audit.clone(),
            clock: self.clock.clone(),
            cloud: self.cloud.clone(),
            issuers: self.issuers.clone(),
            idc: self.idc.clone(),
            cancel_keys: self.cancel_keys.clone(),
        }
    }

    /// With everything that most tests need; nothing of how it was made is left in the records.
    pub(crate) async fn new() -> Self {
        let world = Self::empty().await;
        world.define(SEED).await;
        world.forget();
        world
    }

    pub(crate) fn forget(&self) {
        self.engine.calls();
        self.audit.take(base::AuditStep::Statement);
    }

    pub(crate) async fn admin(&self) -> DbConnection {
        self.warehouse.open_as_administrator().await.unwrap()
    }

    /// As the administrator, one statement after the other.
    pub(crate) async fn define(&self, texts: &[&str]) {
        let mut admin = self.admin().await;
        for text in texts {
            ok(&mut admin, text).await;
        }
        admin.close().await;
    }

    /// Somebody in these groups, which are made where they aren't there.
    pub(crate) async fn person(&self, name: &str, groups: &[&str]) -> ActiveUser {
        let new = NewUser { user_name: name.to_owned(), active: true, ..NewUser::default() };
        let id = self.directory.create_user(new).await.unwrap().id.clone();
        for group in groups {
            let group = self.group(group).await;
            self.directory.change_members(&group, std::slice::from_ref(&id), &[]).await.unwrap();
        }
        self.directory.active_user(&id).unwrap()
    }

    pub(crate) async fn group(&self, name: &str) -> DirectoryGroupId {
        if let Some(group) = self.directory.group_by_name(name) {
            return group.id.clone();
        }
        let group = NewGroup { display_name: name.to_owned(), ..NewGroup::default() };
        self.directory.create_group(group).await.unwrap().id.clone()
    }

    pub(crate) async fn leave(&self, user: &ActiveUser, group: &str) {
        let group = self.group(group).await;
        self.directory.change_members(&group, &[], std::slice::from_ref(user.id())).await.unwrap();
    }

    /// In the directory; the sessions haven't heard of it yet.
    pub(crate) async fn deactivate(&self, user: &ActiveUser) {
        let off = |user: &DirectoryUser| {
            Ok::<_, DirectoryError>(UserEdit::from(NewUser { active: false, ..NewUser::from(user) }))
        };
        self.directory.update_user(user.id(), None, off).await.unwrap();
    }

    /// An access token, got as a driver gets it. Its correlation id is `way-NAME`.
    pub(crate) async fn token(&self, user: &ActiveUser) -> Secret<String> {
        let registration = ClientRegistration {
            name: "driver".to_owned(),
            client_type: "public".to_owned(),
            scopes: vec!["redshift:connect".to_owned()],
            redirect_uris: vec![REDIRECT.to_owned()],
            ..ClientRegistration::default()
        };
        let client = self.tokens.register_client(&registration).await.unwrap();
        let request = AuthorizationRequest {
            response_type: Some("code".to_owned()),
            client_id: Some(client.client.id.to_string()),
            redirect_uri: Some(REDIRECT.to_owned()),
            code_challenge: Some(pkce::challenge_of(&Secret::from(VERIFIER))),
            code_challenge_method: Some("S256".to_owned()),
            ..AuthorizationRequest::default()
        };
        let checked = self.tokens.check_authorization(&request).unwrap();
        let way = CorrelationId::resume(format!("way-{}", user.user_name()));
        let code = self.tokens.authorize(&checked, user, &way).await.unwrap();
        let exchange = CodeExchange {
            client: client.client.id.clone(),
            client_secret: client.secret,
            code,
            redirect_uri: REDIRECT.to_owned(),
            verifier: Secret::from(VERIFIER),
            scopes: Vec::new(),
        };
        self.tokens.exchange_code(exchange).await.unwrap().access
    }

    pub(crate) async fn present(
        &self,
        token: Secret<String>,
        parameters: &[(&str, &str)],
    ) -> Result<DbConnection, QueryError> {
        let mut all = vec![("idp_type", "AwsIdc")];
        all.extend(parameters);
        let pending = self.gate().begin_login(startup(&all), None).await?;
        assert_eq!(*pending.challenge(), Challenge::Token);
        pending.finish(ChallengeAnswer::Token(token)).await
    }

    /// Signed in with a fresh token.
    pub(crate) async fn sign_in(&self, user: &ActiveUser) -> DbConnection {
        self.present(self.token(user).await, &[]).await.unwrap()
    }

    pub(crate) async fn password(&self, user: &str, password: &str) -> Result<DbConnection, QueryError> {
        let pending = self.gate().begin_login(startup(&[("user", user)]), None).await?;
        pending.finish(ChallengeAnswer::Cleartext(Secret::from(password))).await
    }

    /// The first is reached without a name; each by its own.
    pub(crate) fn gate_of(&self, worlds: &[&Self]) -> Gate {
        let warehouses = worlds.iter().map(|world| world.warehouse.clone()).collect();
        let routes = Routes { warehouses, cancel_keys: self.cancel_keys.clone() };
        Gate::new(Arc::new(routes), self.audit.clone(), 5439)
    }

    pub(crate) fn gate(&self) -> Gate {
        self.gate_of(&[self])
    }

    pub(crate) fn gate_at(&self, port: u16) -> Gate {
        let routes = Routes { warehouses: vec![self.warehouse.clone()], cancel_keys: self.cancel_keys.clone() };
        Gate::new(Arc::new(routes), self.audit.clone(), port)
    }
}

/// A simple query, as the wire runs it: answers the tags. Rows are read to their end.
pub(crate) async fn run(connection: &mut DbConnection, text: &str) -> Result<Vec<String>, QueryError> {
    let script = connection.parse_script(text)?;
    let mut tags = Vec::new();
    for prepared in &script {
        let idle = connection.transaction_status() == TransactionStatus::Idle;
        if script.len() > 1 && idle && !prepared.ends_transaction() {
            connection.begin_implicit().await?;
        }
        match execute(connection, prepared).await {
            Ok((tag, _)) => tags.push(tag),
            Err(error) => {
                connection.end_implicit(false).await.unwrap();
                return Err(error);
            }
        }
    }
    connection.end_implicit(true).await?;
    Ok(tags)
}

/// One statement to its end: its tag, and its reply without the rows.
pub(crate) async fn execute(connection: &mut DbConnection, prepared: &Prepared) -> Result<(String, Reply), QueryError> {
    let Reply { notices, parameters, body } = connection.execute(prepared, &[]).await?;
    let empty = |tag: &str| Reply { notices, parameters, body: ReplyBody::Done { tag: tag.to_owned() } };
    match body {
        ReplyBody::Done { tag } => Ok((tag.clone(), empty(&tag))),
        ReplyBody::Empty => Ok((String::new(), empty(""))),
        ReplyBody::Rows { mut stream, tag } => {
            let mut rows = 0;
            let mut outcome = Ok(());
            while let Some(batch) = stream.batches.recv().await {
                match batch {
                    Ok(batch) => rows += batch.len(),
                    Err(error) => outcome = Err(error),
                }
            }
            drop(stream);
            let total = u64::try_from(rows).unwrap();
            connection.finish_rows(outcome.map(|()| total)).await?;
            Ok((format!("{tag} {rows}"), empty(tag)))
        }
    }
}

/// The tag of the last statement.
#[track_caller]
pub(crate) fn ok<'c>(connection: &'c mut DbConnection, text: &'c str) -> impl Future<Output = String> + use<'c> {
    let at = std::panic::Location::caller();
    async move {
        match run(connection, text).await {
            Ok(tags) => tags.into_iter().next_back().unwrap_or_default(),
            Err(error) => panic!("{at}: {text}: {error:?}"),
        }
    }
}

/// `SQLSTATE first line`.
#[track_caller]
pub(crate) fn refused<'c>(connection: &'c mut DbConnection, text: &'c str) -> impl Future<Output = String> + use<'c> {
    let at = std::panic::Location::caller();
    async move {
        match run(connection, text).await {
            Ok(tags) => panic!("{at}: {text} was accepted: {tags:?}"),
            Err(error) => brief(&error),
        }
    }
}

pub(crate) fn brief(error: &QueryError) -> String {
    format!("{} {}", error.sqlstate, error.message.message)
}
