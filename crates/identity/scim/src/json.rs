//! JSON objects whose names are compared without regard to case (RFC 7643 2.1).

use serde_json::{Map, Value};

use crate::error::ScimError;

/// A JSON object.
pub type Object = Map<String, Value>;

/// What SCIM messages are sent as.
pub const MEDIA_TYPE: &str = "application/scim+json";

/// The object in a request's body.
///
/// # Errors
/// `invalidSyntax` for anything else.
pub fn parse(body: &[u8]) -> Result<Object, ScimError> {
    // serde_json's own message would quote the body, which may hold a password
    let value = base::strict_json::read(body).map_err(|error| {
        let wrong = if error.is_data() { "names an attribute twice" } else { "isn't JSON" };
        ScimError::InvalidSyntax(format!("The body {wrong} (line {}, column {}).", error.line(), error.column()))
    })?;
    match value {
        Value::Object(object) => Ok(object),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => {
            Err(ScimError::InvalidSyntax("The body must be a JSON object.".to_owned()))
        }
    }
}

/// Whether the message is the one that `urn` names. Some clients leave `schemas` out.
pub(crate) fn check_message(body: &Object, urn: &str) -> Result<(), ScimError> {
    match get(body, "schemas") {
        None => Ok(()),
        Some(Value::Array(urns)) if urns.iter().filter_map(Value::as_str).any(|one| one.eq_ignore_ascii_case(urn)) => {
            Ok(())
        }
        Some(_) => Err(ScimError::InvalidSyntax(format!("\"schemas\" must be an array with \"{urn}\" in it."))),
    }
}

/// The name as `object` spells it.
pub(crate) fn key_of(object: &Object, name: &str) -> Option<String> {
    if object.contains_key(name) {
        return Some(name.to_owned());
    }
    object.keys().find(|key| key.eq_ignore_ascii_case(name)).cloned()
}

pub(crate) fn get<'a>(object: &'a Object, name: &str) -> Option<&'a Value> {
    object.get(name).or_else(|| object.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value))
}

pub(crate) fn take(object: &mut Object, name: &str) -> Option<Value> {
    key_of(object, name).and_then(|key| object.remove(&key))
}

/// Takes what must not be left behind under another spelling: the password, the members.
///
/// # Errors
/// `invalidSyntax` when the name is given more than once.
pub(crate) fn take_only(object: &mut Object, name: &str) -> Result<Option<Value>, ScimError> {
    let value = take(object, name);
    if key_of(object, name).is_some() {
        return Err(given_twice(name));
    }
    Ok(value)
}

pub(crate) fn given_twice(name: &str) -> ScimError {
    ScimError::InvalidSyntax(format!("\"{name}\" is given more than once."))
}

/// Neither null nor empty.
pub(crate) fn is_assigned(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Bool(_) | Value::Number(_) => true,
        Value::String(text) => !text.is_empty(),
        Value::Array(items) => items.iter().any(is_assigned),
        Value::Object(object) => object.values().any(is_assigned),
    }
}

#[cfg(test)]
mod tests;
