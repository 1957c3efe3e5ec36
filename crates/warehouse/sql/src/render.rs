//! The engine's dialect, from the tree: never from the client's text.

mod aggregate;
mod change;
mod concat;
mod definition;
mod expr;
mod label;
mod literal;
mod query;
mod template;

#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use base::id::RelationId;

use crate::ast::Expr;
use crate::bind::{self, Bound, BoundStatement};
use crate::error::{SqlError, SqlState};
use crate::types::DataType;

pub use definition::{alter_table, create_schema, create_table, create_table_as, drop_schema, drop_table, truncate};

/// A parameter's value or a cell of a system view, to be written into the engine's text as a literal.
#[derive(Debug, Clone, PartialEq)]
pub enum Literal {
    Null,
    /// NULL of a declared type.
    NullOf(DataType),
    Bool(bool),
    Int(i64),
    /// A decimal number as text, already checked to be digits, sign, point and exponent only.
    Number(String),
    /// Text whose type the statement decides (PostgreSQL's `unknown`).
    Text(String),
    /// Text with a declared type: rendered as a cast.
    Typed(String, DataType),
    Bytes(Vec<u8>),
}

/// What a table reference is replaced by.
#[derive(Debug, Clone, PartialEq)]
pub enum CageSource {
    /// A subquery over the engine's table that exposes exactly these columns.
    Table { schema: String, name: String, columns: Vec<String> },
    /// Rows written into the text: a system view as this viewer may see it.
    Rows { columns: Vec<(String, DataType)>, rows: Vec<Vec<Literal>> },
}

/// What the reader may see of each relation. `None` refuses the statement.
pub trait Cage {
    fn source(&self, relation: RelationId) -> Option<CageSource>;
}

/// The answers of the functions that ask about the session. They are rendered as literals.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionValues {
    pub current_user: String,
    pub session_user: String,
    pub current_user_id: u32,
    pub database: String,
    /// First existing schema of the search path.
    pub current_schema: Option<String>,
    pub backend_pid: i32,
    pub version: String,
    /// Statement start, `YYYY-MM-DD HH:MM:SS.ffffff`, UTC: `getdate()`, `sysdate`, `current_timestamp`.
    pub now: String,
}

/// A text for the engine, with the base tables (schema, name) that it must be found to use and no others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EngineText {
    text: String,
    tables: Vec<(String, String)>,
}

impl EngineText {
    /// `tables` in any order.
    pub(crate) fn new(text: String, tables: impl IntoIterator<Item = (String, String)>) -> Self {
        let tables: std::collections::BTreeSet<_> = tables.into_iter().collect();
        Self { text, tables: tables.into_iter().collect() }
    }

    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Sorted, each once.
    #[must_use]
    pub fn tables(&self) -> &[(String, String)] {
        &self.tables
    }
}

/// A data statement for the engine: a query, or a change. `parameters` stand for `$1`…
///
/// # Errors
///
/// 42P02 for a parameter without a value; 42P01 where the cage shows nothing of a relation; 54001 for a text of more than
/// 16 MiB.
pub fn data(
    bound: &Bound,
    cage: &dyn Cage,
    session: &SessionValues,
    parameters: &[Literal],
) -> Result<EngineText, SqlError> {
    let mut renderer =
        Renderer { place: Place::Statement { cage, parameters }, session, tables: BTreeSet::new(), labels: Vec::new() };
    let text = match bound.statement() {
        BoundStatement::Query(query) => renderer.query(query)?,
        BoundStatement::Insert { table, insert } => renderer.insert(table, insert)?,
        BoundStatement::Update { table, update } => renderer.update(table, update)?,
        BoundStatement::Delete { table, delete } => renderer.delete(table, delete)?,
        BoundStatement::Truncate { table } => format!("TRUNCATE {}", renderer.changed(table)?),
    };
    Ok(EngineText::new(text, renderer.tables))
}

/// A column's DEFAULT for the engine: constants, functions of constants and the clock. No column, subquery or parameter, and
/// nothing that asks who is there: the engine evaluates it at each INSERT.
pub(crate) fn expression(expr: &Expr, session: &SessionValues) -> Result<String, SqlError> {
    let expr = bind::constant(expr)?;
    Renderer { place: Place::Default, session, tables: BTreeSet::new(), labels: Vec::new() }.expr(&expr)
}

/// Where the text stands.
enum Place<'a> {
    Statement { cage: &'a dyn Cage, parameters: &'a [Literal] },
    Default,
}

struct Renderer<'a> {
    place: Place<'a>,
    session: &'a SessionValues,
    tables: BTreeSet<(String, String)>,
    /// Of the SELECTs that are being rendered, the innermost last; empty where labels are named as they are.
    labels: Vec<label::Labels>,
}

/// Templates write some arguments several times; nested, that multiplies.
const MAX_TEXT_BYTES: usize = 16 * 1024 * 1024;

fn limited(text: String) -> Result<String, SqlError> {
    if text.len() > MAX_TEXT_BYTES {
        return Err(SqlError::new(SqlState::StatementTooComplex, "the statement is too large for the engine"));
    }
    Ok(text)
}

/// A name, quoted.
fn quoted(name: &str) -> Result<String, SqlError> {
    if name.is_empty() || name.contains('\0') {
        return Err(SqlError::new(SqlState::SyntaxError, "a name can't be empty or contain a NUL character"));
    }
    Ok(format!("\"{}\"", name.replace('"', "\"\"")))
}

/// `"a", "b"`
fn quoted_list<'n>(names: impl IntoIterator<Item = &'n String>) -> Result<String, SqlError> {
    let names: Result<Vec<_>, _> = names.into_iter().map(|name| quoted(name)).collect();
    Ok(names?.join(", "))
}
