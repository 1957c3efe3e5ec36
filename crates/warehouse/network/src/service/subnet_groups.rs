//! Cluster subnet groups.

use std::sync::Arc;

use base::id::{SubnetId, VpcId};

use super::{Network, NewSubnetGroup, one_vpc};
use crate::snapshot::Snapshot;
use crate::{NetworkError, NetworkWrite, SUBNET_GROUPS_MAX, SUBNETS_OF_A_GROUP_MAX, SubnetGroup, tags, text};

impl Network {
    /// # Errors
    /// [`NetworkError::InvalidSubnetGroup`], [`NetworkError::InvalidSubnet`], [`NetworkError::SubnetQuota`],
    /// [`NetworkError::SubnetGroupExists`], [`NetworkError::SubnetGroupQuota`], [`NetworkError::InvalidSubnetGroupTag`],
    /// [`NetworkError::SubnetGroupTagLimit`], [`NetworkError::Store`].
    pub async fn create_subnet_group(&self, new: NewSubnetGroup) -> Result<Arc<SubnetGroup>, NetworkError> {
        let name = text::subnet_group_name(&new.name)?;
        text::subnet_group_description(&new.description)?;
        tags::check_subnet_group(&new.tags)?;
        let turn = self.kept.turn().await?;
        let snapshot = self.snapshot();
        let vpc = vpc_of(&snapshot, &new.subnets)?;
        if snapshot.subnet_group(&name).is_some() {
            return Err(NetworkError::SubnetGroupExists(name));
        }
        if snapshot.subnet_group_count() >= SUBNET_GROUPS_MAX {
            return Err(NetworkError::SubnetGroupQuota);
        }
        let group = SubnetGroup {
            name,
            description: new.description,
            vpc,
            subnets: new.subnets,
            tags: new.tags,
            created: self.clock.now(),
        };
        turn.commit(vec![NetworkWrite::PutSubnetGroup(group.clone())], Vec::new()).await?;
        Ok(Arc::new(group))
    }

    /// Gives the group other subnets, of the same network.
    ///
    /// # Errors
    /// [`NetworkError::InvalidSubnetGroup`], [`NetworkError::SubnetGroupNotFound`], [`NetworkError::InvalidSubnet`],
    /// [`NetworkError::SubnetQuota`], [`NetworkError::Store`].
    pub async fn modify_subnet_group(
        &self,
        name: &str,
        description: Option<String>,
        subnets: Vec<SubnetId>,
    ) -> Result<Arc<SubnetGroup>, NetworkError> {
        description.as_deref().map_or(Ok(()), text::subnet_group_description)?;
        let turn = self.kept.turn().await?;
        let snapshot = self.snapshot();
        let group = snapshot.subnet_group(name).ok_or_else(|| NetworkError::SubnetGroupNotFound(name.to_owned()))?;
        let mut group = SubnetGroup::clone(group);
        if vpc_of(&snapshot, &subnets)? != group.vpc {
            let text = format!("The subnets must be of the group's VPC, {}.", group.vpc);
            return Err(NetworkError::InvalidSubnet(text));
        }
        group.description = description.unwrap_or(group.description);
        group.subnets = subnets;
        turn.commit(vec![NetworkWrite::PutSubnetGroup(group.clone())], Vec::new()).await?;
        Ok(Arc::new(group))
    }

    /// Deletes a group that no cluster is in.
    ///
    /// # Errors
    /// [`NetworkError::SubnetGroupNotFound`], [`NetworkError::SubnetGroupInUse`], [`NetworkError::Store`].
    pub async fn delete_subnet_group(&self, name: &str) -> Result<(), NetworkError> {
        let turn = self.kept.turn().await?;
        let _unpinned = self.pins.write().await;
        let snapshot = self.snapshot();
        let group = snapshot.subnet_group(name).ok_or_else(|| NetworkError::SubnetGroupNotFound(name.to_owned()))?;
        if let Some(user) = self.users().and_then(|users| users.uses_subnet_group(&group.name)) {
            return Err(NetworkError::SubnetGroupInUse(group.name.clone(), user));
        }
        turn.commit(vec![NetworkWrite::DeleteSubnetGroup(group.name.clone())], Vec::new()).await
    }
}

/// The one network of at least one subnet, each given once.
fn vpc_of(snapshot: &Snapshot, subnets: &[SubnetId]) -> Result<VpcId, NetworkError> {
    if subnets.len() > SUBNETS_OF_A_GROUP_MAX {
        return Err(NetworkError::SubnetQuota);
    }
    for (place, subnet) in subnets.iter().enumerate() {
        if subnets.iter().take(place).any(|earlier| earlier == subnet) {
            return Err(NetworkError::InvalidSubnet(format!("The subnet {subnet} is given twice.")));
        }
    }
    let vpc = one_vpc(snapshot, subnets).map_err(|error| NetworkError::InvalidSubnet(format!("{error}.")))?;
    vpc.ok_or_else(|| {
        let text = "A cluster subnet group has at least one subnet, and all of its subnets are of one VPC.";
        NetworkError::InvalidSubnet(text.to_owned())
    })
}
