//! Parsed statements. They hold no decision: every execution is authorised anew.

use base::ErrorKind;
use sql::{ParsedStatement, Statement};

use crate::error::QueryError;

/// A wire message can't name more.
const PARAMETERS_MAX: usize = 65_535;

/// One parsed statement.
#[derive(Debug, Clone)]
pub struct Prepared {
    pub(crate) parsed: ParsedStatement,
    /// The OID that the client declared for each parameter; 0 where it declared none. As long as the statement has parameters.
    parameter_oids: Vec<u32>,
}

impl Prepared {
    #[must_use]
    pub fn parameter_oids(&self) -> &[u32] {
        &self.parameter_oids
    }

    /// Whether it is `COMMIT`, `ROLLBACK` or empty: the statements that a failed transaction still takes.
    #[must_use]
    pub fn ends_transaction(&self) -> bool {
        matches!(self.parsed.statement, Statement::Commit | Statement::Rollback | Statement::Empty)
    }

    /// `DEALLOCATE name` (`Some(Some(name))`) or `DEALLOCATE ALL` (`Some(None)`): the wire keeps the prepared statements.
    #[must_use]
    pub fn deallocates(&self) -> Option<Option<&str>> {
        let Statement::Deallocate { name } = &self.parsed.statement else { return None };
        Some(name.as_deref())
    }
}

/// The statements of a simple query, in order.
pub(crate) fn script(text: &str) -> Result<Vec<Prepared>, QueryError> {
    sql::parse(text)?.into_iter().map(|parsed| prepare(parsed, &[])).collect()
}

/// The one statement of a Parse message.
pub(crate) fn one(text: &str, parameter_oids: &[u32]) -> Result<Prepared, QueryError> {
    let mut statements = sql::parse(text)?.into_iter();
    match (statements.next(), statements.next()) {
        (Some(parsed), None) => prepare(parsed, parameter_oids),
        (Some(_), Some(_)) => {
            let message = "cannot insert multiple commands into a prepared statement";
            Err(QueryError::new(ErrorKind::InvalidInput, "42601", message))
        }
        (None, _) => Err(QueryError::new(ErrorKind::Internal, "XX000", "the text has no statement")),
    }
}

fn prepare(parsed: ParsedStatement, declared: &[u32]) -> Result<Prepared, QueryError> {
    let count = parsed.parameters.max(declared.len());
    if count > PARAMETERS_MAX {
        return Err(QueryError::new(
            ErrorKind::LimitExceeded,
            "54000",
            format!("a statement has at most {PARAMETERS_MAX} parameters"),
        ));
    }
    let parameter_oids = (0..count).map(|index| declared.get(index).copied().unwrap_or(0)).collect();
    Ok(Prepared { parsed, parameter_oids })
}

#[cfg(test)]
mod tests;
