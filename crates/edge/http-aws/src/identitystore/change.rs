//! The operations of UpdateUser and UpdateGroup.

use directory::{DirectoryUser, NewUser};
use scim::Object;
use serde::Deserialize;
use serde_json::Value;

use super::attributes::{Place, assign, has};
use super::refusal::{of_scim, required};
use crate::error::ApiError;
use crate::protocol::json::Fields;

/// So many operations may be in one request.
const OPERATIONS_MAX: usize = 100;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Given {
    attribute_path: String,
    /// Absent or null: the attribute is removed.
    attribute_value: Option<Value>,
}

/// One operation: a place, and the value that it gets; none removes the attribute.
#[derive(Debug)]
pub(super) struct Change {
    pub(super) place: Place,
    pub(super) value: Option<Value>,
}

/// Reads `Operations`. They are carried out in their order, all or none.
pub(super) fn read(fields: &mut Fields, find: impl Fn(&str) -> Option<Place>) -> Result<Vec<Change>, ApiError> {
    let given: Vec<Given> = fields.required("Operations")?;
    if given.is_empty() || given.len() > OPERATIONS_MAX {
        let rule = format!("it must have 1 to {OPERATIONS_MAX} items");
        return Err(ApiError::InvalidParameter { parameter: "Operations", rule });
    }
    let one = |given: Given| {
        let Some(place) = find(&given.attribute_path) else { return Err(no_place(&given.attribute_path)) };
        let value = match given.attribute_value {
            None | Some(Value::Null) => None,
            Some(value) => Some(place.attribute.keep(value)?),
        };
        Ok(Change { place, value })
    };
    given.into_iter().map(one).collect()
}

fn no_place(path: &str) -> ApiError {
    let rule = if path.to_ascii_lowercase().starts_with("externalids") {
        "externalIds belong to the identity provider: its provisioning client writes them as externalId over SCIM"
            .to_owned()
    } else {
        format!(
            "the AttributePath {path:?} is not supported; it must be an attribute of the model such as displayName, \
             name.givenName or emails (lists are replaced whole)"
        )
    };
    ApiError::InvalidParameter { parameter: "Operations", rule }
}

/// What everybody who is made by this API has, and can't lose: the place as it is kept, and the attribute's name in errors.
pub(super) const REQUIRED: [(&[&str], &str); 4] = [
    (&["displayName"], "displayname"),
    (&["name"], "name"),
    (&["name", "givenName"], "givenname"),
    (&["name", "familyName"], "familyname"),
];

/// The person after the operations.
pub(super) fn user(current: &DirectoryUser, changes: Vec<Change>) -> Result<NewUser, ApiError> {
    let before = scim::user::attributes_of(current);
    let mut after: Object = before.clone();
    for change in changes {
        assign(&mut after, &change.place.kept, change.value);
    }
    if !has(&after, &["userName"]) {
        return Err(required(&[]));
    }
    if !has(&after, &["active"]) && has(&before, &["active"]) {
        let rule = "userStatus can't be removed; give ENABLED or DISABLED".to_owned();
        return Err(ApiError::InvalidParameter { parameter: "Operations", rule });
    }
    let lost: Vec<&str> =
        REQUIRED.iter().filter(|(path, _)| has(&before, path) && !has(&after, path)).map(|(_, name)| *name).collect();
    if !lost.is_empty() {
        return Err(required(&lost));
    }
    let (replacement, _) = scim::user::replace(after).map_err(|error| of_scim(&error))?;
    let new = replacement.of(current).map_err(|error| of_scim(&error))?;
    Ok(NewUser { origin: current.origin, ..new })
}
