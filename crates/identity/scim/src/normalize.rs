//! From what clients send to what is kept: names as the schema spells them, types as it says, nothing unassigned.

use serde_json::Value;

use crate::error::ScimError;
use crate::json::{self, Object};
use crate::schema::{Attribute, Kind, Mutability, ResourceType, Schema, find};

/// Most values of one attribute. Members of groups are not values in this sense: their number isn't limited.
pub(crate) const MOST_VALUES: usize = 1000;

/// The writable attributes of a POST or PUT body. `id`, `meta`, `schemas` and what is read-only are ignored (RFC 7644 3.3,
/// 3.5.1); attributes that no schema declares and other extensions are kept as they are.
pub(crate) fn resource(body: Object, resource_type: &ResourceType) -> Result<Object, ScimError> {
    // some clients list URNs that nobody knows; only the wrong resource type is refused
    json::check_message(&body, resource_type.core.urn)?;
    let mut kept = Object::new();
    for (name, value) in body {
        if let Some(schema) = resource_type.extension(&name) {
            if let Some(extension) = extension(schema, value)? {
                insert(&mut kept, schema.urn, extension)?;
            }
        } else if let Some(attribute) = resource_type.attribute(&name) {
            if attribute.mutability == Mutability::ReadOnly {
                continue;
            }
            if let Some(value) = assigned(attribute, value)? {
                insert(&mut kept, attribute.name, value)?;
            }
        } else if name.eq_ignore_ascii_case(resource_type.core.urn) {
            return Err(ScimError::InvalidSyntax("Attributes of the core schema stand at the top level.".to_owned()));
        } else if json::is_assigned(&value) {
            insert(&mut kept, &name, value)?;
        }
    }
    Ok(kept)
}

fn insert(kept: &mut Object, name: &str, value: Value) -> Result<(), ScimError> {
    if json::key_of(kept, name).is_some() {
        return Err(json::given_twice(name));
    }
    kept.insert(name.to_owned(), value);
    Ok(())
}

fn extension(schema: &'static Schema, value: Value) -> Result<Option<Value>, ScimError> {
    let value = match value {
        Value::Null => return Ok(None),
        Value::Object(mut parts) => {
            json::take(&mut parts, "schemas");
            complex(schema.attributes, parts)?
        }
        Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => {
            return Err(wrong(schema.name, "an object"));
        }
    };
    Ok(value)
}

/// The value as it is kept; none when it is null, empty or has nothing assigned in it.
pub(crate) fn assigned(attribute: &Attribute, value: Value) -> Result<Option<Value>, ScimError> {
    if !attribute.multi_valued {
        return single(attribute, value);
    }
    let items = match value {
        Value::Array(items) => items,
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Object(_) => vec![value],
    };
    few_enough(attribute.name, items.len())?;
    let mut kept: Vec<Value> = Vec::new();
    for item in items {
        if let Some(item) = single(attribute, item)?
            && !kept.contains(&item)
        {
            kept.push(item);
        }
    }
    if kept.iter().filter(|item| is_primary(item)).count() > 1 {
        return Err(ScimError::InvalidValue(format!("At most one of {} can be primary.", attribute.name)));
    }
    Ok(if kept.is_empty() { None } else { Some(Value::Array(kept)) })
}

/// Values are compared with each other: more of them would hold everybody up.
pub(crate) fn few_enough(name: &str, values: usize) -> Result<(), ScimError> {
    if values <= MOST_VALUES {
        return Ok(());
    }
    Err(ScimError::InvalidValue(format!("{name} can have at most {MOST_VALUES} values.")))
}

pub(crate) fn is_primary(value: &Value) -> bool {
    value.as_object().and_then(|value| value.get("primary")) == Some(&Value::Bool(true))
}

/// One value of the attribute.
pub(crate) fn single(attribute: &Attribute, value: Value) -> Result<Option<Value>, ScimError> {
    if value.is_null() {
        return Ok(None);
    }
    match attribute.kind {
        Kind::String | Kind::DateTime | Kind::Binary | Kind::Reference(_) => match value {
            Value::String(_) => Ok(Some(value)),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => {
                Err(wrong(attribute.name, "a string"))
            }
        },
        Kind::Boolean => boolean(attribute.name, &value).map(Some),
        Kind::Complex(parts) => match value {
            Value::Object(object) => complex(parts, object),
            // Entra sends a manager's bare id, and some clients send bare addresses
            Value::String(_) if find(parts, "value").is_some() => {
                Ok(Some(Value::Object(Object::from_iter([("value".to_owned(), value)]))))
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => {
                Err(wrong(attribute.name, "an object"))
            }
        },
    }
}

/// Entra sends booleans as the strings "True" and "False".
fn boolean(name: &str, value: &Value) -> Result<Value, ScimError> {
    match value {
        Value::Bool(_) => Ok(value.clone()),
        Value::String(text) if text.eq_ignore_ascii_case("true") => Ok(Value::Bool(true)),
        Value::String(text) if text.eq_ignore_ascii_case("false") => Ok(Value::Bool(false)),
        Value::Null | Value::Number(_) | Value::String(_) | Value::Array(_) | Value::Object(_) => {
            Err(wrong(name, "true or false"))
        }
    }
}

fn complex(parts: &'static [Attribute], object: Object) -> Result<Option<Value>, ScimError> {
    let mut kept = Object::new();
    for (key, value) in object {
        match find(parts, &key) {
            Some(part) if part.mutability == Mutability::ReadOnly => {}
            Some(part) => {
                if let Some(value) = assigned(part, value)? {
                    insert(&mut kept, part.name, value)?;
                }
            }
            None if json::is_assigned(&value) => insert(&mut kept, &key, value)?,
            None => {}
        }
    }
    Ok(if kept.is_empty() { None } else { Some(Value::Object(kept)) })
}

fn wrong(name: &str, wanted: &str) -> ScimError {
    ScimError::InvalidValue(format!("{name} must be {wanted}."))
}
