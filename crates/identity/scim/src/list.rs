//! List requests and responses (RFC 7644 3.4.2).

use serde_json::{Value, json};

use crate::error::ScimError;
use crate::filter::Filter;
use crate::json::Object;
use crate::projection::Projection;
use crate::schema::ResourceType;

/// Most resources on a page; also the default.
pub const LONGEST_PAGE: usize = 100;

/// The parameters of a GET.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Query {
    pub filter: Option<Filter>,
    pub page: Page,
    pub projection: Projection,
}

/// Which part of the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Page {
    /// 1-based.
    pub start_index: usize,
    /// 0: only the total is asked for.
    pub count: usize,
}

impl Default for Page {
    fn default() -> Self {
        Self { start_index: 1, count: LONGEST_PAGE }
    }
}

impl Page {
    /// The 0-based position of its first resource.
    #[must_use]
    pub const fn start(&self) -> usize {
        self.start_index.saturating_sub(1)
    }
}

/// Reads the parameters, decoded. Unknown ones are ignored: Entra leaves `aadOptscim062020` on the address.
///
/// # Errors
/// `invalidFilter`, `invalidValue`; 501 for sorting and cursors.
pub fn query(parameters: &[(String, String)], resource_type: &ResourceType) -> Result<Query, ScimError> {
    let get =
        |name: &str| parameters.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str());
    for name in ["sortBy", "sortOrder"] {
        if get(name).is_some() {
            return Err(ScimError::NotImplemented(format!("{name} is not supported: lists are ordered by id.")));
        }
    }
    if get("cursor").is_some() {
        return Err(ScimError::NotImplemented("cursor is not supported: page with startIndex and count.".to_owned()));
    }
    let filter = match get("filter").map(str::trim) {
        None | Some("") => None,
        Some(text) => Some(Filter::parse(text, resource_type)?),
    };
    let page = Page {
        start_index: number("startIndex", get("startIndex"))?.map_or(1, |start| start.max(1)),
        count: number("count", get("count"))?.map_or(LONGEST_PAGE, |count| count.min(LONGEST_PAGE)),
    };
    let projection = Projection::parse(get("attributes"), get("excludedAttributes"), resource_type)?;
    Ok(Query { filter, page, projection })
}

/// Negative numbers count as 0 (RFC 7644 3.4.2.4).
fn number(name: &str, text: Option<&str>) -> Result<Option<usize>, ScimError> {
    let Some(text) = text.map(str::trim).filter(|text| !text.is_empty()) else { return Ok(None) };
    let number: i64 =
        text.parse().map_err(|_| ScimError::InvalidValue(format!("{name} must be an integer, not \"{text}\".")))?;
    Ok(Some(usize::try_from(number).unwrap_or(0)))
}

/// A ListResponse. `total`: of all pages.
#[must_use]
pub fn response(total: usize, page: Page, resources: Vec<Object>) -> Value {
    json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:ListResponse"],
        "totalResults": total,
        "startIndex": page.start_index,
        "itemsPerPage": resources.len(),
        "Resources": resources,
    })
}

#[cfg(test)]
mod tests;
