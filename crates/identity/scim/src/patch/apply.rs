//! One operation on a JSON resource.

use serde_json::Value;

use super::{Op, Operation, Part, PatchPath};
use crate::error::ScimError;
use crate::filter::{Filter, Literal, Operator};
use crate::json::{self, Object};
use crate::normalize;
use crate::path::AttrPath;
use crate::schema::{Attribute, Kind, Mutability, ResourceType, Schema};

pub(super) fn one(resource: &mut Object, operation: &Operation, resource_type: &ResourceType) -> Result<(), ScimError> {
    let path = operation.path.attribute();
    writable(path.declared)?;
    writable(path.declared_sub)?;
    let Some(urn) = &path.extension else { return inside(resource, operation) };
    let key = json::key_of(resource, urn).unwrap_or_else(|| urn.clone());
    let mut extension = match resource.remove(&key) {
        Some(Value::Object(object)) => object,
        Some(_) | None => Object::new(),
    };
    if path.is_whole_extension() {
        whole_extension(&mut extension, operation, resource_type.extension(urn))?;
    } else {
        inside(&mut extension, operation)?;
    }
    if !extension.is_empty() {
        resource.insert(key, Value::Object(extension));
    }
    Ok(())
}

fn writable(attribute: Option<&Attribute>) -> Result<(), ScimError> {
    match attribute {
        Some(attribute) if attribute.mutability == Mutability::ReadOnly => {
            Err(ScimError::Mutability(format!("{} is read-only.", attribute.name)))
        }
        Some(_) | None => Ok(()),
    }
}

/// The path is an extension's URN: its value's keys are attributes. They are added and replaced one by one.
fn whole_extension(
    extension: &mut Object,
    operation: &Operation,
    schema: Option<&'static Schema>,
) -> Result<(), ScimError> {
    let parts = match (&operation.op, &operation.value) {
        (Op::Remove, _) | (Op::Replace, None) => {
            extension.clear();
            return Ok(());
        }
        (Op::Add, None) => return Ok(()),
        (Op::Add | Op::Replace, Some(Value::Object(parts))) => parts,
        (Op::Add | Op::Replace, Some(_)) => {
            return Err(ScimError::InvalidValue("The value of an extension must be an object.".to_owned()));
        }
    };
    // scim2-tester, like some clients, repeats the extension's URN in it
    for (name, value) in parts.iter().filter(|(name, _)| !name.eq_ignore_ascii_case("schemas")) {
        let declared = schema.and_then(|schema| schema.attribute(name));
        if schema.is_some() && declared.is_none() {
            return Err(ScimError::InvalidPath(format!("The extension has no attribute \"{name}\".")));
        }
        let path = AttrPath {
            extension: None,
            name: declared.map_or(name.as_str(), |attribute| attribute.name).to_owned(),
            sub: None,
            declared,
            declared_sub: None,
        };
        writable(declared)?;
        let value = Some(value.clone()).filter(|value| !value.is_null());
        inside(extension, &Operation { op: operation.op, path: PatchPath::Attribute(path), value })?;
    }
    Ok(())
}

/// In the object that has the attribute: the resource, or an extension in it.
fn inside(object: &mut Object, operation: &Operation) -> Result<(), ScimError> {
    let value = operation.value.clone();
    match &operation.path {
        PatchPath::Entries { path, filter, part } => match path.declared {
            Some(attribute) => entries(object, attribute, operation.op, filter, part.as_ref(), value),
            None => Err(ScimError::InvalidPath(format!("Nothing can be selected from \"{}\".", path.name))),
        },
        PatchPath::Attribute(path) => match (path.declared, path.sub.as_deref()) {
            (Some(attribute), None) => attribute_whole(object, attribute, operation.op, value),
            (Some(attribute), Some(_)) => match path.declared_sub {
                Some(part) if attribute.multi_valued => part_of_all(object, attribute, part, operation.op, value),
                Some(part) => part_of_one(object, attribute, part, operation.op, value),
                None => Err(ScimError::InvalidPath(format!("{} has no such part.", attribute.name))),
            },
            (None, None) => undeclared(object, &path.name, operation.op, value),
            (None, Some(sub)) => {
                let mut inner = match json::take(object, &path.name) {
                    Some(Value::Object(inner)) => inner,
                    Some(_) | None => Object::new(),
                };
                undeclared(&mut inner, sub, operation.op, value)?;
                put(object, &path.name, Value::Object(inner));
                Ok(())
            }
        },
    }
}

/// An attribute of an extension that we have no schema of.
fn undeclared(object: &mut Object, name: &str, op: Op, value: Option<Value>) -> Result<(), ScimError> {
    let key = json::key_of(object, name).unwrap_or_else(|| name.to_owned());
    match (op, value) {
        (Op::Remove, Some(_)) => {
            return Err(ScimError::InvalidValue(format!("Nothing is known of {name}: it can only be removed whole.")));
        }
        (Op::Remove | Op::Replace, None) => {
            object.remove(&key);
        }
        (Op::Add, None) => {}
        (Op::Add, Some(Value::Array(more))) if object.get(&key).is_some_and(Value::is_array) => {
            if let Some(Value::Array(items)) = object.get_mut(&key) {
                normalize::few_enough(name, items.len().saturating_add(more.len()))?;
                for item in more {
                    if !items.contains(&item) {
                        items.push(item);
                    }
                }
            }
        }
        (Op::Add | Op::Replace, Some(value)) => {
            object.insert(key, value);
        }
    }
    Ok(())
}

