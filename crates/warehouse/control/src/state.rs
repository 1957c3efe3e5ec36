//! What is in memory, indexed for every question that is asked of it.

use std::collections::BTreeMap;
use std::ops::Bound;
use std::sync::Arc;

use base::id::{
    ApplicationArn, ClusterId, NamespaceName, Qev2IdcApplicationArn, RedshiftIdcApplicationArn, WarehouseId,
    WorkgroupName,
};

use crate::parameter_group::settings_of_config;
use crate::route::{EndpointName, Endpoints, ServedEndpoint};
use crate::{
    Cluster, ClusterStatus, ControlWrite, Family, ManagedSecret, Namespace, Page, ParameterGroup, Qev2IdcApplication,
    RedshiftIdcApplication, Restored, Snapshot, SqlEndpoints, StoredControl, WarehouseSettings, Workgroup,
};

/// What a warehouse's data belongs to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Owner {
    Cluster(ClusterId),
    Namespace(NamespaceName),
}

#[derive(Debug)]
pub(crate) struct State {
    default_port: u16,
    pub(crate) endpoints: Endpoints,
    pub(crate) clusters: BTreeMap<ClusterId, Arc<Cluster>>,
    pub(crate) namespaces: BTreeMap<NamespaceName, Arc<Namespace>>,
    pub(crate) workgroups: BTreeMap<WorkgroupName, Arc<Workgroup>>,
    pub(crate) owners: BTreeMap<WarehouseId, Owner>,
    workgroup_of: BTreeMap<NamespaceName, WorkgroupName>,
    workgroup_ids: BTreeMap<String, WorkgroupName>,
    pub(crate) idc_applications: BTreeMap<RedshiftIdcApplicationArn, Arc<RedshiftIdcApplication>>,
    idc_names: BTreeMap<String, RedshiftIdcApplicationArn>,
    idc_managed: BTreeMap<ApplicationArn, RedshiftIdcApplicationArn>,
    pub(crate) qev2_applications: BTreeMap<Qev2IdcApplicationArn, Arc<Qev2IdcApplication>>,
    qev2_names: BTreeMap<String, Qev2IdcApplicationArn>,
    qev2_managed: BTreeMap<ApplicationArn, Qev2IdcApplicationArn>,
    /// By identifier.
    pub(crate) snapshots: BTreeMap<String, Arc<Snapshot>>,
    pub(crate) restored: BTreeMap<WarehouseId, Arc<Restored>>,
    /// With the families' own.
    pub(crate) parameter_groups: BTreeMap<String, Arc<ParameterGroup>>,
    /// Which warehouse has which managed password, by its name.
    secrets: BTreeMap<String, WarehouseId>,
    pub(crate) cluster_made: bool,
}

impl State {
    pub(crate) fn load(stored: StoredControl, sql: &SqlEndpoints) -> Self {
        let mut state = Self {
            default_port: sql.port,
            endpoints: Endpoints::new(&sql.host),
            clusters: BTreeMap::new(),
            namespaces: BTreeMap::new(),
            workgroups: BTreeMap::new(),
            owners: BTreeMap::new(),
            workgroup_of: BTreeMap::new(),
            workgroup_ids: BTreeMap::new(),
            idc_applications: BTreeMap::new(),
            idc_names: BTreeMap::new(),
            idc_managed: BTreeMap::new(),
            qev2_applications: BTreeMap::new(),
            qev2_names: BTreeMap::new(),
            qev2_managed: BTreeMap::new(),
            snapshots: BTreeMap::new(),
            restored: BTreeMap::new(),
            parameter_groups: default_groups(),
            secrets: BTreeMap::new(),
            cluster_made: stored.cluster_made,
        };
        let writes = stored.idc_applications.into_iter().map(ControlWrite::PutIdcApplication);
        let writes = writes.chain(stored.qev2_applications.into_iter().map(ControlWrite::PutQev2Application));
        let writes = writes.chain(stored.parameter_groups.into_iter().map(ControlWrite::PutParameterGroup));
        let writes =
            writes.chain(stored.clusters.into_iter().map(|cluster| ControlWrite::PutCluster(Box::new(cluster))));
        let writes = writes.chain(stored.namespaces.into_iter().map(ControlWrite::PutNamespace));
        let writes = writes.chain(stored.snapshots.into_iter().map(ControlWrite::PutSnapshot));
        let writes = writes.chain(stored.restored.into_iter().map(ControlWrite::PutRestored));
        for write in writes.chain(stored.workgroups.into_iter().map(ControlWrite::PutWorkgroup)) {
            state.apply(write);
        }
        state
    }

    pub(crate) fn idc_application_named(&self, name: &str) -> bool {
        self.idc_names.contains_key(name)
    }

