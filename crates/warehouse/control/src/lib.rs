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
mod port;
mod qev2_application;
pub mod reach;
mod roles;
pub mod route;
mod serverless;
mod service;
mod state;
mod tags;
#[cfg(test)]
mod tests;

pub use cluster::{Cluster, ClusterEdit, NewCluster};
pub use error::{ControlError, ControlStoreError};
pub use host::{HostError, IdentityProviderSpec, WarehouseHost, WarehouseRecord, WarehouseSpec};
pub use idc_application::{
    DEFAULT_IDENTITY_NAMESPACE, NewRedshiftIdcApplication, OnboardStatus, REDSHIFT_PROVIDER_ARN,
    RedshiftIdcApplication, RedshiftIdcApplicationEdit,
};
pub use lifecycle::{ClusterStatus, Lifecycle, NamespaceStatus, WorkgroupStatus};
pub use port::{ControlStore, ControlWrite, StoredControl};
pub use qev2_application::{NewQev2IdcApplication, QEV2_PROVIDER_ARN, Qev2IdcApplication};
pub use route::RouteRefusal;
pub use serverless::{Namespace, NamespaceEdit, NewNamespace, NewWorkgroup, Workgroup, WorkgroupEdit};
pub use service::{Control, DESCRIBE_RECORDS_MAX, WAREHOUSES_MAX};
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
