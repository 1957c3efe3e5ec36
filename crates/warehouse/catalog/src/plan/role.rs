//! CREATE, ALTER and DROP ROLE (sql.md 2.3).

use base::id::DbRoleId;
use sql::statement::RoleChange;

use super::{Planner, list, user};
use crate::error::{CatalogError, CatalogState};
use crate::model::{DbRole, GranteeId, PrincipalName};
use crate::op::CatalogOp;

pub(super) fn create(
    p: &mut Planner<'_>,
    name: &str,
    if_not_exists: bool,
    external_id: Option<&str>,
) -> Result<(), CatalogError> {
    let role_name = user::principal_name(&p.catalog, name)?;
    match &role_name {
        PrincipalName::Local(name) => {
            check_name(name)?;
            if external_id.is_some() {
                return Err(not_federated(name));
            }
        }
        PrincipalName::Federated { .. } => {}
    }
    if p.catalog.role_by_name(name).is_some() {
        if if_not_exists {
            p.info(format!("role \"{name}\" already exists, skipping"));
            return Ok(());
        }
        return Err(CatalogError::duplicate("role", name));
    }
    if p.catalog.user_by_name(name).is_some() {
        return Err(CatalogError::new(
            CatalogState::DuplicateObject,
            format!("role \"{name}\" can't have the name of a user"),
        ));
    }
    let id = DbRoleId(p.id()?);
    p.push(CatalogOp::PutRole(DbRole {
        id,
        name: role_name,
        owner: p.context.user,
        external_id: external_id.map(ToOwned::to_owned),
    }))
}

pub(super) fn alter(p: &mut Planner<'_>, name: &str, change: &RoleChange) -> Result<(), CatalogError> {
    let mut role = find(p, name)?;
    match change {
        RoleChange::RenameTo(to) => {
            let new_name = user::principal_name(&p.catalog, to)?;
            match (&role.name, &new_name) {
                (PrincipalName::Local(_), PrincipalName::Local(to)) => check_name(to)?,
                (PrincipalName::Federated { .. }, PrincipalName::Federated { .. }) => {}
                (PrincipalName::Local(_), PrincipalName::Federated { .. })
                | (PrincipalName::Federated { .. }, PrincipalName::Local(_)) => {
                    return Err(CatalogError::unsupported("renaming a role into or out of a namespace")
                        .hint("Create a new role and grant it what the old one has."));
                }
            }
            if p.catalog.user_by_name(to).is_some() {
                return Err(CatalogError::duplicate("user", to));
            }
            role.name = new_name;
        }
        RoleChange::OwnerTo(owner) => role.owner = p.user(owner)?.id,
        RoleChange::ExternalId(external_id) => match &role.name {
            PrincipalName::Federated { .. } => role.external_id = Some(external_id.clone()),
            PrincipalName::Local(name) => return Err(not_federated(name)),
        },
    }
    p.push(CatalogOp::PutRole(role))
}

pub(super) fn drop(p: &mut Planner<'_>, name: &str, if_exists: bool, force: bool) -> Result<(), CatalogError> {
    if if_exists && p.catalog.role_by_sql_name(name).is_none() {
        p.info(format!("role \"{name}\" does not exist, skipping"));
        return Ok(());
    }
    let role = find(p, name)?.id;
    if !force {
        restrict(p, role)?;
    }
    remove(p, role)
}

fn restrict(p: &Planner<'_>, role: DbRoleId) -> Result<(), CatalogError> {
    let refuse = |message: &str, detail: String| {
        CatalogError::new(CatalogState::DependentObjects, message)
            .detail(detail)
            .hint("Revoke these grants first, or use DROP ROLE … FORCE to remove them with the role.")
    };
    let catalog = &p.catalog;
    let name = catalog.role_name(role);
    let users: Vec<String> =
        catalog.users_of_role(role).map(|user| format!("\"{}\"", catalog.user_name(user))).collect();
    if !users.is_empty() {
        return Err(refuse(
            "cannot drop this role since it has been granted on a user",
            format!("Role \"{name}\" is granted to: {}.", list(users)),
        ));
    }
    let held = catalog.roles_of_role(role).map(|other| format!("it holds role \"{}\"", catalog.role_name(other)));
    let holders = catalog.holders_of_role(role).map(|other| format!("role \"{}\" holds it", catalog.role_name(other)));
    let related: Vec<String> = held.chain(holders).collect();
    if related.is_empty() {
        return Ok(());
    }
    Err(refuse(
        "cannot drop this role since it depends on another role",
        format!("About role \"{name}\": {}.", list(related)),
    ))
}

/// Memberships and privileges go with the role.
pub(super) fn remove(p: &mut Planner<'_>, role: DbRoleId) -> Result<(), CatalogError> {
    let users: Vec<_> = p.catalog.users_of_role(role).collect();
    for user in users {
        p.push(CatalogOp::RevokeRoleFromUser { role, user })?;
    }
    let held: Vec<_> = p.catalog.roles_of_role(role).collect();
    for other in held {
        p.push(CatalogOp::RevokeRoleFromRole { role: other, from: role })?;
    }
    let holders: Vec<_> = p.catalog.holders_of_role(role).collect();
    for from in holders {
        p.push(CatalogOp::RevokeRoleFromRole { role, from })?;
    }
    let grantee = GranteeId::Role(role);
    let objects: Vec<_> = p.catalog.objects_of(grantee).collect();
    for object in objects {
        p.push(CatalogOp::SetGrants { object, grantee, grants: Vec::new() })?;
    }
    p.push(CatalogOp::RemoveRole(role))
}

pub(super) fn find(p: &Planner<'_>, name: &str) -> Result<DbRole, CatalogError> {
    crate::resolve::role(&p.catalog, name).cloned()
}

fn check_name(name: &str) -> Result<(), CatalogError> {
    user::check_local_name(name)?;
    match name.chars().find(|c| ['/', '\\', '.'].contains(c) || c.is_control()) {
        None => Ok(()),
        Some(c) => Err(CatalogError::new(
            CatalogState::InvalidName,
            format!("role name \"{name}\" contains the character {c:?}, which is not allowed"),
        )),
    }
}

fn not_federated(name: &str) -> CatalogError {
    CatalogError::new(
        CatalogState::InvalidParameter,
        format!("EXTERNALID needs a role of an identity provider; \"{name}\" has no namespace"),
    )
}
