//! /ServiceProviderConfig, /ResourceTypes and /Schemas (RFC 7644 4).

use scim::ScimError;
use serde_json::Value;

use super::ScimState;
use super::request::Call;
use super::respond::Reply;
use super::route::{self, Target};

pub(super) fn get(target: &Target, state: &ScimState, call: &Call) -> Result<Reply, ScimError> {
    if call.has_parameter("filter") {
        return Err(ScimError::Forbidden("What the server can do can't be filtered.".to_owned()));
    }
    let (base_url, profile) = (&state.base_url, state.profile);
    let document = match target {
        Target::ServiceProviderConfig => Some(scim::discovery::service_provider_config(base_url, profile)),
        Target::ResourceTypes => Some(scim::discovery::resource_types(base_url)),
        Target::ResourceType(name) => scim::discovery::resource_type(name, base_url).map(Value::Object),
        Target::Schemas => Some(scim::discovery::schemas(base_url, profile)),
        Target::Schema(urn) => scim::discovery::schema(urn, base_url, profile).map(Value::Object),
        Target::List(_)
        | Target::One(..)
        | Target::Search(_)
        | Target::Bulk
        | Target::Unsupported(_)
        | Target::Unknown => None,
    };
    document.map(Reply::ok).ok_or_else(|| route::not_found(call.path()))
}
