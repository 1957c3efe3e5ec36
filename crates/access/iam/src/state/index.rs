//! Keeping the indexes true to the entities.

#[cfg(test)]
use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::hash::Hash;
use std::sync::Arc;

use imbl::{HashMap, OrdSet};

use super::{State, Step};
use crate::{AccessKey, Entity, IamGroup, IamRole, IamUser, ManagedPolicy, names, trust};

/// Whom steps concern: what they may do or who they are may be another thing now.
#[derive(Debug, Default)]
pub(crate) struct Touched {
    /// Users and roles.
    pub(crate) entities: BTreeSet<Entity>,
    /// Access keys.
    pub(crate) keys: BTreeSet<String>,
    /// ARNs.
    pub(crate) providers: BTreeSet<String>,
    /// ARNs of managed policies: sessions may be narrowed by them.
    pub(crate) policies: BTreeSet<String>,
}

impl State {
    pub(super) fn apply(&mut self, step: &Step, touched: &mut Touched) {
        match step {
            Step::PutUser(user) => self.put_user(user, touched),
            Step::PutGroup(group) => self.put_group(group, touched),
            Step::PutRole(role) => self.put_role(role, touched),
            Step::PutPolicy(policy) => self.put_policy(policy, touched),
            Step::PutSamlProvider(provider) => {
                touched.providers.insert(provider.arn.clone());
                self.saml_providers.insert(provider.arn.clone(), Arc::clone(provider));
            }
            Step::PutOidcProvider(provider) => {
                touched.providers.insert(provider.arn.clone());
                self.oidc_providers.insert(provider.arn.clone(), Arc::clone(provider));
            }
            Step::PutKey(key) => self.put_key(key, touched),
            Step::DeleteUser(user) => {
                touched.entities.insert(Entity::User(user.id.clone()));
                self.forget_user(&user.id);
            }
            Step::DeleteGroup(group) => {
                self.touch_members(&group.id, touched);
                self.forget_group(&group.id);
                self.members.remove(&group.id);
            }
            Step::DeleteRole(role) => {
                touched.entities.insert(Entity::Role(role.id.clone()));
                self.forget_role(&role.id);
                self.unindex_trust(&role.id);
            }
            Step::DeletePolicy(policy) => {
                touched.policies.insert(policy.arn.clone());
                self.policies.remove(&policy.arn);
                self.policy_names.remove(&names::folded(&policy.name));
            }
            Step::DeleteSamlProvider(provider) => {
                touched.providers.insert(provider.arn.clone());
                self.saml_providers.remove(&provider.arn);
            }
            Step::DeleteOidcProvider(provider) => {
                touched.providers.insert(provider.arn.clone());
                self.oidc_providers.remove(&provider.arn);
            }
            Step::DeleteKey(key) => {
                touched.keys.insert(key.id.clone());
                self.keys.remove(&key.id);
                unlink(&mut self.keys_of, &key.owner, &key.id);
            }
        }
    }

    fn put_user(&mut self, user: &Arc<IamUser>, touched: &mut Touched) {
        let entity = Entity::User(user.id.clone());
        touched.entities.insert(entity.clone());
        self.forget_user(&user.id);
        let folded = names::folded(&user.name);
        for group in &user.groups {
            self.members.entry(group.clone()).or_default().insert(folded.clone(), user.id.clone());
        }
        self.link_policies(&entity, &user.attached, user.boundary.as_ref());
        self.arns.insert(user.arn.clone(), entity);
        self.user_names.insert(user.id.clone(), folded.clone());
        self.users.insert(folded, Arc::clone(user));
    }

    fn forget_user(&mut self, id: &str) {
        let Some(folded) = self.user_names.remove(id) else { return };
        let Some(user) = self.users.remove(&folded) else { return };
        for group in &user.groups {
            if let Some(members) = self.members.get_mut(group) {
                members.remove(&folded);
            }
        }
        self.unlink_policies(&Entity::User(id.to_owned()), &user.attached, user.boundary.as_ref());
        self.arns.remove(&user.arn);
    }

    fn put_group(&mut self, group: &Arc<IamGroup>, touched: &mut Touched) {
        let before = self.group_by_id(&group.id).cloned();
        if before.is_none_or(|before| {
            before.inline != group.inline || before.attached != group.attached || before.name != group.name
        }) {
            self.touch_members(&group.id, touched);
        }
        self.forget_group(&group.id);
        self.link_policies(&Entity::Group(group.id.clone()), &group.attached, None);
        let folded = names::folded(&group.name);
        self.group_names.insert(group.id.clone(), folded.clone());
        self.groups.insert(folded, Arc::clone(group));
    }

    fn forget_group(&mut self, id: &str) {
        let Some(folded) = self.group_names.remove(id) else { return };
        let Some(group) = self.groups.remove(&folded) else { return };
        self.unlink_policies(&Entity::Group(id.to_owned()), &group.attached, None);
    }

    fn put_role(&mut self, role: &Arc<IamRole>, touched: &mut Touched) {
        let entity = Entity::Role(role.id.clone());
        touched.entities.insert(entity.clone());
        self.forget_role(&role.id);
        self.link_policies(&entity, &role.attached, role.boundary.as_ref());
        self.arns.insert(role.arn.clone(), entity);
        let folded = names::folded(&role.name);
        self.role_names.insert(role.id.clone(), folded.clone());
        self.roles.insert(folded, Arc::clone(role));
        self.index_trust(role);
    }

