//! The directory in memory: an immutable snapshot with an index for every question that is asked per request.

use std::sync::Arc;

use base::Secret;
use base::id::{DirectoryGroupId, DirectoryUserId};
use imbl::{HashMap, OrdMap, OrdSet, Vector};

use crate::model::{DirectoryGroup, DirectoryUser};
use crate::port::{DirectoryWrite, StoredDirectory};
use crate::scim_token::ScimToken;

/// How names are compared: without regard to case.
pub(crate) fn fold(name: &str) -> String {
    name.to_lowercase()
}

/// Persistent maps: cloning is cheap, and a reader's snapshot never changes.
#[derive(Debug, Clone, Default)]
pub(crate) struct State {
    pub(crate) version: u64,
    users: HashMap<DirectoryUserId, Arc<DirectoryUser>>,
    /// Sorted by id: a page at any offset is found without walking there.
    user_order: Vector<DirectoryUserId>,
    users_by_name: HashMap<String, DirectoryUserId>,
    users_by_external_id: HashMap<String, DirectoryUserId>,
    groups: HashMap<DirectoryGroupId, Arc<DirectoryGroup>>,
    group_order: Vector<DirectoryGroupId>,
    groups_by_name: HashMap<String, DirectoryGroupId>,
    groups_by_external_id: HashMap<String, DirectoryGroupId>,
    members: HashMap<DirectoryGroupId, OrdSet<DirectoryUserId>>,
    groups_of: HashMap<DirectoryUserId, OrdSet<DirectoryGroupId>>,
    passwords: HashMap<DirectoryUserId, Secret<String>>,
    scim_tokens: OrdMap<String, ScimToken>,
}

impl State {
    pub(crate) fn load(mut stored: StoredDirectory) -> Self {
        stored.users.sort_by(|a, b| a.id.cmp(&b.id));
        stored.groups.sort_by(|a, b| a.id.cmp(&b.id));
        let mut state = Self::default();
        for user in stored.users {
            state.put_user(Arc::new(user));
        }
        for group in stored.groups {
            state.put_group(Arc::new(group));
        }
        for (group, user) in stored.members {
            state.add_member(&group, &user);
        }
        state.passwords = stored.passwords.into_iter().collect();
        state.scim_tokens = stored.scim_tokens.into_iter().map(|token| (token.id.clone(), token)).collect();
        state
    }

    /// Does in memory what the store did with the same write.
    pub(crate) fn apply(&mut self, write: &DirectoryWrite) {
        match write {
            DirectoryWrite::PutUser(user) => self.put_user(Arc::clone(user)),
            DirectoryWrite::DeleteUser(id) => self.delete_user(id),
            DirectoryWrite::PutGroup(group) => self.put_group(Arc::clone(group)),
            DirectoryWrite::DeleteGroup(id) => self.delete_group(id),
            DirectoryWrite::AddMember { group, user } => self.add_member(group, user),
            DirectoryWrite::RemoveMember { group, user } => self.remove_member(group, user),
            DirectoryWrite::PutPassword { user, hash } => {
                self.passwords.insert(user.clone(), hash.clone());
            }
            DirectoryWrite::RemovePassword(user) => {
                self.passwords.remove(user);
            }
            DirectoryWrite::PutScimToken(token) => {
                self.scim_tokens.insert(token.id.clone(), token.clone());
            }
        }
    }

    fn put_user(&mut self, user: Arc<DirectoryUser>) {
        let id = user.id.clone();
        if let Some(old) = self.users.insert(id.clone(), Arc::clone(&user)) {
            self.users_by_name.remove(&fold(&old.user_name));
            if let Some(external_id) = &old.external_id {
                self.users_by_external_id.remove(external_id);
            }
        } else if let Err(at) = self.user_order.binary_search(&id) {
            self.user_order.insert(at, id.clone());
        }
        self.users_by_name.insert(fold(&user.user_name), id.clone());
        if let Some(external_id) = &user.external_id {
            self.users_by_external_id.insert(external_id.clone(), id);
        }
    }

    fn delete_user(&mut self, id: &DirectoryUserId) {
        let Some(old) = self.users.remove(id) else { return };
        if let Ok(at) = self.user_order.binary_search(id) {
            self.user_order.remove(at);
        }
        self.users_by_name.remove(&fold(&old.user_name));
        if let Some(external_id) = &old.external_id {
            self.users_by_external_id.remove(external_id);
        }
        self.passwords.remove(id);
        for group in self.groups_of.remove(id).unwrap_or_default() {
            if let Some(members) = self.members.get_mut(&group) {
                members.remove(id);
            }
        }
    }

    fn put_group(&mut self, group: Arc<DirectoryGroup>) {
        let id = group.id.clone();
        if let Some(old) = self.groups.insert(id.clone(), Arc::clone(&group)) {
            self.groups_by_name.remove(&fold(&old.display_name));
            if let Some(external_id) = &old.external_id {
                self.groups_by_external_id.remove(external_id);
            }
        } else if let Err(at) = self.group_order.binary_search(&id) {
            self.group_order.insert(at, id.clone());
        }
        self.groups_by_name.insert(fold(&group.display_name), id.clone());
        if let Some(external_id) = &group.external_id {
            self.groups_by_external_id.insert(external_id.clone(), id);
        }
    }

