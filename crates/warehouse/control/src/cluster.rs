//! Provisioned clusters. This server carries them itself; so far they are made at its start only.

use base::id::{ClusterId, RedshiftIdcApplicationArn};
use time::OffsetDateTime;

use crate::ControlError;

/// Characters of a cluster's identifier (Redshift "Naming constraints").
const IDENTIFIER_CHARACTERS_MAX: usize = 63;

/// What a cluster is doing. Clusters are served as long as the process runs, so there is one state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClusterStatus {
    Available,
}

impl ClusterStatus {
    /// As AWS writes it, and as it is stored.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Available => "available",
        }
    }

    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Available].into_iter().find(|status| status.name() == name)
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cluster {
    pub identifier: ClusterId,
    pub node_type: String,
    pub master_username: String,
    /// The database made with the cluster.
    pub db_name: String,
    /// A host name or an IP address.
    pub endpoint_address: String,
    pub endpoint_port: u16,
    pub status: ClusterStatus,
    /// The connection to Identity Center, where there is one.
    pub idc_application: Option<RedshiftIdcApplicationArn>,
    /// `arn:aws:redshift:REGION:ACCOUNT:namespace:<uuid>`
    pub namespace_arn: String,
    pub created: OffsetDateTime,
}

/// What `ensure_cluster` is told; namespace and time are added.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewCluster {
    pub identifier: ClusterId,
    pub node_type: String,
    pub master_username: String,
    pub db_name: String,
    pub endpoint_address: String,
    pub endpoint_port: u16,
}

/// 1 to 63 of `a-z0-9-`, first a letter, no `-` at the end and no `--` (Redshift "Naming constraints").
pub(crate) fn check_identifier(identifier: &ClusterId) -> Result<(), ControlError> {
    let text = identifier.as_str();
    let letters = text.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-'));
    let begins = text.bytes().next().is_some_and(|byte| byte.is_ascii_lowercase());
    if letters && begins && text.len() <= IDENTIFIER_CHARACTERS_MAX && !text.ends_with('-') && !text.contains("--") {
        return Ok(());
    }
    Err(ControlError::Invalid {
        parameter: "ClusterIdentifier",
        rule: "it has 1 to 63 lower-case letters, digits and hyphens, begins with a letter, and has no hyphen at its end or \
               beside another",
    })
}
