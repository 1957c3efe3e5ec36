//! Refusals with OAuth's codes, and the one other thing that can go wrong: the store.

use base::id::DirectoryUserId;
use base::{CorrelationId, ErrorKind, Fault, PublicMessage};

use crate::port::TokenStoreUnavailable;

/// The codes of sso-oidc. Each is an exception of the service model and an error code of RFC 6749, RFC 7591 or RFC 8628.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum OAuthCode {
    InvalidRequest,
    InvalidClient,
    InvalidGrant,
    InvalidScope,
    InvalidClientMetadata,
    InvalidRedirectUri,
    UnauthorizedClient,
    UnsupportedGrantType,
    AccessDenied,
    SlowDown,
}

impl OAuthCode {
    /// The body member `error`.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::InvalidRequest => "invalid_request",
            Self::InvalidClient => "invalid_client",
            Self::InvalidGrant => "invalid_grant",
            Self::InvalidScope => "invalid_scope",
            Self::InvalidClientMetadata => "invalid_client_metadata",
            Self::InvalidRedirectUri => "invalid_redirect_uri",
            Self::UnauthorizedClient => "unauthorized_client",
            Self::UnsupportedGrantType => "unsupported_grant_type",
            Self::AccessDenied => "access_denied",
            Self::SlowDown => "slow_down",
        }
    }

    const fn kind(self) -> ErrorKind {
        match self {
            Self::InvalidRequest | Self::InvalidScope | Self::InvalidClientMetadata | Self::InvalidRedirectUri => {
                ErrorKind::InvalidInput
            }
            Self::InvalidClient | Self::InvalidGrant => ErrorKind::Unauthenticated,
            Self::UnauthorizedClient | Self::AccessDenied => ErrorKind::Denied,
            Self::UnsupportedGrantType => ErrorKind::Unsupported,
            Self::SlowDown => ErrorKind::LimitExceeded,
        }
    }
}

/// Whose credential it was, for the audit record of a refusal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subject {
    pub user: DirectoryUserId,
    pub user_name: String,
    pub correlation: CorrelationId,
}

/// A refusal as the client is told it. `description` is a full sentence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    pub code: OAuthCode,
    pub description: String,
    /// Known when the presented code or token was one of ours.
    pub subject: Option<Subject>,
}

/// What can go wrong in this crate.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    #[error("{}: {}", .0.code.code(), .0.description)]
    Refused(Box<Refusal>),
    #[error(transparent)]
    Unavailable(#[from] TokenStoreUnavailable),
}

impl TokenError {
    pub(crate) fn refused(code: OAuthCode, description: impl Into<String>) -> Self {
        Self::Refused(Box::new(Refusal { code, description: description.into(), subject: None }))
    }

    pub(crate) fn about(self, subject: Subject) -> Self {
        match self {
            Self::Refused(mut refusal) => {
                refusal.subject = Some(subject);
                Self::Refused(refusal)
            }
            Self::Unavailable(cause) => Self::Unavailable(cause),
        }
    }
}

impl Fault for TokenError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::Refused(refusal) => refusal.code.kind(),
            Self::Unavailable(_) => ErrorKind::Unavailable,
        }
    }

    fn public(&self) -> PublicMessage {
        match self {
            Self::Refused(refusal) => PublicMessage::new(refusal.description.clone()),
            Self::Unavailable(_) => PublicMessage::new("The token store can't be used at the moment.")
                .with_hint("Try again; if it lasts, the operator finds the cause in the server's log."),
        }
    }
}
