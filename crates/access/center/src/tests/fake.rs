//! Ports in memory.

use std::collections::{BTreeMap, HashSet};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use base::FixedClock;
use base::id::{DirectoryGroupId, DirectoryUserId};
use time::OffsetDateTime;

use crate::{
    Application, ApplicationGrants, ApplicationStatus, AssignedPrincipal, CUSTOM_PROVIDER_ARN, Center, CenterStore,
    CenterStoreError, CenterWrite, NewApplication, PrincipalLookup, StoredCenter,
};

pub(super) const ACCOUNT: &str = "123456789012";

/// Keeps writes in a list and answers what they add up to.
#[derive(Debug, Default)]
pub(super) struct MemoryStore {
    pub(super) stored: Mutex<StoredCenter>,
    pub(super) broken: AtomicBool,
    /// Errors are answered to writes that are kept.
    pub(super) torn: AtomicBool,
    pub(super) writes: AtomicUsize,
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
        self.writes.fetch_add(1, Ordering::Relaxed);
        let mut stored = self.stored.lock().unwrap();
        match write {
            CenterWrite::CreateInstance(instance) => stored.instance = Some(instance),
            CenterWrite::PutInstanceSettings(settings) => stored.settings = settings,
            CenterWrite::PutApplication(application) => {
                stored.applications.retain(|one| one.arn != application.arn);
                stored.applications.push(application);
            }
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
        if self.torn.load(Ordering::Relaxed) { Err(CenterStoreError("torn".to_owned())) } else { Ok(()) }
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

pub(super) fn new_application(name: &str) -> NewApplication {
    NewApplication {
        provider_arn: CUSTOM_PROVIDER_ARN.to_owned(),
        name: name.to_owned(),
        description: None,
        status: ApplicationStatus::Enabled,
        assignment_required: true,
        grants: ApplicationGrants::default(),
        scopes: BTreeMap::new(),
        tags: BTreeMap::new(),
    }
}

pub(super) async fn application(center: &Center) -> Arc<Application> {
    center.create_application(new_application("redshift")).await.unwrap()
}

pub(super) fn people(ids: &[&str]) -> People {
    People(ids.iter().map(|id| (*id).to_owned()).collect())
}

pub(super) fn tags(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
}
