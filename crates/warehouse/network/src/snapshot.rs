//! What is in memory, indexed. A snapshot never changes.

use std::collections::BTreeMap;
use std::sync::Arc;

use base::id::{SecurityGroupId, SubnetId, VpcId};
use imbl::OrdMap;

use crate::{Attachment, NetworkWrite, Place, Rule, RuleId, SecurityGroup, StoredNetwork, Subnet, SubnetGroup, Vpc};

/// Everything that there is at one moment. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct Snapshot {
    vpcs: OrdMap<VpcId, Arc<Vpc>>,
    subnets: OrdMap<SubnetId, Arc<Subnet>>,
    groups: OrdMap<SecurityGroupId, Arc<SecurityGroup>>,
    subnet_groups: OrdMap<String, Arc<SubnetGroup>>,
    default_vpc: Option<VpcId>,
    /// Names in lower case: they are unique without regard to case (EC2 CreateSecurityGroup).
    group_names: OrdMap<(VpcId, String), SecurityGroupId>,
    rules: OrdMap<RuleId, SecurityGroupId>,
}

impl Snapshot {
    pub(crate) fn load(stored: StoredNetwork) -> Self {
        let mut snapshot = Self::default();
        let writes = stored.vpcs.into_iter().map(NetworkWrite::PutVpc);
        let writes = writes.chain(stored.subnets.into_iter().map(NetworkWrite::PutSubnet));
        let writes = writes.chain(stored.groups.into_iter().map(NetworkWrite::PutGroup));
        for write in writes.chain(stored.subnet_groups.into_iter().map(NetworkWrite::PutSubnetGroup)) {
            snapshot.apply(write);
        }
        snapshot
    }

    pub(crate) fn apply(&mut self, write: NetworkWrite) {
        match write {
            NetworkWrite::PutVpc(vpc) => {
                if vpc.is_default {
                    self.default_vpc = Some(vpc.id.clone());
                }
                self.vpcs.insert(vpc.id.clone(), Arc::new(vpc));
            }
            NetworkWrite::DeleteVpc(id) => {
                self.vpcs.remove(&id);
                if self.default_vpc.as_ref() == Some(&id) {
                    self.default_vpc = None;
                }
            }
            NetworkWrite::PutSubnet(subnet) => {
                self.subnets.insert(subnet.id.clone(), Arc::new(subnet));
            }
            NetworkWrite::DeleteSubnet(id) => {
                self.subnets.remove(&id);
            }
            NetworkWrite::PutGroup(group) => {
                self.delete_group(&group.id);
                self.group_names.insert((group.vpc.clone(), group.name.to_lowercase()), group.id.clone());
                for rule in &group.rules {
                    self.rules.insert(rule.id.clone(), group.id.clone());
                }
                self.groups.insert(group.id.clone(), Arc::new(group));
            }
            NetworkWrite::DeleteGroup(id) => self.delete_group(&id),
            NetworkWrite::PutSubnetGroup(group) => {
                self.subnet_groups.insert(group.name.clone(), Arc::new(group));
            }
            NetworkWrite::DeleteSubnetGroup(name) => {
                self.subnet_groups.remove(&name);
            }
        }
    }

    fn delete_group(&mut self, id: &SecurityGroupId) {
        if let Some(group) = self.groups.remove(id) {
            self.group_names.remove(&(group.vpc.clone(), group.name.to_lowercase()));
            for rule in &group.rules {
                self.rules.remove(&rule.id);
            }
        }
    }

    #[must_use]
    pub fn vpc(&self, id: &VpcId) -> Option<&Arc<Vpc>> {
        self.vpcs.get(id)
    }

    /// By id.
    pub fn vpcs(&self) -> impl Iterator<Item = &Arc<Vpc>> {
        self.vpcs.values()
    }

    #[must_use]
    pub fn default_vpc(&self) -> Option<&Arc<Vpc>> {
        self.vpcs.get(self.default_vpc.as_ref()?)
    }

    #[must_use]
    pub fn subnet(&self, id: &SubnetId) -> Option<&Arc<Subnet>> {
        self.subnets.get(id)
    }

    /// By id.
    pub fn subnets(&self) -> impl Iterator<Item = &Arc<Subnet>> {
        self.subnets.values()
    }

    #[must_use]
    pub fn group(&self, id: &SecurityGroupId) -> Option<&Arc<SecurityGroup>> {
        self.groups.get(id)
    }

    /// By its name, without regard to case.
    #[must_use]
    pub fn group_named(&self, vpc: &VpcId, name: &str) -> Option<&Arc<SecurityGroup>> {
        self.groups.get(self.group_names.get(&(vpc.clone(), name.to_lowercase()))?)
    }

    /// By id.
    pub fn groups(&self) -> impl Iterator<Item = &Arc<SecurityGroup>> {
        self.groups.values()
    }

    /// A rule, and the group that has it.
    #[must_use]
    pub fn rule(&self, id: &RuleId) -> Option<(&Arc<SecurityGroup>, &Arc<Rule>)> {
        let group = self.groups.get(self.rules.get(id)?)?;
        group.rule(id).map(|rule| (group, rule))
    }

    /// The tags of what has this id (`vpc-…`, `subnet-…`, `sg-…`, `sgr-…`).
    #[must_use]
    pub fn tags(&self, id: &str) -> Option<&BTreeMap<String, String>> {
        match id.split_once('-')?.0 {
            "vpc" => self.vpc(&VpcId::new(id)).map(|vpc| &vpc.tags),
            "subnet" => self.subnet(&SubnetId::new(id)).map(|subnet| &subnet.tags),
            "sg" => self.group(&SecurityGroupId::new(id)).map(|group| &group.tags),
            "sgr" => self.rule(&RuleId::new(id)).map(|(_, rule)| &rule.tags),
            _ => None,
        }
    }

    /// By its name, without regard to case.
    #[must_use]
    pub fn subnet_group(&self, name: &str) -> Option<&Arc<SubnetGroup>> {
        self.subnet_groups.get(&name.to_ascii_lowercase())
    }

    /// Those that follow `after`, by name.
    pub fn subnet_groups<'s>(&'s self, after: Option<&'s str>) -> impl Iterator<Item = &'s Arc<SubnetGroup>> {
        let following =
            self.subnet_groups.iter().filter(move |(name, _)| after.is_none_or(|after| name.as_str() > after));
        following.map(|(_, group)| group)
    }

    /// How many cluster subnet groups there are.
    #[must_use]
    pub fn subnet_group_count(&self) -> usize {
        self.subnet_groups.len()
    }

    /// The network of a place; `None` where it isn't there.
    #[must_use]
    pub fn vpc_of(&self, place: &Place) -> Option<VpcId> {
        match place {
            Place::DefaultVpc => self.default_vpc.clone(),
            Place::SubnetGroup(name) => self.subnet_group(name).map(|group| group.vpc.clone()),
            Place::Subnets(subnets) => subnets.first().and_then(|id| self.subnet(id)).map(|subnet| subnet.vpc.clone()),
        }
    }

    /// The security groups that are on something: those given, else its network's default one.
    #[must_use]
    pub fn groups_of(&self, attachment: &Attachment) -> Vec<Arc<SecurityGroup>> {
        if attachment.groups.is_empty() {
            let vpc = self.vpc_of(&attachment.place);
            let group = vpc.and_then(|vpc| self.group_named(&vpc, crate::model::DEFAULT_GROUP));
            return group.into_iter().cloned().collect();
        }
        attachment.groups.iter().filter_map(|id| self.group(id)).cloned().collect()
    }
}
