//! The warehouse catalog as every session sees it: an immutable snapshot that is replaced when a transaction commits.

use std::sync::{Arc, PoisonError, RwLock};

use catalog::{Catalog, CatalogError, CatalogOp};
use tokio::sync::{Mutex, MutexGuard};

/// A snapshot and its number. Numbers only grow.
#[derive(Debug, Clone)]
pub(crate) struct Snapshot {
    pub(crate) version: u64,
    pub(crate) catalog: Catalog,
}

#[derive(Debug)]
pub(crate) struct CatalogCell {
    current: RwLock<Arc<Snapshot>>,
    commit: Mutex<()>,
}

impl CatalogCell {
    pub(crate) fn new(catalog: Catalog) -> Self {
        Self { current: RwLock::new(Arc::new(Snapshot { version: 1, catalog })), commit: Mutex::new(()) }
    }

    pub(crate) fn current(&self) -> Arc<Snapshot> {
        Arc::clone(&self.current.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Begins the commit of a transaction that changed the catalog: its operations on top of what others committed meanwhile.
    /// One at a time; what the engine then commits is published by [`Committing::publish`].
    pub(crate) async fn commit(&self, ops: &[CatalogOp]) -> Result<Committing<'_>, CatalogError> {
        let guard = self.commit.lock().await;
        let current = self.current();
        let catalog = replay(&current.catalog, ops)?;
        let next = Snapshot { version: current.version + 1, catalog };
        Ok(Committing { cell: self, before: current, next, _guard: guard })
    }
}

/// `ops` in order on top of `catalog`.
pub(crate) fn replay(catalog: &Catalog, ops: &[CatalogOp]) -> Result<Catalog, CatalogError> {
    catalog.apply_all(ops)
}

/// Holds the right to publish until it is dropped.
#[derive(Debug)]
pub(crate) struct Committing<'a> {
    cell: &'a CatalogCell,
    before: Arc<Snapshot>,
    next: Snapshot,
    _guard: MutexGuard<'a, ()>,
}

impl Committing<'_> {
    /// The catalogs around the operations.
    pub(crate) fn around(&self) -> (&Catalog, &Catalog) {
        (&self.before.catalog, &self.next.catalog)
    }

    /// To be called after the engine has committed, and only then.
    pub(crate) fn publish(self) {
        *self.cell.current.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(self.next);
    }
}
