//! A database session: who, as whom, since when, and how it learns that it is over.

use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;

use base::id::{ApplicationArn, DirectoryUserId, WarehouseId};
use base::{CorrelationId, Principal, Secret};
use directory::ActiveUser;
use time::OffsetDateTime;
use tokens::{AccessClaims, GrantId, Verified};
use tokio::sync::watch;

use crate::error::SessionError;
use crate::grounds::{GroundKey, Grounds};
use crate::reason::EndReason;
use crate::registry::Registry;

/// BackendKeyData: names the session, and proves to CancelRequest that one may stop its statement.
#[derive(Debug, Clone)]
pub struct DbSessionId {
    pub process_id: i32,
    pub secret_key: Secret<[u8; 4]>,
}

/// What a new database session is to be.
#[derive(Debug, Clone)]
pub struct OpenDb {
    warehouse: WarehouseId,
    principal: Principal,
    directory_user: Option<DirectoryUserId>,
    application: Option<ApplicationArn>,
    grant: Option<GrantId>,
    grounds: Option<Arc<dyn Grounds>>,
    person: Option<String>,
    access_key_id: Option<String>,
    db_user: String,
    correlation: CorrelationId,
    peer: SocketAddr,
}

/// Who proved temporary database credentials.
#[derive(Debug, Clone)]
pub struct WithCredential {
    /// Who got them: an IAM user, a role's session, or the account's root.
    pub principal: Principal,
    /// The person behind the principal, where something names one.
    pub person: Option<String>,
    /// The key that they were got with.
    pub access_key_id: String,
    /// What they stand on.
    pub grounds: Arc<dyn Grounds>,
    /// The way that the credentials are a step of.
    pub correlation: CorrelationId,
}

impl OpenDb {
    /// For a person who presented an access token; `application` is the warehouse's, which need not be the one that the token was
    /// issued for; `db_user` is e.g. `awsidc:ethan`.
    ///
    /// # Errors
    /// [`SessionError::OtherPerson`] when the token isn't this person's.
    pub fn with_token(
        user: &ActiveUser,
        claims: &Verified<AccessClaims>,
        warehouse: &WarehouseId,
        application: &ApplicationArn,
        db_user: impl Into<String>,
        peer: SocketAddr,
    ) -> Result<Self, SessionError> {
        let claims = claims.get();
        if claims.user != *user.id() {
            return Err(SessionError::OtherPerson);
        }
        Ok(Self {
            warehouse: warehouse.clone(),
            principal: Principal::DirectoryUser { id: user.id().to_string(), user_name: user.user_name().to_owned() },
            directory_user: Some(user.id().clone()),
            application: Some(application.clone()),
            grant: Some(claims.grant.clone()),
            grounds: None,
            person: None,
            access_key_id: None,
            db_user: db_user.into(),
            correlation: claims.correlation.clone(),
            peer,
        })
    }

    /// For a database user that proved a password.
    #[must_use]
    pub fn with_password(
        warehouse: &WarehouseId,
        db_user: impl Into<String>,
        correlation: CorrelationId,
        peer: SocketAddr,
    ) -> Self {
        let (warehouse, db_user) = (warehouse.clone(), db_user.into());
        let principal = Principal::DbUser { name: db_user.clone() };
        Self {
            warehouse,
            principal,
            directory_user: None,
            application: None,
            grant: None,
            grounds: None,
            person: None,
            access_key_id: None,
            db_user,
            correlation,
            peer,
        }
    }

    /// For who proved temporary credentials of the database user `db_user`.
    #[must_use]
    pub fn with_credential(
        warehouse: &WarehouseId,
        db_user: impl Into<String>,
        proven: WithCredential,
        peer: SocketAddr,
    ) -> Self {
        let WithCredential { principal, person, access_key_id, grounds, correlation } = proven;
        Self {
            warehouse: warehouse.clone(),
            principal,
            directory_user: None,
            application: None,
            grant: None,
            grounds: Some(grounds),
            person,
            access_key_id: Some(access_key_id),
            db_user: db_user.into(),
            correlation,
            peer,
        }
    }
}

/// Who presented a token of an identity provider of the warehouse (TYPE azure).
#[derive(Debug, Clone)]
pub struct WithProviderToken {
    /// The person, as the token names them.
    pub person: String,
    /// The provider.
    pub grounds: Arc<dyn Grounds>,
    pub correlation: CorrelationId,
}

impl OpenDb {
    /// For who presented a token of an identity provider of the warehouse; `db_user` is e.g. `aad:ethan@example.com`.
    #[must_use]
    pub fn with_provider_token(
        warehouse: &WarehouseId,
        db_user: impl Into<String>,
        proven: WithProviderToken,
        peer: SocketAddr,
    ) -> Self {
        let WithProviderToken { person, grounds, correlation } = proven;
        Self {
            grounds: Some(grounds),
            person: Some(person),
            ..Self::with_password(warehouse, db_user, correlation, peer)
        }
    }
}