    pub(crate) fn qev2_application_named(&self, name: &str) -> bool {
        self.qev2_names.contains_key(name)
    }

    pub(crate) fn idc_application_by_managed(&self, arn: &ApplicationArn) -> Option<&Arc<RedshiftIdcApplication>> {
        self.idc_applications.get(self.idc_managed.get(arn)?)
    }

    /// Whether one of our applications has this managed application.
    pub(crate) fn manages(&self, arn: &ApplicationArn) -> bool {
        self.idc_managed.contains_key(arn) || self.qev2_managed.contains_key(arn)
    }

    pub(crate) fn cluster_of(&self, id: &WarehouseId) -> Option<&Arc<Cluster>> {
        match self.owners.get(id)? {
            Owner::Cluster(identifier) => self.clusters.get(identifier),
            Owner::Namespace(_) => None,
        }
    }

    pub(crate) fn namespace_of(&self, id: &WarehouseId) -> Option<&Arc<Namespace>> {
        match self.owners.get(id)? {
            Owner::Cluster(_) => None,
            Owner::Namespace(name) => self.namespaces.get(name),
        }
    }

    pub(crate) fn workgroup_of(&self, namespace: &NamespaceName) -> Option<&Arc<Workgroup>> {
        self.workgroups.get(self.workgroup_of.get(namespace)?)
    }

    pub(crate) fn workgroup_by_id(&self, id: &str) -> Option<&Arc<Workgroup>> {
        self.workgroups.get(self.workgroup_ids.get(id)?)
    }

    /// The number that is listened on for a stored port; 0 is the default listener's.
    pub(crate) const fn listened(&self, port: u16) -> u16 {
        if port == 0 { self.default_port } else { port }
    }

    pub(crate) fn apply(&mut self, write: ControlWrite) {
        match write {
            ControlWrite::PutIdcApplication(application) => {
                self.idc_names.insert(application.name.clone(), application.arn.clone());
                self.idc_managed.insert(application.idc_managed_application_arn.clone(), application.arn.clone());
                self.idc_applications.insert(application.arn.clone(), Arc::new(application));
            }
            ControlWrite::DeleteIdcApplication(arn) => self.delete_idc_application(&arn),
            ControlWrite::PutQev2Application(application) => {
                self.qev2_names.insert(application.name.clone(), application.arn.clone());
                self.qev2_managed.insert(application.idc_managed_application_arn.clone(), application.arn.clone());
                self.qev2_applications.insert(application.arn.clone(), Arc::new(application));
            }
            ControlWrite::DeleteQev2Application(arn) => {
                if let Some(application) = self.qev2_applications.remove(&arn) {
                    self.qev2_names.remove(&application.name);
                    self.qev2_managed.remove(&application.idc_managed_application_arn);
                }
            }
            ControlWrite::PutCluster(cluster) => self.put_cluster(*cluster),
            ControlWrite::DeleteCluster(id) => {
                self.delete_cluster(&id);
                self.restored.remove(&id);
            }
            ControlWrite::PutSnapshot(snapshot) => {
                self.snapshots.insert(snapshot.identifier.clone(), Arc::new(snapshot));
            }
            ControlWrite::DeleteSnapshot(id) => self.snapshots.retain(|_, snapshot| snapshot.id != id),
            ControlWrite::PutRestored(restored) => {
                self.restored.insert(restored.warehouse.clone(), Arc::new(restored));
            }
            ControlWrite::PutNamespace(namespace) => {
                self.put_secret(&namespace.warehouse, namespace.admin_secret.as_ref());
                self.owners.insert(namespace.warehouse.clone(), Owner::Namespace(namespace.name.clone()));
                self.namespaces.insert(namespace.name.clone(), Arc::new(namespace));
            }
            ControlWrite::DeleteNamespace(name) => {
                if let Some(namespace) = self.namespaces.remove(&name) {
                    self.put_secret(&namespace.warehouse, None);
                    self.owners.remove(&namespace.warehouse);
                }
            }
            ControlWrite::PutParameterGroup(group) => {
                self.parameter_groups.insert(group.name.clone(), Arc::new(group));
            }
            ControlWrite::DeleteParameterGroup(name) => {
                self.parameter_groups.remove(&name);
            }
            ControlWrite::PutWorkgroup(workgroup) => self.put_workgroup(workgroup),
            ControlWrite::DeleteWorkgroup(name) => {
                if let Some(workgroup) = self.workgroups.remove(&name) {
                    self.workgroup_of.remove(&workgroup.namespace);
                    self.workgroup_ids.remove(&workgroup.id);
                    self.endpoints.remove(&EndpointName::Workgroup(name));
                }
            }
        }
    }

