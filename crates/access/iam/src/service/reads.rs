//! What is there: from memory, by maps.

use std::sync::Arc;

use crate::{
    AccessKey, AccountCounts, Entity, Grants, Iam, IamError, IamGroup, IamRole, IamUser, KeyOwner, Listing,
    ManagedPolicy, OidcProvider, Page, PolicyUse, SamlProvider,
};

impl Iam {
    #[must_use]
    pub fn user(&self, name: &str) -> Option<Arc<IamUser>> {
        self.state().user(name).cloned()
    }

    #[must_use]
    pub fn user_by_id(&self, id: &str) -> Option<Arc<IamUser>> {
        self.state().user_by_id(id).cloned()
    }

    #[must_use]
    pub fn user_by_arn(&self, arn: &str) -> Option<Arc<IamUser>> {
        let state = self.state();
        match state.by_arn(arn)? {
            Entity::User(id) => state.user_by_id(id).cloned(),
            Entity::Group(_) | Entity::Role(_) => None,
        }
    }

    #[must_use]
    pub fn group(&self, name: &str) -> Option<Arc<IamGroup>> {
        self.state().group(name).cloned()
    }

    #[must_use]
    pub fn group_by_id(&self, id: &str) -> Option<Arc<IamGroup>> {
        self.state().group_by_id(id).cloned()
    }

    #[must_use]
    pub fn role(&self, name: &str) -> Option<Arc<IamRole>> {
        self.state().role(name).cloned()
    }

    #[must_use]
    pub fn role_by_id(&self, id: &str) -> Option<Arc<IamRole>> {
        self.state().role_by_id(id).cloned()
    }

    #[must_use]
    pub fn role_by_arn(&self, arn: &str) -> Option<Arc<IamRole>> {
        let state = self.state();
        match state.by_arn(arn)? {
            Entity::Role(id) => state.role_by_id(id).cloned(),
            Entity::User(_) | Entity::Group(_) => None,
        }
    }

    /// A managed policy, the customer's or AWS's.
    #[must_use]
    pub fn policy(&self, arn: &str) -> Option<Arc<ManagedPolicy>> {
        self.state().policy(arn).cloned()
    }

    #[must_use]
    pub fn saml_provider(&self, arn: &str) -> Option<Arc<SamlProvider>> {
        self.state().saml_provider(arn).cloned()
    }

    #[must_use]
    pub fn oidc_provider(&self, arn: &str) -> Option<Arc<OidcProvider>> {
        self.state().oidc_provider(arn).cloned()
    }

    /// The provider whose URL is an ID token's `iss`, to the letter.
    #[must_use]
    pub fn oidc_provider_of_issuer(&self, issuer: &str) -> Option<Arc<OidcProvider>> {
        self.oidc_provider(&self.oidc_arn(issuer)?).filter(|provider| provider.url == issuer)
    }

    /// # Errors
    /// [`IamError::NoSuchEntity`].
    pub fn find_user(&self, name: &str) -> Result<Arc<IamUser>, IamError> {
        self.user(name).ok_or_else(|| IamError::no_user(name))
    }

    /// # Errors
    /// [`IamError::NoSuchEntity`].
    pub fn find_group(&self, name: &str) -> Result<Arc<IamGroup>, IamError> {
        self.group(name).ok_or_else(|| IamError::no_group(name))
    }

    /// # Errors
    /// [`IamError::NoSuchEntity`].
    pub fn find_role(&self, name: &str) -> Result<Arc<IamRole>, IamError> {
        self.role(name).ok_or_else(|| IamError::no_role(name))
    }

    /// # Errors
    /// [`IamError::NoSuchEntity`].
    pub fn find_policy(&self, arn: &str) -> Result<Arc<ManagedPolicy>, IamError> {
        self.policy(arn).ok_or_else(|| IamError::no_policy(arn))
    }

    /// # Errors
    /// [`IamError::NoSuchEntity`].
    pub fn find_saml_provider(&self, arn: &str) -> Result<Arc<SamlProvider>, IamError> {
        let missing = || IamError::NoSuchEntity(format!("Manifest not found for arn {arn}"));
        self.saml_provider(arn).ok_or_else(missing)
    }

