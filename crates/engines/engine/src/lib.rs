//! What Gatehouse asks of a database engine. Plain data types and two traits; no engine is named here.
//!
//! Invariant: only `warehouse/query` calls an engine, and only with text that `sql::render` made.

mod error;
mod value;

use std::sync::Arc;

pub use error::{EngineError, EngineErrorKind};
use tokio::sync::mpsc;
pub use value::{Column, Value, ValueType};

/// A batch of rows; each row has one value per column.
pub type Rows = Vec<Vec<Value>>;

/// The answer to a query: its columns are known before the first row, rows arrive as the reader takes them.
///
/// Dropping it stops the query. The channel is bounded: a reader that doesn't read holds the engine's hand, not its memory.
#[derive(Debug)]
pub struct ResultStream {
    pub columns: Vec<Column>,
    pub batches: mpsc::Receiver<Result<Rows, EngineError>>,
}

/// A text and the base tables (schema, name) that it may touch: sorted, each once. The engine refuses a text in which it
/// finds any other table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckedText {
    pub text: String,
    pub tables: Vec<(String, String)>,
}

/// One row of the warehouse catalog, stored beside the data and in the same transaction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CatalogRow {
    /// Which list it belongs to, e.g. `role`.
    pub kind: String,
    /// Unique within its kind.
    pub key: String,
    /// JSON.
    pub body: String,
}

/// A change of the catalog's rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CatalogWrite {
    Put(CatalogRow),
    Delete { kind: String, key: String },
}

/// Stops what a session is running, from another task. Does nothing when it runs nothing.
pub trait Interrupt: Send + Sync + std::fmt::Debug {
    fn interrupt(&self);
}

/// One database of one engine.
#[async_trait::async_trait]
pub trait Engine: Send + Sync + std::fmt::Debug {
    async fn connect(&self) -> Result<Box<dyn EngineSession>, EngineError>;
    /// Every catalog row, at start.
    async fn load_catalog(&self) -> Result<Vec<CatalogRow>, EngineError>;
}

/// One connection: one transaction at a time, one statement at a time.
#[async_trait::async_trait]
pub trait EngineSession: Send + std::fmt::Debug {
    async fn begin(&mut self) -> Result<(), EngineError>;
    async fn commit(&mut self) -> Result<(), EngineError>;
    async fn rollback(&mut self) -> Result<(), EngineError>;
    /// Columns of a query, without running it.
    async fn describe(&mut self, query: &CheckedText) -> Result<Vec<Column>, EngineError>;
    /// Runs a query. The stream must be drained or dropped before the next call.
    async fn query(&mut self, query: &CheckedText) -> Result<ResultStream, EngineError>;
    /// Runs INSERT, UPDATE, DELETE or CREATE TABLE AS; answers the number of rows.
    async fn change(&mut self, change: &CheckedText) -> Result<u64, EngineError>;
    /// Runs a definition (CREATE SCHEMA, CREATE TABLE, DROP …) whose text `sql::render` made.
    async fn define(&mut self, text: &str) -> Result<(), EngineError>;
    /// Changes catalog rows in the current transaction.
    async fn write_catalog(&mut self, writes: &[CatalogWrite]) -> Result<(), EngineError>;
    /// The engine's plan of a query, a line each.
    async fn explain(&mut self, query: &CheckedText) -> Result<Vec<String>, EngineError>;
    fn interrupt_handle(&self) -> Arc<dyn Interrupt>;
}
