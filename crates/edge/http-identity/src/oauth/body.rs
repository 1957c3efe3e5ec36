//! The bodies of sso-oidc, and its errors: status, `x-amzn-ErrorType`, and OAuth's two members.

use axum::Json;
use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse as _, Response};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use tokens::{OAuthCode, TokenError};

use pages::protect;

/// RegisterClient's input.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct RegisterClient {
    pub(super) client_name: Option<String>,
    pub(super) client_type: Option<String>,
    pub(super) scopes: Option<Vec<String>>,
    pub(super) redirect_uris: Option<Vec<String>>,
    pub(super) grant_types: Option<Vec<String>>,
    pub(super) issuer_url: Option<String>,
    pub(super) entitled_application_arn: Option<String>,
}

/// RegisterClient's output. Times are seconds since 1970.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct RegisteredClient<'a> {
    pub(super) client_id: &'a str,
    pub(super) client_secret: &'a str,
    pub(super) client_id_issued_at: i64,
    pub(super) client_secret_expires_at: i64,
    pub(super) authorization_endpoint: String,
    pub(super) token_endpoint: String,
}

/// CreateToken's input.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct CreateToken {
    pub(super) client_id: Option<String>,
    pub(super) client_secret: Option<String>,
    pub(super) grant_type: Option<String>,
    pub(super) device_code: Option<String>,
    pub(super) code: Option<String>,
    pub(super) refresh_token: Option<String>,
    pub(super) scope: Option<Vec<String>>,
    pub(super) redirect_uri: Option<String>,
    pub(super) code_verifier: Option<String>,
}

/// CreateToken's output; seconds.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct CreatedToken<'a> {
    pub(super) access_token: &'a str,
    pub(super) token_type: &'static str,
    pub(super) expires_in: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) refresh_token: Option<&'a str>,
}

/// CreateTokenWithIAM's input.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct CreateTokenWithIam {
    pub(super) client_id: Option<String>,
    pub(super) grant_type: Option<String>,
    pub(super) code: Option<String>,
    pub(super) refresh_token: Option<String>,
    pub(super) assertion: Option<String>,
    pub(super) scope: Option<Vec<String>>,
    pub(super) redirect_uri: Option<String>,
    pub(super) subject_token: Option<String>,
    pub(super) subject_token_type: Option<String>,
    pub(super) requested_token_type: Option<String>,
    pub(super) code_verifier: Option<String>,
}

/// CreateTokenWithIAM's output; seconds. Without `idToken`: this server signs none.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct CreatedTokenWithIam<'a> {
    pub(super) access_token: &'a str,
    pub(super) token_type: &'static str,
    pub(super) expires_in: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) refresh_token: Option<&'a str>,
    pub(super) issued_token_type: &'static str,
    pub(super) scope: Vec<&'static str>,
}

/// A refusal before the token service is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Refused {
    pub(super) code: OAuthCode,
    pub(super) description: String,
}

impl Refused {
    pub(super) fn new(code: OAuthCode, description: impl Into<String>) -> Self {
        Self { code, description: description.into() }
    }
}

/// What is needed and wasn't given.
pub(super) fn missing(name: &str) -> Refused {
    Refused::new(OAuthCode::InvalidRequest, format!("{name} is missing."))
}

/// Refuses the first of the members that was given and belongs to another grant type.
pub(super) fn foreign(grant_type: &str, members: &[(&str, bool)]) -> Result<(), Refused> {
    match members.iter().find(|(_, given)| *given) {
        Some((name, _)) => {
            let text = format!("{name} doesn't belong to the grant type {grant_type}.");
            Err(Refused::new(OAuthCode::InvalidRequest, text))
        }
        None => Ok(()),
    }
}

