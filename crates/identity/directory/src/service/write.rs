//! Writes: planned purely, one transaction, then memory, then announced. An unchanged value changes no version.

use std::sync::Arc;

use base::id::{DirectoryGroupId, DirectoryUserId};

use super::Directory;
use crate::edit::{GroupEdit, MemberEdit, UserEdit};
use crate::error::DirectoryError;
use crate::model::{DirectoryGroup, DirectoryUser, NewGroup, NewUser};
use crate::password::HashedPassword;
use crate::provision;
use crate::state::State;

fn written_user(state: &State, id: &DirectoryUserId) -> Result<Arc<DirectoryUser>, DirectoryError> {
    state.user(id).cloned().ok_or_else(|| DirectoryError::UnknownUser(id.clone()))
}

fn written_group(state: &State, id: &DirectoryGroupId) -> Result<Arc<DirectoryGroup>, DirectoryError> {
    state.group(id).cloned().ok_or_else(|| DirectoryError::UnknownGroup(id.clone()))
}

impl Directory {
    /// # Errors
    /// Conflict (userName or externalId taken), `Invalid`, `Store`.
    pub async fn create_user(&self, new: NewUser) -> Result<Arc<DirectoryUser>, DirectoryError> {
        self.create_user_with(new, None).await
    }

    /// Person and password in one transaction.
    ///
    /// # Errors
    /// As [`Self::create_user`].
    pub async fn create_user_with(
        &self,
        new: NewUser,
        password: Option<HashedPassword>,
    ) -> Result<Arc<DirectoryUser>, DirectoryError> {
        self.create_user_when(new, password, |_| Ok(())).await
    }

    /// `check` comes last, and sees a directory that no other writer can change meanwhile.
    ///
    /// # Errors
    /// Whatever `check` returns, and as [`Self::create_user`].
    pub async fn create_user_when<E: From<DirectoryError>>(
        &self,
        new: NewUser,
        password: Option<HashedPassword>,
        check: impl FnOnce(&NewUser) -> Result<(), E> + Send,
    ) -> Result<Arc<DirectoryUser>, E> {
        let id = DirectoryUserId::new(base::id::uuid());
        let fresh = id.clone();
        let plan = move |state: &State, now| {
            let plan = provision::plan_create_user(state, fresh, new.clone(), password, now)?;
            check(&new)?;
            Ok::<_, E>(plan)
        };
        let state = self.write(plan).await?;
        Ok(written_user(&state, &id)?)
    }

    /// Gives the person a full new value. `expected_version`: refuses when it was changed since.
    ///
    /// # Errors
    /// `UnknownUser`, `VersionMismatch`, and as [`Self::create_user`].
    pub async fn replace_user(
        &self,
        id: &DirectoryUserId,
        expected_version: Option<u64>,
        new: NewUser,
    ) -> Result<Arc<DirectoryUser>, DirectoryError> {
        self.update_user(id, expected_version, |_: &DirectoryUser| Ok(UserEdit::from(new))).await
    }

    /// Reads, changes and writes as one: `patch` sees the value that no other writer can change meanwhile.
    ///
    /// # Errors
    /// Whatever `patch` returns, and as [`Self::replace_user`].
    pub async fn update_user<E: From<DirectoryError>>(
        &self,
        id: &DirectoryUserId,
        expected_version: Option<u64>,
        patch: impl FnOnce(&DirectoryUser) -> Result<UserEdit, E> + Send,
    ) -> Result<Arc<DirectoryUser>, E> {
        let plan = |state: &State, now| {
            let current = written_user(state, id)?;
            provision::check_version(expected_version, current.version)?;
            Ok::<_, E>(provision::plan_update_user(state, id, patch(&current)?, now)?)
        };
        let state = self.write(plan).await?;
        Ok(written_user(&state, id)?)
    }

    /// Deletes the person with memberships and password.
    ///
    /// # Errors
    /// `UnknownUser`, `VersionMismatch`, `Store`.
    pub async fn delete_user(&self, id: &DirectoryUserId, expected_version: Option<u64>) -> Result<(), DirectoryError> {
        self.write(|state, now| provision::plan_delete_user(state, id, expected_version, now)).await.map(drop)
    }

