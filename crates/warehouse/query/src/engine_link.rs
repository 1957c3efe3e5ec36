//! A session's connection to the engine, and the news that the engine answers nothing any more.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use base::id::WarehouseId;
use engine::{
    CatalogWrite, CheckedText, Column, Engine, EngineError, EngineErrorKind, EngineSession, Interrupt, ResultStream,
};

/// A rollback that an interrupt stopped is tried again. Interrupts come every few milliseconds at the most.
const ROLLBACK_ATTEMPTS_MAX: usize = 20;

/// Whether the engine still answers. One per warehouse; once it is broken it stays so until the server starts anew.
#[derive(Debug)]
pub(crate) struct EngineHealth {
    warehouse: WarehouseId,
    broken: AtomicBool,
}

impl EngineHealth {
    pub(crate) const fn of(warehouse: WarehouseId) -> Self {
        Self { warehouse, broken: AtomicBool::new(false) }
    }

    pub(crate) fn is_usable(&self) -> bool {
        !self.broken.load(Ordering::SeqCst)
    }

    pub(crate) fn check(&self) -> Result<(), EngineError> {
        if self.is_usable() { Ok(()) } else { Err(unusable()) }
    }

    fn note(&self, error: &EngineError) {
        if error.kind == EngineErrorKind::Unusable && !self.broken.swap(true, Ordering::SeqCst) {
            tracing::error!(
                warehouse = %self.warehouse,
                error = error.log,
                "the engine is unusable: no statement and no login until the server is restarted"
            );
        }
    }
}

/// One engine session. Its calls are those of [`EngineSession`]; a failed COMMIT and every ROLLBACK leave no transaction open.
#[derive(Debug)]
pub(crate) struct EngineLink {
    /// `None`: taken by a task that commits, or given up because its transaction couldn't be ended.
    session: Option<Box<dyn EngineSession>>,
    interrupt: Arc<dyn Interrupt>,
    health: Arc<EngineHealth>,
}

impl EngineLink {
    pub(crate) async fn open(engine: &dyn Engine, health: &Arc<EngineHealth>) -> Result<Self, EngineError> {
        health.check()?;
        let session = engine.connect().await.inspect_err(|error| health.note(error))?;
        Ok(Self { interrupt: session.interrupt_handle(), session: Some(session), health: Arc::clone(health) })
    }

    pub(crate) fn interrupt_handle(&self) -> Arc<dyn Interrupt> {
        Arc::clone(&self.interrupt)
    }

    /// Moves the session into another value, for a task that must end what it began even when its caller goes away.
    pub(crate) fn take(&mut self) -> Self {
        Self { session: self.session.take(), interrupt: Arc::clone(&self.interrupt), health: Arc::clone(&self.health) }
    }

    pub(crate) async fn begin(&mut self) -> Result<(), EngineError> {
        let outcome = self.session()?.begin().await;
        self.note(outcome).await
    }

    pub(crate) async fn commit(&mut self) -> Result<(), EngineError> {
        let outcome = self.session()?.commit().await;
        let outcome = self.note(outcome).await;
        if outcome.is_err()
            && let Err(error) = self.rollback().await
        {
            tracing::debug!(%error, "roll back after a failed commit failed");
        }
        outcome
    }

    /// Succeeds also where the engine has ended the transaction already. Where it fails, the session is given up: what comes
    /// next must not run inside a transaction that nobody knows of.
    pub(crate) async fn rollback(&mut self) -> Result<(), EngineError> {
        let mut outcome = Ok(());
        for _ in 0..ROLLBACK_ATTEMPTS_MAX {
            outcome = self.session()?.rollback().await;
            match outcome.as_ref().map_err(|error| error.kind) {
                Ok(()) | Err(EngineErrorKind::InvalidQuery) => return Ok(()),
                Err(EngineErrorKind::Cancelled) => {}
                Err(_) => break,
            }
        }
        self.session = None;
        outcome.inspect_err(|error| self.health.note(error))
    }

    pub(crate) async fn describe(&mut self, query: &CheckedText) -> Result<Vec<Column>, EngineError> {
        let outcome = self.session()?.describe(query).await;
        self.note(outcome).await
    }

    pub(crate) async fn query(&mut self, query: &CheckedText) -> Result<ResultStream, EngineError> {
        let outcome = self.session()?.query(query).await;
        self.note(outcome).await
    }

    pub(crate) async fn change(&mut self, change: &CheckedText) -> Result<u64, EngineError> {
        let outcome = self.session()?.change(change).await;
        self.note(outcome).await
    }

    pub(crate) async fn define(&mut self, text: &str) -> Result<(), EngineError> {
        let outcome = self.session()?.define(text).await;
        self.note(outcome).await
    }

    pub(crate) async fn write_catalog(&mut self, writes: &[CatalogWrite]) -> Result<(), EngineError> {
        let outcome = self.session()?.write_catalog(writes).await;
        self.note(outcome).await
    }

    pub(crate) async fn explain(&mut self, query: &CheckedText) -> Result<Vec<String>, EngineError> {
        let outcome = self.session()?.explain(query).await;
        self.note(outcome).await
    }

    /// Takes note of what a call, or a stream that is over, says about the engine. After a defect the engine is asked whether it
    /// still answers, so that this is known before the next client comes; that ends the transaction, as the defect did.
    pub(crate) async fn note<T>(&mut self, outcome: Result<T, EngineError>) -> Result<T, EngineError> {
        if let Err(error) = &outcome {
            self.health.note(error);
            if error.kind == EngineErrorKind::Internal
                && let Err(error) = self.rollback().await
            {
                tracing::debug!(%error, "the engine answers nothing after a defect");
            }
        }
        outcome
    }

    fn session(&mut self) -> Result<&mut Box<dyn EngineSession>, EngineError> {
        self.health.check()?;
        self.session.as_mut().ok_or_else(given_up)
    }
}

fn unusable() -> EngineError {
    let log = "the engine is unusable since an earlier defect".to_owned();
    EngineError { kind: EngineErrorKind::Unusable, message: "the engine is unusable".to_owned(), log }
}

fn given_up() -> EngineError {
    let log = "the session's engine connection was given up".to_owned();
    EngineError { kind: EngineErrorKind::Internal, message: "the session can't go on".to_owned(), log }
}

#[cfg(test)]
mod tests;
