//! The errors of RFC 7644 3.12: an HTTP status, a scimType where there is one, and what is wrong.

use base::{ErrorKind, Fault, PublicMessage};
use directory::DirectoryError;
use serde_json::{Value, json};

/// The closed list of RFC 7644 3.12, table 9, and of RFC 9865 2.1, as far as it is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ScimType {
    InvalidFilter,
    TooMany,
    Uniqueness,
    Mutability,
    InvalidSyntax,
    InvalidPath,
    NoTarget,
    InvalidValue,
    /// RFC 9865 2.1, as the next two.
    InvalidCursor,
    ExpiredCursor,
    InvalidCount,
}

impl ScimType {
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::InvalidFilter => "invalidFilter",
            Self::TooMany => "tooMany",
            Self::Uniqueness => "uniqueness",
            Self::Mutability => "mutability",
            Self::InvalidSyntax => "invalidSyntax",
            Self::InvalidPath => "invalidPath",
            Self::NoTarget => "noTarget",
            Self::InvalidValue => "invalidValue",
            Self::InvalidCursor => "invalidCursor",
            Self::ExpiredCursor => "expiredCursor",
            Self::InvalidCount => "invalidCount",
        }
    }
}

/// A request that isn't carried out. The text says what is wrong and what to do; it never holds a password.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ScimError {
    #[error("{0}")]
    InvalidFilter(String),
    #[error("{0}")]
    TooMany(String),
    #[error("{0}")]
    InvalidSyntax(String),
    #[error("{0}")]
    InvalidPath(String),
    #[error("{0}")]
    NoTarget(String),
    #[error("{0}")]
    InvalidValue(String),
    #[error("{0}")]
    Mutability(String),
    #[error("{0}")]
    Uniqueness(String),
    #[error("{0}")]
    InvalidCursor(String),
    #[error("{0}")]
    ExpiredCursor(String),
    #[error("{0}")]
    InvalidCount(String),
    /// 409 without a scimType: another operation of the same bulk request failed (RFC 7644 3.7.1).
    #[error("{0}")]
    Conflict(String),
    #[error("{0}")]
    Unauthorized(String),
    #[error("{0}")]
    Forbidden(String),
    #[error("{0}")]
    NotFound(String),
    #[error("{method} isn't possible on {path}")]
    MethodNotAllowed { method: String, path: String, allow: &'static str },
    #[error("{0}")]
    PreconditionFailed(String),
    #[error("{0}")]
    TooLarge(String),
    #[error("{0}")]
    MediaType(String),
    #[error("{0}")]
    NotImplemented(String),
    #[error("{0}")]
    Unavailable(String),
    #[error("{0}")]
    Internal(String),
}

impl ScimError {
    /// The HTTP status.
    #[must_use]
    pub const fn status(&self) -> u16 {
        match self {
            Self::InvalidFilter(_)
            | Self::TooMany(_)
            | Self::InvalidSyntax(_)
            | Self::InvalidPath(_)
            | Self::NoTarget(_)
            | Self::InvalidValue(_)
            | Self::InvalidCursor(_)
            | Self::ExpiredCursor(_)
            | Self::InvalidCount(_)
            | Self::Mutability(_) => 400,
            Self::Unauthorized(_) => 401,
            Self::Forbidden(_) => 403,
            Self::NotFound(_) => 404,
            Self::MethodNotAllowed { .. } => 405,
            Self::Uniqueness(_) | Self::Conflict(_) => 409,
            Self::PreconditionFailed(_) => 412,
            Self::TooLarge(_) => 413,
            Self::MediaType(_) => 415,
            Self::Internal(_) => 500,
            Self::NotImplemented(_) => 501,
            Self::Unavailable(_) => 503,
        }
    }

    #[must_use]
    pub const fn scim_type(&self) -> Option<ScimType> {
        match self {
            Self::InvalidFilter(_) => Some(ScimType::InvalidFilter),
            Self::TooMany(_) => Some(ScimType::TooMany),
            Self::InvalidSyntax(_) => Some(ScimType::InvalidSyntax),
            Self::InvalidPath(_) => Some(ScimType::InvalidPath),
            Self::NoTarget(_) => Some(ScimType::NoTarget),
            Self::InvalidValue(_) => Some(ScimType::InvalidValue),
            Self::Mutability(_) => Some(ScimType::Mutability),
            Self::Uniqueness(_) => Some(ScimType::Uniqueness),
            Self::InvalidCursor(_) => Some(ScimType::InvalidCursor),
            Self::ExpiredCursor(_) => Some(ScimType::ExpiredCursor),
            Self::InvalidCount(_) => Some(ScimType::InvalidCount),
            Self::Conflict(_)
            | Self::Unauthorized(_)
            | Self::Forbidden(_)
            | Self::NotFound(_)
            | Self::MethodNotAllowed { .. }
            | Self::PreconditionFailed(_)
            | Self::TooLarge(_)
            | Self::MediaType(_)
            | Self::NotImplemented(_)
            | Self::Unavailable(_)
            | Self::Internal(_) => None,
        }
    }

