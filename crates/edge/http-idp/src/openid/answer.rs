//! JSON answers, and OAuth's errors (RFC 6749 5.2, RFC 6750 3).

use axum::Json;
use axum::http::header::{ACCESS_CONTROL_ALLOW_ORIGIN, CACHE_CONTROL, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse as _, Response};
use openid_provider::{OAuthError, OpenIdError, Refusal};
use pages::protect;
use serde_json::{Value, json};

/// Seconds that a device or person waits that began too much.
const WAIT: u64 = 60;

/// What everybody may read, from any origin and for a while.
pub(super) fn public(value: &Value) -> Response {
    let mut response = protect(Json(value).into_response());
    let headers = response.headers_mut();
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("public, max-age=300"));
    headers.remove("pragma");
    headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    response
}

/// 200, for nobody else and never kept.
pub(super) fn json(value: &Value) -> Response {
    protect(Json(value).into_response())
}

/// A refusal of the token endpoint and its neighbours.
pub(super) fn refuse(refusal: &Refusal) -> Response {
    let mut response = error(status(refusal.error), refusal.error.code(), &refusal.description);
    if refusal.error == OAuthError::InvalidClient {
        response.headers_mut().insert(WWW_AUTHENTICATE, HeaderValue::from_static("Basic realm=\"gatehouse\""));
    }
    response
}

const fn status(error: OAuthError) -> StatusCode {
    match error {
        OAuthError::InvalidClient | OAuthError::InvalidToken => StatusCode::UNAUTHORIZED,
        OAuthError::TemporarilyUnavailable => StatusCode::SERVICE_UNAVAILABLE,
        OAuthError::ServerError => StatusCode::INTERNAL_SERVER_ERROR,
        OAuthError::InvalidRequest
        | OAuthError::InvalidGrant
        | OAuthError::UnauthorizedClient
        | OAuthError::UnsupportedGrantType
        | OAuthError::UnsupportedResponseType
        | OAuthError::InvalidScope
        | OAuthError::InvalidTarget
        | OAuthError::AccessDenied
        | OAuthError::AuthorizationPending
        | OAuthError::SlowDown
        | OAuthError::ExpiredToken
        | OAuthError::LoginRequired
        | OAuthError::ConsentRequired
        | OAuthError::RequestNotSupported
        | OAuthError::RequestUriNotSupported
        | OAuthError::RegistrationNotSupported => StatusCode::BAD_REQUEST,
    }
}

/// What went wrong in the service.
pub(super) fn failed(cause: &OpenIdError) -> Response {
    match cause {
        OpenIdError::Refused(refusal) => refuse(refusal),
        OpenIdError::Unavailable(_) | OpenIdError::Signing(_) => {
            tracing::error!(%cause, "an OpenID Connect request failed");
            unavailable()
        }
    }
}

/// Our side can't.
pub(super) fn unavailable() -> Response {
    let text = "The identity provider can't write its records at the moment, so it did not carry this out. Try again.";
    error(StatusCode::SERVICE_UNAVAILABLE, OAuthError::TemporarilyUnavailable.code(), text)
}

/// 429: too much was begun.
pub(super) fn too_many(refusal: &Refusal) -> Response {
    let mut response = error(StatusCode::TOO_MANY_REQUESTS, refusal.error.code(), &refusal.description);
    response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(WAIT));
    response
}

/// A refusal of the user information endpoint: in the header, too.
pub(super) fn refuse_bearer(refusal: &Refusal) -> Response {
    let mut response = error(status(refusal.error), refusal.error.code(), &refusal.description);
    let quoted: String = refusal
        .description
        .chars()
        .map(|character| if character.is_ascii_graphic() && !matches!(character, '"' | '\\') { character } else { ' ' })
        .collect();
    let text =
        format!("Bearer realm=\"gatehouse\", error=\"{}\", error_description=\"{quoted}\"", refusal.error.code());
    if let Ok(value) = HeaderValue::from_str(&text) {
        response.headers_mut().insert(WWW_AUTHENTICATE, value);
    }
    response
}

/// RFC 6750 3.1: who sent nothing is told nothing but how.
pub(super) fn ask_for_bearer() -> Response {
    let mut response = protect(StatusCode::UNAUTHORIZED.into_response());
    response.headers_mut().insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer realm=\"gatehouse\""));
    response
}

fn error(status: StatusCode, code: &str, description: &str) -> Response {
    protect((status, Json(json!({ "error": code, "error_description": description }))).into_response())
}
