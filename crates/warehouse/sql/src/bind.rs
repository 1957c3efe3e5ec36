//! Names become ids. A name that can't be resolved is an error, and an error is a refusal.

mod change;
mod expr;
mod query;
mod scope;
mod table;
mod types;

#[cfg(test)]
mod tests;

use base::id::RelationId;

use crate::ast::{Delete, Expr, Insert, Query, Update};
use crate::error::SqlError;
use crate::footprint::{Footprint, Privilege};
use crate::statement::Statement;
use crate::types::DataType;

use scope::Binder;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RelationKind {
    Table,
    /// Rows computed from the catalog for this viewer, e.g. `svv_roles`.
    SystemView,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ColumnShape {
    pub name: String,
    pub data_type: DataType,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamedRelation {
    pub id: RelationId,
    pub schema: String,
    pub name: String,
    pub kind: RelationKind,
    pub columns: Vec<ColumnShape>,
}

/// What binding asks of the catalog.
pub trait Names {
    fn relation(&self, schema: &str, name: &str) -> Option<NamedRelation>;
    fn has_schema(&self, schema: &str) -> bool;
}

/// The schemas that an unqualified name is looked for in, first match wins; `pg_catalog` is put first by the caller.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SearchPath(pub Vec<String>);

/// A data statement whose every name is known. Made only by [`bind`].
#[derive(Debug, Clone)]
pub struct Bound {
    footprint: Footprint,
    statement: BoundStatement,
    columns: Vec<ResultColumn>,
}

impl Bound {
    #[must_use]
    pub fn footprint(&self) -> &Footprint {
        &self.footprint
    }

    /// What a query answers, with the types as far as they follow from the statement and the catalog. The engine's own type
    /// of a column may have another precision or width: where it matters, ask the engine. Empty for a change.
    #[must_use]
    pub fn columns(&self) -> &[ResultColumn] {
        &self.columns
    }

    pub(crate) fn statement(&self) -> &BoundStatement {
        &self.statement
    }
}

/// A column of a query's answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResultColumn {
    pub name: String,
    pub data_type: Option<DataType>,
}

/// The statement itself. Every [`crate::ast::TableRef`] in it has a target, and an alias.
#[derive(Debug, Clone)]
pub(crate) enum BoundStatement {
    Query(Box<Query>),
    Insert { table: ChangedTable, insert: Box<Insert> },
    Update { table: ChangedTable, update: Box<Update> },
    Delete { table: ChangedTable, delete: Box<Delete> },
    Truncate { table: ChangedTable },
}

/// The engine's table that a change goes to, and what the statement calls it.
#[derive(Debug, Clone)]
pub(crate) struct ChangedTable {
    pub(crate) schema: String,
    pub(crate) name: String,
    pub(crate) alias: String,
}

/// Resolves every relation of a data statement (SELECT, INSERT, UPDATE, DELETE, TRUNCATE, CREATE TABLE AS's query, EXPLAIN).
///
/// `database` is the connected one; a three-part name with another database is refused. Errors: 42P01, 3F000, 42703, 42702,
/// 42712, 0A000 across databases; `Unsupported` for a statement that touches no data.
pub fn bind(statement: &Statement, database: &str, path: &SearchPath, names: &dyn Names) -> Result<Bound, SqlError> {
    let mut binder = Binder::new(database, path, names);
    let (statement, columns) = match statement {
        Statement::Query(query) | Statement::Explain { query } => binder.statement_query(query)?,
        Statement::CreateTableAs(create) => binder.statement_query(&create.query)?,
        Statement::Insert(insert) => (binder.insert(insert)?, Vec::new()),
        Statement::Update(update) => (binder.update(update)?, Vec::new()),
        Statement::Delete(delete) => (binder.delete(delete)?, Vec::new()),
        Statement::Truncate { table } => {
            let (table, relation) = binder.changed(table, None)?;
            binder.footprint.add(relation.id, Privilege::Truncate);
            (BoundStatement::Truncate { table }, Vec::new())
        }
        Statement::CreateSchema { .. }
        | Statement::DropSchema { .. }
        | Statement::CreateTable(_)
        | Statement::DropTable { .. }
        | Statement::AlterTable { .. }
        | Statement::AlterSchemaOwner { .. }
        | Statement::CreateIdentityProvider(_)
        | Statement::AlterIdentityProvider(_)
        | Statement::DropIdentityProvider { .. }
        | Statement::DescIdentityProvider { .. }
        | Statement::CreateUser(_)
        | Statement::AlterUser { .. }
        | Statement::DropUser { .. }
        | Statement::CreateGroup { .. }
        | Statement::AlterGroup { .. }
        | Statement::DropGroup { .. }
        | Statement::CreateRole { .. }
        | Statement::AlterRole { .. }
        | Statement::DropRole { .. }
        | Statement::GrantRole { .. }
        | Statement::RevokeRole { .. }
        | Statement::Grant(_)
        | Statement::Revoke { .. }
        | Statement::Begin
        | Statement::Commit
        | Statement::Rollback
        | Statement::Set { .. }
        | Statement::Reset { .. }
        | Statement::Show { .. }
        | Statement::SetSessionAuthorization { .. }
        | Statement::Deallocate { .. }
        | Statement::Empty => {
            return Err(SqlError::unsupported(format!("{} as a data statement", statement.tag())));
        }
    };
    Ok(Bound { footprint: binder.footprint, statement, columns })
}

/// A column's DEFAULT, in which nothing can be named.
pub(crate) fn constant(expr: &Expr) -> Result<Expr, SqlError> {
    let path = SearchPath(Vec::new());
    let mut binder = Binder::new("", &path, &Nothing);
    let mut expr = expr.clone();
    binder.expr(&mut expr)?;
    Ok(expr)
}

struct Nothing;

impl Names for Nothing {
    fn relation(&self, _schema: &str, _name: &str) -> Option<NamedRelation> {
        None
    }

    fn has_schema(&self, _schema: &str) -> bool {
        false
    }
}
