//! The token service: decides from memory, writes through to the store, then answers.

mod clients;
mod exchange;
mod issue;
mod revoke;

use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use base::id::{ApplicationArn, ClientId, DirectoryUserId, InstanceArn};
use base::{Clock, Secret, SecretHash};
use directory::{ActiveUser, Directory};
use time::{Duration, OffsetDateTime};
use tokio::sync::{Mutex, OwnedMutexGuard, broadcast};

use crate::access::{AccessDecision, NoAccess};
use crate::application::{self, CodeFor};
use crate::authorize::{self, AuthorizationRequest, AuthorizeRefusal, CheckedAuthorization, Requester};
use crate::claims::{AccessClaims, GrantId, Verified};
use crate::client::Client;
use crate::error::TokenError;
use crate::format::{self, Shape};
use crate::grant::{Revocation, RevokeReason};
use crate::port::{TokenStore, TokenStoreUnavailable, TokenWrite};
use crate::state::State;
use crate::verify::{self, Requirement, TokenRefusal};

pub use exchange::{ApplicationCaller, RequestedToken, SubjectExchange};
pub use issue::{CodeExchange, IssuedTokens, RefreshExchange};

/// How long things live.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lifetimes {
    pub client: Duration,
    /// RFC 6749 4.1.2 allows ten minutes; a client exchanges its code at once.
    pub code: Duration,
    pub access: Duration,
    /// From the authorisation on; rotating doesn't prolong it.
    pub refresh: Duration,
    /// How long an expired thing is remembered, so that the refusal can say `expired`.
    pub memory: Duration,
}

impl Default for Lifetimes {
    fn default() -> Self {
        Self {
            client: Duration::days(90),
            code: Duration::seconds(60),
            access: Duration::hours(1),
            refresh: Duration::hours(8),
            memory: Duration::hours(24),
        }
    }
}

/// What the instance is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenSettings {
    /// Goes into every token as its issuer.
    pub instance: InstanceArn,
    /// The addresses that a client may name as `issuerUrl`: the issuer URL and the start URL. The first is shown in refusals.
    pub issuer_urls: Vec<String>,
    pub lifetimes: Lifetimes,
}

/// The token service. Reads take a short lock and do no I/O; writes are one at a time and durable before they are seen. Only a
/// revocation is seen before it is durable.
#[derive(Debug)]
pub struct Tokens {
    store: Arc<dyn TokenStore>,
    directory: Arc<Directory>,
    access: Arc<dyn AccessDecision>,
    clock: Arc<dyn Clock>,
    settings: TokenSettings,
    state: Arc<RwLock<State>>,
    writer: Arc<Mutex<()>>,
    revoked: broadcast::Sender<GrantId>,
}

impl Tokens {
    /// Loads what the store holds, forgets what expired, and revokes what belongs to people who were disabled or deleted while
    /// nobody was looking.
    ///
    /// # Errors
    /// [`TokenError::Unavailable`] when the store can't be read or written.
    pub async fn open(
        store: Arc<dyn TokenStore>,
        directory: Arc<Directory>,
        access: Arc<dyn AccessDecision>,
        clock: Arc<dyn Clock>,
        settings: TokenSettings,
    ) -> Result<Self, TokenError> {
        let state = Arc::new(RwLock::new(State::loaded(store.load().await?)));
        let (revoked, _) = broadcast::channel(1024);
        let tokens = Self { store, directory, access, clock, settings, state, writer: Arc::default(), revoked };
        tokens.sweep().await?;
        tokens.reconcile_everyone().await?;
        Ok(tokens)
    }

    /// A registered client.
    #[must_use]
    pub fn client(&self, id: &ClientId) -> Option<Arc<Client>> {
        self.read().client(id).cloned()
    }

    /// Checks an authorisation request. Nothing is issued and nothing is kept.
    ///
    /// # Errors
    /// See [`AuthorizeRefusal`].
    pub fn check_authorization(
        &self,
        request: &AuthorizationRequest,
    ) -> Result<CheckedAuthorization, AuthorizeRefusal> {
        let requester = request.client_id.as_deref().and_then(|id| self.requester(id));
        authorize::check(requester, request, |uri| self.access.lists_redirect(uri), self.clock.now())
    }

    fn requester(&self, id: &str) -> Option<Requester> {
        match self.client(&ClientId::new(id)) {
            Some(client) => Some(Requester::Client(client)),
            None => self.access.application(&ApplicationArn::new(id)).map(Requester::Application),
        }
    }

