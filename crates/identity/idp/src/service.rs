//! The provider at work: reads from a snapshot, writes one at a time.

mod api_tokens;
mod applications;
mod assertion;
mod enrolment;
mod factors;
mod groups;
mod kept_proofs;
mod keys;
mod metadata;
mod password_only;
mod sessions;
mod sign_in;
mod spent;
mod watch;

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use base::{Backing, Clock, Kept, Sealer};
use directory::Directory;
use directory::attempts::Attempts;
use mfa::Passkeys;
use time::OffsetDateTime;
use tokio::sync::{Semaphore, broadcast};

pub use assertion::{IssuedAssertion, OpenError};
pub use keys::{OidcKey, OidcSigningKey, SigningKeyInfo};
pub use metadata::IdpMetadataFile;
pub use watch::watch_directory;

use crate::change::IdpChange;
use crate::error::IdpError;
use crate::port::{IdpStore, IdpWrite};
use crate::registry::Registry;
use crate::state::State;

/// A receiver that lags behind by more changes is told so.
const ANNOUNCEMENTS: usize = 1024;
/// So many recovery codes are checked at once: each takes 19 MiB and a core.
const RECOVERY_CODES_AT_ONCE: usize = 2;

/// Where the provider is reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdpUrls {
    /// Without `/` at the end, e.g. `https://localhost:8443`.
    pub idp_url: String,
}

/// What the provider works with.
#[derive(Debug)]
pub struct IdpParts {
    pub store: Arc<dyn IdpStore>,
    /// The provider's own people and groups.
    pub directory: Arc<Directory>,
    pub sealer: Arc<Sealer>,
    pub clock: Arc<dyn Clock>,
    /// `None` where passkeys can't be: a passkey belongs to a host name.
    pub passkeys: Option<Arc<Passkeys>>,
    pub urls: IdpUrls,
    /// What an authenticator app calls the provider.
    pub organisation_name: String,
}

/// The built-in identity provider.
#[derive(Debug)]
pub struct IdentityProvider {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    parts: IdpParts,
    kept: Kept<Store>,
    sessions: Mutex<Registry>,
    /// Failed second factors. Passwords are counted by the directory.
    attempts: Mutex<Attempts>,
    spent: Mutex<spent::Spent>,
    kept_proofs: Mutex<kept_proofs::KeptProofs>,
    recovery: Arc<Semaphore>,
    /// Private keys that were opened, by key id.
    opened_keys: Mutex<HashMap<String, Arc<saml::SigningKey>>>,
    token_uses: Mutex<BTreeMap<String, OffsetDateTime>>,
}

/// Sessions are beside it: they are written without a turn, and a reading again leaves them as they are.
#[derive(Debug)]
struct Store(Arc<dyn IdpStore>);

#[async_trait::async_trait]
impl Backing for Store {
    const NAME: &'static str = "identity provider write";
    type State = Arc<State>;
    type Write = (Vec<IdpWrite>, Arc<State>);
    type Change = IdpChange;
    type Error = IdpError;

    async fn load(&self) -> Result<Arc<State>, IdpError> {
        Ok(Arc::new(State::load(self.0.load().await?)))
    }

    async fn store(&self, (writes, _): &Self::Write) -> Result<(), IdpError> {
        self.0.apply(writes).await
    }

    fn show(state: &mut Arc<State>, (_, next): Self::Write) {
        *state = next;
    }

    fn lost(cause: String) -> IdpError {
        IdpError::Internal(cause)
    }
}

/// What a write does.
#[derive(Debug, Default)]
struct Plan {
    writes: Vec<IdpWrite>,
    changes: Vec<IdpChange>,
}

impl IdentityProvider {
    /// Loads everything from the store.
    ///
    /// # Errors
    /// [`IdpError::Store`] when it can't be read.
    pub async fn open(parts: IdpParts) -> Result<Arc<Self>, IdpError> {
        let mut stored = parts.store.load().await?;
        let now = parts.clock.now();
        let sessions = std::mem::take(&mut stored.sessions);
        let inner = Inner {
            kept: Kept::new(Store(Arc::clone(&parts.store)), Arc::new(State::load(stored)), ANNOUNCEMENTS),
            sessions: Mutex::new(Registry::load(sessions)),
            attempts: Mutex::new(Attempts::new(now)),
            spent: Mutex::default(),
            kept_proofs: Mutex::default(),
            recovery: Arc::new(Semaphore::new(RECOVERY_CODES_AT_ONCE)),
            opened_keys: Mutex::default(),
            token_uses: Mutex::default(),
            parts,
        };
        Ok(Arc::new(Self { inner: Arc::new(inner) }))
    }

    /// The provider's people and groups.
    #[must_use]
    pub fn people(&self) -> &Arc<Directory> {
        &self.inner.parts.directory
    }

    #[must_use]
    pub fn urls(&self) -> &IdpUrls {
        &self.inner.parts.urls
    }

    /// Every change from now on.
    #[must_use]
    pub fn changes(&self) -> broadcast::Receiver<IdpChange> {
        self.inner.kept.subscribe()
    }

    fn state(&self) -> Arc<State> {
        Arc::clone(&self.inner.kept.read())
    }

    fn now(&self) -> OffsetDateTime {
        self.inner.parts.clock.now()
    }

    fn sealer(&self) -> &Sealer {
        &self.inner.parts.sealer
    }

    fn sessions(&self) -> MutexGuard<'_, Registry> {
        self.inner.sessions.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Plans under the turn. Without writes nothing happens.
    async fn write<T, E: From<IdpError>>(
        &self,
        plan: impl FnOnce(&State, OffsetDateTime) -> Result<(Plan, T), E> + Send,
    ) -> Result<T, E> {
        let turn = self.inner.kept.turn().await?;
        let state = self.state();
        let (Plan { writes, changes }, value) = plan(&state, self.now())?;
        if writes.is_empty() {
            return Ok(value);
        }
        let mut next = State::clone(&state);
        for write in &writes {
            next.apply(write);
        }
        turn.commit((writes, Arc::new(next)), changes).await?;
        Ok(value)
    }
}

#[cfg(test)]
mod tests;
