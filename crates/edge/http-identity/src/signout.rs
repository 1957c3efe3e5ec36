//! Signing out: here, and at the identity provider that somebody signed in with.

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use base::{AuditEvent, AuditStep, Outcome, Secret};
use pages::{Connection, Form, csrf_token, form_is_ours, with_cookies};
use sessions::LiveBrowser;

use crate::cookies::SESSION;
use crate::oauth::safe_continue;
use crate::shared::{Continue, page, principal, sign_in_again, signed_in, source_name, stale_form, unavailable};
use crate::state::IdentityState;
use crate::{federation, markup};

/// `GET /signout`: asks; signing out changes something, so that a link alone doesn't do it. An OpenID provider sends people back here
/// after it has signed them out.
pub(crate) async fn show(State(state): State<IdentityState>, connection: Connection, headers: HeaderMap) -> Response {
    match signed_in(&state, &headers, connection).await {
        Some((cookie, live)) => page(&state, "Sign out", StatusCode::OK).render(&markup::signed_in(
            live.user.user_name(),
            source_name(&state, &live).as_deref(),
            &csrf_token(&cookie),
        )),
        None => federation::after_sign_out(&state, &headers, connection)
            .unwrap_or_else(|| federation::signed_out(&state, None, None)),
    }
}

/// `POST /signout`
pub(crate) async fn submit(
    State(state): State<IdentityState>,
    connection: Connection,
    headers: HeaderMap,
    body: axum::body::Bytes,
) -> Response {
    let Some(form) = Form::parse(&body) else { return stale_form(&state, None) };
    let next = safe_continue(&state, form.get("continue"));
    let Some((cookie, live)) = signed_in(&state, &headers, connection).await else {
        return with_cookies(elsewhere(&state, next.as_ref()), [SESSION.remove(connection)]);
    };
    if !form_is_ours(&headers, &cookie, form.get("csrf"), connection) {
        return stale_form(&state, None);
    }
    if let Err(refused) = end(&state, &cookie, &live).await {
        return refused;
    }
    let response = match &live.session.federated {
        Some(federated) => match federation::leave(&state, connection, federated, next.as_ref()).await {
            Some(response) => response,
            // Straight on to the provider would only bring the same person back.
            None => federation::signed_out(&state, source_name(&state, &live).as_deref(), next.as_ref()),
        },
        None => elsewhere(&state, next.as_ref()),
    };
    with_cookies(response, [SESSION.remove(connection)])
}

fn elsewhere(state: &IdentityState, next: Option<&Continue>) -> Response {
    match next {
        Some(next) => sign_in_again(state, next),
        None => federation::signed_out(state, None, None),
    }
}

/// Ends the session; the answer where it can't be stored or recorded.
async fn end(state: &IdentityState, cookie: &Secret<String>, live: &LiveBrowser) -> Result<(), Response> {
    let correlation = &live.session.correlation;
    let source = live.session.federated.as_ref().map_or("", |federated| federated.source.as_str());
    let event = AuditEvent::new(AuditStep::SessionEnd, Outcome::Allowed, correlation.clone(), principal(&live.user))
        .action("sign_out")
        .target(state.settings.instance_arn.as_str())
        .field("source", source);
    let recorded = state.record(event).await;
    if let Err(cause) = state.sessions.end_browser(cookie).await {
        tracing::error!(%cause, "the end of a browser session can't be stored");
        return Err(unavailable(state, correlation));
    }
    recorded.map_err(|_| unavailable(state, correlation))
}
