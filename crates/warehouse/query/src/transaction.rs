//! Where a session's transaction stands, and the catalog as it sees it.

use std::sync::Arc;

use catalog::{Catalog, CatalogOp};

use crate::catalog_cell::{Snapshot, replay};
use crate::error::QueryError;
use crate::warehouse::conflict;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TransactionStatus {
    Idle,
    InTransaction,
    Failed,
}

/// A session's transaction. The engine's own runs exactly while this is `Open`.
#[derive(Debug, Default)]
pub(crate) enum Transaction {
    #[default]
    Idle,
    Open(Open),
    /// A statement failed: the engine has rolled back; the client has not yet said ROLLBACK.
    Failed,
}

/// The changes that this transaction made to the catalog, on top of what others have committed.
#[derive(Debug)]
pub(crate) struct Open {
    /// Begun for a simple query of several statements, not by BEGIN.
    pub(crate) implicit: bool,
    pub(crate) ops: Vec<CatalogOp>,
    base_version: u64,
    working: Catalog,
}

impl Open {
    pub(crate) fn begin(current: &Snapshot, implicit: bool) -> Self {
        Self { implicit, ops: Vec::new(), base_version: current.version, working: current.catalog.clone() }
    }

    /// What this transaction sees now. What others commit counts at once: a revoked privilege doesn't outlive its transaction.
    pub(crate) fn catalog(&mut self, current: &Arc<Snapshot>) -> Result<Catalog, QueryError> {
        if current.version != self.base_version {
            self.working = replay(&current.catalog, &self.ops).map_err(|error| conflict(&error))?;
            self.base_version = current.version;
        }
        Ok(self.working.clone())
    }

    pub(crate) fn add(&mut self, ops: Vec<CatalogOp>, working: Catalog) {
        self.ops.extend(ops);
        self.working = working;
    }
}

impl Transaction {
    pub(crate) const fn status(&self) -> TransactionStatus {
        match self {
            Self::Idle => TransactionStatus::Idle,
            Self::Open(_) => TransactionStatus::InTransaction,
            Self::Failed => TransactionStatus::Failed,
        }
    }
}
