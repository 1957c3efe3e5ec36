//! What there is in a network.

use std::collections::BTreeMap;
use std::sync::Arc;

use base::id::{SecurityGroupId, SubnetId, VpcId};
use ipnet::{Ipv4Net, Ipv6Net};
use time::OffsetDateTime;

use crate::{Direction, Rule, RuleId};

/// The name of the security group that every virtual network has.
pub(crate) const DEFAULT_GROUP: &str = "default";

/// A virtual network.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Vpc {
    pub id: VpcId,
    pub cidr: Ipv4Net,
    /// A unique-local /56 (RFC 4193): no address of a virtual network is routed.
    pub ipv6: Option<Ipv6Net>,
    /// There is one: clusters without a subnet group and workgroups without subnets are in it.
    pub is_default: bool,
    pub tags: BTreeMap<String, String>,
    pub created: OffsetDateTime,
}

/// A part of a virtual network, in one availability zone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subnet {
    pub id: SubnetId,
    pub vpc: VpcId,
    pub cidr: Ipv4Net,
    /// A /64 of the network's block.
    pub ipv6: Option<Ipv6Net>,
    /// The zone's name.
    pub zone: String,
    /// Whether it is the zone's subnet of the default network.
    pub default_for_zone: bool,
    pub tags: BTreeMap<String, String>,
    pub created: OffsetDateTime,
}

impl Subnet {
    /// Addresses that a machine could have: EC2 keeps five of each subnet.
    #[must_use]
    pub fn available_addresses(&self) -> u32 {
        let size = 1_u32.checked_shl(u32::from(32 - self.cidr.prefix_len())).unwrap_or(u32::MAX);
        size.saturating_sub(5)
    }
}

/// Who may connect to what it is put on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SecurityGroup {
    pub id: SecurityGroupId,
    pub vpc: VpcId,
    pub name: String,
    pub description: String,
    /// At most [`crate::RULES_MAX`] in each direction, in the order in which they were made.
    pub rules: Vec<Arc<Rule>>,
    pub tags: BTreeMap<String, String>,
    pub created: OffsetDateTime,
}

impl SecurityGroup {
    /// Whether it is the one that its virtual network came with.
    #[must_use]
    pub fn is_default(&self) -> bool {
        self.name == DEFAULT_GROUP
    }

    pub fn rules_of(&self, direction: Direction) -> impl Iterator<Item = &Arc<Rule>> {
        self.rules.iter().filter(move |rule| rule.direction == direction)
    }

    #[must_use]
    pub fn rule(&self, id: &RuleId) -> Option<&Arc<Rule>> {
        self.rules.iter().find(|rule| rule.id == *id)
    }
}

/// A cluster subnet group (Redshift API): subnets of one virtual network, by name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SubnetGroup {
    /// In lower case.
    pub name: String,
    pub description: String,
    pub vpc: VpcId,
    /// At least one.
    pub subnets: Vec<SubnetId>,
    pub tags: BTreeMap<String, String>,
    pub created: OffsetDateTime,
}

/// Where a cluster or a workgroup is, and which security groups are on it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Attachment {
    /// Empty: the default one of its virtual network.
    pub groups: Vec<SecurityGroupId>,
    pub place: Place,
}

/// In which virtual network something is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Place {
    #[default]
    DefaultVpc,
    /// By the name of a cluster subnet group.
    SubnetGroup(String),
    /// Not empty; all of one network.
    Subnets(Vec<SubnetId>),
}
