//! Tags of everything that has an ARN here.

use std::collections::BTreeMap;
use std::ops::Bound;
use std::sync::Arc;

use base::id::ClusterId;

use super::inner::Inner;
use super::{Control, DESCRIBE_RECORDS_MAX};
use crate::arn::Resource;
use crate::state::State;
use crate::{
    ControlError, ControlWrite, Namespace, Page, ParameterGroup, Qev2IdcApplication, RedshiftIdcApplication, Snapshot,
    TagFilter, Tagged, TaggedType, tags,
};

impl Control {
    /// # Errors
    /// [`ControlError::ResourceNotFound`].
    pub fn tags(&self, arn: &str) -> Result<BTreeMap<String, String>, ControlError> {
        if let Some(name) = self.inner.subnet_group_in(arn) {
            let group = self.inner.network.subnet_group(name);
            return group.map(|group| group.tags.clone()).ok_or_else(|| ControlError::ResourceNotFound(arn.to_owned()));
        }
        let resource = self.inner.arns.parse(arn).ok_or_else(|| ControlError::ResourceNotFound(arn.to_owned()))?;
        let tags = tags_of(&self.inner.read(), &resource).cloned();
        tags.ok_or_else(|| ControlError::ResourceNotFound(arn.to_owned()))
    }

    /// Adds tags; one whose key is there replaces it.
    ///
    /// # Errors
    /// [`ControlError::InvalidTag`], [`ControlError::TagLimit`], [`ControlError::ResourceNotFound`], [`ControlError::Store`].
    pub async fn tag(&self, arn: &str, tags: BTreeMap<String, String>) -> Result<(), ControlError> {
        tags::check(&tags)?;
        if let Some(name) = self.inner.subnet_group_in(arn) {
            return Ok(self.inner.network.tag_subnet_group(name, |present| present.extend(tags)).await?);
        }
        let arn = arn.to_owned();
        self.run(|inner| async move { inner.change_tags(&arn, |present| present.extend(tags)).await }).await
    }

    /// Removes the tags that have these keys; a key that isn't there is no error.
    ///
    /// # Errors
    /// [`ControlError::ResourceNotFound`], [`ControlError::Store`].
    pub async fn untag(&self, arn: &str, keys: &[String]) -> Result<(), ControlError> {
        if let Some(name) = self.inner.subnet_group_in(arn) {
            let untag = |present: &mut BTreeMap<String, String>| present.retain(|key, _| !keys.contains(key));
            return Ok(self.inner.network.tag_subnet_group(name, untag).await?);
        }
        let (arn, keys) = (arn.to_owned(), keys.to_vec());
        self.run(|inner| async move {
            inner.change_tags(&arn, |present| present.retain(|key, _| !keys.contains(key))).await
        })
        .await
    }

    /// The tags that fit, by ARN and key, that follow `after`: the `next` of the page before. At most `records` (1 to
    /// [`DESCRIBE_RECORDS_MAX`], outside of it the nearest).
    #[must_use]
    pub fn tagged(&self, filter: &TagFilter, after: Option<&str>, records: usize) -> Page<Tagged> {
        let all = self.inner.every_tag();
        let fitting = all.iter().filter(|(_, tag)| filter.matches(tag));
        let fitting: BTreeMap<&String, &Arc<Tagged>> = fitting.collect();
        let start = after.map_or(Bound::Unbounded, |after| Bound::Excluded(after.to_owned()));
        let mut following = fitting.range::<String, _>((start.as_ref(), Bound::Unbounded));
        let some: Vec<_> = following.by_ref().take(records.clamp(1, DESCRIBE_RECORDS_MAX)).collect();
        let next = following.next().and_then(|_| some.last().map(|(position, _)| (**position).clone()));
        Page { items: some.into_iter().map(|(_, tag)| Arc::clone(tag)).collect(), next }
    }
}

impl Inner {
    async fn change_tags(
        &self,
        arn: &str,
        change: impl FnOnce(&mut BTreeMap<String, String>),
    ) -> Result<(), ControlError> {
        let missing = || ControlError::ResourceNotFound(arn.to_owned());
        let resource = self.arns.parse(arn).ok_or_else(missing)?;
        let turn = self.turn().await;
        let mut changed = tags_of(&self.read(), &resource).cloned().ok_or_else(missing)?;
        change(&mut changed);
        if changed.len() > tags::TAGS_MAX {
            return Err(ControlError::TagLimit);
        }
        let write = with_tags(&self.read(), &resource, changed).ok_or_else(missing)?;
        self.commit(&turn, write).await
    }

