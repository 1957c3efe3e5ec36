//! IAM roles of a warehouse, by ARN. What one may do is asked of IAM when it is needed.

use std::collections::BTreeSet;

use crate::ControlError;
use crate::check::must;

/// Roles of one warehouse (Redshift "Quotas and limits").
const ROLES_MAX: usize = 50;

/// `arn:aws:iam::ACCOUNT:role/PATH/NAME` of this account.
pub(crate) fn check_one(parameter: &'static str, arn: &str, account: &str) -> Result<(), ControlError> {
    let role = arn.strip_prefix("arn:aws:iam::").and_then(|rest| rest.strip_prefix(account));
    let right = role.and_then(|rest| rest.strip_prefix(":role/")).is_some_and(is_role_path);
    must(right, parameter, "it must be arn:aws:iam::ACCOUNT:role/NAME with the account of this server")
}

/// Each is a role of this account, none twice, at most 50.
pub(crate) fn check(parameter: &'static str, roles: &[String], account: &str) -> Result<(), ControlError> {
    for role in roles {
        check_one(parameter, role, account)?;
    }
    let different: BTreeSet<_> = roles.iter().collect();
    must(different.len() == roles.len(), parameter, "each role is given once")?;
    must(roles.len() <= ROLES_MAX, parameter, "a warehouse has at most 50 roles")
}

/// The default is one of the roles.
pub(crate) fn check_default(
    parameter: &'static str,
    default: Option<&str>,
    roles: &[String],
) -> Result<(), ControlError> {
    let right = default.is_none_or(|default| roles.iter().any(|role| role == default));
    must(right, parameter, "the default role must be one of the warehouse's IAM roles; add it to them")
}

/// ModifyClusterIamRoles: what is there, with `add` and without `remove`. Adding what is there already changes nothing.
pub(crate) fn edited(present: &[String], add: &[String], remove: &[String]) -> Result<Vec<String>, ControlError> {
    let absent = remove.iter().any(|role| !present.contains(role));
    must(!absent, "RemoveIamRoles", "each of them must be a role of the cluster")?;
    must(!add.iter().any(|role| remove.contains(role)), "AddIamRoles", "a role can't be added and removed at once")?;
    let kept = present.iter().filter(|role| !remove.contains(role));
    let added = add.iter().filter(|role| !present.contains(role));
    let roles: Vec<String> = kept.chain(added).cloned().collect();
    must(roles.len() <= ROLES_MAX, "AddIamRoles", "a warehouse has at most 50 roles")?;
    Ok(roles)
}

/// The path and name of a role (IAM "Quotas, name requirements and character limits").
fn is_role_path(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or_default();
    let legal = |c: char| c.is_ascii_alphanumeric() || "_+=,.@-".contains(c);
    (1..=64).contains(&name.len()) && path.len() <= 512 && path.chars().all(|c| legal(c) || c == '/')
}
