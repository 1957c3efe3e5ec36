//! Clusters: how they are shown. One file per operation.

mod create;
mod delete;
mod describe;
mod modify;
pub(super) mod options;
mod roles;

use std::net::IpAddr;

use base::id::ClusterId;
use control::{Cluster, ClusterStatus, PARAMETERS, next_window};

pub(super) use self::create::CreateCluster;
pub(super) use self::delete::DeleteCluster;
pub(super) use self::describe::DescribeClusters;
pub(super) use self::modify::ModifyCluster;
pub(super) use self::roles::ModifyClusterIamRoles;
use super::{snapshots, tags};
use crate::error::ApiError;
use crate::operation::Answer;
use crate::protocol::query::timestamp;
use crate::protocol::xml::Xml;
use crate::state::AwsState;

/// Who acts in a cluster's roles.
const SERVICE: &str = "redshift.amazonaws.com";

/// The names of AWS's node types (Redshift API, CreateCluster `NodeType`). They are shown as they were given: every cluster has
/// what the machine of this server has.
pub(super) const NODE_TYPES: [&str; 10] = [
    "dc2.large",
    "dc2.8xlarge",
    "rg.large",
    "rg.xlarge",
    "rg.4xlarge",
    "rg.12xlarge",
    "ra3.large",
    "ra3.xlplus",
    "ra3.4xlarge",
    "ra3.16xlarge",
];

/// How AWS calls the subnet group of a cluster that was given none.
const DEFAULT_SUBNET_GROUP: &str = "default";

pub(super) fn check_node_type(name: &str) -> Result<(), ApiError> {
    if NODE_TYPES.contains(&name) {
        return Ok(());
    }
    let rule = format!("it must be one of {}", NODE_TYPES.join(", "));
    Err(ApiError::InvalidParameter { parameter: "NodeType", rule })
}

pub(super) fn resource(state: &AwsState, identifier: &ClusterId) -> String {
    state.redshift_arn(&format!("cluster:{identifier}"))
}

/// `<Cluster>` as the answer of an operation.
pub(super) fn answer(state: &AwsState, cluster: &Cluster) -> Answer {
    Answer::Xml(Some(Xml::fragment(|xml| xml.element("Cluster", |xml| write(xml, state, cluster)))))
}

/// Everything that is known of a cluster, and what is true of each (`parameters`).
fn write(xml: &mut Xml, state: &AwsState, cluster: &Cluster) {
    xml.text("ClusterIdentifier", cluster.identifier.as_str());
    xml.text("NodeType", &cluster.node_type);
    xml.text("ClusterStatus", cluster.status.name());
    let in_service = state.control.is_in_service(&cluster.warehouse);
    xml.text("ClusterAvailabilityStatus", availability(cluster.status, in_service));
    xml.text("MasterUsername", &cluster.master_username);
    xml.text("DBName", &cluster.db_name);
    let endpoint = state.control.endpoint_of_cluster(cluster);
    if has_endpoint(cluster.status) {
        xml.element("Endpoint", |xml| {
            xml.text("Address", &endpoint.address);
            xml.text("Port", &endpoint.port.to_string());
        });
    }
    xml.text("ClusterCreateTime", &timestamp(cluster.created));
    xml.text("AutomatedSnapshotRetentionPeriod", &cluster.automated_retention.to_string());
    xml.text("ManualSnapshotRetentionPeriod", &cluster.manual_retention.to_string());
    write_network(xml, state, cluster);
    write_parameter_group(xml, state, cluster);
    xml.element("PendingModifiedValues", |_| {});
    xml.text("PreferredMaintenanceWindow", &cluster.maintenance_window);
    if let Some(next) = next_window(&cluster.maintenance_window, state.clock.now()) {
        xml.text("NextMaintenanceWindowStartTime", &timestamp(next));
    }
    xml.text("ClusterVersion", "1.0");
    xml.text("AllowVersionUpgrade", "true");
    xml.text("NumberOfNodes", &cluster.node_count.to_string());
    xml.text("PubliclyAccessible", if cluster.publicly_accessible { "true" } else { "false" });
    xml.text("Encrypted", "false");
    write_restore(xml, state, cluster);
    write_nodes(xml, &endpoint.address, cluster.node_count);
    tags::write(xml, &cluster.tags);
    xml.text("EnhancedVpcRouting", "false");
    xml.element("IamRoles", |xml| {
        for role in &cluster.iam_roles {
            xml.element("ClusterIamRole", |xml| {
                xml.text("IamRoleArn", role);
                xml.text("ApplyStatus", "in-sync");
            });
        }
    });
    xml.element("PendingActions", |_| {});
    xml.text("MaintenanceTrackName", "current");
    xml.element("DeferredMaintenanceWindows", |_| {});
    xml.text("AvailabilityZoneRelocationStatus", "disabled");
    xml.text("ClusterNamespaceArn", &state.control.cluster_namespace_arn(cluster));
    xml.element("AquaConfiguration", |xml| {
        xml.text("AquaStatus", "disabled");
        xml.text("AquaConfigurationStatus", "disabled");
    });
    if let Some(role) = &cluster.default_iam_role {
        xml.text("DefaultIamRoleArn", role);
    }
    if let Some(secret) = &cluster.master_secret {
        xml.text("MasterPasswordSecretArn", &state.control.secret_arn(secret));
    }
    xml.text("IpAddressType", "ipv4");
    xml.text("MultiAZ", "Disabled");
}

