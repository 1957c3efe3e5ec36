//! Why Identity Center says no.

use base::id::ApplicationArn;
use base::{ErrorKind, Fault, PublicMessage};

use crate::AssignedPrincipal;

/// The store can't be read or written; the text is for the log.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("Identity Center's state can't be read or written: {0}")]
pub struct CenterStoreError(pub String);

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CenterError {
    #[error("application {0} doesn't exist")]
    ApplicationNotFound(ApplicationArn),
    #[error("{0} isn't in the directory")]
    PrincipalNotFound(AssignedPrincipal),
    #[error("{principal} is assigned to {application} already")]
    AssignmentExists { application: ApplicationArn, principal: AssignedPrincipal },
    #[error("{principal} isn't assigned to {application}")]
    AssignmentNotFound { application: ApplicationArn, principal: AssignedPrincipal },
    #[error("{field} is not valid: {rule}")]
    Invalid { field: &'static str, rule: &'static str },
    #[error(transparent)]
    Store(#[from] CenterStoreError),
}

impl Fault for CenterError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::ApplicationNotFound(_) | Self::PrincipalNotFound(_) | Self::AssignmentNotFound { .. } => {
                ErrorKind::NotFound
            }
            Self::AssignmentExists { .. } => ErrorKind::Conflict,
            Self::Invalid { .. } => ErrorKind::InvalidInput,
            Self::Store(_) => ErrorKind::Unavailable,
        }
    }

    fn public(&self) -> PublicMessage {
        match self {
            Self::ApplicationNotFound(arn) => PublicMessage::new(format!("Application {arn} not found.")),
            Self::PrincipalNotFound(principal) => PublicMessage::new(format!("{principal} not found."))
                .with_hint("Provision the user or group first; identitystore GetUserId and GetGroupId tell its id."),
            Self::AssignmentExists { application, principal } => {
                PublicMessage::new(format!("{principal} is already assigned to {application}."))
            }
            Self::AssignmentNotFound { application, principal } => {
                PublicMessage::new(format!("{principal} is not assigned to {application}."))
            }
            Self::Invalid { field, rule } => PublicMessage::new(format!("{field} is not valid: {rule}.")),
            Self::Store(_) => PublicMessage::new("The control database can't be used at the moment. Try again."),
        }
    }
}
