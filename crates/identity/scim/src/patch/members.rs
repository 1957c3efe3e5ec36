//! Operations on a group's members: they say who joins and who leaves, so that no list is read and written back.

use base::id::DirectoryUserId;
use directory::MemberEdit;
use serde_json::Value;

use super::{Op, Operation, PatchPath};
use crate::error::ScimError;
use crate::filter::{Filter, Literal, Operator};
use crate::group;

/// One operation on the members.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MemberOperation {
    Add(Vec<DirectoryUserId>),
    /// Exactly these.
    Remove(Vec<DirectoryUserId>),
    RemoveAll,
    Replace(Vec<DirectoryUserId>),
}

/// Takes the operations on `members` out of the others; the order among each is kept.
///
/// # Errors
/// `invalidPath` for a selection other than by `value eq`, `mutability` for changing a part of a member, `invalidValue`.
pub fn split_members(operations: Vec<Operation>) -> Result<(Vec<Operation>, Vec<MemberOperation>), ScimError> {
    let mut others = Vec::new();
    let mut members = Vec::new();
    for operation in operations {
        if operation.is_about_members() {
            members.push(member_operation(operation)?);
        } else {
            others.push(operation);
        }
    }
    Ok((others, members))
}

fn member_operation(operation: Operation) -> Result<MemberOperation, ScimError> {
    let Operation { op, path, value } = operation;
    match path {
        PatchPath::Attribute(path) if path.sub.is_some() => Err(part_is_fixed()),
        PatchPath::Attribute(_) => match (op, value) {
            (Op::Add, None) => Ok(MemberOperation::Add(Vec::new())),
            (Op::Add, Some(value)) => group::member_ids(value).map(MemberOperation::Add),
            (Op::Replace, None) => Ok(MemberOperation::Replace(Vec::new())),
            (Op::Replace, Some(value)) => group::member_ids(value).map(MemberOperation::Replace),
            (Op::Remove, None) => Ok(MemberOperation::RemoveAll),
            // JumpCloud, Entra and ssosync list whom to remove: never everybody
            (Op::Remove, Some(value)) => group::member_ids(value).map(MemberOperation::Remove),
        },
        PatchPath::Entries { part: Some(_), .. } => Err(part_is_fixed()),
        PatchPath::Entries { filter, part: None, .. } => {
            let mut selected = Vec::new();
            by_value(&filter, &mut selected)?;
            match op {
                Op::Remove => Ok(MemberOperation::Remove(restricted(selected, value)?)),
                Op::Add | Op::Replace => Err(part_is_fixed()),
            }
        }
    }
}

/// `members[value eq "a"]` with a value list besides: whoever both name.
fn restricted(selected: Vec<DirectoryUserId>, value: Option<Value>) -> Result<Vec<DirectoryUserId>, ScimError> {
    let Some(value) = value else { return Ok(selected) };
    let listed = group::member_ids(value)?;
    Ok(selected.into_iter().filter(|id| listed.contains(id)).collect())
}

fn part_is_fixed() -> ScimError {
    ScimError::Mutability("The parts of a member can't be changed: remove the member and add another.".to_owned())
}

fn by_value(filter: &Filter, selected: &mut Vec<DirectoryUserId>) -> Result<(), ScimError> {
    match filter {
        Filter::Compare { path, operator: Operator::Eq, value: Literal::Text(id) } if path.name == "value" => {
            selected.push(DirectoryUserId::new(id.clone()));
            Ok(())
        }
        Filter::Or(parts) => parts.iter().try_for_each(|part| by_value(part, selected)),
        Filter::Present(_) | Filter::Compare { .. } | Filter::And(_) | Filter::Not(_) | Filter::Entry { .. } => {
            Err(ScimError::InvalidPath(
                "Members can only be selected by their ids: members[value eq \"…\"], joined by or.".to_owned(),
            ))
        }
    }
}

/// What the operations come to, in order.
#[must_use]
pub fn member_edit(operations: Vec<MemberOperation>) -> MemberEdit {
    let mut edit = MemberEdit::default();
    for operation in operations {
        match operation {
            MemberOperation::Add(ids) => edit.add(ids),
            MemberOperation::Remove(ids) => edit.remove(ids),
            MemberOperation::RemoveAll => edit.clear(),
            MemberOperation::Replace(ids) => {
                edit.clear();
                edit.add(ids);
            }
        }
    }
    edit
}
