//! Why the control plane says no.

use base::id::{ClusterId, RedshiftIdcApplicationArn};
use base::{ErrorKind, Fault, PublicMessage};
use center::CenterError;

/// The store can't be read or written; the text is for the log.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the control plane's state can't be read or written: {0}")]
pub struct ControlStoreError(pub String);

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ControlError {
    #[error("{parameter} is not valid: {rule}")]
    Invalid { parameter: &'static str, rule: &'static str },
    #[error("cluster {0} doesn't exist")]
    ClusterNotFound(ClusterId),
    #[error("Redshift application {0} doesn't exist")]
    IdcApplicationNotFound(RedshiftIdcApplicationArn),
    #[error("a Redshift application named {name} exists")]
    IdcApplicationExists { name: String },
    /// Identity Center refused what Redshift asked of it.
    #[error(transparent)]
    Center(#[from] CenterError),
    #[error(transparent)]
    Store(#[from] ControlStoreError),
}

impl Fault for ControlError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::Invalid { .. } => ErrorKind::InvalidInput,
            Self::ClusterNotFound(_) | Self::IdcApplicationNotFound(_) => ErrorKind::NotFound,
            Self::IdcApplicationExists { .. } => ErrorKind::Conflict,
            Self::Center(error) => error.kind(),
            Self::Store(_) => ErrorKind::Unavailable,
        }
    }

    fn public(&self) -> PublicMessage {
        match self {
            Self::Invalid { parameter, rule } => PublicMessage::new(format!("{parameter} is not valid: {rule}.")),
            Self::ClusterNotFound(id) => PublicMessage::new(format!("Cluster {id} not found.")),
            Self::IdcApplicationNotFound(arn) => PublicMessage::new(format!("The application {arn} doesn't exist.")),
            Self::IdcApplicationExists { name } => PublicMessage::new(format!(
                "A Redshift application named {name} already exists. Choose another RedshiftIdcApplicationName or delete it."
            )),
            Self::Center(error) => error.public(),
            Self::Store(_) => PublicMessage::new("The control database can't be used at the moment. Try again."),
        }
    }
}