    fn delete_group(&mut self, id: &DirectoryGroupId) {
        let Some(old) = self.groups.remove(id) else { return };
        if let Ok(at) = self.group_order.binary_search(id) {
            self.group_order.remove(at);
        }
        self.groups_by_name.remove(&fold(&old.display_name));
        if let Some(external_id) = &old.external_id {
            self.groups_by_external_id.remove(external_id);
        }
        for user in self.members.remove(id).unwrap_or_default() {
            if let Some(groups) = self.groups_of.get_mut(&user) {
                groups.remove(id);
            }
        }
    }

    fn add_member(&mut self, group: &DirectoryGroupId, user: &DirectoryUserId) {
        self.members.entry(group.clone()).or_default().insert(user.clone());
        self.groups_of.entry(user.clone()).or_default().insert(group.clone());
    }

    fn remove_member(&mut self, group: &DirectoryGroupId, user: &DirectoryUserId) {
        if let Some(members) = self.members.get_mut(group) {
            members.remove(user);
        }
        if let Some(groups) = self.groups_of.get_mut(user) {
            groups.remove(group);
        }
    }
}

/// Reads.
impl State {
    pub(crate) fn user(&self, id: &DirectoryUserId) -> Option<&Arc<DirectoryUser>> {
        self.users.get(id)
    }

    pub(crate) fn user_by_name(&self, name: &str) -> Option<&Arc<DirectoryUser>> {
        self.users_by_name.get(&fold(name)).and_then(|id| self.users.get(id))
    }

    pub(crate) fn user_by_external_id(&self, external_id: &str) -> Option<&Arc<DirectoryUser>> {
        self.users_by_external_id.get(external_id).and_then(|id| self.users.get(id))
    }

    pub(crate) fn group(&self, id: &DirectoryGroupId) -> Option<&Arc<DirectoryGroup>> {
        self.groups.get(id)
    }

    pub(crate) fn group_by_name(&self, name: &str) -> Option<&Arc<DirectoryGroup>> {
        self.groups_by_name.get(&fold(name)).and_then(|id| self.groups.get(id))
    }

    pub(crate) fn group_by_external_id(&self, external_id: &str) -> Option<&Arc<DirectoryGroup>> {
        self.groups_by_external_id.get(external_id).and_then(|id| self.groups.get(id))
    }

    /// Ordered by id; cheap to take.
    pub(crate) fn member_ids(&self, group: &DirectoryGroupId) -> OrdSet<DirectoryUserId> {
        self.members.get(group).cloned().unwrap_or_default()
    }

    pub(crate) fn groups_of(&self, user: &DirectoryUserId) -> Vec<Arc<DirectoryGroup>> {
        let ids = self.groups_of.get(user).into_iter().flat_map(OrdSet::iter);
        ids.filter_map(|id| self.groups.get(id)).cloned().collect()
    }

    pub(crate) fn is_member(&self, group: &DirectoryGroupId, user: &DirectoryUserId) -> bool {
        self.members.get(group).is_some_and(|members| members.contains(user))
    }

    pub(crate) fn password(&self, user: &DirectoryUserId) -> Option<&Secret<String>> {
        self.passwords.get(user)
    }

    pub(crate) fn scim_token(&self, id: &str) -> Option<&ScimToken> {
        self.scim_tokens.get(id)
    }

    /// Ordered by id.
    pub(crate) fn scim_tokens(&self) -> impl Iterator<Item = &ScimToken> {
        self.scim_tokens.values()
    }

    pub(crate) fn user_count(&self) -> usize {
        self.user_order.len()
    }

    pub(crate) fn group_count(&self) -> usize {
        self.group_order.len()
    }

    /// At most `limit` people from the 0-based position `start` on, ordered by id.
    pub(crate) fn users_at(&self, start: usize, limit: usize) -> Vec<Arc<DirectoryUser>> {
        let ids = (start..start.saturating_add(limit)).map_while(|at| self.user_order.get(at));
        ids.filter_map(|id| self.users.get(id)).cloned().collect()
    }

    pub(crate) fn groups_at(&self, start: usize, limit: usize) -> Vec<Arc<DirectoryGroup>> {
        let ids = (start..start.saturating_add(limit)).map_while(|at| self.group_order.get(at));
        ids.filter_map(|id| self.groups.get(id)).cloned().collect()
    }

    /// The position of the first person behind `after`.
    pub(crate) fn user_position_after(&self, after: &DirectoryUserId) -> usize {
        self.user_order.binary_search(after).map_or_else(|at| at, |at| at + 1)
    }

    pub(crate) fn group_position_after(&self, after: &DirectoryGroupId) -> usize {
        self.group_order.binary_search(after).map_or_else(|at| at, |at| at + 1)
    }
}
