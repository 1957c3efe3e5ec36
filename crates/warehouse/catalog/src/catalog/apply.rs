//! Operations on the maps and their indexes. `integrity` decides first whether an operation may be done.

use std::sync::Arc;

use base::id::{DbRoleId, DbUserId};
use imbl::{OrdMap, OrdSet};

use super::{Catalog, ProviderKey, integrity};
use crate::error::CatalogError;
use crate::model::{
    DbGroup, DbIdentityProvider, DbRole, DbUser, Grant, GranteeId, ObjectId, Owned, PrincipalName, Relation, Schema,
};
use crate::op::CatalogOp;

impl Catalog {
    /// The catalog after one operation.
    ///
    /// # Errors
    /// The name is taken, something it names isn't there, something still refers to what it removes, or roles would hold
    /// each other.
    pub fn apply(&self, op: &CatalogOp) -> Result<Self, CatalogError> {
        let mut next = self.clone();
        next.apply_mut(op)?;
        Ok(next)
    }

    /// The catalog after all operations, in order. Nothing is changed where one is refused.
    ///
    /// # Errors
    /// As [`Self::apply`].
    pub fn apply_all(&self, ops: &[CatalogOp]) -> Result<Self, CatalogError> {
        let mut next = self.clone();
        for op in ops {
            next.apply_mut(op)?;
        }
        Ok(next)
    }

    pub(crate) fn apply_mut(&mut self, op: &CatalogOp) -> Result<(), CatalogError> {
        integrity::check(self, op)?;
        match op {
            CatalogOp::PutDatabase(database) => {
                remove_link(&mut self.owned, &self.database.owner, &Owned::Database);
                link(&mut self.owned, database.owner, Owned::Database);
                self.database = Arc::new(database.clone());
            }
            CatalogOp::PutUser(user) => self.put_user(user),
            CatalogOp::RemoveUser(id) => self.remove_user(*id),
            CatalogOp::PutGroup(group) => self.put_group(group),
            CatalogOp::RemoveGroup(id) => {
                if let Some(group) = self.groups.remove(id) {
                    self.group_names.remove(&group.name);
                }
            }
            CatalogOp::AddMember { group, user } => {
                link(&mut self.members, *group, *user);
                link(&mut self.user_groups, *user, *group);
            }
            CatalogOp::RemoveMember { group, user } => {
                remove_link(&mut self.members, group, user);
                remove_link(&mut self.user_groups, user, group);
            }
            CatalogOp::PutRole(role) => self.put_role(role),
            CatalogOp::RemoveRole(id) => self.remove_role(*id),
            CatalogOp::GrantRoleToUser { role, user, admin_option } => {
                let mut roles = self.user_roles.get(user).cloned().unwrap_or_default();
                roles.insert(*role, *admin_option);
                self.user_roles.insert(*user, roles);
                link(&mut self.role_users, *role, *user);
            }
            CatalogOp::RevokeRoleFromUser { role, user } => self.revoke_role(*role, *user),
            CatalogOp::GrantRoleToRole { role, to } => {
                link(&mut self.role_roles, *to, *role);
                link(&mut self.role_holders, *role, *to);
            }
            CatalogOp::RevokeRoleFromRole { role, from } => {
                remove_link(&mut self.role_roles, from, role);
                remove_link(&mut self.role_holders, role, from);
            }
            CatalogOp::PutProvider(provider) => self.put_provider(provider),
            CatalogOp::RemoveProvider(id) => {
                if let Some(provider) = self.providers.remove(id) {
                    self.provider_names.remove(&provider.name);
                    self.namespaces.remove(&provider.namespace);
                }
            }
            CatalogOp::PutSchema(schema) => self.put_schema(schema),
            CatalogOp::RemoveSchema(id) => {
                if let Some(schema) = self.schemas.remove(id) {
                    self.schema_names.remove(&schema.name);
                    remove_link(&mut self.owned, &schema.owner, &Owned::Schema(*id));
                }
            }
            CatalogOp::PutRelation(relation) => self.put_relation(relation),
            CatalogOp::RemoveRelation(id) => {
                if let Some(relation) = self.relations.remove(id) {
                    self.relation_names.remove(&(relation.schema, relation.name.clone()));
                    remove_link(&mut self.owned, &relation.owner, &Owned::Relation(*id));
                }
            }
            CatalogOp::SetGrants { object, grantee, grants } => self.set_grants(*object, *grantee, grants),
        }
        Ok(())
    }

    fn used_id(&mut self, id: u32) {
        self.reserve_ids(id.saturating_add(1));
    }

    fn put_user(&mut self, user: &DbUser) {
        self.remove_user(user.id);
        self.used_id(user.id.0);
        match &user.name {
            PrincipalName::Local(name) => {
                self.local_users.insert(name.clone(), user.id);
            }
            PrincipalName::Federated { provider, local_name } => {
                self.federated_users.insert((*provider, local_name.clone()), user.id);
                if let Some(external) = &user.external_id {
                    self.external_users.insert((*provider, external.clone()), user.id);
                }
            }
        }
        self.users.insert(user.id, Arc::new(user.clone()));
    }

