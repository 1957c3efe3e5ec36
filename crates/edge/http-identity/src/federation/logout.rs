//! Single logout: from here to the identity provider, and from the provider to here.

use axum::extract::{Path, RawQuery, State};
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse as _, Response};
use base::{AuditEvent, AuditStep, CorrelationId, Fault as _, Outcome, Principal, Secret};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use pages::{Connection, Form, protect, redirect, with_cookies};
use saml::Incoming;
use serde_json::json;
use sessions::{BrowserSession, SessionError};
use source::{FederatedSession, LoggedOut, SamlLogout, SourceError, SourceId};

use super::{refused, send};
use crate::cookies::{AFTER_SIGN_OUT, SESSION};
use crate::markup;
use crate::oauth::safe_continue;
use crate::shared::{Continue, page, principal, sign_in_location, unavailable};
use crate::state::IdentityState;

/// Signs out at the provider too, where the source has single logout; what comes after it is kept in a cookie meanwhile.
pub(crate) async fn leave(
    state: &IdentityState,
    connection: Connection,
    federated: &FederatedSession,
    next: Option<&Continue>,
) -> Option<Response> {
    let go = state.sources.begin_logout(federated).await?;
    let after = next.map(|next| Secret::new(URL_SAFE_NO_PAD.encode(&next.location)));
    let cookie = match &after {
        Some(after) => AFTER_SIGN_OUT.set(after, connection),
        None => AFTER_SIGN_OUT.remove(connection),
    };
    Some(with_cookies(send(state, &go, true), [cookie]))
}

/// Back from the provider: on to the next sign-in, if there is one to come.
pub(crate) fn after_sign_out(state: &IdentityState, headers: &HeaderMap, connection: Connection) -> Option<Response> {
    let next = kept_next(state, headers, connection)?;
    Some(with_cookies(redirect(&sign_in_location(&next.location)), [AFTER_SIGN_OUT.remove(connection)]))
}

fn kept_next(state: &IdentityState, headers: &HeaderMap, connection: Connection) -> Option<Continue> {
    let kept = AFTER_SIGN_OUT.read(headers, connection)?;
    let text = String::from_utf8(URL_SAFE_NO_PAD.decode(kept.expose()).ok()?).ok()?;
    safe_continue(state, &text)
}

/// `GET /platform/saml/{source}/slo`: the HTTP-Redirect binding.
pub(super) async fn saml_redirect(
    State(state): State<IdentityState>,
    connection: Connection,
    headers: HeaderMap,
    Path(source): Path<String>,
    RawQuery(query): RawQuery,
) -> Response {
    let query = query.unwrap_or_default();
    saml(&state, (&headers, connection), &SourceId::new(source), &Incoming::Redirect { query: &query }).await
}

/// `POST /platform/saml/{source}/slo`: the HTTP-POST binding.
pub(super) async fn saml_post(
    State(state): State<IdentityState>,
    connection: Connection,
    headers: HeaderMap,
    Path(source): Path<String>,
    body: axum::body::Bytes,
) -> Response {
    let form = Form::parse(&body);
    let message = form.as_ref().map(|form| (form.get("SAMLRequest"), form.get("SAMLResponse")));
    let message = match message {
        Some((message, "") | ("", message)) => message,
        Some(_) | None => "",
    };
    let relay_state = form.as_ref().map(|form| form.get("RelayState")).filter(|text| !text.is_empty());
    saml(&state, (&headers, connection), &SourceId::new(source), &Incoming::Post { message, relay_state }).await
}

async fn saml(
    state: &IdentityState,
    (headers, connection): (&HeaderMap, Connection),
    source: &SourceId,
    incoming: &Incoming<'_>,
) -> Response {
    let out = match state.sources.read_saml_logout(source, incoming).await {
        // The answers to our own request: here everything ended before it was asked.
        Ok(SamlLogout::Answer { complete: true }) => {
            return after_sign_out(state, headers, connection).unwrap_or_else(|| signed_out(state, None, None));
        }
        Ok(SamlLogout::Answer { complete: false }) => {
            let source = state.sources.get(source);
            let next = kept_next(state, headers, connection);
            return signed_out(state, source.as_ref().map(|source| source.name.as_str()), next.as_ref());
        }
        Ok(SamlLogout::Request(out)) => out,
        Err(error) => return not_read(state, connection, source, &error).await,
    };
    match end(state, connection, &out).await {
        Ok(()) => {
            let response = match &out.answer {
                Some(go) => send(state, go, false),
                None => signed_out(state, None, None),
            };
            with_cookies(response, [forget_if_ended(state, headers, connection).await])
        }
        Err(reference) => unavailable(state, &reference),
    }
}

