//! The port to durable state.

use std::fmt;

use base::id::RedshiftIdcApplicationArn;

use crate::{Cluster, ControlStoreError, RedshiftIdcApplication};

/// Everything that is stored, read once at the start.
#[derive(Debug, Clone, Default)]
pub struct StoredControl {
    pub idc_applications: Vec<RedshiftIdcApplication>,
    pub clusters: Vec<Cluster>,
}

/// One change. Each is one transaction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ControlWrite {
    CreateIdcApplication(RedshiftIdcApplication),
    /// The application, and every cluster's connection to it.
    DeleteIdcApplication(RedshiftIdcApplicationArn),
    /// Makes the cluster or replaces it.
    PutCluster(Cluster),
}

/// `apply` returns when the change would survive a kill -9.
#[async_trait::async_trait]
pub trait ControlStore: Send + Sync + fmt::Debug {
    async fn load(&self) -> Result<StoredControl, ControlStoreError>;
    async fn apply(&self, write: ControlWrite) -> Result<(), ControlStoreError>;
}
