//! Signing in and out at external identity providers: SAML 2.0 and OpenID Connect.

mod begin;
mod finish;
mod logout;
mod refusal;

use axum::Router;
use axum::extract::{DefaultBodyLimit, Path, State};
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use base::{CorrelationId, ErrorKind, Fault as _, PublicMessage};
use pages::{Hidden, auto_post, onward, problem, protect, redirect};
use saml::Outgoing;
use source::{SourceError, SourceId};

pub(crate) use begin::{location as begin_location, straight};
pub(crate) use logout::{after_sign_out, leave, signed_out};

use crate::shared::page;
use crate::state::IdentityState;

/// Bytes of a message that an identity provider sends by a browser's form.
const LONGEST_MESSAGE: usize = 256 * 1024;

/// The addresses that an identity provider has to know, and the way there.
pub(crate) fn router() -> Router<IdentityState> {
    Router::new()
        .route("/signin/with/{source}", get(begin::show))
        .route("/signin/start", post(begin::start))
        .route("/platform/saml/{source}", get(entity))
        .route("/platform/saml/{source}/metadata", get(metadata))
        .route("/platform/saml/{source}/acs", post(finish::saml))
        .route("/platform/saml/{source}/slo", get(logout::saml_redirect).post(logout::saml_post))
        .route("/platform/oidc/{source}/callback", get(finish::oidc))
        .route("/platform/oidc/{source}/backchannel", post(logout::backchannel))
        .layer(DefaultBodyLimit::max(LONGEST_MESSAGE))
}

/// `GET /platform/saml/{source}`: the entity ID is the address of what describes it (SAML metadata 4.1.1).
async fn entity(State(state): State<IdentityState>, Path(source): Path<String>) -> Response {
    described(&state, &SourceId::new(source), None)
}

/// `GET /platform/saml/{source}/metadata`: the same, to keep as a file.
async fn metadata(State(state): State<IdentityState>, Path(source): Path<String>) -> Response {
    let id = SourceId::new(source);
    let name = format!("attachment; filename=\"gatehouse-{id}-metadata.xml\"");
    described(&state, &id, Some(name))
}

fn described(state: &IdentityState, id: &SourceId, disposition: Option<String>) -> Response {
    match state.sources.sp_metadata(id) {
        Ok(xml) => {
            let mut response = protect(([(CONTENT_TYPE, "application/samlmetadata+xml")], xml).into_response());
            if let Some(disposition) = disposition.and_then(|text| HeaderValue::from_str(&text).ok()) {
                response.headers_mut().insert(CONTENT_DISPOSITION, disposition);
            }
            response
        }
        Err(error) => refused(state, &error, &CorrelationId::fresh()),
    }
}

/// Sends the browser on to an identity provider. `after_form`: the request was a form of ours, whose page's policy holds redirects to
/// other origins.
fn send(state: &IdentityState, go: &Outgoing, after_form: bool) -> Response {
    let page = page(state, "One moment", StatusCode::OK);
    match go {
        Outgoing::Redirect(location) if after_form => onward(&page, location),
        Outgoing::Redirect(location) => redirect(location),
        Outgoing::Post { action, fields } => {
            let fields: Vec<Hidden<'_>> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
            auto_post(&page, action, &fields)
        }
    }
}

/// The page for what a source refuses before anybody is meant.
fn refused(state: &IdentityState, error: &SourceError, reference: &CorrelationId) -> Response {
    // Which of our own addresses and networks can't be reached is for the record, not for strangers.
    let public = if matches!(error, SourceError::Provider(_)) {
        PublicMessage::new("The identity provider can't be used at the moment.")
            .with_hint("Try again in a moment. If it lasts, give your administrator the reference below.")
    } else {
        error.public()
    };
    let hint = [public.detail, public.hint].into_iter().flatten().collect::<Vec<_>>().join(" ");
    let leave = Some(("Sign in another way", "/signin"));
    page(state, "This way to sign in can't be used", status(error.kind())).render(&problem(
        &public.message,
        &hint,
        reference.as_str(),
        leave,
    ))
}

/// The status of a page that says no.
const fn status(kind: ErrorKind) -> StatusCode {
    match kind {
        ErrorKind::InvalidInput | ErrorKind::Unsupported => StatusCode::BAD_REQUEST,
        ErrorKind::Unauthenticated | ErrorKind::Denied | ErrorKind::Conflict => StatusCode::FORBIDDEN,
        ErrorKind::NotFound => StatusCode::NOT_FOUND,
        ErrorKind::LimitExceeded => StatusCode::TOO_MANY_REQUESTS,
        ErrorKind::Cancelled | ErrorKind::TimedOut | ErrorKind::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        ErrorKind::Internal => StatusCode::INTERNAL_SERVER_ERROR,
    }
}
