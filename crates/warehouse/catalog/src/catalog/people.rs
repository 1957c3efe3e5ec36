//! Look-ups of users, groups, roles and identity providers.

use std::sync::Arc;

use base::id::{DbGroupId, DbIdentityProviderId, DbRoleId, DbUserId};
use imbl::OrdMap;

use super::{Catalog, ProviderKey};
use crate::model::{DbGroup, DbIdentityProvider, DbRole, DbUser, PrincipalName};

/// Users and groups.
impl Catalog {
    #[must_use]
    pub fn user(&self, id: DbUserId) -> Option<&DbUser> {
        self.users.get(&id).map(Arc::as_ref)
    }

    /// By the name that clients use: `bob`, or `namespace:local_name`.
    #[must_use]
    pub fn user_by_name(&self, name: &str) -> Option<&DbUser> {
        let id = match self.split_namespace(name) {
            Some((provider, local)) => self.federated_users.get(&(provider, local.to_owned())),
            None => self.local_users.get(name),
        };
        id.and_then(|id| self.user(*id))
    }

    #[must_use]
    pub fn federated_user(&self, provider: DbIdentityProviderId, local_name: &str) -> Option<&DbUser> {
        self.federated_users.get(&(provider, local_name.to_owned())).and_then(|id| self.user(*id))
    }

    /// By the id at the identity provider.
    #[must_use]
    pub fn external_user(&self, provider: DbIdentityProviderId, external_id: &str) -> Option<&DbUser> {
        self.external_users.get(&(provider, external_id.to_owned())).and_then(|id| self.user(*id))
    }

    pub fn users(&self) -> impl Iterator<Item = &DbUser> {
        self.users.values().map(Arc::as_ref)
    }

    /// The name that clients use; `unknown` for an id that isn't there.
    #[must_use]
    pub fn user_name(&self, id: DbUserId) -> String {
        self.user(id).map_or_else(|| "unknown".to_owned(), |user| self.display(&user.name))
    }

    #[must_use]
    pub fn group(&self, id: DbGroupId) -> Option<&DbGroup> {
        self.groups.get(&id).map(Arc::as_ref)
    }

    #[must_use]
    pub fn group_by_name(&self, name: &str) -> Option<&DbGroup> {
        self.group_names.get(name).and_then(|id| self.group(*id))
    }

    pub fn groups(&self) -> impl Iterator<Item = &DbGroup> {
        self.groups.values().map(Arc::as_ref)
    }

    /// The users in a group.
    pub fn members(&self, group: DbGroupId) -> impl Iterator<Item = DbUserId> {
        self.members.get(&group).into_iter().flatten().copied()
    }

    /// The groups that a user is in (not those of a session only).
    pub fn groups_of(&self, user: DbUserId) -> impl Iterator<Item = DbGroupId> {
        self.user_groups.get(&user).into_iter().flatten().copied()
    }

    /// `namespace:local_name`, or the name itself.
    #[must_use]
    pub fn display(&self, name: &PrincipalName) -> String {
        match name {
            PrincipalName::Local(name) => name.clone(),
            PrincipalName::Federated { provider, local_name } => {
                let namespace = self.provider(*provider).map_or("unknown", |provider| &provider.namespace);
                format!("{namespace}:{local_name}")
            }
        }
    }

    fn split_namespace<'n>(&self, name: &'n str) -> Option<(DbIdentityProviderId, &'n str)> {
        let (namespace, local) = name.split_once(':')?;
        self.namespaces.get(namespace).map(|provider| (*provider, local))
    }
}

/// Roles and identity providers.
impl Catalog {
    #[must_use]
    pub fn role(&self, id: DbRoleId) -> Option<&DbRole> {
        self.roles.get(&id).map(Arc::as_ref)
    }

    /// By its name to the letter.
    #[must_use]
    pub fn role_by_name(&self, name: &str) -> Option<&DbRole> {
        match self.split_namespace(name) {
            Some((provider, local)) => self.federated_role(provider, local),
            None => self.local_roles.get(name).and_then(|id| self.role(*id)),
        }
    }