    fn delete_idc_application(&mut self, arn: &RedshiftIdcApplicationArn) {
        if let Some(application) = self.idc_applications.remove(arn) {
            self.idc_names.remove(&application.name);
            self.idc_managed.remove(&application.idc_managed_application_arn);
        }
        for cluster in self.clusters.values_mut().filter(|one| one.idc_application.as_ref() == Some(arn)) {
            Arc::make_mut(cluster).idc_application = None;
        }
        for namespace in self.namespaces.values_mut().filter(|one| one.idc_application.as_ref() == Some(arn)) {
            Arc::make_mut(namespace).idc_application = None;
        }
    }

    fn put_cluster(&mut self, cluster: Cluster) {
        self.delete_cluster(&cluster.warehouse);
        self.cluster_made |= cluster.status == ClusterStatus::Available;
        let endpoint = ServedEndpoint {
            warehouse: cluster.warehouse.clone(),
            port: self.listened(cluster.port),
            state: cluster.status.endpoint_state(),
            publicly_accessible: cluster.publicly_accessible,
            attachment: cluster.attachment(),
            created: cluster.created,
        };
        self.endpoints.put(EndpointName::Cluster(cluster.identifier.clone()), endpoint);
        self.put_secret(&cluster.warehouse, cluster.master_secret.as_ref());
        self.owners.insert(cluster.warehouse.clone(), Owner::Cluster(cluster.identifier.clone()));
        self.clusters.insert(cluster.identifier.clone(), Arc::new(cluster));
    }

    fn delete_cluster(&mut self, id: &WarehouseId) {
        if let Some(Owner::Cluster(identifier)) = self.owners.get(id).cloned() {
            self.owners.remove(id);
            self.put_secret(id, None);
            self.clusters.remove(&identifier);
            self.endpoints.remove(&EndpointName::Cluster(identifier));
        }
    }

    /// The managed password that a warehouse's administrator has from now on, or none.
    fn put_secret(&mut self, warehouse: &WarehouseId, secret: Option<&ManagedSecret>) {
        self.secrets.retain(|_, one| one != warehouse);
        if let Some(secret) = secret {
            self.secrets.insert(secret.name.clone(), warehouse.clone());
        }
    }

    /// The managed passwords, by name: which warehouse has it.
    pub(crate) const fn secrets(&self) -> &BTreeMap<String, WarehouseId> {
        &self.secrets
    }

    /// What sessions of a warehouse begin with. A namespace has its workgroup's.
    pub(crate) fn settings_of(&self, id: &WarehouseId) -> WarehouseSettings {
        match self.owners.get(id) {
            Some(Owner::Cluster(identifier)) => {
                self.clusters.get(identifier).map(|cluster| cluster.applied.settings()).unwrap_or_default()
            }
            Some(Owner::Namespace(name)) => {
                self.workgroup_of(name).map(|workgroup| settings_of_config(&workgroup.config)).unwrap_or_default()
            }
            None => WarehouseSettings::default(),
        }
    }

    fn put_workgroup(&mut self, workgroup: Workgroup) {
        // The store's foreign key: a workgroup without its namespace isn't there.
        if let Some(namespace) = self.namespaces.get(&workgroup.namespace) {
            let endpoint = ServedEndpoint {
                warehouse: namespace.warehouse.clone(),
                port: self.listened(workgroup.port.unwrap_or_default()),
                state: workgroup.status.endpoint_state(),
                publicly_accessible: workgroup.publicly_accessible,
                attachment: workgroup.attachment(),
                created: workgroup.created,
            };
            self.endpoints.put(EndpointName::Workgroup(workgroup.name.clone()), endpoint);
        }
        self.workgroup_of.insert(workgroup.namespace.clone(), workgroup.name.clone());
        self.workgroup_ids.insert(workgroup.id.clone(), workgroup.name.clone());
        self.workgroups.insert(workgroup.name.clone(), Arc::new(workgroup));
    }
}

fn default_groups() -> BTreeMap<String, Arc<ParameterGroup>> {
    let groups = Family::ALL.map(ParameterGroup::of_family);
    groups.into_iter().map(|group| (group.name.clone(), Arc::new(group))).collect()
}

/// At most `records` items that follow `after`.
pub(crate) fn page<K: Ord + ToString, T>(map: &BTreeMap<K, Arc<T>>, after: Option<&K>, records: usize) -> Page<T> {
    let mut following = map.range((after.map_or(Bound::Unbounded, Bound::Excluded), Bound::Unbounded));
    let some: Vec<_> = following.by_ref().take(records).collect();
    let next = following.next().and_then(|_| some.last().map(|(key, _)| key.to_string()));
    Page { items: some.into_iter().map(|(_, item)| Arc::clone(item)).collect(), next }
}
