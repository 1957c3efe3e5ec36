//! Security groups.

use std::sync::Arc;

use base::id::SecurityGroupId;

use super::{Network, NewSecurityGroup};
use crate::{GROUPS_MAX, NetworkError, NetworkWrite, SecurityGroup, Source, first, tags, text};

impl Network {
    /// Makes a group that lets nobody in and everything out.
    ///
    /// # Errors
    /// [`NetworkError::InvalidValue`], [`NetworkError::VpcNotFound`], [`NetworkError::GroupExists`],
    /// [`NetworkError::GroupLimit`], [`NetworkError::TagLimit`], [`NetworkError::Store`].
    pub async fn create_group(&self, new: NewSecurityGroup) -> Result<Arc<SecurityGroup>, NetworkError> {
        text::group_name(&new.name)?;
        text::group_description(&new.description)?;
        tags::check(&new.tags)?;
        let turn = self.kept.turn().await?;
        let snapshot = self.snapshot();
        let vpc = match new.vpc {
            Some(id) => snapshot.vpc(&id).ok_or(NetworkError::VpcNotFound(id))?,
            None => snapshot.default_vpc().ok_or(NetworkError::DefaultVpc)?,
        };
        if snapshot.group_named(&vpc.id, &new.name).is_some() {
            return Err(NetworkError::GroupExists { name: new.name, vpc: vpc.id.clone() });
        }
        if snapshot.groups().count() >= GROUPS_MAX {
            return Err(NetworkError::GroupLimit);
        }
        let group = SecurityGroup {
            id: SecurityGroupId::new(first::id("sg")),
            vpc: vpc.id.clone(),
            name: new.name,
            description: new.description,
            rules: first::outbound(vpc.ipv6.is_some())?.into_iter().map(Arc::new).collect(),
            tags: new.tags,
            created: self.clock.now(),
        };
        turn.commit(vec![NetworkWrite::PutGroup(group.clone())], Vec::new()).await?;
        Ok(Arc::new(group))
    }

    /// Deletes a group that nothing has and no other group's rule names.
    ///
    /// # Errors
    /// [`NetworkError::GroupNotFound`], [`NetworkError::DefaultGroup`], [`NetworkError::GroupInUse`], [`NetworkError::Store`].
    pub async fn delete_group(&self, id: &SecurityGroupId) -> Result<(), NetworkError> {
        let turn = self.kept.turn().await?;
        let _unpinned = self.pins.write().await;
        let snapshot = self.snapshot();
        let group = snapshot.group(id).ok_or_else(|| NetworkError::GroupNotFound(id.clone()))?;
        if group.is_default() {
            return Err(NetworkError::DefaultGroup(id.clone()));
        }
        if let Some(user) = self.users().and_then(|users| users.uses_group(id)) {
            return Err(NetworkError::GroupInUse(id.clone(), user));
        }
        if let Some(other) = snapshot.groups().find(|other| other.id != *id && names(other, id)) {
            let user = format!("a rule of the security group {}", other.id);
            return Err(NetworkError::GroupInUse(id.clone(), user));
        }
        turn.commit(vec![NetworkWrite::DeleteGroup(id.clone())], Vec::new()).await
    }
}

fn names(group: &SecurityGroup, id: &SecurityGroupId) -> bool {
    group.rules.iter().any(|rule| matches!(&rule.permission.source, Source::Group(named) if named == id))
}