/// Puts the value, or removes the attribute when nothing is left of it.
fn put(object: &mut Object, name: &str, value: Value) {
    let key = json::key_of(object, name).unwrap_or_else(|| name.to_owned());
    let empty = match &value {
        Value::Array(items) => items.is_empty(),
        Value::Object(parts) => parts.is_empty(),
        Value::Null => true,
        Value::Bool(_) | Value::Number(_) | Value::String(_) => false,
    };
    if empty {
        object.remove(&key);
    } else {
        object.insert(key, value);
    }
}

fn unassign(object: &mut Object, attribute: &Attribute) -> Result<(), ScimError> {
    if attribute.required {
        return Err(ScimError::Mutability(format!("{} is required: it can't be removed.", attribute.name)));
    }
    json::take(object, attribute.name);
    Ok(())
}

fn attribute_whole(object: &mut Object, attribute: &Attribute, op: Op, value: Option<Value>) -> Result<(), ScimError> {
    match op {
        Op::Remove => match value {
            Some(listed) if attribute.multi_valued => remove_listed(object, attribute, listed),
            Some(_) | None => unassign(object, attribute),
        },
        Op::Add | Op::Replace => {
            if let (Kind::Complex(_), false, Some(Value::Object(parts))) =
                (attribute.kind, attribute.multi_valued, &value)
            {
                return merge_parts(object, attribute, op, parts);
            }
            let value = value.map_or(Ok(None), |value| normalize::assigned(attribute, value))?;
            match (value, op) {
                (None, Op::Replace) => unassign(object, attribute),
                (None, Op::Add | Op::Remove) => Ok(()),
                (Some(Value::Array(new)), Op::Add) if attribute.multi_valued => append(object, attribute.name, new),
                // a bare id of a manager: its other parts belong to the manager before
                (Some(value), _) => {
                    put(object, attribute.name, value);
                    Ok(())
                }
            }
        }
    }
}

/// Sub-attributes that aren't named stay (RFC 7644 3.5.2.3), those that are null go.
fn merge_parts(object: &mut Object, attribute: &Attribute, op: Op, parts: &Object) -> Result<(), ScimError> {
    let mut merged = taken_object(object, attribute.name);
    for (name, value) in parts {
        let value = Some(value.clone()).filter(|value| !value.is_null());
        match attribute.part(name) {
            Some(part) if part.mutability == Mutability::ReadOnly => {}
            Some(part) => attribute_whole(&mut merged, part, op, value)?,
            None => undeclared(&mut merged, name, op, value)?,
        }
    }
    put(object, attribute.name, Value::Object(merged));
    Ok(())
}

fn taken_object(object: &mut Object, name: &str) -> Object {
    match json::take(object, name) {
        Some(Value::Object(inner)) => inner,
        Some(_) | None => Object::new(),
    }
}

fn taken_entries(object: &mut Object, name: &str) -> Vec<Value> {
    match json::take(object, name) {
        Some(Value::Array(items)) => items,
        Some(_) | None => Vec::new(),
    }
}

/// Adds what isn't there yet. A new primary one takes over from the old one.
fn append(object: &mut Object, name: &str, new: Vec<Value>) -> Result<(), ScimError> {
    let mut items = taken_entries(object, name);
    normalize::few_enough(name, items.len().saturating_add(new.len()))?;
    for item in new {
        if items.contains(&item) {
            continue;
        }
        if normalize::is_primary(&item) {
            items.iter_mut().for_each(not_primary);
        }
        items.push(item);
    }
    put(object, name, Value::Array(items));
    Ok(())
}

fn not_primary(item: &mut Value) {
    if normalize::is_primary(item)
        && let Some(item) = item.as_object_mut()
    {
        item.insert("primary".to_owned(), Value::Bool(false));
    }
}

/// Only the listed ones: known by their `value`, else by all their parts.
fn remove_listed(object: &mut Object, attribute: &Attribute, listed: Value) -> Result<(), ScimError> {
    let Some(Value::Array(listed)) = normalize::assigned(attribute, listed)? else { return Ok(()) };
    let value_of = |item: &Value| item.as_object().and_then(|item| item.get("value")).cloned();
    let mut items = taken_entries(object, attribute.name);
    items.retain(|item| {
        !listed.iter().any(|one| match value_of(one) {
            Some(value) => value_of(item).as_ref() == Some(&value),
            None => item == one,
        })
    });
    put(object, attribute.name, Value::Array(items));
    Ok(())
}

