//! Why a push target isn't made, changed or asked.

use base::id::PushTargetId;
use base::{ErrorKind, Fault, PublicMessage};

/// The store of the targets and of what was pushed can't be read or written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the store of the SCIM push can't be used: {0}")]
pub struct PushStoreUnavailable(pub String);

/// An administrator's request was refused or failed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PushError {
    #[error("no push target {0}")]
    UnknownTarget(PushTargetId),
    #[error("the name \"{name}\" is taken by push target {holder}")]
    NameTaken { name: String, holder: PushTargetId },
    #[error("version {expected} was expected and {found} was found")]
    VersionMismatch { expected: u64, found: u64 },
    /// `rule` is a full sentence.
    #[error("{field} is not acceptable: {rule}")]
    Invalid { field: &'static str, rule: String },
    #[error("push target {name} is switched off")]
    SwitchedOff { name: String },
    /// `reason` is full sentences.
    #[error("push target {name} is paused: {reason}")]
    Paused { name: String, reason: String },
    /// `cause` says what the server or the way to it did, and what to do.
    #[error("the SCIM server can't be read: {cause}")]
    Server { cause: String },
    #[error(transparent)]
    Store(#[from] PushStoreUnavailable),
    #[error("the SCIM push has a defect: {0}")]
    Internal(String),
}

impl Fault for PushError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::UnknownTarget(_) => ErrorKind::NotFound,
            Self::NameTaken { .. } | Self::VersionMismatch { .. } | Self::SwitchedOff { .. } | Self::Paused { .. } => {
                ErrorKind::Conflict
            }
            Self::Invalid { .. } => ErrorKind::InvalidInput,
            Self::Server { .. } | Self::Store(_) => ErrorKind::Unavailable,
            Self::Internal(_) => ErrorKind::Internal,
        }
    }

    fn public(&self) -> PublicMessage {
        let message = PublicMessage::new(format!("{self}."));
        match self {
            Self::UnknownTarget(_) => message.with_hint("It may have been deleted. List the push targets."),
            Self::NameTaken { .. } => message.with_hint("Choose another name, or change that target."),
            Self::VersionMismatch { .. } => {
                message.with_hint("Somebody changed it meanwhile. Read it again and retry.")
            }
            Self::Invalid { .. } => PublicMessage::new(self.to_string()),
            Self::SwitchedOff { .. } => message.with_hint("Switch it on first."),
            Self::Paused { .. } => PublicMessage::new(self.to_string()).with_hint("Mend that, or ask to retry now."),
            Self::Server { .. } => message.with_hint("Check the target's address and token, then try again."),
            Self::Store(_) => {
                PublicMessage::new("The SCIM push can't be written at the moment.").with_hint("Retry later.")
            }
            Self::Internal(_) => {
                PublicMessage::new("The SCIM push failed.").with_hint("The server's log has the cause.")
            }
        }
    }
}
