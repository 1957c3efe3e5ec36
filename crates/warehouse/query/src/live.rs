//! The sessions that are open in one warehouse, and how all of them are told to end.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use base::id::DbUserId;
use sessions::EndReason;
use tokio::sync::watch;

use crate::warehouse::Warehouse;

/// When a login began, in evictions. A login that began before an eviction doesn't become a session after it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Arrival(u64);

/// How many sessions there are, and who is still let in.
#[derive(Debug, Clone, Default)]
pub(crate) struct LiveSessions(Arc<watch::Sender<Live>>);

#[derive(Debug, Default)]
struct Live {
    open: usize,
    evictions: u64,
    last_eviction: Option<EndReason>,
    closed: bool,
}

impl LiveSessions {
    /// Fails where nobody is taken in any more.
    pub(crate) fn arrive(&self) -> Result<Arrival, EndReason> {
        let live = self.0.borrow();
        match &live.last_eviction {
            Some(reason) if live.closed => Err(reason.clone()),
            Some(_) | None => Ok(Arrival(live.evictions)),
        }
    }

    /// A login that becomes a session, unless everybody was sent away since it began. To be called when the session is registered:
    /// whoever is sent away later is found there.
    pub(crate) fn enter(&self, arrival: Arrival) -> Result<LivePlace, EndReason> {
        let mut refused = None;
        self.0.send_modify(|live| match &live.last_eviction {
            Some(reason) if live.evictions != arrival.0 => refused = Some(reason.clone()),
            Some(_) | None => live.open += 1,
        });
        refused.map_or_else(|| Ok(LivePlace(self.clone())), Err)
    }

    fn evict(&self, reason: &EndReason, close: bool) {
        self.0.send_modify(|live| {
            live.evictions += 1;
            live.last_eviction = Some(reason.clone());
            live.closed |= close;
        });
    }

    async fn empty(&self) {
        let mut changes = self.0.subscribe();
        // An error: its sender is gone, and nobody is here either.
        drop(changes.wait_for(|live| live.open == 0).await);
    }
}

/// One session; no longer there when dropped.
#[derive(Debug)]
pub(crate) struct LivePlace(LiveSessions);

impl Drop for LivePlace {
    fn drop(&mut self) {
        self.0.0.send_modify(|live| live.open = live.open.saturating_sub(1));
    }
}

impl Warehouse {
    /// Tells every session of this warehouse to end, and keeps out the logins that have begun. Answers how many were told.
    pub fn end_sessions(&self, reason: &EndReason) -> usize {
        self.live.evict(reason, false);
        self.sessions.end_warehouse(&self.id, reason)
    }

    /// Tells the sessions from addresses of which `reached` says no to end, and keeps out the logins that have begun, which may
    /// begin again. Answers how many were told.
    pub fn end_unreached(&self, reason: &EndReason, reached: impl Fn(IpAddr) -> bool) -> usize {
        self.end_where(reason, |peer| (!reached(peer)).then(|| reason.clone()))
    }

    /// As [`Self::end_unreached`], with each session's own reason. `logins` is for the logins that have begun.
    pub fn end_where(&self, logins: &EndReason, why: impl Fn(IpAddr) -> Option<EndReason>) -> usize {
        self.live.evict(logins, false);
        let sessions = self.sessions.of_warehouse(&self.id);
        let ended = sessions.iter().filter(|context| {
            let reason = why(context.peer().ip());
            reason.is_some_and(|reason| self.sessions.end(context.backend_key().0, &reason))
        });
        ended.count()
    }

    /// Takes nobody in any more, tells every session to end and waits until they have, at most `patience`. Where that isn't
    /// enough, what is left holds the engine open until its statement is over.
    pub async fn close(&self, reason: &EndReason, patience: Duration) {
        self.live.evict(reason, true);
        self.sessions.end_warehouse(&self.id, reason);
        if tokio::time::timeout(patience, self.live.empty()).await.is_err() {
            tracing::warn!(warehouse = %self.id, "sessions were still there when their warehouse was closed");
        }
    }
}

/// How many sessions each database user has open, for CONNECTION LIMIT.
#[derive(Debug, Default, Clone)]
pub(crate) struct OpenByUser(Arc<Mutex<HashMap<DbUserId, u32>>>);

impl OpenByUser {
    /// Takes a place; `None` where the limit is reached.
    pub(crate) fn enter(&self, user: DbUserId, limit: Option<u32>) -> Option<OpenPlace> {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let count = counts.get(&user).copied().unwrap_or(0);
        if limit.is_some_and(|limit| count >= limit) {
            return None;
        }
        counts.insert(user, count + 1);
        Some(OpenPlace { places: self.clone(), user })
    }
}

/// One session's place; given back when dropped.
#[derive(Debug)]
pub(crate) struct OpenPlace {
    places: OpenByUser,
    user: DbUserId,
}

impl Drop for OpenPlace {
    fn drop(&mut self) {
        let mut counts = self.places.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = counts.get_mut(&self.user) {
            *count -= 1;
            if *count == 0 {
                counts.remove(&self.user);
            }
        }
    }
}

#[cfg(test)]
mod tests;
