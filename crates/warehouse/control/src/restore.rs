//! A cluster made of a snapshot.

use base::id::{ClusterId, SecurityGroupId, WarehouseId};

use crate::{ClusterOptions, ControlError, MasterPassword, NewCluster, SnapshotSource, snapshot};

/// What RestoreFromClusterSnapshot is told. What isn't given is as the cluster of the snapshot had it, as far as the operation's
/// description says so; else as CreateCluster has it.
#[derive(Debug, Clone)]
pub struct RestoreCluster {
    /// The snapshot's identifier.
    pub snapshot: String,
    /// The cluster that the snapshot must be of.
    pub snapshot_cluster: Option<ClusterId>,
    pub identifier: ClusterId,
    pub node_type: Option<String>,
    pub node_count: Option<u32>,
    pub port: Option<u16>,
    pub vpc_security_groups: Vec<SecurityGroupId>,
    pub subnet_group: Option<String>,
    pub availability_zone: Option<String>,
    pub parameter_group: Option<String>,
    pub maintenance_window: Option<String>,
    pub automated_retention: Option<u8>,
    pub manual_retention: Option<i32>,
    pub iam_roles: Vec<String>,
    pub default_iam_role: Option<String>,
    pub publicly_accessible: bool,
    /// Gives the administrator a password that Secrets Manager keeps; else it is the one of the moment of the snapshot.
    pub manage_master_password: bool,
}

impl RestoreCluster {
    /// With nothing else given.
    #[must_use]
    pub fn new(snapshot: &str, identifier: ClusterId) -> Self {
        Self {
            snapshot: snapshot.to_owned(),
            snapshot_cluster: None,
            identifier,
            node_type: None,
            node_count: None,
            port: None,
            vpc_security_groups: Vec::new(),
            subnet_group: None,
            availability_zone: None,
            parameter_group: None,
            maintenance_window: None,
            automated_retention: None,
            manual_retention: None,
            iam_roles: Vec::new(),
            default_iam_role: None,
            publicly_accessible: false,
            manage_master_password: false,
        }
    }

    pub(crate) fn new_cluster(self, source: &SnapshotSource) -> NewCluster {
        let password = if self.manage_master_password { MasterPassword::Managed } else { MasterPassword::Kept };
        NewCluster {
            identifier: self.identifier,
            node_type: self.node_type.unwrap_or_else(|| source.node_type.clone()),
            master_username: source.master_username.clone(),
            master_password: password,
            db_name: Some(source.db_name.clone()),
            port: self.port.or(Some(source.port).filter(|port| *port != 0)),
            idc_application: source.idc_application.clone(),
            iam_roles: self.iam_roles,
            default_iam_role: self.default_iam_role,
            publicly_accessible: self.publicly_accessible,
            tags: std::collections::BTreeMap::new(),
            options: ClusterOptions {
                node_count: self.node_count.unwrap_or(source.node_count),
                vpc_security_groups: self.vpc_security_groups,
                subnet_group: self.subnet_group,
                availability_zone: self.availability_zone,
                parameter_group: self.parameter_group,
                maintenance_window: self.maintenance_window.or_else(|| Some(source.maintenance_window.clone())),
                automated_retention: self.automated_retention.unwrap_or(source.automated_retention),
                manual_retention: self.manual_retention.unwrap_or(-1),
            },
        }
    }
}

/// What DeleteCluster is told to keep.
#[derive(Debug, Clone)]
pub struct FinalSnapshot {
    pub identifier: String,
    /// Days; `None` is for ever.
    pub retention: Option<u16>,
}

impl FinalSnapshot {
    pub(crate) fn check(&mut self) -> Result<(), ControlError> {
        self.identifier = snapshot::identifier("FinalClusterSnapshotIdentifier", &self.identifier)?;
        snapshot::retention(self.retention)
    }
}

/// What a cluster was made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Restored {
    pub warehouse: WarehouseId,
    /// The snapshot's identifier.
    pub snapshot: String,
    pub bytes: u64,
    /// How long it took.
    pub seconds: u32,
}
