//! The administration of the identity provider by HTTP: JSON below `/idp/api/v1`, with a bearer token.
//!
//! [`table::ROUTES`] is the one list of what there is. The router and the description (`/idp/api/openapi.json`) are made from it, and
//! both from the types that an operation reads and answers, so that they can't say different things.

mod applications;
mod body;
mod call;
mod configuration;
mod error;
mod factors;
mod groups;
mod input;
mod keys;
mod openapi;
mod operation;
mod people;
mod person;
mod push_target_body;
mod push_targets;
mod push_work;
mod settings;
mod table;
mod trail;

use axum::Router;
use axum::extract::{MatchedPath, RawPathParams, Request, State};
use axum::http::header::ALLOW;
use axum::http::{HeaderValue, StatusCode};
use axum::response::Response;
use axum::routing::{any, get, on};
use base::CorrelationId;

use self::error::ApiError;
use self::operation::Route;
use crate::state::IdpState;

const BASE: &str = "/idp/api/v1";

pub(crate) fn router() -> Router<IdpState> {
    let mut router = Router::new().route("/idp/api/openapi.json", get(openapi::show));
    for route in &table::ROUTES {
        let serve = move |State(state): State<IdpState>, parameters: RawPathParams, request: Request| async move {
            let parameters = parameters.iter().map(|(_, value)| value.to_owned()).collect();
            call::serve(route, &state, parameters, request).await
        };
        router = router.route(&format!("{BASE}{}", route.about.path), on(route.about.method.filter(), serve));
    }
    router.route("/idp/api/{*rest}", any(nothing)).method_not_allowed_fallback(other_method)
}

async fn nothing() -> Response {
    error::response(&ApiError::NoSuchPath, &CorrelationId::fresh())
}

async fn other_method(request: Request) -> Response {
    let matched = request.extensions().get::<MatchedPath>().map(MatchedPath::as_str).unwrap_or_default();
    let possible = |route: &&Route| matched.strip_prefix(BASE) == Some(route.about.path);
    let methods: Vec<&str> = table::ROUTES.iter().filter(possible).map(|route| route.about.method.name()).collect();
    // The description is the only path that isn't in the table.
    let methods = if methods.is_empty() { "GET".to_owned() } else { methods.join(", ") };
    let allow = HeaderValue::from_str(&methods).unwrap_or(HeaderValue::from_static("GET"));
    let mut response = error::response(&ApiError::OtherMethod { allow: methods }, &CorrelationId::fresh());
    *response.status_mut() = StatusCode::METHOD_NOT_ALLOWED;
    response.headers_mut().insert(ALLOW, allow);
    response
}

/// The names of all operations.
#[cfg(test)]
pub(crate) fn operations() -> impl Iterator<Item = &'static str> {
    table::ROUTES.iter().map(|route| route.about.name)
}
