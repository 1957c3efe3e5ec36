//! Sorting: RFC 7644 3.4.2.3.

use std::cmp::Ordering;

use serde_json::Value;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::error::ScimError;
use crate::json::{self, Object};
use crate::normalize;
use crate::path::AttrPath;
use crate::schema::{Attribute, Kind, ResourceType, Returned};

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Direction {
    #[default]
    Ascending,
    Descending,
}

/// By which attribute the resources of one type are sorted.
#[derive(Debug, Clone, PartialEq)]
pub struct Sort {
    /// None: this type doesn't have the attribute, another type of the same query does.
    path: Option<AttrPath>,
    direction: Direction,
}

impl Sort {
    /// From `sortBy` and `sortOrder`: one for each of `types`.
    ///
    /// # Errors
    /// `invalidValue` when no type has the attribute, when it has no order (a complex attribute without `value`, a password, the
    /// members of a group), or for a direction that doesn't exist or says nothing because `sortBy` is missing.
    pub fn parse(
        by: Option<&str>,
        order: Option<&str>,
        types: &[&ResourceType],
    ) -> Result<Option<Vec<Self>>, ScimError> {
        let direction = match order.map(str::trim).filter(|order| !order.is_empty()) {
            None => Direction::Ascending,
            Some(order) if order.eq_ignore_ascii_case("ascending") => Direction::Ascending,
            Some(order) if order.eq_ignore_ascii_case("descending") => Direction::Descending,
            Some(order) => {
                return Err(ScimError::InvalidValue(format!(
                    "sortOrder must be ascending or descending, not \"{order}\"."
                )));
            }
        };
        let Some(by) = by.map(str::trim).filter(|by| !by.is_empty()) else {
            return match direction {
                Direction::Ascending => Ok(None),
                Direction::Descending => Err(ScimError::InvalidValue(
                    "sortOrder says how sortBy is applied: name an attribute in sortBy.".to_owned(),
                )),
            };
        };
        let paths = types.iter().map(|one| sortable(by, one)).collect::<Result<Vec<_>, _>>()?;
        if paths.iter().all(Option::is_none) {
            return Err(ScimError::InvalidValue(format!("Nothing can be sorted by \"{by}\": no schema declares it.")));
        }
        Ok(Some(paths.into_iter().map(|path| Self { path, direction }).collect()))
    }

    /// Whether it looks at the core attribute `name`.
    #[must_use]
    pub fn mentions(&self, name: &str) -> bool {
        self.path.as_ref().is_some_and(|path| path.extension.is_none() && path.name == name)
    }

    /// Where the resource stands among others.
    #[must_use]
    pub fn key(&self, resource: &Object) -> SortKey {
        let value = self.path.as_ref().and_then(|path| comparable(found(resource, path)?, path.compared()));
        SortKey { direction: self.direction, value }
    }
}

/// The path, if the type declares it.
fn sortable(by: &str, resource_type: &ResourceType) -> Result<Option<AttrPath>, ScimError> {
    let path = AttrPath::parse(by, resource_type).map_err(ScimError::InvalidValue)?;
    if path.is_undeclared() || path.declared.is_none() {
        return Ok(None);
    }
    let refused = |why: &str| Err(ScimError::InvalidValue(format!("Nothing can be sorted by \"{by}\": {why}.")));
    if path.declared.is_some_and(|attribute| attribute.returned == Returned::Never) {
        return refused("it is never shown");
    }
    if path.is("members", path.sub.as_deref()) || path.is("groups", path.sub.as_deref()) {
        return refused("memberships have no order");
    }
    match path.compared().map(|attribute| attribute.kind) {
        None => refused("it has parts; name one of them, e.g. name.familyName"),
        Some(Kind::Binary) => refused("it is binary"),
        Some(Kind::String | Kind::Boolean | Kind::DateTime | Kind::Reference(_) | Kind::Complex(_)) => Ok(Some(path)),
    }
}

/// Of a multi-valued attribute the primary value, else the first.
fn found<'a>(resource: &'a Object, path: &AttrPath) -> Option<&'a Value> {
    let container = match &path.extension {
        None => resource,
        Some(urn) => json::get(resource, urn)?.as_object()?,
    };
    let value = json::get(container, &path.name)?;
    let one = match value {
        Value::Array(items) => items.iter().find(|item| normalize::is_primary(item)).or_else(|| items.first())?,
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Object(_) => value,
    };
    match (one, path.sub.as_deref()) {
        (Value::Object(parts), sub) => json::get(parts, sub.unwrap_or("value")),
        (_, Some(_)) => None,
        (simple, None) => Some(simple),
    }
}

fn comparable(value: &Value, attribute: Option<&Attribute>) -> Option<SortValue> {
    match value {
        Value::Bool(flag) => Some(SortValue::Flag(*flag)),
        Value::String(text) if text.is_empty() => None,
        Value::String(text) => {
            if attribute.is_some_and(|attribute| attribute.kind == Kind::DateTime)
                && let Ok(at) = OffsetDateTime::parse(text, &Rfc3339)
            {
                return Some(SortValue::Time(at));
            }
            let exact = attribute.is_some_and(|attribute| attribute.case_exact);
            Some(SortValue::Text(if exact { text.clone() } else { directory::fold(text) }))
        }
        Value::Null | Value::Number(_) | Value::Array(_) | Value::Object(_) => None,
    }
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum SortValue {
    Flag(bool),
    Time(OffsetDateTime),
    Text(String),
}

/// Ordered as the client asked: what is missing comes last when ascending, first when descending.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SortKey {
    direction: Direction,
    value: Option<SortValue>,
}

impl Ord for SortKey {
    fn cmp(&self, other: &Self) -> Ordering {
        let ascending = match (&self.value, &other.value) {
            (None, None) => Ordering::Equal,
            (None, Some(_)) => Ordering::Greater,
            (Some(_), None) => Ordering::Less,
            (Some(one), Some(another)) => one.cmp(another),
        };
        match self.direction {
            Direction::Ascending => ascending,
            Direction::Descending => ascending.reverse(),
        }
    }
}

impl PartialOrd for SortKey {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

#[cfg(test)]
mod tests;
