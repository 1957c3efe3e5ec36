//! What administrators do with targets.

use std::sync::{Arc, PoisonError};

use base::Secret;
use base::id::{DirectoryGroupId, PushTargetId};
use directory::fold;

use super::{Pusher, Slot, may_run};
use crate::error::PushError;
use crate::port::PushWrite;
use crate::queue::Depth;
use crate::target::{
    Assigned, NewTarget, TOKEN_PURPOSE, Target, TargetEdit, check_groups, check_name, check_token, check_url,
};

impl Pusher {
    /// Makes a target; if it is enabled, its people are pushed at once.
    ///
    /// # Errors
    /// `Invalid`, `NameTaken`, `Store`.
    pub async fn create_target(self: &Arc<Self>, new: NewTarget) -> Result<Arc<Target>, PushError> {
        let pusher = Arc::clone(self);
        whole(async move { pusher.create(new).await }).await
    }

    async fn create(self: &Arc<Self>, new: NewTarget) -> Result<Arc<Target>, PushError> {
        let _turn = self.changing.lock().await;
        let now = self.ports.clock.now();
        check_token(&new.token)?;
        let target = Target {
            id: PushTargetId::new(format!("pst-{}", base::random::hex::<8>())),
            name: check_name(&new.name)?,
            url: check_url(&new.url, new.private_network)?,
            sealed_token: self.seal(&new.token)?,
            private_network: new.private_network,
            assigned: new.assigned,
            pushed_groups: new.pushed_groups,
            deprovision: new.deprovision,
            enabled: new.enabled,
            paused: None,
            version: 1,
            created: now,
            modified: now,
        };
        self.check(&target, None)?;
        self.ports.store.apply(&[PushWrite::PutTarget(target.clone())]).await?;
        let slot = Arc::new(Slot::new(target));
        let target = slot.target();
        self.insert(Arc::clone(&slot));
        self.start_worker(slot);
        Ok(target)
    }

    /// Changes a target. Another address is another server: what was pushed to the one before is forgotten, and stays there as it is.
    /// Another token or address, or an end of being switched off, ends a pause.
    ///
    /// # Errors
    /// `UnknownTarget`, `VersionMismatch`, and as [`Self::create_target`].
    pub async fn update_target(
        self: &Arc<Self>,
        id: &PushTargetId,
        expected_version: Option<u64>,
        edit: TargetEdit,
    ) -> Result<Arc<Target>, PushError> {
        let (pusher, id) = (Arc::clone(self), id.clone());
        whole(async move { pusher.update(&id, expected_version, edit).await }).await
    }

    async fn update(
        &self,
        id: &PushTargetId,
        expected_version: Option<u64>,
        edit: TargetEdit,
    ) -> Result<Arc<Target>, PushError> {
        let _turn = self.changing.lock().await;
        let slot = self.slot(id)?;
        let current = slot.target();
        if let Some(expected) = expected_version.filter(|expected| *expected != current.version) {
            return Err(PushError::VersionMismatch { expected, found: current.version });
        }
        let has_token = edit.token.is_some();
        let mut next = self.edited(&current, edit)?;
        let moved = next.url != current.url;
        let mended = moved || has_token || next.private_network != current.private_network;
        if next == *current {
            return Ok(current);
        }
        if mended || (next.enabled && !current.enabled) || next.assigned != current.assigned {
            next.paused = None;
        }
        self.check(&next, Some(&current))?;
        let put = PushWrite::PutTarget(next.clone());
        if moved {
            // Nothing is written down any more about the server of before.
            slot.queue().is_closed = true;
            slot.wake.notify_one();
            let working = slot.working.lock().await;
            let written = self.ports.store.apply(&[PushWrite::Forget(id.clone()), put]).await;
            if let Err(error) = written {
                slot.queue().is_closed = !may_run(&current);
                return Err(error.into());
            }
            slot.queue().forget();
            drop(working);
        } else {
            self.ports.store.apply(&[put]).await?;
        }
        let target = slot.set_target(next);
        {
            let mut queue = slot.queue();
            queue.is_closed = !may_run(&target);
            if mended {
                queue.retry_now();
            }
        }
        slot.ask_sweep(Depth::Ledger);
        Ok(target)
    }

