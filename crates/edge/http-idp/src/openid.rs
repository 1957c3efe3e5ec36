//! OpenID Connect and OAuth for the provider's applications: `/idp/oauth/…`, `/idp/device`, the discovery document.
//!
//! Programs in a browser's page are not served: only what is public and the same for everybody (discovery, keys) may be read
//! from other origins.

mod answer;
mod authorize;
mod device;
mod flow;
mod logout;
mod markup;
mod token;
mod userinfo;

use axum::Router;
use axum::extract::{DefaultBodyLimit, State};
use axum::response::Response;
use axum::routing::{get, post};

use crate::state::IdpState;

/// An ID token as a hint may have many groups in it; nothing else is near it.
const LONGEST_BODY: usize = 32 * 1024;
/// Of a request by GET.
const LONGEST_QUERY: usize = 16 * 1024;

/// The endpoints and their pages.
pub(crate) fn router() -> Router<IdpState> {
    metrics::describe_counter!("gatehouse_openid_requests_total", "OpenID Connect requests by operation and outcome");
    Router::new()
        .route("/idp/.well-known/openid-configuration", get(discovery))
        .route("/idp/oauth/jwks", get(jwks))
        .route("/idp/oauth/authorize", get(authorize::show).post(authorize::show_posted))
        .route("/idp/oauth/authorize/resume", get(authorize::resume))
        .route("/idp/oauth/authorize/answer", post(authorize::decide))
        .route("/idp/oauth/token", post(token::issue))
        .route("/idp/oauth/revoke", post(token::revoke))
        .route("/idp/oauth/userinfo", get(userinfo::show).post(userinfo::show))
        .route("/idp/oauth/logout", get(logout::show).post(logout::show_posted))
        .route("/idp/oauth/logout/confirm", get(logout::confirm).post(logout::decide))
        .route("/idp/oauth/device_authorization", post(device::start))
        .route("/idp/device", get(device::show).post(device::find))
        .route("/idp/device/answer", post(device::decide))
        .layer(DefaultBodyLimit::max(LONGEST_BODY))
}

/// `GET /idp/.well-known/openid-configuration`
async fn discovery(State(state): State<IdpState>) -> Response {
    answer::public(&state.openid.discovery())
}

/// `GET /idp/oauth/jwks`
async fn jwks(State(state): State<IdpState>) -> Response {
    match state.openid.jwks() {
        Ok(keys) => answer::public(&keys),
        Err(cause) => answer::failed(&cause),
    }
}

fn count(operation: &'static str, outcome: &'static str) {
    metrics::counter!("gatehouse_openid_requests_total", "operation" => operation, "outcome" => outcome).increment(1);
}
