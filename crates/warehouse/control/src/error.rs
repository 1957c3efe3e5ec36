//! Why the control plane says no.

use base::id::{ClusterId, NamespaceName, Qev2IdcApplicationArn, RedshiftIdcApplicationArn, WorkgroupName};
use base::{ErrorKind, Fault, PublicMessage};
use center::CenterError;
use network::NetworkError;

use crate::{HostError, ParameterGroupError, TAGS_MAX, WAREHOUSES_MAX};

/// The store can't be read or written; the text is for the log.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the control plane's state can't be read or written: {0}")]
pub struct ControlStoreError(pub String);

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ControlError {
    #[error("{parameter} is not valid: {rule}")]
    Invalid { parameter: &'static str, rule: &'static str },
    /// The host found a rule broken, such as the password's. The text is for the client.
    #[error("{0}")]
    Rejected(String),
    #[error("cluster {0} exists")]
    ClusterAlreadyExists(ClusterId),
    #[error("cluster {0} doesn't exist")]
    ClusterNotFound(ClusterId),
    /// `state` says what it is or is doing: `creating`, `modifying` (which a snapshot is as well), `paused`, `available` where that is
    /// no state for it.
    #[error("cluster {id} is {state}")]
    InvalidClusterState { id: ClusterId, state: &'static str },
    #[error("namespace {0} exists")]
    NamespaceExists(NamespaceName),
    #[error("namespace {0} doesn't exist")]
    NamespaceNotFound(NamespaceName),
    #[error("workgroup {0} exists")]
    WorkgroupExists(WorkgroupName),
    #[error("workgroup {0} doesn't exist")]
    WorkgroupNotFound(WorkgroupName),
    /// A namespace or a workgroup is in no state for this. The text is for the client and says what to do.
    #[error("{0}")]
    Conflict(String),
    #[error("a Redshift application named {name} exists")]
    RedshiftIdcApplicationAlreadyExists { name: String },
    #[error("Redshift application {0} doesn't exist")]
    RedshiftIdcApplicationNotExists(RedshiftIdcApplicationArn),
    #[error("a query editor application named {name} exists")]
    Qev2IdcApplicationAlreadyExists { name: String },
    #[error("query editor application {0} doesn't exist")]
    Qev2IdcApplicationNotExists(Qev2IdcApplicationArn),
    /// An ARN that tags were asked of.
    #[error("resource {0} doesn't exist")]
    ResourceNotFound(String),
    #[error("a tag is not valid: {rule}")]
    InvalidTag { rule: &'static str },
    #[error("more than {TAGS_MAX} tags")]
    TagLimit,
    /// Another program listens on it.
    #[error("port {port} can't be listened on: {cause}")]
    PortInUse { port: u16, cause: String },
    #[error("there are {WAREHOUSES_MAX} warehouses already")]
    Quota,
    #[error("snapshot {0} exists")]
    SnapshotAlreadyExists(String),
    #[error("snapshot {0} doesn't exist")]
    SnapshotNotFound(String),
    /// The text is for the client and says what to do.
    #[error("{0}")]
    InvalidSnapshotState(String),
    /// There are as many snapshots as there may be, or as fit on the disk. The text is for the client and says what to do.
    #[error("{0}")]
    SnapshotQuota(String),
    /// The text is for the client and says what to do.
    #[error("{0}")]
    InvalidRetentionPeriod(String),
    /// The disk has no room for a copy. Bytes.
    #[error("{needed} bytes are needed, and {free} are free")]
    NoSpace { needed: u64, free: u64 },
    #[error(transparent)]
    ParameterGroup(#[from] ParameterGroupError),
    /// A security group, a subnet or a subnet group can't be used.
    #[error(transparent)]
    Network(#[from] NetworkError),
    /// By its name or ARN.
    #[error("secret {0} doesn't exist")]
    SecretNotFound(String),
    /// Identity Center refused what Redshift asked of it.
    #[error(transparent)]
    Center(#[from] CenterError),
    #[error(transparent)]
    Store(#[from] ControlStoreError),
    /// The warehouse can't be made, changed or removed; the text is for the log.
    #[error("the host failed: {0}")]
    Host(String),
}

impl From<HostError> for ControlError {
    fn from(error: HostError) -> Self {
        match error {
            HostError::PortInUse { port, cause } => Self::PortInUse { port, cause },
            HostError::Invalid(text) => Self::Rejected(text),
            HostError::NoSpace { needed, free } => Self::NoSpace { needed, free },
            HostError::Failed(cause) => Self::Host(cause),
        }
    }
}

impl Fault for ControlError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::Invalid { .. } | Self::Rejected(_) | Self::InvalidTag { .. } | Self::InvalidRetentionPeriod(_) => {
                ErrorKind::InvalidInput
            }
            Self::ClusterNotFound(_)
            | Self::NamespaceNotFound(_)
            | Self::WorkgroupNotFound(_)
            | Self::RedshiftIdcApplicationNotExists(_)
            | Self::Qev2IdcApplicationNotExists(_)
            | Self::SecretNotFound(_)
            | Self::SnapshotNotFound(_)
            | Self::ResourceNotFound(_) => ErrorKind::NotFound,
            Self::ClusterAlreadyExists(_)
            | Self::InvalidClusterState { .. }
            | Self::NamespaceExists(_)
            | Self::WorkgroupExists(_)
            | Self::Conflict(_)
            | Self::RedshiftIdcApplicationAlreadyExists { .. }
            | Self::Qev2IdcApplicationAlreadyExists { .. }
            | Self::SnapshotAlreadyExists(_)
            | Self::InvalidSnapshotState(_)
            | Self::PortInUse { .. } => ErrorKind::Conflict,
            Self::TagLimit | Self::Quota | Self::SnapshotQuota(_) | Self::NoSpace { .. } => ErrorKind::LimitExceeded,
            Self::ParameterGroup(error) => error.kind(),
            Self::Network(error) => error.kind(),
            Self::Center(error) => error.kind(),
            Self::Store(_) | Self::Host(_) => ErrorKind::Unavailable,
        }
    }

    fn public(&self) -> PublicMessage {
        let text = match self {
            Self::Invalid { parameter, rule } => format!("{parameter} is not valid: {rule}."),
            Self::Rejected(text)
            | Self::Conflict(text)
            | Self::InvalidSnapshotState(text)
            | Self::SnapshotQuota(text)
            | Self::InvalidRetentionPeriod(text) => text.clone(),
            Self::SnapshotAlreadyExists(identifier) => {
                format!("Snapshot {identifier} already exists. Choose another identifier or delete it.")
            }
            Self::SnapshotNotFound(identifier) => format!("Snapshot {identifier} not found."),
            Self::NoSpace { needed, free } => format!(
                "The server's disk has {} MB free, and {} MB are needed. Delete snapshots or clusters, or make room.",
                free >> 20,
                needed >> 20
            ),
            Self::ClusterAlreadyExists(id) => {
                format!("Cluster {id} already exists. Choose another identifier or delete it.")
            }
            Self::ClusterNotFound(id) => format!("Cluster {id} not found."),
            Self::InvalidClusterState { id, state } => no_state(id, state),
            Self::NamespaceExists(name) => {
                format!("Namespace {name} already exists. Choose another name or delete it.")
            }
            Self::NamespaceNotFound(name) => format!("Namespace {name} not found."),
            Self::WorkgroupExists(name) => {
                format!("Workgroup {name} already exists. Choose another name or delete it.")
            }
            Self::WorkgroupNotFound(name) => format!("Workgroup {name} not found."),
            Self::RedshiftIdcApplicationAlreadyExists { name } => format!(
                "A Redshift application named {name} already exists. Choose another RedshiftIdcApplicationName or delete it."
            ),
            Self::RedshiftIdcApplicationNotExists(arn) => format!("The application {arn} doesn't exist."),
            Self::Qev2IdcApplicationAlreadyExists { name } => format!(
                "A query editor application named {name} already exists. Choose another Qev2IdcApplicationName or delete it."
            ),
            Self::Qev2IdcApplicationNotExists(arn) => format!("The application {arn} doesn't exist."),
            Self::ResourceNotFound(arn) => format!("The resource {arn} doesn't exist."),
            Self::InvalidTag { rule } => format!("A tag is not valid: {rule}."),
            Self::TagLimit => format!("A resource has at most {TAGS_MAX} tags. Remove some first."),
            Self::PortInUse { port, .. } => {
                format!(
                    "Another program listens on port {port} of this server. Choose another Port, or none for the default."
                )
            }
            Self::Quota => {
                format!("This server holds at most {WAREHOUSES_MAX} clusters and namespaces. Delete one first.")
            }
            Self::SecretNotFound(_) => "Secrets Manager can't find the specified secret.".to_owned(),
            Self::ParameterGroup(error) => return error.public(),
            Self::Network(error) => return error.public(),
            Self::Center(error) => return error.public(),
            Self::Store(_) => "The control database can't be used at the moment. Try again.".to_owned(),
            Self::Host(_) => {
                "The warehouse can't be operated at the moment. Try again; the server's log has the cause.".to_owned()
            }
        };
        PublicMessage::new(text)
    }
}

/// What a cluster is, and what to do.
fn no_state(id: &ClusterId, state: &str) -> String {
    match state {
        "paused" => {
            format!("Cluster {id} is paused. Resume it first: aws redshift resume-cluster --cluster-identifier {id}")
        }
        "available" => format!("Cluster {id} is available: it isn't paused, so that there is nothing to resume."),
        "modifying" => {
            format!("Cluster {id} is being modified, or a snapshot of it is being taken. Try again when that is done.")
        }
        _ => {
            format!("Cluster {id} is {state}. Wait until DescribeClusters shows it available or gone, then try again.")
        }
    }
}
