//! What becomes of each parameter of the operations that make and change clusters. A parameter that describes AWS's machines may
//! say what is true of this server anyway; any other value of it is refused by its name.

#[cfg(test)]
mod tests;

use base::ErrorKind;

use crate::error::ApiError;
use crate::protocol::query::Fields;

/// What becomes of a parameter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stance {
    /// The operation reads it.
    CarriedOut,
    /// It may say what is true anyway: one of these values. The text says why there is no other.
    Fact(&'static [&'static str], &'static str),
    /// A list that may be empty. The text says what to do.
    Empty(&'static str),
    /// The text says what to do.
    Refused(&'static str),
}

/// A parameter and its stance.
pub(crate) type Decision = (&'static str, Stance);

use Stance::{CarriedOut, Empty, Fact, Refused};

const NO_VPC: &str = "this server has no VPC; who can reach it is decided by the address of its SQL listener (`--sql`) and by PubliclyAccessible";
const NO_SECRETS: &str = "this server has no Secrets Manager; give MasterUserPassword";
const NO_SNAPSHOTS: &str = "this server makes no snapshots; copy the data directory while the server is stopped";
const NO_KEYS: &str = "this server doesn't encrypt its files; put the data directory on an encrypted disk";
const NO_ZONES: &str = "this server runs in one place; leave it out";
const NO_WINDOW: &str = "the server is upgraded when its operator installs another version; leave it out";
const NO_GROUPS: &str = "this server has no parameter groups; set session parameters with SET or ALTER USER … SET";
const NO_EXTRA: &str = "no compute is set apart for optimisation";
const NO_ISSUERS: &str = "this server has no trusted token issuers; people sign in at Identity Center";
const ONE_NODE: &str = "a cluster of this server has one node; leave it out";

const CLUSTER_TYPE: Stance = Fact(&["single-node"], ONE_NODE);
const NUMBER_OF_NODES: Stance = Fact(&["1"], ONE_NODE);
const AUTOMATED_SNAPSHOTS: Stance = Fact(&["0"], NO_SNAPSHOTS);
const MANUAL_SNAPSHOTS: Stance = Fact(&["-1"], NO_SNAPSHOTS);
const VERSION: Stance = Fact(&["1.0"], "it is the only version that there is");
const UPGRADE: Stance =
    Fact(&["true"], "every cluster runs the version of the server, also after the server's upgrade");
const NEVER: &[&str] = &["false"];

/// CreateCluster (Redshift API), in the order of its model.
pub(super) const CREATE_CLUSTER: &[Decision] = &[
    ("DBName", CarriedOut),
    ("ClusterIdentifier", CarriedOut),
    ("ClusterType", CLUSTER_TYPE),
    ("NodeType", CarriedOut),
    ("MasterUsername", CarriedOut),
    ("MasterUserPassword", CarriedOut),
    ("ClusterSecurityGroups", Empty(NO_VPC)),
    ("VpcSecurityGroupIds", Empty(NO_VPC)),
    ("ClusterSubnetGroupName", Refused(NO_VPC)),
    ("AvailabilityZone", Refused(NO_ZONES)),
    ("PreferredMaintenanceWindow", Refused(NO_WINDOW)),
    ("ClusterParameterGroupName", Refused(NO_GROUPS)),
    ("AutomatedSnapshotRetentionPeriod", AUTOMATED_SNAPSHOTS),
    ("ManualSnapshotRetentionPeriod", MANUAL_SNAPSHOTS),
    ("Port", CarriedOut),
    ("ClusterVersion", VERSION),
    ("AllowVersionUpgrade", UPGRADE),
    ("NumberOfNodes", NUMBER_OF_NODES),
    // `control::reach`
    ("PubliclyAccessible", CarriedOut),
    ("Encrypted", Fact(NEVER, NO_KEYS)),
    ("HsmClientCertificateIdentifier", Refused(NO_KEYS)),
    ("HsmConfigurationIdentifier", Refused(NO_KEYS)),
    ("ElasticIp", Refused(NO_VPC)),
    ("Tags", CarriedOut),
    ("KmsKeyId", Refused(NO_KEYS)),
    ("EnhancedVpcRouting", Fact(NEVER, NO_VPC)),
    ("AdditionalInfo", Refused("it is reserved; leave it out")),
    ("IamRoles", CarriedOut),
    ("MaintenanceTrackName", Fact(&["current"], NO_WINDOW)),
    ("SnapshotScheduleIdentifier", Refused(NO_SNAPSHOTS)),
    ("AvailabilityZoneRelocation", Fact(NEVER, NO_ZONES)),
    // Retired: it sets nothing in AWS either.
    ("AquaConfigurationStatus", Fact(&["disabled", "auto"], "there is no AQUA; leave it out")),
    ("DefaultIamRoleArn", CarriedOut),
    ("LoadSampleData", Refused("this server has no sample data; load your own with INSERT")),
    ("ManageMasterPassword", Fact(NEVER, NO_SECRETS)),
    ("MasterPasswordSecretKmsKeyId", Refused(NO_SECRETS)),
    ("IpAddressType", Fact(&["ipv4"], NO_VPC)),
    ("MultiAZ", Fact(NEVER, NO_ZONES)),
    ("RedshiftIdcApplicationArn", CarriedOut),
    ("CatalogName", Refused("this server has no Glue Data Catalog; leave it out")),
    ("ExtraComputeForAutomaticOptimization", Fact(NEVER, NO_EXTRA)),
];

/// ModifyCluster (Redshift API), in the order of its model.
pub(super) const MODIFY_CLUSTER: &[Decision] = &[
    ("ClusterIdentifier", CarriedOut),
    ("ClusterType", CLUSTER_TYPE),
    // Compared with the cluster's own.
    ("NodeType", CarriedOut),
    ("NumberOfNodes", NUMBER_OF_NODES),
    ("ClusterSecurityGroups", Empty(NO_VPC)),
    ("VpcSecurityGroupIds", Empty(NO_VPC)),
    ("MasterUserPassword", CarriedOut),
    ("ClusterParameterGroupName", Refused(NO_GROUPS)),
    ("AutomatedSnapshotRetentionPeriod", AUTOMATED_SNAPSHOTS),
    ("ManualSnapshotRetentionPeriod", MANUAL_SNAPSHOTS),
    ("PreferredMaintenanceWindow", Refused(NO_WINDOW)),
    ("ClusterVersion", VERSION),
    ("AllowVersionUpgrade", UPGRADE),
    ("HsmClientCertificateIdentifier", Refused(NO_KEYS)),
    ("HsmConfigurationIdentifier", Refused(NO_KEYS)),
    ("NewClusterIdentifier", CarriedOut),
    ("PubliclyAccessible", CarriedOut),
    ("ElasticIp", Refused(NO_VPC)),
    ("EnhancedVpcRouting", Fact(NEVER, NO_VPC)),
    ("MaintenanceTrackName", Fact(&["current"], NO_WINDOW)),
    ("Encrypted", Fact(NEVER, NO_KEYS)),
    ("KmsKeyId", Refused(NO_KEYS)),
    ("AvailabilityZoneRelocation", Fact(NEVER, NO_ZONES)),
    ("AvailabilityZone", Refused(NO_ZONES)),
    ("Port", CarriedOut),
    ("ManageMasterPassword", Fact(NEVER, NO_SECRETS)),
    ("MasterPasswordSecretKmsKeyId", Refused(NO_SECRETS)),
    ("IpAddressType", Fact(&["ipv4"], NO_VPC)),
    ("MultiAZ", Fact(NEVER, NO_ZONES)),
    ("ExtraComputeForAutomaticOptimization", Fact(NEVER, NO_EXTRA)),
];

/// DeleteCluster (Redshift API).
pub(super) const DELETE_CLUSTER: &[Decision] = &[
    ("ClusterIdentifier", CarriedOut),
    ("SkipFinalClusterSnapshot", CarriedOut),
    ("FinalClusterSnapshotIdentifier", Refused(NO_FINAL_SNAPSHOT)),
    ("FinalClusterSnapshotRetentionPeriod", Refused(NO_FINAL_SNAPSHOT)),
];

/// CreateRedshiftIdcApplication (Redshift API), in the order of its model.
pub(super) const IDC_APPLICATION: &[Decision] = &[
    ("IdcInstanceArn", CarriedOut),
    ("RedshiftIdcApplicationName", CarriedOut),
    ("IdentityNamespace", CarriedOut),
    ("IdcDisplayName", CarriedOut),
    ("IamRoleArn", CarriedOut),
    ("AuthorizedTokenIssuerList", Empty(NO_ISSUERS)),
    // Redshift Connect is carried out; the other integrations may be Disabled.
    ("ServiceIntegrations", CarriedOut),
    ("ApplicationType", Fact(&["None"], "this server has no Lakehouse")),
    ("Tags", CarriedOut),
    ("SsoTagKeys", Empty("tags aren't copied to Identity Center; tag its application with sso-admin TagResource")),
];

/// ModifyRedshiftIdcApplication (Redshift API), in the order of its model.
pub(super) const MODIFY_IDC_APPLICATION: &[Decision] = &[
    ("RedshiftIdcApplicationArn", CarriedOut),
    ("IdentityNamespace", CarriedOut),
    ("IamRoleArn", CarriedOut),
    ("IdcDisplayName", CarriedOut),
    ("AuthorizedTokenIssuerList", Empty(NO_ISSUERS)),
    ("ServiceIntegrations", CarriedOut),
];

/// Why a cluster is deleted without a snapshot only.
pub(super) const NO_FINAL_SNAPSHOT: &str = "this server makes no snapshots; copy the data first if you need it, then give SkipFinalClusterSnapshot=true, which deletes \
     it for good";

/// Takes the parameters that aren't carried out, and refuses those that would change something.
///
/// # Errors
/// `InvalidParameterValue`, by the parameter's name.
pub(super) fn settle(fields: &mut Fields<'_>, decisions: &[Decision]) -> Result<(), ApiError> {
    for (parameter, stance) in decisions {
        if *stance == CarriedOut {
            continue;
        }
        let said = fields.take_all(parameter);
        if let Err(sentence) = decide(*stance, &said) {
            let message = format!("parameter \"{parameter}\" of {} is not supported: {sentence}.", fields.operation());
            let (kind, code) = (ErrorKind::Unsupported, "InvalidParameterValue");
            return Err(ApiError::Named { kind, status: 400, code, message, members: Vec::new() });
        }
    }
    Ok(())
}

/// Whether a parameter may say this; empty where it says nothing. The error is a clause: what it may be, and what to do.
pub(crate) fn decide(stance: Stance, said: &[String]) -> Result<(), String> {
    match stance {
        CarriedOut => Ok(()),
        Fact(values, why) => match said.iter().find(|said| !values.contains(&said.as_str())) {
            None => Ok(()),
            Some(_) => Err(format!("it can only be {}: {why}", values.join(" or "))),
        },
        // `Parameter=` is how the Query protocol writes an empty list.
        Empty(why) if said.iter().any(|said| !said.is_empty()) => Err(why.to_owned()),
        Refused(why) if !said.is_empty() => Err(why.to_owned()),
        Empty(_) | Refused(_) => Ok(()),
    }
}
