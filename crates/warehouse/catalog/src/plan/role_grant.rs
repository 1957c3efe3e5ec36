//! GRANT ROLE and REVOKE ROLE (sql.md 2.3).

use sql::statement::RoleGrantee;

use super::{Planner, role};
use crate::error::{CatalogError, CatalogState};
use crate::op::CatalogOp;

pub(super) fn grant(p: &mut Planner<'_>, roles: &[String], to: &[RoleGrantee]) -> Result<(), CatalogError> {
    for name in roles {
        let granted = role::find(p, name)?.id;
        for grantee in to {
            match grantee {
                RoleGrantee::User { name, admin_option } => {
                    let user = p.user(name)?.id;
                    // A second GRANT without ADMIN OPTION doesn't take it away.
                    let admin_option = *admin_option || p.catalog.role_grant(granted, user).unwrap_or(false);
                    p.push(CatalogOp::GrantRoleToUser { role: granted, user, admin_option })?;
                }
                RoleGrantee::Role(name) => {
                    let to = role::find(p, name)?.id;
                    p.push(CatalogOp::GrantRoleToRole { role: granted, to })?;
                }
            }
        }
    }
    Ok(())
}

/// As in Redshift, revoking what isn't granted is an error for nobody.
pub(super) fn revoke(
    p: &mut Planner<'_>,
    admin_option_only: bool,
    roles: &[String],
    from: &[RoleGrantee],
) -> Result<(), CatalogError> {
    for name in roles {
        let revoked = role::find(p, name)?.id;
        for grantee in from {
            match grantee {
                RoleGrantee::User { name, admin_option: _ } => {
                    let user = p.user(name)?.id;
                    if p.catalog.role_grant(revoked, user).is_none() {
                        continue;
                    }
                    p.push(if admin_option_only {
                        CatalogOp::GrantRoleToUser { role: revoked, user, admin_option: false }
                    } else {
                        CatalogOp::RevokeRoleFromUser { role: revoked, user }
                    })?;
                }
                RoleGrantee::Role(_) if admin_option_only => {
                    return Err(CatalogError::new(
                        CatalogState::InvalidGrant,
                        "ADMIN OPTION can be revoked from users only: a role can't hold it",
                    ));
                }
                RoleGrantee::Role(name) => {
                    let from = role::find(p, name)?.id;
                    if p.catalog.roles_of_role(from).any(|held| held == revoked) {
                        p.push(CatalogOp::RevokeRoleFromRole { role: revoked, from })?;
                    }
                }
            }
        }
    }
    Ok(())
}
