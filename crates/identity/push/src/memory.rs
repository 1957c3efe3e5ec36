//! A store that forgets everything when it is dropped.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard, PoisonError};

use base::id::{DirectoryGroupId, DirectoryUserId, PushTargetId};

use crate::error::PushStoreUnavailable;
use crate::port::{Failed, Object, PushStore, PushWrite, PushedGroup, PushedUser, Totals};
use crate::target::Target;

type Kept<T> = Result<T, PushStoreUnavailable>;

/// Keeps targets and the ledger in memory: for tests.
#[derive(Debug, Default)]
pub struct MemoryStore {
    tables: Mutex<Tables>,
}

#[derive(Debug, Default)]
struct Tables {
    targets: BTreeMap<PushTargetId, Target>,
    users: BTreeMap<(PushTargetId, DirectoryUserId), PushedUser>,
    groups: BTreeMap<(PushTargetId, DirectoryGroupId), PushedGroup>,
    members: BTreeSet<(PushTargetId, DirectoryGroupId, String)>,
    failed: BTreeMap<(PushTargetId, Object), Failed>,
    begun: BTreeSet<(PushTargetId, Object)>,
}

impl MemoryStore {
    fn tables(&self) -> MutexGuard<'_, Tables> {
        self.tables.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Tables {
    fn apply(&mut self, write: &PushWrite) {
        match write.clone() {
            PushWrite::PutTarget(target) => {
                self.targets.insert(target.id.clone(), target);
            }
            PushWrite::DeleteTarget(target) => {
                self.targets.remove(&target);
                self.forget(&target);
            }
            PushWrite::Forget(target) => self.forget(&target),
            PushWrite::PutUser(row) => {
                self.users.retain(|_, other| other.target != row.target || other.remote != row.remote);
                self.begun.remove(&(row.target.clone(), Object::User(row.user.clone())));
                self.users.insert((row.target.clone(), row.user.clone()), row);
            }
            PushWrite::DeleteUser { target, user } => {
                if let Some(row) = self.users.remove(&(target, user)) {
                    self.members.retain(|(target, _, member)| *target != row.target || *member != row.remote);
                }
            }
            PushWrite::PutGroup(row) => {
                self.begun.remove(&(row.target.clone(), Object::Group(row.group.clone())));
                self.groups.insert((row.target.clone(), row.group.clone()), row);
            }
            PushWrite::DeleteGroup { target, group } => {
                self.members.retain(|(of, other, _)| *of != target || *other != group);
                self.groups.remove(&(target, group));
            }
            PushWrite::AddMembers { target, group, members } => {
                self.members.extend(members.into_iter().map(|member| (target.clone(), group.clone(), member)));
            }
            PushWrite::RemoveMembers { target, group, members } => {
                for member in members {
                    self.members.remove(&(target.clone(), group.clone(), member));
                }
            }
            PushWrite::Begin { target, object } => {
                self.begun.insert((target, object));
            }
            PushWrite::End { target, object } => {
                self.begun.remove(&(target, object));
            }
            PushWrite::PutFailed(failed) => {
                self.failed.insert((failed.target.clone(), failed.object.clone()), failed);
            }
            PushWrite::DeleteFailed { target, object } => {
                self.failed.remove(&(target, object));
            }
        }
    }

    fn forget(&mut self, target: &PushTargetId) {
        self.users.retain(|(of, _), _| of != target);
        self.groups.retain(|(of, _), _| of != target);
        self.members.retain(|(of, _, _)| of != target);
        self.failed.retain(|(of, _), _| of != target);
        self.begun.retain(|(of, _)| of != target);
    }
}

#[async_trait::async_trait]
impl PushStore for MemoryStore {
    async fn targets(&self) -> Kept<Vec<Target>> {
        Ok(self.tables().targets.values().cloned().collect())
    }

    async fn user(&self, target: &PushTargetId, user: &DirectoryUserId) -> Kept<Option<PushedUser>> {
        Ok(self.tables().users.get(&(target.clone(), user.clone())).cloned())
    }

