//! The directory at work: reads from a snapshot, writes one at a time.

mod membership;
mod password;
mod read;
mod reset;
mod sandbox;
mod scim_token;
mod write;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use base::{Backing, Clock, Kept, Turn};
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
    kept: Kept<Store>,
    clock: Arc<dyn Clock>,
    passwords: Arc<Passwords>,
    attempts: Arc<Mutex<Attempts>>,
    membership_ids: Arc<MembershipIds>,
    /// When the use of each SCIM token was last written down, or is about to be.
    token_uses: Mutex<BTreeMap<String, time::OffsetDateTime>>,
}

#[derive(Debug)]
struct Store(Arc<dyn DirectoryStore>);

#[async_trait::async_trait]
impl Backing for Store {
    const NAME: &'static str = "directory write";
    type State = Arc<State>;
    type Write = (Vec<DirectoryWrite>, Arc<State>);
    type Change = DirectoryChange;
    type Error = DirectoryError;

    async fn load(&self) -> Result<Arc<State>, DirectoryError> {
        Ok(Arc::new(State::load(self.0.load().await?)))
    }

    async fn store(&self, (writes, _): &Self::Write) -> Result<(), DirectoryError> {
        self.0.apply(writes).await
    }

    fn show(state: &mut Arc<State>, (_, next): Self::Write) {
        *state = next;
    }

    fn replace(before: &Arc<State>, state: &mut Arc<State>) {
        Arc::make_mut(state).version = before.version + 1;
    }

    fn lost(cause: String) -> DirectoryError {
        DirectoryError::Internal(cause)
    }
}

impl Directory {
    /// Loads everything from the store.
    ///
    /// # Errors
    /// [`DirectoryError::Store`] when it can't be read.
    pub async fn open(store: Arc<dyn DirectoryStore>, clock: Arc<dyn Clock>) -> Result<Arc<Self>, DirectoryError> {
        let stored = store.load().await?;
        let membership_ids = Arc::new(MembershipIds::new(&stored.membership_salt));
        let inner = Inner {
            kept: Kept::new(Store(store), Arc::new(State::load(stored)), ANNOUNCEMENTS),
            passwords: Arc::new(Passwords::open().await?),
            attempts: Arc::new(Mutex::new(Attempts::new(clock.now()))),
            membership_ids,
            token_uses: Mutex::default(),
            clock,
        };
        Ok(Arc::new(Self { inner: Arc::new(inner) }))
    }

    /// Every change from now on. A receiver that lags is told so and has to look at everybody again.
    #[must_use]
    pub fn subscribe(&self) -> broadcast::Receiver<DirectoryChange> {
        self.inner.kept.subscribe()
    }

    fn state(&self) -> Arc<State> {
        Arc::clone(&self.inner.kept.read())
    }

    /// Plans under the turn, and answers what is so when it is written.
    async fn write<E: From<DirectoryError>>(
        &self,
        plan: impl FnOnce(&State, time::OffsetDateTime) -> Result<Plan, E> + Send,
    ) -> Result<Arc<State>, E> {
        let turn = self.turn().await?;
        self.write_in(turn, plan).await
    }

    async fn turn(&self) -> Result<Turn<Store>, DirectoryError> {
        self.inner.kept.turn().await
    }

    async fn write_in<E: From<DirectoryError>>(
        &self,
        turn: Turn<Store>,
        plan: impl FnOnce(&State, time::OffsetDateTime) -> Result<Plan, E> + Send,
    ) -> Result<Arc<State>, E> {
        let state = self.state();
        let Plan { writes, changes } = plan(&state, self.inner.clock.now())?;
        if writes.is_empty() {
            return Ok(state);
        }
        let next = Arc::new(advance(&state, &writes));
        turn.commit((writes, Arc::clone(&next)), changes).await?;
        Ok(next)
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
