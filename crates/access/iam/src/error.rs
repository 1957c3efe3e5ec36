//! Why IAM says no: AWS's errors, with AWS's words where it has some.

use base::{ErrorKind, Fault, PublicMessage};

/// The store can't be read or written; the text is for the log.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("IAM's state can't be read or written: {0}")]
pub struct IamStoreUnavailable(pub String);

/// Each text is the message for the caller: what is wrong and what to do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum IamError {
    #[error("{0}")]
    NoSuchEntity(String),
    #[error("{0}")]
    EntityAlreadyExists(String),
    #[error("{0}")]
    LimitExceeded(String),
    #[error("{0}")]
    DeleteConflict(String),
    #[error("{0}")]
    MalformedPolicyDocument(String),
    #[error("{0}")]
    InvalidInput(String),
    #[error("{0}")]
    UnmodifiableEntity(String),
    #[error("{0}")]
    PolicyNotAttachable(String),
    /// A parameter that breaks the shape of the API's model.
    #[error("{0}")]
    Validation(String),
    /// What nobody in the account may do: AWS's own policies are AWS's.
    #[error("{0}")]
    AccessDenied(String),
    #[error(transparent)]
    Store(#[from] IamStoreUnavailable),
}

impl IamError {
    /// AWS's error code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::NoSuchEntity(_) => "NoSuchEntity",
            Self::EntityAlreadyExists(_) => "EntityAlreadyExists",
            Self::LimitExceeded(_) => "LimitExceeded",
            Self::DeleteConflict(_) => "DeleteConflict",
            Self::MalformedPolicyDocument(_) => "MalformedPolicyDocument",
            Self::InvalidInput(_) => "InvalidInput",
            Self::UnmodifiableEntity(_) => "UnmodifiableEntity",
            Self::PolicyNotAttachable(_) => "PolicyNotAttachable",
            Self::Validation(_) => "ValidationError",
            Self::AccessDenied(_) => "AccessDenied",
            Self::Store(_) => "ServiceFailure",
        }
    }

    /// The HTTP status that goes with the code.
    #[must_use]
    pub const fn status(&self) -> u16 {
        match self {
            Self::NoSuchEntity(_) => 404,
            Self::EntityAlreadyExists(_) | Self::LimitExceeded(_) | Self::DeleteConflict(_) => 409,
            Self::MalformedPolicyDocument(_)
            | Self::InvalidInput(_)
            | Self::UnmodifiableEntity(_)
            | Self::PolicyNotAttachable(_)
            | Self::Validation(_) => 400,
            Self::AccessDenied(_) => 403,
            Self::Store(_) => 500,
        }
    }

    /// The form in which AWS refuses a parameter.
    pub(crate) fn validation(parameter: &str, rule: &str) -> Self {
        Self::Validation(format!(
            "1 validation error detected: Value at '{parameter}' failed to satisfy constraint: {rule}"
        ))
    }

    pub(crate) fn quota(name: &str, most: usize) -> Self {
        Self::LimitExceeded(format!("Cannot exceed quota for {name}: {most}"))
    }

    pub(crate) fn no_user(name: &str) -> Self {
        Self::NoSuchEntity(format!("The user with name {name} cannot be found."))
    }

    pub(crate) fn no_group(name: &str) -> Self {
        Self::NoSuchEntity(format!("The group with name {name} cannot be found."))
    }

    pub(crate) fn no_role(name: &str) -> Self {
        Self::NoSuchEntity(format!("The role with name {name} cannot be found."))
    }

    pub(crate) fn no_policy(arn: &str) -> Self {
        Self::NoSuchEntity(format!("Policy {arn} was not found."))
    }

    pub(crate) fn not_attachable(arn: &str) -> Self {
        Self::NoSuchEntity(format!("Policy {arn} does not exist or is not attachable."))
    }
}

impl Fault for IamError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::NoSuchEntity(_) => ErrorKind::NotFound,
            Self::EntityAlreadyExists(_) | Self::DeleteConflict(_) => ErrorKind::Conflict,
            Self::LimitExceeded(_) => ErrorKind::LimitExceeded,
            Self::MalformedPolicyDocument(_)
            | Self::InvalidInput(_)
            | Self::UnmodifiableEntity(_)
            | Self::PolicyNotAttachable(_)
            | Self::Validation(_) => ErrorKind::InvalidInput,
            Self::AccessDenied(_) => ErrorKind::Denied,
            Self::Store(_) => ErrorKind::Unavailable,
        }
    }

    fn public(&self) -> PublicMessage {
        match self {
            Self::NoSuchEntity(text)
            | Self::EntityAlreadyExists(text)
            | Self::LimitExceeded(text)
            | Self::DeleteConflict(text)
            | Self::MalformedPolicyDocument(text)
            | Self::InvalidInput(text)
            | Self::UnmodifiableEntity(text)
            | Self::PolicyNotAttachable(text)
            | Self::Validation(text)
            | Self::AccessDenied(text) => PublicMessage::new(text.clone()),
            Self::Store(_) => PublicMessage::new("The control database can't be used at the moment. Try again."),
        }
    }
}