fn write_network(xml: &mut Xml, state: &AwsState, cluster: &Cluster) {
    let attachment = cluster.attachment();
    xml.element("ClusterSecurityGroups", |_| {});
    xml.element("VpcSecurityGroups", |xml| {
        for group in state.network.groups_of(&attachment) {
            xml.element("VpcSecurityGroup", |xml| {
                xml.text("VpcSecurityGroupId", group.id.as_str());
                xml.text("Status", "active");
            });
        }
    });
    xml.text("ClusterSubnetGroupName", cluster.subnet_group.as_deref().unwrap_or(DEFAULT_SUBNET_GROUP));
    if let Some(vpc) = state.network.vpc_of(&attachment.place) {
        xml.text("VpcId", vpc.as_str());
    }
    let zones = state.network.zones_of(&attachment.place);
    if let Some(zone) = cluster.availability_zone.as_ref().or(zones.first()) {
        xml.text("AvailabilityZone", zone);
    }
}

fn write_parameter_group(xml: &mut Xml, state: &AwsState, cluster: &Cluster) {
    let pending = state.control.pending_parameters(cluster);
    let status = |pending: bool| if pending { "pending-reboot" } else { "in-sync" };
    xml.element("ClusterParameterGroups", |xml| {
        xml.element("ClusterParameterGroup", |xml| {
            xml.text("ParameterGroupName", &cluster.parameter_group);
            xml.text("ParameterApplyStatus", status(!pending.is_empty()));
            xml.element("ClusterParameterStatusList", |xml| {
                for parameter in PARAMETERS {
                    xml.element("member", |xml| {
                        xml.text("ParameterName", parameter.name);
                        xml.text("ParameterApplyStatus", status(pending.contains(&parameter.name)));
                    });
                }
            });
        });
    });
}

/// One node leads and computes; of several, one leads. All of them are this server.
fn write_nodes(xml: &mut Xml, address: &str, count: u32) {
    let roles = match count {
        0 | 1 => vec!["SHARED".to_owned()],
        more => std::iter::once("LEADER".to_owned()).chain((0..more).map(|node| format!("COMPUTE-{node}"))).collect(),
    };
    xml.element("ClusterNodes", |xml| {
        for role in &roles {
            xml.element("member", |xml| {
                xml.text("NodeRole", role);
                if address.parse::<IpAddr>().is_ok() {
                    xml.text("PrivateIPAddress", address);
                }
            });
        }
    });
}

/// `ClusterAvailabilityStatus` (Redshift API).
const fn availability(status: ClusterStatus, in_service: bool) -> &'static str {
    match status {
        ClusterStatus::Creating | ClusterStatus::Rebooting | ClusterStatus::Resuming => "Modifying",
        ClusterStatus::Available if in_service => "Available",
        ClusterStatus::Available => "Failed",
        ClusterStatus::Pausing | ClusterStatus::Paused | ClusterStatus::FinalSnapshot | ClusterStatus::Deleting => {
            "Unavailable"
        }
    }
}

/// A cluster that is to come back keeps its endpoint.
const fn has_endpoint(status: ClusterStatus) -> bool {
    match status {
        ClusterStatus::Available
        | ClusterStatus::Pausing
        | ClusterStatus::Paused
        | ClusterStatus::Resuming
        | ClusterStatus::Rebooting => true,
        ClusterStatus::Creating | ClusterStatus::FinalSnapshot | ClusterStatus::Deleting => false,
    }
}

/// `<RestoreStatus>`, of a cluster that was made of a snapshot. AWS has whole megabytes here.
fn write_restore(xml: &mut Xml, state: &AwsState, cluster: &Cluster) {
    let Some(copy) = state.control.restore_copy(cluster) else { return };
    let (rate, left) = snapshots::rate(copy.done_bytes, copy.total_bytes, copy.seconds);
    xml.element("RestoreStatus", |xml| {
        xml.text("Status", if copy.completed { "completed" } else { "restoring" });
        xml.text("CurrentRestoreRateInMegaBytesPerSecond", &(rate >> 20).to_string());
        xml.text("SnapshotSizeInMegaBytes", &(copy.total_bytes >> 20).to_string());
        xml.text("ProgressInMegaBytes", &(copy.done_bytes >> 20).to_string());
        xml.text("ElapsedTimeInSeconds", &copy.seconds.to_string());
        xml.text("EstimatedTimeToCompletionInSeconds", &left.to_string());
    });
}
