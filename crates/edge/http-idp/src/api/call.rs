//! One request: who asks, what for, and what is written down about it.

use axum::body::{Bytes, to_bytes};
use axum::extract::Request;
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE, IF_MATCH};
use axum::http::request::Parts;
use axum::response::Response;
use base::Secret;
use directory::Directory;
use idp::{ApiClient, IdentityProvider};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::body::{Written, typed};
use super::error::{self, ApiError};
use super::operation::Route;
use super::trail::Trail;
use crate::state::IdpState;

/// In bytes. A page of members, or a service provider's metadata, is far below.
const LONGEST_BODY: usize = 1 << 20;

/// A request of a client whose token was verified.
#[derive(Debug)]
pub(super) struct Call<'a> {
    pub(super) state: &'a IdpState,
    trail: &'a Trail,
    /// The parts of the path that are parameters, in order.
    parameters: &'a [String],
    query: String,
    if_match: Option<u64>,
    media_type: String,
    pub(super) body: Bytes,
}

/// From the request to its answer; a record of it is written in any case.
pub(super) async fn serve(route: &Route, state: &IdpState, parameters: Vec<String>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let mut trail = Trail::begin(&route.about, &parameters, &parts);
    let performed = match authenticate(&state.idp, &parts) {
        Ok(client) => {
            trail.client(&client);
            match to_bytes(body, LONGEST_BODY).await {
                Ok(body) => perform(route, (state, &mut trail), (&parameters, &parts, body)).await,
                Err(_) => Err(ApiError::TooLong(LONGEST_BODY)),
            }
        }
        Err(refusal) => Err(refusal),
    };
    match trail.end(state, performed).await {
        Ok(written) => written.response,
        Err(error) => error::response(&error, trail.correlation()),
    }
}

async fn perform(
    route: &Route,
    (state, trail): (&IdpState, &mut Trail),
    (parameters, parts, body): (&[String], &Parts, Bytes),
) -> Result<Written, ApiError> {
    let media_type = parts.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let mut call = Call {
        state,
        trail,
        parameters,
        query: parts.uri.query().unwrap_or_default().to_owned(),
        if_match: None,
        media_type: media_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase(),
        body,
    };
    call.if_match = if_match(route, parts)?;
    (route.perform)(&call).await
}

/// RFC 6750 2.1.
fn authenticate(provider: &IdentityProvider, parts: &Parts) -> Result<ApiClient, ApiError> {
    let header = parts.headers.get(AUTHORIZATION).ok_or(ApiError::NoToken)?;
    let (scheme, token) = header.to_str().ok().and_then(|text| text.split_once(' ')).ok_or(ApiError::NoToken)?;
    if !scheme.eq_ignore_ascii_case("bearer") {
        return Err(ApiError::NoToken);
    }
    Ok(provider.verify_api_token(&Secret::from(token.trim()))?)
}

/// RFC 9110 13.1.1, with one version or `*`.
fn if_match(route: &Route, parts: &Parts) -> Result<Option<u64>, ApiError> {
    let Some(header) = parts.headers.get(IF_MATCH) else { return Ok(None) };
    if !route.about.conditional {
        return Err(ApiError::NotConditional(route.about.name));
    }
    let text = header.to_str().unwrap_or_default().trim();
    if text == "*" {
        return Ok(None);
    }
    let version = text.strip_prefix('"').and_then(|text| text.strip_suffix('"')).and_then(|text| text.parse().ok());
    version.map(Some).ok_or(ApiError::NoVersion)
}

impl Call<'_> {
    /// The first parameter of the path.
    pub(super) fn id(&self) -> &str {
        self.parameters.first().map(String::as_str).unwrap_or_default()
    }

    /// The version that the client has read, where it says so.
    pub(super) const fn expected_version(&self) -> Option<u64> {
        self.if_match
    }

    pub(super) fn media_type(&self) -> String {
        self.media_type.clone()
    }

    pub(super) fn idp(&self) -> &IdentityProvider {
        &self.state.idp
    }

    pub(super) fn people(&self) -> &Directory {
        self.state.idp.people()
    }

    /// The object in the body.
    pub(super) fn object(&self) -> Result<Map<String, Value>, ApiError> {
        if self.body.is_empty() {
            return Ok(Map::new());
        }
        match base::strict_json::read(&self.body) {
            Ok(Value::Object(object)) => Ok(object),
            Ok(_) => Err(ApiError::NoObject),
            Err(error) => Err(ApiError::NoJson(error.to_string())),
        }
    }

    /// The parameters behind `?`. Each may be given once.
    pub(super) fn query<T: DeserializeOwned>(&self) -> Result<T, ApiError> {
        let mut object = Map::new();
        for (name, value) in url::form_urlencoded::parse(self.query.as_bytes()) {
            let value = match (name.as_ref(), value.parse::<u64>()) {
                // the only one that is a number
                ("limit", Ok(number)) => Value::from(number),
                _ => Value::from(value.into_owned()),
            };
            if object.insert(name.clone().into_owned(), value).is_some() {
                return Err(ApiError::Twice(name.into_owned()));
            }
        }
        typed(Value::Object(object))
    }

    /// Writes down what is about to be done. What can't be recorded isn't done.
    pub(super) async fn announce(&self) -> Result<(), ApiError> {
        let names = self.object().map(|object| object.keys().cloned().collect()).unwrap_or_default();
        self.trail.announce(self.state, names).await
    }
}
