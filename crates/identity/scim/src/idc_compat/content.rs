//! What people and groups may have.

use base::id::DirectoryUserId;
use serde_json::Value;

use crate::error::ScimError;
use crate::json::{self, Object};
use crate::patch::{MemberOperation, Operation};
use crate::schema::{ENTERPRISE, Kind, USERS};

/// Attributes of people that Identity Center has no place for.
pub(crate) const UNSUPPORTED: [&str; 6] = ["ims", "photos", "x509Certificates", "entitlements", "password", "groups"];
/// Attributes of which one value is the most.
const SINGLE: [&str; 4] = ["emails", "addresses", "phoneNumbers", "roles"];
const REQUIRED: [(&str, Option<&str>); 4] =
    [("userName", None), ("name", Some("givenName")), ("name", Some("familyName")), ("displayName", None)];
const BAD: [char; 5] = ['<', '>', ';', ':', '%'];
/// Most people that join or leave in one request.
const MOST_MEMBERS: usize = 100;

fn invalid(text: String) -> ScimError {
    ScimError::InvalidValue(text)
}

fn unsupported(name: &str) -> ScimError {
    invalid(format!("{name} is not supported in Identity Center's profile; leave it out."))
}

/// A POST or PUT body: no attribute that is unsupported, not even one that would be ignored.
///
/// # Errors
/// `invalidValue` naming the attribute.
pub fn user_request(body: &Object) -> Result<(), ScimError> {
    for name in UNSUPPORTED {
        if json::get(body, name).is_some_and(json::is_assigned) {
            return Err(unsupported(name));
        }
    }
    let extension = json::get(body, ENTERPRISE.urn).and_then(Value::as_object);
    manager(extension.and_then(|extension| json::get(extension, "manager")))
}

fn manager(value: Option<&Value>) -> Result<(), ScimError> {
    let named = value.and_then(Value::as_object).and_then(|manager| json::get(manager, "displayName"));
    if named.is_some_and(json::is_assigned) { Err(unsupported("manager.displayName")) } else { Ok(()) }
}

/// The operations of a PATCH, as [`user_request`]. Removing is possible. `sets_password`: the body had one.
///
/// # Errors
/// `invalidValue` naming the attribute.
pub fn user_patch(operations: &[Operation], sets_password: bool) -> Result<(), ScimError> {
    if sets_password {
        return Err(unsupported("password"));
    }
    for operation in operations {
        let path = operation.path.attribute();
        let Some(value) = operation.value.as_ref().filter(|value| json::is_assigned(value)) else { continue };
        if path.extension.is_none() && UNSUPPORTED.contains(&path.name.as_str()) {
            return Err(unsupported(&path.name));
        }
        if path.extension.is_some() && path.name == "manager" && path.sub.is_none() {
            manager(Some(value))?;
        }
        if path.is_whole_extension() {
            manager(value.as_object().and_then(|extension| json::get(extension, "manager")))?;
        }
    }
    Ok(())
}

/// What a person would be after the request: required attributes, at most one value each, a primary e-mail address, no name for
/// display in values, no bad characters. `before`: the present attributes; what was missing or wrong already may stay so.
///
/// # Errors
/// `invalidValue` naming the attribute.
pub fn user(attributes: &Object, before: Option<&Object>) -> Result<(), ScimError> {
    for (name, part) in REQUIRED {
        if !has(attributes, name, part) && before.is_none_or(|before| has(before, name, part)) {
            let part = part.map(|part| format!(".{part}")).unwrap_or_default();
            return Err(invalid(format!("{name}{part} is required in Identity Center's profile.")));
        }
    }
    // somebody who was made by API, or before the profile was chosen, can still be disabled
    let is_new = |name: &str| before.is_none_or(|before| before.get(name) != attributes.get(name));
    for name in SINGLE.into_iter().filter(|name| is_new(name)) {
        if values(attributes, name).len() > 1 {
            return Err(invalid(format!("{name} can have one value only in Identity Center's profile.")));
        }
    }
    for (name, items) in attributes.iter().filter_map(|(name, value)| Some((name, value.as_array()?))) {
        if is_new(name) && items.iter().any(|item| item.get("display").is_some_and(json::is_assigned)) {
            return Err(unsupported(&format!("{name}.display")));
        }
    }
    if is_new("emails")
        && values(attributes, "emails").iter().any(|email| email.get("primary") != Some(&Value::Bool(true)))
    {
        return Err(invalid("The e-mail address must have \"primary\": true in Identity Center's profile.".to_owned()));
    }
    attributes
        .iter()
        .filter(|(name, _)| is_new(name))
        .try_for_each(|(name, value)| characters(name, value, is_address(name)))
}

fn has(attributes: &Object, name: &str, part: Option<&str>) -> bool {
    let value = attributes.get(name);
    let value = match part {
        None => value,
        Some(part) => value.and_then(|value| value.get(part)),
    };
    value.is_some_and(json::is_assigned)
}

fn values<'a>(attributes: &'a Object, name: &str) -> &'a [Value] {
    attributes.get(name).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// A web address has colons.
fn is_address(name: &str) -> bool {
    USERS.attribute(name).is_some_and(|attribute| matches!(attribute.kind, Kind::Reference(_)))
}

fn characters(name: &str, value: &Value, is_address: bool) -> Result<(), ScimError> {
    match value {
        Value::String(text) if !is_address && text.contains(BAD) => {
            Err(invalid(format!("{name} must not contain any of < > ; : % in Identity Center's profile.")))
        }
        Value::Array(items) => items.iter().try_for_each(|item| characters(name, item, is_address)),
        Value::Object(parts) => {
            parts.iter().try_for_each(|(part, value)| characters(name, value, is_address || part == "$ref"))
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => Ok(()),
    }
}

fn members(count: usize) -> Result<(), ScimError> {
    if count <= MOST_MEMBERS {
        return Ok(());
    }
    Err(invalid(format!(
        "A request can change at most {MOST_MEMBERS} memberships in Identity Center's profile, not {count}; split it."
    )))
}

/// A POST body of a group: at most 100 members.
///
/// # Errors
/// `invalidValue`.
pub fn group_request(joining: &[DirectoryUserId]) -> Result<(), ScimError> {
    members(joining.len())
}

/// What a group would be after the request: no bad characters.
///
/// # Errors
/// `invalidValue`.
pub fn group(display_name: &str, external_id: Option<&str>) -> Result<(), ScimError> {
    characters("displayName", &Value::from(display_name), false)?;
    characters("externalId", &Value::from(external_id), false)
}

/// A PATCH of a group: only displayName, externalId and members; at most 100 memberships; nobody is replaced or removed by the
/// lump.
///
/// # Errors
/// `invalidValue`.
pub fn group_patch(operations: &[Operation], memberships: &[MemberOperation]) -> Result<(), ScimError> {
    for operation in operations {
        let path = operation.path.attribute();
        if !path.is("displayName", None) && !path.is("externalId", None) {
            return Err(invalid(
                "A PATCH of a group can change displayName, externalId and members only in Identity Center's profile."
                    .to_owned(),
            ));
        }
    }
    let mut changes = 0_usize;
    for operation in memberships {
        match operation {
            MemberOperation::Add(ids) | MemberOperation::Remove(ids) => changes = changes.saturating_add(ids.len()),
            MemberOperation::RemoveAll | MemberOperation::Replace(_) => {
                return Err(invalid(
                    "Replacing or removing all members is not supported in Identity Center's profile: add and remove them by name."
                        .to_owned(),
                ));
            }
        }
    }
    members(changes)
}
