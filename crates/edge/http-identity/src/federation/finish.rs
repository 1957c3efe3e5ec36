//! What an identity provider sends back: verified, recorded, and a browser session or a refusal.

use axum::extract::rejection::BytesRejection;
use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::Response;
use base::{AuditEvent, AuditStep, CorrelationId, Outcome, Principal, Secret, SecretHash};
use pages::{Connection, Form, problem, redirect, with_cookies};
use source::{Admitted, SignIn, SourceId, flow_key};

use super::refusal;
use crate::cookies::{BEFORE_SIGN_IN, FLOW_START, REPLACES, SESSION, flow};
use crate::oauth::safe_continue;
use crate::shared::{Continue, page, principal, unavailable};
use crate::state::IdentityState;

/// `POST /platform/saml/{source}/acs`: the assertion consumer service. Another site's form: what proves that this browser asked for
/// it is the flow's cookie.
pub(super) async fn saml(
    State(state): State<IdentityState>,
    connection: Connection,
    headers: HeaderMap,
    Path(source): Path<String>,
    body: Result<axum::body::Bytes, BytesRejection>,
) -> Response {
    let body = match body {
        Ok(body) => body,
        Err(refused) => return no_message(&state, refused.status()),
    };
    let form = Form::parse(&body).filter(|form| !form.get("SAMLResponse").is_empty());
    let Some(form) = form else { return no_message(&state, StatusCode::BAD_REQUEST) };
    let relay_state = Some(form.get("RelayState")).filter(|text| !text.is_empty());
    let flow = Flow::of(relay_state, &headers, connection);
    let source = SourceId::new(source);
    let value = flow.as_ref().and_then(|flow| flow.value.as_ref());
    let sign_in = state.sources.finish_saml(&source, form.get("SAMLResponse"), relay_state, value).await;
    conclude(&state, (&headers, connection), sign_in, flow).await
}

/// `GET /platform/oidc/{source}/callback`: the redirect URI.
pub(super) async fn oidc(
    State(state): State<IdentityState>,
    connection: Connection,
    headers: HeaderMap,
    Path(source): Path<String>,
    RawQuery(query): RawQuery,
) -> Response {
    let query = query.unwrap_or_default();
    let Some(form) = Form::parse(query.as_bytes()) else { return no_message(&state, StatusCode::BAD_REQUEST) };
    let flow = Flow::of(Some(form.get("state")), &headers, connection);
    let source = SourceId::new(source);
    let value = flow.as_ref().and_then(|flow| flow.value.as_ref());
    let sign_in = state.sources.finish_oidc(&source, &query, value).await;
    conclude(&state, (&headers, connection), sign_in, flow).await
}

/// The sign-in in flight that an answer names.
struct Flow {
    cookie_name: String,
    value: Option<Secret<String>>,
}

impl Flow {
    fn of(key: Option<&str>, headers: &HeaderMap, connection: Connection) -> Option<Self> {
        let cookie_name = format!("{FLOW_START}{}", flow_key(key?)?);
        let value = flow(&cookie_name).read(headers, connection);
        Some(Self { cookie_name, value })
    }

    fn end(&self, connection: Connection) -> Option<HeaderValue> {
        flow(&self.cookie_name).remove(connection)
    }
}

/// Something that is no answer of an identity provider, or too long for one. Nothing was looked at, so nothing is recorded.
fn no_message(state: &IdentityState, status: StatusCode) -> Response {
    let reference = CorrelationId::fresh();
    tracing::info!(%reference, %status, "a request to a sign-in address carries no message of an identity provider");
    let what = if status == StatusCode::PAYLOAD_TOO_LARGE {
        "The identity provider's answer is longer than 256 KiB, so it wasn't read."
    } else {
        "This address takes the answer of an identity provider, and there was none."
    };
    page(state, "Nothing to sign in with", status).render(&problem(
        what,
        "Begin at the sign-in page. If it stays like this, give your administrator the reference below.",
        reference.as_str(),
        Some(("Sign in", "/signin")),
    ))
}

