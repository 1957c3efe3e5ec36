//! How a target is doing, and what an administrator can do about it.

use base::id::PushTargetId;
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use tokio::sync::watch;

use super::{Pusher, Slot, may_run};
use crate::error::PushError;
use crate::port::{Failed, Object, PushWrite};
use crate::queue::Depth;
use crate::target::Target;

/// A page of failures.
const PAGE_MAX: u32 = 1000;

/// How far a full sync is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Progress {
    /// People and groups; it grows while they are listed.
    pub total: u64,
    /// With those that failed.
    pub done: u64,
    pub errors: u64,
    pub running: bool,
    /// Why it waits for an administrator.
    pub paused: Option<String>,
}

/// How a target is doing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Status {
    pub enabled: bool,
    /// Why nothing is pushed until somebody does something.
    pub paused: Option<String>,
    /// Until when the server is left alone: it asked for that, or didn't answer.
    #[serde(with = "time::serde::rfc3339::option")]
    pub held_until: Option<OffsetDateTime>,
    /// People whom the server has from us, deactivated ones too.
    pub users: u64,
    pub groups: u64,
    /// What isn't done yet.
    pub waiting: u64,
    /// People and groups with an error.
    pub failed: u64,
    pub progress: Progress,
}

impl Pusher {
    /// # Errors
    /// `UnknownTarget`, `Store`.
    pub async fn status(&self, id: &PushTargetId) -> Result<Status, PushError> {
        let slot = self.slot(id)?;
        let totals = self.ports.store.totals(id).await?;
        let (target, now) = (slot.target(), self.ports.clock.now());
        let queue = slot.queue();
        Ok(Status {
            enabled: target.enabled,
            paused: target.paused.clone(),
            held_until: queue.hold_until.filter(|until| *until > now),
            users: totals.users,
            groups: totals.groups,
            waiting: u64::try_from(queue.len()).unwrap_or(u64::MAX),
            failed: totals.failed,
            progress: progress(&slot.target(), queue.sync()),
        })
    }

    /// At most `limit` (and 1000) people and groups with errors behind `after`, people first, by their ids.
    ///
    /// # Errors
    /// `UnknownTarget`, `Store`.
    pub async fn failures(
        &self,
        id: &PushTargetId,
        after: Option<&Object>,
        limit: u32,
    ) -> Result<Vec<Failed>, PushError> {
        self.slot(id)?;
        Ok(self.ports.store.failed_after(id, after, limit.min(PAGE_MAX)).await?)
    }

    /// Compares everybody with what the server has, and mends what differs.
    ///
    /// # Errors
    /// `UnknownTarget`, `SwitchedOff`, `Paused`.
    pub fn start_full_sync(&self, id: &PushTargetId) -> Result<watch::Receiver<Progress>, PushError> {
        let slot = self.slot(id)?;
        let target = slot.target();
        let name = target.name.clone();
        match &target.paused {
            _ if !target.enabled => return Err(PushError::SwitchedOff { name }),
            Some(reason) => return Err(PushError::Paused { name, reason: reason.clone() }),
            None => {}
        }
        slot.queue().begin_sync();
        self.publish(&slot);
        let progress = slot.progress.subscribe();
        slot.ask_sweep(Depth::Server);
        Ok(progress)
    }

    /// How far the last full sync is, now and from now on.
    ///
    /// # Errors
    /// `UnknownTarget`.
    pub fn progress(&self, id: &PushTargetId) -> Result<watch::Receiver<Progress>, PushError> {
        Ok(self.slot(id)?.progress.subscribe())
    }

    /// Ends a pause and a wait, and tries what failed again.
    ///
    /// # Errors
    /// `UnknownTarget`, `SwitchedOff`, `Store`.
    pub async fn retry_now(&self, id: &PushTargetId) -> Result<(), PushError> {
        let _turn = self.changing.lock().await;
        let slot = self.slot(id)?;
        let target = slot.target();
        if !target.enabled {
            return Err(PushError::SwitchedOff { name: target.name.clone() });
        }
        if target.paused.is_some() {
            let target = Target { paused: None, ..Target::clone(&target) };
            self.ports.store.apply(&[PushWrite::PutTarget(target.clone())]).await?;
            let target = slot.set_target(target);
            slot.queue().is_closed = !may_run(&target);
        }
        slot.queue().retry_now();
        slot.wake.notify_one();
        Ok(())
    }

    pub(super) fn publish(&self, slot: &Slot) {
        let now = progress(&slot.target(), slot.queue().sync());
        slot.progress.send_if_modified(|before| {
            let is_other = *before != now;
            *before = now;
            is_other
        });
    }
}

fn progress(target: &Target, (total, done, errors, running): (u64, u64, u64, bool)) -> Progress {
    Progress { total, done, errors, running: running && may_run(target), paused: target.paused.clone() }
}
