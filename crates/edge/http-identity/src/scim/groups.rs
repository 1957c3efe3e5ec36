//! /Groups and /Groups/{id}

use std::sync::Arc;

use base::id::DirectoryGroupId;
use directory::{DirectoryGroup, GroupEdit, MemberEdit};
use scim::projection::Projection;
use scim::schema::GROUPS;
use scim::{Object, ScimError, etag, group, list, user};

use super::ScimState;
use super::audit::Trail;
use super::request::Call;
use super::respond::Reply;

pub(super) fn render(state: &ScimState, found: &DirectoryGroup, projection: &Projection) -> Object {
    let members = projection.wants("members").then(|| state.directory.members_of(&found.id));
    projection.apply(group::resource(found, members.as_deref(), &state.base_url))
}

fn find(state: &ScimState, id: &str) -> Result<Arc<DirectoryGroup>, ScimError> {
    let found = state.directory.group(&DirectoryGroupId::new(id));
    found.ok_or_else(|| ScimError::NotFound(format!("There is no group {id}.")))
}

fn projection(call: &Call) -> Result<Projection, ScimError> {
    Ok(list::query(&call.parameters(), &GROUPS)?.projection)
}

pub(super) fn get(state: &ScimState, id: &str, call: &Call) -> Result<Reply, ScimError> {
    let projection = projection(call)?;
    let found = find(state, id)?;
    let etag = etag::of(found.version);
    if etag::is_unchanged(call.if_none_match(), found.version) {
        return Ok(Reply::not_modified(etag));
    }
    Ok(Reply::resource(render(state, &found, &projection), etag))
}

pub(super) async fn create(state: &ScimState, call: &Call, trail: &mut Trail) -> Result<Reply, ScimError> {
    let projection = projection(call)?;
    let new = group::create(call.object()?)?;
    let members = new.members.clone();
    let created = state.directory.create_group(new).await?;
    trail.created(created.id.as_str());
    trail.changed(&user::changed(&Object::new(), &group::attributes_of(&created)));
    trail.members_named("members_added", members.iter());
    let location = group::location(&created, &state.base_url);
    Ok(Reply::created(render(state, &created, &projection), etag::of(created.version), location))
}

/// Reads, changes and writes as one; `change` sees the present value.
async fn update(
    state: &ScimState,
    id: &str,
    call: &Call,
    trail: &mut Trail,
    change: impl FnOnce(&DirectoryGroup) -> Result<GroupEdit, ScimError> + Send,
) -> Result<Reply, ScimError> {
    let projection = projection(call)?;
    let present = find(state, id)?;
    let expected = etag::expected(call.if_match(), present.version)?;
    let mut before = Object::new();
    let mut members = MemberEdit::default();
    let updated = state
        .directory
        .update_group(&present.id, expected, |current| {
            before = group::attributes_of(current);
            let edit = change(current)?;
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
    Ok(Reply::resource(render(state, &updated, &projection), etag::of(updated.version)))
}

pub(super) async fn replace(state: &ScimState, id: &str, call: &Call, trail: &mut Trail) -> Result<Reply, ScimError> {
    find(state, id)?;
    let edit = group::replace(call.object()?)?;
    update(state, id, call, trail, |_| Ok(edit)).await
}

pub(super) async fn patch(state: &ScimState, id: &str, call: &Call, trail: &mut Trail) -> Result<Reply, ScimError> {
    find(state, id)?;
    let (operations, members) = group::patch(call.object()?)?;
    update(state, id, call, trail, |current| group::patched(current, &operations, members)).await
}

pub(super) async fn delete(state: &ScimState, id: &str, call: &Call) -> Result<Reply, ScimError> {
    let present = find(state, id)?;
    let expected = etag::expected(call.if_match(), present.version)?;
    state.directory.delete_group(&present.id, expected).await?;
    Ok(Reply::no_content())
}
