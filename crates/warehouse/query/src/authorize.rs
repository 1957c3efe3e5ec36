//! The one way to an engine: a statement is bound, its requirements are decided, the decision is recorded, and only then is
//! there an [`Authorized`] text.

mod cage;
mod principals;

use base::id::RelationId;
use base::{AuditEvent, AuditStep, Checks, Outcome};
use cage::CatalogCage;
use catalog::{Catalog, CatalogNames, EngineChange, PlanContext};
use engine::CheckedText;
pub(crate) use principals::PrincipalsCache;
use rbac::{Decision, Denial};
use sql::{EngineText, Literal, ParsedStatement, SearchPath};

use crate::connection::DbConnection;
use crate::error::QueryError;
use crate::settings;
use crate::transaction::{Transaction, View};

/// Whether the statement is going to run, or its columns are asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    Execute,
    /// Recorded only when denied: what is allowed is recorded when it runs.
    Describe,
}

/// A text that may be executed as it is. Made only by [`data`].
#[derive(Debug)]
pub(crate) struct Authorized {
    text: CheckedText,
    source: EngineText,
}

impl Authorized {
    pub(crate) const fn text(&self) -> &CheckedText {
        &self.text
    }

    /// CREATE TABLE around this query; the query itself for every other change.
    pub(crate) fn create_table(&self, change: &EngineChange) -> Result<CheckedText, QueryError> {
        let EngineChange::CreateTableAs { schema, name, columns } = change else { return Ok(self.text.clone()) };
        let names: Vec<_> = columns.iter().map(|column| column.name.clone()).collect();
        let text = sql::render::create_table_as(schema, name, false, &names, &self.source)?;
        Ok(CheckedText { text: text.text().to_owned(), tables: text.tables().to_vec() })
    }
}

/// A statement that reads or changes rows.
pub(crate) async fn data(
    connection: &mut DbConnection,
    statement: &ParsedStatement,
    parameters: &[Literal],
    purpose: Purpose,
) -> Result<Authorized, QueryError> {
    let view = connection.view()?;
    let catalog = &view.catalog;
    let path = connection.search_path(catalog);
    let bound = sql::bind(&statement.statement, &connection.warehouse.database, &path, &CatalogNames(catalog))?;
    let principals = connection.principals(&view)?;
    let context = connection.plan_context(catalog, &path);
    let requirements = rbac::requirements(&statement.statement, Some(bound.footprint()), catalog, &context)?;
    let decision = rbac::decide(&requirements, catalog, &principals);
    let targets = bound.footprint().relations();
    if let (Decision::Allowed(_), Transaction::Open(open)) = (&decision, &connection.transaction) {
        open.refuse_replaced(targets.iter().copied())?;
    }
    settle(connection, statement, decision, purpose, catalog, targets).await?;
    let cage = CatalogCage { catalog, principals: &principals, warehouse: &connection.warehouse };
    let source = sql::render::data(&bound, &cage, &connection.session_values(), parameters)?;
    let text = CheckedText { text: source.text().to_owned(), tables: source.tables().to_vec() };
    Ok(Authorized { text, source })
}

impl DbConnection {
    /// What names and owners are decided by. `run::definition` adds ids, salt and the query's columns where it plans.
    pub(crate) fn plan_context<'a>(&'a self, catalog: &Catalog, search_path: &'a SearchPath) -> PlanContext<'a> {
        PlanContext {
            user: self.current_user,
            database: &self.warehouse.database,
            search_path,
            first_id: catalog.next_id(),
            salt: [0; 32],
            query_columns: &[],
            settable: settings::is_settable,
        }
    }
}

/// A statement that defines something or changes the session's user. `Ok` is the permission.
pub(crate) async fn definition(
    connection: &mut DbConnection,
    statement: &ParsedStatement,
    view: &View,
) -> Result<(), QueryError> {
    let catalog = &view.catalog;
    let path = connection.search_path(catalog);
    let principals = connection.principals(view)?;
    let requirements =
        rbac::requirements(&statement.statement, None, catalog, &connection.plan_context(catalog, &path))?;
    let decision = rbac::decide(&requirements, catalog, &principals);
    settle(connection, statement, decision, Purpose::Execute, catalog, Default::default()).await
}

