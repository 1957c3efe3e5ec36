//! Why a network operation says no, with the names that EC2 and Redshift have for it.

use base::id::{SecurityGroupId, SubnetId, VpcId};
use base::{ErrorKind, Fault, PublicMessage};

use crate::{
    GROUPS_MAX, Permission, RULES_MAX, RuleId, SUBNET_GROUPS_MAX, SUBNETS_MAX, SUBNETS_OF_A_GROUP_MAX, TAGS_MAX,
    VPCS_MAX,
};

/// The store can't be read or written; the text is for the log.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the networks can't be read or written: {0}")]
pub struct NetworkStoreError(pub String);

/// `Display` is the text for the client, in EC2's or Redshift's words where it has some.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NetworkError {
    #[error("The vpc ID '{0}' does not exist")]
    VpcNotFound(VpcId),
    #[error("The subnet ID '{0}' does not exist")]
    SubnetNotFound(SubnetId),
    #[error("The security group '{0}' does not exist")]
    GroupNotFound(SecurityGroupId),
    #[error("The security group '{name}' does not exist in default VPC '{vpc}'")]
    GroupNameNotFound { name: String, vpc: VpcId },
    #[error("The security group '{name}' already exists for VPC '{vpc}'")]
    GroupExists { name: String, vpc: VpcId },
    #[error("The security group rule ID '{0}' does not exist")]
    RuleNotFound(RuleId),
    #[error("the specified rule \"{0}\" already exists")]
    PermissionExists(Permission),
    #[error("The specified rule does not exist in this security group: {0}.")]
    PermissionNotFound(Permission),
    /// A source group, or a group of an attachment, that is in another virtual network.
    #[error("You have specified two resources that belong to different networks.")]
    OtherNetwork,
    #[error("resource {0} has a dependent object")]
    GroupInUse(SecurityGroupId, String),
    #[error("the specified group: \"{0}\" name: \"default\" cannot be deleted by a user")]
    DefaultGroup(SecurityGroupId),
    #[error("The vpc '{0}' has dependencies and cannot be deleted: {1}.")]
    VpcInUse(VpcId, String),
    #[error("The subnet '{0}' has dependencies and cannot be deleted: {1}.")]
    SubnetInUse(SubnetId, String),
    #[error("The default VPC can't be deleted on this server: clusters without a cluster subnet group are in it.")]
    DefaultVpc,
    #[error("The CIDR '{0}' is invalid. A VPC has a block between /16 and /28.")]
    VpcRange(String),
    #[error("The CIDR '{0}' is invalid. {1}.")]
    SubnetRange(String, String),
    #[error("The CIDR '{0}' conflicts with another subnet")]
    SubnetConflict(String),
    /// The text is for the client.
    #[error("{0}")]
    InvalidValue(String),
    #[error("The maximum number of VPCs has been reached: {VPCS_MAX}.")]
    VpcLimit,
    #[error("The maximum number of subnets of a VPC has been reached: {SUBNETS_MAX}.")]
    SubnetLimit,
    #[error("The maximum number of security groups has been reached: {GROUPS_MAX}.")]
    GroupLimit,
    #[error("The maximum number of rules per security group has been reached: {RULES_MAX} in each direction.")]
    RuleLimit,
    #[error("A resource has at most {TAGS_MAX} tags.")]
    TagLimit,
    /// A tag of a cluster subnet group, which is Redshift's. The text is for the client.
    #[error("{0}")]
    InvalidSubnetGroupTag(String),
    #[error("A cluster subnet group has at most {TAGS_MAX} tags.")]
    SubnetGroupTagLimit,
    #[error("Cluster subnet group {0} already exists. Choose another name or delete it.")]
    SubnetGroupExists(String),
    #[error("Cluster subnet group {0} does not exist. DescribeClusterSubnetGroups shows those that there are.")]
    SubnetGroupNotFound(String),
    #[error("There are {SUBNET_GROUPS_MAX} cluster subnet groups already. Delete one first.")]
    SubnetGroupQuota,
    #[error("A cluster subnet group has at most {SUBNETS_OF_A_GROUP_MAX} subnets.")]
    SubnetQuota,
    /// A subnet that a cluster subnet group can't have. The text is for the client.
    #[error("{0}")]
    InvalidSubnet(String),
    /// The name of a cluster subnet group breaks a rule. The text is for the client.
    #[error("{0}")]
    InvalidSubnetGroup(String),
    #[error("Cluster subnet group {0} is in use by {1}. Delete that first.")]
    SubnetGroupInUse(String, String),
    #[error(transparent)]
    Store(#[from] NetworkStoreError),
}

