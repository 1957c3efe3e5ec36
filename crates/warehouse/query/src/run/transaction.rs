//! BEGIN, COMMIT, ROLLBACK, and the commit of what a transaction did to the catalog.

use sql::{ParsedStatement, Statement};

use super::done;
use crate::authorize;
use crate::connection::DbConnection;
use crate::error::QueryError;
use crate::reply::{Notice, Reply, Severity};
use crate::transaction::{Open, Transaction};
use crate::warehouse::conflict;

pub(crate) async fn run(connection: &mut DbConnection, statement: &ParsedStatement) -> Result<Reply, QueryError> {
    authorize::record_allowed(connection, statement).await?;
    match &statement.statement {
        Statement::Begin => run_begin(connection).await,
        Statement::Commit => run_commit(connection).await,
        _ => run_rollback(connection).await,
    }
}

async fn run_begin(connection: &mut DbConnection) -> Result<Reply, QueryError> {
    let mut reply = done("BEGIN");
    match &mut connection.transaction {
        Transaction::Idle => begin(connection, false).await?,
        // From here on the client's own COMMIT ends it.
        Transaction::Open(open) if open.implicit => open.implicit = false,
        Transaction::Open(_) | Transaction::Failed => {
            reply.notices.push(warning("25001", "there is already a transaction in progress"));
        }
    }
    Ok(reply)
}

async fn run_commit(connection: &mut DbConnection) -> Result<Reply, QueryError> {
    if let Transaction::Idle = connection.transaction {
        return Ok(Reply { notices: vec![warning("25P01", "there is no transaction in progress")], ..done("COMMIT") });
    }
    if connection.parse_failed || matches!(connection.transaction, Transaction::Failed) {
        roll_back(connection).await?;
        return Ok(done("ROLLBACK"));
    }
    commit(connection).await?;
    Ok(done("COMMIT"))
}

async fn run_rollback(connection: &mut DbConnection) -> Result<Reply, QueryError> {
    let mut reply = done("ROLLBACK");
    if let Transaction::Idle = connection.transaction {
        reply.notices.push(warning("25P01", "there is no transaction in progress"));
    }
    roll_back(connection).await?;
    Ok(reply)
}

pub(crate) async fn begin(connection: &mut DbConnection, implicit: bool) -> Result<(), QueryError> {
    // Before the engine's snapshot, so that a table that the catalog shows is never newer than what the engine sees.
    let current = connection.warehouse.catalog.current();
    connection.engine.begin().await?;
    connection.transaction = Transaction::Open(Open::begin(&current, implicit));
    Ok(())
}

/// Commits the engine's transaction and then shows the catalog's changes to everybody.
pub(crate) async fn commit(connection: &mut DbConnection) -> Result<(), QueryError> {
    let Transaction::Open(open) = std::mem::take(&mut connection.transaction) else { return Ok(()) };
    if open.ops.is_empty() {
        return Ok(connection.engine.commit().await?);
    }
    let warehouse = std::sync::Arc::clone(&connection.warehouse);
    let committing = match warehouse.catalog.commit(&open.ops).await {
        Ok(committing) => committing,
        Err(error) => {
            connection.engine.rollback().await?;
            return Err(conflict(&error));
        }
    };
    connection.engine.commit().await?;
    committing.publish();
    Ok(())
}

pub(crate) async fn roll_back(connection: &mut DbConnection) -> Result<(), QueryError> {
    connection.parse_failed = false;
    let transaction = std::mem::take(&mut connection.transaction);
    match transaction {
        Transaction::Open(_) => Ok(connection.engine.rollback().await?),
        Transaction::Idle | Transaction::Failed => Ok(()),
    }
}

/// A statement failed: an open transaction is rolled back at once, and one that the client began waits for its ROLLBACK.
pub(crate) async fn fail(connection: &mut DbConnection) {
    if let Transaction::Open(open) = &connection.transaction {
        let after = if open.implicit { Transaction::Idle } else { Transaction::Failed };
        if let Err(error) = connection.engine.rollback().await {
            tracing::debug!(%error, "roll back of a failed transaction failed");
        }
        connection.transaction = after;
        connection.parse_failed = false;
    }
}

pub(crate) async fn end_implicit(connection: &mut DbConnection, successful: bool) -> Result<(), QueryError> {
    match &connection.transaction {
        Transaction::Open(open) if open.implicit && successful => commit(connection).await,
        Transaction::Open(open) if open.implicit => roll_back(connection).await,
        Transaction::Open(_) | Transaction::Idle | Transaction::Failed => Ok(()),
    }
}

fn warning(sqlstate: &'static str, message: &str) -> Notice {
    Notice { severity: Severity::Warning, sqlstate, message: base::PublicMessage::new(message) }
}