async fn settle(
    connection: &mut DbConnection,
    statement: &ParsedStatement,
    decision: Decision,
    purpose: Purpose,
    catalog: &Catalog,
    targets: std::collections::BTreeSet<RelationId>,
) -> Result<(), QueryError> {
    let describe = |relation| catalog.describe(catalog::ObjectId::Relation(relation));
    let target = targets.into_iter().map(describe).collect::<Vec<_>>().join(", ");
    match decision {
        Decision::Allowed(_) if purpose == Purpose::Describe => Ok(()),
        Decision::Allowed(_) => {
            let event = event(connection, statement, Outcome::Allowed).target(target);
            record(connection, event).await
        }
        Decision::Denied(denial) => {
            let error = denied(&denial);
            metrics::counter!("gatehouse_statements_total", "outcome" => "denied").increment(1);
            Err(record_denied(connection, statement, error, target).await)
        }
    }
}

fn denied(denial: &Denial) -> QueryError {
    let (message, sqlstate) = rbac::text(denial);
    let mut error = QueryError::new(base::ErrorKind::Denied, sqlstate, message.message.clone());
    error.message = message;
    error
}

/// A statement that needs no privilege.
pub(crate) async fn record_allowed(
    connection: &mut DbConnection,
    statement: &ParsedStatement,
) -> Result<(), QueryError> {
    let event = event(connection, statement, Outcome::Allowed);
    record(connection, event).await
}

/// Writes the denial down and gives it back; where it can't be written, that is the error.
async fn record_denied(
    connection: &mut DbConnection,
    statement: &ParsedStatement,
    error: QueryError,
    target: String,
) -> QueryError {
    let event = event(connection, statement, Outcome::Denied)
        .target(target)
        .field("sqlstate", error.sqlstate)
        .field("reason", error.message.message.clone())
        .field("detail", error.message.detail.clone().unwrap_or_default());
    record(connection, event).await.err().unwrap_or(error)
}

/// A definition that this warehouse's privileges allow and something else refuses.
pub(crate) async fn record_refused(
    connection: &mut DbConnection,
    statement: &ParsedStatement,
    error: QueryError,
    checks: &Checks,
) -> QueryError {
    let event = event(connection, statement, Outcome::Denied)
        .field("sqlstate", error.sqlstate)
        .field("reason", error.message.detail.clone().unwrap_or_else(|| error.message.message.clone()))
        .field("mend", error.message.hint.clone().unwrap_or_default())
        .field("checks", checks.to_json());
    record(connection, event).await.err().unwrap_or(error)
}

/// A statement that failed before it could be decided (a name that isn't there, a value that can't be).
pub(crate) async fn record_failed(connection: &mut DbConnection, statement: &ParsedStatement, error: &QueryError) {
    let event = event(connection, statement, Outcome::Failed)
        .field("sqlstate", error.sqlstate)
        .field("reason", error.message.message.clone());
    if let Err(error) = record(connection, event).await {
        tracing::error!(%error, "a failed statement can't be recorded");
    }
}

async fn record(connection: &mut DbConnection, event: AuditEvent) -> Result<(), QueryError> {
    connection.recorded = true;
    Ok(connection.warehouse.audit.record(event).await?)
}

fn event(connection: &DbConnection, statement: &ParsedStatement, outcome: Outcome) -> AuditEvent {
    let context = connection.handle.context();
    let event =
        AuditEvent::new(AuditStep::Statement, outcome, context.correlation().clone(), context.principal().clone());
    let event = match context.person() {
        Some(person) => event.field("person", person),
        None => event,
    };
    connection
        .warehouse
        .mark(event.action(statement.statement.tag()))
        .field("db_user", context.db_user())
        .field("process_id", connection.backend_key().0.to_string())
        .field("text", statement.text.clone())
}

#[cfg(test)]
mod tests;
