//! Why a session isn't opened.

use base::{ErrorKind, Fault, PublicMessage};

use crate::port::SessionStoreUnavailable;
use crate::reason::EndReason;

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SessionError {
    /// It would have to end at once.
    #[error("no session for {user}: {}", .reason.name())]
    Refused { user: String, reason: EndReason },
    /// A token of one person with the proof of another: a defect of the caller.
    #[error("the token belongs to another person")]
    OtherPerson,
    #[error(transparent)]
    Unavailable(#[from] SessionStoreUnavailable),
}

impl Fault for SessionError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::Refused { .. } | Self::OtherPerson => ErrorKind::Denied,
            Self::Unavailable(_) => ErrorKind::Unavailable,
        }
    }

    fn public(&self) -> PublicMessage {
        match self {
            Self::Refused { user, reason } => reason.public(user),
            Self::OtherPerson => PublicMessage::new("The access token belongs to another person."),
            Self::Unavailable(_) => PublicMessage::new("The session store can't be used at the moment.")
                .with_hint("Try again; if it lasts, the operator finds the cause in the server's log."),
        }
    }
}
