//! Plans for passwords and the links by which people choose them.

use base::Secret;
use base::id::DirectoryUserId;
use time::{Duration, OffsetDateTime};

use super::Plan;
use crate::edit::PasswordEdit;
use crate::error::DirectoryError;
use crate::model::{DirectoryChange, DirectoryUser};
use crate::password::HashedPassword;
use crate::port::{DirectoryWrite, StoredPassword};
use crate::reset_link::{self, ResetLink, ResetRefusal};
use crate::state::State;

/// What an edit of a person does to the password.
pub(super) fn plan_edit(plan: &mut Plan, state: &State, id: &DirectoryUserId, edit: PasswordEdit, now: OffsetDateTime) {
    match edit {
        PasswordEdit::Keep => {}
        PasswordEdit::Set(HashedPassword(hash)) => put(plan, state, id, (Some(hash), false), now),
        PasswordEdit::Remove => {
            if state.password_hash(id).is_some() {
                put(plan, state, id, (None, false), now);
            } else {
                end_reset_link(plan, state, id, now);
            }
        }
    }
}

/// A password that the person has to change at the next sign-in.
pub(crate) fn plan_one_time_password(
    state: &State,
    id: &DirectoryUserId,
    HashedPassword(hash): HashedPassword,
    now: OffsetDateTime,
) -> Result<Plan, DirectoryError> {
    let user = may_sign_in(state, id)?;
    let mut plan = Plan::default();
    put(&mut plan, state, &user.id, (Some(hash), true), now);
    Ok(plan)
}

/// The person's own change: `proven` is the hash that the present password was verified against.
pub(crate) fn plan_own_password(
    state: &State,
    id: &DirectoryUserId,
    proven: &Secret<String>,
    HashedPassword(hash): HashedPassword,
    now: OffsetDateTime,
) -> Result<Plan, DirectoryError> {
    let user = may_sign_in(state, id)?;
    if !state.password_hash(id).is_some_and(|present| present.matches(proven.expose().as_bytes())) {
        return Err(DirectoryError::Invalid {
            attribute: "password",
            rule: "It was changed meanwhile. Sign in with the newest one.".to_owned(),
        });
    }
    let mut plan = Plan::default();
    put(&mut plan, state, &user.id, (Some(hash), false), now);
    Ok(plan)
}

/// A new link in the place of the one before; its token is given out once it is durable.
pub(crate) fn plan_reset_link(
    state: &State,
    id: &DirectoryUserId,
    lifetime: Duration,
    now: OffsetDateTime,
) -> Result<(Plan, Secret<String>), DirectoryError> {
    let user = may_sign_in(state, id)?;
    let (link, token) = reset_link::generate(user.id.clone(), lifetime, now)?;
    Ok((Plan { writes: vec![DirectoryWrite::PutResetLink(link)], changes: Vec::new() }, token))
}

/// The password that was chosen by a link, if the link opens now.
pub(crate) fn plan_reset(
    state: &State,
    link_hash: &str,
    HashedPassword(hash): HashedPassword,
    now: OffsetDateTime,
) -> Result<Plan, ResetRefusal> {
    let link = state.reset_link(link_hash);
    let user = link.and_then(|link| state.user(&link.user));
    reset_link::decide(link, user.is_some_and(|user| user.active), now)?;
    let mut plan = Plan::default();
    if let Some(user) = user {
        put(&mut plan, state, &user.id, (Some(hash), false), now);
    }
    Ok(plan)
}

fn may_sign_in<'a>(state: &'a State, id: &DirectoryUserId) -> Result<&'a DirectoryUser, DirectoryError> {
    let user = state.user(id).ok_or_else(|| DirectoryError::UnknownUser(id.clone()))?;
    if user.active {
        return Ok(user);
    }
    Err(DirectoryError::Invalid {
        attribute: "active",
        rule: format!("User {id} is deactivated and can't sign in. Activate the user first."),
    })
}

/// Every change of a password ends the link, and is announced so that sessions end.
fn put(
    plan: &mut Plan,
    state: &State,
    id: &DirectoryUserId,
    (hash, must_change): (Option<Secret<String>>, bool),
    now: OffsetDateTime,
) {
    plan.writes.push(DirectoryWrite::PutPassword(StoredPassword { user: id.clone(), hash, must_change, changed: now }));
    plan.changes.push(DirectoryChange::PasswordChanged { user: id.clone(), at: now });
    end_reset_link(plan, state, id, now);
}

/// The person's link opens nothing any more.
pub(super) fn end_reset_link(plan: &mut Plan, state: &State, id: &DirectoryUserId, now: OffsetDateTime) {
    let Some(link) = state.reset_link_of(id).filter(|link| link.ended.is_none()) else { return };
    plan.writes.push(DirectoryWrite::PutResetLink(ResetLink { ended: Some(now), ..link.clone() }));
}
