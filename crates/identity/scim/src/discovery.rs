//! What the server can do (RFC 7643 5, 6): true to what is carried out.

use serde_json::{Value, json};

use crate::bulk;
use crate::idc_compat::{self, Profile};
use crate::json::Object;
use crate::list::{LONGEST_PAGE, Page};
use crate::schema::{self, GROUPS, ResourceType, Schema, USERS};

/// Largest body of a request about a person, in bytes.
pub const LONGEST_BODY: usize = 1024 * 1024;
/// Largest body of a request about a group, in bytes: 100,000 members fit.
pub const LONGEST_GROUP: usize = 16 * 1024 * 1024;

const SCHEMAS: [&Schema; 3] = [&schema::USER, &schema::GROUP, &schema::ENTERPRISE];
const TYPES: [&ResourceType; 2] = [&USERS, &GROUPS];

/// /ServiceProviderConfig. `base_url`: without a trailing slash.
#[must_use]
pub fn service_provider_config(base_url: &str, profile: Profile) -> Value {
    let (whole, bulk_operations) = match profile {
        Profile::Rfc => (true, bulk::MOST_OPERATIONS),
        Profile::IdcCompat => (false, 0),
    };
    json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig"],
        "patch": {"supported": true},
        "bulk": {"supported": whole, "maxOperations": bulk_operations, "maxPayloadSize": bulk::LONGEST_BULK},
        "filter": {"supported": true, "maxResults": LONGEST_PAGE},
        "changePassword": {"supported": whole},
        "sort": {"supported": whole},
        "etag": {"supported": true},
        // RFC 9865 4; cursors don't expire by time, so that there is no cursorTimeout
        "pagination": {
            "cursor": true,
            "index": true,
            "defaultPaginationMethod": "index",
            "defaultPageSize": LONGEST_PAGE,
            "maxPageSize": LONGEST_PAGE,
        },
        "authenticationSchemes": [{
            "type": "oauthbearertoken",
            "name": "Bearer token",
            "description": "A SCIM token of Gatehouse in the Authorization header.",
            "specUri": "https://www.rfc-editor.org/info/rfc6750",
            "primary": true,
        }],
        "meta": {
            "resourceType": "ServiceProviderConfig",
            "location": format!("{base_url}/ServiceProviderConfig"),
        },
    })
}

/// /ResourceTypes
#[must_use]
pub fn resource_types(base_url: &str) -> Value {
    everything(TYPES.iter().map(|one| type_document(one, base_url)).collect())
}

/// /ResourceTypes/{name}
#[must_use]
pub fn resource_type(name: &str, base_url: &str) -> Option<Object> {
    TYPES.iter().find(|one| one.name == name).map(|one| type_document(one, base_url))
}

/// /Schemas
#[must_use]
pub fn schemas(base_url: &str, profile: Profile) -> Value {
    everything(SCHEMAS.iter().map(|one| schema_document(one, base_url, profile)).collect())
}

/// /Schemas/{urn}
#[must_use]
pub fn schema(urn: &str, base_url: &str, profile: Profile) -> Option<Object> {
    SCHEMAS.iter().find(|one| one.urn.eq_ignore_ascii_case(urn)).map(|one| schema_document(one, base_url, profile))
}

fn schema_document(schema: &Schema, base_url: &str, profile: Profile) -> Object {
    let mut document = schema::document(schema, base_url);
    if profile == Profile::IdcCompat
        && let Some(Value::Array(attributes)) = document.get_mut("attributes")
    {
        let is_unsupported = |name: &str| name != "groups" && idc_compat::UNSUPPORTED.contains(&name);
        attributes.retain(|one| !one.get("name").and_then(Value::as_str).is_some_and(is_unsupported));
    }
    document
}

fn everything(resources: Vec<Object>) -> Value {
    crate::list::response(resources.len(), Page::default(), resources)
}

fn type_document(resource_type: &ResourceType, base_url: &str) -> Object {
    let extensions: Vec<Value> =
        resource_type.extensions.iter().map(|one| json!({"schema": one.urn, "required": false})).collect();
    let mut document = Object::new();
    document.insert("schemas".to_owned(), json!(["urn:ietf:params:scim:schemas:core:2.0:ResourceType"]));
    document.insert("id".to_owned(), json!(resource_type.name));
    document.insert("name".to_owned(), json!(resource_type.name));
    document.insert("description".to_owned(), json!(resource_type.description));
    document.insert("endpoint".to_owned(), json!(resource_type.endpoint));
    document.insert("schema".to_owned(), json!(resource_type.core.urn));
    document.insert("schemaExtensions".to_owned(), Value::Array(extensions));
    let location = format!("{base_url}/ResourceTypes/{}", resource_type.name);
    document.insert("meta".to_owned(), json!({"resourceType": "ResourceType", "location": location}));
    document
}

#[cfg(test)]
mod tests;
