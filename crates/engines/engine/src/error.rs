//! What an engine can answer instead of rows.

use base::{ErrorKind, Fault, PublicMessage};

/// Closed, so that the wire can give each its SQLSTATE.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EngineErrorKind {
    /// 42703
    UndefinedColumn,
    /// 42702
    AmbiguousColumn,
    /// 42P01
    UndefinedTable,
    /// 42883
    UndefinedFunction,
    /// 42P07 / 42P06
    Duplicate,
    /// 42804
    DatatypeMismatch,
    /// 42803
    Grouping,
    /// 22P02
    InvalidText,
    /// 22003
    OutOfRange,
    /// 22008
    DatetimeOverflow,
    /// 22012
    DivisionByZero,
    /// 22001
    TooLong,
    /// 23502
    NotNull,
    /// 40001-like: another transaction changed the same rows.
    Conflict,
    /// 57014
    Cancelled,
    /// 25P02
    TransactionAborted,
    /// 42601: other errors in what was asked (the engine's binder or parser refuses the rendered text).
    InvalidQuery,
    /// 53200
    OutOfMemory,
    /// The engine found a table in the text that was not authorised. Never the client's fault alone: logged and audited.
    UnauthorizedTable,
    /// XX000
    Internal,
    /// 57P03: after a defect of its own the engine answers nothing any more, in no session, until it is started anew.
    Unusable,
}

/// `message` is fit for the client; `log` is what the engine said, to the letter.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{log}")]
pub struct EngineError {
    pub kind: EngineErrorKind,
    pub message: String,
    pub log: String,
}

impl Fault for EngineError {
    fn kind(&self) -> ErrorKind {
        match self.kind {
            EngineErrorKind::UndefinedTable => ErrorKind::NotFound,
            EngineErrorKind::Duplicate | EngineErrorKind::Conflict => ErrorKind::Conflict,
            EngineErrorKind::Cancelled => ErrorKind::Cancelled,
            EngineErrorKind::OutOfMemory => ErrorKind::LimitExceeded,
            EngineErrorKind::UnauthorizedTable => ErrorKind::Denied,
            EngineErrorKind::Internal => ErrorKind::Internal,
            EngineErrorKind::Unusable => ErrorKind::Unavailable,
            EngineErrorKind::UndefinedColumn
            | EngineErrorKind::AmbiguousColumn
            | EngineErrorKind::UndefinedFunction
            | EngineErrorKind::DatatypeMismatch
            | EngineErrorKind::Grouping
            | EngineErrorKind::InvalidText
            | EngineErrorKind::OutOfRange
            | EngineErrorKind::DatetimeOverflow
            | EngineErrorKind::DivisionByZero
            | EngineErrorKind::TooLong
            | EngineErrorKind::NotNull
            | EngineErrorKind::TransactionAborted
            | EngineErrorKind::InvalidQuery => ErrorKind::InvalidInput,
        }
    }

    fn public(&self) -> PublicMessage {
        PublicMessage::new(self.message.clone())
    }
}
