//! Managed policies and their versions.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::Iam;
use crate::state::{State, Step};
use crate::{IamError, ManagedPolicy, NewPolicy, PolicyVersion, document, names, quota};

impl Iam {
    /// CreatePolicy.
    ///
    /// # Errors
    /// [`IamError`].
    pub async fn create_policy(&self, new: NewPolicy) -> Result<Arc<ManagedPolicy>, IamError> {
        names::policy(&new.name)?;
        let path = names::path(new.path.as_deref())?;
        new.description.as_deref().map_or(Ok(()), names::description)?;
        let document = document::managed(&new.document)?;
        let turn = self.turn().await?;
        let state = self.state();
        if state.policy_like(&new.name).is_some() {
            return Err(IamError::EntityAlreadyExists(format!(
                "A policy called {} already exists. Duplicate names are not allowed.",
                new.name
            )));
        }
        if state.counts().policies >= quota::POLICIES {
            return Err(IamError::quota("PoliciesPerAccount", quota::POLICIES));
        }
        let created = self.clock.now();
        let policy = Arc::new(ManagedPolicy {
            id: Self::new_id("ANPA"),
            arn: self.arn("policy", &path, &new.name),
            name: new.name,
            path,
            created,
            updated: created,
            description: new.description,
            versions: BTreeMap::from([(1, PolicyVersion { number: 1, document, created })]),
            default: 1,
            latest: 1,
            aws_managed: false,
            tags: new.tags,
        });
        self.commit(turn, vec![Step::PutPolicy(Arc::clone(&policy))]).await?;
        Ok(policy)
    }

    /// DeletePolicy: of one that is attached to nobody, bounds nobody, and has its default version only.
    ///
    /// # Errors
    /// [`IamError`].
    pub async fn delete_policy(&self, arn: &str) -> Result<(), IamError> {
        let turn = self.turn().await?;
        let state = self.state();
        let policy = own(&state, arn)?;
        if state.attached_to(arn).is_some() {
            return Err(IamError::DeleteConflict("Cannot delete a policy attached to entities.".to_owned()));
        }
        if state.bounded_by(arn).is_some() {
            return Err(IamError::DeleteConflict(
                "Cannot delete a policy that is the permissions boundary of entities. ListEntitiesForPolicy with \
                 PolicyUsageFilter PermissionsBoundary tells them."
                    .to_owned(),
            ));
        }
        if policy.versions.len() > 1 {
            return Err(IamError::DeleteConflict(
                "This policy has more than one version. Before you delete a policy, you must delete the policy's versions. \
                 The default version is deleted with the policy."
                    .to_owned(),
            ));
        }
        self.commit(turn, vec![Step::DeletePolicy(policy)]).await
    }

    /// CreatePolicyVersion. As the default it counts at once for everybody who has the policy.
    ///
    /// # Errors
    /// [`IamError`].
    pub async fn create_policy_version(
        &self,
        arn: &str,
        text: &str,
        set_as_default: bool,
    ) -> Result<PolicyVersion, IamError> {
        let document = document::managed(text)?;
        let turn = self.turn().await?;
        let mut policy = ManagedPolicy::clone(&*own(&self.state(), arn)?);
        if policy.versions.len() >= quota::POLICY_VERSIONS {
            return Err(IamError::LimitExceeded(format!(
                "A managed policy can have up to {} versions. Before you create a new version, you must delete an existing \
                 version.",
                quota::POLICY_VERSIONS
            )));
        }
        let created = self.clock.now();
        policy.latest = policy.latest.saturating_add(1);
        let version = PolicyVersion { number: policy.latest, document, created };
        policy.versions.insert(version.number, version.clone());
        if set_as_default {
            policy.default = version.number;
            policy.updated = created;
        }
        self.commit(turn, vec![Step::PutPolicy(Arc::new(policy))]).await?;
        Ok(version)
    }

    /// SetDefaultPolicyVersion. It counts at once for everybody who has the policy.
    ///
    /// # Errors
    /// [`IamError`].
    pub async fn set_default_policy_version(&self, arn: &str, version_id: &str) -> Result<(), IamError> {
        let turn = self.turn().await?;
        let mut policy = ManagedPolicy::clone(&*own(&self.state(), arn)?);
        let number = version(&policy, version_id)?;
        if policy.default == number {
            return Ok(());
        }
        policy.default = number;
        policy.updated = self.clock.now();
        self.commit(turn, vec![Step::PutPolicy(Arc::new(policy))]).await
    }

    /// DeletePolicyVersion: of one that isn't the default.
    ///
    /// # Errors
    /// [`IamError`].
    pub async fn delete_policy_version(&self, arn: &str, version_id: &str) -> Result<(), IamError> {
        let turn = self.turn().await?;
        let mut policy = ManagedPolicy::clone(&*own(&self.state(), arn)?);
        let number = version(&policy, version_id)?;
        if policy.default == number {
            return Err(IamError::DeleteConflict(
                "Cannot delete the default version of a policy. Set another one as the default first.".to_owned(),
            ));
        }
        policy.versions.remove(&number);
        self.commit(turn, vec![Step::PutPolicy(Arc::new(policy))]).await
    }
}

fn version(policy: &ManagedPolicy, id: &str) -> Result<u32, IamError> {
    let missing = || {
        let arn = &policy.arn;
        IamError::NoSuchEntity(format!("Policy {arn} version {id} does not exist or is not attachable."))
    };
    policy.version(id).map(|version| version.number).ok_or_else(missing)
}

/// A policy of the customer's own: AWS's are read-only.
pub(super) fn own(state: &State, arn: &str) -> Result<Arc<ManagedPolicy>, IamError> {
    let policy = state.policy(arn).ok_or_else(|| IamError::no_policy(arn))?;
    if policy.aws_managed {
        return Err(IamError::AccessDenied(format!(
            "{arn} is managed by AWS and can't be changed. Make a policy of your own with CreatePolicy."
        )));
    }
    Ok(Arc::clone(policy))
}
