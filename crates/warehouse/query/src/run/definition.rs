//! Definitions: planned on the catalog, carried out in the engine and in the catalog's rows, in one transaction.

mod idc;

use std::sync::atomic::Ordering;

use base::{ErrorKind, PublicMessage};
use catalog::{Catalog, EngineChange, NoticeSeverity, Plan, PlanContext};
use sql::render;
use sql::statement::AlterTableAction;
use sql::{ColumnShape, Literal, ParsedStatement, Statement};

use super::{done, transaction};
use crate::authorize::{self, Authorized, Purpose};
use crate::catalog_cell::replay;
use crate::connection::DbConnection;
use crate::error::QueryError;
use crate::reply::{Notice, Reply, Severity};
use crate::rows::{data_type, engine_writes};
use crate::transaction::Transaction;

/// Ids that one statement may take; open transactions take from different ranges.
const IDS_PER_STATEMENT: u32 = 16;

pub(super) async fn run(
    connection: &mut DbConnection,
    statement: &ParsedStatement,
    parameters: &[Literal],
) -> Result<Reply, QueryError> {
    let own_transaction = matches!(connection.transaction, Transaction::Idle);
    if own_transaction {
        transaction::begin(connection, true).await?;
    }
    let outcome = run_inside(connection, statement, parameters).await;
    if own_transaction && outcome.is_ok() {
        transaction::commit(connection).await?;
    }
    // A failed one is rolled back as every failed statement is.
    outcome
}

async fn run_inside(
    connection: &mut DbConnection,
    statement: &ParsedStatement,
    parameters: &[Literal],
) -> Result<Reply, QueryError> {
    let view = connection.view()?;
    let catalog = &view.catalog;
    // For CREATE TABLE AS this decides the whole statement: without its query's footprint it can't be decided at all.
    let query = created_from(connection, statement, parameters).await?;
    if query.is_none() {
        authorize::definition(connection, statement, &view).await?;
    }
    let plan = plan(connection, statement, catalog, query.as_ref().map_or(&[], |(_, columns)| columns))?;
    idc::check(connection, statement, catalog, &plan.ops).await?;
    let mut rows = None;
    for change in &plan.engine {
        match (change, &query) {
            (EngineChange::CreateTableAs { .. }, Some((authorized, _))) => {
                let text = authorized.create_table(change)?;
                rows = Some(connection.engine.change(&text).await?);
            }
            _ => {
                for text in definition_texts(connection, statement, change)? {
                    connection.engine.define(&text).await?;
                }
            }
        }
    }
    let Plan { ops, engine: _, notices } = plan;
    let working = replay(catalog, &ops)?;
    let writes = engine_writes(&ops, (catalog, &working))?;
    if !writes.is_empty() {
        connection.engine.write_catalog(&writes).await?;
    }
    if let Transaction::Open(open) = &mut connection.transaction {
        open.add(ops, working);
    }
    let tag = rows.map_or_else(|| statement.statement.tag().to_owned(), |rows| format!("SELECT {rows}"));
    Ok(Reply { notices: notices.into_iter().map(notice).collect(), ..done(tag) })
}

/// The query of CREATE TABLE AS and its columns. What it reads and what it makes are authorised together.
async fn created_from(
    connection: &mut DbConnection,
    statement: &ParsedStatement,
    parameters: &[Literal],
) -> Result<Option<(Authorized, Vec<ColumnShape>)>, QueryError> {
    if !matches!(statement.statement, Statement::CreateTableAs(_)) {
        if statement.parameters > 0 {
            return Err(QueryError::new(
                ErrorKind::Unsupported,
                "0A000",
                "parameters in a definition are not supported",
            ));
        }
        return Ok(None);
    }
    let authorized = authorize::data(connection, statement, parameters, Purpose::Execute).await?;
    let columns = connection.engine.describe(authorized.text()).await?;
    let shapes =
        columns.into_iter().map(|column| ColumnShape { name: column.name, data_type: data_type(column.value_type) });
    Ok(Some((authorized, shapes.collect())))
}

fn plan(
    connection: &DbConnection,
    statement: &ParsedStatement,
    catalog: &Catalog,
    query_columns: &[ColumnShape],
) -> Result<Plan, QueryError> {
    let path = connection.search_path(catalog);
    let context = PlanContext {
        first_id: connection.warehouse.next_id.fetch_add(IDS_PER_STATEMENT, Ordering::Relaxed),
        salt: base::random::bytes(),
        query_columns,
        ..connection.plan_context(catalog, &path)
    };
    Ok(catalog::plan(&statement.statement, catalog, &context)?)
}

/// The engine's statements for one change of the plan, in order.
fn definition_texts(
    connection: &DbConnection,
    statement: &ParsedStatement,
    change: &EngineChange,
) -> Result<Vec<String>, QueryError> {
    let session = connection.session_values();
    let texts = match change {
        EngineChange::CreateSchema { name } => vec![render::create_schema(name)],
        EngineChange::DropSchema { name } => vec![render::drop_schema(name, false)],
        EngineChange::CreateTable { schema, name: _ } => {
            let Statement::CreateTable(table) = &statement.statement else { return Err(mismatch()) };
            vec![render::create_table(schema, table, &session)?]
        }
        EngineChange::CreateTableAs { .. } => return Err(mismatch()),
        EngineChange::DropTable { schema, name } => vec![render::drop_table(schema, name)],
        EngineChange::RenameTable { schema, from, to } => {
            render::alter_table(schema, from, &AlterTableAction::RenameTo(to.clone()), &session)?
        }
        EngineChange::RenameColumn { schema, table, from, to } => {
            let action = AlterTableAction::RenameColumn { from: from.clone(), to: to.clone() };
            render::alter_table(schema, table, &action, &session)?
        }
        EngineChange::AddColumn { schema, table, column } => {
            render::alter_table(schema, table, &AlterTableAction::AddColumn(column.clone()), &session)?
        }
        EngineChange::DropColumn { schema, table, column } => {
            let action = AlterTableAction::DropColumn { column: column.clone(), cascade: false };
            render::alter_table(schema, table, &action, &session)?
        }
    };
    Ok(texts)
}

fn mismatch() -> QueryError {
    QueryError::new(ErrorKind::Internal, "XX000", "the plan doesn't fit its statement")
}

fn notice(notice: catalog::Notice) -> Notice {
    let severity = match notice.severity {
        NoticeSeverity::Info => Severity::Info,
        NoticeSeverity::Notice => Severity::Notice,
        NoticeSeverity::Warning => Severity::Warning,
    };
    let message: PublicMessage = notice.message;
    Notice { severity, sqlstate: notice.sqlstate, message }
}

#[cfg(test)]
mod tests;
