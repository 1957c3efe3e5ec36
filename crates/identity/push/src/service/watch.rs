//! Follows the directory.

use base::id::{DirectoryGroupId, DirectoryUserId};
use directory::DirectoryChange;
use tokio::sync::broadcast;
use tokio::sync::broadcast::error::RecvError;

use super::{Pusher, Slot};
use crate::port::Object;
use crate::queue::{Depth, People, Rank, Task};
use crate::run::is_wanted;

impl Pusher {
    pub(super) async fn follow(&self, mut changes: broadcast::Receiver<DirectoryChange>) {
        let mut stop = self.stop.subscribe();
        loop {
            let change = tokio::select! {
                change = changes.recv() => change,
                _ = stop.changed() => return,
            };
            match change {
                Ok(change) => self.heard(&change),
                Err(RecvError::Lagged(missed)) => {
                    tracing::warn!(missed, "the SCIM push missed changes; everybody is compared");
                    for slot in self.slots() {
                        slot.ask_sweep(Depth::Ledger);
                    }
                }
                Err(RecvError::Closed) => return,
            }
        }
    }

    /// Puts whom a change concerns into the queues.
    pub(crate) fn heard(&self, change: &DirectoryChange) {
        match change {
            DirectoryChange::UserChanged(user) | DirectoryChange::UserDeleted(user) => {
                for slot in self.slots() {
                    self.user_changed(&slot, user);
                    slot.wake.notify_one();
                }
            }
            DirectoryChange::MembershipChanged { group, users } => {
                for slot in self.slots() {
                    self.membership_changed(&slot, group, users);
                    slot.wake.notify_one();
                }
            }
            DirectoryChange::PasswordChanged { .. } => {}
        }
    }

    fn user_changed(&self, slot: &Slot, user: &DirectoryUserId) {
        let Some(assigned) = self.assigned(&slot.target()) else { return };
        let found = self.ports.directory.user(user);
        let is_wanted = found.is_some_and(|user| is_wanted(&self.ports.directory, &assigned, &user));
        let rank = if is_wanted { Rank::Changed } else { Rank::Urgent };
        slot.queue().add(rank, Object::User(user.clone()), Task::default());
    }

    fn membership_changed(&self, slot: &Slot, group: &DirectoryGroupId, users: &[DirectoryUserId]) {
        let target = slot.target();
        if self.assigned(&target).is_some_and(|assigned| assigned.contains(group)) {
            for user in users {
                self.user_changed(slot, user);
            }
        }
        if target.pushed_groups.contains(group) {
            let people = People::Some(users.iter().cloned().collect());
            let task = Task { depth: Depth::Ledger, people };
            slot.queue().add(Rank::Changed, Object::Group(group.clone()), task);
        }
    }
}
