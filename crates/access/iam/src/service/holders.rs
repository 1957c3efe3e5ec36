//! The policies of users, groups and roles: inline, attached, and the boundary.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use policy::{Document, DocumentKind};

use super::{Iam, roles, users};
use crate::state::{State, Step};
use crate::{Holder, IamError, IamGroup, IamRole, IamUser, document, names, quota};

/// A user, a group or a role, to be changed.
enum Held {
    User(IamUser),
    Group(IamGroup),
    Role(IamRole),
}

impl Held {
    /// A copy of who is meant. A service's own role isn't for changing.
    fn find(state: &State, holder: Holder<'_>) -> Result<Self, IamError> {
        match holder {
            Holder::User(name) => Ok(Self::User(IamUser::clone(&*users::known(state, name)?))),
            Holder::Group(name) => {
                let group = state.group(name).ok_or_else(|| IamError::no_group(name))?;
                Ok(Self::Group(IamGroup::clone(group)))
            }
            Holder::Role(name) => {
                let role = roles::known(state, name)?;
                roles::check_modifiable(&role)?;
                Ok(Self::Role(IamRole::clone(&role)))
            }
        }
    }

    const fn inline(&mut self) -> &mut BTreeMap<String, Arc<Document>> {
        match self {
            Self::User(user) => &mut user.inline,
            Self::Group(group) => &mut group.inline,
            Self::Role(role) => &mut role.inline,
        }
    }

    const fn attached(&mut self) -> &mut BTreeSet<String> {
        match self {
            Self::User(user) => &mut user.attached,
            Self::Group(group) => &mut group.attached,
            Self::Role(role) => &mut role.attached,
        }
    }

    fn boundary(&mut self) -> Result<&mut Option<String>, IamError> {
        match self {
            Self::User(user) => Ok(&mut user.boundary),
            Self::Role(role) => Ok(&mut role.boundary),
            Self::Group(_) => {
                Err(IamError::Validation("Groups have no permissions boundary: set it for users or roles.".to_owned()))
            }
        }
    }

    /// What it is called in messages, what its kind is called in quotas, and how long its inline policies may be together.
    fn described(&self) -> (String, &'static str, usize) {
        match self {
            Self::User(user) => (format!("user {}", user.name), "User", quota::INLINE_OF_USER),
            Self::Group(group) => (format!("group {}", group.name), "Group", quota::INLINE_OF_GROUP),
            Self::Role(role) => (format!("role {}", role.name), "Role", quota::INLINE_OF_ROLE),
        }
    }

    fn step(self) -> Step {
        match self {
            Self::User(user) => Step::PutUser(Arc::new(user)),
            Self::Group(group) => Step::PutGroup(Arc::new(group)),
            Self::Role(role) => Step::PutRole(Arc::new(role)),
        }
    }
}

impl Iam {
    /// PutUserPolicy, PutGroupPolicy, PutRolePolicy: makes or replaces an inline policy.
    ///
    /// # Errors
    /// [`IamError`].
    pub async fn put_policy(&self, holder: Holder<'_>, name: &str, text: &str) -> Result<(), IamError> {
        names::policy(name)?;
        let document = document::read(text, DocumentKind::Identity)?;
        self.change_holder(holder, |_, held| {
            held.inline().insert(name.to_owned(), document);
            let length: usize = held.inline().values().map(|document| document.len_without_whitespace()).sum();
            let (who, _, most) = held.described();
            if length > most {
                return Err(IamError::LimitExceeded(format!("Maximum policy size of {most} bytes exceeded for {who}")));
            }
            Ok(true)
        })
        .await
    }

    /// DeleteUserPolicy, DeleteGroupPolicy, DeleteRolePolicy: an inline policy.
    ///
    /// # Errors
    /// [`IamError`].
    pub async fn delete_policy_of(&self, holder: Holder<'_>, name: &str) -> Result<(), IamError> {
        self.change_holder(holder, |_, held| match held.inline().remove(name) {
            Some(_) => Ok(true),
            None => Err(no_inline_policy(name, &held.described().0)),
        })
        .await
    }

