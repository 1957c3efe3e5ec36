//! The User resource (RFC 7643 4.1, 4.3) and the directory's people.

use std::sync::Arc;

use base::Secret;
use directory::{DirectoryGroup, DirectoryUser, NewUser, Origin};
use serde_json::{Value, json};

use crate::error::ScimError;
use crate::json::{self, Object};
use crate::normalize;
use crate::patch::{self, Op, Operation};
use crate::schema::{USERS, find};
use crate::{etag, group};

/// What happens to the password.
#[derive(Debug, Clone, Default)]
pub enum PasswordChange {
    #[default]
    Keep,
    Set(Secret<String>),
    Remove,
}

/// What a missing `active` means. Kept as an unassigned attribute, it means disabled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Missing {
    /// A new person may sign in.
    Enabled,
    /// PUT without `active` must neither enable nor disable anybody.
    AsBefore { active: bool, unassigned: bool },
    /// It was removed.
    Unassigned,
}

/// A POST body.
///
/// # Errors
/// `invalidSyntax`, `invalidValue`.
pub fn create(mut body: Object) -> Result<(NewUser, PasswordChange), ScimError> {
    let password = take_password(&mut body)?;
    let attributes = normalize::resource(body, &USERS)?;
    Ok((from_attributes(attributes, Missing::Enabled)?, password))
}

/// A PUT body: what it leaves out is cleared, but for `active`, the password, and what is read-only.
///
/// # Errors
/// `invalidSyntax`, `invalidValue`.
pub fn replace(mut body: Object) -> Result<(Replacement, PasswordChange), ScimError> {
    let password = take_password(&mut body)?;
    Ok((Replacement(normalize::resource(body, &USERS)?), password))
}

/// A PUT body that was read and waits for the person it replaces.
#[derive(Debug, Clone)]
pub struct Replacement(Object);

impl Replacement {
    /// The new value of `current`.
    ///
    /// # Errors
    /// `invalidValue`.
    pub fn of(self, current: &DirectoryUser) -> Result<NewUser, ScimError> {
        let unassigned = is_unassigned(&current.attributes);
        from_attributes(self.0, Missing::AsBefore { active: current.active, unassigned })
    }
}

/// A PATCH body: the operations on the resource, and what happens to the password.
///
/// # Errors
/// As [`patch::parse`].
pub fn patch(body: Object) -> Result<(Vec<Operation>, PasswordChange), ScimError> {
    let mut password = PasswordChange::Keep;
    let mut operations = Vec::new();
    for operation in patch::parse(body, &USERS)? {
        if !operation.path.attribute().is("password", None) {
            operations.push(operation);
            continue;
        }
        password = match (operation.op, operation.value) {
            (Op::Remove, _) | (Op::Replace, None) => PasswordChange::Remove,
            (Op::Add, None) => password,
            (Op::Add | Op::Replace, Some(value)) => PasswordChange::Set(secret(value)?),
        };
    }
    Ok((operations, password))
}

/// The new value of `current` after the operations.
///
/// # Errors
/// As [`patch::apply`].
pub fn patched(current: &DirectoryUser, operations: &[Operation]) -> Result<NewUser, ScimError> {
    let mut attributes = attributes_of(current);
    patch::apply(&mut attributes, operations, &USERS)?;
    from_attributes(attributes, Missing::Unassigned)
}

fn take_password(body: &mut Object) -> Result<PasswordChange, ScimError> {
    match json::take_only(body, "password")? {
        None | Some(Value::Null) => Ok(PasswordChange::Keep),
        Some(value) => secret(value).map(PasswordChange::Set),
    }
}

