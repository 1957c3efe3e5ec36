//! Virtual networks.

use std::sync::Arc;

use base::id::VpcId;

use super::{Network, NewVpc};
use crate::{NetworkError, NetworkWrite, VPCS_MAX, Vpc, cidr, first, tags};

impl Network {
    /// Makes a network and its default security group.
    ///
    /// # Errors
    /// [`NetworkError::InvalidValue`], [`NetworkError::VpcRange`], [`NetworkError::VpcLimit`], [`NetworkError::TagLimit`],
    /// [`NetworkError::Store`].
    pub async fn create_vpc(&self, new: NewVpc) -> Result<Arc<Vpc>, NetworkError> {
        let cidr = cidr::ipv4(&new.cidr)?;
        if !(16..=28).contains(&cidr.prefix_len()) {
            return Err(NetworkError::VpcRange(new.cidr));
        }
        tags::check(&new.tags)?;
        let turn = self.kept.turn().await?;
        if self.snapshot().vpcs().count() >= VPCS_MAX {
            return Err(NetworkError::VpcLimit);
        }
        let vpc = Vpc {
            id: VpcId::new(first::id("vpc")),
            cidr,
            ipv6: if new.ipv6 { Some(first::unique_local()?) } else { None },
            is_default: false,
            tags: new.tags,
            created: self.clock.now(),
        };
        let group = first::default_group(&vpc.id, new.ipv6, vpc.created)?;
        let writes = vec![NetworkWrite::PutVpc(vpc.clone()), NetworkWrite::PutGroup(group)];
        turn.commit(writes, Vec::new()).await?;
        Ok(Arc::new(vpc))
    }

    /// Deletes a network that has nothing in it but its default security group, which goes with it.
    ///
    /// # Errors
    /// [`NetworkError::VpcNotFound`], [`NetworkError::DefaultVpc`], [`NetworkError::VpcInUse`], [`NetworkError::Store`].
    pub async fn delete_vpc(&self, id: &VpcId) -> Result<(), NetworkError> {
        let turn = self.kept.turn().await?;
        let _unpinned = self.pins.write().await;
        let snapshot = self.snapshot();
        let vpc = snapshot.vpc(id).ok_or_else(|| NetworkError::VpcNotFound(id.clone()))?;
        if vpc.is_default {
            return Err(NetworkError::DefaultVpc);
        }
        if let Some(subnet) = snapshot.subnets().find(|subnet| subnet.vpc == *id) {
            return Err(NetworkError::VpcInUse(id.clone(), format!("it has the subnet {}", subnet.id)));
        }
        let (mut writes, groups) = (Vec::new(), snapshot.groups().filter(|group| group.vpc == *id));
        for group in groups {
            if !group.is_default() {
                return Err(NetworkError::VpcInUse(id.clone(), format!("it has the security group {}", group.id)));
            }
            writes.push(NetworkWrite::DeleteGroup(group.id.clone()));
        }
        writes.push(NetworkWrite::DeleteVpc(id.clone()));
        turn.commit(writes, Vec::new()).await
    }
}
