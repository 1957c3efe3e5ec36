//! Works off what waits for one target.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use base::id::DirectoryUserId;
use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;
use time::{Duration, OffsetDateTime};

use super::{Pusher, Slot, may_run};
use crate::error::PushStoreUnavailable;
use crate::port::{Failed, Object, PushWrite};
use crate::queue::{Attempts, Depth, People, Task};
use crate::retry::{self, Failure};
use crate::run::Aftermath;
use crate::target::Target;

/// A worker that knows of no time looks again after this, should the clock have been set.
const LOOK_AGAIN: Duration = Duration::minutes(5);
/// Failures that are read at a time.
const PAGE: u32 = 500;

impl Pusher {
    /// Until the server stops or the target is deleted.
    pub(super) async fn work(&self, slot: Arc<Slot>) {
        let mut stop = self.stop.subscribe();
        loop {
            let next = self.settle(&slot).await;
            if *stop.borrow() || self.slot(&slot.target().id).is_err() {
                return;
            }
            let wait = next.map_or(LOOK_AGAIN, |at| (at - self.ports.clock.now()).clamp(Duration::ZERO, LOOK_AGAIN));
            tokio::select! {
                () = slot.wake.notified() => {}
                () = tokio::time::sleep(wait.unsigned_abs()) => {}
                _ = stop.changed() => {}
            }
        }
    }

    /// As a worker does once.
    #[cfg(test)]
    pub(crate) async fn settle_now(&self, target: &base::id::PushTargetId) {
        let slot = self.slot(target).unwrap();
        self.settle(&slot).await;
    }

    /// Does everything that can be done now. Answers when there is more.
    pub(super) async fn settle(&self, slot: &Slot) -> Option<OffsetDateTime> {
        let _working = slot.working.lock().await;
        let mut under_way: FuturesUnordered<Pin<Box<dyn Future<Output = ()> + Send + '_>>> = FuturesUnordered::new();
        loop {
            let now = self.ports.clock.now();
            if let Some(depth) = slot.take_sweep(now) {
                under_way.push(Box::pin(self.sweep(slot, depth)));
            }
            loop {
                let taken = slot.queue().take(now);
                let Some((object, task)) = taken else { break };
                under_way.push(Box::pin(self.push(slot, object, task)));
            }
            self.publish(slot);
            if under_way.is_empty() {
                return slot.next_at();
            }
            tokio::select! {
                _ = under_way.next() => {}
                () = slot.wake.notified() => {}
            }
        }
    }

    async fn push(&self, slot: &Slot, object: Object, task: Task) {
        let target = slot.target();
        let outcome = match self.job(&target) {
            Err(reason) => return self.pause(slot, &target, Some((object, task)), reason).await,
            Ok(job) => match &object {
                Object::User(user) => job.push_user(user, task.depth).await,
                Object::Group(group) => job.push_group(group, &task).await,
            },
        };
        match outcome {
            Ok(aftermath) => self.succeeded(slot, object, task, aftermath).await,
            Err(failure) => self.failed(slot, &target, object, task, failure).await,
        }
    }

    async fn succeeded(&self, slot: &Slot, object: Object, task: Task, aftermath: Aftermath) {
        let mut after = Vec::new();
        if !aftermath.lost.is_empty() {
            after.push((object.clone(), Task { depth: Depth::Server, ..task }));
        }
        let anew = Task { depth: Depth::Server, people: People::default() };
        after.extend(aftermath.lost.into_iter().map(|user| (Object::User(user), anew.clone())));
        after.extend(aftermath.heirs.into_iter().map(|user| (Object::User(user), Task::default())));
        if let Object::User(user) = &object {
            after.extend(aftermath.groups.into_iter().map(|group| (Object::Group(group), only(user))));
        }
        let had_failed = slot.queue().succeeded(&object, after);
        if had_failed {
            let write = PushWrite::DeleteFailed { target: slot.target().id.clone(), object };
            self.note(&[write]).await;
        }
    }