fn secret(value: Value) -> Result<Secret<String>, ScimError> {
    match value {
        Value::String(text) => Ok(Secret::new(text)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => {
            Err(ScimError::InvalidValue("password must be a string.".to_owned()))
        }
    }
}

/// Without `active`, which is kept as null among the attributes when it was removed.
fn is_unassigned(attributes: &Object) -> bool {
    attributes.get("active") == Some(&Value::Null)
}

fn text(attributes: &mut Object, name: &str) -> Option<String> {
    match attributes.remove(name) {
        Some(Value::String(text)) => Some(text),
        Some(_) | None => None,
    }
}

fn from_attributes(mut attributes: Object, missing: Missing) -> Result<NewUser, ScimError> {
    let user_name = text(&mut attributes, "userName")
        .ok_or_else(|| ScimError::InvalidValue("userName is required and must be a string.".to_owned()))?;
    let active = match (attributes.remove("active"), missing) {
        (Some(Value::Bool(active)), _) => Some(active),
        (_, Missing::Enabled) => Some(true),
        (_, Missing::AsBefore { active, unassigned }) => Some(active).filter(|_| !unassigned),
        (_, Missing::Unassigned) => None,
    };
    let (given_name, family_name) = match attributes.remove("name") {
        Some(Value::Object(mut name)) => {
            let parts = (text(&mut name, "givenName"), text(&mut name, "familyName"));
            if !name.is_empty() {
                attributes.insert("name".to_owned(), Value::Object(name));
            }
            parts
        }
        Some(_) | None => (None, None),
    };
    let email = email(&mut attributes);
    let new = NewUser {
        user_name,
        external_id: text(&mut attributes, "externalId").filter(|id| !id.is_empty()),
        active: active.unwrap_or(false),
        display_name: text(&mut attributes, "displayName"),
        given_name,
        family_name,
        email,
        attributes: {
            if active.is_none() {
                attributes.insert("active".to_owned(), Value::Null);
            }
            attributes
        },
        origin: Origin::Scim,
    };
    Ok(new)
}

/// The primary address, else the first. A lone `{primary, value}` needs no second place among the attributes.
fn email(attributes: &mut Object) -> Option<String> {
    let items = attributes.get("emails")?.as_array()?;
    let address = |item: &Value| item.get("value").and_then(Value::as_str).map(str::to_owned);
    let primary = items.iter().find(|item| normalize::is_primary(item)).and_then(address);
    let email = primary.or_else(|| items.iter().find_map(address))?;
    if attributes.get("emails") == Some(&lone_email(&email)) {
        attributes.remove("emails");
    }
    Some(email)
}

fn lone_email(email: &str) -> Value {
    json!([{"value": email, "primary": true}])
}

/// The writable attributes as JSON.
#[must_use]
pub fn attributes_of(user: &DirectoryUser) -> Object {
    let mut attributes = user.attributes.clone();
    let kept = Kept {
        user_name: &user.user_name,
        external_id: user.external_id.as_deref(),
        active: user.active,
        display_name: user.display_name.as_deref(),
        given_name: user.given_name.as_deref(),
        family_name: user.family_name.as_deref(),
        email: user.email.as_deref(),
    };
    kept.put(&mut attributes);
    attributes
}

/// The same of a person who isn't kept yet.
#[must_use]
pub fn attributes_of_new(new: &NewUser) -> Object {
    let mut attributes = new.attributes.clone();
    let kept = Kept {
        user_name: &new.user_name,
        external_id: new.external_id.as_deref(),
        active: new.active,
        display_name: new.display_name.as_deref(),
        given_name: new.given_name.as_deref(),
        family_name: new.family_name.as_deref(),
        email: new.email.as_deref(),
    };
    kept.put(&mut attributes);
    attributes
}

/// What the directory keeps beside the attributes.
struct Kept<'a> {
    user_name: &'a str,
    external_id: Option<&'a str>,
    active: bool,
    display_name: Option<&'a str>,
    given_name: Option<&'a str>,
    family_name: Option<&'a str>,
    email: Option<&'a str>,
}

impl Kept<'_> {
    fn put(&self, attributes: &mut Object) {
        attributes.insert("userName".to_owned(), json!(self.user_name));
        if is_unassigned(attributes) {
            attributes.remove("active");
        } else {
            attributes.insert("active".to_owned(), json!(self.active));
        }
        for (name, value) in [("externalId", self.external_id), ("displayName", self.display_name)] {
            if let Some(value) = value {
                attributes.insert(name.to_owned(), json!(value));
            }
        }
        let mut name = match attributes.remove("name") {
            Some(Value::Object(name)) => name,
            Some(_) | None => Object::new(),
        };
        for (part, value) in [("givenName", self.given_name), ("familyName", self.family_name)] {
            if let Some(value) = value {
                name.insert(part.to_owned(), json!(value));
            }
        }
        if !name.is_empty() {
            attributes.insert("name".to_owned(), Value::Object(name));
        }
        if let Some(email) = self.email
            && !attributes.contains_key("emails")
        {
            attributes.insert("emails".to_owned(), lone_email(email));
        }
    }
}

/// The whole resource. `groups`: those of the person; `base_url`: without a trailing slash.
#[must_use]
pub fn resource(user: &DirectoryUser, groups: &[Arc<DirectoryGroup>], base_url: &str) -> Object {
    let mut resource = attributes_of(user);
    let mut schemas = vec![USERS.core.urn.to_owned()];
    schemas.extend(extensions(&resource));
    resource.insert("schemas".to_owned(), json!(schemas));
    resource.insert("id".to_owned(), json!(user.id.as_str()));
    if !groups.is_empty() {
        let groups = groups.iter().map(|one| {
            json!({
                "value": one.id.as_str(),
                "display": one.display_name,
                "type": "direct",
                "$ref": format!("{base_url}/Groups/{}", one.id),
            })
        });
        resource.insert("groups".to_owned(), groups.collect());
    }
    let location = location(user, base_url);
    let meta = group::meta("User", user.created, user.modified, &location, &etag::of(user.version));
    resource.insert("meta".to_owned(), meta);
    resource
}

/// The resource's address.
#[must_use]
pub fn location(user: &DirectoryUser, base_url: &str) -> String {
    format!("{base_url}/Users/{}", user.id)
}

/// The URNs among the names.
pub(crate) fn extensions(resource: &Object) -> Vec<String> {
    resource.keys().filter(|name| name.contains(':')).cloned().collect()
}

/// The names of attributes whose values differ, ordered. For the audit trail.
#[must_use]
pub fn changed(before: &Object, after: &Object) -> Vec<String> {
    let names: std::collections::BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    let declared = |name: &str| find(crate::schema::COMMON, name).is_some_and(|common| common.name != "externalId");
    names.into_iter().filter(|name| !declared(name) && before.get(*name) != after.get(*name)).cloned().collect()
}

#[cfg(test)]
mod tests;
