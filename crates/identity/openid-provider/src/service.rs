//! The service: decides from memory, writes through to the store, then answers.

mod authorize;
mod claims;
mod device;
mod issue;
mod revoke;
mod token;
mod watch;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use base::{Clock, SecretHash};
use directory::attempts::Attempts;
use idp::{Application, IdentityProvider};
use serde_json::Value;
use time::{Duration, OffsetDateTime};
use tokio::sync::{Mutex as AsyncMutex, OwnedMutexGuard};

use crate::authorize::{AuthorizationRequest, AuthorizeRefusal, CheckedRequest, check, recheck};
use crate::client::{self, PresentedClient};
use crate::device::Pace;
use crate::error::{OpenIdError, Refusal};
use crate::id_token::{Signer, read_hint};
use crate::logout::{self, LogoutRefusal, LogoutRequest};
use crate::parameters::Parameters;
use crate::port::{OpenIdStore, OpenIdStoreUnavailable, OpenIdWrite};
use crate::state::State;
use crate::{discovery, id_token};

pub use claims::UserInfo;
pub use device::{DeviceQuestion, DeviceRefusal, StartedDevice};
pub use issue::Issued;
pub use token::{CodeExchange, DeviceExchange, RefreshExchange};
pub use watch::watch;

/// What is the same for every application; lifetimes of tokens are each application's own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// RFC 6749 4.1.2 allows ten minutes; an application exchanges its code at once.
    pub code: Duration,
    pub device: Duration,
    /// Between two questions of a device.
    pub interval: Duration,
    /// How long what ended is remembered, so that the refusal can say why.
    pub memory: Duration,
    /// One person's authorisations of one application at a time: a further one pushes out the oldest, so that a script neither
    /// fills the memory nor locks the person out, and an application only harms itself.
    pub grants: usize,
    /// Devices that wait at a time, altogether and from one address.
    pub devices: usize,
    pub devices_of_source: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            code: Duration::seconds(60),
            device: Duration::minutes(10),
            interval: Duration::seconds(5),
            memory: Duration::hours(1),
            grants: 100,
            devices: 10_000,
            devices_of_source: 100,
        }
    }
}

/// The OpenID provider. Reads take a short lock and do no I/O; writes are one at a time and durable before they are seen. Only a
/// revocation is seen before it is durable.
#[derive(Debug)]
pub struct OpenIdProvider {
    store: Arc<dyn OpenIdStore>,
    idp: Arc<IdentityProvider>,
    clock: Arc<dyn Clock>,
    issuer: String,
    limits: Limits,
    state: Arc<RwLock<State>>,
    writer: Arc<AsyncMutex<()>>,
    signer: Signer,
    /// Of devices that wait.
    paces: Mutex<HashMap<SecretHash, Pace>>,
    sources: Mutex<device::Sources>,
    /// User codes that people typed.
    attempts: Mutex<Attempts>,
}

impl OpenIdProvider {
    /// Loads what the store holds, forgets what ended, and revokes what belongs to people who were deactivated or deleted while
    /// nobody was looking. The issuer is the identity provider's address with `/idp`.
    ///
    /// # Errors
    /// [`OpenIdError::Unavailable`] when the store can't be read or written.
    pub async fn open(
        store: Arc<dyn OpenIdStore>,
        idp: Arc<IdentityProvider>,
        clock: Arc<dyn Clock>,
    ) -> Result<Arc<Self>, OpenIdError> {
        let state = Arc::new(RwLock::new(State::loaded(store.load().await?)));
        let issuer = format!("{}/idp", idp.urls().idp_url);
        let attempts = Mutex::new(Attempts::new(clock.now()));
        let provider = Self {
            store,
            idp,
            clock,
            issuer,
            limits: Limits::default(),
            state,
            writer: Arc::default(),
            signer: Signer::default(),
            paces: Mutex::default(),
            sources: Mutex::default(),
            attempts,
        };
        provider.sweep().await?;
        provider.reconcile_everyone().await?;
        Ok(Arc::new(provider))
    }

    /// `https://…/idp`: what every ID token and every answer names.
    #[must_use]
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// The discovery document.
    #[must_use]
    pub fn discovery(&self) -> Value {
        discovery::document(&self.issuer)
    }

    /// Every key that tokens are signed with, were signed with, or will be (RFC 7517).
    ///
    /// # Errors
    /// [`OpenIdError::Signing`] when a key can't be read.
    pub fn jwks(&self) -> Result<Value, OpenIdError> {
        let keys = self.idp.oidc_keys().map_err(|cause| OpenIdError::Signing(cause.to_string()))?;
        let keys: Vec<Value> = keys.into_iter().map(|key| key.public_jwk).collect();
        Ok(serde_json::json!({ "keys": keys }))
    }

    /// Checks an authentication request. Nothing is issued and nothing is kept.
    ///
    /// # Errors
    /// See [`AuthorizeRefusal`].
    pub fn check(&self, parameters: &Parameters) -> Result<CheckedRequest, AuthorizeRefusal> {
        let application = parameters.get("client_id").and_then(|id| self.idp.application_by_client_id(id));
        check(application, parameters, &self.issuer, |application, hint| {
            let hint = read_hint(&self.idp, &self.issuer, hint)?;
            let theirs = application.oidc().is_some_and(|oidc| oidc.client_id == hint.aud);
            theirs.then_some(hint.sub)
        })
    }

    /// Checks a request again that was kept while the person signed in.
    ///
    /// # Errors
    /// [`AuthorizeRefusal::Page`] when the application was changed meanwhile.
    pub fn recheck(&self, request: AuthorizationRequest) -> Result<CheckedRequest, AuthorizeRefusal> {
        recheck(self.idp.application_by_client_id(&request.client_id), request)
    }

    /// The application that these credentials belong to.
    ///
    /// # Errors
    /// `invalid_client`.
    pub fn authenticate_client(&self, presented: &PresentedClient) -> Result<Arc<Application>, Refusal> {
        client::decide(self.idp.application_by_client_id(&presented.id), presented)
    }

    /// Reads a logout request.
    ///
    /// # Errors
    /// [`LogoutRefusal`], a sentence for the person.
    pub fn read_logout(&self, parameters: &Parameters) -> Result<LogoutRequest, LogoutRefusal> {
        let hint = |token: &str| id_token::read_hint(&self.idp, &self.issuer, token);
        logout::read(parameters, hint, |client| self.idp.application_by_client_id(client))
    }

    /// Waits for the turn to write. What is decided while holding it can't be overtaken.
    async fn turn(&self) -> OwnedMutexGuard<()> {
        Arc::clone(&self.writer).lock_owned().await
    }

    /// Stores, then shows. In a task of its own, so that a client that hangs up can't leave the two apart.
    async fn write_through(&self, turn: OwnedMutexGuard<()>, writes: Vec<OpenIdWrite>) -> Result<(), OpenIdError> {
        if writes.is_empty() {
            return Ok(());
        }
        let store = Arc::clone(&self.store);
        let state = Arc::clone(&self.state);
        let written = base::task::spawn("openid-write", async move {
            let _turn = turn;
            store.apply(&writes).await?;
            let mut state = state.write().unwrap_or_else(PoisonError::into_inner);
            for write in writes {
                state.apply(write);
            }
            Ok(())
        });
        written.await.map_err(|cause| OpenIdStoreUnavailable(cause.to_string()))?
    }

    fn now(&self) -> OffsetDateTime {
        self.clock.now()
    }

    fn read(&self) -> RwLockReadGuard<'_, State> {
        self.state.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, State> {
        self.state.write().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests;
