//! Reads: from the snapshot in memory, without scanning.

use std::sync::Arc;

use base::id::{DirectoryGroupId, DirectoryUserId};
use time::OffsetDateTime;

use super::Directory;
use crate::model::{ActiveUser, DirectoryGroup, DirectoryUser};

impl Directory {
    /// Counts the changes since the start.
    #[must_use]
    pub fn version(&self) -> u64 {
        self.state().version
    }

    #[must_use]
    pub fn user(&self, id: &DirectoryUserId) -> Option<Arc<DirectoryUser>> {
        self.state().user(id).cloned()
    }

    /// Without regard to case.
    #[must_use]
    pub fn user_by_name(&self, user_name: &str) -> Option<Arc<DirectoryUser>> {
        self.state().user_by_name(user_name).cloned()
    }

    /// To the letter.
    #[must_use]
    pub fn user_by_external_id(&self, external_id: &str) -> Option<Arc<DirectoryUser>> {
        self.state().user_by_external_id(external_id).cloned()
    }

    /// By primary address, without regard to case. Nobody when several people have it: which of them is meant can't be known.
    #[must_use]
    pub fn user_by_email(&self, email: &str) -> Option<Arc<DirectoryUser>> {
        self.state().user_by_email(email).cloned()
    }

    /// Somebody else than `except` who has this primary address, without regard to case.
    #[must_use]
    pub fn other_holder_of_email(&self, email: &str, except: Option<&DirectoryUserId>) -> Option<DirectoryUserId> {
        self.state().other_holder_of_email(email, except).cloned()
    }

    /// The person, if they exist and aren't disabled.
    #[must_use]
    pub fn active_user(&self, id: &DirectoryUserId) -> Option<ActiveUser> {
        let state = self.state();
        let user = state.user(id).filter(|user| user.active)?;
        Some(ActiveUser { id: user.id.clone(), user_name: user.user_name.clone() })
    }

    #[must_use]
    pub fn group(&self, id: &DirectoryGroupId) -> Option<Arc<DirectoryGroup>> {
        self.state().group(id).cloned()
    }

    /// Without regard to case; the group has its name as it was given.
    #[must_use]
    pub fn group_by_name(&self, display_name: &str) -> Option<Arc<DirectoryGroup>> {
        self.state().group_by_name(display_name).cloned()
    }

    /// To the letter.
    #[must_use]
    pub fn group_by_external_id(&self, external_id: &str) -> Option<Arc<DirectoryGroup>> {
        self.state().group_by_external_id(external_id).cloned()
    }

    /// The groups that the person is in, ordered by id.
    #[must_use]
    pub fn groups_of(&self, user: &DirectoryUserId) -> Vec<Arc<DirectoryGroup>> {
        let state = self.state();
        state.group_ids(user).iter().filter_map(|id| state.group(id)).cloned().collect()
    }

    /// The people in the group, ordered by id. As long as the group: for showing it, not for deciding something.
    #[must_use]
    pub fn members_of(&self, group: &DirectoryGroupId) -> Vec<Arc<DirectoryUser>> {
        let state = self.state();
        state.member_ids(group).iter().filter_map(|id| state.user(id)).cloned().collect()
    }

    /// At most `limit` people of the group from the 0-based position `start` on, ordered by id, and how many there are.
    #[must_use]
    pub fn members_at(&self, group: &DirectoryGroupId, start: usize, limit: usize) -> (Vec<Arc<DirectoryUser>>, usize) {
        let state = self.state();
        let ids = state.member_ids(group);
        (ids.starting_at(start).take(limit).filter_map(|id| state.user(id)).cloned().collect(), ids.len())
    }

    /// At most `limit` people of the group behind `after` (from the first on without it), ordered by id: a page by cursor.
    #[must_use]
    pub fn members_after(
        &self,
        group: &DirectoryGroupId,
        after: Option<&DirectoryUserId>,
        limit: usize,
    ) -> Vec<Arc<DirectoryUser>> {
        let state = self.state();
        let ids = state.member_ids(group);
        ids.after(after).take(limit).filter_map(|id| state.user(id)).cloned().collect()
    }

    /// At most `limit` groups of the person behind `after` (from the first on without it), ordered by id: a page by cursor.
    #[must_use]
    pub fn groups_after(
        &self,
        user: &DirectoryUserId,
        after: Option<&DirectoryGroupId>,
        limit: usize,
    ) -> Vec<Arc<DirectoryGroup>> {
        let state = self.state();
        let ids = state.group_ids(user);
        ids.after(after).take(limit).filter_map(|id| state.group(id)).cloned().collect()
    }

    /// How many people are in the group.
    #[must_use]
    pub fn member_count(&self, group: &DirectoryGroupId) -> usize {
        self.state().member_ids(group).len()
    }

    /// How many groups the person is in.
    #[must_use]
    pub fn group_count_of(&self, user: &DirectoryUserId) -> usize {
        self.state().group_ids(user).len()
    }

    /// When the person's password was last set, changed or removed: what they signed in to before is over.
    #[must_use]
    pub fn password_changed_at(&self, user: &DirectoryUserId) -> Option<OffsetDateTime> {
        self.state().password(user).map(|password| password.changed)
    }

    #[must_use]
    pub fn is_member(&self, group: &DirectoryGroupId, user: &DirectoryUserId) -> bool {
        self.state().is_member(group, user)
    }

    #[must_use]
    pub fn user_count(&self) -> usize {
        self.state().user_count()
    }

    #[must_use]
    pub fn group_count(&self) -> usize {
        self.state().group_count()
    }

    /// At most `limit` people behind `after` (from the first on without it), ordered by id: a page by cursor.
    #[must_use]
    pub fn users(&self, after: Option<&DirectoryUserId>, limit: usize) -> Vec<Arc<DirectoryUser>> {
        let state = self.state();
        state.users_after(after).take(limit).cloned().collect()
    }

    /// At most `limit` groups behind `after` (from the first on without it), ordered by id: a page by cursor.
    #[must_use]
    pub fn groups(&self, after: Option<&DirectoryGroupId>, limit: usize) -> Vec<Arc<DirectoryGroup>> {
        let state = self.state();
        state.groups_after(after).take(limit).cloned().collect()
    }

    /// At most `limit` people from the 0-based position `start` on, ordered by id, and how many there are.
    #[must_use]
    pub fn users_at(&self, start: usize, limit: usize) -> (Vec<Arc<DirectoryUser>>, usize) {
        let state = self.state();
        (state.users_from(start).take(limit).cloned().collect(), state.user_count())
    }

    /// At most `limit` groups from the 0-based position `start` on, ordered by id, and how many there are.
    #[must_use]
    pub fn groups_at(&self, start: usize, limit: usize) -> (Vec<Arc<DirectoryGroup>>, usize) {
        let state = self.state();
        (state.groups_from(start).take(limit).cloned().collect(), state.group_count())
    }
}
