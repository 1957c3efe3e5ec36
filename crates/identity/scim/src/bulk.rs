//! Bulk requests (RFC 7644 3.7): what they ask for, in which order it can be done, and what came of it.

mod plan;
mod references;

use serde_json::{Value, json};

pub use plan::{Step, plan};
pub use references::{References, Resolved};

use crate::error::ScimError;
use crate::json::{self as json_names, Object};

/// Most operations in one request.
pub const MOST_OPERATIONS: usize = 1000;
/// Longest body of one request, in bytes.
pub const LONGEST_BULK: usize = 16 * 1024 * 1024;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    Post,
    Put,
    Patch,
    Delete,
}

impl Method {
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
        }
    }
}

/// One operation as it was asked for.
#[derive(Clone, PartialEq)]
pub struct Operation {
    pub method: Method,
    pub bulk_id: Option<String>,
    /// An If-Match header's value.
    pub version: Option<String>,
    /// `/Users`, `/Groups/{id}`, `/Users/bulkId:{bulkId}`.
    pub path: String,
    /// Empty for DELETE.
    pub data: Object,
}

impl std::fmt::Debug for Operation {
    /// Without the data, which may hold a password.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Operation").field("method", &self.method).field("path", &self.path).finish_non_exhaustive()
    }
}

/// One entry of a request: an operation, or why it is none.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// As it was sent, for the answer.
    pub method: String,
    pub bulk_id: Option<String>,
    pub operation: Result<Operation, ScimError>,
}

/// A whole request.
#[derive(Debug, Clone, PartialEq)]
pub struct Request {
    /// After so many errors nothing more is begun.
    pub fail_on_errors: Option<usize>,
    pub entries: Vec<Entry>,
}

/// Reads the body of a request. What is wrong with a single operation fails that one only.
///
/// # Errors
/// `invalidSyntax` when it isn't a BulkRequest; 413 for more than [`MOST_OPERATIONS`].
pub fn parse(mut body: Object) -> Result<Request, ScimError> {
    json_names::check_message(&body, "urn:ietf:params:scim:api:messages:2.0:BulkRequest")?;
    let fail_on_errors =
        match json_names::take(&mut body, "failOnErrors") {
            None | Some(Value::Null) => None,
            Some(value) => {
                let most = value.as_u64().and_then(|most| usize::try_from(most).ok()).filter(|most| *most > 0);
                Some(most.ok_or_else(|| {
                    ScimError::InvalidSyntax("\"failOnErrors\" must be an integer from 1 on.".to_owned())
                })?)
            }
        };
    let Some(Value::Array(items)) = json_names::take(&mut body, "Operations") else {
        return Err(ScimError::InvalidSyntax("\"Operations\" must be an array.".to_owned()));
    };
    if items.is_empty() {
        return Err(ScimError::InvalidSyntax("\"Operations\" asks for nothing.".to_owned()));
    }
    if items.len() > MOST_OPERATIONS {
        return Err(ScimError::TooLarge(format!(
            "A bulk request can have at most {MOST_OPERATIONS} operations (maxOperations), not {}; split it.",
            items.len()
        )));
    }
    let mut entries: Vec<Entry> = items.into_iter().map(entry).collect();
    refuse_repeated_ids(&mut entries);
    Ok(Request { fail_on_errors, entries })
}

fn entry(item: Value) -> Entry {
    let Value::Object(mut item) = item else {
        let refused = ScimError::InvalidSyntax("Each of \"Operations\" must be an object.".to_owned());
        return Entry { method: String::new(), bulk_id: None, operation: Err(refused) };
    };
    let text = |value: Option<Value>| match value {
        Some(Value::String(text)) if !text.is_empty() => Some(text),
        Some(_) | None => None,
    };
    let method = text(json_names::take(&mut item, "method")).unwrap_or_default();
    let bulk_id = text(json_names::take(&mut item, "bulkId"));
    let operation = operation(&method, bulk_id.clone(), item);
    Entry { method, bulk_id, operation }
}

fn operation(method: &str, bulk_id: Option<String>, mut item: Object) -> Result<Operation, ScimError> {
    let invalid = |text: &str| ScimError::InvalidSyntax(text.to_owned());
    let method = match method.to_ascii_uppercase().as_str() {
        "POST" => Method::Post,
        "PUT" => Method::Put,
        "PATCH" => Method::Patch,
        "DELETE" => Method::Delete,
        _ => return Err(invalid("\"method\" must be POST, PUT, PATCH or DELETE.")),
    };
    if method == Method::Post && bulk_id.is_none() {
        return Err(invalid("A POST needs a \"bulkId\" of its own."));
    }
    let Some(Value::String(path)) = json_names::take(&mut item, "path") else {
        return Err(invalid("\"path\" must be a string like /Users or /Users/{id}."));
    };
    if path.contains(['?', '#']) {
        return Err(invalid("\"path\" can't have parameters: a bulk request's resources aren't shown."));
    }
    // the answer's location is made from it
    let path = format!("/{}", path.trim_matches('/'));
    let version = match json_names::take(&mut item, "version") {
        None | Some(Value::Null) => None,
        Some(Value::String(version)) => Some(version),
        Some(_) => return Err(invalid("\"version\" must be a string: the ETag of the resource.")),
    };
    let data = match (method, json_names::take(&mut item, "data")) {
        (Method::Delete, _) => Object::new(),
        (Method::Post | Method::Put | Method::Patch, Some(Value::Object(data))) => data,
        (Method::Post | Method::Put | Method::Patch, _) => {
            return Err(invalid("POST, PUT and PATCH need \"data\": an object."));
        }
    };
    Ok(Operation { method, bulk_id, version, path, data })
}

/// A bulkId names one operation of a request.
fn refuse_repeated_ids(entries: &mut [Entry]) {
    let mut seen = std::collections::HashSet::new();
    for entry in entries {
        if let Some(id) = &entry.bulk_id
            && !seen.insert(id.clone())
        {
            entry.operation =
                Err(ScimError::InvalidValue(format!("The bulkId \"{id}\" is given to an earlier operation already.")));
        }
    }
}

/// What came of one operation.
#[derive(Debug, Clone, PartialEq)]
pub struct Outcome {
    pub status: u16,
    pub location: Option<String>,
    /// The resource's ETag after the operation.
    pub version: Option<String>,
    /// The body: always of an error, of a success where there is one to show.
    pub response: Option<Value>,
}

/// The BulkResponse: the entries that were begun, in the order of the request.
#[must_use]
pub fn response(outcomes: &[(&Entry, Outcome)]) -> Value {
    let operations: Vec<Value> = outcomes
        .iter()
        .map(|(entry, outcome)| {
            let mut object = Object::new();
            object.insert("method".to_owned(), json!(entry.method));
            object.insert("status".to_owned(), json!(outcome.status.to_string()));
            for (name, value) in
                [("bulkId", &entry.bulk_id), ("location", &outcome.location), ("version", &outcome.version)]
            {
                if let Some(value) = value {
                    object.insert(name.to_owned(), json!(value));
                }
            }
            if let Some(response) = &outcome.response {
                object.insert("response".to_owned(), response.clone());
            }
            Value::Object(object)
        })
        .collect();
    json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkResponse"], "Operations": operations})
}

#[cfg(test)]
mod tests;
