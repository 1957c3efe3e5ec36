//! What a change does: pure plans of writes and announcements, or the reason why not.
//!
//! **Adopt or 409.** A userName (a group's displayName) names one person (one group), whoever made them. A provisioning client that
//! creates one which exists is refused (409 `uniqueness`) and told who holds the name: nobody's account is taken over by guessing a
//! name. To adopt them it finds them by filter and gives them its externalId by PUT or PATCH; from then on they are SCIM's
//! ([`origin_after`]), with id, memberships, password and assignments as before. An externalId that another one holds is refused
//! likewise. What an administrator changes by API keeps the externalId.

mod password;

use std::collections::BTreeSet;
use std::sync::Arc;

use base::id::{DirectoryGroupId, DirectoryUserId};
use time::OffsetDateTime;

use crate::edit::{GroupEdit, MemberEdit, UserEdit};
use crate::error::DirectoryError;
use crate::model::{DirectoryChange, DirectoryGroup, NewGroup, NewUser, Origin};
use crate::password::HashedPassword;
use crate::port::{DirectoryWrite, StoredPassword};
use crate::state::State;

pub(crate) use self::password::{plan_one_time_password, plan_own_password, plan_reset, plan_reset_link};

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
    let user = new.with_id(id.clone(), 1, now, now);
    let mut writes = vec![DirectoryWrite::PutUser(Arc::new(user))];
    if let Some(HashedPassword(hash)) = password {
        let user = id.clone();
        writes.push(DirectoryWrite::PutPassword(StoredPassword {
            user,
            hash: Some(hash),
            must_change: false,
            changed: now,
        }));
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
    let origin = origin_after(current.origin, edit.value.origin, edit.value.external_id.as_deref());
    let value = NewUser { origin, ..edit.value };
    if NewUser::from(current.as_ref()) != value {
        check_user(state, id, &value)?;
        if !value.active {
            password::end_reset_link(&mut plan, state, id, now);
        }
        let user = value.with_id(current.id.clone(), current.version + 1, current.created, now);
        plan.writes.push(DirectoryWrite::PutUser(Arc::new(user)));
        plan.changes.push(DirectoryChange::UserChanged(id.clone()));
    }
    password::plan_edit(&mut plan, state, id, edit.password, now);
    Ok(plan)
}

/// Where somebody comes from after an edit: who was given an external id by a provisioning client is the client's, and stays so.
pub(crate) fn origin_after(current: Origin, writer: Origin, external_id: Option<&str>) -> Origin {
    match writer {
        Origin::Scim if external_id.is_some() => Origin::Scim,
        Origin::Scim | Origin::Api | Origin::SignIn => current,
    }
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
    for group in state.group_ids(id).iter().filter_map(|group| state.group(group)) {
        plan.writes.push(DirectoryWrite::PutGroup(Arc::new(touched(group, now))));
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
        origin: new.origin,
        version: 1,
        created: now,
        modified: now,
    };
    let users: Vec<DirectoryUserId> = members.into_iter().collect();
    let mut plan = Plan::default();
    plan.writes.push(DirectoryWrite::PutGroup(Arc::new(group)));
    if !users.is_empty() {
        plan.writes.push(DirectoryWrite::AddMembers { group: id.clone(), users: users.clone() });
    }
    plan.changes.push(DirectoryChange::MembershipChanged { group: id, users });
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
    let origin = origin_after(current.origin, edit.origin, edit.external_id.as_deref());
    let same = !renamed
        && current.external_id == edit.external_id
        && current.attributes == edit.attributes
        && current.origin == origin;
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
        origin,
        ..touched(current, now)
    };
    plan.writes.push(DirectoryWrite::PutGroup(Arc::new(group)));
    if !added.is_empty() {
        plan.writes.push(DirectoryWrite::AddMembers { group: id.clone(), users: added.clone() });
    }
    if !removed.is_empty() {
        plan.writes.push(DirectoryWrite::RemoveMembers { group: id.clone(), users: removed.clone() });
    }
    let mut affected: BTreeSet<DirectoryUserId> = added.into_iter().chain(removed).collect();
    if renamed {
        affected.extend(state.member_ids(id).iter().cloned());
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
    let users = state.member_ids(id).iter().cloned().collect();
    Ok(Plan {
        writes: vec![DirectoryWrite::DeleteGroup(id.clone())],
        changes: vec![DirectoryChange::MembershipChanged { group: id.clone(), users }],
    })
}

/// The person joins and leaves groups, all or none. Groups that they are in already, or not in, are left as they are.
pub(crate) fn plan_memberships_of(
    state: &State,
    user: &DirectoryUserId,
    join: &[DirectoryGroupId],
    leave: &[DirectoryGroupId],
    now: OffsetDateTime,
) -> Result<Plan, DirectoryError> {
    check_members(state, std::iter::once(user))?;
    let joins = |group: &&DirectoryGroupId| !state.is_member(group, user) && !leave.contains(*group);
    let joining: BTreeSet<_> = join.iter().filter(joins).collect();
    let leaving: BTreeSet<_> = leave.iter().filter(|group| state.is_member(group, user)).collect();
    let mut plan = Plan::default();
    for (group, joins) in joining.into_iter().map(|id| (id, true)).chain(leaving.into_iter().map(|id| (id, false))) {
        let current = state.group(group).ok_or_else(|| DirectoryError::UnknownGroup(group.clone()))?;
        plan.writes.push(DirectoryWrite::PutGroup(Arc::new(touched(current, now))));
        let (group, users) = (group.clone(), vec![user.clone()]);
        plan.changes.push(DirectoryChange::MembershipChanged { group: group.clone(), users: users.clone() });
        plan.writes.push(if joins {
            DirectoryWrite::AddMembers { group, users }
        } else {
            DirectoryWrite::RemoveMembers { group, users }
        });
    }
    Ok(plan)
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
        state.member_ids(id).iter().filter(|user| !edit.add.contains(user)).cloned().collect()
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
