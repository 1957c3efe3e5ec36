//! The ports: durable state, and who uses what.

use std::fmt;

use base::id::{SecurityGroupId, SubnetId, VpcId};

use crate::{NetworkStoreError, SecurityGroup, Subnet, SubnetGroup, Vpc};

/// Everything that is stored, read once at the start.
#[derive(Debug, Clone, Default)]
pub struct StoredNetwork {
    pub vpcs: Vec<Vpc>,
    pub subnets: Vec<Subnet>,
    pub groups: Vec<SecurityGroup>,
    pub subnet_groups: Vec<SubnetGroup>,
}

/// One change. `Put` makes it, or replaces the one of its id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NetworkWrite {
    PutVpc(Vpc),
    DeleteVpc(VpcId),
    PutSubnet(Subnet),
    DeleteSubnet(SubnetId),
    /// With its rules.
    PutGroup(SecurityGroup),
    DeleteGroup(SecurityGroupId),
    PutSubnetGroup(SubnetGroup),
    DeleteSubnetGroup(String),
}

/// `apply` makes all of the changes, in one transaction, or none, and returns when they would survive a kill -9.
#[async_trait::async_trait]
pub trait NetworkStore: Send + Sync + fmt::Debug {
    async fn load(&self) -> Result<StoredNetwork, NetworkStoreError>;
    async fn apply(&self, writes: Vec<NetworkWrite>) -> Result<(), NetworkStoreError>;
}

/// What uses networks: the control plane's clusters and workgroups. Each answers who, in words: `cluster testcluster`.
pub trait NetworkUsers: Send + Sync + fmt::Debug {
    fn uses_group(&self, group: &SecurityGroupId) -> Option<String>;
    /// By a cluster.
    fn uses_subnet_group(&self, name: &str) -> Option<String>;
    /// By itself, not through a cluster subnet group.
    fn uses_subnet(&self, subnet: &SubnetId) -> Option<String>;
}
