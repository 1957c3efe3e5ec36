//! What a change does: pure plans of writes and announcements, or the reason why not.

use std::collections::BTreeSet;
use std::sync::Arc;

use base::id::{DirectoryGroupId, DirectoryUserId};
use time::OffsetDateTime;

use crate::edit::{GroupEdit, MemberEdit, PasswordEdit, UserEdit};
use crate::error::DirectoryError;
use crate::model::{DirectoryChange, DirectoryGroup, DirectoryUser, NewGroup, NewUser};
use crate::password::HashedPassword;
use crate::port::DirectoryWrite;
use crate::state::State;

/// Longest userName, in characters: Identity Center's own limit.
const LONGEST_USER_NAME: usize = 128;
/// Longest displayName of a group and longest externalId, in characters.
const LONGEST_NAME: usize = 1024;

/// Writes for one transaction, and what is announced when it is done. No writes: nothing changes.
#[derive(Debug, Default)]
pub(crate) struct Plan {
    pub(crate) writes: Vec<DirectoryWrite>,
    pub(crate) changes: Vec<DirectoryChange>,
}

pub(crate) fn plan_create_user(
    state: &State,
    id: DirectoryUserId,
    new: NewUser,
    password: Option<HashedPassword>,
    now: OffsetDateTime,
) -> Result<Plan, DirectoryError> {
    check_user(state, &id, &new)?;
    let user = with_id(id.clone(), new, 1, now, now);
    let mut writes = vec![DirectoryWrite::PutUser(Arc::new(user))];
    if let Some(HashedPassword(hash)) = password {
        writes.push(DirectoryWrite::PutPassword { user: id.clone(), hash });
    }
    Ok(Plan { writes, changes: vec![DirectoryChange::UserChanged(id)] })
}

pub(crate) fn plan_update_user(
    state: &State,
    id: &DirectoryUserId,
    edit: UserEdit,
    now: OffsetDateTime,
) -> Result<Plan, DirectoryError> {
    let current = state.user(id).ok_or_else(|| DirectoryError::UnknownUser(id.clone()))?;
    let mut plan = Plan::default();
    if NewUser::from(current.as_ref()) != edit.value {
        check_user(state, id, &edit.value)?;
        let user = with_id(id.clone(), edit.value, current.version + 1, current.created, now);
        plan.writes.push(DirectoryWrite::PutUser(Arc::new(user)));
        plan.changes.push(DirectoryChange::UserChanged(id.clone()));
    }
    match edit.password {
        PasswordEdit::Keep => {}
        PasswordEdit::Set(HashedPassword(hash)) => {
            plan.writes.push(DirectoryWrite::PutPassword { user: id.clone(), hash });
        }
        PasswordEdit::Remove => plan.writes.push(DirectoryWrite::RemovePassword(id.clone())),
    }
    Ok(plan)
}

/// The groups of the deleted person change too.
pub(crate) fn plan_delete_user(
    state: &State,
    id: &DirectoryUserId,
    expected_version: Option<u64>,
    now: OffsetDateTime,
) -> Result<Plan, DirectoryError> {
    let current = state.user(id).ok_or_else(|| DirectoryError::UnknownUser(id.clone()))?;
    check_version(expected_version, current.version)?;
    let mut plan = Plan::default();
    for group in state.groups_of(id) {
        plan.writes.push(DirectoryWrite::PutGroup(Arc::new(touched(&group, now))));
    }
    plan.writes.push(DirectoryWrite::DeleteUser(id.clone()));
    plan.changes.push(DirectoryChange::UserDeleted(id.clone()));
    Ok(plan)
}

pub(crate) fn plan_create_group(
    state: &State,
    id: DirectoryGroupId,
    new: NewGroup,
    now: OffsetDateTime,
) -> Result<Plan, DirectoryError> {
    check_group(state, &id, &new.display_name, new.external_id.as_deref())?;
    let members: BTreeSet<DirectoryUserId> = new.members.into_iter().collect();
    check_members(state, members.iter())?;
    let group = DirectoryGroup {
        id: id.clone(),
        display_name: new.display_name,
        external_id: new.external_id,
        attributes: new.attributes,
        version: 1,
        created: now,
        modified: now,
    };
    let mut plan = Plan::default();
    plan.writes.push(DirectoryWrite::PutGroup(Arc::new(group)));
    for user in &members {
        plan.writes.push(DirectoryWrite::AddMember { group: id.clone(), user: user.clone() });
    }
    plan.changes.push(DirectoryChange::MembershipChanged { group: id, users: members.into_iter().collect() });
    Ok(plan)
}

pub(crate) fn plan_update_group(
    state: &State,
    id: &DirectoryGroupId,
    edit: GroupEdit,
    now: OffsetDateTime,
) -> Result<Plan, DirectoryError> {
    let current = state.group(id).ok_or_else(|| DirectoryError::UnknownGroup(id.clone()))?;
    let renamed = current.display_name != edit.display_name;
    let same = !renamed && current.external_id == edit.external_id && current.attributes == edit.attributes;
    if !same {
        check_group(state, id, &edit.display_name, edit.external_id.as_deref())?;
    }
    let (added, removed) = resolve_members(state, id, &edit.members)?;
    let mut plan = Plan::default();
    if same && added.is_empty() && removed.is_empty() {
        return Ok(plan);
    }
    let group = DirectoryGroup {
        display_name: edit.display_name,
        external_id: edit.external_id,
        attributes: edit.attributes,
        ..touched(current, now)
    };
    plan.writes.push(DirectoryWrite::PutGroup(Arc::new(group)));
    for user in &added {
        plan.writes.push(DirectoryWrite::AddMember { group: id.clone(), user: user.clone() });
    }
    for user in &removed {
        plan.writes.push(DirectoryWrite::RemoveMember { group: id.clone(), user: user.clone() });
    }
    let mut affected: BTreeSet<DirectoryUserId> = added.into_iter().chain(removed).collect();
    if renamed {
        affected.extend(state.member_ids(id));
    }
    if renamed || !affected.is_empty() {
        let users = affected.into_iter().collect();
        plan.changes.push(DirectoryChange::MembershipChanged { group: id.clone(), users });
    }
    Ok(plan)
}

