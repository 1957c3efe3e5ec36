//! The operations.

mod groups;
mod rules;
mod subnet_groups;
mod subnets;
mod tagging;
mod vpcs;

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::{Arc, OnceLock, Weak};

use base::id::{SecurityGroupId, SubnetId, VpcId};
use base::{Backing, Clock, Kept};
use tokio::sync::{OwnedRwLockReadGuard, broadcast};

pub use rules::{DescriptionEdit, RuleChoice};

use crate::snapshot::Snapshot;
use crate::{
    Admission, Attachment, NetworkError, NetworkStore, NetworkStoreError, NetworkUsers, NetworkWrite, Place,
    SecurityGroup, Subnet, SubnetGroup, Vpc, Zone, admits, first, zone,
};

/// Changes that may wait for their reader.
const CHANGES_KEPT: usize = 256;

/// News for whoever keeps sessions open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NetworkChange {
    /// An inbound rule of the group went away or became another.
    Narrowed(SecurityGroupId),
}

/// While it is held, nothing that is there is deleted: for somebody who checks what they are about to use, and then records it.
#[derive(Debug)]
pub struct Pinned(#[expect(dead_code, reason = "held for its lock only")] OwnedRwLockReadGuard<()>);

/// What CreateVpc is told.
#[derive(Debug, Clone)]
pub struct NewVpc {
    /// `a.b.c.d/n`
    pub cidr: String,
    /// Whether it gets a block of IPv6 addresses: a unique-local /56.
    pub ipv6: bool,
    pub tags: BTreeMap<String, String>,
}

/// What CreateSubnet is told.
#[derive(Debug, Clone)]
pub struct NewSubnet {
    pub vpc: VpcId,
    pub cidr: String,
    pub ipv6: Option<String>,
    /// A zone's name or its id; the first zone where it isn't given.
    pub zone: Option<String>,
    pub tags: BTreeMap<String, String>,
}

/// What CreateSecurityGroup is told.
#[derive(Debug, Clone)]
pub struct NewSecurityGroup {
    pub name: String,
    pub description: String,
    /// The default network where it isn't given.
    pub vpc: Option<VpcId>,
    pub tags: BTreeMap<String, String>,
}

/// What CreateClusterSubnetGroup is told.
#[derive(Debug, Clone)]
pub struct NewSubnetGroup {
    pub name: String,
    pub description: String,
    pub subnets: Vec<SubnetId>,
    pub tags: BTreeMap<String, String>,
}

/// Every network of this server's account and region.
#[derive(Debug)]
pub struct Network {
    account: String,
    region: String,
    zones: Vec<Zone>,
    clock: Arc<dyn Clock>,
    kept: Kept<Store>,
    /// Read by whoever uses something, written by whoever deletes.
    pins: Arc<tokio::sync::RwLock<()>>,
    users: OnceLock<Weak<dyn NetworkUsers>>,
}

/// The store, behind what is in memory.
#[derive(Debug)]
pub(crate) struct Store(Arc<dyn NetworkStore>);

#[async_trait::async_trait]
impl Backing for Store {
    const NAME: &'static str = "network write";
    type State = Snapshot;
    type Write = Vec<NetworkWrite>;
    type Change = NetworkChange;
    type Error = NetworkError;

    async fn load(&self) -> Result<Snapshot, NetworkError> {
        Ok(Snapshot::load(self.0.load().await?))
    }

    async fn store(&self, writes: &Vec<NetworkWrite>) -> Result<(), NetworkError> {
        Ok(self.0.apply(writes.clone()).await?)
    }

    fn show(snapshot: &mut Snapshot, writes: Vec<NetworkWrite>) {
        writes.into_iter().for_each(|write| snapshot.apply(write));
    }

    fn lost(cause: String) -> NetworkError {
        NetworkStoreError(cause).into()
    }
}

impl Network {
    /// Reads everything; the first time, makes the default network.
    ///
    /// # Errors
    /// [`NetworkError::Store`].
    pub async fn open(
        store: Arc<dyn NetworkStore>,
        clock: Arc<dyn Clock>,
        account: &str,
        region: &str,
    ) -> Result<Self, NetworkError> {
        let zones = zone::zones(region);
        let store = Store(store);
        let snapshot = store.load().await?;
        let is_first = snapshot.default_vpc().is_none();
        let kept = Kept::new(store, snapshot, CHANGES_KEPT);
        if is_first {
            kept.turn().await?.commit(first::everything(&zones, clock.now())?, Vec::new()).await?;
        }
        Ok(Self {
            account: account.to_owned(),
            region: region.to_owned(),
            zones,
            clock,
            kept,
            pins: Arc::default(),
            users: OnceLock::new(),
        })
    }

    /// Once, with what knows who uses what. Until then nothing is in use.
    pub fn attach_users(&self, users: Weak<dyn NetworkUsers>) {
        if self.users.set(users).is_err() {
            tracing::error!("the users of networks are attached twice; the first ones stay");
        }
    }

    #[must_use]
    pub fn account(&self) -> &str {
        &self.account
    }

    #[must_use]
    pub fn region(&self) -> &str {
        &self.region
    }

    /// The region's, by name.
    #[must_use]
    pub fn zones(&self) -> &[Zone] {
        &self.zones
    }

    /// The names of the zones in which a place has subnets, in order.
    #[must_use]
    pub fn zones_of(&self, place: &Place) -> Vec<String> {
        let snapshot = self.snapshot();
        let named = |ids: &[SubnetId]| ids.iter().filter_map(|id| snapshot.subnet(id)).cloned().collect::<Vec<_>>();
        let subnets = match place {
            Place::DefaultVpc => {
                let vpc = snapshot.vpc_of(place);
                snapshot.subnets().filter(|subnet| Some(&subnet.vpc) == vpc.as_ref()).cloned().collect()
            }
            Place::SubnetGroup(name) => {
                snapshot.subnet_group(name).map(|group| named(&group.subnets)).unwrap_or_default()
            }
            Place::Subnets(subnets) => named(subnets),
        };
        let zones: std::collections::BTreeSet<_> = subnets.iter().map(|subnet| subnet.zone.clone()).collect();
        zones.into_iter().collect()
    }

    /// Everything as it is now.
    #[must_use]
    pub fn snapshot(&self) -> Snapshot {
        self.kept.read().clone()
    }

    #[must_use]
    pub fn vpc(&self, id: &VpcId) -> Option<Arc<Vpc>> {
        self.snapshot().vpc(id).cloned()
    }

    #[must_use]
    pub fn subnet(&self, id: &SubnetId) -> Option<Arc<Subnet>> {
        self.snapshot().subnet(id).cloned()
    }

    #[must_use]
    pub fn group(&self, id: &SecurityGroupId) -> Option<Arc<SecurityGroup>> {
        self.snapshot().group(id).cloned()
    }

    /// By its name, without regard to case.
    #[must_use]
    pub fn subnet_group(&self, name: &str) -> Option<Arc<SubnetGroup>> {
        self.snapshot().subnet_group(name).cloned()
    }

    /// The network of a place; `None` where it isn't there.
    #[must_use]
    pub fn vpc_of(&self, place: &Place) -> Option<VpcId> {
        self.snapshot().vpc_of(place)
    }

    /// The security groups that are on something: those given, else its network's default one.
    #[must_use]
    pub fn groups_of(&self, attachment: &Attachment) -> Vec<Arc<SecurityGroup>> {
        self.snapshot().groups_of(attachment)
    }

    /// Decides by [`admits()`] whether a connection to this port is taken from this address.
    #[must_use]
    pub fn admission(&self, attachment: &Attachment, port: u16, peer: IpAddr) -> Admission {
        admits(&self.groups_of(attachment), port, peer)
    }

    /// Every later change that may take somebody's connection away.
    #[must_use]
    pub fn subscribe(&self) -> broadcast::Receiver<NetworkChange> {
        self.kept.subscribe()
    }

    /// Waits until nothing is being deleted, and keeps it so.
    pub async fn pin(&self) -> Pinned {
        Pinned(Arc::clone(&self.pins).read_owned().await)
    }

    /// Whether something can be put there, with these security groups: all of them are in the place's network, which it answers.
    ///
    /// # Errors
    /// [`NetworkError::SubnetGroupNotFound`], [`NetworkError::SubnetNotFound`], [`NetworkError::GroupNotFound`],
    /// [`NetworkError::OtherNetwork`].
    pub fn check(&self, _: &Pinned, attachment: &Attachment) -> Result<VpcId, NetworkError> {
        let snapshot = self.snapshot();
        let vpc = match &attachment.place {
            Place::DefaultVpc => snapshot.vpc_of(&attachment.place).ok_or(NetworkError::DefaultVpc)?,
            Place::SubnetGroup(name) => {
                let group = snapshot.subnet_group(name);
                group.ok_or_else(|| NetworkError::SubnetGroupNotFound(name.clone()))?.vpc.clone()
            }
            Place::Subnets(subnets) => one_vpc(&snapshot, subnets)?.ok_or(NetworkError::OtherNetwork)?,
        };
        for id in &attachment.groups {
            let group = snapshot.group(id).ok_or_else(|| NetworkError::GroupNotFound(id.clone()))?;
            if group.vpc != vpc {
                return Err(NetworkError::OtherNetwork);
            }
        }
        Ok(vpc)
    }

    fn users(&self) -> Option<Arc<dyn NetworkUsers>> {
        self.users.get().and_then(Weak::upgrade)
    }
}

/// The network of all of these subnets; `None` where there are several, or no subnet.
pub(crate) fn one_vpc(snapshot: &Snapshot, subnets: &[SubnetId]) -> Result<Option<VpcId>, NetworkError> {
    let mut vpc: Option<VpcId> = None;
    for id in subnets {
        let subnet = snapshot.subnet(id).ok_or_else(|| NetworkError::SubnetNotFound(id.clone()))?;
        match &vpc {
            Some(vpc) if *vpc != subnet.vpc => return Ok(None),
            Some(_) | None => vpc = Some(subnet.vpc.clone()),
        }
    }
    Ok(vpc)
}

#[cfg(test)]
mod tests;
