mod groups;
mod places;
mod rules;
mod torn;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use base::FixedClock;
use base::id::{SecurityGroupId, SubnetId, VpcId};
use time::OffsetDateTime;

use super::{Network, NewSecurityGroup, NewSubnet, NewSubnetGroup, NewVpc};
use crate::{MemoryStore, NetworkUsers, NewRule, Permission, PortRange, SecurityGroup, Source, Traffic};

/// What a test says is in use.
#[derive(Debug, Default)]
pub(super) struct Users {
    pub(super) used: Mutex<Vec<String>>,
}

impl Users {
    fn of(&self, id: &str) -> Option<String> {
        self.used.lock().unwrap().iter().any(|used| used == id).then(|| "cluster testcluster".to_owned())
    }
}

impl NetworkUsers for Users {
    fn uses_group(&self, group: &SecurityGroupId) -> Option<String> {
        self.of(group.as_str())
    }

    fn uses_subnet_group(&self, name: &str) -> Option<String> {
        self.of(name)
    }

    fn uses_subnet(&self, subnet: &SubnetId) -> Option<String> {
        self.of(subnet.as_str())
    }
}

pub(super) struct World {
    pub(super) network: Network,
    pub(super) store: Arc<MemoryStore>,
    pub(super) users: Arc<Users>,
}

impl World {
    pub(super) async fn new() -> Self {
        let store = Arc::<MemoryStore>::default();
        let network = open(&store).await;
        let users = Arc::<Users>::default();
        let known: Arc<dyn NetworkUsers> = users.clone();
        network.attach_users(Arc::downgrade(&known));
        Self { network, store, users }
    }

    pub(super) fn use_it(&self, id: &str) {
        self.users.used.lock().unwrap().push(id.to_owned());
    }

    pub(super) async fn group(&self, name: &str) -> Arc<SecurityGroup> {
        self.network.create_group(new_group(name, None)).await.unwrap()
    }

    pub(super) async fn vpc(&self, cidr: &str) -> VpcId {
        let new = NewVpc { cidr: cidr.to_owned(), ipv6: true, tags: BTreeMap::new() };
        self.network.create_vpc(new).await.unwrap().id.clone()
    }

    pub(super) async fn subnet(&self, vpc: &VpcId, cidr: &str) -> SubnetId {
        self.network.create_subnet(new_subnet(vpc, cidr)).await.unwrap().id.clone()
    }

    pub(super) fn default_subnets(&self) -> Vec<SubnetId> {
        self.network.snapshot().subnets().map(|subnet| subnet.id.clone()).collect()
    }
}

pub(super) async fn open(store: &Arc<MemoryStore>) -> Network {
    let clock = Arc::new(FixedClock::at(OffsetDateTime::UNIX_EPOCH));
    Network::open(store.clone(), clock, "123456789012", "us-east-1").await.unwrap()
}

pub(super) fn new_group(name: &str, vpc: Option<VpcId>) -> NewSecurityGroup {
    NewSecurityGroup { name: name.to_owned(), description: "for a test".to_owned(), vpc, tags: BTreeMap::new() }
}

pub(super) fn new_subnet(vpc: &VpcId, cidr: &str) -> NewSubnet {
    NewSubnet { vpc: vpc.clone(), cidr: cidr.to_owned(), ipv6: None, zone: None, tags: BTreeMap::new() }
}

pub(super) fn new_subnet_group(name: &str, subnets: &[SubnetId]) -> NewSubnetGroup {
    let description = "for a test".to_owned();
    NewSubnetGroup { name: name.to_owned(), description, subnets: subnets.to_vec(), tags: BTreeMap::new() }
}

pub(super) fn redshift(source: &str) -> NewRule {
    let traffic = Traffic::Tcp(PortRange { from: 5439, to: 5439 });
    let source = Source::try_from(source.to_owned()).unwrap();
    NewRule { permission: Permission { traffic, source }, description: None }
}
