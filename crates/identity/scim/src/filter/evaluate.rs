//! Whether a resource fulfils a filter.

use std::cmp::Ordering;

use serde_json::Value;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::{Filter, Literal, Operator};
use crate::json::{self, Object};
use crate::path::AttrPath;
use crate::schema::{Attribute, Kind};

/// Depth is bounded by the parser.
pub(super) fn matches(filter: &Filter, object: &Object) -> bool {
    match filter {
        Filter::Present(path) => {
            !path.is_undeclared() && values(object, path).iter().any(|value| json::is_assigned(value))
        }
        Filter::Compare { path, operator, value } => compare(object, path, *operator, value),
        Filter::And(parts) => parts.iter().all(|part| matches(part, object)),
        Filter::Or(parts) => parts.iter().any(|part| matches(part, object)),
        Filter::Not(inner) => !matches(inner, object),
        Filter::Entry { path, filter } => {
            let entries = values(object, path);
            entries.iter().any(|entry| entry.as_object().is_some_and(|entry| matches(filter, entry)))
        }
    }
}

/// The values that the path leads to: those of a multi-valued attribute one by one.
fn values<'a>(object: &'a Object, path: &AttrPath) -> Vec<&'a Value> {
    let container = match &path.extension {
        None => Some(object),
        Some(urn) => json::get(object, urn).and_then(Value::as_object),
    };
    let Some(container) = container else { return Vec::new() };
    if path.is_whole_extension() {
        return container.values().collect();
    }
    let found = match json::get(container, &path.name) {
        None | Some(Value::Null) => Vec::new(),
        Some(Value::Array(items)) => items.iter().collect(),
        Some(value) => vec![value],
    };
    match &path.sub {
        None => found,
        Some(sub) => found.into_iter().filter_map(|value| json::get(value.as_object()?, sub)).collect(),
    }
}

/// True when one value fulfils the comparison. An attribute that is absent fulfils `ne`, and `eq null`.
fn compare(object: &Object, path: &AttrPath, operator: Operator, literal: &Literal) -> bool {
    // what a resource type doesn't declare matches none of its resources
    if path.is_undeclared() {
        return false;
    }
    let mut found = values(object, path);
    found.retain(|value| json::is_assigned(value));
    if *literal == Literal::Null {
        return match operator {
            Operator::Eq => found.is_empty(),
            Operator::Ne => !found.is_empty(),
            Operator::Co | Operator::Sw | Operator::Ew | Operator::Gt | Operator::Ge | Operator::Lt | Operator::Le => {
                false
            }
        };
    }
    if found.is_empty() {
        return operator == Operator::Ne;
    }
    let attribute = path.compared();
    found.into_iter().any(|value| one(simple(value), attribute, operator, literal))
}

/// Of a complex value, `value` is compared.
fn simple(value: &Value) -> &Value {
    value.as_object().and_then(|object| json::get(object, "value")).unwrap_or(value)
}

fn one(value: &Value, attribute: Option<&Attribute>, operator: Operator, literal: &Literal) -> bool {
    match (value, literal) {
        (Value::String(value), Literal::Text(literal)) => texts(value, literal, attribute, operator),
        (Value::Bool(value), Literal::Bool(literal)) => equality(operator, value == literal),
        (Value::Bool(value), Literal::Text(literal)) => {
            equality(operator, literal.eq_ignore_ascii_case(if *value { "true" } else { "false" }))
        }
        (Value::Number(value), Literal::Number(literal)) => value
            .as_f64()
            .zip(literal.as_f64())
            .is_some_and(|(value, literal)| ordered(value.partial_cmp(&literal), operator)),
        (
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) | Value::Object(_),
            _,
        ) => operator == Operator::Ne,
    }
}

fn equality(operator: Operator, equal: bool) -> bool {
    match operator {
        Operator::Eq => equal,
        Operator::Ne => !equal,
        Operator::Co | Operator::Sw | Operator::Ew | Operator::Gt | Operator::Ge | Operator::Lt | Operator::Le => false,
    }
}

fn ordered(order: Option<Ordering>, operator: Operator) -> bool {
    let Some(order) = order else { return operator == Operator::Ne };
    match operator {
        Operator::Eq => order == Ordering::Equal,
        Operator::Ne => order != Ordering::Equal,
        Operator::Gt => order == Ordering::Greater,
        Operator::Ge => order != Ordering::Less,
        Operator::Lt => order == Ordering::Less,
        Operator::Le => order != Ordering::Greater,
        Operator::Co | Operator::Sw | Operator::Ew => false,
    }
}

fn texts(value: &str, literal: &str, attribute: Option<&Attribute>, operator: Operator) -> bool {
    let is_time = attribute.is_some_and(|attribute| attribute.kind == Kind::DateTime);
    if is_time
        && let (Ok(value), Ok(literal)) =
            (OffsetDateTime::parse(value, &Rfc3339), OffsetDateTime::parse(literal, &Rfc3339))
    {
        return ordered(Some(value.cmp(&literal)), operator);
    }
    if attribute.is_some_and(|attribute| attribute.case_exact) {
        return exact_texts(value, literal, operator);
    }
    exact_texts(&directory::fold(value), &directory::fold(literal), operator)
}

fn exact_texts(value: &str, literal: &str, operator: Operator) -> bool {
    match operator {
        Operator::Co => value.contains(literal),
        Operator::Sw => value.starts_with(literal),
        Operator::Ew => value.ends_with(literal),
        Operator::Eq | Operator::Ne | Operator::Gt | Operator::Ge | Operator::Lt | Operator::Le => {
            ordered(Some(value.cmp(literal)), operator)
        }
    }
}
