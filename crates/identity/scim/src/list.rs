//! List requests and responses (RFC 7644 3.4.2 and 3.4.3, RFC 9865).

use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use serde_json::{Value, json};

use crate::cursor::{self, Position};
use crate::error::ScimError;
use crate::filter::Filter;
use crate::idc_compat::{self, Profile};
use crate::json::{self as json_names, Object};
use crate::projection::Projection;
use crate::schema::ResourceType;
use crate::sort::Sort;

/// Most resources on a page; also the default.
pub const LONGEST_PAGE: usize = 100;

/// What a list is asked for, as texts: from an address, or from the body of a `.search`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Parameters {
    pub attributes: Option<String>,
    pub excluded_attributes: Option<String>,
    pub filter: Option<String>,
    pub sort_by: Option<String>,
    pub sort_order: Option<String>,
    pub start_index: Option<String>,
    pub count: Option<String>,
    /// Empty: the first page by cursor. None: pages by index.
    pub cursor: Option<String>,
}

impl Parameters {
    /// From an address, decoded. Unknown names are ignored: Entra leaves `aadOptscim062020` on it.
    #[must_use]
    pub fn from_address(parameters: &[(String, String)]) -> Self {
        let get = |name: &str| {
            parameters.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.clone())
        };
        Self {
            attributes: get("attributes"),
            excluded_attributes: get("excludedAttributes"),
            filter: get("filter"),
            sort_by: get("sortBy"),
            sort_order: get("sortOrder"),
            start_index: get("startIndex"),
            count: get("count"),
            cursor: get("cursor"),
        }
    }

    /// From a SearchRequest (RFC 7644 3.4.3).
    ///
    /// # Errors
    /// `invalidSyntax` when it isn't one, or one of its values has another type.
    pub fn from_search(mut body: Object) -> Result<Self, ScimError> {
        const URN: &str = "urn:ietf:params:scim:api:messages:2.0:SearchRequest";
        json_names::check_message(&body, URN)?;
        let mut get = |name: &str| match json_names::take(&mut body, name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(Value::Number(number)) => Ok(Some(number.to_string())),
            Some(Value::Array(names)) if names.iter().all(Value::is_string) => {
                Ok(Some(names.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(",")))
            }
            Some(Value::Bool(_) | Value::Array(_) | Value::Object(_)) => {
                Err(ScimError::InvalidSyntax(format!("\"{name}\" has the wrong type.")))
            }
        };
        Ok(Self {
            attributes: get("attributes")?,
            excluded_attributes: get("excludedAttributes")?,
            filter: get("filter")?,
            sort_by: get("sortBy")?,
            sort_order: get("sortOrder")?,
            start_index: get("startIndex")?,
            count: get("count")?,
            cursor: get("cursor")?,
        })
    }

    /// Which attributes the answer has.
    ///
    /// # Errors
    /// As [`Projection::parse`].
    pub fn projection(&self, resource_type: &ResourceType) -> Result<Projection, ScimError> {
        Projection::parse(self.attributes.as_deref(), self.excluded_attributes.as_deref(), resource_type)
    }
}

/// A list that was asked for, over one or more types of resources.
#[derive(Debug, Clone, PartialEq)]
pub struct Query {
    /// In the order of the list, where nothing sorts it.
    pub parts: Vec<Part>,
    pub paging: Paging,
    /// Of everything that says which resources there are, and in which order.
    digest: u64,
}

/// What the query means for one type of resource.
#[derive(Debug, Clone, PartialEq)]
pub struct Part {
    pub resource_type: &'static ResourceType,
    pub filter: Option<Filter>,
    pub sort: Option<Sort>,
    pub projection: Projection,
}

/// Which part of the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Paging {
    Index(Page),
    /// At most `count` resources (1 or more) behind `after`; from the first on without it.
    Cursor {
        after: Option<Position>,
        count: usize,
    },
}

/// A page by index.
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

