//! Provisioned clusters.

use std::collections::BTreeMap;

use base::Secret;
use base::id::{ClusterId, RedshiftIdcApplicationArn, SecurityGroupId, WarehouseId};
use network::{Attachment, Place};
use time::OffsetDateTime;

use crate::options::{self, ClusterOptions, MasterPassword};
use crate::secret::ManagedSecret;
use crate::{AppliedParameters, ClusterStatus, ControlError, check, roles, tags};

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
    /// As it was given; see [`ClusterOptions::node_count`].
    pub node_count: u32,
    /// Empty: the default group of its VPC.
    pub vpc_security_groups: Vec<SecurityGroupId>,
    pub subnet_group: Option<String>,
    pub availability_zone: Option<String>,
    /// The group that it names. What it runs with is `applied`.
    pub parameter_group: String,
    pub applied: AppliedParameters,
    /// `ddd:hh24:mi-ddd:hh24:mi` in UTC.
    pub maintenance_window: String,
    /// Days; 0 makes no automated snapshots.
    pub automated_retention: u8,
    /// Days; -1 is for ever.
    pub manual_retention: i32,
    /// The administrator's password, where the control plane manages it.
    pub master_secret: Option<ManagedSecret>,
}

impl Cluster {
    /// Where it stands in the networks, and behind which security groups.
    #[must_use]
    pub fn attachment(&self) -> Attachment {
        let place = self.subnet_group.clone().map_or(Place::DefaultVpc, Place::SubnetGroup);
        Attachment { groups: self.vpc_security_groups.clone(), place }
    }
}

/// What CreateCluster is told.
#[derive(Debug, Clone)]
pub struct NewCluster {
    pub identifier: ClusterId,
    pub node_type: String,
    pub master_username: String,
    pub master_password: MasterPassword,
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
    pub options: ClusterOptions,
}

impl NewCluster {
    pub(crate) fn check(&self, account: &str) -> Result<(), ControlError> {
        check::cluster_identifier("ClusterIdentifier", &self.identifier)?;
        check::admin_username("MasterUsername", &self.master_username)?;
        check::database_name("DBName", self.db_name.as_deref().unwrap_or(DEFAULT_DATABASE))?;
        check::port("Port", self.port)?;
        roles::check("IamRoles", &self.iam_roles, account)?;
        roles::check_default("DefaultIamRoleArn", self.default_iam_role.as_deref(), &self.iam_roles)?;
        self.options.check()?;
        tags::check(&self.tags)
    }
}

/// What ModifyCluster changes; what isn't given stays.
#[derive(Debug, Clone, Default)]
pub struct ClusterEdit {
    /// Names of endpoints change with it; running sessions stay.
    pub identifier: Option<ClusterId>,
    pub master_password: Option<Secret<String>>,
    /// `true` makes a password that Secrets Manager shows, another one where there is one already; `false` needs a
    /// `master_password`.
    pub manage_master_password: Option<bool>,
    pub port: Option<u16>,
    pub publicly_accessible: Option<bool>,
    pub node_type: Option<String>,
    pub node_count: Option<u32>,
    /// All of them. Sessions that they don't admit end.
    pub vpc_security_groups: Option<Vec<SecurityGroupId>>,
    pub availability_zone: Option<String>,
    /// Counts from the next reboot on.
    pub parameter_group: Option<String>,
    pub maintenance_window: Option<String>,
    pub automated_retention: Option<u8>,
    pub manual_retention: Option<i32>,
}

impl ClusterEdit {
    pub(crate) fn check(&self) -> Result<(), ControlError> {
        if let Some(identifier) = &self.identifier {
            check::cluster_identifier("NewClusterIdentifier", identifier)?;
        }
        check::port("Port", self.port)?;
        if let Some(count) = self.node_count {
            options::node_count(count)?;
        }
        if let Some(window) = &self.maintenance_window {
            options::maintenance_window(window)?;
        }
        if let Some(days) = self.automated_retention {
            options::automated_retention(days)?;
        }
        if let Some(days) = self.manual_retention {
            options::manual_retention(days)?;
        }
        self.check_password()
    }

    fn check_password(&self) -> Result<(), ControlError> {
        let rule = match (self.manage_master_password, self.master_password.is_some()) {
            (Some(true), true) => "it can't be given where ManageMasterPassword is true: the password is made here",
            (Some(false), false) => {
                let rule = "false needs a MasterUserPassword, which is the administrator's from then on";
                return Err(ControlError::Invalid { parameter: "ManageMasterPassword", rule });
            }
            (None | Some(false), _) | (Some(true), false) => return Ok(()),
        };
        Err(ControlError::Invalid { parameter: "MasterUserPassword", rule })
    }

    /// What is recorded of it. Password, port and parameter group have ways of their own.
    pub(crate) fn record(self, cluster: &mut Cluster) {
        fn set<T>(field: &mut T, value: Option<T>) {
            if let Some(value) = value {
                *field = value;
            }
        }
        set(&mut cluster.identifier, self.identifier);
        set(&mut cluster.port, self.port);
        set(&mut cluster.publicly_accessible, self.publicly_accessible);
        set(&mut cluster.node_type, self.node_type);
        set(&mut cluster.node_count, self.node_count);
        set(&mut cluster.vpc_security_groups, self.vpc_security_groups);
        set(&mut cluster.parameter_group, self.parameter_group);
        set(&mut cluster.maintenance_window, self.maintenance_window);
        set(&mut cluster.automated_retention, self.automated_retention);
        set(&mut cluster.manual_retention, self.manual_retention);
        if self.availability_zone.is_some() {
            cluster.availability_zone = self.availability_zone;
        }
    }
}