    /// The application that a code for this request and person would be for; the page asks before it asks for consent.
    ///
    /// # Errors
    /// [`NoAccess`] with what to do: the person may use no such application, or its settings don't permit this request.
    pub fn may_authorize(&self, request: &CheckedAuthorization, user: &ActiveUser) -> Result<ApplicationArn, NoAccess> {
        let (arn, code_for) = match &request.requester {
            Requester::Client(_) => (self.access.redshift_application_for(user)?, CodeFor::PublicClient),
            Requester::Application(application) => {
                self.access.may_use(user, &application.arn)?;
                (application.arn.clone(), CodeFor::Application)
            }
        };
        let settings = self.access.application(&arn);
        let settings = application::decide_open(&arn, settings.as_ref(), &request.scopes)?;
        application::decide_redirect(settings, &request.redirect_uri, code_for)?;
        Ok(arn)
    }

    /// Checks a presented access token against what the door asks for. No I/O.
    ///
    /// # Errors
    /// [`TokenRefusal`], the reason.
    pub fn verify_access(
        &self,
        token: &Secret<String>,
        required: &Requirement,
    ) -> Result<Verified<AccessClaims>, TokenRefusal> {
        let (claims, revoked) = self.presented(token)?;
        let application = self.access.application(&claims.audience);
        verify::decide(&claims, revoked, application.as_ref(), required, self.clock.now())?;
        Ok(Verified::new(claims))
    }

    /// What a presented access token says, good or not.
    fn presented(&self, token: &Secret<String>) -> Result<(AccessClaims, Option<Revocation>), TokenRefusal> {
        match format::shape(token.expose()) {
            Shape::Access => {}
            Shape::Jwt => return Err(TokenRefusal::JwtNotAccepted),
            Shape::Other => return Err(TokenRefusal::Malformed),
        }
        let state = self.read();
        let (stored, held) = state.access(&SecretHash::of(token)).ok_or(TokenRefusal::Unknown)?;
        Ok((held.grant.claims(stored), held.grant.revoked))
    }

    /// Whether a grant is known and not revoked.
    #[must_use]
    pub fn is_live(&self, grant: &GrantId) -> bool {
        self.read().held(grant).is_some_and(|held| held.grant.revoked.is_none())
    }

    /// Why a grant was revoked; `None` for a live one, and for one that expired so long ago that it is forgotten.
    #[must_use]
    pub fn revoked_because(&self, grant: &GrantId) -> Option<RevokeReason> {
        self.read().held(grant).and_then(|held| held.grant.revoked).map(|revocation| revocation.reason)
    }

    /// Everybody who holds a grant.
    #[must_use]
    pub fn people(&self) -> Vec<DirectoryUserId> {
        self.read().people()
    }

    /// Announces each grant as it is revoked, so that sessions opened with its tokens can end.
    #[must_use]
    pub fn revocations(&self) -> broadcast::Receiver<GrantId> {
        self.revoked.subscribe()
    }

    /// Why this person's grants are worth nothing: they don't exist any more, or are disabled. `None` for an active person.
    #[must_use]
    pub fn gone(&self, user: &DirectoryUserId) -> Option<RevokeReason> {
        if self.directory.active_user(user).is_some() {
            None
        } else if self.directory.user(user).is_some() {
            Some(RevokeReason::UserDisabled)
        } else {
            Some(RevokeReason::UserDeleted)
        }
    }

    /// Waits for the turn to write. What is decided while holding it can't be overtaken.
    async fn turn(&self) -> OwnedMutexGuard<()> {
        Arc::clone(&self.writer).lock_owned().await
    }

    /// Stores, then shows. In a task of its own, so that a client that hangs up can't leave the two apart.
    async fn write_through(&self, turn: OwnedMutexGuard<()>, writes: Vec<TokenWrite>) -> Result<(), TokenError> {
        if writes.is_empty() {
            return Ok(());
        }
        let store = Arc::clone(&self.store);
        let state = Arc::clone(&self.state);
        let written = base::task::spawn("tokens-write", async move {
            let _turn = turn;
            store.apply(&writes).await?;
            let mut state = state.write().unwrap_or_else(PoisonError::into_inner);
            for write in writes {
                state.apply(write);
            }
            Ok(())
        });
        written.await.map_err(|cause| TokenStoreUnavailable(cause.to_string()))?
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
