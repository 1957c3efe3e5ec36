//! What a login with temporary credentials does to the catalog, and whose rights its session has (drivers.md 3.5, sql.md 1.4).

use base::id::{DbGroupId, DbRoleId, DbUserId};

use crate::catalog::{Catalog, SYSTEM_USER};
use crate::error::{CatalogError, CatalogState};
use crate::model::{DbUser, PrincipalName};
use crate::op::CatalogOp;
use crate::quote::ident;

/// Whose credentials were proven.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TemporaryLogin<'a> {
    /// The name in the catalog: `bob`, `IAM:alice`, `IAMR:Analysts`.
    pub user: &'a str,
    /// Whether the user is made where it isn't there.
    pub make: bool,
    /// Groups (DbGroups) that the session is in beside its user's own.
    pub groups: &'a [String],
    /// Roles (principal tag RedshiftDbRoles) that the session has beside its user's own.
    pub roles: &'a [String],
}

/// What such a login gives. Groups and roles live with the session and are never stored.
#[derive(Debug, Clone, PartialEq)]
pub struct TemporaryStanding {
    /// Makes the user. Empty where it is there.
    pub ops: Vec<CatalogOp>,
    pub user: DbUserId,
    pub groups: Vec<DbGroupId>,
    pub roles: Vec<DbRoleId>,
}

/// The login of somebody who proved temporary credentials. `first_id`: see [`crate::PlanContext::first_id`]. The user needs no password:
/// PASSWORD DISABLE and VALID UNTIL are about passwords.
///
/// # Errors
/// 28000: the user isn't there and isn't to be made, can't be anybody's, or would have a role's name; a group or a role isn't there.
pub fn plan_temporary_login(
    catalog: &Catalog,
    login: &TemporaryLogin<'_>,
    first_id: u32,
) -> Result<TemporaryStanding, CatalogError> {
    let mut ops = Vec::new();
    let user = match catalog.user_by_name(login.user) {
        Some(user) if user.id == SYSTEM_USER => {
            return Err(refuse(format!("user \"{}\" is the warehouse's own and can't sign in", login.user)));
        }
        Some(user) => user.id,
        None if login.make => {
            let user = newcomer(catalog, login.user, DbUserId(first_id.max(catalog.next_id())))?;
            let id = user.id;
            ops.push(CatalogOp::PutUser(Box::new(user)));
            id
        }
        None => return Err(no_user(catalog, login.user)),
    };
    let groups = login.groups.iter().map(|name| group(catalog, name)).collect::<Result<_, _>>()?;
    let roles = login.roles.iter().map(|name| role(catalog, name)).collect::<Result<_, _>>()?;
    Ok(TemporaryStanding { ops, user, groups, roles })
}

fn newcomer(catalog: &Catalog, name: &str, id: DbUserId) -> Result<DbUser, CatalogError> {
    if catalog.role_by_name(name).is_some() {
        return Err(refuse(format!("user \"{name}\" can't have the name of a role"))
            .hint("Ask for credentials of another user, or rename the role."));
    }
    crate::plan::user::check_local_name(name)?;
    Ok(DbUser {
        id,
        name: PrincipalName::Local(name.to_owned()),
        external_id: None,
        password: None,
        superuser: false,
        create_db: false,
        syslog_unrestricted: false,
        valid_until: None,
        connection_limit: None,
        session_timeout_seconds: None,
        settings: std::collections::BTreeMap::new(),
    })
}

fn no_user(catalog: &Catalog, name: &str) -> CatalogError {
    let error = refuse(format!("user \"{name}\" does not exist"));
    let near = catalog.user_by_name(&name.to_lowercase()).map(|user| catalog.display(&user.name));
    match near {
        Some(near) => error
            .detail(format!("There is a user \"{near}\": upper and lower case count in names of users."))
            .hint(format!("Call GetClusterCredentials with DbUser={near}.")),
        None => error.detail("GetClusterCredentials was called without AutoCreate, so the login doesn't make the user.").hint(
            format!(
                "Call it with AutoCreate=true (--auto-create), or let an administrator make the user: CREATE USER {} PASSWORD DISABLE;",
                ident(name)
            ),
        ),
    }
}

fn group(catalog: &Catalog, name: &str) -> Result<DbGroupId, CatalogError> {
    catalog.group_by_name(name).map(|group| group.id).ok_or_else(|| {
        refuse(format!("group \"{name}\" does not exist"))
            .detail("It is one of the DbGroups that the credentials were issued for.")
            .hint(format!("An administrator makes it: CREATE GROUP {};", ident(name)))
    })
}

fn role(catalog: &Catalog, name: &str) -> Result<DbRoleId, CatalogError> {
    catalog.role_by_name(name).map(|role| role.id).ok_or_else(|| {
        refuse(format!("role \"{name}\" does not exist"))
            .detail("It is one of the roles in the principal tag RedshiftDbRoles.")
            .hint(format!("An administrator makes it: CREATE ROLE {}; or takes it out of the tag.", ident(name)))
    })
}

fn refuse(message: String) -> CatalogError {
    CatalogError::new(CatalogState::InvalidAuthorization, message)
}

#[cfg(test)]
mod tests;