impl NetworkError {
    /// EC2's or Redshift's code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::VpcNotFound(_) => "InvalidVpcID.NotFound",
            Self::SubnetNotFound(_) => "InvalidSubnetID.NotFound",
            Self::GroupNotFound(_) | Self::GroupNameNotFound { .. } | Self::OtherNetwork => "InvalidGroup.NotFound",
            Self::GroupExists { .. } => "InvalidGroup.Duplicate",
            Self::RuleNotFound(_) => "InvalidSecurityGroupRuleId.NotFound",
            Self::PermissionExists(_) => "InvalidPermission.Duplicate",
            Self::PermissionNotFound(_) => "InvalidPermission.NotFound",
            Self::GroupInUse(..) | Self::VpcInUse(..) | Self::SubnetInUse(..) => "DependencyViolation",
            Self::DefaultGroup(_) => "CannotDelete",
            Self::DefaultVpc => "OperationNotPermitted",
            Self::VpcRange(_) => "InvalidVpc.Range",
            Self::SubnetRange(..) => "InvalidSubnet.Range",
            Self::SubnetConflict(_) => "InvalidSubnet.Conflict",
            Self::InvalidValue(_) | Self::InvalidSubnetGroup(_) => "InvalidParameterValue",
            Self::VpcLimit => "VpcLimitExceeded",
            Self::SubnetLimit => "SubnetLimitExceeded",
            Self::GroupLimit => "SecurityGroupLimitExceeded",
            Self::RuleLimit => "RulesPerSecurityGroupLimitExceeded",
            Self::TagLimit => "TagLimitExceeded",
            Self::InvalidSubnetGroupTag(_) => "InvalidTagFault",
            Self::SubnetGroupTagLimit => "TagLimitExceededFault",
            Self::SubnetGroupExists(_) => "ClusterSubnetGroupAlreadyExists",
            Self::SubnetGroupNotFound(_) => "ClusterSubnetGroupNotFoundFault",
            Self::SubnetGroupQuota => "ClusterSubnetGroupQuotaExceeded",
            Self::SubnetQuota => "ClusterSubnetQuotaExceededFault",
            Self::InvalidSubnet(_) => "InvalidSubnet",
            Self::SubnetGroupInUse(..) => "InvalidClusterSubnetGroupStateFault",
            Self::Store(_) => "ServiceUnavailable",
        }
    }

    /// The HTTP status.
    #[must_use]
    pub const fn status(&self) -> u16 {
        if matches!(self, Self::Store(_)) { 503 } else { 400 }
    }
}

impl Fault for NetworkError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::VpcNotFound(_)
            | Self::SubnetNotFound(_)
            | Self::GroupNotFound(_)
            | Self::GroupNameNotFound { .. }
            | Self::RuleNotFound(_)
            | Self::PermissionNotFound(_)
            | Self::SubnetGroupNotFound(_) => ErrorKind::NotFound,
            Self::GroupExists { .. }
            | Self::PermissionExists(_)
            | Self::GroupInUse(..)
            | Self::DefaultGroup(_)
            | Self::VpcInUse(..)
            | Self::SubnetInUse(..)
            | Self::DefaultVpc
            | Self::SubnetConflict(_)
            | Self::SubnetGroupExists(_)
            | Self::SubnetGroupInUse(..) => ErrorKind::Conflict,
            Self::OtherNetwork
            | Self::VpcRange(_)
            | Self::SubnetRange(..)
            | Self::InvalidValue(_)
            | Self::InvalidSubnetGroupTag(_)
            | Self::InvalidSubnet(_)
            | Self::InvalidSubnetGroup(_) => ErrorKind::InvalidInput,
            Self::VpcLimit
            | Self::SubnetLimit
            | Self::GroupLimit
            | Self::RuleLimit
            | Self::TagLimit
            | Self::SubnetGroupTagLimit
            | Self::SubnetGroupQuota
            | Self::SubnetQuota => ErrorKind::LimitExceeded,
            Self::Store(_) => ErrorKind::Unavailable,
        }
    }

    fn public(&self) -> PublicMessage {
        if let Self::Store(_) = self {
            return PublicMessage::new("The control database can't be used at the moment. Try again.");
        }
        let message = PublicMessage::new(self.to_string());
        if let Self::GroupInUse(_, user) = self {
            message.with_detail(format!("It is used by {user}."))
        } else {
            message
        }
    }
}