    /// # Errors
    /// Conflict (displayName or externalId taken), `UnknownMembers`, `Invalid`, `Store`.
    pub async fn create_group(&self, new: NewGroup) -> Result<Arc<DirectoryGroup>, DirectoryError> {
        self.create_group_as(DirectoryGroupId::new(base::id::uuid()), new).await
    }

    /// As [`Self::create_group`], for who has to note the id before there is the group: `id` is a fresh [`base::id::uuid`].
    ///
    /// # Errors
    /// As [`Self::create_group`].
    pub async fn create_group_as(
        &self,
        id: DirectoryGroupId,
        new: NewGroup,
    ) -> Result<Arc<DirectoryGroup>, DirectoryError> {
        let fresh = id.clone();
        let state = self.write(move |state, now| provision::plan_create_group(state, fresh, new, now)).await?;
        written_group(&state, &id)
    }

    /// Changes profile and members as one. `patch` sees the group as no other writer can change it meanwhile; members are
    /// changed by naming who joins and leaves, so that nobody's change is lost.
    ///
    /// # Errors
    /// Whatever `patch` returns; `UnknownGroup`, `VersionMismatch`, and as [`Self::create_group`].
    pub async fn update_group<E: From<DirectoryError>>(
        &self,
        id: &DirectoryGroupId,
        expected_version: Option<u64>,
        patch: impl FnOnce(&DirectoryGroup) -> Result<GroupEdit, E> + Send,
    ) -> Result<Arc<DirectoryGroup>, E> {
        let plan = |state: &State, now| {
            let current = written_group(state, id)?;
            provision::check_version(expected_version, current.version)?;
            Ok::<_, E>(provision::plan_update_group(state, id, patch(&current)?, now)?)
        };
        let state = self.write(plan).await?;
        Ok(written_group(&state, id)?)
    }

    /// Adds and removes members as rows. Who is in both lists is removed.
    ///
    /// # Errors
    /// `UnknownGroup`, `UnknownMembers` (of `add`), `Store`.
    pub async fn change_members(
        &self,
        group: &DirectoryGroupId,
        add: &[DirectoryUserId],
        remove: &[DirectoryUserId],
    ) -> Result<Arc<DirectoryGroup>, DirectoryError> {
        let mut members = MemberEdit::default();
        members.add(add.iter().cloned());
        members.remove(remove.iter().cloned());
        self.edit_members(group, members).await
    }

    /// Makes `members` the only members.
    ///
    /// # Errors
    /// As [`Self::change_members`].
    pub async fn replace_members(
        &self,
        group: &DirectoryGroupId,
        members: &[DirectoryUserId],
    ) -> Result<Arc<DirectoryGroup>, DirectoryError> {
        let mut edit = MemberEdit::default();
        edit.clear();
        edit.add(members.iter().cloned());
        self.edit_members(group, edit).await
    }

    async fn edit_members(
        &self,
        group: &DirectoryGroupId,
        members: MemberEdit,
    ) -> Result<Arc<DirectoryGroup>, DirectoryError> {
        self.update_group(group, None, |current| Ok(GroupEdit { members, ..GroupEdit::from(current) })).await
    }

    /// The person joins and leaves groups in one transaction; a group in both lists is left.
    ///
    /// # Errors
    /// `UnknownMembers` (the person is gone), `UnknownGroup`, `Store`.
    pub async fn change_groups_of(
        &self,
        user: &DirectoryUserId,
        join: &[DirectoryGroupId],
        leave: &[DirectoryGroupId],
    ) -> Result<(), DirectoryError> {
        self.write(|state, now| provision::plan_memberships_of(state, user, join, leave, now)).await.map(drop)
    }

    /// Deletes the group with its memberships.
    ///
    /// # Errors
    /// `UnknownGroup`, `VersionMismatch`, `Store`.
    pub async fn delete_group(
        &self,
        id: &DirectoryGroupId,
        expected_version: Option<u64>,
    ) -> Result<(), DirectoryError> {
        self.write(|state, _| provision::plan_delete_group(state, id, expected_version)).await.map(drop)
    }
}
