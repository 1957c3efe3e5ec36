//! Prepared statements and portals (PostgreSQL, "Extended Query").

use std::sync::Arc;

use engine::EngineError;
use query::{Column, Literal, ResultStream, Value};

use crate::value::Format;

/// Named and unnamed prepared statements of one session. The Python driver keeps 1000.
pub(super) const MAX_STATEMENTS: usize = 5_000;
/// Portals of one session.
pub(super) const MAX_PORTALS: usize = 1_000;
/// SQL text and parameters that a session's statements and portals may hold, in bytes.
pub(super) const MAX_HELD_BYTES: usize = 128 * 1024 * 1024;

pub(super) struct Statement<P> {
    pub(super) prepared: Arc<P>,
    /// What the client was told of the columns; an answer of another shape is an error.
    pub(super) described: Option<Arc<[Column]>>,
    pub(super) bytes: usize,
}

pub(super) struct Portal<P> {
    pub(super) prepared: Arc<P>,
    pub(super) parameters: Vec<Literal>,
    pub(super) result_formats: Vec<Format>,
    pub(super) described: Option<Arc<[Column]>>,
    pub(super) state: PortalState,
    pub(super) bytes: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum PortalState {
    Ready,
    /// Its rows are in `Connection::open`.
    Suspended,
    /// Every row was sent; the tag to answer a further Execute with.
    Drained(&'static str),
    /// Run, without rows.
    Done,
    /// Its rows were given up for another statement.
    Lost,
}

/// How rows are written: the columns as the client was told of them, and a format for each.
pub(super) struct Shape {
    pub(super) columns: Vec<Column>,
    pub(super) formats: Vec<Format>,
}

/// A row stream on its way to the client.
pub(super) struct RowFeed {
    pub(super) stream: ResultStream,
    /// What is left of the batch that was received last.
    pub(super) batch: std::vec::IntoIter<Vec<Value>>,
    pub(super) shape: Shape,
    pub(super) tag: &'static str,
    /// Rows sent since it began.
    pub(super) total: u64,
}

impl RowFeed {
    pub(super) fn new(stream: ResultStream, shape: Shape, tag: &'static str) -> Self {
        Self { stream, batch: Vec::new().into_iter(), shape, tag, total: 0 }
    }
}

/// A suspended portal's rows.
pub(super) struct OpenRows {
    pub(super) portal: String,
    pub(super) feed: RowFeed,
}

/// What became of a run of rows.
pub(super) enum Run {
    /// The stream is at its end; rows sent in this run.
    All(u64),
    /// The limit was reached.
    Suspended,
}

/// The reason that an abandoned stream is closed with.
pub(super) fn abandoned() -> EngineError {
    EngineError {
        kind: engine::EngineErrorKind::Cancelled,
        message: "canceling statement because its session was ended".into(),
        log: "the connection ended while rows were sent".into(),
    }
}
