//! Ports in memory.

use std::collections::HashSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use base::FixedClock;
use base::id::{DirectoryGroupId, DirectoryUserId};
use time::OffsetDateTime;

use crate::{
    AccessKey, AccessKeyStore, AssignedPrincipal, Center, CenterStore, CenterStoreError, CenterWrite, PrincipalLookup,
    StoredCenter,
};

pub(super) const ACCOUNT: &str = "123456789012";

/// Keeps writes in a list and answers what they add up to.
#[derive(Debug, Default)]
pub(super) struct MemoryStore {
    pub(super) stored: Mutex<StoredCenter>,
    pub(super) keys: Mutex<Vec<AccessKey>>,
    pub(super) broken: AtomicBool,
}

#[async_trait::async_trait]
impl CenterStore for MemoryStore {
    async fn load(&self) -> Result<StoredCenter, CenterStoreError> {
        Ok(self.stored.lock().unwrap().clone())
    }

    async fn apply(&self, write: CenterWrite) -> Result<(), CenterStoreError> {
        if self.broken.load(Ordering::Relaxed) {
            return Err(CenterStoreError("disk full".to_owned()));
        }
        let mut stored = self.stored.lock().unwrap();
        match write {
            CenterWrite::CreateInstance(instance) => stored.instance = Some(instance),
            CenterWrite::CreateApplication(application) => stored.applications.push(application),
            CenterWrite::DeleteApplication(arn) => {
                stored.applications.retain(|application| application.arn != arn);
                stored.assignments.retain(|(application, _)| *application != arn);
            }
            CenterWrite::CreateAssignment(arn, principal) => stored.assignments.push((arn, principal)),
            CenterWrite::DeleteAssignment(arn, principal) => {
                stored.assignments.retain(|row| *row != (arn.clone(), principal.clone()))
            }
            CenterWrite::DeletePrincipal(gone) => stored.assignments.retain(|(_, principal)| *principal != gone),
        }
        Ok(())
    }
}

#[async_trait::async_trait]
impl AccessKeyStore for MemoryStore {
    async fn load(&self) -> Result<Vec<AccessKey>, CenterStoreError> {
        Ok(self.keys.lock().unwrap().clone())
    }

    async fn create(&self, key: AccessKey) -> Result<(), CenterStoreError> {
        self.keys.lock().unwrap().push(key);
        Ok(())
    }
}

/// Who exists, by id.
#[derive(Debug, Default)]
pub(super) struct People(pub(super) HashSet<String>);

impl PrincipalLookup for People {
    fn user_exists(&self, id: &DirectoryUserId) -> bool {
        self.0.contains(id.as_str())
    }

    fn group_exists(&self, id: &DirectoryGroupId) -> bool {
        self.0.contains(id.as_str())
    }
}

pub(super) fn clock() -> Arc<FixedClock> {
    Arc::new(FixedClock::at(OffsetDateTime::from_unix_timestamp(1_772_323_170).unwrap()))
}

pub(super) async fn center(store: &Arc<MemoryStore>) -> Center {
    Center::open(store.clone(), clock(), ACCOUNT, "us-east-1").await.unwrap()
}

pub(super) fn user(id: &str) -> AssignedPrincipal {
    AssignedPrincipal::User(DirectoryUserId::new(id))
}

pub(super) fn group(id: &str) -> AssignedPrincipal {
    AssignedPrincipal::Group(DirectoryGroupId::new(id))
}
