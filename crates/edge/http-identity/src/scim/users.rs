//! /Users and /Users/{id}
//!
//! Adopt or 409: a POST never takes over anybody. Where the userName or externalId is taken (people made by the API, by hand, or
//! by another client count too), it is 409 `uniqueness`, and the detail says how to adopt the one who is there: find them by
//! filter, then PUT or PATCH them with the client's externalId. From then on they are the client's to change.

use std::sync::Arc;

use base::id::DirectoryUserId;
use directory::{DirectoryError, DirectoryUser, NewUser, PasswordEdit, UserEdit};
use scim::projection::Projection;
use scim::schema::USERS;
use scim::user::PasswordChange;
use scim::{Object, Profile, ScimError, etag, idc_compat, user};

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

fn changed(trail: &mut Trail, before: &Object, after: &DirectoryUser, password: &PasswordEdit) {
    let mut names = user::changed(before, &user::attributes_of(after));
    match password {
        PasswordEdit::Keep => {}
        PasswordEdit::Set(_) | PasswordEdit::Remove => {
            names.push("password".to_owned());
            trail.password(&after.id);
        }
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

/// What the profile asks of a person, before they are written. `current`: who they are now.
fn check(state: &ScimState, new: &NewUser, current: Option<&DirectoryUser>) -> Result<(), ScimError> {
    check_content(state, new, current)?;
    check_email(state, new, current)
}

fn check_content(state: &ScimState, new: &NewUser, current: Option<&DirectoryUser>) -> Result<(), ScimError> {
    match state.profile {
        Profile::Rfc => Ok(()),
        Profile::IdcCompat => {
            idc_compat::user(&user::attributes_of_new(new), current.map(user::attributes_of).as_ref())
        }
    }
}

/// To be called when nobody else can write.
fn check_email(state: &ScimState, new: &NewUser, current: Option<&DirectoryUser>) -> Result<(), ScimError> {
    // who shared an address before may keep it
    let is_new = current.is_none_or(|current| current.email != new.email);
    let Some(email) = new.email.as_ref().filter(|_| is_new && state.profile == Profile::IdcCompat) else {
        return Ok(());
    };
    match state.directory.other_holder_of_email(email, current.map(|current| &current.id)) {
        Some(holder) => Err(ScimError::Uniqueness(format!(
            "The primary e-mail address is taken by user {holder}. In Identity Center's profile it is unique; send another one."
        ))),
        None => Ok(()),
    }
}

/// Why a person isn't created.
#[derive(Debug)]
enum Refusal {
    Directory(DirectoryError),
    Profile(ScimError),
}

impl From<DirectoryError> for Refusal {
    fn from(error: DirectoryError) -> Self {
        Self::Directory(error)
    }
}

impl From<ScimError> for Refusal {
    fn from(error: ScimError) -> Self {
        Self::Profile(error)
    }
}

impl From<Refusal> for ScimError {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Directory(error) => scim::adoptable(error),
            Refusal::Profile(error) => error,
        }
    }
}

/// The body of a POST or PUT, if the profile takes it.
fn body(state: &ScimState, call: &Call) -> Result<Object, ScimError> {
    let body = call.object()?;
    match state.profile {
        Profile::Rfc => {}
        Profile::IdcCompat => idc_compat::user_request(&body)?,
    }
    Ok(body)
}

pub(super) fn get(state: &ScimState, id: &str, call: &Call) -> Result<Reply, ScimError> {
    let projection = call.parameters().projection(&USERS)?;
    let found = find(state, id)?;
    let etag = etag::of(found.version);
    if etag::is_unchanged(call.if_none_match(), found.version) {
        return Ok(Reply::not_modified(etag));
    }
    Ok(Reply::resource(render(state, &found, &projection), etag))
}

pub(super) async fn create(state: &ScimState, call: &Call, trail: &mut Trail) -> Result<Reply, ScimError> {
    let projection = call.parameters().projection(&USERS)?;
    let (new, change) = user::create(body(state, call)?)?;
    check_content(state, &new, None)?;
    let password = password_edit(state, change).await?;
    let hashed = match &password {
        PasswordEdit::Set(hashed) => Some(hashed.clone()),
        PasswordEdit::Keep | PasswordEdit::Remove => None,
    };
    let created =
        state.directory.create_user_when(new, hashed, |new| Ok::<_, Refusal>(check_email(state, new, None)?)).await;
    let created = created.map_err(ScimError::from)?;
    trail.created(created.id.as_str());
    trail.user(&created.id);
    changed(trail, &Object::new(), &created, &password);
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
    let projection = call.parameters().projection(&USERS)?;
    let present = find(state, id)?;
    let expected = etag::expected(call.if_match(), present.version)?;
    trail.user(&present.id);
    let mut before = Object::new();
    let kept = password.clone();
    let updated = state
        .directory
        .update_user(&present.id, expected, |current| {
            before = user::attributes_of(current);
            let value = change(current)?;
            check(state, &value, Some(current))?;
            Ok::<_, ScimError>(UserEdit { value, password })
        })
        .await?;
    changed(trail, &before, &updated, &kept);
    Ok(Reply::resource(render(state, &updated, &projection), etag::of(updated.version)))
}

pub(super) async fn replace(state: &ScimState, id: &str, call: &Call, trail: &mut Trail) -> Result<Reply, ScimError> {
    find(state, id)?;
    let (replacement, change) = user::replace(body(state, call)?)?;
    let password = password_edit(state, change).await?;
    update(state, id, call, trail, password, |current| replacement.of(current)).await
}

pub(super) async fn patch(state: &ScimState, id: &str, call: &Call, trail: &mut Trail) -> Result<Reply, ScimError> {
    find(state, id)?;
    let (operations, change) = user::patch(call.object()?)?;
    if state.profile == Profile::IdcCompat {
        idc_compat::user_patch(&operations, matches!(change, PasswordChange::Set(_)))?;
    }
    let password = password_edit(state, change).await?;
    update(state, id, call, trail, password, |current| user::patched(current, &operations)).await
}

pub(super) async fn delete(state: &ScimState, id: &str, call: &Call, trail: &mut Trail) -> Result<Reply, ScimError> {
    let present = find(state, id)?;
    let expected = etag::expected(call.if_match(), present.version)?;
    trail.user(&present.id);
    state.directory.delete_user(&present.id, expected).await?;
    Ok(Reply::no_content())
}
