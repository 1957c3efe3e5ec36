//! Serverless namespaces and workgroups.

use std::collections::BTreeMap;

use base::Secret;
use base::id::{NamespaceName, RedshiftIdcApplicationArn, SecurityGroupId, SubnetId, WarehouseId, WorkgroupName};
use network::{Attachment, Place};
use time::OffsetDateTime;

use crate::cluster::DEFAULT_DATABASE;
use crate::parameter_group::check_config;
use crate::secret::ManagedSecret;
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
    /// The administrator's password, where the control plane manages it.
    pub admin_secret: Option<ManagedSecret>,
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
    /// Empty: the default group of its VPC.
    pub security_group_ids: Vec<SecurityGroupId>,
    /// Empty: those of the default VPC.
    pub subnet_ids: Vec<SubnetId>,
    /// Configuration parameters that aren't the default, by name.
    pub config: BTreeMap<String, String>,
}

impl Workgroup {
    /// Where it stands in the networks, and behind which security groups.
    #[must_use]
    pub fn attachment(&self) -> Attachment {
        attachment(&self.security_group_ids, &self.subnet_ids)
    }
}

pub(crate) fn attachment(groups: &[SecurityGroupId], subnets: &[SubnetId]) -> Attachment {
    let place = if subnets.is_empty() { Place::DefaultVpc } else { Place::Subnets(subnets.to_vec()) };
    Attachment { groups: groups.to_vec(), place }
}

/// What CreateNamespace is told.
#[derive(Debug, Clone)]
pub struct NewNamespace {
    pub name: NamespaceName,
    /// `admin` where it isn't given.
    pub admin_username: Option<String>,
    /// Without one, the administrator has no password that anybody knows until UpdateNamespace sets one.
    pub admin_password: Option<Secret<String>>,
    /// The password is made here and shown by Secrets Manager.
    pub manage_admin_password: bool,
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
        let rule = "it can't be given where manageAdminPassword is true: the password is made here";
        check::must(!(self.manage_admin_password && self.admin_password.is_some()), "adminUserPassword", rule)?;
        tags::check(&self.tags)
    }
}

/// What UpdateNamespace changes; what isn't given stays.
#[derive(Debug, Clone, Default)]
pub struct NamespaceEdit {
    pub admin_password: Option<Secret<String>>,
    /// As [`crate::ClusterEdit::manage_master_password`].
    pub manage_admin_password: Option<bool>,
    /// All of them. A default that isn't among them any more is dropped.
    pub iam_roles: Option<Vec<String>>,
    /// `Some(None)` leaves the namespace without a default.
    pub default_iam_role: Option<Option<String>>,
}

impl NamespaceEdit {
    pub(crate) fn check(&self) -> Result<(), ControlError> {
        let both = self.manage_admin_password == Some(true) && self.admin_password.is_some();
        let rule = "it can't be given where manageAdminPassword is true: the password is made here";
        check::must(!both, "adminUserPassword", rule)?;
        let neither = self.manage_admin_password == Some(false) && self.admin_password.is_none();
        let rule = "false needs an adminUserPassword, which is the administrator's from then on";
        check::must(!neither, "manageAdminPassword", rule)
    }
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
    pub security_group_ids: Vec<SecurityGroupId>,
    pub subnet_ids: Vec<SubnetId>,
    /// Configuration parameters (Redshift Serverless API, `ConfigParameter`), by name.
    pub config: BTreeMap<String, String>,
}

impl NewWorkgroup {
    /// With what is kept of the configuration parameters.
    pub(crate) fn checked(self) -> Result<Self, ControlError> {
        check::workgroup_name("workgroupName", self.name.as_str())?;
        check::port("port", self.port)?;
        tags::check(&self.tags)?;
        Ok(Self { config: check_config(&self.config)?, ..self })
    }
}

/// What UpdateWorkgroup changes; what isn't given stays.
#[derive(Debug, Clone, Default)]
pub struct WorkgroupEdit {
    pub port: Option<u16>,
    pub publicly_accessible: Option<bool>,
    /// All of them. Sessions that they don't admit end.
    pub security_group_ids: Option<Vec<SecurityGroupId>>,
    pub subnet_ids: Option<Vec<SubnetId>>,
    /// Those given; the others stay. New sessions have them.
    pub config: BTreeMap<String, String>,
}

impl WorkgroupEdit {
    /// With what is to be kept of the configuration parameters: the default of one that is given takes it away.
    pub(crate) fn check(&self) -> Result<(), ControlError> {
        check::port("port", self.port)?;
        check_config(&self.config).map(drop)
    }

    /// What is recorded of it.
    pub(crate) fn record(self, workgroup: &mut Workgroup) -> Result<(), ControlError> {
        workgroup.port = self.port.or(workgroup.port);
        workgroup.publicly_accessible = self.publicly_accessible.unwrap_or(workgroup.publicly_accessible);
        if let Some(groups) = self.security_group_ids {
            workgroup.security_group_ids = groups;
        }
        if let Some(subnets) = self.subnet_ids {
            workgroup.subnet_ids = subnets;
        }
        let mut config = std::mem::take(&mut workgroup.config);
        config.extend(self.config.into_iter().map(|(name, value)| (name.to_ascii_lowercase(), value)));
        workgroup.config = check_config(&config)?;
        Ok(())
    }
}
