//! What of a person is pushed.

#[cfg(test)]
mod tests;

use directory::DirectoryUser;
use scim::schema::{ENTERPRISE, USERS};
use serde_json::{Map, Value, json};

/// Simple attributes that go as they are (RFC 7643 4.1.1). Passwords, roles, entitlements, photos, certificates and instant messaging
/// addresses don't go: Identity Center has no place for them, and other servers have their own.
const SIMPLE: [&str; 10] = [
    "userName",
    "displayName",
    "nickName",
    "profileUrl",
    "title",
    "userType",
    "preferredLanguage",
    "locale",
    "timezone",
    "active",
];
/// Parts of `name`.
const NAME: [&str; 6] = ["formatted", "familyName", "givenName", "middleName", "honorificPrefix", "honorificSuffix"];
/// Attributes with several values, of which the primary one goes, or the first: one is what every server takes.
const SINGLE: [&str; 2] = ["phoneNumbers", "addresses"];

/// The attributes of an active person as the server should have them: flat, by SCIM path. `externalId` is their id in the provider's
/// directory.
#[must_use]
pub(crate) fn attributes(user: &DirectoryUser) -> Map<String, Value> {
    let all = scim::user::attributes_of(user);
    let mut flat = Map::new();
    for name in SIMPLE {
        put(&mut flat, name.to_owned(), all.get(name));
    }
    for part in NAME {
        put(&mut flat, format!("name.{part}"), all.get("name").and_then(|name| name.get(part)));
    }
    for name in SINGLE {
        if let Some(one) = all.get(name).and_then(Value::as_array).and_then(|values| primary(values)) {
            flat.insert(name.to_owned(), json!([one]));
        }
    }
    if let Some(email) = &user.email {
        flat.insert("emails".to_owned(), json!([{"value": email, "type": "work", "primary": true}]));
    }
    if let Some(extension) = all.get(ENTERPRISE.urn) {
        for attribute in ENTERPRISE.attributes.iter().filter(|attribute| attribute.parts().is_empty()) {
            put(&mut flat, format!("{}:{}", ENTERPRISE.urn, attribute.name), extension.get(attribute.name));
        }
    }
    flat.insert("externalId".to_owned(), json!(user.id.as_str()));
    flat.insert("active".to_owned(), json!(true));
    flat
}

fn put(flat: &mut Map<String, Value>, path: String, value: Option<&Value>) {
    if let Some(value) = value.filter(|value| !value.is_null() && value.as_str() != Some("")) {
        flat.insert(path, value.clone());
    }
}

/// The primary value, else the first, without the name for display that some servers don't take.
fn primary(values: &[Value]) -> Option<Value> {
    let is_primary = |value: &&Value| value.get("primary") == Some(&Value::Bool(true));
    let mut one = values.iter().find(is_primary).or(values.first())?.clone();
    if let Some(parts) = one.as_object_mut() {
        parts.remove("display");
    }
    Some(one)
}

/// The resource that these attributes make: the body of a POST.
#[must_use]
pub(crate) fn resource(flat: &Map<String, Value>) -> Map<String, Value> {
    let mut resource = Map::new();
    let mut schemas = vec![USERS.core.urn];
    for (path, value) in flat {
        let holder = match split(path) {
            Place::Top(_) => None,
            Place::Name(_) => Some("name"),
            Place::Enterprise(_) => {
                if !schemas.contains(&ENTERPRISE.urn) {
                    schemas.push(ENTERPRISE.urn);
                }
                Some(ENTERPRISE.urn)
            }
        };
        let name = split(path).name();
        match holder {
            None => {
                resource.insert(name.to_owned(), value.clone());
            }
            Some(holder) => {
                let inner = resource.entry(holder).or_insert_with(|| json!({}));
                if let Some(inner) = inner.as_object_mut() {
                    inner.insert(name.to_owned(), value.clone());
                }
            }
        }
    }
    resource.insert("schemas".to_owned(), json!(schemas));
    resource
}

/// What a resource of the server has at a path.
#[must_use]
pub(crate) fn at<'a>(resource: &'a Map<String, Value>, path: &str) -> Option<&'a Value> {
    let found = match split(path) {
        Place::Top(name) => resource.get(name),
        Place::Name(part) => resource.get("name")?.get(part),
        Place::Enterprise(name) => resource.get(ENTERPRISE.urn)?.get(name),
    };
    found.filter(|value| !value.is_null())
}

/// A resource of the server, flat, as far as the paths in `like` go.
#[must_use]
pub(crate) fn flatten<'a>(
    resource: &Map<String, Value>,
    like: impl IntoIterator<Item = &'a String>,
) -> Map<String, Value> {
    like.into_iter().filter_map(|path| Some((path.clone(), at(resource, path)?.clone()))).collect()
}

enum Place<'a> {
    Top(&'a str),
    Name(&'a str),
    Enterprise(&'a str),
}

impl<'a> Place<'a> {
    const fn name(&self) -> &'a str {
        match self {
            Self::Top(name) | Self::Name(name) | Self::Enterprise(name) => name,
        }
    }
}

fn split(path: &str) -> Place<'_> {
    if let Some(part) = path.strip_prefix("name.") {
        return Place::Name(part);
    }
    match path.strip_prefix(ENTERPRISE.urn).and_then(|rest| rest.strip_prefix(':')) {
        Some(name) => Place::Enterprise(name),
        None => Place::Top(path),
    }
}
