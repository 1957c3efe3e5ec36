//! Refusals with the codes of OAuth and OpenID Connect, and what else can go wrong: the store, the signing key.

use base::id::DirectoryUserId;
use base::{CorrelationId, ErrorKind, Fault, Principal, PublicMessage};

use crate::port::OpenIdStoreUnavailable;

/// The error codes of RFC 6749, 6750, 7009, 8628, 8707 and OpenID Connect Core 3.1.2.6.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum OAuthError {
    InvalidRequest,
    InvalidClient,
    InvalidGrant,
    UnauthorizedClient,
    UnsupportedGrantType,
    UnsupportedResponseType,
    InvalidScope,
    InvalidTarget,
    AccessDenied,
    AuthorizationPending,
    SlowDown,
    ExpiredToken,
    InvalidToken,
    LoginRequired,
    ConsentRequired,
    RequestNotSupported,
    RequestUriNotSupported,
    RegistrationNotSupported,
    TemporarilyUnavailable,
    ServerError,
}

impl OAuthError {
    /// The member (or parameter) `error`.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::InvalidRequest => "invalid_request",
            Self::InvalidClient => "invalid_client",
            Self::InvalidGrant => "invalid_grant",
            Self::UnauthorizedClient => "unauthorized_client",
            Self::UnsupportedGrantType => "unsupported_grant_type",
            Self::UnsupportedResponseType => "unsupported_response_type",
            Self::InvalidScope => "invalid_scope",
            Self::InvalidTarget => "invalid_target",
            Self::AccessDenied => "access_denied",
            Self::AuthorizationPending => "authorization_pending",
            Self::SlowDown => "slow_down",
            Self::ExpiredToken => "expired_token",
            Self::InvalidToken => "invalid_token",
            Self::LoginRequired => "login_required",
            Self::ConsentRequired => "consent_required",
            Self::RequestNotSupported => "request_not_supported",
            Self::RequestUriNotSupported => "request_uri_not_supported",
            Self::RegistrationNotSupported => "registration_not_supported",
            Self::TemporarilyUnavailable => "temporarily_unavailable",
            Self::ServerError => "server_error",
        }
    }

    const fn kind(self) -> ErrorKind {
        match self {
            Self::InvalidRequest | Self::InvalidScope | Self::InvalidTarget => ErrorKind::InvalidInput,
            Self::InvalidClient
            | Self::InvalidGrant
            | Self::InvalidToken
            | Self::ExpiredToken
            | Self::LoginRequired => ErrorKind::Unauthenticated,
            Self::UnauthorizedClient | Self::AccessDenied | Self::ConsentRequired | Self::AuthorizationPending => {
                ErrorKind::Denied
            }
            Self::UnsupportedGrantType
            | Self::UnsupportedResponseType
            | Self::RequestNotSupported
            | Self::RequestUriNotSupported
            | Self::RegistrationNotSupported => ErrorKind::Unsupported,
            Self::SlowDown => ErrorKind::LimitExceeded,
            Self::TemporarilyUnavailable | Self::ServerError => ErrorKind::Unavailable,
        }
    }
}

/// Whose credential it was, and for which application: for the audit record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subject {
    pub user: DirectoryUserId,
    pub user_name: String,
    pub correlation: CorrelationId,
}

impl Subject {
    /// As audit records name the person.
    #[must_use]
    pub fn principal(&self) -> Principal {
        Principal::DirectoryUser { id: self.user.to_string(), user_name: self.user_name.clone() }
    }
}

/// A refusal as the client is told it. `description` is a full sentence and holds no secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    pub error: OAuthError,
    pub description: String,
    /// Known when the presented code or token was one of ours.
    pub subject: Option<Subject>,
}

impl Refusal {
    pub(crate) fn new(error: OAuthError, description: impl Into<String>) -> Self {
        Self { error, description: description.into(), subject: None }
    }

    pub(crate) fn about(mut self, subject: Subject) -> Self {
        self.subject = Some(subject);
        self
    }
}

/// What can go wrong in this crate.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OpenIdError {
    #[error("{}: {}", .0.error.code(), .0.description)]
    Refused(Box<Refusal>),
    #[error(transparent)]
    Unavailable(#[from] OpenIdStoreUnavailable),
    /// The text is for the log.
    #[error("an ID token can't be signed: {0}")]
    Signing(String),
}

impl From<Refusal> for OpenIdError {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(Box::new(refusal))
    }
}

impl Fault for OpenIdError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::Refused(refusal) => refusal.error.kind(),
            Self::Unavailable(_) => ErrorKind::Unavailable,
            Self::Signing(_) => ErrorKind::Internal,
        }
    }

    fn public(&self) -> PublicMessage {
        match self {
            Self::Refused(refusal) => PublicMessage::new(refusal.description.clone()),
            Self::Unavailable(_) | Self::Signing(_) => {
                PublicMessage::new("The identity provider can't issue or read tokens at the moment.")
                    .with_hint("Try again; if it lasts, the operator finds the cause in the server's log.")
            }
        }
    }
}
