//! Subnets.

use std::sync::Arc;

use base::id::SubnetId;
use ipnet::Ipv6Net;

use super::{Network, NewSubnet};
use crate::snapshot::Snapshot;
use crate::{NetworkError, NetworkWrite, SUBNETS_MAX, Subnet, Vpc, cidr, first, tags};

impl Network {
    /// # Errors
    /// [`NetworkError::InvalidValue`], [`NetworkError::VpcNotFound`], [`NetworkError::SubnetRange`],
    /// [`NetworkError::SubnetConflict`], [`NetworkError::SubnetLimit`], [`NetworkError::TagLimit`], [`NetworkError::Store`].
    pub async fn create_subnet(&self, new: NewSubnet) -> Result<Arc<Subnet>, NetworkError> {
        let cidr = cidr::ipv4(&new.cidr)?;
        let ipv6 = new.ipv6.as_deref().map(cidr::ipv6).transpose()?;
        tags::check(&new.tags)?;
        let zone = self.zone(new.zone.as_deref())?;
        let turn = self.kept.turn().await?;
        let snapshot = self.snapshot();
        let vpc = snapshot.vpc(&new.vpc).ok_or_else(|| NetworkError::VpcNotFound(new.vpc.clone()))?;
        if !(16..=28).contains(&cidr.prefix_len()) {
            let rule = "A subnet has a block between /16 and /28".to_owned();
            return Err(NetworkError::SubnetRange(cidr.to_string(), rule));
        }
        if !vpc.cidr.contains(&cidr) {
            let rule = format!("It is not inside the VPC's block {}", vpc.cidr);
            return Err(NetworkError::SubnetRange(cidr.to_string(), rule));
        }
        check_ipv6(vpc, ipv6)?;
        check_free(&snapshot, &new, |other| {
            let overlaps = other.cidr.contains(&cidr) || cidr.contains(&other.cidr);
            (overlaps.then(|| cidr.to_string()))
                .or_else(|| ipv6.filter(|ipv6| other.ipv6.as_ref() == Some(ipv6)).map(|ipv6| ipv6.to_string()))
        })?;
        let subnet = Subnet {
            id: SubnetId::new(first::id("subnet")),
            vpc: new.vpc,
            cidr,
            ipv6,
            zone,
            default_for_zone: false,
            tags: new.tags,
            created: self.clock.now(),
        };
        turn.commit(vec![NetworkWrite::PutSubnet(subnet.clone())], Vec::new()).await?;
        Ok(Arc::new(subnet))
    }

    /// Deletes a subnet that no cluster subnet group has and no workgroup is in.
    ///
    /// # Errors
    /// [`NetworkError::SubnetNotFound`], [`NetworkError::SubnetInUse`], [`NetworkError::Store`].
    pub async fn delete_subnet(&self, id: &SubnetId) -> Result<(), NetworkError> {
        let turn = self.kept.turn().await?;
        let _unpinned = self.pins.write().await;
        let snapshot = self.snapshot();
        snapshot.subnet(id).ok_or_else(|| NetworkError::SubnetNotFound(id.clone()))?;
        if let Some(group) = snapshot.subnet_groups(None).find(|group| group.subnets.contains(id)) {
            let user = format!("the cluster subnet group {} has it", group.name);
            return Err(NetworkError::SubnetInUse(id.clone(), user));
        }
        if let Some(user) = self.users().and_then(|users| users.uses_subnet(id)) {
            return Err(NetworkError::SubnetInUse(id.clone(), format!("{user} is in it")));
        }
        turn.commit(vec![NetworkWrite::DeleteSubnet(id.clone())], Vec::new()).await
    }

    /// A zone's name, by its name or its id.
    fn zone(&self, given: Option<&str>) -> Result<String, NetworkError> {
        let found = match given {
            None => self.zones().first(),
            Some(given) => self.zones().iter().find(|zone| zone.name == given || zone.id == given),
        };
        found.map(|zone| zone.name.clone()).ok_or_else(|| {
            let names: Vec<_> = self.zones().iter().map(|zone| zone.name.as_str()).collect();
            NetworkError::InvalidValue(format!(
                "Value ({}) for parameter availabilityZone is invalid. Subnets can currently only be created in the following \
                 availability zones: {}.",
                given.unwrap_or_default(),
                names.join(", ")
            ))
        })
    }
}

fn check_ipv6(vpc: &Vpc, ipv6: Option<Ipv6Net>) -> Result<(), NetworkError> {
    let Some(ipv6) = ipv6 else { return Ok(()) };
    let inside = vpc.ipv6.is_some_and(|block| block.contains(&ipv6));
    if inside && ipv6.prefix_len() == 64 {
        return Ok(());
    }
    let rule = match vpc.ipv6 {
        Some(block) => format!("It must be a /64 of the VPC's block {block}"),
        None => "The VPC has no IPv6 block".to_owned(),
    };
    Err(NetworkError::SubnetRange(ipv6.to_string(), rule))
}

/// `conflict` answers the block that another subnet has.
fn check_free(
    snapshot: &Snapshot,
    new: &NewSubnet,
    conflict: impl Fn(&Subnet) -> Option<String>,
) -> Result<(), NetworkError> {
    let mut count = 0;
    for other in snapshot.subnets().filter(|subnet| subnet.vpc == new.vpc) {
        count += 1;
        if let Some(block) = conflict(other) {
            return Err(NetworkError::SubnetConflict(block));
        }
    }
    if count < SUBNETS_MAX { Ok(()) } else { Err(NetworkError::SubnetLimit) }
}