    /// The error message of RFC 7644 3.12. `status` is a string there.
    #[must_use]
    pub fn body(&self) -> Value {
        let mut body = json!({
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:Error"],
            "status": self.status().to_string(),
            "detail": self.public().message,
        });
        if let (Some(scim_type), Some(body)) = (self.scim_type(), body.as_object_mut()) {
            body.insert("scimType".to_owned(), Value::from(scim_type.name()));
        }
        body
    }
}

/// Why a resource can't be created, with the way to adopt the one that is in its place (docs/rules.md).
#[must_use]
pub fn adoptable(error: DirectoryError) -> ScimError {
    let (endpoint, attribute, value) = match &error {
        DirectoryError::UserNameTaken { user_name, .. } => ("/Users", "userName", user_name),
        DirectoryError::DisplayNameTaken { display_name, .. } => ("/Groups", "displayName", display_name),
        // the holder's name isn't known here; the client's own id finds it
        DirectoryError::ExternalIdTaken { external_id, .. } => ("/Users or /Groups", "externalId", external_id),
        DirectoryError::UnknownUser(_)
        | DirectoryError::UnknownGroup(_)
        | DirectoryError::UnknownMembers(_)
        | DirectoryError::VersionMismatch { .. }
        | DirectoryError::Invalid { .. }
        | DirectoryError::TooManyScimTokens { .. }
        | DirectoryError::UnknownScimToken(_)
        | DirectoryError::Busy
        | DirectoryError::Store(_)
        | DirectoryError::Internal(_) => return error.into(),
    };
    ScimError::Uniqueness(format!(
        "{error}. To adopt that resource, find it with GET {endpoint}?filter={attribute} eq {}, then PUT or PATCH it with your \
         externalId; to create another one, send another {attribute}.",
        Value::from(value.as_str())
    ))
}

impl Fault for ScimError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::InvalidFilter(_)
            | Self::InvalidSyntax(_)
            | Self::InvalidPath(_)
            | Self::NoTarget(_)
            | Self::InvalidValue(_)
            | Self::Mutability(_)
            | Self::InvalidCursor(_)
            | Self::ExpiredCursor(_)
            | Self::InvalidCount(_)
            | Self::MediaType(_) => ErrorKind::InvalidInput,
            Self::TooMany(_) | Self::TooLarge(_) => ErrorKind::LimitExceeded,
            Self::Uniqueness(_) | Self::Conflict(_) | Self::PreconditionFailed(_) => ErrorKind::Conflict,
            Self::Unauthorized(_) => ErrorKind::Unauthenticated,
            Self::Forbidden(_) => ErrorKind::Denied,
            Self::NotFound(_) => ErrorKind::NotFound,
            Self::MethodNotAllowed { .. } | Self::NotImplemented(_) => ErrorKind::Unsupported,
            Self::Unavailable(_) => ErrorKind::Unavailable,
            Self::Internal(_) => ErrorKind::Internal,
        }
    }

    fn public(&self) -> PublicMessage {
        match self {
            Self::MethodNotAllowed { allow, .. } => PublicMessage::new(format!("{self}; possible is {allow}.")),
            Self::Internal(_) => PublicMessage::new("The server failed. Its log has the cause."),
            Self::InvalidFilter(text)
            | Self::TooMany(text)
            | Self::InvalidSyntax(text)
            | Self::InvalidPath(text)
            | Self::NoTarget(text)
            | Self::InvalidValue(text)
            | Self::Mutability(text)
            | Self::Uniqueness(text)
            | Self::InvalidCursor(text)
            | Self::ExpiredCursor(text)
            | Self::InvalidCount(text)
            | Self::Conflict(text)
            | Self::Unauthorized(text)
            | Self::Forbidden(text)
            | Self::NotFound(text)
            | Self::PreconditionFailed(text)
            | Self::TooLarge(text)
            | Self::MediaType(text)
            | Self::NotImplemented(text)
            | Self::Unavailable(text) => PublicMessage::new(text.clone()),
        }
    }
}

impl From<DirectoryError> for ScimError {
    fn from(error: DirectoryError) -> Self {
        let public = error.public();
        let text = match public.hint {
            Some(hint) => format!("{} {hint}", public.message),
            None => public.message,
        };
        match error {
            DirectoryError::UserNameTaken { .. }
            | DirectoryError::DisplayNameTaken { .. }
            | DirectoryError::ExternalIdTaken { .. } => Self::Uniqueness(text),
            DirectoryError::UnknownUser(_) | DirectoryError::UnknownGroup(_) => Self::NotFound(text),
            DirectoryError::UnknownMembers(_) | DirectoryError::Invalid { .. } => Self::InvalidValue(text),
            DirectoryError::VersionMismatch { .. } => Self::PreconditionFailed(text),
            DirectoryError::Busy | DirectoryError::Store(_) => Self::Unavailable(text),
            DirectoryError::TooManyScimTokens { .. }
            | DirectoryError::UnknownScimToken(_)
            | DirectoryError::Internal(_) => Self::Internal(error.to_string()),
        }
    }
}
