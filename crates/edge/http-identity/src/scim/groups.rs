//! /Groups and /Groups/{id}
//!
//! Adopt or 409, as for people: a POST of a displayName or externalId that is taken is 409 `uniqueness`; the detail says how to
//! adopt the group that is there.

use std::sync::Arc;

use base::id::{DirectoryGroupId, DirectoryUserId};
use directory::{DirectoryGroup, GroupEdit, MemberEdit};
use scim::projection::Projection;
use scim::schema::GROUPS;
use scim::{Object, Profile, ScimError, etag, group, idc_compat, user};
use serde_json::Value;

use super::ScimState;
use super::audit::Trail;
use super::request::Call;
use super::respond::Reply;

/// So many members are rendered before others get their turn.
const STRIDE: usize = 1000;
/// A PATCH of a group with more members is answered with 204, unless attributes are asked for: adding one person must not cost as
/// much as the group is large.
const SHOWN_AFTER_PATCH: usize = 1000;

pub(super) async fn render(state: &ScimState, found: &DirectoryGroup, projection: &Projection) -> Object {
    let members = match (projection.wants("members"), state.profile) {
        (false, _) => None,
        (true, Profile::Rfc) => Some(members(state, &found.id, projection.names("members", "display")).await),
        // Identity Center never lists members: they are asked for one by one
        (true, Profile::IdcCompat) => Some(Vec::new()),
    };
    projection.apply(group::resource(found, members, &state.base_url))
}

async fn members(state: &ScimState, id: &DirectoryGroupId, display: bool) -> Vec<Value> {
    let mut members = Vec::new();
    let mut after: Option<DirectoryUserId> = None;
    loop {
        let some = state.directory.members_after(id, after.as_ref(), STRIDE);
        members.extend(some.iter().map(|member| group::member(member, display, &state.base_url)));
        let Some(last) = some.last().filter(|_| some.len() == STRIDE) else { return members };
        after = Some(last.id.clone());
        tokio::task::yield_now().await;
    }
}

fn find(state: &ScimState, id: &str) -> Result<Arc<DirectoryGroup>, ScimError> {
    let found = state.directory.group(&DirectoryGroupId::new(id));
    found.ok_or_else(|| ScimError::NotFound(format!("There is no group {id}.")))
}

pub(super) async fn get(state: &ScimState, id: &str, call: &Call) -> Result<Reply, ScimError> {
    let projection = call.parameters().projection(&GROUPS)?;
    let found = find(state, id)?;
    let etag = etag::of(found.version);
    if etag::is_unchanged(call.if_none_match(), found.version) {
        return Ok(Reply::not_modified(etag));
    }
    Ok(Reply::resource(render(state, &found, &projection).await, etag))
}

pub(super) async fn create(state: &ScimState, call: &Call, trail: &mut Trail) -> Result<Reply, ScimError> {
    let projection = call.parameters().projection(&GROUPS)?;
    let new = group::create(call.object()?)?;
    if state.profile == Profile::IdcCompat {
        idc_compat::group_request(&new.members)?;
        idc_compat::group(&new.display_name, new.external_id.as_deref())?;
    }
    let members = new.members.clone();
    let created = state.directory.create_group(new).await.map_err(scim::adoptable)?;
    trail.created(created.id.as_str());
    trail.group(&created.id);
    trail.changed(&user::changed(&Object::new(), &group::attributes_of(&created)));
    trail.members_named("members_added", members.iter());
    let location = group::location(&created, &state.base_url);
    Ok(Reply::created(render(state, &created, &projection).await, etag::of(created.version), location))
}

/// Reads, changes and writes as one; `change` sees the present value.
async fn update(
    state: &ScimState,
    id: &str,
    call: &Call,
    trail: &mut Trail,
    change: impl FnOnce(&DirectoryGroup) -> Result<GroupEdit, ScimError> + Send,
) -> Result<Arc<DirectoryGroup>, ScimError> {
    let present = find(state, id)?;
    let expected = etag::expected(call.if_match(), present.version)?;
    trail.group(&present.id);
    let mut before = Object::new();
    let mut members = MemberEdit::default();
    let updated = state
        .directory
        .update_group(&present.id, expected, |current| {
            before = group::attributes_of(current);
            let edit = change(current)?;
            if state.profile == Profile::IdcCompat {
                idc_compat::group(&edit.display_name, edit.external_id.as_deref())?;
            }
            members.clone_from(&edit.members);
            Ok::<_, ScimError>(edit)
        })
        .await?;
    let mut names = user::changed(&before, &group::attributes_of(&updated));
    if !members.is_empty() {
        names.push("members".to_owned());
    }
    trail.changed(&names);
    trail.members(&members);
    Ok(updated)
}

pub(super) async fn replace(state: &ScimState, id: &str, call: &Call, trail: &mut Trail) -> Result<Reply, ScimError> {
    let projection = call.parameters().projection(&GROUPS)?;
    find(state, id)?;
    let edit = group::replace(call.object()?)?;
    let updated = update(state, id, call, trail, |_| Ok(edit)).await?;
    Ok(Reply::resource(render(state, &updated, &projection).await, etag::of(updated.version)))
}

pub(super) async fn patch(state: &ScimState, id: &str, call: &Call, trail: &mut Trail) -> Result<Reply, ScimError> {
    let projection = call.parameters().projection(&GROUPS)?;
    find(state, id)?;
    let (operations, members) = group::patch(call.object()?)?;
    if state.profile == Profile::IdcCompat {
        idc_compat::group_patch(&operations, &members)?;
    }
    let updated = update(state, id, call, trail, |current| group::patched(current, &operations, members)).await?;
    let etag = etag::of(updated.version);
    let is_shown = match state.profile {
        Profile::Rfc => projection != Projection::All || state.directory.member_count(&updated.id) <= SHOWN_AFTER_PATCH,
        Profile::IdcCompat => false,
    };
    if !is_shown {
        return Ok(Reply::unshown(etag));
    }
    Ok(Reply::resource(render(state, &updated, &projection).await, etag))
}

pub(super) async fn delete(state: &ScimState, id: &str, call: &Call, trail: &mut Trail) -> Result<Reply, ScimError> {
    let present = find(state, id)?;
    let expected = etag::expected(call.if_match(), present.version)?;
    trail.group(&present.id);
    state.directory.delete_group(&present.id, expected).await?;
    Ok(Reply::no_content())
}
