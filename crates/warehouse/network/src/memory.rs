//! A store that forgets everything when it is dropped.

use std::sync::{Mutex, PoisonError};

use crate::snapshot::Snapshot;
use crate::{NetworkStore, NetworkStoreError, NetworkWrite, StoredNetwork};

/// Keeps networks in memory: for tests. It checks nothing.
#[doc(hidden)]
#[derive(Debug, Default)]
pub struct MemoryStore(Mutex<Snapshot>);

#[async_trait::async_trait]
impl NetworkStore for MemoryStore {
    async fn load(&self) -> Result<StoredNetwork, NetworkStoreError> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
        Ok(StoredNetwork {
            vpcs: kept.vpcs().map(|one| one.as_ref().clone()).collect(),
            subnets: kept.subnets().map(|one| one.as_ref().clone()).collect(),
            groups: kept.groups().map(|one| one.as_ref().clone()).collect(),
            subnet_groups: kept.subnet_groups(None).map(|one| one.as_ref().clone()).collect(),
        })
    }

    async fn apply(&self, writes: Vec<NetworkWrite>) -> Result<(), NetworkStoreError> {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        writes.into_iter().for_each(|write| kept.apply(write));
        Ok(())
    }
}
