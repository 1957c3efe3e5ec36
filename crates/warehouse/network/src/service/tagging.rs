//! Tags of everything that has an id, and of cluster subnet groups.

use std::collections::BTreeMap;
use std::sync::Arc;

use base::id::{SecurityGroupId, SubnetId, VpcId};

use super::Network;
use crate::snapshot::Snapshot;
use crate::{NetworkError, NetworkWrite, RuleId, SecurityGroup, Subnet, SubnetGroup, Vpc, tags};

impl Network {
    /// Sets these tags on each of the resources (`vpc-…`, `subnet-…`, `sg-…`, `sgr-…`), on all or on none.
    ///
    /// # Errors
    /// [`NetworkError::InvalidValue`], [`NetworkError::TagLimit`]; a resource that isn't there by its kind's own error;
    /// [`NetworkError::Store`].
    pub async fn tag(&self, resources: &[String], new: &BTreeMap<String, String>) -> Result<(), NetworkError> {
        tags::check(new)?;
        self.change_tags(resources, |present| {
            present.extend(new.clone());
            tags::check_count(present)
        })
        .await
    }

    /// Removes tags: by key, or by key and value. Without any, all of them. A tag that isn't there is no error.
    ///
    /// # Errors
    /// As [`Self::tag`].
    pub async fn untag(&self, resources: &[String], gone: &[(String, Option<String>)]) -> Result<(), NetworkError> {
        self.change_tags(resources, |present| {
            if gone.is_empty() {
                present.clear();
            }
            present.retain(|key, value| {
                let meant = |(name, only): &(String, Option<String>)| {
                    name == key && only.as_ref().is_none_or(|only| only == value)
                };
                !gone.iter().any(meant)
            });
            Ok(())
        })
        .await
    }

    /// Changes the tags of a cluster subnet group.
    ///
    /// # Errors
    /// [`NetworkError::SubnetGroupNotFound`], [`NetworkError::InvalidSubnetGroupTag`], [`NetworkError::SubnetGroupTagLimit`],
    /// [`NetworkError::Store`].
    pub async fn tag_subnet_group(
        &self,
        name: &str,
        change: impl FnOnce(&mut BTreeMap<String, String>) + Send,
    ) -> Result<(), NetworkError> {
        let turn = self.kept.turn().await?;
        let snapshot = self.snapshot();
        let group = snapshot.subnet_group(name).ok_or_else(|| NetworkError::SubnetGroupNotFound(name.to_owned()))?;
        let mut group = SubnetGroup::clone(group);
        change(&mut group.tags);
        tags::check_subnet_group(&group.tags)?;
        turn.commit(vec![NetworkWrite::PutSubnetGroup(group)], Vec::new()).await
    }

    async fn change_tags(
        &self,
        resources: &[String],
        change: impl Fn(&mut BTreeMap<String, String>) -> Result<(), NetworkError> + Send,
    ) -> Result<(), NetworkError> {
        let turn = self.kept.turn().await?;
        // Changed on a copy, so that two rules of one group are two changes of the same group.
        let mut copy = self.snapshot();
        let mut writes = Vec::with_capacity(resources.len());
        for id in resources {
            let write = tagged(&copy, id, &change)?;
            copy.apply(write.clone());
            writes.push(write);
        }
        turn.commit(writes, Vec::new()).await
    }
}

fn tagged(
    snapshot: &Snapshot,
    id: &str,
    change: impl Fn(&mut BTreeMap<String, String>) -> Result<(), NetworkError>,
) -> Result<NetworkWrite, NetworkError> {
    let kind = id.split_once('-').map_or("", |(kind, _)| kind);
    match kind {
        "vpc" => {
            let id = VpcId::new(id);
            let mut vpc = Vpc::clone(snapshot.vpc(&id).ok_or(NetworkError::VpcNotFound(id))?);
            change(&mut vpc.tags)?;
            Ok(NetworkWrite::PutVpc(vpc))
        }
        "subnet" => {
            let id = SubnetId::new(id);
            let mut subnet = Subnet::clone(snapshot.subnet(&id).ok_or(NetworkError::SubnetNotFound(id))?);
            change(&mut subnet.tags)?;
            Ok(NetworkWrite::PutSubnet(subnet))
        }
        "sg" => {
            let id = SecurityGroupId::new(id);
            let mut group = SecurityGroup::clone(snapshot.group(&id).ok_or(NetworkError::GroupNotFound(id))?);
            change(&mut group.tags)?;
            Ok(NetworkWrite::PutGroup(group))
        }
        "sgr" => {
            let id = RuleId::new(id);
            let (group, _) = snapshot.rule(&id).ok_or_else(|| NetworkError::RuleNotFound(id.clone()))?;
            let mut group = SecurityGroup::clone(group);
            if let Some(rule) = group.rules.iter_mut().find(|rule| rule.id == id) {
                change(&mut Arc::make_mut(rule).tags)?;
            }
            Ok(NetworkWrite::PutGroup(group))
        }
        _ => Err(NetworkError::InvalidValue(format!(
            "The ID '{id}' is not valid: this server has tags on vpc-, subnet-, sg- and sgr- resources."
        ))),
    }
}
