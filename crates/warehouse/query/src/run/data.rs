//! SELECT, EXPLAIN, INSERT, UPDATE, DELETE, TRUNCATE.

use engine::{Column, Value, ValueType};
use sql::{Literal, ParsedStatement, Statement};

use super::done;
use super::show::one_batch;
use crate::authorize::{self, Purpose};
use crate::connection::DbConnection;
use crate::error::QueryError;
use crate::reply::{Reply, ReplyBody};

pub(super) async fn rows(
    connection: &mut DbConnection,
    statement: &ParsedStatement,
    parameters: &[Literal],
) -> Result<Reply, QueryError> {
    let authorized = authorize::data(connection, statement, parameters, Purpose::Execute).await?;
    let (stream, tag) = match &statement.statement {
        Statement::Explain { query: _ } => {
            let lines = connection.engine.explain(authorized.text()).await?;
            let rows = lines.into_iter().map(|line| vec![Value::Text(line)]).collect();
            (one_batch(plan_columns(), rows), "EXPLAIN")
        }
        _ => (connection.engine.query(authorized.text()).await?, "SELECT"),
    };
    Ok(Reply { notices: Vec::new(), parameters: Vec::new(), body: ReplyBody::Rows { stream, tag } })
}

pub(super) async fn describe(
    connection: &mut DbConnection,
    statement: &ParsedStatement,
    parameters: &[Literal],
) -> Result<Vec<Column>, QueryError> {
    if let Statement::Explain { query: _ } = &statement.statement {
        return Ok(plan_columns());
    }
    let authorized = authorize::data(connection, statement, parameters, Purpose::Describe).await?;
    Ok(connection.engine.describe(authorized.text()).await?)
}

pub(super) async fn change(
    connection: &mut DbConnection,
    statement: &ParsedStatement,
    parameters: &[Literal],
) -> Result<Reply, QueryError> {
    let authorized = authorize::data(connection, statement, parameters, Purpose::Execute).await?;
    let rows = connection.engine.change(authorized.text()).await?;
    Ok(done(match &statement.statement {
        Statement::Insert(_) => format!("INSERT 0 {rows}"),
        Statement::Truncate { table: _ } => "TRUNCATE TABLE".to_owned(),
        other => format!("{} {rows}", other.tag()),
    }))
}

fn plan_columns() -> Vec<Column> {
    vec![Column { name: "QUERY PLAN".to_owned(), value_type: ValueType::Text }]
}
