//! [`StsStore`] in memory, for tests.

use std::collections::HashSet;
use std::sync::{Mutex, PoisonError};

use time::OffsetDateTime;

use crate::port::{Revocation, StsStore, StsStoreUnavailable};

/// Forgets everything when it is dropped.
#[derive(Debug, Default)]
pub struct MemoryStsStore {
    revocations: Mutex<Vec<Revocation>>,
    used: Mutex<HashSet<String>>,
}

#[async_trait::async_trait]
impl StsStore for MemoryStsStore {
    async fn revocations(&self) -> Result<Vec<Revocation>, StsStoreUnavailable> {
        Ok(self.revocations.lock().unwrap_or_else(PoisonError::into_inner).clone())
    }

    async fn revoke(&self, revocation: Revocation, _: OffsetDateTime) -> Result<(), StsStoreUnavailable> {
        self.revocations.lock().unwrap_or_else(PoisonError::into_inner).push(revocation);
        Ok(())
    }

    async fn use_once(&self, mark: &str, _: OffsetDateTime, _: OffsetDateTime) -> Result<bool, StsStoreUnavailable> {
        Ok(self.used.lock().unwrap_or_else(PoisonError::into_inner).insert(mark.to_owned()))
    }
}
