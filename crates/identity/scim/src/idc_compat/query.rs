//! What lists take.

use crate::error::ScimError;
use crate::filter::{Filter, Operator};
use crate::list::Parameters;
use crate::path::AttrPath;
use crate::schema::{ENTERPRISE, ResourceType, USERS};

/// Lists aren't sorted; people are paged by cursor and shown whole. A `startIndex` of 1, which Okta sends, means the first page.
///
/// # Errors
/// `invalidValue` naming the parameter.
pub fn parameters(parameters: &Parameters, types: &[&ResourceType]) -> Result<(), ScimError> {
    let people = types.iter().any(|one| one.name == USERS.name);
    let given = |text: &Option<String>| text.as_deref().is_some_and(|text| !text.trim().is_empty());
    let refused = |name: &str, instead: &str| {
        Err(ScimError::InvalidValue(format!("{name} is not supported in Identity Center's profile; {instead}.")))
    };
    if given(&parameters.sort_by) || given(&parameters.sort_order) {
        return refused("Sorting", "leave sortBy and sortOrder out");
    }
    if people && parameters.start_index.as_deref().is_some_and(|start| !matches!(start.trim(), "" | "0" | "1")) {
        return refused("startIndex of ListUsers", "page with cursor and count");
    }
    if people && (given(&parameters.attributes) || given(&parameters.excluded_attributes)) {
        return refused("The choice of attributes in ListUsers", "leave attributes and excludedAttributes out");
    }
    Ok(())
}

/// Only `eq`, joined by `and`, on one of the listed sets of attributes. `manager` means the enterprise extension's.
///
/// # Errors
/// `invalidFilter` with what is possible.
pub fn filter(filter: Filter, resource_type: &ResourceType) -> Result<Filter, ScimError> {
    let people = resource_type.name == USERS.name;
    let refused = || {
        ScimError::InvalidFilter(format!(
            "Identity Center's profile takes these filters on {}, with eq and and only: {}.",
            resource_type.endpoint,
            if people {
                "userName; externalId; groups.value; id and manager"
            } else {
                "displayName; externalId; id and members"
            }
        ))
    };
    let parts = match filter {
        Filter::And(parts) => parts,
        Filter::Compare { .. } => vec![filter],
        Filter::Present(_) | Filter::Or(_) | Filter::Not(_) | Filter::Entry { .. } => return Err(refused()),
    };
    let parts = parts.into_iter().map(|part| equality(part, people)).collect::<Option<Vec<_>>>().ok_or_else(refused)?;
    let mut names: Vec<&str> = parts.iter().map(|(name, _)| *name).collect();
    names.sort_unstable();
    let possible: &[&[&str]] = if people {
        &[&["userName"], &["externalId"], &["groups"], &["id", "manager"]]
    } else {
        &[&["displayName"], &["externalId"], &["id", "members"]]
    };
    if !possible.contains(&names.as_slice()) {
        return Err(refused());
    }
    let mut parts: Vec<Filter> = parts.into_iter().map(|(_, part)| part).collect();
    Ok(match (parts.pop(), parts.is_empty()) {
        (Some(only), true) => only,
        (Some(last), false) => {
            parts.push(last);
            Filter::And(parts)
        }
        (None, _) => return Err(refused()),
    })
}

/// `attribute eq value`, with the attribute's name.
fn equality(part: Filter, people: bool) -> Option<(&'static str, Filter)> {
    let Filter::Compare { path, operator: Operator::Eq, value } = part else { return None };
    let is = |name: &str| path.is(name, None) || path.is(name, Some("value"));
    let manager = AttrPath::parse(&format!("{}:manager.value", ENTERPRISE.urn), &USERS).ok()?;
    let is_manager = is("manager") || (path.name == "manager" && path.extension == manager.extension);
    if people && is_manager {
        return Some(("manager", Filter::Compare { path: manager, operator: Operator::Eq, value }));
    }
    let names: &[&'static str] = if people {
        &["id", "externalId", "userName", "groups"]
    } else {
        &["id", "externalId", "displayName", "members"]
    };
    let name = names.iter().copied().find(|name| is(name))?;
    Some((name, Filter::Compare { path, operator: Operator::Eq, value }))
}
