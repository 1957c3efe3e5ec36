//! What becomes of each parameter of RestoreFromClusterSnapshot (Redshift API), in the order of its model.

use crate::redshift::parameters::Decision;
use crate::redshift::parameters::Stance::{CarriedOut, Empty, Fact, Refused};

const NO_CLASSIC: &str = "clusters are in a VPC; give VpcSecurityGroupIds";
const NO_KEYS: &str = "this server doesn't encrypt its files; put the data directory on an encrypted disk";
const NO_ADDRESS: &str = "this server gives clusters no addresses of their own; leave it out";
const NO_ZONES: &str = "this server runs in one place; leave it out";
const NO_RESERVED: &str = "this server has no reserved nodes; leave it out";
const NO_SCHEDULE: &str = "this server has no snapshot schedules; AutomatedSnapshotRetentionPeriod is carried out";
const NO_WINDOW: &str = "the server is upgraded when its operator installs another version; leave it out";
const NO_IDC: &str =
    "the identity providers of the snapshot come with its data; change them with SQL (ALTER IDENTITY PROVIDER)";
const NEVER: &[&str] = &["false"];

pub(super) const RESTORE_CLUSTER: &[Decision] = &[
    ("ClusterIdentifier", CarriedOut),
    ("SnapshotIdentifier", CarriedOut),
    ("SnapshotArn", CarriedOut),
    ("SnapshotClusterIdentifier", CarriedOut),
    ("Port", CarriedOut),
    ("AvailabilityZone", CarriedOut),
    (
        "AllowVersionUpgrade",
        Fact(&["true"], "every cluster runs the version of the server, also after the server's upgrade"),
    ),
    ("ClusterSubnetGroupName", CarriedOut),
    ("PubliclyAccessible", CarriedOut),
    // It may be this account.
    ("OwnerAccount", CarriedOut),
    ("HsmClientCertificateIdentifier", Refused(NO_KEYS)),
    ("HsmConfigurationIdentifier", Refused(NO_KEYS)),
    ("ElasticIp", Refused(NO_ADDRESS)),
    ("ClusterParameterGroupName", CarriedOut),
    ("ClusterSecurityGroups", Empty(NO_CLASSIC)),
    ("VpcSecurityGroupIds", CarriedOut),
    ("PreferredMaintenanceWindow", CarriedOut),
    ("AutomatedSnapshotRetentionPeriod", CarriedOut),
    ("ManualSnapshotRetentionPeriod", CarriedOut),
    ("KmsKeyId", Refused(NO_KEYS)),
    ("NodeType", CarriedOut),
    ("EnhancedVpcRouting", Fact(NEVER, NO_ADDRESS)),
    ("AdditionalInfo", Refused("it is reserved; leave it out")),
    ("IamRoles", CarriedOut),
    ("MaintenanceTrackName", Fact(&["current"], NO_WINDOW)),
    ("SnapshotScheduleIdentifier", Refused(NO_SCHEDULE)),
    ("NumberOfNodes", CarriedOut),
    ("AvailabilityZoneRelocation", Fact(NEVER, NO_ZONES)),
    // Retired: it sets nothing in AWS either.
    ("AquaConfigurationStatus", Fact(&["disabled", "auto"], "there is no AQUA; leave it out")),
    ("DefaultIamRoleArn", CarriedOut),
    ("ReservedNodeId", Refused(NO_RESERVED)),
    ("TargetReservedNodeOfferingId", Refused(NO_RESERVED)),
    ("Encrypted", Fact(NEVER, NO_KEYS)),
    ("ManageMasterPassword", CarriedOut),
    ("MasterPasswordSecretKmsKeyId", Refused(NO_KEYS)),
    ("IpAddressType", Fact(&["ipv4"], NO_ADDRESS)),
    ("MultiAZ", Fact(NEVER, NO_ZONES)),
    ("CatalogName", Refused("this server has no Glue Data Catalog; leave it out")),
    ("RedshiftIdcApplicationArn", Refused(NO_IDC)),
];
