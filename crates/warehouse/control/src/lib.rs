//! Redshift's control plane: warehouses, what they are reached by, and the applications that connect them to Identity Center.
//!
//! A **warehouse** is data: one engine file, one database, one administrator. A **cluster** is a warehouse with its endpoint. A
//! serverless **namespace** is a warehouse; a **workgroup** is the endpoint of one namespace.
//!
//! Reads are answered from memory; a write is one transaction in the store, then in memory. What takes more than one step (a
//! warehouse's files, a managed application in Identity Center) is recorded before it begins: [`Control::attach`] and
//! [`Control::open`] finish or remove at the next start what a crash interrupted. No lock is held over the host's work.

mod arn;
mod check;
mod cluster;
mod error;
mod host;
mod idc_application;
mod lifecycle;
mod options;
mod parameter_group;
mod port;
mod qev2_application;
pub mod reach;
mod restore;
mod roles;
pub mod route;
mod secret;
mod serverless;
mod service;
pub mod snapshot;
mod state;
mod tags;
#[cfg(test)]
mod tests;

pub use cluster::{Cluster, ClusterEdit, NewCluster};
pub use error::{ControlError, ControlStoreError};
pub use host::{Closing, HostError, IdentityProviderSpec, WarehouseHost, WarehouseRecord, WarehouseSpec};
pub use idc_application::{
    DEFAULT_IDENTITY_NAMESPACE, NewRedshiftIdcApplication, OnboardStatus, REDSHIFT_PROVIDER_ARN,
    RedshiftIdcApplication, RedshiftIdcApplicationEdit,
};
pub use lifecycle::{ClusterStatus, Lifecycle, NamespaceStatus, WorkgroupStatus};
pub use options::{ClusterOptions, DEFAULT_WINDOW, MasterPassword, next_window};
pub use parameter_group::{
    AppliedParameters, Family, NewParameterGroup, PARAMETER_GROUPS_MAX, PARAMETERS, Parameter, ParameterGroup,
    ParameterGroupError, WarehouseSettings, check_value, shown_config,
};
pub use port::{ControlStore, ControlWrite, StoredControl};
pub use qev2_application::{NewQev2IdcApplication, QEV2_PROVIDER_ARN, Qev2IdcApplication};
pub use restore::{FinalSnapshot, RestoreCluster, Restored};
pub use route::RouteRefusal;
pub use secret::{ManagedSecret, SecretView};
pub use serverless::{Namespace, NamespaceEdit, NewNamespace, NewWorkgroup, Workgroup, WorkgroupEdit};
pub use service::{Admitted, Control, ControlParts, CopyState, DESCRIBE_RECORDS_MAX, WAREHOUSES_MAX};
pub use snapshot::{
    CopyProgress, NewSnapshot, RETENTION_DAYS_MAX, Snapshot, SnapshotAttribute, SnapshotFilter, SnapshotKind,
    SnapshotOrder, SnapshotSource, SnapshotStatus,
};
pub use tags::{TAGS_MAX, TagFilter, Tagged, TaggedType};

/// What the default SQL listener is reached by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SqlEndpoints {
    /// A host name or an IP address.
    pub host: String,
    pub port: u16,
    /// What the names of endpoints end in, e.g. `localhost`.
    pub domain: String,
}

/// Where a cluster or a workgroup is reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint {
    pub address: String,
    pub port: u16,
}

/// A part of an ordered list. `next` is the key of the last item of this part where more follow: the position to go on after.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page<T> {
    pub items: Vec<std::sync::Arc<T>>,
    pub next: Option<String>,
}