/// An open database session. Made only by [`crate::Sessions::open_db`].
#[derive(Debug)]
pub struct SessionContext {
    id: DbSessionId,
    opening: OpenDb,
    opened: OffsetDateTime,
}

impl SessionContext {
    pub(crate) const fn new(id: DbSessionId, opening: OpenDb, opened: OffsetDateTime) -> Self {
        Self { id, opening, opened }
    }

    #[must_use]
    pub const fn id(&self) -> &DbSessionId {
        &self.id
    }

    /// Process id and cancel secret, for BackendKeyData.
    #[must_use]
    pub const fn backend_key(&self) -> (i32, i32) {
        (self.id.process_id, i32::from_be_bytes(*self.id.secret_key.expose()))
    }

    /// The warehouse that it is in.
    #[must_use]
    pub const fn warehouse(&self) -> &WarehouseId {
        &self.opening.warehouse
    }

    #[must_use]
    pub const fn principal(&self) -> &Principal {
        &self.opening.principal
    }

    #[must_use]
    pub const fn directory_user(&self) -> Option<&DirectoryUserId> {
        self.opening.directory_user.as_ref()
    }

    /// The application of its warehouse; losing it ends the session.
    #[must_use]
    pub const fn application(&self) -> Option<&ApplicationArn> {
        self.opening.application.as_ref()
    }

    /// The grant whose token opened it.
    #[must_use]
    pub const fn grant(&self) -> Option<&GrantId> {
        self.opening.grant.as_ref()
    }

    /// What it stands on, where it was opened with temporary credentials.
    #[must_use]
    pub fn grounds(&self) -> Option<&dyn Grounds> {
        self.opening.grounds.as_deref()
    }

    pub(crate) fn ground_keys(&self) -> &[GroundKey] {
        self.grounds().map_or(&[], Grounds::keys)
    }

    /// The person behind an IAM principal, where something names one.
    #[must_use]
    pub fn person(&self) -> Option<&str> {
        self.opening.person.as_deref()
    }

    /// The access key that its temporary credentials were got with.
    #[must_use]
    pub fn access_key_id(&self) -> Option<&str> {
        self.opening.access_key_id.as_deref()
    }

    #[must_use]
    pub fn db_user(&self) -> &str {
        &self.opening.db_user
    }

    /// The name for messages: the person's where there is one.
    #[must_use]
    pub fn user_name(&self) -> &str {
        match &self.opening.principal {
            Principal::DirectoryUser { user_name, id: _ } => user_name,
            Principal::Anonymous
            | Principal::Root { .. }
            | Principal::IamUser { .. }
            | Principal::RoleSession { .. }
            | Principal::ScimClient { .. }
            | Principal::IdpAdministrator { .. }
            | Principal::DbUser { .. }
            | Principal::System => &self.opening.db_user,
        }
    }

    #[must_use]
    pub const fn correlation(&self) -> &CorrelationId {
        &self.opening.correlation
    }

    #[must_use]
    pub const fn opened(&self) -> OffsetDateTime {
        self.opened
    }

    #[must_use]
    pub const fn peer(&self) -> SocketAddr {
        self.opening.peer
    }
}

/// Keeps a database session registered; dropping it removes the session.
#[derive(Debug)]
pub struct DbSessionHandle {
    context: Arc<SessionContext>,
    ended: watch::Receiver<Option<EndReason>>,
    registry: Arc<Registry>,
}

impl DbSessionHandle {
    pub(crate) const fn new(
        context: Arc<SessionContext>,
        ended: watch::Receiver<Option<EndReason>>,
        registry: Arc<Registry>,
    ) -> Self {
        Self { context, ended, registry }
    }

    #[must_use]
    pub const fn context(&self) -> &Arc<SessionContext> {
        &self.context
    }

    /// Why the session must end, if it must: to be asked before every statement.
    #[must_use]
    pub fn reason(&self) -> Option<EndReason> {
        self.ended.borrow().clone()
    }

    /// Completes when the session must end. Independent of `self`; never completes once the session was closed by its own client.
    pub fn ended(&self) -> impl Future<Output = EndReason> + Send + 'static {
        let mut ended = self.ended.clone();
        async move {
            let reason = ended.wait_for(Option::is_some).await.ok().and_then(|reason| reason.clone());
            match reason {
                Some(reason) => reason,
                None => std::future::pending().await,
            }
        }
    }
}

impl Drop for DbSessionHandle {
    fn drop(&mut self) {
        self.registry.remove(&self.context);
    }
}
