//! What is in memory, indexed for every question that is asked of it. Cheap to copy: a write is done to a copy, which then takes the
//! place of what it was made from.

mod grants;
mod index;
mod list;

use std::sync::Arc;

use imbl::{HashMap, OrdMap, OrdSet};

pub(crate) use index::Touched;

use crate::{
    AccessKey, AccountCounts, Entity, Grants, IamGroup, IamRole, IamStoreUnavailable, IamUser, KeyOwner, ManagedPolicy,
    OidcProvider, SamlProvider, names,
};

/// One change of one entity.
#[derive(Debug, Clone)]
pub(crate) enum Step {
    PutUser(Arc<IamUser>),
    PutGroup(Arc<IamGroup>),
    PutRole(Arc<IamRole>),
    PutPolicy(Arc<ManagedPolicy>),
    PutSamlProvider(Arc<SamlProvider>),
    PutOidcProvider(Arc<OidcProvider>),
    PutKey(Arc<AccessKey>),
    DeleteUser(Arc<IamUser>),
    DeleteGroup(Arc<IamGroup>),
    DeleteRole(Arc<IamRole>),
    DeletePolicy(Arc<ManagedPolicy>),
    DeleteSamlProvider(Arc<SamlProvider>),
    DeleteOidcProvider(Arc<OidcProvider>),
    DeleteKey(Arc<AccessKey>),
}

#[derive(Debug, Clone, Default)]
pub(crate) struct State {
    account: Arc<str>,
    /// By name without case.
    users: OrdMap<String, Arc<IamUser>>,
    groups: OrdMap<String, Arc<IamGroup>>,
    roles: OrdMap<String, Arc<IamRole>>,
    /// The name without case, by id.
    user_names: HashMap<String, String>,
    group_names: HashMap<String, String>,
    role_names: HashMap<String, String>,
    /// Users and roles by ARN.
    arns: HashMap<String, Entity>,
    /// By ARN.
    policies: OrdMap<String, Arc<ManagedPolicy>>,
    /// The customer's own: ARNs by name without case.
    policy_names: HashMap<String, String>,
    saml_providers: OrdMap<String, Arc<SamlProvider>>,
    oidc_providers: OrdMap<String, Arc<OidcProvider>>,
    keys: HashMap<String, Arc<AccessKey>>,
    keys_of: HashMap<KeyOwner, OrdSet<String>>,
    /// By a group's id: the ids of its users, by their names without case.
    members: HashMap<String, OrdMap<String, String>>,
    /// By a policy's ARN.
    attached_to: HashMap<String, OrdSet<Entity>>,
    bounds: HashMap<String, OrdSet<Entity>>,
    /// The users and roles that a role's trust policy names, and the other way about.
    trusts: HashMap<String, Vec<Entity>>,
    trusted_by: HashMap<Entity, OrdSet<String>>,
    /// Of users and roles, by id.
    grants: HashMap<String, Arc<Grants>>,
}

impl State {
    /// AWS's own policies and what was stored. The order of the steps doesn't matter.
    ///
    /// # Errors
    /// A policy that somebody has isn't there: without it they might be allowed more.
    pub(crate) fn load(
        account: &str,
        aws_managed: Vec<ManagedPolicy>,
        stored: &[Step],
    ) -> Result<Self, IamStoreUnavailable> {
        let mut state = Self { account: account.into(), ..Self::default() };
        for policy in aws_managed {
            state.policies.insert(policy.arn.clone(), Arc::new(policy));
        }
        let mut touched = Touched::default();
        for step in stored {
            state.apply(step, &mut touched);
        }
        // A trust policy may name who came later.
        let roles: Vec<_> = state.roles.values().cloned().collect();
        for role in roles {
            state.index_trust(&role);
        }
        let missing =
            state.attached_to.keys().chain(state.bounds.keys()).find(|arn| !state.policies.contains_key(*arn));
        if let Some(missing) = missing {
            return Err(IamStoreUnavailable(format!("policy {missing} is attached to somebody and isn't there")));
        }
        state.grant_all();
        Ok(state)
    }

    /// Does the steps in their order, and grants anew to whomever they touched.
    pub(crate) fn applied(&self, steps: &[Step]) -> (Self, Touched) {
        let mut state = self.clone();
        let mut touched = Touched::default();
        for step in steps {
            state.apply(step, &mut touched);
        }
        for entity in &touched.entities {
            state.grant(entity);
        }
        (state, touched)
    }

    /// Whether a step makes something that isn't there.
    pub(crate) fn is_new(&self, step: &Step) -> bool {
        match step {
            Step::PutUser(user) => !self.user_names.contains_key(&user.id),
            Step::PutGroup(group) => !self.group_names.contains_key(&group.id),
            Step::PutRole(role) => !self.role_names.contains_key(&role.id),
            Step::PutPolicy(policy) => !self.policies.contains_key(&policy.arn),
            Step::PutSamlProvider(provider) => !self.saml_providers.contains_key(&provider.arn),
            Step::PutOidcProvider(provider) => !self.oidc_providers.contains_key(&provider.arn),
            Step::PutKey(key) => !self.keys.contains_key(&key.id),
            Step::DeleteUser(_)
            | Step::DeleteGroup(_)
            | Step::DeleteRole(_)
            | Step::DeletePolicy(_)
            | Step::DeleteSamlProvider(_)
            | Step::DeleteOidcProvider(_)
            | Step::DeleteKey(_) => false,
        }
    }

