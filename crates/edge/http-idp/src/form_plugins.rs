//! What the form plugins of Redshift's drivers open instead of a browser: they take the places of Okta, PingFederate and AD FS, at
//! the addresses that the drivers have built in.
//!
//! The plugins hold a person's password and know nothing of second steps. So nothing answers before an administrator says so, who
//! has a second factor is refused, and nothing stays: no cookie, no session.

mod find;
mod forms;
mod markup;
mod okta;
mod prove;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::http::header::HOST;
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use base::CorrelationId;
use idp::FormPlugins;
use pages::{problem, protect};
use url::Url;

use crate::shared::page;
use crate::state::IdpState;

/// How an administrator lets the plugins in.
const SWITCH: &str = "gatehouse idp policy form-plugins on";
const OFF: &str = "Signing in by a program that has the password is switched off at this identity provider.";

/// The addresses of the plugins, at the root of the provider's public host.
pub(crate) fn router(state: &IdpState) -> Router<IdpState> {
    Router::new()
        .route("/api/v1/authn", post(okta::authenticate))
        .route("/home/{app_name}/{app_id}", get(okta::home))
        .route("/idp/startSSO.ping", get(forms::show_ping).post(forms::submit_ping))
        .route("/adfs/ls/IdpInitiatedSignOn.aspx", get(forms::show_adfs).post(forms::submit_adfs))
        .route_layer(from_fn_with_state(state.clone(), only_here))
}

/// Which plugin asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Plugin {
    Okta,
    Ping,
    Adfs,
}

impl Plugin {
    /// As the audit names it.
    const fn name(self) -> &'static str {
        match self {
            Self::Okta => "okta",
            Self::Ping => "ping",
            Self::Adfs => "adfs",
        }
    }
}

/// On other names of this server these addresses aren't the provider's.
async fn only_here(State(state): State<IdpState>, request: Request, next: Next) -> Response {
    let named = request.uri().authority().map(|authority| authority.as_str().to_owned());
    let host = named.or_else(|| request.headers().get(HOST)?.to_str().ok().map(str::to_owned)).unwrap_or_default();
    if is_provider(&state.settings.idp_url, &host) {
        return next.run(request).await;
    }
    protect(StatusCode::NOT_FOUND.into_response())
}

/// Whether a `Host` is the public one; 443 needn't be said.
fn is_provider(idp_url: &str, host: &str) -> bool {
    let origin = |address: &str| Url::parse(address).ok().map(|address| address.origin());
    origin(idp_url).is_some_and(|public| public.is_tuple() && origin(&format!("https://{host}")) == Some(public))
}

/// The page that says that the plugins are switched off, and by which command they aren't. `None` where they are let in.
fn switched_off(state: &IdpState) -> Option<Response> {
    match state.idp.form_plugins() {
        FormPlugins::On => None,
        FormPlugins::Off => {
            let hint = format!("Use a plugin that opens a browser, or ask your administrator for: {SWITCH}");
            Some(told(state, StatusCode::FORBIDDEN, ("Switched off", OFF, &hint), &CorrelationId::fresh()))
        }
    }
}

/// A page with a title, what is wrong, and what to do.
fn told(
    state: &IdpState,
    status: StatusCode,
    (title, what, hint): (&str, &str, &str),
    reference: &CorrelationId,
) -> Response {
    page(state, title, status).render(&problem(what, hint, reference.as_str(), None))
}

#[cfg(test)]
mod tests;
