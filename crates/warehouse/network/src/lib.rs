//! Networks: virtual networks and their subnets, security groups and their rules, Redshift's cluster subnet groups, and from which
//! addresses a warehouse is reached by them.
//!
//! What a network is here: a virtual network carries no packets, because a warehouse is a port of this server. Its security groups
//! are real: the SQL listener asks [`Network::admission`] for each connection, before TLS, and again for every open session when a
//! rule goes away. Reads are answered from an immutable snapshot; a write is one transaction in the store, then in memory.

pub mod admits;
mod cidr;
mod error;
mod first;
mod memory;
mod model;
mod port;
mod rule;
mod service;
mod snapshot;
mod tags;
mod text;
mod zone;

pub use admits::{Admission, Nearest, Refusal, admits};
pub use error::{NetworkError, NetworkStoreError};
pub use memory::MemoryStore;
pub use model::{Attachment, Place, SecurityGroup, Subnet, SubnetGroup, Vpc};
pub use port::{NetworkStore, NetworkUsers, NetworkWrite, StoredNetwork};
pub use rule::{Direction, NewRule, Permission, PortRange, Rule, RuleId, Source, Traffic};
pub use service::{
    DescriptionEdit, Network, NetworkChange, NewSecurityGroup, NewSubnet, NewSubnetGroup, NewVpc, Pinned, RuleChoice,
};
pub use snapshot::Snapshot;
pub use tags::TAGS_MAX;
pub use zone::Zone;

/// Virtual networks of the region (EC2 quota).
pub const VPCS_MAX: usize = 5;
/// Subnets of one virtual network (EC2 quota).
pub const SUBNETS_MAX: usize = 200;
/// Security groups of the region (EC2 quota).
pub const GROUPS_MAX: usize = 2500;
/// Rules of one security group in one direction (EC2 quota).
pub const RULES_MAX: usize = 60;
/// Cluster subnet groups (Redshift quota).
pub const SUBNET_GROUPS_MAX: usize = 50;
/// Subnets of one cluster subnet group (Redshift quota).
pub const SUBNETS_OF_A_GROUP_MAX: usize = 20;
