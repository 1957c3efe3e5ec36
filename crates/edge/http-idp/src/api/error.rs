//! Why a call isn't carried out, and how that is told.

use axum::Json;
use axum::http::HeaderValue;
use axum::http::StatusCode;
use axum::http::header::{RETRY_AFTER, WWW_AUTHENTICATE};
use axum::response::{IntoResponse as _, Response};
use base::{AuditUnavailable, CorrelationId, ErrorKind, Fault, PublicMessage};
use directory::DirectoryError;
use idp::{ApiTokenRefusal, IdpError};
use pages::protect;
use push::PushError;
use schemars::JsonSchema;
use serde::Serialize;

use crate::shared::status;

/// Seconds after which a busy server may be asked again.
const WAIT: u64 = 2;

/// A call was refused or failed. `Display` repeats no value that the client sent: it goes into the audit trail.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub(super) enum ApiError {
    #[error("there is no API token in the request")]
    NoToken,
    #[error(transparent)]
    Token(#[from] ApiTokenRefusal),
    #[error("there is nothing at this path")]
    NoSuchPath,
    #[error("this path has another method: {allow}")]
    OtherMethod { allow: String },
    #[error("the body is longer than {0} bytes")]
    TooLong(usize),
    #[error("the body isn't of the type {0}")]
    MediaType(&'static str),
    #[error("the body isn't JSON")]
    NoJson(String),
    #[error("the body isn't a JSON object")]
    NoObject,
    #[error("this operation takes no body")]
    NoBody,
    /// `path`: where in the body or the query; `problem` may repeat what was sent.
    #[error("a member isn't as described")]
    Member { path: String, problem: String },
    #[error("a parameter is given twice")]
    Twice(String),
    /// `rule` is a full sentence.
    #[error("{member} is not acceptable")]
    Invalid { member: &'static str, rule: String },
    #[error("{0} doesn't take If-Match")]
    NotConditional(&'static str),
    #[error("If-Match has no version")]
    NoVersion,
    /// `what` names the kind of thing in the plural.
    #[error("there is none of these {what}")]
    Unknown { what: &'static str, name: String },
    #[error(transparent)]
    Directory(#[from] DirectoryError),
    #[error(transparent)]
    Idp(IdpError),
    #[error(transparent)]
    Push(#[from] PushError),
    #[error("the call can't be recorded")]
    NotRecorded,
    #[error("the administration has a defect: {0}")]
    Defect(String),
}

impl From<IdpError> for ApiError {
    fn from(error: IdpError) -> Self {
        if let IdpError::Directory(error) = error { Self::Directory(error) } else { Self::Idp(error) }
    }
}

impl From<AuditUnavailable> for ApiError {
    fn from(_: AuditUnavailable) -> Self {
        Self::NotRecorded
    }
}

impl ApiError {
    pub(super) fn invalid(member: &'static str, rule: impl Into<String>) -> Self {
        Self::Invalid { member, rule: rule.into() }
    }

    pub(super) fn unknown(what: &'static str, name: impl Into<String>) -> Self {
        Self::Unknown { what, name: name.into() }
    }

    /// The same, of something inside this member.
    pub(super) fn inside(self, member: &str) -> Self {
        if let Self::Member { path, problem } = self {
            let path = if path == "." { member.to_owned() } else { format!("{member}.{path}") };
            return Self::Member { path, problem };
        }
        self
    }

    pub(super) fn is_denial(&self) -> bool {
        matches!(self.kind(), ErrorKind::Unauthenticated | ErrorKind::Denied)
    }

    fn is_precondition(&self) -> bool {
        matches!(
            self,
            Self::Directory(DirectoryError::VersionMismatch { .. })
                | Self::Idp(IdpError::VersionMismatch { .. })
                | Self::Push(PushError::VersionMismatch { .. })
        )
    }
}

impl Fault for ApiError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::NoToken => ErrorKind::Unauthenticated,
            Self::Token(refusal) => refusal.kind(),
            Self::NoSuchPath | Self::Unknown { .. } => ErrorKind::NotFound,
            Self::OtherMethod { .. }
            | Self::MediaType(_)
            | Self::NoJson(_)
            | Self::NoObject
            | Self::NoBody
            | Self::Member { .. }
            | Self::Twice(_)
            | Self::Invalid { .. }
            | Self::NotConditional(_)
            | Self::TooLong(_)
            | Self::NoVersion => ErrorKind::InvalidInput,
            Self::Directory(error) => error.kind(),
            Self::Idp(error) => error.kind(),
            Self::Push(error) => error.kind(),
            Self::NotRecorded => ErrorKind::Unavailable,
            Self::Defect(_) => ErrorKind::Internal,
        }
    }

    fn public(&self) -> PublicMessage {
        let described = "The description is at /idp/api/openapi.json.";
        match self {
            Self::NoToken => PublicMessage::new("The administration needs an API token.").with_hint(
                "Send it as Authorization: Bearer TOKEN. Make one on the server with: gatehouse idp token create NAME",
            ),
            Self::Token(refusal) => refusal.public(),
            Self::NoSuchPath => PublicMessage::new("There is nothing at this path.").with_hint(described),
            Self::OtherMethod { allow } => {
                PublicMessage::new("This path has no such method.").with_hint(format!("It has: {allow}. {described}"))
            }
            Self::TooLong(most) => {
                PublicMessage::new(format!("The body is longer than {most} bytes.")).with_hint("Split the request.")
            }
            Self::MediaType(needed) => PublicMessage::new(format!("The body must be {needed}."))
                .with_hint(format!("Send it with Content-Type: {needed}.")),
            Self::NoJson(problem) => {
                PublicMessage::new("The body is not acceptable JSON.").with_detail(format!("{problem}."))
            }
            Self::NoObject => PublicMessage::new("The body must be a JSON object.").with_hint(described),
            Self::NoBody => PublicMessage::new("This operation takes no body.").with_hint(described),
            Self::Member { path, problem } => {
                let message = match path.as_str() {
                    "." => format!("The request is not as described: {problem}."),
                    path => format!("The request is not as described at {path}: {problem}."),
                };
                PublicMessage::new(message).with_hint(described)
            }
            Self::Twice(name) => PublicMessage::new(format!("The parameter {name} is given twice.")),
            Self::Invalid { member, rule } => PublicMessage::new(format!("{member} is not acceptable: {rule}")),
            Self::NotConditional(operation) => PublicMessage::new(format!("{operation} doesn't carry out If-Match."))
                .with_hint("Leave the header out."),
            Self::NoVersion => PublicMessage::new("If-Match must be one version, as an ETag had it, or *.")
                .with_hint("Read it again, and send the ETag of that answer."),
            Self::Unknown { what, name } => PublicMessage::new(format!("There is no \"{name}\" among the {what}."))
                .with_hint(format!("It may have been deleted. List the {what}.")),
            Self::Directory(error) => error.public(),
            Self::Idp(error) => error.public(),
            Self::Push(error) => error.public(),
            Self::NotRecorded => {
                PublicMessage::new("The call can't be recorded at the moment, so it was not carried out.")
                    .with_hint("Try again when the server's disk is well.")
            }
            Self::Defect(_) => {
                PublicMessage::new("The administration failed.").with_hint("The server's log has the cause.")
            }
        }
    }
}

/// How an error is told.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Error")]
pub(super) struct Told {
    /// What kind of error it is: a stable name, such as `not_found`.
    pub(super) error: &'static str,
    /// What is wrong.
    pub(super) message: String,
    pub(super) detail: Option<String>,
    /// What to do.
    pub(super) hint: Option<String>,
    /// The correlation id of the audit records.
    pub(super) reference: String,
}

pub(super) fn response(error: &ApiError, reference: &CorrelationId) -> Response {
    let PublicMessage { message, detail, hint } = error.public();
    let told = Told { error: error.kind().name(), message, detail, hint, reference: reference.to_string() };
    let mut response = protect((code(error), Json(told)).into_response());
    let headers = response.headers_mut();
    if *error == ApiError::NoToken {
        headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer realm=\"gatehouse-idp\""));
    } else if error.kind() == ErrorKind::Unauthenticated {
        let value = "Bearer realm=\"gatehouse-idp\", error=\"invalid_token\"";
        headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static(value));
    } else if error.kind() == ErrorKind::Unavailable {
        headers.insert(RETRY_AFTER, HeaderValue::from(WAIT));
    }
    response
}

fn code(error: &ApiError) -> StatusCode {
    if matches!(error, ApiError::TooLong(_)) {
        StatusCode::PAYLOAD_TOO_LARGE
    } else if matches!(error, ApiError::MediaType(_)) {
        StatusCode::UNSUPPORTED_MEDIA_TYPE
    } else if error.is_precondition() {
        StatusCode::PRECONDITION_FAILED
    } else {
        status(error.kind())
    }
}
