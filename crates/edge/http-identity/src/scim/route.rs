//! Paths and methods, before anything else is looked at. Pure.

use axum::http::Method;
use percent_encoding::percent_decode_str;
use scim::bulk::LONGEST_BULK;
use scim::discovery::{LONGEST_BODY, LONGEST_GROUP};
use scim::idc_compat::{self, Missing};
use scim::{Profile, ScimError};

/// Ordered as lists over both types are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Resource {
    User,
    Group,
}

/// What a path is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Target {
    List(Resource),
    One(Resource, String),
    /// POST of a SearchRequest; None: over both types.
    Search(Option<Resource>),
    Bulk,
    ServiceProviderConfig,
    ResourceTypes,
    ResourceType(String),
    Schemas,
    Schema(String),
    /// Known to RFC 7644 and not carried out.
    Unsupported(&'static str),
    Unknown,
}

/// Trailing slashes are ignored: administrators enter the base address with and without one.
pub(super) fn target(path: &str) -> Target {
    let segments: Vec<String> = path
        .split('/')
        .filter(|segment| !segment.is_empty())
        .map(|segment| percent_decode_str(segment).decode_utf8_lossy().into_owned())
        .collect();
    let segments: Vec<&str> = segments.iter().map(String::as_str).collect();
    match segments.as_slice() {
        ["Users"] => Target::List(Resource::User),
        ["Groups"] => Target::List(Resource::Group),
        [".search"] => Target::Search(None),
        ["Users", ".search"] => Target::Search(Some(Resource::User)),
        ["Groups", ".search"] => Target::Search(Some(Resource::Group)),
        ["Users", id] => Target::One(Resource::User, (*id).to_owned()),
        ["Groups", id] => Target::One(Resource::Group, (*id).to_owned()),
        ["ServiceProviderConfig"] => Target::ServiceProviderConfig,
        ["ResourceTypes"] => Target::ResourceTypes,
        ["ResourceTypes", name] => Target::ResourceType((*name).to_owned()),
        ["Schemas"] => Target::Schemas,
        ["Schemas", urn] => Target::Schema((*urn).to_owned()),
        ["Bulk"] => Target::Bulk,
        ["Me"] => Target::Unsupported("/Me"),
        _ => Target::Unknown,
    }
}

/// Whether the method is possible there.
pub(super) fn check(target: &Target, method: &Method, path: &str, profile: Profile) -> Result<(), ScimError> {
    if profile == Profile::IdcCompat {
        match target {
            Target::Search(_) => return Err(idc_compat::missing(Missing::Search)),
            Target::Bulk => return Err(idc_compat::missing(Missing::Bulk)),
            Target::One(Resource::Group, _) if *method == Method::PUT => {
                return Err(idc_compat::missing(Missing::PutGroup));
            }
            Target::List(_)
            | Target::One(..)
            | Target::ServiceProviderConfig
            | Target::ResourceTypes
            | Target::ResourceType(_)
            | Target::Schemas
            | Target::Schema(_)
            | Target::Unsupported(_)
            | Target::Unknown => {}
        }
    }
    let (possible, allow): (&[Method], _) = match target {
        Target::List(_) => (&[Method::GET, Method::POST], "GET, POST"),
        Target::Search(_) | Target::Bulk => (&[Method::POST], "POST"),
        Target::One(..) => (&[Method::GET, Method::PUT, Method::PATCH, Method::DELETE], "GET, PUT, PATCH, DELETE"),
        Target::ServiceProviderConfig
        | Target::ResourceTypes
        | Target::ResourceType(_)
        | Target::Schemas
        | Target::Schema(_) => (&[Method::GET], "GET"),
        Target::Unsupported(name) => {
            return Err(ScimError::NotImplemented(format!("{name} is not supported. Use /Users and /Groups.")));
        }
        Target::Unknown => return Err(not_found(path)),
    };
    if possible.contains(method) {
        return Ok(());
    }
    Err(ScimError::MethodNotAllowed { method: method.to_string(), path: path.to_owned(), allow })
}

/// Longest body of a request, in bytes: groups can be large.
pub(super) const fn longest_body(target: &Target) -> usize {
    match target {
        Target::List(Resource::Group) | Target::One(Resource::Group, _) => LONGEST_GROUP,
        Target::Bulk => LONGEST_BULK,
        Target::List(Resource::User)
        | Target::One(Resource::User, _)
        | Target::Search(_)
        | Target::ServiceProviderConfig
        | Target::ResourceTypes
        | Target::ResourceType(_)
        | Target::Schemas
        | Target::Schema(_)
        | Target::Unsupported(_)
        | Target::Unknown => LONGEST_BODY,
    }
}

pub(super) fn not_found(path: &str) -> ScimError {
    ScimError::NotFound(format!("There is nothing at {path}."))
}
