//! Clusters: how they are shown. One file per operation.

mod create;
mod delete;
mod describe;
mod modify;
mod roles;

use std::net::IpAddr;

use base::id::ClusterId;
use control::{Cluster, ClusterStatus};

pub(super) use self::create::CreateCluster;
pub(super) use self::delete::DeleteCluster;
pub(super) use self::describe::DescribeClusters;
pub(super) use self::modify::ModifyCluster;
pub(super) use self::roles::ModifyClusterIamRoles;
use super::tags;
use crate::error::ApiError;
use crate::operation::Answer;
use crate::protocol::query::timestamp;
use crate::protocol::xml::Xml;
use crate::state::AwsState;

/// The names of AWS's node types (Redshift API, CreateCluster `NodeType`). They are shown as they were given: every cluster has
/// what the machine of this server has.
const NODE_TYPES: [&str; 10] = [
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

fn check_node_type(name: &str) -> Result<(), ApiError> {
    if NODE_TYPES.contains(&name) {
        return Ok(());
    }
    let rule = format!("it must be one of {}", NODE_TYPES.join(", "));
    Err(ApiError::InvalidParameter { parameter: "NodeType", rule })
}

fn resource(state: &AwsState, identifier: &ClusterId) -> String {
    state.redshift_arn(&format!("cluster:{identifier}"))
}

/// `<Cluster>` as the answer of an operation.
fn answer(state: &AwsState, cluster: &Cluster) -> Answer {
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
    if cluster.status == ClusterStatus::Available {
        xml.element("Endpoint", |xml| {
            xml.text("Address", &endpoint.address);
            xml.text("Port", &endpoint.port.to_string());
        });
    }
    xml.text("ClusterCreateTime", &timestamp(cluster.created));
    xml.text("AutomatedSnapshotRetentionPeriod", "0");
    xml.text("ManualSnapshotRetentionPeriod", "-1");
    for list in ["ClusterSecurityGroups", "VpcSecurityGroups", "ClusterParameterGroups", "PendingModifiedValues"] {
        xml.element(list, |_| {});
    }
    xml.text("ClusterVersion", "1.0");
    xml.text("AllowVersionUpgrade", "true");
    xml.text("NumberOfNodes", "1");
    xml.text("PubliclyAccessible", if cluster.publicly_accessible { "true" } else { "false" });
    xml.text("Encrypted", "false");
    xml.element("ClusterNodes", |xml| {
        xml.element("member", |xml| {
            // The one node leads and computes.
            xml.text("NodeRole", "SHARED");
            if endpoint.address.parse::<IpAddr>().is_ok() {
                xml.text("PrivateIPAddress", &endpoint.address);
            }
        });
    });
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
    xml.text("IpAddressType", "ipv4");
    xml.text("MultiAZ", "Disabled");
}

/// `ClusterAvailabilityStatus` (Redshift API).
const fn availability(status: ClusterStatus, in_service: bool) -> &'static str {
    match status {
        ClusterStatus::Creating => "Modifying",
        ClusterStatus::Available if in_service => "Available",
        ClusterStatus::Available => "Failed",
        ClusterStatus::Deleting => "Unavailable",
    }
}
