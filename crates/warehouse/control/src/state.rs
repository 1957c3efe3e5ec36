//! What is in memory, indexed for every question that is asked of it.

use std::collections::BTreeMap;
use std::ops::Bound;
use std::sync::Arc;

use base::id::{ApplicationArn, ClusterId, RedshiftIdcApplicationArn};

use crate::{Cluster, ControlWrite, Page, RedshiftIdcApplication, StoredControl};

#[derive(Debug, Default)]
pub(crate) struct State {
    pub(crate) idc_applications: BTreeMap<RedshiftIdcApplicationArn, Arc<RedshiftIdcApplication>>,
    by_name: BTreeMap<String, RedshiftIdcApplicationArn>,
    by_managed: BTreeMap<ApplicationArn, RedshiftIdcApplicationArn>,
    pub(crate) clusters: BTreeMap<ClusterId, Arc<Cluster>>,
}

impl State {
    pub(crate) fn load(stored: StoredControl) -> Self {
        let mut state = Self::default();
        for application in stored.idc_applications {
            state.apply(&ControlWrite::CreateIdcApplication(application));
        }
        for cluster in stored.clusters {
            state.apply(&ControlWrite::PutCluster(cluster));
        }
        state
    }

    pub(crate) fn has_name(&self, name: &str) -> bool {
        self.by_name.contains_key(name)
    }

    pub(crate) fn by_managed(&self, arn: &ApplicationArn) -> Option<&Arc<RedshiftIdcApplication>> {
        self.idc_applications.get(self.by_managed.get(arn)?)
    }

    pub(crate) fn apply(&mut self, write: &ControlWrite) {
        match write {
            ControlWrite::CreateIdcApplication(application) => {
                let arn = &application.arn;
                self.by_name.insert(application.name.clone(), arn.clone());
                self.by_managed.insert(application.idc_managed_application_arn.clone(), arn.clone());
                self.idc_applications.insert(arn.clone(), Arc::new(application.clone()));
            }
            ControlWrite::DeleteIdcApplication(arn) => {
                if let Some(application) = self.idc_applications.remove(arn) {
                    self.by_name.remove(&application.name);
                    self.by_managed.remove(&application.idc_managed_application_arn);
                }
                for cluster in self.clusters.values_mut().filter(|one| one.idc_application.as_ref() == Some(arn)) {
                    Arc::make_mut(cluster).idc_application = None;
                }
            }
            ControlWrite::PutCluster(cluster) => {
                self.clusters.insert(cluster.identifier.clone(), Arc::new(cluster.clone()));
            }
        }
    }
}

/// At most `records` items that follow `after`.
pub(crate) fn page<K: Ord + ToString, T>(map: &BTreeMap<K, Arc<T>>, after: Option<&K>, records: usize) -> Page<T> {
    let mut following = map.range((after.map_or(Bound::Unbounded, Bound::Excluded), Bound::Unbounded));
    let some: Vec<_> = following.by_ref().take(records).collect();
    let next = following.next().and_then(|_| some.last().map(|(key, _)| key.to_string()));
    Page { items: some.into_iter().map(|(_, item)| Arc::clone(item)).collect(), next }
}