async fn conclude(
    state: &IdentityState,
    (headers, connection): (&HeaderMap, Connection),
    sign_in: SignIn,
    flow: Option<Flow>,
) -> Response {
    let correlation = CorrelationId::fresh();
    let done = flow.as_ref().and_then(|flow| flow.end(connection));
    let response = match &sign_in.outcome {
        Ok(admitted) => admit(state, (headers, connection), &sign_in, admitted, correlation).await,
        Err(denied) => refusal::refuse(state, connection, &sign_in, denied, &correlation).await,
    };
    with_cookies(response, [done])
}

/// The record of a sign-in, whatever came of it.
pub(super) fn event(
    state: &IdentityState,
    sign_in: &SignIn,
    outcome: Outcome,
    (correlation, principal): (&CorrelationId, Principal),
    connection: Connection,
) -> AuditEvent {
    AuditEvent::new(AuditStep::SignIn, outcome, correlation.clone(), principal)
        .action(sign_in.protocol)
        // A stranger's address may name anything.
        .field("source", state.sources.get(&sign_in.source).map_or("", |_| sign_in.source.as_str()))
        .field("assertion", sign_in.assertion.as_deref().unwrap_or_default())
        .field("checks", sign_in.checks.to_json())
        .field("peer", connection.peer.ip().to_string())
}

async fn admit(
    state: &IdentityState,
    (headers, connection): (&HeaderMap, Connection),
    sign_in: &SignIn,
    admitted: &Admitted,
    correlation: CorrelationId,
) -> Response {
    let event = event(state, sign_in, Outcome::Allowed, (&correlation, principal(&admitted.user)), connection)
        .target(state.settings.instance_arn.as_str())
        .field("created", if admitted.created { "true" } else { "false" });
    if state.record(event).await.is_err() {
        return unavailable(state, &correlation);
    }
    match open(state, (headers, connection), admitted, &correlation).await {
        Ok(cookie) => {
            metrics::counter!("gatehouse_sign_ins_total", "outcome" => "allowed").increment(1);
            let next = next(state, admitted).map_or_else(|| "/signin".to_owned(), |next| next.location);
            let cookies =
                [SESSION.set(&cookie, connection), BEFORE_SIGN_IN.remove(connection), REPLACES.remove(connection)];
            with_cookies(redirect(&next), cookies)
        }
        Err(cause) => {
            tracing::warn!(%cause, "a browser session can't be opened");
            unavailable(state, &correlation)
        }
    }
}

async fn open(
    state: &IdentityState,
    (headers, connection): (&HeaderMap, Connection),
    admitted: &Admitted,
    correlation: &CorrelationId,
) -> Result<Secret<String>, sessions::SessionError> {
    // A new session for a new sign-in; the browser's old one must not live on.
    let old = SESSION.read(headers, connection).map(|cookie| SecretHash::of(&cookie));
    let replaced = REPLACES.read(headers, connection).and_then(|hash| SecretHash::from_hex(hash.expose()));
    for hash in [old, replaced].into_iter().flatten() {
        state.sessions.end_browser_of(&hash).await?;
    }
    let federated = Some(admitted.session.clone());
    let (cookie, _) = state.sessions.open_browser(&admitted.user, correlation.clone(), federated).await?;
    // Who ends the sessions of a source may have been here already: this one mustn't come alive with the source.
    if !state.sources.is_open_to(&admitted.session.source, admitted.began) {
        state.sessions.end_browser(&cookie).await?;
    }
    Ok(cookie)
}

/// Where the sign-in was meant to lead; a sign-in that began at the provider may name one of our own addresses, nothing else.
fn next(state: &IdentityState, admitted: &Admitted) -> Option<Continue> {
    let asked = admitted.continue_to.as_deref().or_else(|| {
        let relayed = admitted.relay_state.as_deref()?;
        Some(relayed.strip_prefix(&state.settings.public_https_url).unwrap_or(relayed))
    });
    safe_continue(state, asked?)
}
