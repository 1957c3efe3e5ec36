//! What a session holds: its user, that user's groups and roles, and the roles of the person's directory groups.

use std::collections::{BTreeMap, BTreeSet};

use base::id::{DbGroupId, DbRoleId, DbUserId};
use catalog::{Catalog, GranteeId, SessionRole, UnmappedGroup, Viewer};

/// What a session has beside what the catalog says about its user. Empty for a password login.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SessionPrincipals {
    /// Who proved who they are; `None`: the user itself. Another one after SET SESSION AUTHORIZATION, and then `roles`,
    /// `tagged_roles` and `groups` must be empty: they are the authenticated person's.
    pub authenticated: Option<DbUserId>,
    /// From [`catalog::plan_login`].
    pub roles: Vec<SessionRole>,
    /// Roles of temporary credentials (principal tag `RedshiftDbRoles`).
    pub tagged_roles: Vec<DbRoleId>,
    /// Groups of temporary credentials (`DbGroups`).
    pub groups: Vec<DbGroupId>,
    /// Directory groups that no role stands for.
    pub unmapped: Vec<UnmappedGroup>,
}

/// Why somebody holds a role.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum RoleSource {
    /// The session's directory group.
    DirectoryGroup(String),
    /// The tag of the IAM principal who got the session's credentials.
    PrincipalTag,
    /// GRANT ROLE … TO the user.
    Granted,
    /// Another role that they hold holds it.
    ViaRole(DbRoleId),
}

/// Everybody whose privileges the session has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EffectivePrincipals {
    pub user: DbUserId,
    pub superuser: bool,
    pub authenticated: DbUserId,
    pub authenticated_superuser: bool,
    /// Every role, directly or through others, each with all its sources.
    pub roles: BTreeMap<DbRoleId, BTreeSet<RoleSource>>,
    pub groups: BTreeSet<DbGroupId>,
    pub unmapped: Vec<UnmappedGroup>,
}

impl EffectivePrincipals {
    /// PUBLIC, the user, the groups, the roles.
    pub fn grantees(&self) -> impl Iterator<Item = GranteeId> {
        [GranteeId::Public, GranteeId::User(self.user)]
            .into_iter()
            .chain(self.groups.iter().copied().map(GranteeId::Group))
            .chain(self.roles.keys().copied().map(GranteeId::Role))
    }

    /// For the system views.
    #[must_use]
    pub fn viewer(&self) -> Viewer {
        Viewer {
            user: self.user,
            superuser: self.superuser,
            roles: self.roles.keys().copied().collect(),
            groups: self.groups.clone(),
        }
    }
}

/// The principals of a session of `user`. `None` where the user (or the authenticated one) isn't there any more: such a
/// session may do nothing. Roles and groups that have been dropped since the login are left out.
#[must_use]
pub fn effective_principals(
    catalog: &Catalog,
    user: DbUserId,
    session: &SessionPrincipals,
) -> Option<EffectivePrincipals> {
    let db_user = catalog.user(user)?;
    let authenticated = session.authenticated.unwrap_or(user);
    let authenticated_superuser = catalog.user(authenticated)?.superuser;
    let mut roles: BTreeMap<DbRoleId, BTreeSet<RoleSource>> = BTreeMap::new();
    for held in session.roles.iter().filter(|held| catalog.role(held.role).is_some()) {
        roles.entry(held.role).or_default().insert(RoleSource::DirectoryGroup(held.group.clone()));
    }
    for role in session.tagged_roles.iter().filter(|role| catalog.role(**role).is_some()) {
        roles.entry(*role).or_default().insert(RoleSource::PrincipalTag);
    }
    for (role, _) in catalog.roles_of_user(user) {
        roles.entry(role).or_default().insert(RoleSource::Granted);
    }
    let mut waiting: Vec<DbRoleId> = roles.keys().copied().collect();
    let mut seen = BTreeSet::new();
    while let Some(holder) = waiting.pop() {
        if !seen.insert(holder) {
            continue;
        }
        for role in catalog.roles_of_role(holder) {
            roles.entry(role).or_default().insert(RoleSource::ViaRole(holder));
            waiting.push(role);
        }
    }
    let session_groups = session.groups.iter().copied().filter(|group| catalog.group(*group).is_some());
    Some(EffectivePrincipals {
        user,
        superuser: db_user.superuser,
        authenticated,
        authenticated_superuser,
        roles,
        groups: catalog.groups_of(user).chain(session_groups).collect(),
        unmapped: session.unmapped.clone(),
    })
}

#[cfg(test)]
mod tests;