    async fn failed(&self, slot: &Slot, target: &Arc<Target>, object: Object, task: Task, failure: Failure) {
        let now = self.ports.clock.now();
        let message = failure.message();
        let (attempts, decision) = {
            let mut queue = slot.queue();
            let earlier = queue.failed.get(&object).copied().unwrap_or(Attempts { count: 0, since: now });
            let attempts = Attempts { count: earlier.count.saturating_add(1), ..earlier };
            let is_held = queue.hold_until.is_some_and(|until| until > now);
            let in_a_row = queue.in_a_row.saturating_add(u32::from(!is_held)).max(1);
            let mut decision = retry::decide(&failure, attempts.count, in_a_row, now);
            if queue.is_urgent(&object) {
                decision = decision.of_a_loss(now);
            }
            if decision.hold_until.is_some() {
                queue.in_a_row = in_a_row;
            }
            if !decision.pause {
                queue.failed(&object, task.clone(), attempts, &decision);
            }
            (attempts, decision)
        };
        tracing::warn!(target_id = %target.id, %object, attempts = attempts.count, message, "a SCIM push failed");
        if decision.pause {
            return self.pause(slot, target, Some((object, task)), message).await;
        }
        let failed = Failed {
            target: target.id.clone(),
            name: self.name_of(&object),
            object,
            message,
            attempts: attempts.count,
            since: attempts.since,
            next_retry: decision.object_at,
        };
        self.note(&[PushWrite::PutFailed(failed)]).await;
    }

    /// userName or displayName; the id of who isn't there any more.
    fn name_of(&self, object: &Object) -> String {
        let directory = &self.ports.directory;
        match object {
            Object::User(id) => directory.user(id).map(|user| user.user_name.clone()),
            Object::Group(id) => directory.group(id).map(|group| group.display_name.clone()),
        }
        .unwrap_or_else(|| object.id().to_owned())
    }

    /// Nothing more is sent until somebody does something. What was under way is done first then.
    pub(super) async fn pause(
        &self,
        slot: &Slot,
        target: &Arc<Target>,
        unfinished: Option<(Object, Task)>,
        reason: String,
    ) {
        if let Some((object, task)) = unfinished {
            slot.queue().put_back(object, task);
        }
        // Whoever is changing the target may be mending it; the next attempt says.
        let Ok(_turn) = self.changing.try_lock() else { return };
        let current = slot.target();
        if current.version != target.version || current.paused.is_some() {
            return;
        }
        tracing::warn!(target_id = %target.id, reason, "a push target is paused");
        let paused = Target { paused: Some(reason), ..Target::clone(&current) };
        self.note(&[PushWrite::PutTarget(paused.clone())]).await;
        let paused = slot.set_target(paused);
        slot.queue().is_closed = !may_run(&paused);
    }

    /// Writes what only describes: the push goes on without it.
    async fn note(&self, writes: &[PushWrite]) {
        if let Err(error) = self.ports.store.apply(writes).await {
            tracing::error!(%error, "the state of a SCIM push can't be written down");
        }
    }

    /// What failed before the server was started, and what was under way when it ended.
    pub(super) async fn load_failed(&self, slot: &Slot) -> Result<(), PushStoreUnavailable> {
        let target = slot.target();
        let mut after: Option<Object> = None;
        // What was reckoned by a clock that was ahead isn't waited for.
        let latest = self.ports.clock.now() + retry::LONGEST_ASKED;
        loop {
            let some = self.ports.store.failed_after(&target.id, after.as_ref(), PAGE).await?;
            after = some.last().map(|failed| failed.object.clone());
            let mut queue = slot.queue();
            for failed in some {
                let attempts = Attempts { count: failed.attempts, since: failed.since };
                queue.add_failed(failed.object, attempts, failed.next_retry.min(latest));
            }
            drop(queue);
            if after.is_none() {
                break;
            }
        }
        for object in self.ports.store.begun(&target.id).await? {
            slot.queue().add_begun(object);
        }
        Ok(())
    }
}

/// A look at one person's membership.
pub(super) fn only(user: &DirectoryUserId) -> Task {
    Task { depth: Depth::Ledger, people: People::Some([user.clone()].into_iter().collect()) }
}
