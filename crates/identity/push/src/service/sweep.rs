//! Everybody is looked at: at start, after a change of the target, when the directory ran ahead, and for a full sync.

use std::collections::BTreeSet;

use base::id::{DirectoryGroupId, DirectoryUserId};

use super::{Pusher, Slot};
use crate::error::PushStoreUnavailable;
use crate::port::Object;
use crate::queue::{Depth, People, Rank, Task};
use crate::run::is_wanted;
use crate::target::Target;

/// So many people are listed before others get their turn.
const STRIDE: usize = 500;
const PAGE: u32 = 500;

impl Pusher {
    /// Puts everybody into the queue who is there or should be. Who shouldn't be goes first.
    pub(super) async fn sweep(&self, slot: &Slot, depth: Depth) {
        let target = slot.target();
        let Some(assigned) = self.assigned(&target) else {
            let reason = "The SSO application of this target is gone: choose another one, or groups.".to_owned();
            return self.pause(slot, &target, None, reason).await;
        };
        if let Err(error) = self.list_pushed(slot, &target, &assigned, depth).await {
            // The queue holds what was listed; the rest is looked at again.
            tracing::error!(%error, "what was pushed can't be listed");
            slot.ask_sweep(depth);
            slot.queue().hold_until = Some(self.ports.clock.now() + time::Duration::seconds(5));
            return;
        }
        for group in &assigned {
            self.each_member(group, |user| {
                slot.add(Rank::Sweep, Object::User(user), Task { depth, people: People::default() });
            })
            .await;
            slot.wake.notify_one();
        }
        for group in &target.pushed_groups {
            slot.add(Rank::Sweep, Object::Group(group.clone()), Task { depth, people: People::All });
        }
        if depth == Depth::Server {
            slot.queue().sync_listed();
        }
    }

    async fn list_pushed(
        &self,
        slot: &Slot,
        target: &Target,
        assigned: &BTreeSet<DirectoryGroupId>,
        depth: Depth,
    ) -> Result<(), PushStoreUnavailable> {
        let mut after: Option<DirectoryUserId> = None;
        loop {
            let some = self.ports.store.users_after(&target.id, after.as_ref(), PAGE).await?;
            after = some.last().map(|row| row.user.clone());
            for row in some {
                let user = self.ports.directory.user(&row.user);
                let is_wanted = user.is_some_and(|user| is_wanted(&self.ports.directory, assigned, &user));
                let rank = if is_wanted { Rank::Sweep } else { Rank::Urgent };
                slot.add(rank, Object::User(row.user), Task { depth, people: People::default() });
            }
            slot.wake.notify_one();
            if after.is_none() {
                break;
            }
        }
        for row in self.ports.store.groups(&target.id).await? {
            slot.add(Rank::Sweep, Object::Group(row.group), Task { depth, people: People::All });
        }
        Ok(())
    }

    /// Calls `each` for everybody in the group, and lets others work in between.
    pub(super) async fn each_member(&self, group: &DirectoryGroupId, mut each: impl FnMut(DirectoryUserId)) {
        let mut after: Option<DirectoryUserId> = None;
        loop {
            let some = self.ports.directory.members_after(group, after.as_ref(), STRIDE);
            after = some.last().map(|user| user.id.clone());
            let is_last = some.len() < STRIDE;
            for user in some {
                each(user.id.clone());
            }
            if is_last {
                return;
            }
            tokio::task::yield_now().await;
        }
    }
}

impl Slot {
    fn add(&self, rank: Rank, object: Object, task: Task) {
        let mut queue = self.queue();
        if task.depth == Depth::Server {
            queue.add_to_sync(&object);
        }
        queue.add(rank, object, task);
    }
}