/// `POST /platform/oidc/{source}/backchannel`: the provider's server says who signed out (OpenID Connect Back-Channel Logout 1.0).
pub(super) async fn backchannel(
    State(state): State<IdentityState>,
    connection: Connection,
    Path(source): Path<String>,
    body: axum::body::Bytes,
) -> Response {
    let source = SourceId::new(source);
    let form = Form::parse(&body);
    let token = form.as_ref().map(|form| form.get("logout_token")).unwrap_or_default();
    let out = match state.sources.read_backchannel(&source, token).await {
        Ok(out) => out,
        Err(error) => {
            let public = error.public();
            record_refusal(&state, connection, &source, &error, &CorrelationId::fresh()).await;
            return answer(
                StatusCode::BAD_REQUEST,
                &json!({ "error": "invalid_request", "error_description": public.message }),
            );
        }
    };
    match end(&state, connection, &out).await {
        Ok(()) => protect(StatusCode::OK.into_response()),
        Err(_) => answer(StatusCode::BAD_REQUEST, &json!({ "error": "logout_failed" })),
    }
}

fn answer(status: StatusCode, body: &serde_json::Value) -> Response {
    let kind = [(CONTENT_TYPE, "application/json")];
    protect((status, kind, body.to_string()).into_response())
}

/// Ends exactly the browser sessions that are meant. They end before that is recorded: access taken away isn't given back for want of
/// a record.
async fn end(state: &IdentityState, connection: Connection, out: &LoggedOut) -> Result<(), CorrelationId> {
    let ended: Result<Vec<BrowserSession>, SessionError> =
        state.sessions.end_federated(&out.source, out.name_id.as_deref(), &out.session_indexes).await;
    let ended = match ended {
        Ok(ended) => ended,
        Err(cause) => {
            let reference = CorrelationId::fresh();
            tracing::error!(%cause, %reference, "the end of browser sessions holds in memory, and can't be stored");
            return Err(reference);
        }
    };
    for session in ended {
        let user = state.directory.active_user(&session.user);
        let who = user.as_ref().map_or(Principal::System, principal);
        let event = AuditEvent::new(AuditStep::SessionEnd, Outcome::Allowed, session.correlation.clone(), who)
            .action("single_logout")
            .target(state.settings.instance_arn.as_str())
            .field("source", out.source.as_str())
            .field("peer", connection.peer.ip().to_string());
        if state.record(event).await.is_err() {
            return Err(session.correlation);
        }
    }
    Ok(())
}

/// Removes this browser's session cookie when it opens nothing any more.
async fn forget_if_ended(state: &IdentityState, headers: &HeaderMap, connection: Connection) -> Option<HeaderValue> {
    let cookie = SESSION.read(headers, connection)?;
    if state.sessions.browser(&cookie).await.is_some() { None } else { SESSION.remove(connection) }
}

/// The page after signing out; `still_at` is the provider where somebody may still be signed in, `next` what they may sign in for.
pub(crate) fn signed_out(state: &IdentityState, still_at: Option<&str>, next: Option<&Continue>) -> Response {
    let sign_in = next.map_or_else(|| "/signin".to_owned(), |next| sign_in_location(&next.location));
    page(state, "Signed out", StatusCode::OK).render(&markup::signed_out(still_at, &sign_in))
}

async fn not_read(state: &IdentityState, connection: Connection, source: &SourceId, error: &SourceError) -> Response {
    let correlation = CorrelationId::fresh();
    if record_refusal(state, connection, source, error, &correlation).await {
        refused(state, error, &correlation)
    } else {
        unavailable(state, &correlation)
    }
}

async fn record_refusal(
    state: &IdentityState,
    connection: Connection,
    source: &SourceId,
    error: &SourceError,
    correlation: &CorrelationId,
) -> bool {
    let (checks, mend) = error.told();
    let event = AuditEvent::new(AuditStep::SessionEnd, Outcome::Denied, correlation.clone(), Principal::Anonymous)
        .action("single_logout")
        .field("source", state.sources.get(source).map_or("", |_| source.as_str()))
        .field("peer", connection.peer.ip().to_string())
        .field("checks", checks.to_json())
        .field("reason", error.to_string())
        .field("mend", mend);
    state.record(event).await.is_ok()
}
