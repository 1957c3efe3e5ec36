//! Options that CreateCluster, ModifyCluster and RestoreFromClusterSnapshot have in common.

use base::id::SecurityGroupId;
use control::ClusterOptions;

use crate::error::ApiError;
use crate::protocol::query::Fields;

/// Of CreateCluster.
pub(super) fn read(fields: &mut Fields<'_>) -> Result<ClusterOptions, ApiError> {
    let default = ClusterOptions::default();
    Ok(ClusterOptions {
        node_count: node_count(fields)?.unwrap_or(default.node_count),
        vpc_security_groups: security_groups(fields)?.unwrap_or_default(),
        subnet_group: subnet_group(fields),
        availability_zone: fields.optional("AvailabilityZone"),
        parameter_group: fields.optional("ClusterParameterGroupName"),
        maintenance_window: window(fields),
        automated_retention: automated_retention(fields)?.unwrap_or(default.automated_retention),
        manual_retention: manual_retention(fields)?.unwrap_or(default.manual_retention),
    })
}

/// `ClusterType` and `NumberOfNodes`, which must agree. Without the number, a single node is one, and several need their number.
pub(super) fn node_count(fields: &mut Fields<'_>) -> Result<Option<u32>, ApiError> {
    const NODES: &str = "NumberOfNodes";
    let count = nodes(fields)?;
    let wrong = |parameter, rule: &str| Err(ApiError::InvalidParameter { parameter, rule: rule.to_owned() });
    match (fields.optional("ClusterType").as_deref(), count) {
        (None, count) => Ok(count),
        (Some("single-node"), None | Some(1)) => Ok(Some(1)),
        (Some("single-node"), Some(_)) => wrong(NODES, "a single-node cluster has 1; leave it out, or give multi-node"),
        (Some("multi-node"), Some(count)) if count >= 2 => Ok(Some(count)),
        (Some("multi-node"), _) => wrong(NODES, "a multi-node cluster has at least 2"),
        (Some(_), _) => wrong("ClusterType", "it must be single-node or multi-node"),
    }
}

/// `NumberOfNodes` where there is no `ClusterType`.
pub(in crate::redshift) fn nodes(fields: &mut Fields<'_>) -> Result<Option<u32>, ApiError> {
    number(fields, "NumberOfNodes", "it must be a number from 1 to 128")
}

pub(in crate::redshift) fn subnet_group(fields: &mut Fields<'_>) -> Option<String> {
    fields.optional("ClusterSubnetGroupName").map(|name| name.to_ascii_lowercase())
}

pub(in crate::redshift) fn security_groups(fields: &mut Fields<'_>) -> Result<Option<Vec<SecurityGroupId>>, ApiError> {
    let ids = fields.texts("VpcSecurityGroupIds", "VpcSecurityGroupId")?;
    Ok(ids.filter(|ids| !ids.is_empty()).map(|ids| ids.into_iter().map(SecurityGroupId::new).collect()))
}

pub(in crate::redshift) fn window(fields: &mut Fields<'_>) -> Option<String> {
    fields.optional("PreferredMaintenanceWindow").map(|window| window.to_ascii_lowercase())
}

pub(in crate::redshift) fn automated_retention(fields: &mut Fields<'_>) -> Result<Option<u8>, ApiError> {
    number(fields, "AutomatedSnapshotRetentionPeriod", "it must be a number of days from 0 to 35")
}

pub(in crate::redshift) fn manual_retention(fields: &mut Fields<'_>) -> Result<Option<i32>, ApiError> {
    number(fields, "ManualSnapshotRetentionPeriod", "it must be a number of days from 1 to 3653, or -1")
}

fn number<N: std::str::FromStr>(
    fields: &mut Fields<'_>,
    parameter: &'static str,
    rule: &str,
) -> Result<Option<N>, ApiError> {
    let read = |text: String| text.parse().map_err(|_| ApiError::InvalidParameter { parameter, rule: rule.to_owned() });
    fields.optional(parameter).map(read).transpose()
}