    /// Every tag by its position: the ARN, which has no space, and the key. Bounded by what an administrator has made.
    fn every_tag(&self) -> BTreeMap<String, Arc<Tagged>> {
        let state = self.read();
        let arns = &self.arns;
        let mut all = BTreeMap::new();
        let mut add = |arn: String, resource_type, tags: &BTreeMap<String, String>| {
            for (key, value) in tags {
                let tagged = Tagged { arn: arn.clone(), resource_type, key: key.clone(), value: value.clone() };
                all.insert(format!("{arn} {key}"), Arc::new(tagged));
            }
        };
        for cluster in state.clusters.values() {
            add(arns.redshift("cluster", cluster.identifier.as_str()), TaggedType::Cluster, &cluster.tags);
        }
        for namespace in state.namespaces.values() {
            let arn = arns.serverless("namespace", namespace.warehouse.as_str());
            add(arn, TaggedType::Namespace, &namespace.tags);
        }
        for workgroup in state.workgroups.values() {
            add(arns.serverless("workgroup", &workgroup.id), TaggedType::Workgroup, &workgroup.tags);
        }
        for group in state.parameter_groups.values() {
            add(arns.redshift("parametergroup", &group.name), TaggedType::ParameterGroup, &group.tags);
        }
        for application in state.idc_applications.values() {
            add(application.arn.to_string(), TaggedType::RedshiftIdcApplication, &application.tags);
        }
        for application in state.qev2_applications.values() {
            add(application.arn.to_string(), TaggedType::Qev2IdcApplication, &application.tags);
        }
        for snapshot in state.snapshots.values() {
            add(arns.snapshot(snapshot), TaggedType::Snapshot, &snapshot.tags);
        }
        for group in self.network.snapshot().subnet_groups(None) {
            add(arns.redshift("subnetgroup", &group.name), TaggedType::SubnetGroup, &group.tags);
        }
        all
    }

    /// The name in the ARN of a cluster subnet group, which the networks keep.
    fn subnet_group_in<'a>(&self, arn: &'a str) -> Option<&'a str> {
        arn.strip_prefix(&self.arns.redshift("subnetgroup", ""))
    }
}

fn is_of_family(group: &ParameterGroup) -> bool {
    crate::Family::ALL.into_iter().any(|family| ParameterGroup::of_family(family).name == group.name)
}

fn tags_of<'a>(state: &'a State, resource: &Resource) -> Option<&'a BTreeMap<String, String>> {
    match resource {
        Resource::Cluster(id) => state.clusters.get(id).map(|one| &one.tags),
        Resource::Namespace(id) => state.namespace_of(id).map(|one| &one.tags),
        Resource::Workgroup(id) => state.workgroup_by_id(id).map(|one| &one.tags),
        Resource::IdcApplication(arn) => state.idc_applications.get(arn).map(|one| &one.tags),
        Resource::Qev2Application(arn) => state.qev2_applications.get(arn).map(|one| &one.tags),
        // A family's own group has none and takes none.
        Resource::ParameterGroup(name) => {
            state.parameter_groups.get(name).filter(|group| !is_of_family(group)).map(|one| &one.tags)
        }
        Resource::Snapshot(cluster, identifier) => snapshot(state, cluster, identifier).map(|one| &one.tags),
    }
}

fn with_tags(state: &State, resource: &Resource, tags: BTreeMap<String, String>) -> Option<ControlWrite> {
    Some(match resource {
        Resource::Cluster(id) => {
            let cluster = crate::Cluster::clone(state.clusters.get(id)?);
            ControlWrite::PutCluster(Box::new(crate::Cluster { tags, ..cluster }))
        }
        Resource::Namespace(id) => {
            ControlWrite::PutNamespace(Namespace { tags, ..Namespace::clone(state.namespace_of(id)?) })
        }
        Resource::Workgroup(id) => {
            ControlWrite::PutWorkgroup(crate::Workgroup { tags, ..crate::Workgroup::clone(state.workgroup_by_id(id)?) })
        }
        Resource::IdcApplication(arn) => {
            let application = RedshiftIdcApplication::clone(state.idc_applications.get(arn)?);
            ControlWrite::PutIdcApplication(RedshiftIdcApplication { tags, ..application })
        }
        Resource::Qev2Application(arn) => {
            let application = Qev2IdcApplication::clone(state.qev2_applications.get(arn)?);
            ControlWrite::PutQev2Application(Qev2IdcApplication { tags, ..application })
        }
        Resource::ParameterGroup(name) => {
            let group = ParameterGroup::clone(state.parameter_groups.get(name)?);
            ControlWrite::PutParameterGroup(ParameterGroup { tags, ..group })
        }
        Resource::Snapshot(cluster, identifier) => {
            let snapshot = Snapshot::clone(snapshot(state, cluster, identifier)?);
            ControlWrite::PutSnapshot(Snapshot { tags, ..snapshot })
        }
    })
}

fn snapshot<'a>(state: &'a State, cluster: &ClusterId, identifier: &str) -> Option<&'a Arc<Snapshot>> {
    state.snapshots.get(identifier).filter(|one| one.source.identifier == *cluster)
}
