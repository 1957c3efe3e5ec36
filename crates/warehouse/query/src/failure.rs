//! Every failure below becomes one [`QueryError`], here.

use base::{AuditUnavailable, ErrorKind, Fault as _};
use catalog::CatalogError;
use engine::{EngineError, EngineErrorKind};
use sql::SqlError;

use crate::error::QueryError;

impl From<SqlError> for QueryError {
    fn from(error: SqlError) -> Self {
        Self {
            kind: error.kind(),
            sqlstate: error.state.code(),
            message: error.public(),
            position: error.position,
            log: error.to_string(),
            fatal: false,
        }
    }
}

impl From<CatalogError> for QueryError {
    fn from(error: CatalogError) -> Self {
        Self {
            kind: error.kind(),
            sqlstate: error.sqlstate(),
            message: error.public(),
            position: None,
            log: error.to_string(),
            fatal: false,
        }
    }
}

impl From<AuditUnavailable> for QueryError {
    fn from(error: AuditUnavailable) -> Self {
        Self::new(ErrorKind::Unavailable, "58030", "the statement can't be recorded, so it isn't run")
            .hint("Try again; tell the administrator if it stays so.")
            .log(error.to_string())
    }
}

impl From<EngineError> for QueryError {
    fn from(error: EngineError) -> Self {
        let kind = error.kind();
        if let EngineErrorKind::Internal | EngineErrorKind::UnauthorizedTable = error.kind {
            return internal(error.kind, &error.log);
        }
        if let EngineErrorKind::Unusable = error.kind {
            return unusable(&error.log);
        }
        Self {
            kind,
            sqlstate: sqlstate(error.kind),
            message: error.public(),
            position: None,
            log: error.log,
            fatal: false,
        }
    }
}

/// What the client is not told, it can quote by reference.
fn internal(kind: EngineErrorKind, log: &str) -> QueryError {
    let reference = base::random::hex::<6>();
    tracing::error!(reference, ?kind, error = log, "the engine failed");
    QueryError::new(ErrorKind::Internal, sqlstate(kind), format!("internal error, reference {reference}"))
        .hint("Give the reference to the administrator, who finds the cause in the log.")
        .log(log)
}

/// Fatal, so that pools throw the connection away; a new login is refused with the same.
fn unusable(log: &str) -> QueryError {
    QueryError::new(ErrorKind::Unavailable, "57P03", "the warehouse is out of service after an internal error")
        .detail("Nothing that was committed is lost.")
        .hint("Ask the administrator to restart the server; its log has the cause.")
        .log(log)
        .fatal()
}

const fn sqlstate(kind: EngineErrorKind) -> &'static str {
    match kind {
        EngineErrorKind::UndefinedColumn => "42703",
        EngineErrorKind::AmbiguousColumn => "42702",
        EngineErrorKind::UndefinedTable => "42P01",
        EngineErrorKind::UndefinedFunction => "42883",
        EngineErrorKind::Duplicate => "42P07",
        EngineErrorKind::DatatypeMismatch => "42804",
        EngineErrorKind::Grouping => "42803",
        EngineErrorKind::InvalidText => "22P02",
        EngineErrorKind::OutOfRange => "22003",
        EngineErrorKind::DatetimeOverflow => "22008",
        EngineErrorKind::DivisionByZero => "22012",
        EngineErrorKind::TooLong => "22001",
        EngineErrorKind::NotNull => "23502",
        // Redshift answers XX000 here; 40001 is what retry logic knows (sql.md G16).
        EngineErrorKind::Conflict => "40001",
        EngineErrorKind::Cancelled => "57014",
        EngineErrorKind::TransactionAborted => "25P02",
        EngineErrorKind::InvalidQuery => "42601",
        EngineErrorKind::OutOfMemory => "53200",
        EngineErrorKind::UnauthorizedTable => "42501",
        EngineErrorKind::Internal => "XX000",
        EngineErrorKind::Unusable => "57P03",
    }
}
