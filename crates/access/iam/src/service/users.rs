//! Users.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use policy::DocumentKind;

use super::Iam;
use crate::state::{State, Step};
use crate::{Entity, IamError, IamRole, IamUser, KeyOwner, NewUser, document, names, quota, trust};

impl Iam {
    /// CreateUser.
    ///
    /// # Errors
    /// [`IamError`].
    pub async fn create_user(&self, new: NewUser) -> Result<Arc<IamUser>, IamError> {
        names::user(&new.name)?;
        let path = names::path(new.path.as_deref())?;
        let turn = self.turn().await?;
        let state = self.state();
        check_free(&state, &new.name, None)?;
        if let Some(arn) = &new.boundary {
            super::holders::check_boundary(&state, arn)?;
        }
        if state.counts().users >= quota::USERS {
            return Err(IamError::quota("UsersPerAccount", quota::USERS));
        }
        let user = Arc::new(IamUser {
            id: Self::new_id("AIDA"),
            arn: self.arn("user", &path, &new.name),
            name: new.name,
            path,
            created: self.clock.now(),
            tags: new.tags,
            boundary: new.boundary,
            inline: BTreeMap::new(),
            attached: BTreeSet::new(),
            groups: BTreeSet::new(),
        });
        self.commit(turn, vec![Step::PutUser(Arc::clone(&user))]).await?;
        Ok(user)
    }

    /// UpdateUser. Trust policies that name the user name them by the new ARN from then on.
    ///
    /// # Errors
    /// [`IamError`].
    pub async fn update_user(
        &self,
        name: &str,
        new_name: Option<&str>,
        new_path: Option<&str>,
    ) -> Result<Arc<IamUser>, IamError> {
        new_name.map_or(Ok(()), names::user)?;
        let new_path = new_path.map(|path| names::path(Some(path))).transpose()?;
        let turn = self.turn().await?;
        let state = self.state();
        let before = known(&state, name)?;
        let mut user = IamUser::clone(&before);
        if let Some(new_name) = new_name {
            check_free(&state, new_name, Some(&before.id))?;
            new_name.clone_into(&mut user.name);
        }
        user.path = new_path.unwrap_or(user.path);
        user.arn = self.arn("user", &user.path, &user.name);
        if user == *before {
            return Ok(before);
        }
        let user = Arc::new(user);
        let mut steps = vec![Step::PutUser(Arc::clone(&user))];
        steps.extend(renamed_in_trusts(&state, &Entity::User(user.id.clone()), &user.arn)?);
        self.commit(turn, steps).await?;
        Ok(user)
    }

    /// DeleteUser: of one who has nothing any more. Trust policies that name the user keep the id in place of the ARN.
    ///
    /// # Errors
    /// [`IamError::NoSuchEntity`], [`IamError::DeleteConflict`].
    pub async fn delete_user(&self, name: &str) -> Result<(), IamError> {
        let turn = self.turn().await?;
        let state = self.state();
        let user = known(&state, name)?;
        let has_keys = !state.keys_of(&KeyOwner::User(user.id.clone())).is_empty();
        // In the order in which IAM's guide has them deleted.
        let conflicts = [
            (has_keys, "must delete access keys first"),
            (!user.inline.is_empty(), "must delete policies first"),
            (!user.attached.is_empty(), "must detach all policies first"),
            (!user.groups.is_empty(), "must remove users from group first"),
        ];
        check_deletable(&conflicts)?;
        let mut steps = renamed_in_trusts(&state, &Entity::User(user.id.clone()), &user.id)?;
        steps.push(Step::DeleteUser(user));
        self.commit(turn, steps).await
    }
}

/// What stands in the way of a deletion, and the first of it that does.
pub(super) fn check_deletable(conflicts: &[(bool, &str)]) -> Result<(), IamError> {
    match conflicts.iter().find(|(stands, _)| *stands) {
        None => Ok(()),
        Some((_, what)) => Err(IamError::DeleteConflict(format!("Cannot delete entity, {what}."))),
    }
}

pub(super) fn known(state: &State, name: &str) -> Result<Arc<IamUser>, IamError> {
    state.user(name).cloned().ok_or_else(|| IamError::no_user(name))
}

fn check_free(state: &State, name: &str, but: Option<&str>) -> Result<(), IamError> {
    match state.user_like(name) {
        Some(user) if Some(user.id.as_str()) != but => {
            Err(IamError::EntityAlreadyExists(format!("User with name {name} already exists.")))
        }
        Some(_) | None => Ok(()),
    }
}

/// The roles whose trust policies name a user or a role, with another text in their place. Not the role itself.
pub(super) fn renamed_in_trusts(state: &State, entity: &Entity, by: &str) -> Result<Vec<Step>, IamError> {
    let mut steps = Vec::new();
    for role in state.trusting(entity) {
        if Entity::Role(role.id.clone()) != *entity {
            let text = trust::renamed(role.trust.text(), entity, by, state)?;
            let mut role = IamRole::clone(&role);
            role.trust = document::read(&text, DocumentKind::Trust)?;
            steps.push(Step::PutRole(Arc::new(role)));
        }
    }
    Ok(steps)
}