    /// # Errors
    /// [`IamError::NoSuchEntity`].
    pub fn find_oidc_provider(&self, arn: &str) -> Result<Arc<OidcProvider>, IamError> {
        let missing = || IamError::NoSuchEntity(format!("OpenIDConnect Provider not found for arn {arn}"));
        self.oidc_provider(arn).ok_or_else(missing)
    }

    /// The key that a call was signed with, whether it is active or not.
    #[must_use]
    pub fn access_key(&self, id: &str) -> Option<Arc<AccessKey>> {
        self.state().key(id).cloned()
    }

    /// The oldest first; at most 2.
    #[must_use]
    pub fn access_keys_of(&self, owner: &KeyOwner) -> Vec<Arc<AccessKey>> {
        self.state().keys_of(owner)
    }

    /// What a user may do. Nothing for an id that nobody has.
    #[must_use]
    pub fn grants_of_user(&self, id: &str) -> Arc<Grants> {
        self.state().grants(id).cloned().unwrap_or_default()
    }

    /// What a role may do. Nothing for an id that no role has.
    #[must_use]
    pub fn grants_of_role(&self, id: &str) -> Arc<Grants> {
        self.state().grants(id).cloned().unwrap_or_default()
    }

    /// At most 10, by id.
    #[must_use]
    pub fn groups_of(&self, user_id: &str) -> Vec<Arc<IamGroup>> {
        let state = self.state();
        let user = state.user_by_id(user_id).cloned();
        user.iter().flat_map(|user| &user.groups).filter_map(|id| state.group_by_id(id).cloned()).collect()
    }

    /// Ordered by name without case. A part looks at 1000 users at most, so that it may be short and yet have a next one.
    #[must_use]
    pub fn list_users(&self, listing: &Listing<'_>) -> Page<Arc<IamUser>> {
        self.state().list_users(listing)
    }

    /// As [`Self::list_users`].
    #[must_use]
    pub fn list_groups(&self, listing: &Listing<'_>) -> Page<Arc<IamGroup>> {
        self.state().list_groups(listing)
    }

    /// As [`Self::list_users`].
    #[must_use]
    pub fn list_roles(&self, listing: &Listing<'_>) -> Page<Arc<IamRole>> {
        self.state().list_roles(listing)
    }

    /// As [`Self::list_users`], ordered by ARN, those that fit.
    #[must_use]
    pub fn list_policies(
        &self,
        listing: &Listing<'_>,
        fits: impl Fn(&ManagedPolicy) -> bool,
    ) -> Page<Arc<ManagedPolicy>> {
        self.state().list_policies(listing, fits)
    }

    /// Ordered by name without case.
    #[must_use]
    pub fn members_of(&self, group_id: &str, after: Option<&str>, limit: usize) -> Page<Arc<IamUser>> {
        self.state().members_of(group_id, after, limit)
    }

    /// At most 100.
    #[must_use]
    pub fn saml_providers(&self) -> Vec<Arc<SamlProvider>> {
        self.state().saml_providers()
    }

    /// At most 100.
    #[must_use]
    pub fn oidc_providers(&self) -> Vec<Arc<OidcProvider>> {
        self.state().oidc_providers()
    }

    /// To how many users, groups and roles a policy is attached.
    #[must_use]
    pub fn attachment_count(&self, policy_arn: &str) -> usize {
        self.state().attached_to(policy_arn).map_or(0, |entities| entities.len())
    }

    /// How many users and roles a policy bounds.
    #[must_use]
    pub fn boundary_count(&self, policy_arn: &str) -> usize {
        self.state().bounded_by(policy_arn).map_or(0, |entities| entities.len())
    }

    /// Users, then groups, then roles, each by id.
    #[must_use]
    pub fn entities_for_policy(
        &self,
        policy_arn: &str,
        used_as: PolicyUse,
        after: Option<&str>,
        limit: usize,
    ) -> Page<Entity> {
        self.state().entities_for(policy_arn, used_as, after, limit)
    }

    /// Bounded by the quotas.
    #[must_use]
    pub fn summary(&self) -> AccountCounts {
        let state = self.state();
        AccountCounts { policy_versions: state.policy_versions(), ..state.counts() }
    }
}
