//! What is asked of a snapshot.

use base::Secret;

use super::*;

impl State {
    pub(crate) fn user(&self, id: &DirectoryUserId) -> Option<&Arc<DirectoryUser>> {
        self.users.get(id)
    }

    pub(crate) fn user_by_name(&self, name: &str) -> Option<&Arc<DirectoryUser>> {
        self.users_by_name.get(fold(name).as_str()).and_then(|id| self.users.get(id))
    }

    pub(crate) fn user_by_external_id(&self, external_id: &str) -> Option<&Arc<DirectoryUser>> {
        self.users_by_external_id.get(external_id).and_then(|id| self.users.get(id))
    }

    /// Nobody when several have it.
    pub(crate) fn user_by_email(&self, email: &str) -> Option<&Arc<DirectoryUser>> {
        match self.users_by_email.get(fold(email).as_str())? {
            Holders::One(id) => self.users.get(id),
            Holders::Several(_) => None,
        }
    }

    pub(crate) fn other_holder_of_email(
        &self,
        email: &str,
        except: Option<&DirectoryUserId>,
    ) -> Option<&DirectoryUserId> {
        match self.users_by_email.get(fold(email).as_str())? {
            Holders::One(id) => Some(id).filter(|id| Some(*id) != except),
            Holders::Several(ids) => ids.iter().find(|id| Some(*id) != except),
        }
    }

    pub(crate) fn group(&self, id: &DirectoryGroupId) -> Option<&Arc<DirectoryGroup>> {
        self.groups.get(id)
    }

    pub(crate) fn group_by_name(&self, name: &str) -> Option<&Arc<DirectoryGroup>> {
        self.groups_by_name.get(fold(name).as_str()).and_then(|id| self.groups.get(id))
    }

    pub(crate) fn group_by_external_id(&self, external_id: &str) -> Option<&Arc<DirectoryGroup>> {
        self.groups_by_external_id.get(external_id).and_then(|id| self.groups.get(id))
    }

    /// Ordered by id; cheap to take.
    pub(crate) fn member_ids(&self, group: &DirectoryGroupId) -> IdList<DirectoryUserId> {
        self.members.get(group).cloned().unwrap_or_default()
    }

    /// Ordered by id; cheap to take.
    pub(crate) fn group_ids(&self, user: &DirectoryUserId) -> IdList<DirectoryGroupId> {
        self.groups_of.get(user).cloned().unwrap_or_default()
    }

    pub(crate) fn is_member(&self, group: &DirectoryGroupId, user: &DirectoryUserId) -> bool {
        // A person's groups are the shorter list of the two.
        self.groups_of.get(user).is_some_and(|groups| groups.contains(group))
    }

    pub(crate) fn password(&self, user: &DirectoryUserId) -> Option<&StoredPassword> {
        self.passwords.get(user)
    }

    pub(crate) fn password_hash(&self, user: &DirectoryUserId) -> Option<&Secret<String>> {
        self.password(user)?.hash.as_ref()
    }

    pub(crate) fn reset_link_of(&self, user: &DirectoryUserId) -> Option<&ResetLink> {
        self.reset_links.get(user)
    }

    /// The link whose token has this hash, also when it has ended.
    pub(crate) fn reset_link(&self, hash: &str) -> Option<&ResetLink> {
        self.users_by_reset_hash.get(hash).and_then(|user| self.reset_links.get(user))
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

    /// People in the order of their ids, from the 0-based position `start` on.
    pub(crate) fn users_from(&self, start: usize) -> impl Iterator<Item = &Arc<DirectoryUser>> {
        self.user_order.starting_at(start).filter_map(|id| self.users.get(id))
    }

    pub(crate) fn groups_from(&self, start: usize) -> impl Iterator<Item = &Arc<DirectoryGroup>> {
        self.group_order.starting_at(start).filter_map(|id| self.groups.get(id))
    }

    /// People in the order of their ids, behind `after`.
    pub(crate) fn users_after(&self, after: Option<&DirectoryUserId>) -> impl Iterator<Item = &Arc<DirectoryUser>> {
        self.user_order.after(after).filter_map(|id| self.users.get(id))
    }

    pub(crate) fn groups_after(&self, after: Option<&DirectoryGroupId>) -> impl Iterator<Item = &Arc<DirectoryGroup>> {
        self.group_order.after(after).filter_map(|id| self.groups.get(id))
    }

    /// Everything but memberships and salt, as a store gives it.
    pub(crate) fn stored(&self) -> StoredDirectory {
        StoredDirectory {
            users: self.users_from(0).map(|user| DirectoryUser::clone(user)).collect(),
            groups: self.groups_from(0).map(|group| DirectoryGroup::clone(group)).collect(),
            passwords: self.passwords.values().cloned().collect(),
            reset_links: self.reset_links.values().cloned().collect(),
            scim_tokens: self.scim_tokens.values().cloned().collect(),
            ..StoredDirectory::default()
        }
    }
}
