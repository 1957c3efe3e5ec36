//! The built-in identity provider's pages and endpoints: signing in, second factors, the account page, the user console, SAML.
//!
//! Everything is below `/idp`, but for the addresses that the form plugins of Redshift's drivers have built in. Pages are plain HTML forms; the one script is the passkeys', and nothing else needs it.

mod account;
mod activate;
mod api;
mod console;
mod enrolment;
mod form_plugins;
mod markup;
mod next;
mod open;
mod openid;
mod saml;
mod shared;
mod signin;
mod signout;
mod state;

use axum::Router;
use axum::extract::{DefaultBodyLimit, Request};
use axum::http::StatusCode;
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;

pub use state::{IdpSettings, IdpState};

/// No form and no SAML request of a real application is near it.
const LONGEST_BODY: usize = 128 * 1024;

/// Everything below `/idp`, and the form plugins' addresses. Every request must carry a [`pages::Connection`] as an extension. The style sheet and the script of
/// [`pages`] are served elsewhere.
pub fn router(state: IdpState) -> Router {
    metrics::describe_counter!("gatehouse_idp_sign_ins_total", "Sign-in attempts at the built-in provider by outcome");
    metrics::describe_counter!("gatehouse_idp_assertions_total", "SAML sign-ins at applications by outcome");
    Router::new()
        .route("/idp", get(console::show))
        .route(markup::SCRIPT_PATH, get(console::script))
        .route("/idp/activate/{token}", get(activate::show).post(activate::submit))
        .route("/idp/signout", get(signout::show).post(signout::submit))
        .route("/idp/open/{slug}", get(open::show))
        .merge(signin::router())
        .merge(account::router())
        .merge(saml::router())
        .merge(openid::router())
        .merge(form_plugins::router(&state))
        .merge(api::router())
        .layer(DefaultBodyLimit::max(LONGEST_BODY))
        .layer(from_fn(to_its_end))
        .with_state(state)
}

/// Each request is a task of its own: a client that goes away must not part what was issued or ended from its record.
async fn to_its_end(request: Request, next: Next) -> Response {
    base::task::spawn("identity provider request", next.run(request)).await.unwrap_or_else(|error| {
        tracing::error!(%error, "a request to the identity provider panicked");
        StatusCode::INTERNAL_SERVER_ERROR.into_response()
    })
}

#[cfg(test)]
mod tests;
