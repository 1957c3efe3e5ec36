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
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

use base::{Clock, Sealer};
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
    state: RwLock<Arc<State>>,
    writer: Arc<tokio::sync::Mutex<Writer>>,
    changes: broadcast::Sender<IdpChange>,
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

/// Held by the one who writes.
#[derive(Debug, Default)]
struct Writer {
    /// The outcome of the last transaction isn't known: the memory has to be read again from the store.
    stale: bool,
    unannounced: Vec<IdpChange>,
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
            state: RwLock::new(Arc::new(State::load(stored))),
            writer: Arc::default(),
            changes: broadcast::channel(ANNOUNCEMENTS).0,
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
        self.inner.changes.subscribe()
    }

    fn state(&self) -> Arc<State> {
        self.inner.state()
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

    fn announce(&self, change: IdpChange) {
        // an error only says that nobody listens
        let _ = self.inner.changes.send(change);
    }

    /// Plans under the writer's lock, then commits in a task of its own: a caller that leaves doesn't tear store and memory apart.
    async fn write<T, E: From<IdpError>>(
        &self,
        plan: impl FnOnce(&State, OffsetDateTime) -> Result<(Plan, T), E> + Send,
    ) -> Result<T, E> {
        let mut writer = Arc::clone(&self.inner.writer).lock_owned().await;
        if writer.stale {
            self.inner.reload(&mut writer).await?;
        }
        let (plan, value) = plan(&self.state(), self.now())?;
        if plan.writes.is_empty() {
            return Ok(value);
        }
        let inner = Arc::clone(&self.inner);
        let commit = base::task::spawn("identity provider write", async move { inner.commit(&mut writer, plan).await });
        commit.await.map_err(|error| IdpError::Internal(error.to_string()))??;
        Ok(value)
    }
}

impl Inner {
    fn state(&self) -> Arc<State> {
        Arc::clone(&self.state.read().unwrap_or_else(PoisonError::into_inner))
    }

    fn publish(&self, state: State) {
        *self.state.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(state);
    }

    async fn commit(&self, writer: &mut Writer, plan: Plan) -> Result<(), IdpError> {
        writer.stale = true;
        writer.unannounced.extend(plan.changes);
        if let Err(error) = self.parts.store.apply(&plan.writes).await {
            tracing::error!(%error, "a write of the identity provider failed; reading it again");
            // Even a failed commit may have reached the disk.
            if let Err(error) = self.reload(writer).await {
                tracing::error!(%error, "the identity provider can't be read again yet");
            }
            return Err(error);
        }
        let mut state = State::clone(&self.state());
        for write in &plan.writes {
            state.apply(write);
        }
        self.publish(state);
        writer.stale = false;
        self.announce(writer);
        Ok(())
    }

    async fn reload(&self, writer: &mut Writer) -> Result<(), IdpError> {
        self.publish(State::load(self.parts.store.load().await?));
        writer.stale = false;
        self.announce(writer);
        Ok(())
    }

    fn announce(&self, writer: &mut Writer) {
        for change in writer.unannounced.drain(..) {
            // an error only says that nobody listens
            let _ = self.changes.send(change);
        }
    }
}

#[cfg(test)]
mod tests;
