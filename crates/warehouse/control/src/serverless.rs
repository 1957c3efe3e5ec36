//! Serverless namespaces and workgroups.

use std::collections::BTreeMap;

use base::Secret;
use base::id::{NamespaceName, RedshiftIdcApplicationArn, WarehouseId, WorkgroupName};
use time::OffsetDateTime;

use crate::cluster::DEFAULT_DATABASE;
use crate::{ControlError, NamespaceStatus, WorkgroupStatus, check, roles, tags};

/// The administrator where none is named (Redshift Serverless).
pub(crate) const DEFAULT_ADMIN: &str = "admin";

/// A warehouse that is reached through its workgroup, and not at all without one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Namespace {
    pub name: NamespaceName,
    /// Also the `namespaceId`.
    pub warehouse: WarehouseId,
    pub admin_username: String,
    pub db_name: String,
    pub idc_application: Option<RedshiftIdcApplicationArn>,
    /// ARNs.
    pub iam_roles: Vec<String>,
    /// One of `iam_roles`.
    pub default_iam_role: Option<String>,
    pub tags: BTreeMap<String, String>,
    /// Shown by [`crate::Lifecycle::namespace_name`].
    pub status: NamespaceStatus,
    pub created: OffsetDateTime,
}

/// The endpoint of one namespace, which has at most one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Workgroup {
    pub name: WorkgroupName,
    /// A UUID, the last part of its ARN.
    pub id: String,
    pub namespace: NamespaceName,
    /// The default listener's where it is `None`; [`crate::Control::endpoint_of_workgroup`] tells the number.
    pub port: Option<u16>,
    pub publicly_accessible: bool,
    pub tags: BTreeMap<String, String>,
    /// Shown by [`crate::Lifecycle::workgroup_name`].
    pub status: WorkgroupStatus,
    pub created: OffsetDateTime,
}

/// What CreateNamespace is told.
#[derive(Debug, Clone)]
pub struct NewNamespace {
    pub name: NamespaceName,
    /// `admin` where it isn't given.
    pub admin_username: Option<String>,
    /// Without one, the administrator has no password that anybody knows until UpdateNamespace sets one.
    pub admin_password: Option<Secret<String>>,
    /// `dev` where it isn't given.
    pub db_name: Option<String>,
    /// As for [`crate::NewCluster`].
    pub idc_application: Option<RedshiftIdcApplicationArn>,
    pub iam_roles: Vec<String>,
    pub default_iam_role: Option<String>,
    pub tags: BTreeMap<String, String>,
}

impl NewNamespace {
    pub(crate) fn check(&self, account: &str) -> Result<(), ControlError> {
        check::serverless_name("namespaceName", self.name.as_str())?;
        check::admin_username("adminUsername", self.admin_username.as_deref().unwrap_or(DEFAULT_ADMIN))?;
        check::database_name("dbName", self.db_name.as_deref().unwrap_or(DEFAULT_DATABASE))?;
        roles::check("iamRoles", &self.iam_roles, account)?;
        roles::check_default("defaultIamRoleArn", self.default_iam_role.as_deref(), &self.iam_roles)?;
        tags::check(&self.tags)
    }
}

/// What UpdateNamespace changes; what isn't given stays.
#[derive(Debug, Clone, Default)]
pub struct NamespaceEdit {
    pub admin_password: Option<Secret<String>>,
    /// All of them. A default that isn't among them any more is dropped.
    pub iam_roles: Option<Vec<String>>,
    /// `Some(None)` leaves the namespace without a default.
    pub default_iam_role: Option<Option<String>>,
}

/// What CreateWorkgroup is told.
#[derive(Debug, Clone)]
pub struct NewWorkgroup {
    pub name: WorkgroupName,
    pub namespace: NamespaceName,
    /// The default listener's where it isn't given.
    pub port: Option<u16>,
    pub publicly_accessible: bool,
    pub tags: BTreeMap<String, String>,
}

impl NewWorkgroup {
    pub(crate) fn check(&self) -> Result<(), ControlError> {
        check::workgroup_name("workgroupName", self.name.as_str())?;
        check::port("port", self.port)?;
        tags::check(&self.tags)
    }
}

/// What UpdateWorkgroup changes; what isn't given stays.
#[derive(Debug, Clone, Default)]
pub struct WorkgroupEdit {
    pub port: Option<u16>,
    pub publicly_accessible: Option<bool>,
}