impl Query {
    /// # Errors
    /// `invalidFilter`, `invalidValue`, `invalidCursor`, `invalidCount`; what the profile doesn't take.
    pub fn new(parameters: &Parameters, types: &[&'static ResourceType], profile: Profile) -> Result<Self, ScimError> {
        if profile == Profile::IdcCompat {
            idc_compat::parameters(parameters, types)?;
        }
        let digest = digest(parameters, types);
        let sorts = Sort::parse(parameters.sort_by.as_deref(), parameters.sort_order.as_deref(), types)?;
        let mut sorts = sorts.map(Vec::into_iter);
        let mut parts = Vec::with_capacity(types.len());
        for resource_type in types {
            let filter = match parameters.filter.as_deref().map(str::trim) {
                None | Some("") => None,
                Some(text) => Some(Filter::parse(text, resource_type)?),
            };
            let filter = match (filter, profile) {
                (Some(filter), Profile::IdcCompat) => Some(idc_compat::filter(filter, resource_type)?),
                (filter, Profile::Rfc | Profile::IdcCompat) => filter,
            };
            parts.push(Part {
                resource_type,
                filter,
                sort: sorts.as_mut().and_then(Iterator::next),
                projection: parameters.projection(resource_type)?,
            });
        }
        Ok(Self { parts, paging: paging(parameters, digest, types)?, digest })
    }

    /// The text of a cursor behind `position`.
    #[must_use]
    pub fn cursor(&self, position: &Position) -> String {
        cursor::encode(position, self.digest)
    }
}

/// A cursor of one query says nothing about another. Not a secret: the position is one that the client has seen.
fn digest(parameters: &Parameters, types: &[&ResourceType]) -> u64 {
    let mut hasher = DefaultHasher::new();
    let text = |text: &Option<String>| text.as_deref().unwrap_or_default().trim().to_owned();
    for one in types {
        one.name.hash(&mut hasher);
    }
    for one in [&parameters.filter, &parameters.sort_by, &parameters.sort_order] {
        text(one).hash(&mut hasher);
    }
    hasher.finish()
}

fn paging(parameters: &Parameters, digest: u64, types: &[&'static ResourceType]) -> Result<Paging, ScimError> {
    let Some(text) = &parameters.cursor else {
        return Ok(Paging::Index(Page {
            start_index: number("startIndex", parameters.start_index.as_deref())?.map_or(1, |start| start.max(1)),
            count: number("count", parameters.count.as_deref())?.map_or(LONGEST_PAGE, |count| count.min(LONGEST_PAGE)),
        }));
    };
    if parameters.start_index.as_deref().is_some_and(|start| !start.trim().is_empty()) {
        return Err(ScimError::InvalidValue("Page either by cursor or by startIndex, not by both.".to_owned()));
    }
    let count = match parameters.count.as_deref().map(str::trim).filter(|count| !count.is_empty()) {
        None => LONGEST_PAGE,
        Some(count) => count
            .parse::<usize>()
            .ok()
            .filter(|count| *count > 0)
            .map(|count| count.min(LONGEST_PAGE))
            .ok_or_else(|| {
                ScimError::InvalidCount(format!(
                    "count must be an integer from 1 on, not \"{count}\"; a page has at most {LONGEST_PAGE} resources."
                ))
            })?,
    };
    Ok(Paging::Cursor { after: cursor::decode(text, digest, types)?, count })
}

/// Negative numbers count as 0 (RFC 7644 3.4.2.4).
fn number(name: &str, text: Option<&str>) -> Result<Option<usize>, ScimError> {
    let Some(text) = text.map(str::trim).filter(|text| !text.is_empty()) else { return Ok(None) };
    let number: i64 =
        text.parse().map_err(|_| ScimError::InvalidValue(format!("{name} must be an integer, not \"{text}\".")))?;
    Ok(Some(usize::try_from(number).unwrap_or(0)))
}

const RESPONSE: &str = "urn:ietf:params:scim:api:messages:2.0:ListResponse";

/// A ListResponse of a page by index. `total`: of all pages.
#[must_use]
pub fn response(total: usize, page: Page, resources: Vec<Object>) -> Value {
    json!({
        "schemas": [RESPONSE],
        "totalResults": total,
        "startIndex": page.start_index,
        "itemsPerPage": resources.len(),
        "Resources": resources,
    })
}

/// A ListResponse of a page by cursor (RFC 9865 2). `total`: where it is known; `next`: None on the last page.
#[must_use]
pub fn cursor_response(total: Option<usize>, next: Option<String>, resources: Vec<Object>) -> Value {
    let mut body = json!({
        "schemas": [RESPONSE],
        "itemsPerPage": resources.len(),
        "Resources": resources,
    });
    if let Some(body) = body.as_object_mut() {
        if let Some(total) = total {
            body.insert("totalResults".to_owned(), json!(total));
        }
        if let Some(next) = next {
            body.insert("nextCursor".to_owned(), json!(next));
        }
    }
    body
}

#[cfg(test)]
mod tests;
