//! The port to durable state.

use std::fmt;

use base::id::{
    NamespaceName, Qev2IdcApplicationArn, RedshiftIdcApplicationArn, SnapshotId, WarehouseId, WorkgroupName,
};

use crate::{
    Cluster, ControlStoreError, Namespace, ParameterGroup, Qev2IdcApplication, RedshiftIdcApplication, Restored,
    Snapshot, Workgroup,
};

/// Everything that is stored, read once at the start.
#[derive(Debug, Clone, Default)]
pub struct StoredControl {
    pub idc_applications: Vec<RedshiftIdcApplication>,
    pub qev2_applications: Vec<Qev2IdcApplication>,
    pub clusters: Vec<Cluster>,
    pub namespaces: Vec<Namespace>,
    pub workgroups: Vec<Workgroup>,
    /// Those that were made; the families' own aren't stored.
    pub parameter_groups: Vec<ParameterGroup>,
    pub snapshots: Vec<Snapshot>,
    /// What clusters were made of.
    pub restored: Vec<Restored>,
    /// Whether a cluster was ever available here, be it deleted since.
    pub cluster_made: bool,
}

/// One change. Each is one transaction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ControlWrite {
    /// Makes the application or replaces it.
    PutIdcApplication(RedshiftIdcApplication),
    /// The application, and the connection of every cluster and namespace to it.
    DeleteIdcApplication(RedshiftIdcApplicationArn),
    PutQev2Application(Qev2IdcApplication),
    DeleteQev2Application(Qev2IdcApplicationArn),
    /// Makes the cluster, or replaces the one of its warehouse; its identifier may be another. An available cluster makes
    /// `cluster_made` true for ever.
    PutCluster(Box<Cluster>),
    /// The cluster, and what it was made of.
    DeleteCluster(WarehouseId),
    /// Makes the snapshot or replaces it.
    PutSnapshot(Snapshot),
    DeleteSnapshot(SnapshotId),
    PutRestored(Restored),
    PutNamespace(Namespace),
    DeleteNamespace(NamespaceName),
    PutWorkgroup(Workgroup),
    DeleteWorkgroup(WorkgroupName),
    /// Makes the group or replaces it.
    PutParameterGroup(ParameterGroup),
    /// By its name.
    DeleteParameterGroup(String),
}

/// `apply` returns when the change would survive a kill -9.
#[async_trait::async_trait]
pub trait ControlStore: Send + Sync + fmt::Debug {
    async fn load(&self) -> Result<StoredControl, ControlStoreError>;
    async fn apply(&self, write: ControlWrite) -> Result<(), ControlStoreError>;
}
