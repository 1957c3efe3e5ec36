//! Groups and who is in them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::Iam;
use super::users::{check_deletable, known as known_user};
use crate::state::{State, Step};
use crate::{IamError, IamGroup, IamUser, names, quota};

impl Iam {
    /// CreateGroup.
    ///
    /// # Errors
    /// [`IamError`].
    pub async fn create_group(&self, name: &str, path: Option<&str>) -> Result<Arc<IamGroup>, IamError> {
        names::group(name)?;
        let path = names::path(path)?;
        let turn = self.turn().await?;
        let state = self.state();
        check_free(&state, name, None)?;
        if state.counts().groups >= quota::GROUPS {
            return Err(IamError::quota("GroupsPerAccount", quota::GROUPS));
        }
        let group = Arc::new(IamGroup {
            id: Self::new_id("AGPA"),
            name: name.to_owned(),
            arn: self.arn("group", &path, name),
            path,
            created: self.clock.now(),
            inline: BTreeMap::new(),
            attached: BTreeSet::new(),
        });
        self.commit(turn, vec![Step::PutGroup(Arc::clone(&group))]).await?;
        Ok(group)
    }

    /// UpdateGroup.
    ///
    /// # Errors
    /// [`IamError`].
    pub async fn update_group(
        &self,
        name: &str,
        new_name: Option<&str>,
        new_path: Option<&str>,
    ) -> Result<Arc<IamGroup>, IamError> {
        new_name.map_or(Ok(()), names::group)?;
        let new_path = new_path.map(|path| names::path(Some(path))).transpose()?;
        let turn = self.turn().await?;
        let state = self.state();
        let before = known(&state, name)?;
        let mut group = IamGroup::clone(&before);
        if let Some(new_name) = new_name {
            check_free(&state, new_name, Some(&before.id))?;
            new_name.clone_into(&mut group.name);
        }
        group.path = new_path.unwrap_or(group.path);
        group.arn = self.arn("group", &group.path, &group.name);
        if group == *before {
            return Ok(before);
        }
        let group = Arc::new(group);
        self.commit(turn, vec![Step::PutGroup(Arc::clone(&group))]).await?;
        Ok(group)
    }

    /// DeleteGroup: of one without users and policies.
    ///
    /// # Errors
    /// [`IamError::NoSuchEntity`], [`IamError::DeleteConflict`].
    pub async fn delete_group(&self, name: &str) -> Result<(), IamError> {
        let turn = self.turn().await?;
        let state = self.state();
        let group = known(&state, name)?;
        check_deletable(&[
            (state.has_members(&group.id), "must remove users from group first"),
            (!group.attached.is_empty(), "must detach all policies first"),
            (!group.inline.is_empty(), "must delete policies first"),
        ])?;
        self.commit(turn, vec![Step::DeleteGroup(group)]).await
    }

    /// AddUserToGroup. A user who is in it already stays in it.
    ///
    /// # Errors
    /// [`IamError::NoSuchEntity`], [`IamError::LimitExceeded`].
    pub async fn add_user_to_group(&self, group: &str, user: &str) -> Result<(), IamError> {
        self.change_membership(group, user, |groups, id| {
            groups.insert(id.to_owned());
            if groups.len() > quota::GROUPS_PER_USER {
                return Err(IamError::quota("GroupsPerUser", quota::GROUPS_PER_USER));
            }
            Ok(())
        })
        .await
    }

    /// RemoveUserFromGroup. A user who isn't in it stays out of it.
    ///
    /// # Errors
    /// [`IamError::NoSuchEntity`].
    pub async fn remove_user_from_group(&self, group: &str, user: &str) -> Result<(), IamError> {
        self.change_membership(group, user, |groups, id| {
            groups.remove(id);
            Ok(())
        })
        .await
    }

    async fn change_membership(
        &self,
        group: &str,
        user: &str,
        edit: impl FnOnce(&mut BTreeSet<String>, &str) -> Result<(), IamError> + Send,
    ) -> Result<(), IamError> {
        let turn = self.turn().await?;
        let state = self.state();
        let group = known(&state, group)?;
        let before = known_user(&state, user)?;
        let mut user = IamUser::clone(&before);
        edit(&mut user.groups, &group.id)?;
        if user.groups == before.groups {
            return Ok(());
        }
        self.commit(turn, vec![Step::PutUser(Arc::new(user))]).await
    }
}

fn known(state: &State, name: &str) -> Result<Arc<IamGroup>, IamError> {
    state.group(name).cloned().ok_or_else(|| IamError::no_group(name))
}

fn check_free(state: &State, name: &str, but: Option<&str>) -> Result<(), IamError> {
    match state.group_like(name) {
        Some(group) if Some(group.id.as_str()) != but => {
            Err(IamError::EntityAlreadyExists(format!("Group with name {name} already exists.")))
        }
        Some(_) | None => Ok(()),
    }
}