    /// Deletes the target and what is known of it. The SCIM server keeps what it has.
    ///
    /// # Errors
    /// `UnknownTarget`, `Store`.
    pub async fn delete_target(self: &Arc<Self>, id: &PushTargetId) -> Result<(), PushError> {
        let (pusher, id) = (Arc::clone(self), id.clone());
        whole(async move { pusher.delete(&id).await }).await
    }

    async fn delete(self: &Arc<Self>, id: &PushTargetId) -> Result<(), PushError> {
        let slot = {
            let _turn = self.changing.lock().await;
            let slot = self.slot(id)?;
            self.slots.write().unwrap_or_else(PoisonError::into_inner).remove(id);
            slot.queue().is_closed = true;
            slot
        };
        slot.wake.notify_one();
        let _working = slot.working.lock().await;
        let deleted = self.ports.store.apply(&[PushWrite::DeleteTarget(id.clone())]).await;
        if deleted.is_err() {
            slot.queue().is_closed = !may_run(&slot.target());
            self.insert(Arc::clone(&slot));
            self.start_worker(Arc::clone(&slot));
        }
        Ok(deleted?)
    }

    /// The value after the edit, with the next version.
    fn edited(&self, current: &Target, edit: TargetEdit) -> Result<Target, PushError> {
        let mut next = current.clone();
        if let Some(name) = edit.name {
            next.name = check_name(&name)?;
        }
        next.private_network = edit.private_network.unwrap_or(current.private_network);
        next.url = check_url(edit.url.as_ref().unwrap_or(&current.url), next.private_network)?;
        if let Some(token) = edit.token {
            check_token(&token)?;
            next.sealed_token = self.seal(&token)?;
        }
        if let Some(assigned) = edit.assigned {
            next.assigned = assigned;
        }
        if let Some(groups) = edit.pushed_groups {
            next.pushed_groups = groups;
        }
        next.deprovision = edit.deprovision.unwrap_or(current.deprovision);
        next.enabled = edit.enabled.unwrap_or(current.enabled);
        if next != *current {
            next.version += 1;
            next.modified = self.ports.clock.now();
        }
        Ok(next)
    }

    /// What other targets, the directory and the applications say about it. What was there before may stay.
    fn check(&self, target: &Target, before: Option<&Target>) -> Result<(), PushError> {
        let name = fold(&target.name);
        let same = |other: &Arc<Target>| other.id != target.id && fold(&other.name) == name;
        if let Some(holder) = self.targets().into_iter().find(same) {
            return Err(PushError::NameTaken { name: target.name.clone(), holder: holder.id.clone() });
        }
        let exists = |group: &DirectoryGroupId| self.ports.directory.group(group).is_some();
        let had = before.map(|before| before.pushed_groups.clone()).unwrap_or_default();
        check_groups("pushed_groups", &target.pushed_groups, |group| had.contains(group) || exists(group))?;
        if before.is_some_and(|before| before.assigned == target.assigned) {
            return Ok(());
        }
        match &target.assigned {
            Assigned::Groups(groups) => check_groups("groups", groups, exists),
            Assigned::Application(application) if self.ports.roster.groups(application).is_none() => {
                let rule = format!("There is no SSO application {application}.");
                Err(PushError::Invalid { field: "application", rule })
            }
            Assigned::Application(_) => Ok(()),
        }
    }

    fn seal(&self, token: &Secret<String>) -> Result<String, PushError> {
        let sealed = self.ports.sealer.seal_text(TOKEN_PURPOSE, token.expose().as_bytes());
        sealed.map_err(|error| PushError::Internal(error.to_string()))
    }
}

/// To the end, whether or not whoever asked still waits for it: a change that is dropped half-way would leave the target standing still.
async fn whole<T: Send + 'static>(
    change: impl Future<Output = Result<T, PushError>> + Send + 'static,
) -> Result<T, PushError> {
    base::task::spawn("push target", change).await.map_err(|error| PushError::Internal(error.to_string()))?
}
