//! The session's thread: the one place where its DuckDB connection is used.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use duckdb::{Connection, params};
use engine::{CatalogWrite, CheckedText, Column, EngineError};

use crate::check::{self, Checked, Expected};
use crate::database::Shared;
use crate::interrupt::{CallId, Calls};
use crate::{fault, types};

/// Everything that a session's commands work on.
pub(crate) struct Worker {
    pub(crate) connection: Connection,
    pub(crate) shared: Arc<Shared>,
    pub(crate) calls: Arc<Calls>,
    checked: Checked,
    in_transaction: bool,
    /// This transaction changed what names mean.
    defined: bool,
}

impl Worker {
    pub(crate) fn new(connection: Connection, shared: Arc<Shared>, calls: Arc<Calls>) -> Self {
        Self { connection, shared, calls, checked: Checked::default(), in_transaction: false, defined: false }
    }

    /// Runs one call, unless it was cancelled before it began.
    pub(crate) fn call<T>(
        &mut self,
        id: CallId,
        work: impl FnOnce(&mut Self) -> Result<T, EngineError>,
    ) -> Result<T, EngineError> {
        self.calls.begin(id);
        let outcome = if self.calls.is_cancelled(id) { Err(fault::cancelled()) } else { work(self) };
        self.calls.finish(id);
        outcome
    }

    /// Errors where the call was cancelled while DuckDB had nothing to stop.
    pub(crate) fn go_on(&self, id: CallId) -> Result<(), EngineError> {
        if self.calls.is_cancelled(id) { Err(fault::cancelled()) } else { Ok(()) }
    }

    fn run(&self, text: &str) -> Result<(), EngineError> {
        self.connection.execute_batch(text).map_err(fault::translate)
    }

    pub(crate) fn begin(&mut self) -> Result<(), EngineError> {
        self.run("BEGIN TRANSACTION")?;
        self.in_transaction = true;
        self.defined = false;
        Ok(())
    }

    /// `end` is COMMIT or ROLLBACK. A failed COMMIT has rolled back.
    pub(crate) fn end(&mut self, end: &str) -> Result<(), EngineError> {
        let ended = self.run(end);
        self.in_transaction = false;
        if self.defined {
            self.names_changed();
        }
        self.defined = false;
        ended
    }

    fn names_changed(&mut self) {
        self.defined = true;
        self.shared.definitions.fetch_add(1, Ordering::SeqCst);
    }

    pub(crate) fn check(&mut self, text: &CheckedText, expected: Expected) -> Result<(), EngineError> {
        let generation = self.shared.definitions.load(Ordering::SeqCst);
        if self.checked.knows(generation, text, expected) {
            return Ok(());
        }
        check::check(&self.connection, &self.shared, text, expected)?;
        self.checked.remember(generation, text.clone(), expected);
        Ok(())
    }

    pub(crate) fn describe(&mut self, query: &CheckedText) -> Result<Vec<Column>, EngineError> {
        self.check(query, Expected::Query)?;
        let columns = types::describe(&self.connection, &query.text)?;
        Ok(columns.into_iter().map(|described| described.column).collect())
    }

    pub(crate) fn change(&mut self, id: CallId, change: &CheckedText) -> Result<u64, EngineError> {
        self.check(change, Expected::Change)?;
        self.go_on(id)?;
        // All four answer one row with the count; the `duckdb` crate's own count leaves out CREATE TABLE AS.
        let changed: i64 = self.connection.query_row(&change.text, [], |row| row.get(0)).map_err(fault::translate)?;
        // CREATE TABLE AS gives a name a meaning; the others come rarely enough between repeated texts.
        if change.text.get(..6).is_some_and(|word| word.eq_ignore_ascii_case("create")) {
            self.names_changed();
        }
        u64::try_from(changed).map_err(|_| fault::internal(format!("{changed} rows")))
    }

    pub(crate) fn define(&mut self, text: &str) -> Result<(), EngineError> {
        let outcome = self.run(text);
        self.names_changed();
        outcome
    }

    /// All or none, also outside a transaction.
    pub(crate) fn write_catalog(&mut self, writes: &[CatalogWrite]) -> Result<(), EngineError> {
        if self.in_transaction {
            return self.write_rows(writes);
        }
        self.run("BEGIN TRANSACTION")?;
        match self.write_rows(writes) {
            Ok(()) => self.run("COMMIT"),
            Err(error) => {
                self.run("ROLLBACK")?;
                Err(error)
            }
        }
    }

    fn write_rows(&self, writes: &[CatalogWrite]) -> Result<(), EngineError> {
        let prepare = |text: &str| self.connection.prepare(text).map_err(fault::translate);
        let mut delete = prepare("DELETE FROM gatehouse.catalog WHERE kind = ? AND key = ?")?;
        let mut insert = prepare("INSERT INTO gatehouse.catalog VALUES (?, ?, ?)")?;
        for write in writes {
            let (kind, key) = match write {
                CatalogWrite::Put(row) => (&row.kind, &row.key),
                CatalogWrite::Delete { kind, key } => (kind, key),
            };
            delete.execute(params![kind, key]).map_err(fault::translate)?;
            if let CatalogWrite::Put(row) = write {
                insert.execute(params![row.kind, row.key, row.body]).map_err(fault::translate)?;
            }
        }
        Ok(())
    }

    pub(crate) fn explain(&mut self, query: &CheckedText) -> Result<Vec<String>, EngineError> {
        self.check(query, Expected::Query)?;
        let plan = check::explain(&self.connection, "EXPLAIN", &query.text, "physical_plan")?;
        Ok(plan.lines().map(str::to_owned).collect())
    }
}
