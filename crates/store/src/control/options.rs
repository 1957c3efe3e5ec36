//! Options of clusters and workgroups as JSON. What can't be read stops the start: a guess could open a warehouse to others.

use std::collections::BTreeMap;

use base::id::{SecurityGroupId, SubnetId};
use control::{AppliedParameters, Cluster, ClusterOptions, Family, ManagedSecret, Workgroup};
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

/// What isn't there is as a cluster of before the options has it.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct StoredOptions {
    node_count: u32,
    vpc_security_groups: Vec<String>,
    subnet_group: Option<String>,
    availability_zone: Option<String>,
    parameter_group: String,
    applied: Applied,
    maintenance_window: String,
    automated_retention: u8,
    manual_retention: i32,
    master_secret: Option<StoredSecret>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Applied {
    group: String,
    family: String,
    values: BTreeMap<String, String>,
}

impl Default for Applied {
    fn default() -> Self {
        let AppliedParameters { group, family, values } = AppliedParameters::default();
        Self { group, family: family.name().to_owned(), values }
    }
}

impl Default for StoredOptions {
    fn default() -> Self {
        let ClusterOptions { node_count, automated_retention, manual_retention, .. } = ClusterOptions::default();
        Self {
            node_count,
            vpc_security_groups: Vec::new(),
            subnet_group: None,
            availability_zone: None,
            parameter_group: AppliedParameters::default().group,
            applied: Applied::default(),
            maintenance_window: control::DEFAULT_WINDOW.to_owned(),
            automated_retention,
            manual_retention,
            master_secret: None,
        }
    }
}

impl StoredOptions {
    pub(super) fn of(cluster: &Cluster) -> Self {
        let AppliedParameters { group, family, values } = cluster.applied.clone();
        Self {
            node_count: cluster.node_count,
            vpc_security_groups: cluster.vpc_security_groups.iter().map(ToString::to_string).collect(),
            subnet_group: cluster.subnet_group.clone(),
            availability_zone: cluster.availability_zone.clone(),
            parameter_group: cluster.parameter_group.clone(),
            applied: Applied { group, family: family.name().to_owned(), values },
            maintenance_window: cluster.maintenance_window.clone(),
            automated_retention: cluster.automated_retention,
            manual_retention: cluster.manual_retention,
            master_secret: cluster.master_secret.as_ref().map(StoredSecret::of),
        }
    }

    /// `None` where a family or a time isn't known.
    pub(super) fn fill(self, cluster: Cluster) -> Option<Cluster> {
        let Applied { group, family, values } = self.applied;
        Some(Cluster {
            node_count: self.node_count,
            vpc_security_groups: self.vpc_security_groups.into_iter().map(SecurityGroupId::new).collect(),
            subnet_group: self.subnet_group,
            availability_zone: self.availability_zone,
            parameter_group: self.parameter_group,
            applied: AppliedParameters { group, family: Family::from_name(&family)?, values },
            maintenance_window: self.maintenance_window,
            automated_retention: self.automated_retention,
            manual_retention: self.manual_retention,
            master_secret: match self.master_secret {
                Some(secret) => Some(secret.read()?),
                None => None,
            },
            ..cluster
        })
    }
}

/// A managed password. Its text is sealed already.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct StoredSecret {
    name: String,
    suffix: String,
    version: String,
    sealed: String,
    /// In nanoseconds since 1970.
    created: i128,
    changed: i128,
    pending: Option<(String, String)>,
}

impl StoredSecret {
    pub(super) fn of(secret: &ManagedSecret) -> Self {
        let ManagedSecret { name, suffix, version, sealed, created, changed, pending } = secret.clone();
        let (created, changed) = (created.unix_timestamp_nanos(), changed.unix_timestamp_nanos());
        Self { name, suffix, version, sealed, created, changed, pending }
    }

    pub(super) fn read(self) -> Option<ManagedSecret> {
        let Self { name, suffix, version, sealed, created, changed, pending } = self;
        let created = OffsetDateTime::from_unix_timestamp_nanos(created).ok()?;
        let changed = OffsetDateTime::from_unix_timestamp_nanos(changed).ok()?;
        Some(ManagedSecret { name, suffix, version, sealed, created, changed, pending })
    }
}

/// What isn't there is as a workgroup of before the options has it.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct StoredPlace {
    security_group_ids: Vec<String>,
    subnet_ids: Vec<String>,
    config: BTreeMap<String, String>,
}

impl StoredPlace {
    pub(super) fn of(workgroup: &Workgroup) -> Self {
        Self {
            security_group_ids: workgroup.security_group_ids.iter().map(ToString::to_string).collect(),
            subnet_ids: workgroup.subnet_ids.iter().map(ToString::to_string).collect(),
            config: workgroup.config.clone(),
        }
    }

    pub(super) fn fill(self, workgroup: Workgroup) -> Workgroup {
        Workgroup {
            security_group_ids: self.security_group_ids.into_iter().map(SecurityGroupId::new).collect(),
            subnet_ids: self.subnet_ids.into_iter().map(SubnetId::new).collect(),
            config: self.config,
            ..workgroup
        }
    }
}
