//! The directory at work: reads from a snapshot, writes one at a time.

mod membership;
mod password;
mod read;
mod reset;
mod sandbox;
mod scim_token;
mod write;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use base::Clock;
use tokio::sync::broadcast;

use crate::attempts::Attempts;
use crate::error::DirectoryError;
use crate::membership::MembershipIds;
use crate::model::DirectoryChange;
use crate::password::Passwords;
use crate::port::{DirectoryStore, DirectoryWrite};
use crate::provision::Plan;
use crate::state::State;

/// A receiver that lags behind by more changes is told so (`RecvError::Lagged`) and has to look at everybody again.
const ANNOUNCEMENTS: usize = 1024;

/// People, groups, memberships, passwords and SCIM tokens.
#[derive(Debug)]
pub struct Directory {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    store: Arc<dyn DirectoryStore>,
    clock: Arc<dyn Clock>,
    state: RwLock<Arc<State>>,
    writer: Arc<tokio::sync::Mutex<Writer>>,
    changes: broadcast::Sender<DirectoryChange>,
    passwords: Arc<Passwords>,
    attempts: Arc<Mutex<Attempts>>,
    membership_ids: Arc<MembershipIds>,
    /// When the use of each SCIM token was last written down, or is about to be.
    token_uses: Mutex<BTreeMap<String, time::OffsetDateTime>>,
}

/// Held by the one who writes.
#[derive(Debug, Default)]
struct Writer {
    /// The outcome of the last transaction isn't known: the memory has to be read again from the store.
    stale: bool,
    unannounced: Vec<DirectoryChange>,
}

type Turn = tokio::sync::OwnedMutexGuard<Writer>;

impl Directory {
    /// Loads everything from the store.
    ///
    /// # Errors
    /// [`DirectoryError::Store`] when it can't be read.
    pub async fn open(store: Arc<dyn DirectoryStore>, clock: Arc<dyn Clock>) -> Result<Arc<Self>, DirectoryError> {
        let stored = store.load().await?;
        let membership_ids = Arc::new(MembershipIds::new(&stored.membership_salt));
        let inner = Inner {
            state: RwLock::new(Arc::new(State::load(stored))),
            writer: Arc::default(),
            changes: broadcast::channel(ANNOUNCEMENTS).0,
            passwords: Arc::new(Passwords::open().await?),
            attempts: Arc::new(Mutex::new(Attempts::new(clock.now()))),
            membership_ids,
            token_uses: Mutex::default(),
            store,
            clock,
        };
        Ok(Arc::new(Self { inner: Arc::new(inner) }))
    }

    /// Every change from now on. A receiver that lags is told so and has to look at everybody again.
    #[must_use]
    pub fn subscribe(&self) -> broadcast::Receiver<DirectoryChange> {
        self.inner.changes.subscribe()
    }

    fn state(&self) -> Arc<State> {
        self.inner.state()
    }

    /// Plans under the writer's lock, then commits in a task of its own: a caller that leaves doesn't tear store and memory apart.
    async fn write<E: From<DirectoryError>>(
        &self,
        plan: impl FnOnce(&State, time::OffsetDateTime) -> Result<Plan, E> + Send,
    ) -> Result<Arc<State>, E> {
        let turn = self.turn().await?;
        self.write_in(turn, plan).await
    }

    /// Waits for the turn to write: nobody else writes while it is held.
    async fn turn(&self) -> Result<Turn, DirectoryError> {
        let mut writer = Arc::clone(&self.inner.writer).lock_owned().await;
        if writer.stale {
            self.inner.reload(&mut writer).await?;
        }
        Ok(writer)
    }

    async fn write_in<E: From<DirectoryError>>(
        &self,
        mut writer: Turn,
        plan: impl FnOnce(&State, time::OffsetDateTime) -> Result<Plan, E> + Send,
    ) -> Result<Arc<State>, E> {
        let state = self.inner.state();
        let plan = plan(&state, self.inner.clock.now())?;
        if plan.writes.is_empty() {
            return Ok(state);
        }
        let inner = Arc::clone(&self.inner);
        let commit = base::task::spawn("directory write", async move { inner.commit(&mut writer, plan).await });
        let outcome = commit.await.map_err(|error| DirectoryError::Internal(error.to_string()))?;
        Ok(outcome?)
    }
}

impl Inner {
    fn state(&self) -> Arc<State> {
        Arc::clone(&self.state.read().unwrap_or_else(PoisonError::into_inner))
    }

    fn publish(&self, state: State) -> Arc<State> {
        let state = Arc::new(state);
        *self.state.write().unwrap_or_else(PoisonError::into_inner) = Arc::clone(&state);
        state
    }

    async fn commit(&self, writer: &mut Writer, plan: Plan) -> Result<Arc<State>, DirectoryError> {
        writer.stale = true;
        writer.unannounced.extend(plan.changes);
        if let Err(error) = self.store.apply(&plan.writes).await {
            tracing::error!(%error, "a directory write failed; reading the directory again");
            // Even a failed commit may have reached the disk.
            if let Err(error) = self.reload(writer).await {
                tracing::error!(%error, "the directory can't be read again yet");
            }
            return Err(error);
        }
        let state = self.publish(advance(&self.state(), &plan.writes));
        writer.stale = false;
        self.announce(writer);
        Ok(state)
    }

    async fn reload(&self, writer: &mut Writer) -> Result<(), DirectoryError> {
        let mut state = State::load(self.store.load().await?);
        state.version = self.state().version + 1;
        self.publish(state);
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

fn advance(state: &State, writes: &[DirectoryWrite]) -> State {
    let mut next = state.clone();
    for write in writes {
        next.apply(write);
    }
    next.version += 1;
    next
}

#[cfg(test)]
mod tests;
