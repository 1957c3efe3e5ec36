//! Ports in memory.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use base::FixedClock;
use center::{Center, CenterStore, CenterStoreError, CenterWrite, StoredCenter};
use time::OffsetDateTime;

use crate::{Control, ControlError, ControlStore, ControlStoreError, ControlWrite, StoredControl};

#[derive(Debug, Default)]
pub(super) struct MemoryStore {
    center: Mutex<StoredCenter>,
    control: Mutex<StoredControl>,
    pub(super) broken: AtomicBool,
}

#[async_trait::async_trait]
impl CenterStore for MemoryStore {
    async fn load(&self) -> Result<StoredCenter, CenterStoreError> {
        Ok(self.center.lock().unwrap().clone())
    }

    async fn apply(&self, write: CenterWrite) -> Result<(), CenterStoreError> {
        let mut stored = self.center.lock().unwrap();
        match write {
            CenterWrite::CreateInstance(instance) => stored.instance = Some(instance),
            CenterWrite::CreateApplication(application) => stored.applications.push(application),
            CenterWrite::DeleteApplication(arn) => stored.applications.retain(|one| one.arn != arn),
            CenterWrite::CreateAssignment(arn, principal) => stored.assignments.push((arn, principal)),
            CenterWrite::DeleteAssignment(..) | CenterWrite::DeletePrincipal(_) => {}
        }
        Ok(())
    }
}

#[async_trait::async_trait]
impl ControlStore for MemoryStore {
    async fn load(&self) -> Result<StoredControl, ControlStoreError> {
        Ok(self.control.lock().unwrap().clone())
    }

    async fn apply(&self, write: ControlWrite) -> Result<(), ControlStoreError> {
        if self.broken.load(Ordering::Relaxed) {
            return Err(ControlStoreError("disk full".to_owned()));
        }
        let mut stored = self.control.lock().unwrap();
        match write {
            ControlWrite::CreateIdcApplication(application) => stored.idc_applications.push(application),
            ControlWrite::DeleteIdcApplication(arn) => {
                stored.idc_applications.retain(|one| one.arn != arn);
                for cluster in &mut stored.clusters {
                    cluster.idc_application.take_if(|given| *given == arn);
                }
            }
            ControlWrite::PutCluster(cluster) => {
                stored.clusters.retain(|one| one.identifier != cluster.identifier);
                stored.clusters.push(cluster);
            }
        }
        Ok(())
    }
}

pub(super) struct World {
    pub(super) store: Arc<MemoryStore>,
    pub(super) clock: Arc<FixedClock>,
    pub(super) center: Arc<Center>,
    pub(super) control: Control,
}

impl World {
    pub(super) async fn new() -> Self {
        Self::on(Arc::default()).await.unwrap()
    }

    /// A start on what `store` holds.
    pub(super) async fn on(store: Arc<MemoryStore>) -> Result<Self, ControlError> {
        let clock = Arc::new(FixedClock::at(OffsetDateTime::from_unix_timestamp(1_772_323_170).unwrap()));
        let center = Center::open(store.clone(), clock.clone(), "123456789012", "us-east-1").await?;
        let center = Arc::new(center);
        let control = Control::open(store.clone(), clock.clone(), Arc::clone(&center)).await?;
        Ok(Self { store, clock, center, control })
    }
}
