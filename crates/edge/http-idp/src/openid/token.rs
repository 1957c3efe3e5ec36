//! `/idp/oauth/token` and `/idp/oauth/revoke`.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use axum::http::HeaderMap;
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE};
use axum::response::{IntoResponse as _, Response};
use base::{AuditEvent, AuditStep, CorrelationId, Outcome, Principal};
use idp::Application;
use openid_provider::discovery::{DEVICE_GRANT, GRANT_TYPES};
use openid_provider::{
    CodeExchange, DeviceExchange, Issued, OAuthError, OpenIdError, Parameters, PresentedClient, RefreshExchange,
    Refusal, Scope,
};
use pages::{Connection, protect};
use serde_json::{Value, json};

use super::{answer, count};
use crate::state::IdpState;

/// Refused by name at the token endpoint.
const NOT_CARRIED_OUT: [(&str, OAuthError, &str); 3] = [
    ("resource", OAuthError::InvalidTarget, "access tokens are for user information only"),
    ("audience", OAuthError::InvalidTarget, "access tokens are for user information only"),
    ("authorization_details", OAuthError::InvalidRequest, "ask by scope"),
];

/// A form of an application that has proven itself.
pub(super) struct Call {
    pub(super) application: Arc<Application>,
    pub(super) form: Parameters,
}