/// Reads a JSON body.
pub(super) fn read<T: DeserializeOwned>(body: Result<Bytes, BytesRejection>) -> Result<T, Refused> {
    let body = body.map_err(|why| unreadable(&why))?;
    serde_json::from_slice(&body).map_err(|why| {
        Refused::new(
            OAuthCode::InvalidRequest,
            format!("The body must be the operation's JSON object: {}.", fault(&why)),
        )
    })
}

/// Names of members are repeated, values aren't: a code or token in the wrong place would be recorded with the refusal.
fn fault(why: &serde_json::Error) -> String {
    let text = why.to_string();
    if ["invalid type: ", "invalid value: "].iter().any(|kind| text.starts_with(kind)) {
        let (line, column) = (why.line(), why.column());
        return format!("a member doesn't have the type of the service model at line {line} column {column}");
    }
    text
}

pub(super) fn unreadable(why: &BytesRejection) -> Refused {
    Refused::new(OAuthCode::InvalidRequest, why.body_text())
}

/// 200 with JSON.
pub(super) fn answer(value: &impl Serialize) -> Response {
    finish(Json(value).into_response())
}

/// The exception of the service model, and its status.
pub(super) const fn shape(code: OAuthCode) -> (StatusCode, &'static str) {
    match code {
        OAuthCode::InvalidClient => (StatusCode::UNAUTHORIZED, "InvalidClientException"),
        OAuthCode::InvalidRequest => (StatusCode::BAD_REQUEST, "InvalidRequestException"),
        OAuthCode::InvalidGrant => (StatusCode::BAD_REQUEST, "InvalidGrantException"),
        OAuthCode::InvalidScope => (StatusCode::BAD_REQUEST, "InvalidScopeException"),
        OAuthCode::InvalidClientMetadata => (StatusCode::BAD_REQUEST, "InvalidClientMetadataException"),
        OAuthCode::InvalidRedirectUri => (StatusCode::BAD_REQUEST, "InvalidRedirectUriException"),
        OAuthCode::UnauthorizedClient => (StatusCode::BAD_REQUEST, "UnauthorizedClientException"),
        OAuthCode::UnsupportedGrantType => (StatusCode::BAD_REQUEST, "UnsupportedGrantTypeException"),
        OAuthCode::AccessDenied => (StatusCode::BAD_REQUEST, "AccessDeniedException"),
        OAuthCode::SlowDown => (StatusCode::BAD_REQUEST, "SlowDownException"),
    }
}

/// The error of a refusal.
pub(super) fn refuse(code: OAuthCode, description: &str) -> Response {
    let (status, shape) = shape(code);
    error(status, shape, code.code(), description)
}

/// `InternalServerException`: our side can't.
pub(super) fn unavailable() -> Response {
    error(
        StatusCode::INTERNAL_SERVER_ERROR,
        "InternalServerException",
        "server_error",
        "The server can't write its records at the moment, so it did not carry this out. Try again.",
    )
}

/// The error of the token service.
pub(super) fn failed(cause: &TokenError) -> Response {
    match cause {
        TokenError::Refused(refusal) => refuse(refusal.code, &refusal.description),
        TokenError::Unavailable(cause) => {
            tracing::error!(%cause, "an sso-oidc call failed");
            unavailable()
        }
    }
}

/// `message` is what the SDKs show; the other two are the service model's.
pub(super) fn error(status: StatusCode, shape: &'static str, code: &str, description: &str) -> Response {
    error_with(
        status,
        shape,
        &serde_json::json!({ "error": code, "error_description": description, "message": description }),
    )
}

pub(super) fn error_with(status: StatusCode, shape: &'static str, body: &serde_json::Value) -> Response {
    let mut response = (status, Json(body)).into_response();
    response.headers_mut().insert("x-amzn-errortype", HeaderValue::from_static(shape));
    finish(response)
}

fn finish(mut response: Response) -> Response {
    if let Ok(id) = HeaderValue::from_str(&base::id::uuid()) {
        response.headers_mut().insert("x-amzn-requestid", id);
    }
    protect(response)
}