pub(crate) fn plan_delete_group(
    state: &State,
    id: &DirectoryGroupId,
    expected_version: Option<u64>,
) -> Result<Plan, DirectoryError> {
    let current = state.group(id).ok_or_else(|| DirectoryError::UnknownGroup(id.clone()))?;
    check_version(expected_version, current.version)?;
    let users = state.member_ids(id).into_iter().collect();
    Ok(Plan {
        writes: vec![DirectoryWrite::DeleteGroup(id.clone())],
        changes: vec![DirectoryChange::MembershipChanged { group: id.clone(), users }],
    })
}

/// Who really joins and who really leaves.
fn resolve_members(
    state: &State,
    id: &DirectoryGroupId,
    edit: &MemberEdit,
) -> Result<(Vec<DirectoryUserId>, Vec<DirectoryUserId>), DirectoryError> {
    let added: Vec<_> = edit.add.iter().filter(|user| !state.is_member(id, user)).cloned().collect();
    check_members(state, added.iter())?;
    let removed = if edit.clear {
        state.member_ids(id).into_iter().filter(|user| !edit.add.contains(user)).collect()
    } else {
        edit.remove.iter().filter(|user| state.is_member(id, user)).cloned().collect()
    };
    Ok((added, removed))
}

pub(crate) fn check_version(expected: Option<u64>, found: u64) -> Result<(), DirectoryError> {
    match expected {
        Some(expected) if expected != found => Err(DirectoryError::VersionMismatch { expected, found }),
        Some(_) | None => Ok(()),
    }
}

fn check_members<'a>(state: &State, users: impl Iterator<Item = &'a DirectoryUserId>) -> Result<(), DirectoryError> {
    let unknown: Vec<_> = users.filter(|user| state.user(user).is_none()).cloned().collect();
    if unknown.is_empty() { Ok(()) } else { Err(DirectoryError::UnknownMembers(unknown)) }
}

fn check_user(state: &State, id: &DirectoryUserId, new: &NewUser) -> Result<(), DirectoryError> {
    check_name("userName", &new.user_name, LONGEST_USER_NAME)?;
    if let Some(holder) = state.user_by_name(&new.user_name).filter(|holder| holder.id != *id) {
        return Err(DirectoryError::UserNameTaken { user_name: new.user_name.clone(), holder: holder.id.clone() });
    }
    let Some(external_id) = &new.external_id else { return Ok(()) };
    check_name("externalId", external_id, LONGEST_NAME)?;
    match state.user_by_external_id(external_id).filter(|holder| holder.id != *id) {
        Some(holder) => {
            Err(DirectoryError::ExternalIdTaken { external_id: external_id.clone(), holder: holder.id.to_string() })
        }
        None => Ok(()),
    }
}

fn check_group(
    state: &State,
    id: &DirectoryGroupId,
    display_name: &str,
    external_id: Option<&str>,
) -> Result<(), DirectoryError> {
    check_name("displayName", display_name, LONGEST_NAME)?;
    if let Some(holder) = state.group_by_name(display_name).filter(|holder| holder.id != *id) {
        return Err(DirectoryError::DisplayNameTaken {
            display_name: display_name.to_owned(),
            holder: holder.id.clone(),
        });
    }
    let Some(external_id) = external_id else { return Ok(()) };
    check_name("externalId", external_id, LONGEST_NAME)?;
    match state.group_by_external_id(external_id).filter(|holder| holder.id != *id) {
        Some(holder) => {
            Err(DirectoryError::ExternalIdTaken { external_id: external_id.to_owned(), holder: holder.id.to_string() })
        }
        None => Ok(()),
    }
}

/// Names that look alike in logs and tables must not be two people: no white space around, no control characters.
fn check_name(attribute: &'static str, name: &str, longest: usize) -> Result<(), DirectoryError> {
    let rule = if name.is_empty() {
        "It must not be empty.".to_owned()
    } else if name.chars().count() > longest {
        format!("It must have at most {longest} characters.")
    } else if name.trim() != name {
        "It must not begin or end with white space.".to_owned()
    } else if name.chars().any(char::is_control) {
        "It must not contain control characters.".to_owned()
    } else {
        return Ok(());
    };
    Err(DirectoryError::Invalid { attribute, rule })
}

fn touched(group: &DirectoryGroup, now: OffsetDateTime) -> DirectoryGroup {
    DirectoryGroup { version: group.version + 1, modified: now, ..group.clone() }
}

fn with_id(
    id: DirectoryUserId,
    new: NewUser,
    version: u64,
    created: OffsetDateTime,
    modified: OffsetDateTime,
) -> DirectoryUser {
    DirectoryUser {
        id,
        user_name: new.user_name,
        external_id: new.external_id,
        active: new.active,
        display_name: new.display_name,
        given_name: new.given_name,
        family_name: new.family_name,
        email: new.email,
        attributes: new.attributes,
        version,
        created,
        modified,
    }
}