    async fn users_after(
        &self,
        target: &PushTargetId,
        after: Option<&DirectoryUserId>,
        limit: u32,
    ) -> Kept<Vec<PushedUser>> {
        let tables = self.tables();
        let rows =
            tables.users.values().filter(|row| row.target == *target && after.is_none_or(|after| row.user > *after));
        Ok(rows.take(usize::try_from(limit).unwrap_or(usize::MAX)).cloned().collect())
    }

    async fn remote_ids(
        &self,
        target: &PushTargetId,
        users: &[DirectoryUserId],
    ) -> Kept<BTreeMap<DirectoryUserId, String>> {
        let tables = self.tables();
        let found = users.iter().filter_map(|user| tables.users.get(&(target.clone(), user.clone())));
        Ok(found.map(|row| (row.user.clone(), row.remote.clone())).collect())
    }

    async fn ours(&self, target: &PushTargetId, remotes: &[String]) -> Kept<BTreeMap<String, DirectoryUserId>> {
        let tables = self.tables();
        let found = tables.users.values().filter(|row| row.target == *target && remotes.contains(&row.remote));
        Ok(found.map(|row| (row.remote.clone(), row.user.clone())).collect())
    }

    async fn group(&self, target: &PushTargetId, group: &DirectoryGroupId) -> Kept<Option<PushedGroup>> {
        Ok(self.tables().groups.get(&(target.clone(), group.clone())).cloned())
    }

    async fn groups(&self, target: &PushTargetId) -> Kept<Vec<PushedGroup>> {
        Ok(self.tables().groups.values().filter(|row| row.target == *target).cloned().collect())
    }

    async fn members(&self, target: &PushTargetId, group: &DirectoryGroupId) -> Kept<BTreeSet<String>> {
        let tables = self.tables();
        let of = tables.members.iter().filter(|(of, other, _)| of == target && other == group);
        Ok(of.map(|(_, _, member)| member.clone()).collect())
    }

    async fn members_among(
        &self,
        target: &PushTargetId,
        group: &DirectoryGroupId,
        remotes: &[String],
    ) -> Kept<BTreeSet<String>> {
        Ok(self.members(target, group).await?.into_iter().filter(|member| remotes.contains(member)).collect())
    }

    async fn groups_of(&self, target: &PushTargetId, remote: &str) -> Kept<Vec<DirectoryGroupId>> {
        let tables = self.tables();
        let of = tables.members.iter().filter(|(of, _, member)| of == target && member == remote);
        Ok(of.map(|(_, group, _)| group.clone()).collect())
    }

    async fn failed_after(&self, target: &PushTargetId, after: Option<&Object>, limit: u32) -> Kept<Vec<Failed>> {
        let tables = self.tables();
        let rows =
            tables.failed.values().filter(|row| row.target == *target && after.is_none_or(|after| row.object > *after));
        Ok(rows.take(usize::try_from(limit).unwrap_or(usize::MAX)).cloned().collect())
    }

    async fn begun(&self, target: &PushTargetId) -> Kept<Vec<Object>> {
        let tables = self.tables();
        Ok(tables.begun.iter().filter(|(of, _)| of == target).map(|(_, object)| object.clone()).collect())
    }

    async fn totals(&self, target: &PushTargetId) -> Kept<Totals> {
        let tables = self.tables();
        let count = |count: usize| u64::try_from(count).unwrap_or(u64::MAX);
        Ok(Totals {
            users: count(tables.users.keys().filter(|(of, _)| of == target).count()),
            groups: count(tables.groups.keys().filter(|(of, _)| of == target).count()),
            failed: count(tables.failed.keys().filter(|(of, _)| of == target).count()),
        })
    }

    async fn apply(&self, writes: &[PushWrite]) -> Kept<()> {
        let mut tables = self.tables();
        writes.iter().for_each(|write| tables.apply(write));
        Ok(())
    }
}
