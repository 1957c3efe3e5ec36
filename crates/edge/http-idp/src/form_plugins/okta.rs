//! In the place of Okta: a session token for a password (its Authentication API), and the page of an application for the token.

use axum::body::Bytes;
use axum::extract::{Path, RawQuery, State};
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse as _, Response};
use base::{AuditEvent, AuditStep, CorrelationId, ErrorKind, Fault as _, Outcome, Principal, Secret, strict_json};
use directory::ActiveUser;
use idp::{FormPlugins, SignInError};
use pages::{Connection, protect};
use serde::Deserialize;
use serde_json::{Value, json};
use time::format_description::well_known::Rfc3339;

use super::prove::{Refused, Typed, open, prove};
use super::{OFF, Plugin, SWITCH, find, switched_off, told};
use crate::shared::{fault_page, is_failure, unavailable, with_retry_after};
use crate::state::IdpState;

/// What the drivers call the application's kind where they aren't told: Python's and Java's.
const KINDS: [&str; 2] = ["amazon_aws_redshift", "amazon_aws"];

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Credentials {
    username: String,
    password: String,
}

/// `POST /api/v1/authn`: primary authentication with a public application.
pub(super) async fn authenticate(
    State(state): State<IdpState>,
    connection: Connection,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let reference = CorrelationId::fresh();
    match state.idp.form_plugins() {
        FormPlugins::On => {}
        FormPlugins::Off => {
            let summary = format!("{OFF} An administrator lets it in by: {SWITCH}");
            return error(StatusCode::FORBIDDEN, "E0000006", &summary, &reference);
        }
    }
    let Credentials { username, password } = match credentials(&headers, &body) {
        Ok(credentials) => credentials,
        Err(summary) => return error(StatusCode::BAD_REQUEST, "E0000003", &summary, &reference),
    };
    let password = Secret::new(password);
    let typed = Typed { plugin: Plugin::Okta, user_name: username.trim(), password, reference };
    match prove(&state, connection, &typed).await {
        Ok(proven) => {
            let user = shown(proven.user());
            let (token, until) = state.idp.keep_proof(proven);
            answer(
                StatusCode::OK,
                &json!({
                    "status": "SUCCESS",
                    "expiresAt": until.format(&Rfc3339).unwrap_or_default(),
                    "sessionToken": token.expose(),
                    "_embedded": { "user": user },
                }),
            )
        }
        Err(refused) => no(&refused, &typed.reference),
    }
}

/// JSON only: no page of another site can send that without asking first.
fn credentials(headers: &HeaderMap, body: &[u8]) -> Result<Credentials, String> {
    let kind = headers.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim();
    if !kind.eq_ignore_ascii_case("application/json") {
        return Err("The request body was not well-formed. It must be application/json.".to_owned());
    }
    let read = strict_json::read(body).and_then(Credentials::deserialize);
    // serde_json's words about a value of the wrong type repeat it, and it may be the password.
    read.map_err(|error| {
        let text = error.to_string();
        let named = text.split_once("unknown field `").and_then(|(_, rest)| rest.split_once('`'));
        match named {
            Some((field, _)) => {
                let field: String = field.chars().take(100).collect();
                format!(
                    "The request body was not well-formed. {field} isn't carried out here; send username and password."
                )
            }
            None => "The request body was not well-formed. Send username and password, each a text.".to_owned(),
        }
    })
}

fn shown(user: &ActiveUser) -> Value {
    json!({ "id": user.id().as_str(), "profile": { "login": user.user_name() } })
}

/// Okta's transaction states where the password was right or the account waits, else its error.
fn no(refused: &Refused, reference: &CorrelationId) -> Response {
    let state = |name: &str| answer(StatusCode::OK, &json!({ "status": name, "hint": refused.text() }));
    match refused {
        Refused::SecondFactor => state("MFA_REQUIRED"),
        Refused::Enrol => state("MFA_ENROLL"),
        Refused::ChoosePassword => state("PASSWORD_EXPIRED"),
        Refused::Error(cause) if cause.kind() == ErrorKind::LimitExceeded => {
            with_retry_after(state("LOCKED_OUT"), refused.retry_after())
        }
        Refused::Error(cause) if !is_failure(cause.kind()) => {
            error(StatusCode::UNAUTHORIZED, "E0000004", "Authentication failed", reference)
        }
        Refused::Error(_) | Refused::Unrecorded => error(refused.status(), "E0000009", &refused.text(), reference),
    }
}

/// Okta's error object; its id is the one under which the records have it.
fn error(status: StatusCode, code: &str, summary: &str, reference: &CorrelationId) -> Response {
    answer(
        status,
        &json!({
            "errorCode": code,
            "errorSummary": summary,
            "errorLink": code,
            "errorId": reference.as_str(),
            "errorCauses": [],
        }),
    )
}

fn answer(status: StatusCode, body: &Value) -> Response {
    let mut response = protect((status, body.to_string()).into_response());
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

/// `GET /home/{app_name}/{app_id}?onetimetoken=…`: `app_id` is the application's slug or id.
pub(super) async fn home(
    State(state): State<IdpState>,
    connection: Connection,
    Path((app_name, app_id)): Path<(String, String)>,
    RawQuery(query): RawQuery,
) -> Response {
    if let Some(off) = switched_off(&state) {
        return off;
    }
    if !KINDS.contains(&app_name.as_str()) {
        let hint = format!("Leave app_name out, or give one of {}.", KINDS.join(", "));
        let what = "There is no kind of application of this app_name.";
        return told(&state, StatusCode::NOT_FOUND, ("No such application", what, &hint), &CorrelationId::fresh());
    }
    let token = match find::only_parameter(&state, query.as_deref(), "onetimetoken") {
        Ok(token) => Secret::new(token),
        Err(response) => return response,
    };
    let application = match find::application(&state, "app_id", &app_id) {
        Ok(application) => application,
        Err(response) => return response,
    };
    match state.idp.take_proof(&token) {
        Ok(proven) => open(&state, connection, proven, &application).await,
        Err(cause) => unproven(&state, connection, application.slug.as_str(), &cause).await,
    }
}

/// A token that opens nothing (any more).
async fn unproven(state: &IdpState, connection: Connection, slug: &str, cause: &SignInError) -> Response {
    let reference = CorrelationId::fresh();
    let event = AuditEvent::new(AuditStep::SignIn, Outcome::Denied, reference.clone(), Principal::Anonymous)
        .action("session_token")
        .target(slug)
        .field("form_plugin", Plugin::Okta.name())
        .field("reason", cause.to_string())
        .field("code", cause.reason())
        .field("peer", connection.peer.ip().to_string());
    if state.record(event).await.is_err() {
        return unavailable(state, &reference);
    }
    fault_page(state, "The session token opens nothing", cause, &reference)
}
