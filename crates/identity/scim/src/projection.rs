//! `attributes` and `excludedAttributes` (RFC 7644 3.9).

use serde_json::Value;

use crate::error::ScimError;
use crate::json::{self, Object};
use crate::path::AttrPath;
use crate::schema::ResourceType;

/// Which attributes a response has. `id` and `schemas` are always in it, a password never.
#[derive(Debug, Clone, Default, PartialEq)]
pub enum Projection {
    #[default]
    All,
    Only(Vec<AttrPath>),
    Without(Vec<AttrPath>),
}

/// Most names in a list: each costs time with each resource and each member shown.
const MOST_NAMES: usize = 200;

const ALWAYS: [&str; 2] = ["id", "schemas"];

impl Projection {
    /// From the two parameters, each a list with commas.
    ///
    /// # Errors
    /// `invalidValue` when both are given, a name is malformed, or there are too many.
    pub fn parse(
        attributes: Option<&str>,
        excluded: Option<&str>,
        resource_type: &ResourceType,
    ) -> Result<Self, ScimError> {
        let paths = |list: &str| {
            let mut paths = Vec::new();
            for name in list.split(',').map(str::trim).filter(|name| !name.is_empty()) {
                let path = AttrPath::parse(name, resource_type).map_err(ScimError::InvalidValue)?;
                if !paths.contains(&path) {
                    paths.push(path);
                }
                if paths.len() > MOST_NAMES {
                    return Err(ScimError::InvalidValue(format!("At most {MOST_NAMES} attributes can be named.")));
                }
            }
            Ok(paths)
        };
        match (attributes.filter(|list| !list.is_empty()), excluded.filter(|list| !list.is_empty())) {
            (None, None) => Ok(Self::All),
            (Some(list), None) => Ok(Self::Only(paths(list)?)),
            (None, Some(list)) => Ok(Self::Without(paths(list)?)),
            (Some(_), Some(_)) => {
                Err(ScimError::InvalidValue("Give either attributes or excludedAttributes, not both.".to_owned()))
            }
        }
    }

    /// Whether the core attribute `name` can be in the response, so that it needn't be looked up otherwise.
    #[must_use]
    pub fn wants(&self, name: &str) -> bool {
        match self {
            Self::All => true,
            Self::Only(paths) => paths.iter().any(|path| path.extension.is_none() && path.name == name),
            Self::Without(paths) => !paths.iter().any(|path| path.is(name, None)),
        }
    }

    /// Whether the client named the part of the core attribute, so that it gets what is returned on request only.
    #[must_use]
    pub fn names(&self, name: &str, part: &str) -> bool {
        match self {
            Self::Only(paths) => paths.iter().any(|path| path.is(name, Some(part))),
            Self::All | Self::Without(_) => false,
        }
    }

    /// The resource as the client wants it.
    #[must_use]
    pub fn apply(&self, mut resource: Object) -> Object {
        match self {
            Self::All => resource,
            Self::Only(paths) => {
                let mut kept = Object::new();
                for name in ALWAYS {
                    if let Some(value) = resource.get(name) {
                        kept.insert(name.to_owned(), value.clone());
                    }
                }
                for path in paths {
                    keep(&resource, &mut kept, path);
                }
                kept
            }
            Self::Without(paths) => {
                for path in paths {
                    drop_path(&mut resource, path);
                }
                resource
            }
        }
    }
}

fn keep(from: &Object, to: &mut Object, path: &AttrPath) {
    let Some(urn) = &path.extension else {
        keep_attribute(from, to, path);
        return;
    };
    let Some(key) = json::key_of(from, urn) else { return };
    let Some(Value::Object(extension)) = from.get(&key) else { return };
    let mut kept = match to.remove(&key) {
        Some(Value::Object(kept)) => kept,
        Some(_) | None => Object::new(),
    };
    if path.is_whole_extension() {
        kept.clone_from(extension);
    } else {
        keep_attribute(extension, &mut kept, path);
    }
    if !kept.is_empty() {
        to.insert(key, Value::Object(kept));
    }
}

fn keep_attribute(from: &Object, to: &mut Object, path: &AttrPath) {
    let Some(key) = json::key_of(from, &path.name) else { return };
    let Some(value) = from.get(&key) else { return };
    let Some(sub) = &path.sub else {
        to.insert(key, value.clone());
        return;
    };
    let part = |value: &Value, kept: Option<&Value>| {
        let mut object = kept.and_then(Value::as_object).cloned().unwrap_or_default();
        if let Some(source) = value.as_object()
            && let Some(name) = json::key_of(source, sub)
            && let Some(found) = source.get(&name)
        {
            object.insert(name, found.clone());
        }
        Value::Object(object)
    };
    let before = to.get(&key);
    let projected = match value {
        Value::Array(items) => {
            let kept = before.and_then(Value::as_array);
            items.iter().enumerate().map(|(at, item)| part(item, kept.and_then(|kept| kept.get(at)))).collect()
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Object(_) => part(value, before),
    };
    if json::is_assigned(&projected) {
        to.insert(key, projected);
    }
}

fn drop_path(resource: &mut Object, path: &AttrPath) {
    if path.extension.is_none() && ALWAYS.contains(&path.name.as_str()) {
        return;
    }
    let Some(urn) = &path.extension else {
        drop_attribute(resource, path);
        return;
    };
    let Some(key) = json::key_of(resource, urn) else { return };
    let Some(Value::Object(mut extension)) = resource.remove(&key) else { return };
    if path.is_whole_extension() {
        return;
    }
    drop_attribute(&mut extension, path);
    if !extension.is_empty() {
        resource.insert(key, Value::Object(extension));
    }
}

fn drop_attribute(object: &mut Object, path: &AttrPath) {
    let Some(key) = json::key_of(object, &path.name) else { return };
    let Some(sub) = &path.sub else {
        object.remove(&key);
        return;
    };
    match object.get_mut(&key) {
        Some(Value::Object(inner)) => {
            json::take(inner, sub);
        }
        Some(Value::Array(items)) => {
            for inner in items.iter_mut().filter_map(Value::as_object_mut) {
                json::take(inner, sub);
            }
        }
        Some(Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_)) | None => {}
    }
}

#[cfg(test)]
mod tests;