    /// By the name to the letter; [`Self::user_like`] finds it without case.
    pub(crate) fn user(&self, name: &str) -> Option<&Arc<IamUser>> {
        self.user_like(name).filter(|user| user.name == name)
    }

    pub(crate) fn user_like(&self, name: &str) -> Option<&Arc<IamUser>> {
        self.users.get(&names::folded(name))
    }

    pub(crate) fn user_by_id(&self, id: &str) -> Option<&Arc<IamUser>> {
        self.users.get(self.user_names.get(id)?)
    }

    pub(crate) fn group(&self, name: &str) -> Option<&Arc<IamGroup>> {
        self.group_like(name).filter(|group| group.name == name)
    }

    pub(crate) fn group_like(&self, name: &str) -> Option<&Arc<IamGroup>> {
        self.groups.get(&names::folded(name))
    }

    pub(crate) fn group_by_id(&self, id: &str) -> Option<&Arc<IamGroup>> {
        self.groups.get(self.group_names.get(id)?)
    }

    pub(crate) fn role(&self, name: &str) -> Option<&Arc<IamRole>> {
        self.role_like(name).filter(|role| role.name == name)
    }

    pub(crate) fn role_like(&self, name: &str) -> Option<&Arc<IamRole>> {
        self.roles.get(&names::folded(name))
    }

    pub(crate) fn role_by_id(&self, id: &str) -> Option<&Arc<IamRole>> {
        self.roles.get(self.role_names.get(id)?)
    }

    /// The user or role with this ARN.
    pub(crate) fn by_arn(&self, arn: &str) -> Option<&Entity> {
        self.arns.get(arn)
    }

    pub(crate) fn policy(&self, arn: &str) -> Option<&Arc<ManagedPolicy>> {
        self.policies.get(arn)
    }

    /// One of the customer's own.
    pub(crate) fn policy_like(&self, name: &str) -> Option<&Arc<ManagedPolicy>> {
        self.policies.get(self.policy_names.get(&names::folded(name))?)
    }

    pub(crate) fn saml_provider(&self, arn: &str) -> Option<&Arc<SamlProvider>> {
        self.saml_providers.get(arn)
    }

    pub(crate) fn oidc_provider(&self, arn: &str) -> Option<&Arc<OidcProvider>> {
        self.oidc_providers.get(arn)
    }

    pub(crate) fn saml_providers(&self) -> Vec<Arc<SamlProvider>> {
        self.saml_providers.values().cloned().collect()
    }

    pub(crate) fn oidc_providers(&self) -> Vec<Arc<OidcProvider>> {
        self.oidc_providers.values().cloned().collect()
    }

    pub(crate) fn key(&self, id: &str) -> Option<&Arc<AccessKey>> {
        self.keys.get(id)
    }

    /// The oldest first.
    pub(crate) fn keys_of(&self, owner: &KeyOwner) -> Vec<Arc<AccessKey>> {
        let ids = self.keys_of.get(owner).into_iter().flatten();
        let mut keys: Vec<_> = ids.filter_map(|id| self.keys.get(id).cloned()).collect();
        keys.sort_by(|left, right| left.created.cmp(&right.created).then_with(|| left.id.cmp(&right.id)));
        keys
    }

    pub(crate) fn has_members(&self, group_id: &str) -> bool {
        self.members.get(group_id).is_some_and(|members| !members.is_empty())
    }

    /// To whom a policy is attached.
    pub(crate) fn attached_to(&self, arn: &str) -> Option<&OrdSet<Entity>> {
        self.attached_to.get(arn)
    }

    /// Whom a policy bounds.
    pub(crate) fn bounded_by(&self, arn: &str) -> Option<&OrdSet<Entity>> {
        self.bounds.get(arn)
    }

    /// The roles whose trust policies name a user or a role.
    pub(crate) fn trusting(&self, entity: &Entity) -> Vec<Arc<IamRole>> {
        let ids = self.trusted_by.get(entity).into_iter().flatten();
        ids.filter_map(|id| self.role_by_id(id).cloned()).collect()
    }

    pub(crate) fn grants(&self, id: &str) -> Option<&Arc<Grants>> {
        self.grants.get(id)
    }

    /// Walks over the customer's own policies: their quota bounds it.
    pub(crate) fn policy_versions(&self) -> usize {
        let own = self.policy_names.values().filter_map(|arn| self.policies.get(arn));
        own.map(|policy| policy.versions.len()).sum()
    }

    /// How much there is, but for the versions of policies.
    pub(crate) fn counts(&self) -> AccountCounts {
        AccountCounts {
            users: self.users.len(),
            groups: self.groups.len(),
            roles: self.roles.len(),
            policies: self.policy_names.len(),
            policy_versions: 0,
            saml_and_oidc_providers: self.saml_providers.len() + self.oidc_providers.len(),
            root_keys: self.keys_of.get(&KeyOwner::Root).map_or(0, OrdSet::len),
        }
    }
}

impl crate::trust::Principals for State {
    fn account(&self) -> &str {
        &self.account
    }

    fn by_arn(&self, arn: &str) -> Option<Entity> {
        self.arns.get(arn).cloned()
    }

    fn arn_of(&self, id: &str) -> Option<String> {
        let user = self.user_by_id(id).map(|user| user.arn.clone());
        user.or_else(|| self.role_by_id(id).map(|role| role.arn.clone()))
    }

    fn role_named(&self, name: &str) -> Option<Entity> {
        self.role(name).map(|role| Entity::Role(role.id.clone()))
    }

    fn has_provider(&self, arn: &str) -> bool {
        self.saml_providers.contains_key(arn) || self.oidc_providers.contains_key(arn)
    }
}
