//! Provisioned clusters.

use std::collections::BTreeMap;

use base::Secret;
use base::id::{ClusterId, RedshiftIdcApplicationArn, WarehouseId};
use time::OffsetDateTime;

use crate::{ClusterStatus, ControlError, check, roles, tags};

/// The database that is made where none is named.
pub(crate) const DEFAULT_DATABASE: &str = "dev";

/// A warehouse with its endpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cluster {
    pub identifier: ClusterId,
    pub warehouse: WarehouseId,
    pub node_type: String,
    pub master_username: String,
    /// The database made with the cluster.
    pub db_name: String,
    /// 0 is the default listener's; [`crate::Control::endpoint_of_cluster`] tells the number.
    pub port: u16,
    pub status: ClusterStatus,
    /// The connection to Identity Center, where there is one.
    pub idc_application: Option<RedshiftIdcApplicationArn>,
    /// ARNs.
    pub iam_roles: Vec<String>,
    /// One of `iam_roles`.
    pub default_iam_role: Option<String>,
    pub publicly_accessible: bool,
    pub tags: BTreeMap<String, String>,
    pub created: OffsetDateTime,
}

/// What CreateCluster is told.
#[derive(Debug, Clone)]
pub struct NewCluster {
    pub identifier: ClusterId,
    pub node_type: String,
    pub master_username: String,
    pub master_password: Secret<String>,
    /// `dev` where it isn't given.
    pub db_name: Option<String>,
    /// The default listener's where it isn't given.
    pub port: Option<u16>,
    /// The new warehouse has this application's identity provider, and its IAM role is attached.
    pub idc_application: Option<RedshiftIdcApplicationArn>,
    pub iam_roles: Vec<String>,
    pub default_iam_role: Option<String>,
    pub publicly_accessible: bool,
    pub tags: BTreeMap<String, String>,
}

impl NewCluster {
    pub(crate) fn check(&self, account: &str) -> Result<(), ControlError> {
        check::cluster_identifier("ClusterIdentifier", &self.identifier)?;
        check::admin_username("MasterUsername", &self.master_username)?;
        check::database_name("DBName", self.db_name.as_deref().unwrap_or(DEFAULT_DATABASE))?;
        check::port("Port", self.port)?;
        roles::check("IamRoles", &self.iam_roles, account)?;
        roles::check_default("DefaultIamRoleArn", self.default_iam_role.as_deref(), &self.iam_roles)?;
        tags::check(&self.tags)
    }
}

/// What ModifyCluster changes; what isn't given stays.
#[derive(Debug, Clone, Default)]
pub struct ClusterEdit {
    /// Names of endpoints change with it; running sessions stay.
    pub identifier: Option<ClusterId>,
    pub master_password: Option<Secret<String>>,
    pub port: Option<u16>,
    pub publicly_accessible: Option<bool>,
}

impl ClusterEdit {
    pub(crate) fn check(&self) -> Result<(), ControlError> {
        if let Some(identifier) = &self.identifier {
            check::cluster_identifier("NewClusterIdentifier", identifier)?;
        }
        check::port("Port", self.port)
    }
}