/// Reads the form and proves the application.
pub(super) fn read(
    state: &IdpState,
    headers: &HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Call, Refusal> {
    let invalid = |description: String| Refusal { error: OAuthError::InvalidRequest, description, subject: None };
    let body = body.map_err(|why| invalid(why.body_text()))?;
    let kind = headers.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim();
    if !kind.eq_ignore_ascii_case("application/x-www-form-urlencoded") {
        return Err(invalid("The body must be application/x-www-form-urlencoded.".to_owned()));
    }
    let form = Parameters::parse(&body).once()?;
    let mut given = headers.get_all(AUTHORIZATION).iter();
    let authorization = given.next().map(|value| value.to_str().unwrap_or_default());
    if given.next().is_some() {
        return Err(invalid("The header Authorization was given more than once.".to_owned()));
    }
    let presented = PresentedClient::read(authorization, &form)?;
    Ok(Call { application: state.openid.authenticate_client(&presented)?, form })
}

/// `POST /idp/oauth/token`
pub(super) async fn issue(
    State(state): State<IdpState>,
    connection: Connection,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Response {
    let call = match read(&state, &headers, body) {
        Ok(call) => call,
        Err(refusal) => return refused(&state, connection, (None, "token"), &refusal).await,
    };
    let (action, result) = exchange(&state, &call).await;
    let issued = match result {
        Ok(issued) => issued,
        Err(OpenIdError::Refused(refusal)) => {
            return refused(&state, connection, (Some(&call.application), action), &refusal).await;
        }
        Err(cause) => return answer::failed(&cause),
    };
    let event = AuditEvent::new(
        AuditStep::Token,
        Outcome::Allowed,
        issued.subject.correlation.clone(),
        issued.subject.principal(),
    );
    let event = about(event, Some(&call.application), action, connection)
        .field("grant", issued.grant.as_str())
        .field("scopes", Scope::list(&issued.scopes));
    if state.record(event).await.is_err() {
        // What was issued is never told to anybody, so that it is worth nothing.
        return answer::unavailable();
    }
    count("token", "allowed");
    answer::json(&tokens(&issued))
}

async fn exchange(state: &IdpState, call: &Call) -> (&'static str, Result<Issued, OpenIdError>) {
    match understand(call) {
        Ok(Exchange::Code(asked)) => ("authorization_code", state.openid.exchange_code(asked).await),
        Ok(Exchange::Refresh(asked)) => ("refresh_token", state.openid.refresh(asked).await),
        Ok(Exchange::Device(asked)) => ("device_code", state.openid.exchange_device(asked).await),
        Err(refusal) => ("token", Err(refusal.into())),
    }
}

enum Exchange {
    Code(CodeExchange),
    Refresh(RefreshExchange),
    Device(DeviceExchange),
}

fn understand(call: &Call) -> Result<Exchange, Refusal> {
    let (form, application) = (&call.form, Arc::clone(&call.application));
    form.refuse(&NOT_CARRIED_OUT)?;
    match form.required("grant_type")? {
        "authorization_code" => Ok(Exchange::Code(CodeExchange {
            application,
            code: form.required("code")?.into(),
            redirect_uri: form.required("redirect_uri")?.to_owned(),
            verifier: form.required("code_verifier")?.into(),
        })),
        "refresh_token" => Ok(Exchange::Refresh(RefreshExchange {
            application,
            refresh_token: form.required("refresh_token")?.into(),
            scope: form.get("scope").map(str::to_owned),
        })),
        DEVICE_GRANT => {
            Ok(Exchange::Device(DeviceExchange { application, device_code: form.required("device_code")?.into() }))
        }
        _ => Err(Refusal {
            error: OAuthError::UnsupportedGrantType,
            description: format!("grant_type: this provider carries out {} only.", GRANT_TYPES.join(", ")),
            subject: None,
        }),
    }
}

fn tokens(issued: &Issued) -> Value {
    let mut answer = json!({
        "access_token": issued.access.expose(),
        "token_type": "Bearer",
        "expires_in": issued.expires_in.whole_seconds(),
        "scope": Scope::list(&issued.scopes),
        "id_token": issued.id_token.expose(),
    });
    if let (Some(refresh), Some(members)) = (&issued.refresh, answer.as_object_mut()) {
        members.insert("refresh_token".to_owned(), json!(refresh.expose()));
    }
    answer
}

/// `POST /idp/oauth/revoke` (RFC 7009)
pub(super) async fn revoke(
    State(state): State<IdpState>,
    connection: Connection,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Response {
    let call = match read(&state, &headers, body) {
        Ok(call) => call,
        Err(refusal) => return refused(&state, connection, (None, "revoke"), &refusal).await,
    };
    let application = Some(&*call.application);
    let result = match call.form.required("token") {
        Ok(token) => state.openid.revoke(&call.application, &token.into()).await,
        Err(refusal) => Err(refusal.into()),
    };
    let subject = match result {
        Ok(subject) => subject,
        Err(OpenIdError::Refused(refusal)) => {
            return refused(&state, connection, (application, "revoke"), &refusal).await;
        }
        Err(cause) => return answer::failed(&cause),
    };
    count("revoke", "allowed");
    // Nothing happened that would have to be recorded.
    let Some(subject) = subject else { return protect(().into_response()) };
    let event = AuditEvent::new(AuditStep::Token, Outcome::Allowed, subject.correlation.clone(), subject.principal());
    match state.record(about(event, application, "revoke", connection)).await {
        Ok(()) => protect(().into_response()),
        Err(_) => answer::unavailable(),
    }
}

/// Records a refusal, but for a device that has to wait, and answers with it.
pub(super) async fn refused(
    state: &IdpState,
    connection: Connection,
    (application, action): (Option<&Application>, &'static str),
    refusal: &Refusal,
) -> Response {
    count(action, "refused");
    let waits = matches!(refusal.error, OAuthError::AuthorizationPending | OAuthError::SlowDown);
    if !waits {
        let (correlation, principal) = match &refusal.subject {
            Some(subject) => (subject.correlation.clone(), subject.principal()),
            None => (CorrelationId::fresh(), Principal::Anonymous),
        };
        let event = AuditEvent::new(AuditStep::Token, Outcome::Denied, correlation, principal);
        let event = about(event, application, action, connection);
        let event = event.field("reason", format!("{}: {}", refusal.error.code(), refusal.description));
        if state.record(event).await.is_err() {
            return answer::unavailable();
        }
    }
    answer::refuse(refusal)
}

/// What every record of these endpoints has.
pub(super) fn about(
    event: AuditEvent,
    application: Option<&Application>,
    action: &str,
    connection: Connection,
) -> AuditEvent {
    let event = event.action(format!("openid:{action}")).field("peer", connection.peer.ip().to_string());
    match application {
        Some(application) => event.target(application.slug.as_str()).field("application", application.slug.as_str()),
        None => event,
    }
}
