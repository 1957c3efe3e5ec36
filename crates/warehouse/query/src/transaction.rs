//! Where a session's transaction stands, and the catalog as it sees it.

use std::sync::Arc;

use base::ErrorKind;
use base::id::{DbUserId, RelationId};
use catalog::{Catalog, CatalogOp};

use crate::catalog_cell::{Snapshot, replay};
use crate::error::QueryError;
use crate::settings::Settings;
use crate::warehouse::{CONFLICT, conflict};

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
    Open(Box<Open>),
    /// A statement failed: the engine has rolled back; the client has not yet said ROLLBACK.
    Failed,
}

/// What a session has set: as whom it acts, and its parameters.
#[derive(Debug, Clone)]
pub(crate) struct Identity {
    pub(crate) current_user: DbUserId,
    pub(crate) settings: Settings,
}

/// The changes that this transaction made to the catalog, on top of what others have committed.
#[derive(Debug)]
pub(crate) struct Open {
    /// Begun for a simple query of several statements, not by BEGIN.
    pub(crate) implicit: bool,
    pub(crate) ops: Vec<CatalogOp>,
    /// What SET and SET SESSION AUTHORIZATION had made of the session before; a rollback takes back what they did since.
    pub(crate) before: Identity,
    /// Which of the session's transactions it is, from 1.
    number: u64,
    /// What was committed when the engine's transaction began: what its names mean to the engine.
    begun: Arc<Snapshot>,
    base: Arc<Snapshot>,
    working: Catalog,
}

/// What a [`View`] was made from: two views with equal keys show the same.
#[derive(Debug, PartialEq, Eq, Clone, Copy)]
pub(crate) struct ViewKey {
    version: u64,
    /// 0 outside a transaction.
    transaction: u64,
    own_ops: usize,
}

/// The catalog as one statement of a session sees it.
#[derive(Debug, Clone)]
pub(crate) struct View {
    pub(crate) catalog: Catalog,
    pub(crate) key: ViewKey,
}

impl View {
    pub(crate) fn committed(current: &Snapshot) -> Self {
        let key = ViewKey { version: current.version, transaction: 0, own_ops: 0 };
        Self { catalog: current.catalog.clone(), key }
    }
}

impl Open {
    /// `current` was committed before the engine's transaction began.
    pub(crate) fn begin(current: Arc<Snapshot>, implicit: bool, number: u64, before: Identity) -> Self {
        let working = current.catalog.clone();
        Self { implicit, ops: Vec::new(), before, number, begun: Arc::clone(&current), base: current, working }
    }

    /// What this transaction sees now. What others commit counts at once: a revoked privilege doesn't outlive its transaction.
    pub(crate) fn view(&mut self, current: &Arc<Snapshot>) -> Result<View, QueryError> {
        if current.version != self.base.version {
            self.working = replay(&current.catalog, &self.ops).map_err(|error| conflict(&error))?;
            self.base = Arc::clone(current);
        }
        let key = ViewKey { version: self.base.version, transaction: self.number, own_ops: self.ops.len() };
        Ok(View { catalog: self.working.clone(), key })
    }

    pub(crate) fn add(&mut self, ops: Vec<CatalogOp>, working: Catalog) {
        self.ops.extend(ops);
        self.working = working;
    }

    /// The engine reads these relations as they were when its transaction began, and the decision is about what they are now.
    /// Where others have put something else in such a place meanwhile, the decision is about another table.
    ///
    /// # Errors
    /// 40001.
    pub(crate) fn refuse_replaced(&self, relations: impl IntoIterator<Item = RelationId>) -> Result<(), QueryError> {
        if self.begun.version == self.base.version {
            return Ok(());
        }
        for id in relations {
            // Without a committed relation it is this transaction's own, or a system view.
            let Some(now) = self.base.catalog.relation(id) else { continue };
            let same =
                self.begun.catalog.relation(id).is_some_and(|then| {
                    (then.schema, &then.name, &then.columns) == (now.schema, &now.name, &now.columns)
                });
            if !same {
                let error = QueryError::new(ErrorKind::Conflict, "40001", CONFLICT);
                return Err(error
                    .detail(format!("Another transaction has defined \"{}\" anew since this one began.", now.name))
                    .hint("Run the transaction again."));
            }
        }
        Ok(())
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
