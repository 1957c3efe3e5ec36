//! A store for tests: it forgets everything when it goes, and it can break down.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use crate::port::{OpenIdStore, OpenIdStoreUnavailable, OpenIdWrite, StoredOpenId};

/// Keeps nothing: what is read is the service's memory.
#[derive(Debug, Default)]
pub struct MemoryOpenIdStore {
    broken: AtomicBool,
    applied: AtomicUsize,
}

impl MemoryOpenIdStore {
    /// From now on nothing can be written, or can again.
    pub fn break_down(&self, broken: bool) {
        self.broken.store(broken, Ordering::SeqCst);
    }

    /// How many transactions there were.
    #[must_use]
    pub fn applied(&self) -> usize {
        self.applied.load(Ordering::SeqCst)
    }
}

#[async_trait::async_trait]
impl OpenIdStore for MemoryOpenIdStore {
    async fn load(&self) -> Result<StoredOpenId, OpenIdStoreUnavailable> {
        Ok(StoredOpenId::default())
    }

    async fn apply(&self, _: &[OpenIdWrite]) -> Result<(), OpenIdStoreUnavailable> {
        if self.broken.load(Ordering::SeqCst) {
            return Err(OpenIdStoreUnavailable("disk full".to_owned()));
        }
        self.applied.fetch_add(1, Ordering::SeqCst);
        Ok(())
    }
}