fn part_of_one(
    object: &mut Object,
    attribute: &Attribute,
    part: &'static Attribute,
    op: Op,
    value: Option<Value>,
) -> Result<(), ScimError> {
    let mut inner = taken_object(object, attribute.name);
    attribute_whole(&mut inner, part, op, value)?;
    put(object, attribute.name, Value::Object(inner));
    Ok(())
}

/// `emails.type`, without brackets, is about every entry.
fn part_of_all(
    object: &mut Object,
    attribute: &Attribute,
    part: &'static Attribute,
    op: Op,
    value: Option<Value>,
) -> Result<(), ScimError> {
    let mut items = taken_entries(object, attribute.name);
    if items.is_empty() && op != Op::Remove {
        items.push(Value::Object(Object::new()));
    }
    for item in items.iter_mut().filter_map(Value::as_object_mut) {
        attribute_whole(item, part, op, value.clone())?;
    }
    finish_entries(object, attribute, items, &[])
}

fn entries(
    object: &mut Object,
    attribute: &Attribute,
    op: Op,
    filter: &Filter,
    part: Option<&Part>,
    value: Option<Value>,
) -> Result<(), ScimError> {
    let part = part.and_then(|part| part.declared);
    writable(part)?;
    let mut items = taken_entries(object, attribute.name);
    let is_match = |item: &Value| item.as_object().is_some_and(|item| filter.matches(item));
    let mut touched: Vec<usize> =
        items.iter().enumerate().filter(|(_, item)| is_match(item)).map(|(at, _)| at).collect();
    if touched.is_empty() {
        match op {
            Op::Remove => {}
            Op::Replace => return Err(no_target(attribute)),
            Op::Add => {
                touched.push(items.len());
                items.push(Value::Object(template(filter, attribute).ok_or_else(|| no_target(attribute))?));
            }
        }
    }
    for at in &touched {
        let Some(item) = items.get_mut(*at) else { continue };
        match (part, op) {
            (None, Op::Remove) => *item = Value::Null,
            (None, Op::Add | Op::Replace) => {
                let new = value.clone().map_or(Ok(None), |value| normalize::single(attribute, value))?;
                *item = merged(item.take(), new.unwrap_or_default(), op);
            }
            (Some(part), _) => {
                if let Some(item) = item.as_object_mut() {
                    attribute_whole(item, part, op, value.clone())?;
                }
            }
        }
    }
    finish_entries(object, attribute, items, &touched)
}

fn no_target(attribute: &Attribute) -> ScimError {
    ScimError::NoTarget(format!("No entry of {} is selected by the path.", attribute.name))
}

/// Replace puts the new value, add completes the old one.
fn merged(old: Value, new: Value, op: Op) -> Value {
    match (old, new, op) {
        (Value::Object(mut old), Value::Object(new), Op::Add) => {
            old.extend(new);
            Value::Object(old)
        }
        (old, Value::Null, Op::Add) => old,
        (_, new, _) => new,
    }
}

/// Removes what became empty; of several primary ones, the touched one stays.
fn finish_entries(
    object: &mut Object,
    attribute: &Attribute,
    mut items: Vec<Value>,
    touched: &[usize],
) -> Result<(), ScimError> {
    let primary: Vec<usize> =
        items.iter().enumerate().filter(|(_, item)| normalize::is_primary(item)).map(|(at, _)| at).collect();
    if primary.len() > 1 {
        let mut winners = primary.iter().filter(|at| touched.contains(at));
        let (Some(winner), None) = (winners.next(), winners.next()) else {
            return Err(ScimError::InvalidValue(format!("At most one of {} can be primary.", attribute.name)));
        };
        items.iter_mut().enumerate().filter(|(at, _)| at != winner).for_each(|(_, item)| not_primary(item));
    }
    items.retain(|item| item.as_object().is_some_and(|item| !item.is_empty()));
    put(object, attribute.name, Value::Array(items));
    Ok(())
}

/// The entry that the filter describes: Entra adds `phoneNumbers[type eq "mobile"].value` where there is none yet.
fn template(filter: &Filter, attribute: &Attribute) -> Option<Object> {
    let mut entry = Object::new();
    let parts = match filter {
        Filter::And(parts) => parts.as_slice(),
        Filter::Present(_) | Filter::Compare { .. } | Filter::Or(_) | Filter::Not(_) | Filter::Entry { .. } => {
            std::slice::from_ref(filter)
        }
    };
    for part in parts {
        let Filter::Compare { path, operator: Operator::Eq, value } = part else { return None };
        let declared = attribute.part(&path.name)?;
        let value = match (value, declared.kind) {
            (Literal::Text(text), Kind::Boolean) => Value::Bool(text.eq_ignore_ascii_case("true")),
            (Literal::Text(text), _) => Value::String(text.clone()),
            (Literal::Bool(flag), _) => Value::Bool(*flag),
            (Literal::Number(number), _) => Value::Number(number.clone()),
            (Literal::Null, _) => return None,
        };
        entry.insert(path.name.clone(), value);
    }
    Some(entry)
}