    /// By its name in a statement, where SQL has folded it to lower case: to the letter, else the only role of the identity
    /// provider that has this name in lower case (one that AUTO_CREATE_ROLES made for the group `Sales`).
    #[must_use]
    pub fn role_by_sql_name(&self, name: &str) -> Option<&DbRole> {
        self.role_by_name(name).or_else(|| {
            let (provider, local) = self.split_namespace(name)?;
            self.nearest_role(provider, local)
        })
    }

    /// The role of a provider's group, to the letter.
    #[must_use]
    pub fn federated_role(&self, provider: DbIdentityProviderId, group: &str) -> Option<&DbRole> {
        self.federated_roles.get(&(provider, group.to_owned())).and_then(|id| self.role(*id))
    }

    /// The only role of a provider whose name differs from `group` by case at most.
    #[must_use]
    pub fn nearest_role(&self, provider: DbIdentityProviderId, group: &str) -> Option<&DbRole> {
        let near = self.folded_roles.get(&(provider, group.to_lowercase()))?;
        if near.len() == 1 { near.get_min().and_then(|id| self.role(*id)) } else { None }
    }

    pub fn roles(&self) -> impl Iterator<Item = &DbRole> {
        self.roles.values().map(Arc::as_ref)
    }

    /// `unknown` for an id that isn't there.
    #[must_use]
    pub fn role_name(&self, id: DbRoleId) -> String {
        self.role(id).map_or_else(|| "unknown".to_owned(), |role| self.display(&role.name))
    }

    /// The roles granted to a user, each with ADMIN OPTION or not. Those of a federated session aren't among them.
    pub fn roles_of_user(&self, user: DbUserId) -> impl Iterator<Item = (DbRoleId, bool)> {
        self.user_roles.get(&user).into_iter().flatten().map(|(role, admin)| (*role, *admin))
    }

    /// Whether the user holds the role, and then whether WITH ADMIN OPTION.
    #[must_use]
    pub fn role_grant(&self, role: DbRoleId, user: DbUserId) -> Option<bool> {
        self.user_roles.get(&user).and_then(|roles| roles.get(&role)).copied()
    }

    /// The users that a role is granted to.
    pub fn users_of_role(&self, role: DbRoleId) -> impl Iterator<Item = DbUserId> {
        self.role_users.get(&role).into_iter().flatten().copied()
    }

    /// The roles that a role holds directly.
    pub fn roles_of_role(&self, role: DbRoleId) -> impl Iterator<Item = DbRoleId> {
        self.role_roles.get(&role).into_iter().flatten().copied()
    }

    /// The roles that hold a role directly.
    pub fn holders_of_role(&self, role: DbRoleId) -> impl Iterator<Item = DbRoleId> {
        self.role_holders.get(&role).into_iter().flatten().copied()
    }

    #[must_use]
    pub fn provider(&self, id: DbIdentityProviderId) -> Option<&DbIdentityProvider> {
        self.providers.get(&id).map(Arc::as_ref)
    }

    #[must_use]
    pub fn provider_by_name(&self, name: &str) -> Option<&DbIdentityProvider> {
        self.provider_names.get(name).and_then(|id| self.provider(*id))
    }

    #[must_use]
    pub fn provider_by_namespace(&self, namespace: &str) -> Option<&DbIdentityProvider> {
        self.namespaces.get(namespace).and_then(|id| self.provider(*id))
    }

    pub fn providers(&self) -> impl Iterator<Item = &DbIdentityProvider> {
        self.providers.values().map(Arc::as_ref)
    }

    /// The users that came through a provider.
    pub fn users_of_provider(&self, provider: DbIdentityProviderId) -> impl Iterator<Item = DbUserId> {
        of_provider(&self.federated_users, provider)
    }

    /// The roles that stand for a provider's groups.
    pub fn roles_of_provider(&self, provider: DbIdentityProviderId) -> impl Iterator<Item = DbRoleId> {
        of_provider(&self.federated_roles, provider)
    }
}

fn of_provider<T: Copy>(index: &OrdMap<ProviderKey, T>, provider: DbIdentityProviderId) -> impl Iterator<Item = T> {
    index.range((provider, String::new())..).take_while(move |((of, _), _)| *of == provider).map(|(_, id)| *id)
}
