//! Ports in memory. Store, Identity Center and host spend the same power: without any, each of them fails, as after a kill -9.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

use base::id::{ClusterId, InstanceArn, NamespaceName, SnapshotId, WarehouseId, WorkgroupName};
use base::{FixedClock, Sealer, Secret};
use center::{Center, CenterStore, CenterStoreError, CenterWrite, StoredCenter};
use time::OffsetDateTime;
use tokio::sync::Semaphore;

use crate::{
    Closing, ClusterOptions, ClusterStatus, Control, ControlError, ControlParts, ControlStore, ControlStoreError,
    ControlWrite, CopyProgress, HostError, NewCluster, NewNamespace, NewRedshiftIdcApplication, NewWorkgroup,
    SqlEndpoints, StoredControl, WarehouseHost, WarehouseRecord, WarehouseSettings, WarehouseSpec,
};

/// Effects that are left; `None` is no end.
#[derive(Debug, Default)]
pub(super) struct Power(Mutex<Option<usize>>);

impl Power {
    pub(super) fn limit(&self, effects: Option<usize>) {
        *self.0.lock().unwrap() = effects;
    }

    pub(super) fn is_out(&self) -> bool {
        *self.0.lock().unwrap() == Some(0)
    }

    fn spend(&self) -> bool {
        let mut left = self.0.lock().unwrap();
        match left.as_mut() {
            None => true,
            Some(0) => false,
            Some(left) => {
                *left -= 1;
                true
            }
        }
    }
}

/// What a machine keeps over restarts.
#[derive(Debug, Default)]
pub(super) struct Disk {
    center: Mutex<StoredCenter>,
    control: Mutex<StoredControl>,
    network: Arc<network::MemoryStore>,
    /// Files of warehouses, with the password of the administrator.
    pub(super) warehouses: Mutex<BTreeMap<WarehouseId, String>>,
    /// Files of snapshots, with the password in them.
    pub(super) snapshots: Mutex<BTreeMap<SnapshotId, String>>,
    pub(super) power: Power,
}

#[async_trait::async_trait]
impl CenterStore for Disk {
    async fn load(&self) -> Result<StoredCenter, CenterStoreError> {
        Ok(self.center.lock().unwrap().clone())
    }

    async fn apply(&self, write: CenterWrite) -> Result<(), CenterStoreError> {
        if !self.power.spend() {
            return Err(CenterStoreError("no power".to_owned()));
        }
        let mut stored = self.center.lock().unwrap();
        match write {
            CenterWrite::CreateInstance(instance) => stored.instance = Some(instance),
            CenterWrite::PutInstanceSettings(settings) => stored.settings = settings,
            CenterWrite::PutApplication(application) => {
                stored.applications.retain(|one| one.arn != application.arn);
                stored.applications.push(application);
            }
            CenterWrite::DeleteApplication(arn) => stored.applications.retain(|one| one.arn != arn),
            CenterWrite::CreateAssignment(arn, principal) => stored.assignments.push((arn, principal)),
            CenterWrite::DeleteAssignment(..) | CenterWrite::DeletePrincipal(_) => {}
        }
        Ok(())
    }
}

#[async_trait::async_trait]
impl ControlStore for Disk {
    async fn load(&self) -> Result<StoredControl, ControlStoreError> {
        Ok(self.control.lock().unwrap().clone())
    }