    fn remove_user(&mut self, id: DbUserId) {
        let Some(user) = self.users.remove(&id) else { return };
        match &user.name {
            PrincipalName::Local(name) => {
                self.local_users.remove(name);
            }
            PrincipalName::Federated { provider, local_name } => {
                self.federated_users.remove(&(*provider, local_name.clone()));
                if let Some(external) = &user.external_id {
                    self.external_users.remove(&(*provider, external.clone()));
                }
            }
        }
    }

    fn put_group(&mut self, group: &DbGroup) {
        if let Some(old) = self.groups.get(&group.id) {
            self.group_names.remove(&old.name);
        }
        self.used_id(group.id.0);
        self.group_names.insert(group.name.clone(), group.id);
        self.groups.insert(group.id, Arc::new(group.clone()));
    }

    fn put_role(&mut self, role: &DbRole) {
        self.remove_role(role.id);
        self.used_id(role.id.0);
        match &role.name {
            PrincipalName::Local(name) => {
                self.local_roles.insert(name.clone(), role.id);
            }
            PrincipalName::Federated { provider, local_name } => {
                self.federated_roles.insert((*provider, local_name.clone()), role.id);
                link::<ProviderKey, _>(&mut self.folded_roles, (*provider, local_name.to_lowercase()), role.id);
            }
        }
        link(&mut self.owned, role.owner, Owned::Role(role.id));
        self.roles.insert(role.id, Arc::new(role.clone()));
    }

    fn remove_role(&mut self, id: DbRoleId) {
        let Some(role) = self.roles.remove(&id) else { return };
        match &role.name {
            PrincipalName::Local(name) => {
                self.local_roles.remove(name);
            }
            PrincipalName::Federated { provider, local_name } => {
                self.federated_roles.remove(&(*provider, local_name.clone()));
                remove_link(&mut self.folded_roles, &(*provider, local_name.to_lowercase()), &id);
            }
        }
        remove_link(&mut self.owned, &role.owner, &Owned::Role(id));
    }

    fn revoke_role(&mut self, role: DbRoleId, user: DbUserId) {
        if let Some(mut roles) = self.user_roles.remove(&user) {
            roles.remove(&role);
            if !roles.is_empty() {
                self.user_roles.insert(user, roles);
            }
        }
        remove_link(&mut self.role_users, &role, &user);
    }

    fn put_provider(&mut self, provider: &DbIdentityProvider) {
        if let Some(old) = self.providers.remove(&provider.id) {
            self.provider_names.remove(&old.name);
            self.namespaces.remove(&old.namespace);
        }
        self.used_id(provider.id.0);
        self.provider_names.insert(provider.name.clone(), provider.id);
        self.namespaces.insert(provider.namespace.clone(), provider.id);
        self.providers.insert(provider.id, Arc::new(provider.clone()));
    }

    fn put_schema(&mut self, schema: &Schema) {
        if let Some(old) = self.schemas.remove(&schema.id) {
            self.schema_names.remove(&old.name);
            remove_link(&mut self.owned, &old.owner, &Owned::Schema(old.id));
        }
        self.used_id(schema.id.0);
        self.schema_names.insert(schema.name.clone(), schema.id);
        link(&mut self.owned, schema.owner, Owned::Schema(schema.id));
        self.schemas.insert(schema.id, Arc::new(schema.clone()));
    }

    fn put_relation(&mut self, relation: &Relation) {
        if let Some(old) = self.relations.remove(&relation.id) {
            self.relation_names.remove(&(old.schema, old.name.clone()));
            remove_link(&mut self.owned, &old.owner, &Owned::Relation(old.id));
        }
        self.used_id(relation.id.0);
        self.relation_names.insert((relation.schema, relation.name.clone()), relation.id);
        link(&mut self.owned, relation.owner, Owned::Relation(relation.id));
        self.relations.insert(relation.id, Arc::new(relation.clone()));
    }

    fn set_grants(&mut self, object: ObjectId, grantee: GranteeId, grants: &[Grant]) {
        let key = (object, grantee);
        if let Some(old) = self.grants.remove(&key) {
            remove_link(&mut self.objects_of, &grantee, &object);
            for grant in old.iter() {
                remove_link(&mut self.granted_by, &grant.grantor, &key);
            }
        }
        if !grants.is_empty() {
            link(&mut self.objects_of, grantee, object);
            for grant in grants {
                link(&mut self.granted_by, grant.grantor, key);
            }
            self.grants.insert(key, Arc::new(grants.to_vec()));
        }
    }
}

fn link<K: Ord + Clone, V: Ord + Clone>(index: &mut OrdMap<K, OrdSet<V>>, key: K, value: V) {
    let mut set = index.get(&key).cloned().unwrap_or_default();
    set.insert(value);
    index.insert(key, set);
}

/// An empty set isn't kept, so that equal catalogs compare equal.
fn remove_link<K: Ord + Clone, V: Ord + Clone>(index: &mut OrdMap<K, OrdSet<V>>, key: &K, value: &V) {
    if let Some(set) = index.get(key) {
        let mut set = set.clone();
        set.remove(value);
        if set.is_empty() {
            index.remove(key);
        } else {
            index.insert(key.clone(), set);
        }
    }
}
