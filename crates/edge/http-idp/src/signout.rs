//! Signing out of the provider, and of the applications that can be told.

use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use base::{AuditEvent, AuditStep, Outcome};
use pages::{Connection, Form, form_is_ours, with_cookies};

use crate::markup;
use crate::saml::logout::{self, Chain, Finish};
use crate::shared::{SESSION, page, principal, stale_form, unavailable};
use crate::signin::signed_in;
use crate::state::IdpState;

/// `GET /idp/signout`: asks; signing out changes something, so that a link alone doesn't do it.
pub(crate) async fn show(State(state): State<IdpState>, connection: Connection, headers: HeaderMap) -> Response {
    match signed_in(&state, &headers, connection).await {
        Some(signed_in) => {
            let csrf = signed_in.csrf();
            let fields = ("csrf", csrf.expose().as_str());
            page(&state, "Sign out", StatusCode::OK)
                .render(&markup::sign_out(signed_in.session.user().user_name(), fields))
        }
        None => signed_out(&state, &[]),
    }
}

/// The page at the end. `left`: labels of applications that may still have sessions.
pub(crate) fn signed_out(state: &IdpState, left: &[String]) -> Response {
    page(state, "Signed out", StatusCode::OK).render(&markup::signed_out(&markup::left_signed_in(left)))
}

/// `POST /idp/signout`
pub(crate) async fn submit(
    State(state): State<IdpState>,
    connection: Connection,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let Some(form) = Form::parse(&body) else { return stale_form(&state) };
    let Some(signed_in) = signed_in(&state, &headers, connection).await else {
        return with_cookies(signed_out(&state, &[]), [SESSION.remove(connection)]);
    };
    if !form_is_ours(&headers, &signed_in.cookie, form.get("csrf"), connection) {
        return stale_form(&state);
    }
    let session = &signed_in.session;
    let reference = session.correlation().clone();
    let event = AuditEvent::new(AuditStep::SessionEnd, Outcome::Allowed, reference.clone(), principal(session.user()))
        .action("idp:sign_out")
        .target(format!("{}/idp", state.settings.idp_url))
        .field("session", session.id().as_str())
        .field("peer", connection.peer.ip().to_string());
    let recorded = state.record(event).await;
    let ended = match state.idp.end_session(&signed_in.cookie).await {
        Ok(ended) => ended,
        Err(cause) => {
            tracing::error!(%cause, %reference, "the end of a session can't be stored");
            return unavailable(&state, &reference);
        }
    };
    if recorded.is_err() {
        return unavailable(&state, &reference);
    }
    let chain = Chain::new(ended.as_ref().into_iter(), None, Finish::Page);
    let response = logout::go_on(&state, connection, chain);
    with_cookies(response, [SESSION.remove(connection)])
}