    async fn apply(&self, write: ControlWrite) -> Result<(), ControlStoreError> {
        if !self.power.spend() {
            return Err(ControlStoreError("no power".to_owned()));
        }
        let mut stored = self.control.lock().unwrap();
        match write {
            ControlWrite::PutIdcApplication(application) => {
                stored.idc_applications.retain(|one| one.arn != application.arn);
                stored.idc_applications.push(application);
            }
            ControlWrite::DeleteIdcApplication(arn) => {
                stored.idc_applications.retain(|one| one.arn != arn);
                for cluster in &mut stored.clusters {
                    cluster.idc_application.take_if(|given| *given == arn);
                }
                for namespace in &mut stored.namespaces {
                    namespace.idc_application.take_if(|given| *given == arn);
                }
            }
            ControlWrite::PutQev2Application(application) => {
                stored.qev2_applications.retain(|one| one.arn != application.arn);
                stored.qev2_applications.push(application);
            }
            ControlWrite::DeleteQev2Application(arn) => stored.qev2_applications.retain(|one| one.arn != arn),
            ControlWrite::PutCluster(cluster) => {
                stored.cluster_made |= cluster.status == ClusterStatus::Available;
                stored.clusters.retain(|one| one.warehouse != cluster.warehouse);
                stored.clusters.push(*cluster);
            }
            ControlWrite::DeleteCluster(id) => {
                stored.clusters.retain(|one| one.warehouse != id);
                stored.restored.retain(|one| one.warehouse != id);
            }
            ControlWrite::PutSnapshot(snapshot) => {
                stored.snapshots.retain(|one| one.id != snapshot.id);
                stored.snapshots.push(snapshot);
            }
            ControlWrite::DeleteSnapshot(id) => stored.snapshots.retain(|one| one.id != id),
            ControlWrite::PutRestored(restored) => stored.restored.push(restored),
            ControlWrite::PutParameterGroup(group) => {
                stored.parameter_groups.retain(|one| one.name != group.name);
                stored.parameter_groups.push(group);
            }
            ControlWrite::DeleteParameterGroup(name) => stored.parameter_groups.retain(|one| one.name != name),
            ControlWrite::PutNamespace(namespace) => {
                stored.namespaces.retain(|one| one.name != namespace.name);
                stored.namespaces.push(namespace);
            }
            ControlWrite::DeleteNamespace(name) => stored.namespaces.retain(|one| one.name != name),
            ControlWrite::PutWorkgroup(workgroup) => {
                stored.workgroups.retain(|one| one.name != workgroup.name);
                stored.workgroups.push(workgroup);
            }
            ControlWrite::DeleteWorkgroup(name) => stored.workgroups.retain(|one| one.name != name),
        }
        Ok(())
    }
}

/// One run of what serves warehouses.
#[derive(Debug)]
pub(super) struct FakeHost {
    disk: Arc<Disk>,
    pub(super) specs: Mutex<Vec<WarehouseSpec>>,
    /// Those that are open, and why others were closed.
    pub(super) open: Mutex<BTreeSet<WarehouseId>>,
    pub(super) closed: Mutex<Vec<(WarehouseId, Closing)>>,
    pub(super) listening: Mutex<BTreeSet<u16>>,
    pub(super) ended: Mutex<Vec<WarehouseId>>,
    /// Those whose sessions from public addresses ended.
    pub(super) withdrawn: Mutex<Vec<WarehouseId>>,
    /// Those whose sessions that no security group admits any more ended.
    pub(super) unadmitted: Mutex<Vec<WarehouseId>>,
    /// What was applied last.
    pub(super) settings: Mutex<BTreeMap<WarehouseId, WarehouseSettings>>,
    /// Ports that another program has.
    pub(super) taken: Mutex<BTreeSet<u16>>,
    /// Why the next creates or deletes fail.
    pub(super) refuse: Mutex<Option<HostError>>,
    /// A create takes a permit, so that a test can hold one up.
    pub(super) pace: Semaphore,
    /// One permit for each create that has begun.
    pub(super) begun: Semaphore,
}

impl FakeHost {
    fn new(disk: Arc<Disk>) -> Self {
        Self {
            disk,
            specs: Mutex::default(),
            open: Mutex::default(),
            closed: Mutex::default(),
            listening: Mutex::default(),
            ended: Mutex::default(),
            withdrawn: Mutex::default(),
            unadmitted: Mutex::default(),
            settings: Mutex::default(),
            taken: Mutex::default(),
            refuse: Mutex::default(),
            pace: Semaphore::new(1000),
            begun: Semaphore::new(0),
        }
    }

    fn effect(&self) -> Result<(), HostError> {
        if !self.disk.power.spend() {
            return Err(HostError::Failed("no power".to_owned()));
        }
        self.refuse.lock().unwrap().clone().map_or(Ok(()), Err)
    }
}

#[async_trait::async_trait]
impl WarehouseHost for FakeHost {
    fn is_in_service(&self, id: &WarehouseId) -> bool {
        self.open.lock().unwrap().contains(id)
    }

    async fn close_warehouse(&self, id: &WarehouseId, why: Closing) -> Result<(), HostError> {
        self.effect()?;
        if self.open.lock().unwrap().remove(id) {
            self.closed.lock().unwrap().push((id.clone(), why));
        }
        Ok(())
    }

    async fn open_warehouse(&self, record: &WarehouseRecord) -> Result<(), HostError> {
        self.effect()?;
        self.settings.lock().unwrap().insert(record.id.clone(), record.settings.clone());
        self.open.lock().unwrap().insert(record.id.clone());
        Ok(())
    }

