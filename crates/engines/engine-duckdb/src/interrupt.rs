//! Which call of a session runs, and how it is stopped without stopping the next one.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use duckdb::InterruptHandle;
use engine::Interrupt;

/// A number for each call of a session, ascending.
pub(crate) type CallId = u64;

/// The session's calls: reserved by the caller, begun and finished by the session's thread.
pub(crate) struct Calls {
    state: Mutex<State>,
    duckdb: Arc<InterruptHandle>,
}

#[derive(Debug, Default)]
struct State {
    reserved: CallId,
    running: Option<CallId>,
    finished: CallId,
    cancelled: CallId,
}

impl fmt::Debug for Calls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Calls").field("state", &*self.state()).finish_non_exhaustive()
    }
}

impl Calls {
    pub(crate) fn new(duckdb: Arc<InterruptHandle>) -> Self {
        Self { state: Mutex::new(State::default()), duckdb }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn reserve(&self) -> CallId {
        let mut state = self.state();
        state.reserved += 1;
        state.reserved
    }

    pub(crate) fn begin(&self, id: CallId) {
        self.state().running = Some(id);
    }

    pub(crate) fn finish(&self, id: CallId) {
        let mut state = self.state();
        state.running = None;
        state.finished = id;
    }

    /// Asked between DuckDB's steps: DuckDB itself forgets an interrupt that comes while none of its queries runs.
    pub(crate) fn is_cancelled(&self, id: CallId) -> bool {
        self.state().cancelled >= id
    }

    /// Stops that call and no later one, whether it runs already or not.
    pub(crate) fn cancel(&self, id: CallId) {
        let mut state = self.state();
        if state.finished >= id {
            return;
        }
        state.cancelled = state.cancelled.max(id);
        // Under the lock: the call can't finish and the next can't begin in between.
        if state.running == Some(id) {
            self.duckdb.interrupt();
        }
    }
}

impl Interrupt for Calls {
    fn interrupt(&self) {
        let latest = self.state().reserved;
        self.cancel(latest);
    }
}

/// Stops the call when its caller goes away.
#[derive(Debug)]
pub(crate) struct CancelOnDrop {
    pub(crate) calls: Arc<Calls>,
    pub(crate) id: CallId,
}

impl Drop for CancelOnDrop {
    fn drop(&mut self) {
        self.calls.cancel(self.id);
    }
}