    /// AttachUserPolicy, AttachGroupPolicy, AttachRolePolicy. What is attached already stays so.
    ///
    /// # Errors
    /// [`IamError`].
    pub async fn attach_policy(&self, holder: Holder<'_>, policy_arn: &str) -> Result<(), IamError> {
        self.change_holder(holder, |state, held| {
            check_attachable(state, policy_arn)?;
            let is_new = held.attached().insert(policy_arn.to_owned());
            if held.attached().len() > quota::ATTACHED_POLICIES {
                let name = format!("PoliciesPer{}", held.described().1);
                return Err(IamError::quota(&name, quota::ATTACHED_POLICIES));
            }
            Ok(is_new)
        })
        .await
    }

    /// DetachUserPolicy, DetachGroupPolicy, DetachRolePolicy.
    ///
    /// # Errors
    /// [`IamError`].
    pub async fn detach_policy(&self, holder: Holder<'_>, policy_arn: &str) -> Result<(), IamError> {
        self.change_holder(holder, |_, held| {
            if held.attached().remove(policy_arn) { Ok(true) } else { Err(IamError::no_policy(policy_arn)) }
        })
        .await
    }

    /// PutUserPermissionsBoundary, PutRolePermissionsBoundary.
    ///
    /// # Errors
    /// [`IamError`].
    pub async fn put_boundary(&self, holder: Holder<'_>, policy_arn: &str) -> Result<(), IamError> {
        self.change_holder(holder, |state, held| {
            let boundary = held.boundary()?;
            check_boundary(state, policy_arn)?;
            Ok(boundary.replace(policy_arn.to_owned()).as_deref() != Some(policy_arn))
        })
        .await
    }

    /// DeleteUserPermissionsBoundary, DeleteRolePermissionsBoundary.
    ///
    /// # Errors
    /// [`IamError`].
    pub async fn delete_boundary(&self, holder: Holder<'_>) -> Result<(), IamError> {
        self.change_holder(holder, |_, held| match held.boundary()?.take() {
            Some(_) => Ok(true),
            None => {
                let who = held.described().0;
                Err(IamError::NoSuchEntity(format!("The {who} has no permissions boundary.")))
            }
        })
        .await
    }

    /// One write, unless `edit` says that nothing changed.
    async fn change_holder(
        &self,
        holder: Holder<'_>,
        edit: impl FnOnce(&State, &mut Held) -> Result<bool, IamError> + Send,
    ) -> Result<(), IamError> {
        let turn = self.turn().await?;
        let state = self.state();
        let mut held = Held::find(&state, holder)?;
        if edit(&state, &mut held)? { self.commit(turn, vec![held.step()]).await } else { Ok(()) }
    }
}

fn no_inline_policy(name: &str, who: &str) -> IamError {
    let kind = who.split(' ').next().unwrap_or_default();
    IamError::NoSuchEntity(format!("The {kind} policy with name {name} cannot be found."))
}

fn check_attachable(state: &State, arn: &str) -> Result<(), IamError> {
    let policy = state.policy(arn).ok_or_else(|| IamError::not_attachable(arn))?;
    if policy.is_of_a_service() {
        return Err(IamError::PolicyNotAttachable(
            "Cannot attach a Service Role Policy to a Customer Role. Attach another policy.".to_owned(),
        ));
    }
    Ok(())
}

/// Whether a policy can be a boundary.
pub(super) fn check_boundary(state: &State, arn: &str) -> Result<(), IamError> {
    let policy = state.policy(arn);
    let policy = policy
        .ok_or_else(|| IamError::NoSuchEntity(format!("Scope ARN: {arn} does not exist or is not attachable.")))?;
    if policy.is_of_a_service() {
        return Err(IamError::PolicyNotAttachable(
            "A service role policy can't be a permissions boundary. Choose another policy.".to_owned(),
        ));
    }
    Ok(())
}