    async fn take_snapshot(
        &self,
        id: &WarehouseId,
        snapshot: &SnapshotId,
        progress: &Arc<CopyProgress>,
    ) -> Result<u64, HostError> {
        self.begun.add_permits(1);
        progress.note(1 << 20, 4 << 20);
        self.disk.snapshots.lock().unwrap().insert(snapshot.clone(), "half".to_owned());
        self.pace.acquire().await.unwrap().forget();
        self.effect()?;
        let data = self.disk.warehouses.lock().unwrap()[id].clone();
        self.disk.snapshots.lock().unwrap().insert(snapshot.clone(), data);
        Ok(4 << 20)
    }

    async fn copy_snapshot(&self, from: &SnapshotId, to: &SnapshotId) -> Result<(), HostError> {
        self.effect()?;
        let data = self.disk.snapshots.lock().unwrap()[from].clone();
        self.disk.snapshots.lock().unwrap().insert(to.clone(), data);
        Ok(())
    }

    async fn remove_snapshot(&self, id: &SnapshotId) -> Result<(), HostError> {
        if !self.disk.power.spend() {
            return Err(HostError::Failed("no power".to_owned()));
        }
        self.disk.snapshots.lock().unwrap().remove(id);
        Ok(())
    }

    async fn restore(
        &self,
        record: &WarehouseRecord,
        snapshot: &SnapshotId,
        progress: &Arc<CopyProgress>,
    ) -> Result<(), HostError> {
        self.begun.add_permits(1);
        progress.note(1 << 20, 4 << 20);
        self.disk.warehouses.lock().unwrap().insert(record.id.clone(), "half".to_owned());
        self.pace.acquire().await.unwrap().forget();
        self.effect()?;
        let data = self.disk.snapshots.lock().unwrap()[snapshot].clone();
        self.disk.warehouses.lock().unwrap().insert(record.id.clone(), data);
        self.open.lock().unwrap().insert(record.id.clone());
        Ok(())
    }

    async fn create(&self, spec: &WarehouseSpec) -> Result<(), HostError> {
        self.begun.add_permits(1);
        self.pace.acquire().await.unwrap().forget();
        // Files come first, so that a create that fails leaves some.
        self.disk.warehouses.lock().unwrap().insert(spec.id.clone(), spec.admin_password.expose().clone());
        self.effect()?;
        self.open.lock().unwrap().insert(spec.id.clone());
        self.specs.lock().unwrap().push(spec.clone());
        Ok(())
    }

    async fn delete(&self, id: &WarehouseId) -> Result<(), HostError> {
        if !self.disk.power.spend() {
            return Err(HostError::Failed("no power".to_owned()));
        }
        self.disk.warehouses.lock().unwrap().remove(id);
        self.open.lock().unwrap().remove(id);
        Ok(())
    }

    async fn set_admin_password(&self, id: &WarehouseId, _: &str, password: &Secret<String>) -> Result<(), HostError> {
        self.begun.add_permits(1);
        self.pace.acquire().await.unwrap().forget();
        self.effect()?;
        if password.expose().len() < 8 {
            return Err(HostError::Invalid("password must contain at least 8 characters".to_owned()));
        }
        self.disk.warehouses.lock().unwrap().insert(id.clone(), password.expose().clone());
        Ok(())
    }

    async fn end_sessions(&self, id: &WarehouseId) {
        self.ended.lock().unwrap().push(id.clone());
    }

    async fn end_public_sessions(&self, id: &WarehouseId) {
        self.withdrawn.lock().unwrap().push(id.clone());
    }

    async fn end_unadmitted(&self, id: &WarehouseId) {
        self.unadmitted.lock().unwrap().push(id.clone());
    }

    async fn apply_settings(&self, id: &WarehouseId, settings: &WarehouseSettings) {
        self.settings.lock().unwrap().insert(id.clone(), settings.clone());
    }

    async fn listen(&self, port: u16) -> Result<(), HostError> {
        if self.taken.lock().unwrap().contains(&port) {
            return Err(HostError::PortInUse { port, cause: "address in use".to_owned() });
        }
        if !self.disk.power.spend() {
            return Err(HostError::Failed("no power".to_owned()));
        }
        self.listening.lock().unwrap().insert(port);
        Ok(())
    }

    async fn close(&self, port: u16) {
        assert!(self.listening.lock().unwrap().remove(&port), "{port} was not listened on");
    }
}

