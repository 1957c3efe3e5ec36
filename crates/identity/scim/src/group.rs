//! The Group resource (RFC 7643 4.2) and the directory's groups.

use base::id::DirectoryUserId;
use directory::{DirectoryGroup, DirectoryUser, GroupEdit, MemberEdit, NewGroup, Origin};
use serde_json::{Value, json};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::error::ScimError;
use crate::json::{self, Object};
use crate::patch::{self, MemberOperation, Operation};
use crate::schema::GROUPS;
use crate::{etag, normalize, user};

/// A POST body.
///
/// # Errors
/// `invalidSyntax`, `invalidValue`.
pub fn create(mut body: Object) -> Result<NewGroup, ScimError> {
    let members = take_members(&mut body)?;
    let (display_name, external_id, attributes) = profile(normalize::resource(body, &GROUPS)?)?;
    Ok(NewGroup { display_name, external_id, attributes, members, origin: Origin::Scim })
}

/// A PUT body: what it leaves out is cleared, the members too.
///
/// # Errors
/// `invalidSyntax`, `invalidValue`.
pub fn replace(body: Object) -> Result<GroupEdit, ScimError> {
    let new = create(body)?;
    let mut members = MemberEdit::default();
    members.clear();
    members.add(new.members);
    Ok(GroupEdit {
        display_name: new.display_name,
        external_id: new.external_id,
        attributes: new.attributes,
        members,
        origin: Origin::Scim,
    })
}

/// A PATCH body: operations on the profile, and on the members.
///
/// # Errors
/// As [`patch::parse`] and [`patch::split_members`].
pub fn patch(body: Object) -> Result<(Vec<Operation>, Vec<MemberOperation>), ScimError> {
    patch::split_members(patch::parse(body, &GROUPS)?)
}

/// What the operations come to for `current`.
///
/// # Errors
/// As [`patch::apply`].
pub fn patched(
    current: &DirectoryGroup,
    operations: &[Operation],
    members: Vec<MemberOperation>,
) -> Result<GroupEdit, ScimError> {
    let mut attributes = attributes_of(current);
    patch::apply(&mut attributes, operations, &GROUPS)?;
    let (display_name, external_id, attributes) = profile(attributes)?;
    Ok(GroupEdit { display_name, external_id, attributes, members: patch::member_edit(members), origin: Origin::Scim })
}

fn take_members(body: &mut Object) -> Result<Vec<DirectoryUserId>, ScimError> {
    match json::take_only(body, "members")? {
        None | Some(Value::Null) => Ok(Vec::new()),
        Some(value) => member_ids(value),
    }
}

/// The ids in a list of members: objects with a `value`, or bare ids, or a single one.
pub(crate) fn member_ids(value: Value) -> Result<Vec<DirectoryUserId>, ScimError> {
    let items = match value {
        Value::Array(items) => items,
        Value::Null => Vec::new(),
        Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Object(_) => vec![value],
    };
    items.iter().map(member_id).collect()
}

fn member_id(item: &Value) -> Result<DirectoryUserId, ScimError> {
    let id = match item {
        Value::String(id) => Some(id.as_str()),
        Value::Object(member) => {
            let kind = json::get(member, "type").and_then(Value::as_str);
            if kind.is_some_and(|kind| !kind.is_empty() && !kind.eq_ignore_ascii_case("User")) {
                return Err(ScimError::InvalidValue(
                    "Only people can be members: groups in groups are not supported.".to_owned(),
                ));
            }
            json::get(member, "value").and_then(Value::as_str)
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) => None,
    };
    id.filter(|id| !id.is_empty())
        .map(DirectoryUserId::new)
        .ok_or_else(|| ScimError::InvalidValue("Each member needs a \"value\": the id of a user.".to_owned()))
}

type Profile = (String, Option<String>, Object);

fn profile(mut attributes: Object) -> Result<Profile, ScimError> {
    let Some(Value::String(display_name)) = attributes.remove("displayName") else {
        return Err(ScimError::InvalidValue("displayName is required and must be a string.".to_owned()));
    };
    let external_id = match attributes.remove("externalId") {
        Some(Value::String(id)) if !id.is_empty() => Some(id),
        Some(_) | None => None,
    };
    Ok((display_name, external_id, attributes))
}

/// The writable attributes as JSON, without the members.
#[must_use]
pub fn attributes_of(group: &DirectoryGroup) -> Object {
    let mut attributes = group.attributes.clone();
    attributes.insert("displayName".to_owned(), json!(group.display_name));
    if let Some(external_id) = &group.external_id {
        attributes.insert("externalId".to_owned(), json!(external_id));
    }
    attributes
}

/// A member as a group lists them. `display`: with the name for display, which is returned on request.
#[must_use]
pub fn member(user: &DirectoryUser, display: bool, base_url: &str) -> Value {
    let mut member = json!({"value": user.id.as_str(), "type": "User", "$ref": user::location(user, base_url)});
    if let (true, Some(member)) = (display, member.as_object_mut()) {
        member.insert("display".to_owned(), json!(user.display_name.as_ref().unwrap_or(&user.user_name)));
    }
    member
}

/// The whole resource. `members`: each as [`member`] makes it; None where the client doesn't want them.
#[must_use]
pub fn resource(group: &DirectoryGroup, members: Option<Vec<Value>>, base_url: &str) -> Object {
    let mut resource = attributes_of(group);
    let mut schemas = vec![GROUPS.core.urn.to_owned()];
    schemas.extend(user::extensions(&resource));
    resource.insert("schemas".to_owned(), json!(schemas));
    resource.insert("id".to_owned(), json!(group.id.as_str()));
    if let Some(members) = members {
        resource.insert("members".to_owned(), Value::Array(members));
    }
    let location = location(group, base_url);
    let meta = meta("Group", group.created, group.modified, &location, &etag::of(group.version));
    resource.insert("meta".to_owned(), meta);
    resource
}

/// The resource's address.
#[must_use]
pub fn location(group: &DirectoryGroup, base_url: &str) -> String {
    format!("{base_url}/Groups/{}", group.id)
}

pub(crate) fn meta(
    kind: &str,
    created: OffsetDateTime,
    modified: OffsetDateTime,
    location: &str,
    version: &str,
) -> Value {
    let mut meta = Object::new();
    meta.insert("resourceType".to_owned(), json!(kind));
    for (name, at) in [("created", created), ("lastModified", modified)] {
        // RFC 3339 has no year beyond 9999; a clock that is so wrong is left out
        if let Ok(at) = at.format(&Rfc3339) {
            meta.insert(name.to_owned(), json!(at));
        }
    }
    meta.insert("location".to_owned(), json!(location));
    meta.insert("version".to_owned(), json!(version));
    Value::Object(meta)
}

#[cfg(test)]
mod tests;