    fn forget_role(&mut self, id: &str) {
        let Some(folded) = self.role_names.remove(id) else { return };
        let Some(role) = self.roles.remove(&folded) else { return };
        self.unlink_policies(&Entity::Role(id.to_owned()), &role.attached, role.boundary.as_ref());
        self.arns.remove(&role.arn);
    }

    fn put_policy(&mut self, policy: &Arc<ManagedPolicy>, touched: &mut Touched) {
        let before = self.policies.get(&policy.arn);
        if before.is_none_or(|before| before.document() != policy.document()) {
            self.touch_holders(&policy.arn, touched);
            touched.policies.insert(policy.arn.clone());
        }
        self.policy_names.insert(names::folded(&policy.name), policy.arn.clone());
        self.policies.insert(policy.arn.clone(), Arc::clone(policy));
    }

    fn put_key(&mut self, key: &Arc<AccessKey>, touched: &mut Touched) {
        touched.keys.insert(key.id.clone());
        self.keys_of.entry(key.owner.clone()).or_default().insert(key.id.clone());
        self.keys.insert(key.id.clone(), Arc::clone(key));
    }

    fn touch_members(&self, group_id: &str, touched: &mut Touched) {
        let members = self.members.get(group_id).into_iter().flat_map(|members| members.values());
        touched.entities.extend(members.map(|id| Entity::User(id.clone())));
    }

    fn touch_holders(&self, policy_arn: &str, touched: &mut Touched) {
        let attached = self.attached_to.get(policy_arn).into_iter().flatten();
        for entity in attached.chain(self.bounds.get(policy_arn).into_iter().flatten()) {
            match entity {
                Entity::Group(id) => self.touch_members(id, touched),
                Entity::User(_) | Entity::Role(_) => {
                    touched.entities.insert(entity.clone());
                }
            }
        }
    }

    fn link_policies(&mut self, entity: &Entity, attached: &BTreeSet<String>, boundary: Option<&String>) {
        for arn in attached {
            self.attached_to.entry(arn.clone()).or_default().insert(entity.clone());
        }
        if let Some(arn) = boundary {
            self.bounds.entry(arn.clone()).or_default().insert(entity.clone());
        }
    }

    fn unlink_policies(&mut self, entity: &Entity, attached: &BTreeSet<String>, boundary: Option<&String>) {
        for arn in attached {
            unlink(&mut self.attached_to, arn, entity);
        }
        if let Some(arn) = boundary {
            unlink(&mut self.bounds, arn, entity);
        }
    }

    /// Notes whom the role's trust policy names.
    pub(super) fn index_trust(&mut self, role: &IamRole) {
        self.unindex_trust(&role.id);
        let named = trust::named(role.trust.text(), self);
        for entity in &named {
            self.trusted_by.entry(entity.clone()).or_default().insert(role.id.clone());
        }
        if !named.is_empty() {
            self.trusts.insert(role.id.clone(), named);
        }
    }

    fn unindex_trust(&mut self, role_id: &str) {
        for entity in self.trusts.remove(role_id).unwrap_or_default() {
            unlink(&mut self.trusted_by, &entity, &role_id.to_owned());
        }
    }

    /// What the indexes must be: every answer, found by walking over the entities.
    #[cfg(test)]
    pub(crate) fn check_indexes(&self) {
        let mut attached: BTreeMap<String, BTreeSet<Entity>> = BTreeMap::new();
        let users = self.users.values().map(|user| (Entity::User(user.id.clone()), &user.attached));
        let groups = self.groups.values().map(|group| (Entity::Group(group.id.clone()), &group.attached));
        let roles = self.roles.values().map(|role| (Entity::Role(role.id.clone()), &role.attached));
        for (entity, arns) in users.chain(groups).chain(roles) {
            for arn in arns {
                attached.entry(arn.clone()).or_default().insert(entity.clone());
            }
        }
        let kept: BTreeMap<String, BTreeSet<Entity>> =
            self.attached_to.iter().map(|(arn, of)| (arn.clone(), of.iter().cloned().collect())).collect();
        assert_eq!(kept, attached, "attached_to");
        let mut trusted: BTreeMap<Entity, BTreeSet<String>> = BTreeMap::new();
        for role in self.roles.values() {
            for entity in trust::named(role.trust.text(), self) {
                trusted.entry(entity).or_default().insert(role.id.clone());
            }
        }
        let kept: BTreeMap<Entity, BTreeSet<String>> =
            self.trusted_by.iter().map(|(of, roles)| (of.clone(), roles.iter().cloned().collect())).collect();
        assert_eq!(kept, trusted, "trusted_by");
        assert_eq!(self.arns.len(), self.users.len() + self.roles.len(), "arns");
        assert_eq!(self.grants.len(), self.users.len() + self.roles.len(), "grants");
    }
}

fn unlink<K: Hash + Eq + Clone, V: Ord + Clone>(index: &mut HashMap<K, OrdSet<V>>, key: &K, value: &V) {
    if let Some(values) = index.get_mut(key) {
        values.remove(value);
        if values.is_empty() {
            index.remove(key);
        }
    }
}
