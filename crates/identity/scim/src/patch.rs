//! PATCH: RFC 7644 3.5.2, in order and as one.

mod apply;
mod members;

use std::fmt;

use serde_json::Value;

pub use members::{MemberOperation, member_edit, split_members};

use crate::error::ScimError;
use crate::filter::{Filter, parse_path};
use crate::json::{self, Object};
use crate::path::AttrPath;
use crate::schema::{Attribute, ResourceType};

/// Most operations in one request, after those without a path have been taken apart. Those on the members of a group don't count:
/// a group changes by as many people as the body holds.
pub const MOST: usize = 1000;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Op {
    Add,
    Remove,
    Replace,
}

/// What an operation is about.
#[derive(Debug, Clone, PartialEq)]
pub enum PatchPath {
    Attribute(AttrPath),
    /// `attribute[filter]`, and the part behind it.
    Entries {
        path: AttrPath,
        filter: Filter,
        part: Option<Part>,
    },
}

/// A sub-attribute of selected entries.
#[derive(Debug, Clone, PartialEq)]
pub struct Part {
    pub name: String,
    pub(crate) declared: Option<&'static Attribute>,
}

impl PatchPath {
    pub(crate) const fn attribute(&self) -> &AttrPath {
        match self {
            Self::Attribute(path) | Self::Entries { path, .. } => path,
        }
    }
}

/// One operation; those without a path have been taken apart into one per attribute.
#[derive(Clone, PartialEq)]
pub struct Operation {
    pub op: Op,
    pub path: PatchPath,
    /// None: absent or null.
    pub value: Option<Value>,
}

impl Operation {
    fn is_about_members(&self) -> bool {
        let path = self.path.attribute();
        path.extension.is_none() && path.name == "members"
    }
}

impl fmt::Debug for Operation {
    /// Without the value, which may be a password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Operation").field("op", &self.op).field("path", &self.path).finish_non_exhaustive()
    }
}

/// The operations of a PATCH body.
///
/// # Errors
/// `invalidSyntax`, `invalidPath`, `invalidFilter`, `noTarget` (remove without a path), `invalidValue`.
pub fn parse(mut body: Object, resource_type: &ResourceType) -> Result<Vec<Operation>, ScimError> {
    const URN: &str = "urn:ietf:params:scim:api:messages:2.0:PatchOp";
    json::check_message(&body, URN)?;
    let Some(Value::Array(items)) = json::take(&mut body, "Operations") else {
        return Err(ScimError::InvalidSyntax("\"Operations\" must be an array.".to_owned()));
    };
    let mut operations: Vec<Operation> = Vec::new();
    let mut counted = 0_usize;
    for item in items {
        let Value::Object(item) = item else {
            return Err(ScimError::InvalidSyntax("Each of \"Operations\" must be an object.".to_owned()));
        };
        let before = operations.len();
        operation(item, resource_type, &mut operations)?;
        counted += operations.iter().skip(before).filter(|operation| !operation.is_about_members()).count();
        if counted > MOST {
            return Err(ScimError::InvalidValue(format!("A PATCH can have at most {MOST} operations; split it.")));
        }
    }
    if operations.is_empty() {
        return Err(ScimError::InvalidSyntax("\"Operations\" asks for nothing.".to_owned()));
    }
    Ok(operations)
}

fn operation(mut item: Object, resource_type: &ResourceType, out: &mut Vec<Operation>) -> Result<(), ScimError> {
    let op = match json::take(&mut item, "op") {
        Some(Value::String(op)) if op.eq_ignore_ascii_case("add") => Op::Add,
        Some(Value::String(op)) if op.eq_ignore_ascii_case("remove") => Op::Remove,
        Some(Value::String(op)) if op.eq_ignore_ascii_case("replace") => Op::Replace,
        Some(_) | None => return Err(ScimError::InvalidSyntax("\"op\" must be add, remove or replace.".to_owned())),
    };
    let sent = json::take(&mut item, "value");
    if sent.is_none() && op != Op::Remove {
        return Err(ScimError::InvalidValue("add and replace need a \"value\".".to_owned()));
    }
    let value = sent.filter(|value| !value.is_null());
    match json::take(&mut item, "path") {
        Some(Value::String(path)) if !path.is_empty() => {
            out.push(Operation { op, path: path_of(&path, resource_type)?, value });
            Ok(())
        }
        None | Some(Value::Null | Value::String(_)) => without_path(op, value, resource_type, out),
        Some(Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_)) => {
            Err(ScimError::InvalidPath("\"path\" must be a string.".to_owned()))
        }
    }
}

/// The value's keys are paths. `id`, `meta` and `schemas` are ignored: Okta sends the group's own id.
fn without_path(
    op: Op,
    value: Option<Value>,
    resource_type: &ResourceType,
    out: &mut Vec<Operation>,
) -> Result<(), ScimError> {
    if op == Op::Remove {
        return Err(ScimError::NoTarget("remove needs a \"path\".".to_owned()));
    }
    let Some(Value::Object(value)) = value else {
        return Err(ScimError::InvalidValue("Without \"path\", \"value\" must be an object of attributes.".to_owned()));
    };
    for (key, value) in value {
        if ["id", "meta", "schemas"].iter().any(|ignored| key.eq_ignore_ascii_case(ignored)) {
            continue;
        }
        let value = Some(value).filter(|value| !value.is_null());
        out.push(Operation { op, path: path_of(&key, resource_type)?, value });
    }
    Ok(())
}

fn path_of(text: &str, resource_type: &ResourceType) -> Result<PatchPath, ScimError> {
    let (path, entries) = parse_path(text, resource_type).map_err(ScimError::InvalidPath)?;
    let undeclared = || ScimError::InvalidPath(format!("{} has no attribute \"{text}\".", resource_type.name));
    if path.is_undeclared() {
        return Err(undeclared());
    }
    if let Some(urn) = &path.extension {
        if urn.eq_ignore_ascii_case(resource_type.core.urn) {
            return Err(ScimError::InvalidPath(format!(
                "\"{urn}\" is the core schema: name its attributes by themselves, or as {urn}:displayName."
            )));
        }
        if resource_type.extension(urn).is_some() && !path.is_whole_extension() && path.declared.is_none() {
            return Err(undeclared());
        }
    }
    let Some((filter, part)) = entries else { return Ok(PatchPath::Attribute(path)) };
    if path.declared.is_none_or(|attribute| !attribute.multi_valued) {
        return Err(ScimError::InvalidPath(format!(
            "{} isn't multi-valued: nothing can be selected from it.",
            path.name
        )));
    }
    let part = match part {
        None => None,
        Some(name) => {
            let declared = path.declared.and_then(|attribute| attribute.part(&name)).ok_or_else(undeclared)?;
            Some(Part { name: declared.name.to_owned(), declared: Some(declared) })
        }
    };
    Ok(PatchPath::Entries { path, filter, part })
}

/// Applies all operations to the resource, or none.
///
/// # Errors
/// `noTarget`, `mutability`, `invalidValue`, `invalidPath`.
pub fn apply(resource: &mut Object, operations: &[Operation], resource_type: &ResourceType) -> Result<(), ScimError> {
    let mut draft = resource.clone();
    for operation in operations {
        apply::one(&mut draft, operation, resource_type)?;
    }
    *resource = draft;
    Ok(())
}

#[cfg(test)]
mod tests;
