//! Roles.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::Iam;
use super::users::{check_deletable, renamed_in_trusts};
use crate::state::{State, Step};
use crate::{Entity, IamError, IamRole, NewRole, document, names, quota, trust};

/// Seconds, unless said otherwise.
const SESSION_DURATION: u32 = 3600;

impl Iam {
    /// CreateRole.
    ///
    /// # Errors
    /// [`IamError`].
    pub async fn create_role(&self, new: NewRole) -> Result<Arc<IamRole>, IamError> {
        names::role(&new.name)?;
        let path = names::path(new.path.as_deref())?;
        new.description.as_deref().map_or(Ok(()), names::description)?;
        let max_session_duration = new.max_session_duration.unwrap_or(SESSION_DURATION);
        names::max_session_duration(max_session_duration)?;
        let trust = document::trust(&new.trust)?;
        let turn = self.turn().await?;
        let state = self.state();
        check_free(&state, &new.name)?;
        let trust = checked(&state, trust)?;
        if let Some(arn) = &new.boundary {
            super::holders::check_boundary(&state, arn)?;
        }
        let role = Arc::new(IamRole {
            id: Self::new_id("AROA"),
            arn: self.arn("role", &path, &new.name),
            name: new.name,
            path,
            created: self.clock.now(),
            description: new.description,
            max_session_duration,
            trust,
            tags: new.tags,
            boundary: new.boundary,
            inline: BTreeMap::new(),
            attached: BTreeSet::new(),
            service_linked: None,
        });
        self.commit(turn, vec![Step::PutRole(Arc::clone(&role))]).await?;
        Ok(role)
    }

    /// UpdateRole. A service-linked role takes a description only.
    ///
    /// # Errors
    /// [`IamError`].
    pub async fn update_role(
        &self,
        name: &str,
        description: Option<&str>,
        max_session_duration: Option<u32>,
    ) -> Result<Arc<IamRole>, IamError> {
        description.map_or(Ok(()), names::description)?;
        max_session_duration.map_or(Ok(()), names::max_session_duration)?;
        let turn = self.turn().await?;
        let state = self.state();
        let before = known(&state, name)?;
        if max_session_duration.is_some() {
            check_modifiable(&before)?;
        }
        let mut role = IamRole::clone(&before);
        role.description = description.map(str::to_owned).or(role.description);
        role.max_session_duration = max_session_duration.unwrap_or(role.max_session_duration);
        if role == *before {
            return Ok(before);
        }
        let role = Arc::new(role);
        self.commit(turn, vec![Step::PutRole(Arc::clone(&role))]).await?;
        Ok(role)
    }

    /// UpdateAssumeRolePolicy.
    ///
    /// # Errors
    /// [`IamError`].
    pub async fn update_trust(&self, name: &str, document: &str) -> Result<(), IamError> {
        let trust = document::trust(document)?;
        let turn = self.turn().await?;
        let state = self.state();
        let before = known(&state, name)?;
        check_modifiable(&before)?;
        let trust = checked(&state, trust)?;
        if trust == before.trust {
            return Ok(());
        }
        let role = IamRole { trust, ..IamRole::clone(&before) };
        self.commit(turn, vec![Step::PutRole(Arc::new(role))]).await
    }

    /// DeleteRole: of one without policies. Trust policies that name the role keep its id in place of the ARN.
    ///
    /// # Errors
    /// [`IamError::NoSuchEntity`], [`IamError::DeleteConflict`], [`IamError::UnmodifiableEntity`].
    pub async fn delete_role(&self, name: &str) -> Result<(), IamError> {
        let turn = self.turn().await?;
        let state = self.state();
        let role = known(&state, name)?;
        check_modifiable(&role)?;
        check_deletable(&[
            (!role.attached.is_empty(), "must detach all policies first"),
            (!role.inline.is_empty(), "must delete policies first"),
        ])?;
        self.commit(turn, deletion(&state, role)?).await
    }
}

pub(super) fn deletion(state: &State, role: Arc<IamRole>) -> Result<Vec<Step>, IamError> {
    let mut steps = renamed_in_trusts(state, &Entity::Role(role.id.clone()), &role.id)?;
    steps.push(Step::DeleteRole(role));
    Ok(steps)
}

pub(super) fn known(state: &State, name: &str) -> Result<Arc<IamRole>, IamError> {
    state.role(name).cloned().ok_or_else(|| IamError::no_role(name))
}

/// Whether another role can be there, under this name.
pub(super) fn check_free(state: &State, name: &str) -> Result<(), IamError> {
    if state.role_like(name).is_some() {
        return Err(IamError::EntityAlreadyExists(format!("Role with name {name} already exists.")));
    }
    if state.counts().roles >= quota::ROLES {
        return Err(IamError::quota("RolesPerAccount", quota::ROLES));
    }
    Ok(())
}

/// A service's own role is the service's.
pub(super) fn check_modifiable(role: &IamRole) -> Result<(), IamError> {
    match &role.service_linked {
        None => Ok(()),
        Some(_) => Err(IamError::UnmodifiableEntity(format!(
            "Cannot perform the operation on the protected role '{}' - this role is only modifiable by AWS",
            role.name
        ))),
    }
}

/// The trust policy to keep: everybody whom it names is there.
fn checked(state: &State, trust: Arc<policy::Document>) -> Result<Arc<policy::Document>, IamError> {
    let text = trust::check(trust.text(), state)?;
    if text == trust.text() { Ok(trust) } else { document::trust(&text) }
}
