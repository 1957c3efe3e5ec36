//! `bulkId:…` in place of an id that the server hasn't issued yet (RFC 7644 3.7.2).

use std::collections::HashMap;

use serde_json::Value;

use super::Operation;
use crate::error::ScimError;
use crate::json::Object;

const PREFIX: &str = "bulkId:";

fn named(text: &str) -> Option<&str> {
    text.strip_prefix(PREFIX).filter(|id| !id.is_empty())
}

/// The bulkIds that the value refers to, in order.
pub(super) fn of_value<'a>(value: &'a Value, found: &mut Vec<&'a str>) {
    match value {
        Value::String(text) => found.extend(named(text)),
        Value::Array(items) => items.iter().for_each(|item| of_value(item, found)),
        Value::Object(parts) => parts.values().for_each(|part| of_value(part, found)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// The bulkId in a path like `/Users/bulkId:…`.
pub(super) fn of_path(path: &str) -> Option<&str> {
    path.rsplit('/').find_map(named)
}

/// What has become of an operation that others refer to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Resolved {
    /// The id of what it created.
    Created(String),
    Failed,
}

/// The operations that were done so far, by bulkId.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct References(HashMap<String, Resolved>);

impl References {
    /// Remembers what became of the POST with this bulkId.
    pub fn record(&mut self, bulk_id: &str, resolved: Resolved) {
        self.0.insert(bulk_id.to_owned(), resolved);
    }

    /// # Errors
    /// `invalidValue` when no POST of the request has this bulkId, 409 when that POST failed.
    fn id(&self, bulk_id: &str) -> Result<&str, ScimError> {
        match self.0.get(bulk_id) {
            Some(Resolved::Created(id)) => Ok(id),
            Some(Resolved::Failed) => Err(ScimError::Conflict(format!(
                "The operation with the bulkId \"{bulk_id}\" failed, so that there is nothing to refer to."
            ))),
            None => Err(ScimError::InvalidValue(format!(
                "No POST of this request that could be carried out has the bulkId \"{bulk_id}\"."
            ))),
        }
    }

    fn substitute(&self, value: &mut Value) -> Result<(), ScimError> {
        match value {
            Value::String(text) => {
                if let Some(bulk_id) = named(text) {
                    *text = self.id(bulk_id)?.to_owned();
                }
                Ok(())
            }
            Value::Array(items) => items.iter_mut().try_for_each(|item| self.substitute(item)),
            Value::Object(parts) => parts.iter_mut().try_for_each(|(name, part)| {
                if name.eq_ignore_ascii_case("path") && part.as_str().is_some_and(|path| path.contains("\"bulkId:")) {
                    return Err(ScimError::InvalidPath("A bulkId can't be used in the filter of a path.".to_owned()));
                }
                self.substitute(part)
            }),
            Value::Null | Value::Bool(_) | Value::Number(_) => Ok(()),
        }
    }

    /// The path with ids in it.
    ///
    /// # Errors
    /// As for the data.
    pub fn path(&self, path: &str) -> Result<String, ScimError> {
        let segment = |segment: &str| match named(segment) {
            Some(bulk_id) => self.id(bulk_id).map(str::to_owned),
            None => Ok(segment.to_owned()),
        };
        Ok(path.split('/').map(segment).collect::<Result<Vec<_>, _>>()?.join("/"))
    }

    /// The data with ids in it, without the attributes that have to wait.
    ///
    /// # Errors
    /// `invalidValue` for a bulkId that no POST has, 409 for one whose POST failed.
    pub fn data(&self, operation: &Operation, without: &[String]) -> Result<Object, ScimError> {
        let kept = operation.data.iter().filter(|(name, _)| !without.contains(name));
        self.all(kept)
    }

    /// The PATCH that adds the attributes that had to wait.
    ///
    /// # Errors
    /// As [`Self::data`].
    pub fn completion(&self, operation: &Operation, waiting: &[String]) -> Result<Object, ScimError> {
        let value = self.all(operation.data.iter().filter(|(name, _)| waiting.contains(name)))?;
        let add =
            Object::from_iter([("op".to_owned(), Value::from("add")), ("value".to_owned(), Value::Object(value))]);
        Ok(Object::from_iter([("Operations".to_owned(), Value::Array(vec![Value::Object(add)]))]))
    }

    fn all<'a>(&self, attributes: impl Iterator<Item = (&'a String, &'a Value)>) -> Result<Object, ScimError> {
        let mut resolved = Object::new();
        for (name, value) in attributes {
            let mut value = value.clone();
            self.substitute(&mut value)?;
            resolved.insert(name.clone(), value);
        }
        Ok(resolved)
    }
}
