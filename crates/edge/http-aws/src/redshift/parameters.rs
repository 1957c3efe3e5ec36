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

const NO_CLASSIC: &str = "this server has no EC2-Classic; give VpcSecurityGroupIds";
const NO_ROUTING: &str = "a warehouse of this server opens no connections that could be routed";
const NO_ADDRESS: &str = "the address is the server's (`--sql`); leave it out, and see PubliclyAccessible";
const NO_KMS: &str = "this server has no KMS: the password is sealed with the data directory's key; leave it out";
const NO_SCHEDULES: &str = "this server has no snapshot schedules; give AutomatedSnapshotRetentionPeriod";
const NO_KEYS: &str = "this server doesn't encrypt a warehouse's files; put the data directory on an encrypted disk";
const NO_ZONES: &str = "this server runs in one place; leave it out";
const NO_TRACK: &str = "the server is upgraded when its operator installs another version; leave it out";
const NO_EXTRA: &str = "no compute is set apart for optimisation";
const NO_ISSUERS: &str = "this server has no trusted token issuers; people sign in at Identity Center";

const VERSION: Stance = Fact(&["1.0"], "it is the only version that there is");
const UPGRADE: Stance =
    Fact(&["true"], "every cluster runs the version of the server, also after the server's upgrade");
const NEVER: &[&str] = &["false"];

/// CreateCluster (Redshift API), in the order of its model.
pub(super) const CREATE_CLUSTER: &[Decision] = &[
    ("DBName", CarriedOut),
    ("ClusterIdentifier", CarriedOut),
    // Compared with NumberOfNodes.
    ("ClusterType", CarriedOut),
    ("NodeType", CarriedOut),
    ("MasterUsername", CarriedOut),
    ("MasterUserPassword", CarriedOut),
    ("ClusterSecurityGroups", Empty(NO_CLASSIC)),
    ("VpcSecurityGroupIds", CarriedOut),
    ("ClusterSubnetGroupName", CarriedOut),
    // Shown: one of the subnets'.
    ("AvailabilityZone", CarriedOut),
    // Nothing is upgraded by itself, outside of it nor inside.
    ("PreferredMaintenanceWindow", CarriedOut),
    ("ClusterParameterGroupName", CarriedOut),
    ("AutomatedSnapshotRetentionPeriod", CarriedOut),
    ("ManualSnapshotRetentionPeriod", CarriedOut),
    ("Port", CarriedOut),
    ("ClusterVersion", VERSION),
    ("AllowVersionUpgrade", UPGRADE),
    // Shown: every cluster has what the machine of this server has.
    ("NumberOfNodes", CarriedOut),
    // `control::reach`
    ("PubliclyAccessible", CarriedOut),
    ("Encrypted", Fact(NEVER, NO_KEYS)),
    ("HsmClientCertificateIdentifier", Refused(NO_KEYS)),
    ("HsmConfigurationIdentifier", Refused(NO_KEYS)),
    ("ElasticIp", Refused(NO_ADDRESS)),
    ("Tags", CarriedOut),
    ("KmsKeyId", Refused(NO_KEYS)),
    ("EnhancedVpcRouting", Fact(NEVER, NO_ROUTING)),
    ("AdditionalInfo", Refused("it is reserved; leave it out")),
    ("IamRoles", CarriedOut),
    ("MaintenanceTrackName", Fact(&["current"], NO_TRACK)),
    ("SnapshotScheduleIdentifier", Refused(NO_SCHEDULES)),
    ("AvailabilityZoneRelocation", Fact(NEVER, NO_ZONES)),
    // Retired: it sets nothing in AWS either.
    ("AquaConfigurationStatus", Fact(&["disabled", "auto"], "there is no AQUA; leave it out")),
    ("DefaultIamRoleArn", CarriedOut),
    ("LoadSampleData", Refused("this server has no sample data; load your own with INSERT")),
    ("ManageMasterPassword", CarriedOut),
    ("MasterPasswordSecretKmsKeyId", Refused(NO_KMS)),
    ("IpAddressType", Fact(&["ipv4"], NO_ADDRESS)),
    ("MultiAZ", Fact(NEVER, NO_ZONES)),
    ("RedshiftIdcApplicationArn", CarriedOut),
    ("CatalogName", Refused("this server has no Glue Data Catalog; leave it out")),
    ("ExtraComputeForAutomaticOptimization", Fact(NEVER, NO_EXTRA)),
];

/// ModifyCluster (Redshift API), in the order of its model.
pub(super) const MODIFY_CLUSTER: &[Decision] = &[
    ("ClusterIdentifier", CarriedOut),
    // Compared with NumberOfNodes.
    ("ClusterType", CarriedOut),
    ("NodeType", CarriedOut),
    // Shown: every cluster has what the machine of this server has.
    ("NumberOfNodes", CarriedOut),
    ("ClusterSecurityGroups", Empty(NO_CLASSIC)),
    ("VpcSecurityGroupIds", CarriedOut),
    ("MasterUserPassword", CarriedOut),
    ("ClusterParameterGroupName", CarriedOut),
    ("AutomatedSnapshotRetentionPeriod", CarriedOut),
    ("ManualSnapshotRetentionPeriod", CarriedOut),
    // Nothing is upgraded by itself, outside of it nor inside.
    ("PreferredMaintenanceWindow", CarriedOut),
    ("ClusterVersion", VERSION),
    ("AllowVersionUpgrade", UPGRADE),
    ("HsmClientCertificateIdentifier", Refused(NO_KEYS)),
    ("HsmConfigurationIdentifier", Refused(NO_KEYS)),
    ("NewClusterIdentifier", CarriedOut),
    ("PubliclyAccessible", CarriedOut),
    ("ElasticIp", Refused(NO_ADDRESS)),
    ("EnhancedVpcRouting", Fact(NEVER, NO_ROUTING)),
    ("MaintenanceTrackName", Fact(&["current"], NO_TRACK)),
    ("Encrypted", Fact(NEVER, NO_KEYS)),
    ("KmsKeyId", Refused(NO_KEYS)),
    ("AvailabilityZoneRelocation", Fact(NEVER, NO_ZONES)),
    // Shown: one of the subnets'.
    ("AvailabilityZone", CarriedOut),
    ("Port", CarriedOut),
    ("ManageMasterPassword", CarriedOut),
    ("MasterPasswordSecretKmsKeyId", Refused(NO_KMS)),
    ("IpAddressType", Fact(&["ipv4"], NO_ADDRESS)),
    ("MultiAZ", Fact(NEVER, NO_ZONES)),
    ("ExtraComputeForAutomaticOptimization", Fact(NEVER, NO_EXTRA)),
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
