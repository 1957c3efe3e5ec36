//! sso-oidc and the authorisation page: `/client/register`, `/token`, `/device_authorization`, `/authorize`, with the sign-in
//! pages that they lead to. Unsigned, as in the service model, but for CreateTokenWithIAM (`/token?aws_iam=t`); JSON in camelCase.

mod authorize;
mod body;
mod iam;
mod token;

use axum::Router;
use axum::extract::{DefaultBodyLimit, Request};
use axum::http::StatusCode;
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};

pub(crate) use authorize::safe_continue;

use crate::state::IdentityState;
use crate::{federation, reset, signin, signout};

/// Nothing that is sent here is longer.
const LONGEST_BODY: usize = 16 * 1024;

/// The OAuth endpoints and the sign-in pages. Every request must carry a [`crate::Connection`] as an extension.
pub fn router(state: IdentityState) -> Router {
    metrics::describe_counter!("gatehouse_sign_ins_total", "Sign-in attempts by outcome");
    metrics::describe_counter!("gatehouse_password_resets_total", "Passwords chosen by a link, by outcome");
    metrics::describe_counter!(
        "gatehouse_oauth_requests_total",
        "sso-oidc calls and authorisations by operation and outcome"
    );
    Router::new()
        .route("/client/register", post(token::register_client))
        .route("/token", post(token::create_token))
        .route("/device_authorization", post(token::start_device_authorization))
        .route("/authorize", get(authorize::show).post(authorize::decide))
        .route("/signin", get(signin::show).post(signin::submit))
        .route("/reset/{token}", get(reset::show).post(reset::submit))
        .route("/signout", get(signout::show).post(signout::submit))
        .route(pages::STYLE_PATH, get(pages::style))
        .route(pages::SCRIPT_PATH, get(pages::script))
        .merge(federation::router())
        .layer(DefaultBodyLimit::max(LONGEST_BODY))
        .layer(from_fn(to_its_end))
        .with_state(state)
}

/// Each request is a task of its own: a client that goes away must not part what was issued or ended from its record.
async fn to_its_end(request: Request, next: Next) -> Response {
    base::task::spawn("identity request", next.run(request)).await.unwrap_or_else(|error| {
        tracing::error!(%error, "an identity request panicked");
        StatusCode::INTERNAL_SERVER_ERROR.into_response()
    })
}

#[cfg(test)]
mod tests;
