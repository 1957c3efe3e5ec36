//! CREATE, ALTER and DROP GROUP (sql.md 2.2).

use base::id::DbGroupId;
use sql::statement::GroupChange;

use super::{Planner, privileged, user};
use crate::error::{CatalogError, CatalogState};
use crate::model::{DbGroup, GranteeId};
use crate::op::CatalogOp;

pub(super) fn create(p: &mut Planner<'_>, name: &str, users: &[String]) -> Result<(), CatalogError> {
    check_name(name)?;
    let id = DbGroupId(p.id()?);
    p.push(CatalogOp::PutGroup(DbGroup { id, name: name.to_owned() }))?;
    add(p, id, users)
}

pub(super) fn alter(p: &mut Planner<'_>, name: &str, change: &GroupChange) -> Result<(), CatalogError> {
    let group = find(p, name)?;
    match change {
        GroupChange::AddUsers(users) => add(p, group.id, users),
        GroupChange::DropUsers(users) => {
            for name in users {
                let user = p.user(name)?.id;
                if p.catalog.groups_of(user).all(|of| of != group.id) {
                    return Err(CatalogError::new(
                        CatalogState::UndefinedObject,
                        format!("user \"{name}\" is not in group \"{}\"", group.name),
                    ));
                }
                p.push(CatalogOp::RemoveMember { group: group.id, user })?;
            }
            Ok(())
        }
        GroupChange::RenameTo(to) => {
            check_name(to)?;
            p.push(CatalogOp::PutGroup(DbGroup { name: to.clone(), ..group }))
        }
    }
}

pub(super) fn drop(p: &mut Planner<'_>, name: &str) -> Result<(), CatalogError> {
    let group = find(p, name)?.id;
    privileged::holds_nothing(&p.catalog, "group", name, GranteeId::Group(group))?;
    let members: Vec<_> = p.catalog.members(group).collect();
    for user in members {
        p.push(CatalogOp::RemoveMember { group, user })?;
    }
    p.push(CatalogOp::RemoveGroup(group))
}

fn find(p: &Planner<'_>, name: &str) -> Result<DbGroup, CatalogError> {
    p.catalog.group_by_name(name).cloned().ok_or_else(|| CatalogError::undefined("group", name))
}

fn add(p: &mut Planner<'_>, group: DbGroupId, users: &[String]) -> Result<(), CatalogError> {
    for name in users {
        let user = p.user(name)?.id;
        if p.catalog.groups_of(user).all(|of| of != group) {
            p.push(CatalogOp::AddMember { group, user })?;
        }
    }
    Ok(())
}

fn check_name(name: &str) -> Result<(), CatalogError> {
    if name.starts_with("__") {
        return Err(CatalogError::new(CatalogState::ReservedName, format!("group name \"{name}\" is reserved"))
            .detail("Names that begin with two underscores are the warehouse's own."));
    }
    user::check_local_name(name)
}
