//! Why STS doesn't answer, under AWS's names.

use base::{ErrorKind, Fault, PublicMessage};

use crate::port::StsStoreUnavailable;

/// An error code of STS (the API's model, and those that it leaves out).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StsCode {
    ValidationError,
    AccessDenied,
    MalformedPolicyDocument,
    PackedPolicyTooLarge,
    IdpRejectedClaim,
    IdpCommunicationError,
    InvalidIdentityToken,
    /// Of an assertion or a web identity token.
    ExpiredToken,
    InvalidAuthorizationMessage,
    /// Of an address whose calls were refused too often.
    Throttling,
}

impl StsCode {
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::ValidationError => "ValidationError",
            Self::AccessDenied => "AccessDenied",
            Self::MalformedPolicyDocument => "MalformedPolicyDocument",
            Self::PackedPolicyTooLarge => "PackedPolicyTooLarge",
            Self::IdpRejectedClaim => "IDPRejectedClaim",
            Self::IdpCommunicationError => "IDPCommunicationError",
            Self::InvalidIdentityToken => "InvalidIdentityToken",
            Self::ExpiredToken => "ExpiredTokenException",
            Self::InvalidAuthorizationMessage => "InvalidAuthorizationMessageException",
            Self::Throttling => "Throttling",
        }
    }

    /// The HTTP status.
    #[must_use]
    pub const fn status(self) -> u16 {
        match self {
            Self::AccessDenied | Self::IdpRejectedClaim => 403,
            Self::ValidationError
            | Self::MalformedPolicyDocument
            | Self::PackedPolicyTooLarge
            | Self::IdpCommunicationError
            | Self::InvalidIdentityToken
            | Self::ExpiredToken
            | Self::InvalidAuthorizationMessage
            | Self::Throttling => 400,
        }
    }

    #[must_use]
    pub const fn kind(self) -> ErrorKind {
        match self {
            Self::AccessDenied | Self::IdpRejectedClaim => ErrorKind::Denied,
            Self::InvalidIdentityToken | Self::ExpiredToken => ErrorKind::Unauthenticated,
            Self::IdpCommunicationError => ErrorKind::Unavailable,
            Self::Throttling => ErrorKind::LimitExceeded,
            Self::ValidationError
            | Self::MalformedPolicyDocument
            | Self::PackedPolicyTooLarge
            | Self::InvalidAuthorizationMessage => ErrorKind::InvalidInput,
        }
    }
}

/// `Display` is the reason, for the audit trail; the client gets AWS's text, and no more than AWS tells a stranger.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StsError {
    #[error("{reason}")]
    Refused {
        code: StsCode,
        /// What the client is told.
        message: String,
        /// Why, for the administrator.
        reason: String,
        /// What the administrator can do about it: full sentences; empty where the message says it.
        mend: String,
    },
    #[error(transparent)]
    Store(#[from] StsStoreUnavailable),
    /// Never, with inputs of a sane size.
    #[error("a session can't be sealed")]
    Sealing,
}

impl StsError {
    /// An error whose message says all.
    pub(crate) fn plain(code: StsCode, message: impl Into<String>) -> Self {
        let message = message.into();
        Self::Refused { code, reason: message.clone(), message, mend: String::new() }
    }

    /// A required parameter that isn't there; `name` as AWS's message writes it (`roleArn`).
    #[must_use]
    pub fn missing(name: &str) -> Self {
        let text = format!(
            "1 validation error detected: Value null at '{name}' failed to satisfy constraint: Member must not be null"
        );
        Self::plain(StsCode::ValidationError, text)
    }

    /// A parameter that breaks a rule; `rule` as in `have length less than or equal to 10`.
    #[must_use]
    pub fn invalid(name: &str, value: &str, rule: &str) -> Self {
        crate::parameters::invalid(name, value, rule)
    }

    pub(crate) fn refused(
        code: StsCode,
        message: impl Into<String>,
        reason: impl Into<String>,
        mend: impl Into<String>,
    ) -> Self {
        Self::Refused { code, message: message.into(), reason: reason.into(), mend: mend.into() }
    }

    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Refused { code, .. } => code.name(),
            Self::Store(_) | Self::Sealing => "ServiceUnavailable",
        }
    }

    #[must_use]
    pub const fn status(&self) -> u16 {
        match self {
            Self::Refused { code, .. } => code.status(),
            Self::Store(_) | Self::Sealing => 503,
        }
    }

    /// What the administrator can do about it; empty where the message says it.
    #[must_use]
    pub fn mend(&self) -> &str {
        match self {
            Self::Refused { mend, .. } => mend,
            Self::Store(_) | Self::Sealing => "See the server's log.",
        }
    }
}

impl Fault for StsError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::Refused { code, .. } => code.kind(),
            Self::Store(_) | Self::Sealing => ErrorKind::Unavailable,
        }
    }

    fn public(&self) -> PublicMessage {
        PublicMessage::new(match self {
            Self::Refused { message, .. } => message,
            Self::Store(_) | Self::Sealing => {
                "The session can't be kept; nothing was issued. Try again when the server's disk is writable."
            }
        })
    }
}