/// One run on a disk.
pub(super) struct World {
    pub(super) disk: Arc<Disk>,
    pub(super) clock: Arc<FixedClock>,
    pub(super) center: Arc<Center>,
    pub(super) network: Arc<network::Network>,
    pub(super) host: Arc<FakeHost>,
    pub(super) control: Arc<Control>,
}

impl World {
    pub(super) async fn new() -> Self {
        Self::on(Arc::default()).await
    }

    /// A start on what `disk` holds.
    pub(super) async fn on(disk: Arc<Disk>) -> Self {
        let world = Self::unattached(disk).await.unwrap();
        world.host.open.lock().unwrap().extend(world.control.warehouses().into_iter().map(|one| one.id));
        world.control.attach(world.host.clone()).await.unwrap();
        world
    }

    pub(super) async fn restarted(&self) -> Self {
        Self::on(Arc::clone(&self.disk)).await
    }

    pub(super) async fn unattached(disk: Arc<Disk>) -> Result<Self, ControlError> {
        let clock = Arc::new(FixedClock::at(OffsetDateTime::from_unix_timestamp(1_772_323_170).unwrap()));
        let center = Center::open(disk.clone(), clock.clone(), "123456789012", "us-east-1").await?;
        let center = Arc::new(center);
        let endpoints = SqlEndpoints { host: "127.0.0.1".to_owned(), port: 5439, domain: "localhost".to_owned() };
        let network = network::Network::open(disk.network.clone(), clock.clone(), "123456789012", "us-east-1");
        let network = Arc::new(network.await?);
        let control = Control::open(ControlParts {
            store: disk.clone(),
            clock: clock.clone(),
            center: Arc::clone(&center),
            network: Arc::clone(&network),
            sealer: Arc::new(Sealer::new(&Secret::new(vec![7; 32])).unwrap()),
            endpoints,
        });
        let control = control.await?;
        let host = Arc::new(FakeHost::new(Arc::clone(&disk)));
        Ok(Self { disk, clock, center, network, host, control: Arc::new(control) })
    }

    pub(super) fn files(&self) -> Vec<WarehouseId> {
        self.disk.warehouses.lock().unwrap().keys().cloned().collect()
    }

    pub(super) fn listening(&self) -> Vec<u16> {
        self.host.listening.lock().unwrap().iter().copied().collect()
    }

    pub(super) async fn application(&self, name: &str) -> Arc<crate::RedshiftIdcApplication> {
        let new = new_application(&self.center.instance().arn, name);
        self.control.create_idc_application(new).await.unwrap()
    }
}

pub(super) fn new_application(instance: &InstanceArn, name: &str) -> NewRedshiftIdcApplication {
    NewRedshiftIdcApplication {
        name: name.to_owned(),
        idc_instance_arn: instance.clone(),
        idc_display_name: "Redshift-IdC".to_owned(),
        identity_namespace: Some("awsidc".to_owned()),
        iam_role_arn: role("EspressoRedshiftRole"),
        redshift_connect: None,
        tags: BTreeMap::new(),
    }
}

pub(super) fn new_cluster(identifier: &str) -> NewCluster {
    NewCluster {
        identifier: ClusterId::new(identifier),
        node_type: "ra3.large".to_owned(),
        master_username: "awsuser".to_owned(),
        master_password: Secret::from("Passw0rd").into(),
        db_name: None,
        port: None,
        idc_application: None,
        iam_roles: Vec::new(),
        default_iam_role: None,
        publicly_accessible: false,
        tags: BTreeMap::new(),
        options: ClusterOptions::default(),
    }
}

pub(super) fn new_namespace(name: &str) -> NewNamespace {
    NewNamespace {
        name: NamespaceName::new(name),
        admin_username: None,
        admin_password: None,
        manage_admin_password: false,
        db_name: None,
        idc_application: None,
        iam_roles: Vec::new(),
        default_iam_role: None,
        tags: BTreeMap::new(),
    }
}

pub(super) fn new_workgroup(name: &str, namespace: &str) -> NewWorkgroup {
    NewWorkgroup {
        name: WorkgroupName::new(name),
        namespace: NamespaceName::new(namespace),
        port: None,
        publicly_accessible: false,
        tags: BTreeMap::new(),
        security_group_ids: Vec::new(),
        subnet_ids: Vec::new(),
        config: BTreeMap::new(),
    }
}

pub(super) fn role(name: &str) -> String {
    format!("arn:aws:iam::123456789012:role/{name}")
}

pub(super) fn tags(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
}
