//! Redshift's control plane: clusters, and the applications that connect them to Identity Center.
//!
//! Reads are answered from memory; a write is one transaction in the store, then in memory. A Redshift application and its
//! managed application in Identity Center are two writes: what a crash in the middle of a create leaves behind is
//! removed at the next start, and an interrupted delete can be repeated.

mod cluster;
mod error;
mod idc_application;
mod port;
mod service;
mod state;
#[cfg(test)]
mod tests;

pub use cluster::{Cluster, ClusterStatus, NewCluster};
pub use error::{ControlError, ControlStoreError};
pub use idc_application::{
    DEFAULT_IDENTITY_NAMESPACE, NewRedshiftIdcApplication, OnboardStatus, REDSHIFT_PROVIDER_ARN, RedshiftIdcApplication,
};
pub use port::{ControlStore, ControlWrite, StoredControl};
pub use service::{Control, DESCRIBE_RECORDS_MAX};

/// A part of an ordered list. `next` is the key of the last item of this part where more follow: the position to go on after.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page<T> {
    pub items: Vec<std::sync::Arc<T>>,
    pub next: Option<String>,
}
