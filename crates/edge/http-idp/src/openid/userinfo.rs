//! `/idp/oauth/userinfo` (OpenID Connect Core 5.3, RFC 6750): the access token comes in the header and nowhere else.

use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{RawQuery, State};
use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;
use axum::response::Response;
use base::{AuditEvent, AuditStep, CorrelationId, Outcome, Principal, Secret};
use openid_provider::{OAuthError, Parameters, Refusal, UserInfo};
use pages::Connection;
use serde_json::Value;

use super::token::about;
use super::{answer, count};
use crate::state::IdpState;

/// `GET` and `POST /idp/oauth/userinfo`
pub(super) async fn show(
    State(state): State<IdpState>,
    connection: Connection,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
    body: Result<Bytes, BytesRejection>,
) -> Response {
    let token = match bearer(&headers, query.as_deref().unwrap_or_default(), body) {
        Ok(Some(token)) => token,
        Ok(None) => return answer::ask_for_bearer(),
        Err(refusal) => return refused(&state, connection, &refusal).await,
    };
    let UserInfo { claims, subject, application } = match state.openid.userinfo(&token) {
        Ok(info) => info,
        Err(refusal) => return refused(&state, connection, &refusal).await,
    };
    let event = AuditEvent::new(AuditStep::Token, Outcome::Allowed, subject.correlation.clone(), subject.principal());
    if state.record(about(event, Some(&application), "userinfo", connection)).await.is_err() {
        return answer::unavailable();
    }
    count("userinfo", "allowed");
    answer::json(&Value::Object(claims))
}

/// The token; `None` when none was sent at all.
fn bearer(
    headers: &HeaderMap,
    query: &str,
    body: Result<Bytes, BytesRejection>,
) -> Result<Option<Secret<String>>, Refusal> {
    let invalid = |description: &str| Refusal {
        error: OAuthError::InvalidRequest,
        description: description.to_owned(),
        subject: None,
    };
    let in_body = body.map(|body| Parameters::parse(&body).get("access_token").is_some()).unwrap_or_default();
    if in_body || Parameters::parse(query.as_bytes()).get("access_token").is_some() {
        return Err(invalid("access_token is taken from the header Authorization only, not from query or body."));
    }
    let mut given = headers.get_all(AUTHORIZATION).iter();
    let Some(header) = given.next() else { return Ok(None) };
    if given.next().is_some() {
        return Err(invalid("The header Authorization was given more than once."));
    }
    let token = header.to_str().ok().and_then(|text| text.split_once(' '));
    match token {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => Ok(Some(token.trim().into())),
        Some(_) | None => Err(invalid("The header Authorization must be Bearer with the access token.")),
    }
}

async fn refused(state: &IdpState, connection: Connection, refusal: &Refusal) -> Response {
    count("userinfo", "refused");
    let (correlation, principal) = match &refusal.subject {
        Some(subject) => (subject.correlation.clone(), subject.principal()),
        None => (CorrelationId::fresh(), Principal::Anonymous),
    };
    let event = AuditEvent::new(AuditStep::Token, Outcome::Denied, correlation, principal);
    let event = about(event, None, "userinfo", connection);
    let event = event.field("reason", format!("{}: {}", refusal.error.code(), refusal.description));
    match state.record(event).await {
        Ok(()) => answer::refuse_bearer(refusal),
        Err(_) => answer::unavailable(),
    }
}
