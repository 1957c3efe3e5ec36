//! /Users and /Users/{id}

use std::sync::Arc;

use base::id::DirectoryUserId;
use directory::{DirectoryUser, NewUser, PasswordEdit, UserEdit};
use scim::projection::Projection;
use scim::schema::USERS;
use scim::user::PasswordChange;
use scim::{Object, ScimError, etag, list, user};

use super::ScimState;
use super::audit::Trail;
use super::request::Call;
use super::respond::Reply;

pub(super) fn render(state: &ScimState, found: &DirectoryUser, projection: &Projection) -> Object {
    let groups = if projection.wants("groups") { state.directory.groups_of(&found.id) } else { Vec::new() };
    projection.apply(user::resource(found, &groups, &state.base_url))
}

fn find(state: &ScimState, id: &str) -> Result<Arc<DirectoryUser>, ScimError> {
    let found = state.directory.user(&DirectoryUserId::new(id));
    found.ok_or_else(|| ScimError::NotFound(format!("There is no user {id}.")))
}

fn projection(call: &Call) -> Result<Projection, ScimError> {
    Ok(list::query(&call.parameters(), &USERS)?.projection)
}

fn changed(trail: &mut Trail, before: &Object, after: &Object, password: &PasswordEdit) {
    let mut names = user::changed(before, after);
    match password {
        PasswordEdit::Keep => {}
        PasswordEdit::Set(_) | PasswordEdit::Remove => names.push("password".to_owned()),
    }
    trail.changed(&names);
}

async fn password_edit(state: &ScimState, change: PasswordChange) -> Result<PasswordEdit, ScimError> {
    Ok(match change {
        PasswordChange::Keep => PasswordEdit::Keep,
        PasswordChange::Remove => PasswordEdit::Remove,
        PasswordChange::Set(password) => PasswordEdit::Set(state.directory.hash_password(password).await?),
    })
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
    let (new, change) = user::create(call.object()?)?;
    let password = password_edit(state, change).await?;
    let hashed = match &password {
        PasswordEdit::Set(hashed) => Some(hashed.clone()),
        PasswordEdit::Keep | PasswordEdit::Remove => None,
    };
    let created = state.directory.create_user_with(new, hashed).await?;
    trail.created(created.id.as_str());
    changed(trail, &Object::new(), &user::attributes_of(&created), &password);
    let location = user::location(&created, &state.base_url);
    Ok(Reply::created(render(state, &created, &projection), etag::of(created.version), location))
}

/// Reads, changes and writes as one; `change` sees the present value.
async fn update(
    state: &ScimState,
    id: &str,
    call: &Call,
    trail: &mut Trail,
    password: PasswordEdit,
    change: impl FnOnce(&DirectoryUser) -> Result<NewUser, ScimError> + Send,
) -> Result<Reply, ScimError> {
    let projection = projection(call)?;
    let present = find(state, id)?;
    let expected = etag::expected(call.if_match(), present.version)?;
    let mut before = Object::new();
    let kept = password.clone();
    let updated = state
        .directory
        .update_user(&present.id, expected, |current| {
            before = user::attributes_of(current);
            Ok::<_, ScimError>(UserEdit { value: change(current)?, password })
        })
        .await?;
    changed(trail, &before, &user::attributes_of(&updated), &kept);
    Ok(Reply::resource(render(state, &updated, &projection), etag::of(updated.version)))
}

pub(super) async fn replace(state: &ScimState, id: &str, call: &Call, trail: &mut Trail) -> Result<Reply, ScimError> {
    find(state, id)?;
    let (replacement, change) = user::replace(call.object()?)?;
    let password = password_edit(state, change).await?;
    update(state, id, call, trail, password, |current| replacement.of(current)).await
}

pub(super) async fn patch(state: &ScimState, id: &str, call: &Call, trail: &mut Trail) -> Result<Reply, ScimError> {
    find(state, id)?;
    let (operations, change) = user::patch(call.object()?)?;
    let password = password_edit(state, change).await?;
    update(state, id, call, trail, password, |current| user::patched(current, &operations)).await
}

pub(super) async fn delete(state: &ScimState, id: &str, call: &Call) -> Result<Reply, ScimError> {
    let present = find(state, id)?;
    let expected = etag::expected(call.if_match(), present.version)?;
    state.directory.delete_user(&present.id, expected).await?;
    Ok(Reply::no_content())
}
