//! sqlparser's tree into our own: every field is named, so that nothing is dropped; what we don't carry out is refused by name.

#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "sqlparser's enums have a hundred variants and grow; every wildcard here leads to a refusal"
)]

mod aggregate;
mod call;
mod change;
mod dialect;
mod expr;
mod label;
mod literal;
mod name;
mod pattern;
mod query;
mod table;
mod types;

#[cfg(test)]
mod tests;

use sqlparser::ast as parsed;

use crate::ast;
use crate::error::{SqlError, SqlState};
use crate::statement::Statement;

pub(crate) use dialect::QueryDialect;

type Result<T> = std::result::Result<T, SqlError>;

/// How deep expressions and queries may nest. Chains of AND and OR are flat and don't count.
const MAX_DEPTH: usize = 200;

/// SELECT, WITH, VALUES, INSERT, UPDATE, DELETE. `Unsupported` for every other statement.
pub(crate) fn statement(statement: parsed::Statement) -> Result<Statement> {
    let mut lower = Lower { depth: 0 };
    match statement {
        parsed::Statement::Query(query) => lower.query_statement(*query),
        parsed::Statement::Insert(insert) => Ok(Statement::Insert(Box::new(lower.insert(insert)?))),
        parsed::Statement::Update(update) => Ok(Statement::Update(Box::new(lower.update(None, update)?))),
        parsed::Statement::Delete(delete) => Ok(Statement::Delete(Box::new(lower.delete(None, delete)?))),
        _ => Err(SqlError::unsupported("this statement")),
    }
}

/// A query by itself (the source of CREATE TABLE AS, EXPLAIN).
pub(crate) fn query(query: parsed::Query) -> Result<ast::Query> {
    Lower { depth: 0 }.query(query)
}

/// An expression by itself (a column's DEFAULT).
pub(crate) fn expr(expr: parsed::Expr) -> Result<ast::Expr> {
    Lower { depth: 0 }.expr(expr)
}

/// Where lowering is: how deep.
struct Lower {
    depth: usize,
}

impl Lower {
    /// Runs `work` one level deeper.
    fn deeper<T>(&mut self, work: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        if self.depth >= MAX_DEPTH {
            return Err(SqlError::new(SqlState::StatementTooComplex, "the statement nests too deeply")
                .hint(format!("Expressions and queries may nest {MAX_DEPTH} levels; split the statement.")));
        }
        self.depth += 1;
        let result = work(self);
        self.depth -= 1;
        result
    }

    fn exprs(&mut self, exprs: Vec<parsed::Expr>) -> Result<Vec<ast::Expr>> {
        exprs.into_iter().map(|expr| self.expr(expr)).collect()
    }

    fn optional(&mut self, expr: Option<parsed::Expr>) -> Result<Option<ast::Expr>> {
        expr.map(|expr| self.expr(expr)).transpose()
    }

    fn boxed(&mut self, expr: parsed::Expr) -> Result<Box<ast::Expr>> {
        Ok(Box::new(self.expr(expr)?))
    }

    /// `WITH` before UPDATE and DELETE hangs in a query whose body is the change.
    fn query_statement(&mut self, query: parsed::Query) -> Result<Statement> {
        if !matches!(
            *query.body,
            parsed::SetExpr::Update(_)
                | parsed::SetExpr::Delete(_)
                | parsed::SetExpr::Insert(_)
                | parsed::SetExpr::Merge(_)
        ) {
            return Ok(Statement::Query(Box::new(self.query(query)?)));
        }
        let (with, body) = self.bare(query)?;
        let with = with.map(|with| self.with(with)).transpose()?;
        match body {
            parsed::SetExpr::Update(parsed::Statement::Update(update)) => {
                Ok(Statement::Update(Box::new(self.update(with, update)?)))
            }
            parsed::SetExpr::Delete(parsed::Statement::Delete(delete)) => {
                Ok(Statement::Delete(Box::new(self.delete(with, delete)?)))
            }
            parsed::SetExpr::Insert(_) => Err(SqlError::unsupported("WITH before INSERT")
                .hint("Write the WITH clause inside: INSERT INTO t WITH … SELECT ….")),
            _ => Err(SqlError::unsupported("this statement after WITH")),
        }
    }
}

/// Refuses what is written but not carried out.
fn refuse_if(present: bool, what: &str) -> Result<()> {
    if present { Err(SqlError::unsupported(what)) } else { Ok(()) }
}
