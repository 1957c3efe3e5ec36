//! Devices (RFC 8628): `/idp/oauth/device_authorization`, and the page where a person types the code.

use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use base::{AuditEvent, AuditStep, CorrelationId, Outcome, Principal, Secret};
use idp::{Decision, OpenError};
use openid_provider::{DeviceQuestion, DeviceRefusal, OAuthError, OpenIdError, Scope};
use pages::{Connection, Form, form_is_ours, problem};
use serde_json::json;
use time::OffsetDateTime;

use super::token::{about, read, refused};
use super::{answer, count, markup};
use crate::open;
use crate::shared::{page, principal, stale_form, unavailable, with_retry_after};
use crate::signin::{Demand, SignedIn, require, signed_in};
use crate::state::IdpState;

const PATH: &str = "/idp/device";

/// `POST /idp/oauth/device_authorization`
pub(super) async fn start(
    State(state): State<IdpState>,
    connection: Connection,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Response {
    let call = match read(&state, &headers, body) {
        Ok(call) => call,
        Err(refusal) => return refused(&state, connection, (None, "device_authorization"), &refusal).await,
    };
    let application = Some(&*call.application);
    let source = connection.peer.ip();
    let started = match state.openid.start_device(&call.application, call.form.get("scope"), source).await {
        Ok(started) => started,
        Err(OpenIdError::Refused(refusal)) if refusal.error == OAuthError::SlowDown => {
            return answer::too_many(&refusal);
        }
        Err(OpenIdError::Refused(refusal)) => {
            return refused(&state, connection, (application, "device_authorization"), &refusal).await;
        }
        Err(cause) => return answer::failed(&cause),
    };
    let event = AuditEvent::new(AuditStep::Token, Outcome::Allowed, CorrelationId::fresh(), Principal::Anonymous);
    if state.record(about(event, application, "device_authorization", connection)).await.is_err() {
        return answer::unavailable();
    }
    count("device_authorization", "allowed");
    let address = format!("{}{PATH}", state.settings.idp_url);
    answer::json(&json!({
        "device_code": started.device_code.expose(),
        "user_code": started.user_code.expose(),
        "verification_uri": address,
        "verification_uri_complete": format!("{address}?user_code={}", started.user_code.expose()),
        "expires_in": started.expires_in.whole_seconds(),
        "interval": started.interval.whole_seconds(),
    }))
}

/// `GET /idp/device[?user_code=…]`: the form. A code in the address only fills it in.
pub(super) async fn show(
    State(state): State<IdpState>,
    connection: Connection,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Response {
    let form = Form::parse(query.unwrap_or_default().as_bytes());
    let typed: String = form.map(|form| readable(form.get("user_code"))).unwrap_or_default();
    let next = if typed.is_empty() { PATH.to_owned() } else { format!("{PATH}?user_code={typed}") };
    let demand = Demand { next, purpose: Some("to sign in a device"), ..Demand::default() };
    match require(&state, &headers, connection, &demand).await {
        Ok(present) => form_page(&state, &present, &typed, None),
        Err(response) => response,
    }
}

/// What can be of a user code: nothing else goes into an address or a page.
fn readable(text: &str) -> String {
    text.chars().filter(|character| character.is_ascii_alphanumeric() || *character == '-').take(16).collect()
}

/// What went wrong with the last code.
struct Mistake {
    text: &'static str,
    status: StatusCode,
    retry_after: Option<u64>,
}

fn form_page(state: &IdpState, present: &SignedIn, typed: &str, mistake: Option<&Mistake>) -> Response {
    let csrf = present.csrf();
    let status = mistake.map_or(StatusCode::OK, |mistake| mistake.status);
    let markup = markup::device_code(&[("csrf", csrf.expose())], typed, mistake.map(|mistake| mistake.text));
    let response = page(state, "Sign in a device", status).render(&markup);
    with_retry_after(response, mistake.and_then(|mistake| mistake.retry_after))
}

/// A form of somebody who is signed in, with the code in it.
async fn posted(
    state: &IdpState,
    headers: &HeaderMap,
    connection: Connection,
    body: &Bytes,
) -> Result<(SignedIn, Form), Response> {
    let form = Form::parse(body).ok_or_else(|| stale_form(state))?;
    let present = signed_in(state, headers, connection).await.ok_or_else(|| stale_form(state))?;
    if form_is_ours(headers, &present.cookie, form.get("csrf"), connection) {
        Ok((present, form))
    } else {
        Err(stale_form(state))
    }
}

/// The device that waits with this code, or the form again.
async fn question(
    state: &IdpState,
    connection: Connection,
    present: &SignedIn,
    typed: &str,
) -> Result<DeviceQuestion, Response> {
    let found = state.openid.find_device(&Secret::from(typed), &present.session, connection.peer.ip());
    let refusal = match found {
        Ok(question) => return Ok(question),
        Err(refusal) => refusal,
    };
    let mistake = match refusal {
        DeviceRefusal::Unknown => Mistake {
            text: "No device waits with this code. Look at it again; after ten minutes the device shows a new one.",
            status: StatusCode::BAD_REQUEST,
            retry_after: None,
        },
        DeviceRefusal::TooManyAttempts { retry_after_seconds } => Mistake {
            text: "Too many codes were tried. Wait some minutes, then try again.",
            status: StatusCode::TOO_MANY_REQUESTS,
            retry_after: Some(retry_after_seconds),
        },
    };
    let event = event(connection, present, Outcome::Denied).field("reason", refusal.to_string());
    if state.record(event).await.is_err() {
        return Err(unavailable(state, present.session.correlation()));
    }
    count("device", "refused");
    Err(form_page(state, present, &readable(typed), Some(&mistake)))
}

/// `POST /idp/device`: the code; answered with the page that names the application.
pub(super) async fn find(
    State(state): State<IdpState>,
    connection: Connection,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let (present, form) = match posted(&state, &headers, connection, &body).await {
        Ok(posted) => posted,
        Err(response) => return response,
    };
    let typed = readable(form.get("user_code"));
    let question = match question(&state, connection, &present, &typed).await {
        Ok(question) => question,
        Err(response) => return response,
    };
    let csrf = present.csrf();
    let title = format!("Sign in to {} on a device?", question.application.label);
    page(&state, &title, StatusCode::OK).render(&markup::ask_device(&markup::AskDevice {
        label: &question.application.label,
        user_code: &typed.to_ascii_uppercase(),
        began: &ago(question.created, state.clock.now()),
        user_name: present.session.user().user_name(),
        scopes: &question.scopes,
        fields: &[("csrf", csrf.expose()), ("user_code", &typed)],
    }))
}

fn ago(began: OffsetDateTime, now: OffsetDateTime) -> String {
    match (now - began).whole_minutes() {
        ..1 => "less than a minute ago".to_owned(),
        1 => "a minute ago".to_owned(),
        minutes => format!("{minutes} minutes ago"),
    }
}

/// `POST /idp/device/answer`: what the person said.
pub(super) async fn decide(
    State(state): State<IdpState>,
    connection: Connection,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let (present, form) = match posted(&state, &headers, connection, &body).await {
        Ok(posted) => posted,
        Err(response) => return response,
    };
    let allow = match form.get("decision") {
        "allow" => true,
        "deny" => false,
        _ => return stale_form(&state),
    };
    let question = match question(&state, connection, &present, form.get("user_code")).await {
        Ok(question) => question,
        Err(response) => return response,
    };
    let reference = present.session.correlation();
    let outcome = if allow { Outcome::Allowed } else { Outcome::Denied };
    match state.openid.answer_device(&question, &present.session, allow).await {
        Ok(()) => {}
        Err(OpenIdError::Refused(refusal)) => {
            return not_answered(&state, connection, &present, &question, &refusal.description).await;
        }
        Err(cause) => {
            tracing::error!(%cause, %reference, "an answer to a device can't be stored");
            return unavailable(&state, reference);
        }
    }
    let slug = question.application.slug.as_str();
    let event = event(connection, &present, outcome)
        .target(slug)
        .field("application", slug)
        .field("scopes", Scope::list(&question.scopes));
    let event = if allow { event } else { event.field("reason", "the person chose Deny") };
    if state.record(event).await.is_err() {
        return unavailable(&state, reference);
    }
    count("device", if allow { "allowed" } else { "denied" });
    let title = if allow { "The device is signed in" } else { "The device was denied" };
    page(&state, title, StatusCode::OK).render(&markup::device_answered(&question.application.label, allow))
}

async fn not_answered(
    state: &IdpState,
    connection: Connection,
    present: &SignedIn,
    question: &DeviceQuestion,
    description: &str,
) -> Response {
    count("device", "denied");
    let application = &question.application;
    if let Decision::Denied(denial) = state.idp.may_open(present.session.user().id(), application) {
        return open::refused(state, connection, present, (application, &OpenError::Denied(denial))).await;
    }
    let event = event(connection, present, Outcome::Denied).target(application.slug.as_str());
    if state.record(event.field("reason", description)).await.is_err() {
        return unavailable(state, present.session.correlation());
    }
    let hint = "Begin again on the device; it then shows a new code.";
    page(state, "The device can't be signed in", StatusCode::CONFLICT).render(&problem(
        description,
        hint,
        present.session.correlation().as_str(),
        Some(("Your applications", "/idp")),
    ))
}

fn event(connection: Connection, present: &SignedIn, outcome: Outcome) -> AuditEvent {
    let correlation = present.session.correlation().clone();
    AuditEvent::new(AuditStep::Authorization, outcome, correlation, principal(present.session.user()))
        .action("openid:device")
        .field("session", present.session.id().as_str())
        .field("peer", connection.peer.ip().to_string())
}
