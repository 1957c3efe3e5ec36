//! Memory that stands before a store: read without waiting, written by one at a time, and to the store first.

#[cfg(test)]
mod tests;

use std::fmt::{Debug, Display};
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard};

use async_trait::async_trait;
use tokio::sync::{Mutex, OwnedMutexGuard, broadcast};

/// A store, and how memory follows it.
#[async_trait]
pub trait Backing: Debug + Send + Sync + 'static {
    /// What the log calls a write.
    const NAME: &'static str;
    /// What is in memory: readers wait while it is changed. An [`Arc`] where a change takes long, or where readers keep it.
    type State: Debug + Send + Sync + 'static;
    /// What one commit writes; with the next state, where that is an [`Arc`].
    type Write: Send + Sync + 'static;
    /// What listeners are told.
    type Change: Debug + Clone + Send + 'static;
    type Error: Display + Send + 'static;

    /// Everything, from the store.
    async fn load(&self) -> Result<Self::State, Self::Error>;

    /// All of it or nothing. When it returns, it would survive a kill -9.
    async fn store(&self, write: &Self::Write) -> Result<(), Self::Error>;

    /// Does in memory what the store did.
    fn show(state: &mut Self::State, write: Self::Write);

    /// Carries over what mustn't be lost of the memory that `state`, read again, replaces.
    fn replace(_before: &Self::State, _state: &mut Self::State) {}

    /// The task that wrote ended with `cause`: whether it wrote isn't known.
    fn lost(cause: String) -> Self::Error;
}

/// What the store behind `B` holds, in memory.
#[derive(Debug)]
pub struct Kept<B: Backing> {
    inner: Arc<Inner<B>>,
    writer: Arc<Mutex<Writer<B::Change>>>,
}

/// The right to write: nobody else writes while it is held.
#[derive(Debug)]
pub struct Turn<B: Backing> {
    inner: Arc<Inner<B>>,
    writer: OwnedMutexGuard<Writer<B::Change>>,
}

#[derive(Debug)]
struct Inner<B: Backing> {
    backing: B,
    state: RwLock<B::State>,
    changes: broadcast::Sender<B::Change>,
}

/// Held by the one who writes.
#[derive(Debug)]
struct Writer<C> {
    /// The outcome of the last write isn't known: the memory has to be read again from the store.
    stale: bool,
    unannounced: Vec<C>,
}

impl<B: Backing> Kept<B> {
    /// `state`: what was loaded. `queued`: so many changes wait for a listener before it is told that it missed some.
    #[must_use]
    pub fn new(backing: B, state: B::State, queued: usize) -> Self {
        let inner = Inner { backing, state: RwLock::new(state), changes: broadcast::channel(queued).0 };
        let writer = Writer { stale: false, unannounced: Vec::new() };
        Self { inner: Arc::new(inner), writer: Arc::new(Mutex::new(writer)) }
    }

    #[must_use]
    pub fn backing(&self) -> &B {
        &self.inner.backing
    }

    /// What is now. To be let go before anything is awaited; whoever holds the turn sees nothing newer come.
    pub fn read(&self) -> RwLockReadGuard<'_, B::State> {
        self.inner.state.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Every change from now on. A receiver that lags is told so (`RecvError::Lagged`) and has to look at everything again.
    #[must_use]
    pub fn subscribe(&self) -> broadcast::Receiver<B::Change> {
        self.inner.changes.subscribe()
    }

    /// Tells a change of something that isn't kept here.
    pub fn tell(&self, change: B::Change) {
        self.inner.tell(change);
    }

    /// Waits until nobody else writes.
    ///
    /// # Errors
    /// Those of [`Backing::load`], while the outcome of an earlier write isn't known.
    pub async fn turn(&self) -> Result<Turn<B>, B::Error> {
        let mut writer = Arc::clone(&self.writer).lock_owned().await;
        if writer.stale {
            self.inner.reload(&mut writer).await?;
        }
        Ok(Turn { inner: Arc::clone(&self.inner), writer })
    }
}

impl<B: Backing> Turn<B> {
    /// Durable, then visible, then told; in a task of its own, so that a caller who goes away can't tear memory and store apart.
    ///
    /// # Errors
    /// Those of [`Backing::store`]: the memory is what the store says, which may have the write all the same. [`Backing::lost`].
    pub async fn commit(self, write: B::Write, changes: Vec<B::Change>) -> Result<(), B::Error> {
        let Self { inner, mut writer } = self;
        let task = crate::task::spawn(B::NAME, async move { inner.commit(&mut writer, write, changes).await });
        task.await.unwrap_or_else(|error| Err(B::lost(error.to_string())))
    }
}

impl<B: Backing> Inner<B> {
    async fn commit(
        &self,
        writer: &mut Writer<B::Change>,
        write: B::Write,
        changes: Vec<B::Change>,
    ) -> Result<(), B::Error> {
        writer.stale = true;
        writer.unannounced.extend(changes);
        if let Err(error) = self.backing.store(&write).await {
            tracing::error!(%error, write = B::NAME, "a write failed; reading everything again");
            // Even a failed commit may have reached the disk.
            if let Err(error) = self.reload(writer).await {
                tracing::error!(%error, write = B::NAME, "everything can't be read again yet");
            }
            return Err(error);
        }
        B::show(&mut self.state.write().unwrap_or_else(PoisonError::into_inner), write);
        self.settled(writer);
        Ok(())
    }

    async fn reload(&self, writer: &mut Writer<B::Change>) -> Result<(), B::Error> {
        let mut read = self.backing.load().await?;
        let mut state = self.state.write().unwrap_or_else(PoisonError::into_inner);
        B::replace(&state, &mut read);
        let before = std::mem::replace(&mut *state, read);
        drop(state);
        // Not while readers wait: it may be large.
        drop(before);
        self.settled(writer);
        Ok(())
    }

    /// Memory is what the store says: what may have changed is told.
    fn settled(&self, writer: &mut Writer<B::Change>) {
        writer.stale = false;
        writer.unannounced.drain(..).for_each(|change| self.tell(change));
    }

    fn tell(&self, change: B::Change) {
        // An error only says that nobody listens.
        let _ = self.changes.send(change);
    }
}
