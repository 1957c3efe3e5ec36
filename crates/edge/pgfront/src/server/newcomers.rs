//! Connections on which nobody has proved anything yet: their own bound, so that strangers can't take the places of sessions.
//!
//! Beyond the bound the oldest one has to go. A flood then has to come again and again, and a real login, which takes
//! milliseconds, gets through.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::oneshot;

/// Everybody who waits, by arrival.
#[derive(Debug)]
pub(crate) struct Newcomers {
    waiting: Mutex<Waiting>,
    max: usize,
}

#[derive(Debug, Default)]
struct Waiting {
    next: u64,
    by_arrival: BTreeMap<u64, oneshot::Sender<()>>,
}

impl Newcomers {
    pub(crate) fn new(max: usize) -> Arc<Self> {
        Arc::new(Self { waiting: Mutex::default(), max: max.max(1) })
    }

    pub(crate) fn enter(self: &Arc<Self>) -> Newcomer {
        let (dismiss, dismissed) = oneshot::channel();
        let mut waiting = self.waiting();
        while waiting.by_arrival.len() >= self.max {
            // Dropping its sender tells it.
            drop(waiting.by_arrival.pop_first());
            metrics::counter!("pg_newcomers_dismissed_total").increment(1);
        }
        let number = waiting.next;
        waiting.next += 1;
        waiting.by_arrival.insert(number, dismiss);
        Newcomer { all: Arc::clone(self), number, dismissed }
    }

    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One of them; no longer when dropped.
#[derive(Debug)]
pub(crate) struct Newcomer {
    all: Arc<Newcomers>,
    number: u64,
    dismissed: oneshot::Receiver<()>,
}

impl Newcomer {
    /// Completes when it has to make room. May be dropped at any time.
    pub(crate) async fn dismissed(&mut self) {
        // An error: its sender is gone, which is how it is told.
        let _ = (&mut self.dismissed).await;
    }
}

impl Drop for Newcomer {
    fn drop(&mut self) {
        self.all.waiting().by_arrival.remove(&self.number);
    }
}

#[cfg(test)]
mod tests;
