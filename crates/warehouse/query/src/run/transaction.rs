//! BEGIN, COMMIT, ROLLBACK, and the commit of what a transaction did to the catalog.

use std::sync::Arc;

use base::ErrorKind;
use catalog::CatalogOp;
use sql::{ParsedStatement, Statement};

use super::done;
use crate::authorize;
use crate::connection::DbConnection;
use crate::error::QueryError;
use crate::reply::{Notice, Reply, Severity};
use crate::transaction::{Identity, Open, Transaction};

pub(crate) async fn run(connection: &mut DbConnection, statement: &ParsedStatement) -> Result<Reply, QueryError> {
    authorize::record_allowed(connection, statement).await?;
    if let Statement::Begin = &statement.statement {
        run_begin(connection).await
    } else if let Statement::Commit = &statement.statement {
        run_commit(connection).await
    } else {
        run_rollback(connection).await
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
    connection.transactions += 1;
    let before = Identity { current_user: connection.current_user, settings: connection.settings.clone() };
    connection.transaction =
        Transaction::Open(Box::new(Open::begin(current, implicit, connection.transactions, before)));
    Ok(())
}

/// Commits the engine's transaction and then shows the catalog's changes to everybody. There is no transaction afterwards.
pub(crate) async fn commit(connection: &mut DbConnection) -> Result<(), QueryError> {
    let Transaction::Open(open) = std::mem::take(&mut connection.transaction) else { return Ok(()) };
    let Open { ops, before, .. } = *open;
    let outcome = commit_engine(connection, ops).await;
    if outcome.is_err() {
        connection.take_back(before);
    }
    outcome
}

async fn commit_engine(connection: &mut DbConnection, ops: Vec<CatalogOp>) -> Result<(), QueryError> {
    if ops.is_empty() {
        return Ok(connection.engine.commit().await?);
    }
    let (warehouse, mut engine) = (Arc::clone(&connection.warehouse), connection.engine.take());
    // In a task of its own: a client that goes away must not keep what the engine commits from being published.
    let task = base::task::spawn("catalog commit", async move {
        let outcome = warehouse.commit(&mut engine, &ops).await;
        (engine, outcome)
    });
    let (engine, outcome) = task.await.map_err(|join| {
        QueryError::new(ErrorKind::Internal, "XX000", "the outcome of COMMIT is not known")
            .log(join.to_string())
            .fatal()
    })?;
    connection.engine = engine;
    outcome
}

/// There is no transaction afterwards, also where the engine couldn't be told: then its session is given up.
pub(crate) async fn roll_back(connection: &mut DbConnection) -> Result<(), QueryError> {
    connection.parse_failed = false;
    match std::mem::take(&mut connection.transaction) {
        Transaction::Open(open) => {
            connection.take_back(open.before);
            Ok(connection.engine.rollback().await?)
        }
        Transaction::Idle | Transaction::Failed => Ok(()),
    }
}

/// A statement failed: an open transaction is rolled back at once, and one that the client began waits for its ROLLBACK.
pub(crate) async fn fail(connection: &mut DbConnection) {
    let Transaction::Open(open) = &connection.transaction else { return };
    let after = if open.implicit { Transaction::Idle } else { Transaction::Failed };
    if let Err(error) = roll_back(connection).await {
        tracing::debug!(%error, "roll back of a failed transaction failed");
    }
    connection.transaction = after;
}

pub(crate) async fn end_implicit(connection: &mut DbConnection, successful: bool) -> Result<(), QueryError> {
    match &connection.transaction {
        Transaction::Open(open) if open.implicit && successful && !connection.parse_failed => commit(connection).await,
        Transaction::Open(open) if open.implicit => roll_back(connection).await,
        Transaction::Open(_) | Transaction::Idle | Transaction::Failed => Ok(()),
    }
}

fn warning(sqlstate: &'static str, message: &str) -> Notice {
    Notice { severity: Severity::Warning, sqlstate, message: base::PublicMessage::new(message) }
}

#[cfg(test)]
mod tests;
