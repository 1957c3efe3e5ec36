//! Runs one statement: which kind it is decides the way, and every way begins with `authorize`.

mod data;
mod definition;
mod session;
mod show;
pub(crate) mod transaction;

use base::ErrorKind;
use engine::Column;
use sql::{Literal, Statement};

use crate::connection::DbConnection;
use crate::error::QueryError;
use crate::prepared::Prepared;
use crate::reply::{Reply, ReplyBody};
use crate::transaction::Transaction;

/// How a statement is run.
enum Way {
    /// Answers rows from the engine.
    Rows,
    /// Changes rows.
    Change,
    /// Changes the catalog, and the engine with it.
    Definition,
    /// Answers rows that are computed here.
    Catalog,
    Transaction,
    Session,
    Nothing,
}

const fn way(statement: &Statement) -> Way {
    match statement {
        Statement::Query(_) | Statement::Explain { query: _ } => Way::Rows,
        Statement::Insert(_) | Statement::Update(_) | Statement::Delete(_) | Statement::Truncate { table: _ } => {
            Way::Change
        }
        Statement::CreateSchema { .. }
        | Statement::DropSchema { .. }
        | Statement::CreateTable(_)
        | Statement::CreateTableAs(_)
        | Statement::DropTable { .. }
        | Statement::AlterTable { .. }
        | Statement::AlterSchemaOwner { .. }
        | Statement::CreateIdentityProvider(_)
        | Statement::AlterIdentityProvider(_)
        | Statement::DropIdentityProvider { .. }
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
        | Statement::Revoke { .. } => Way::Definition,
        Statement::DescIdentityProvider { name: _ } | Statement::Show { parameter: _ } => Way::Catalog,
        Statement::Begin | Statement::Commit | Statement::Rollback => Way::Transaction,
        Statement::Set { .. }
        | Statement::Reset { parameter: _ }
        | Statement::SetSessionAuthorization { user: _ }
        | Statement::Deallocate { name: _ } => Way::Session,
        Statement::Empty => Way::Nothing,
    }
}

/// Authorises and runs.
pub(crate) async fn execute(
    connection: &mut DbConnection,
    prepared: &Prepared,
    parameters: &[Literal],
) -> Result<Reply, QueryError> {
    refuse_in_failed_transaction(connection, prepared)?;
    let statement = &prepared.parsed;
    match way(&statement.statement) {
        Way::Rows => data::rows(connection, statement, parameters).await,
        Way::Change => data::change(connection, statement, parameters).await,
        Way::Definition => definition::run(connection, statement, parameters).await,
        Way::Catalog => show::run(connection, statement).await,
        Way::Transaction => transaction::run(connection, statement).await,
        Way::Session => session::run(connection, statement).await,
        Way::Nothing => Ok(Reply { notices: Vec::new(), parameters: Vec::new(), body: ReplyBody::Empty }),
    }
}

/// The columns of the answer; `None` where there are no rows.
pub(crate) async fn describe(
    connection: &mut DbConnection,
    prepared: &Prepared,
    parameters: &[Literal],
) -> Result<Option<Vec<Column>>, QueryError> {
    refuse_in_failed_transaction(connection, prepared)?;
    let statement = &prepared.parsed;
    match way(&statement.statement) {
        Way::Rows => data::describe(connection, statement, parameters).await.map(Some),
        Way::Catalog => show::columns(connection, statement).map(Some),
        Way::Change | Way::Definition | Way::Transaction | Way::Session | Way::Nothing => Ok(None),
    }
}

fn refuse_in_failed_transaction(connection: &DbConnection, prepared: &Prepared) -> Result<(), QueryError> {
    let failed = connection.parse_failed || matches!(connection.transaction, Transaction::Failed);
    if failed && !prepared.ends_transaction() {
        let message = "current transaction is aborted, commands ignored until end of transaction block";
        return Err(QueryError::new(ErrorKind::InvalidInput, "25P02", message).hint("End it with ROLLBACK."));
    }
    Ok(())
}

/// A reply without rows.
pub(crate) fn done(tag: impl Into<String>) -> Reply {
    Reply { notices: Vec::new(), parameters: Vec::new(), body: ReplyBody::Done { tag: tag.into() } }
}
