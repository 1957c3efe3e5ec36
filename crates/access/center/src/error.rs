//! Why Identity Center says no.

use std::borrow::Cow;

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
    /// An ARN that is neither the instance's nor an application's.
    #[error("{0} doesn't exist")]
    ResourceNotFound(String),
    /// The application has no such grant, scope or authentication method. `setting` is what it is and its name.
    #[error("application {application} has no {setting}")]
    SettingNotFound { application: ApplicationArn, setting: String },
    #[error("{0} isn't in the directory")]
    PrincipalNotFound(AssignedPrincipal),
    #[error("{principal} is assigned to {application} already")]
    AssignmentExists { application: ApplicationArn, principal: AssignedPrincipal },
    #[error("{principal} isn't assigned to {application}")]
    AssignmentNotFound { application: ApplicationArn, principal: AssignedPrincipal },
    #[error("the client token was used for another request")]
    ClientTokenReused,
    #[error("there may be at most {max} {what}")]
    TooMany { what: &'static str, max: usize },
    #[error("{field} is not valid: {rule}")]
    Invalid { field: &'static str, rule: Cow<'static, str> },
    #[error(transparent)]
    Store(#[from] CenterStoreError),
}

impl CenterError {
    pub(crate) fn invalid(field: &'static str, rule: impl Into<Cow<'static, str>>) -> Self {
        Self::Invalid { field, rule: rule.into() }
    }
}

impl Fault for CenterError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::ApplicationNotFound(_)
            | Self::ResourceNotFound(_)
            | Self::SettingNotFound { .. }
            | Self::PrincipalNotFound(_)
            | Self::AssignmentNotFound { .. } => ErrorKind::NotFound,
            Self::AssignmentExists { .. } | Self::ClientTokenReused => ErrorKind::Conflict,
            Self::TooMany { .. } => ErrorKind::LimitExceeded,
            Self::Invalid { .. } => ErrorKind::InvalidInput,
            Self::Store(_) => ErrorKind::Unavailable,
        }
    }

    fn public(&self) -> PublicMessage {
        match self {
            Self::ApplicationNotFound(arn) => PublicMessage::new(format!("Application {arn} not found.")),
            Self::ResourceNotFound(arn) => PublicMessage::new(format!("{arn} not found."))
                .with_hint("sso-admin ListInstances and ListApplications tell the ARNs."),
            Self::SettingNotFound { application, setting } => {
                PublicMessage::new(format!("Application {application} has no {setting}."))
            }
            Self::PrincipalNotFound(principal) => PublicMessage::new(format!("{principal} not found."))
                .with_hint("Provision the user or group first; identitystore GetUserId and GetGroupId tell its id."),
            Self::AssignmentExists { application, principal } => {
                PublicMessage::new(format!("{principal} is already assigned to {application}."))
            }
            Self::AssignmentNotFound { application, principal } => {
                PublicMessage::new(format!("{principal} is not assigned to {application}."))
            }
            Self::ClientTokenReused => PublicMessage::new("This ClientToken was used with other parameters.")
                .with_hint("Repeat the first request as it was, or send a new ClientToken."),
            Self::TooMany { what, max } => {
                PublicMessage::new(format!("There may be at most {max} {what}.")).with_hint("Remove one first.")
            }
            Self::Invalid { field, rule } => PublicMessage::new(format!("{field} is not valid: {rule}.")),
            Self::Store(_) => PublicMessage::new("The control database can't be used at the moment. Try again."),
        }
    }
}
