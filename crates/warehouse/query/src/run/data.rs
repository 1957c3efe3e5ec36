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
    let (stream, tag) = if let Statement::Explain { query: _ } = &statement.statement {
        let lines = connection.engine.explain(authorized.text()).await?;
        let rows = lines.into_iter().map(|line| vec![Value::Text(line)]).collect();
        (one_batch(plan_columns(), rows), "EXPLAIN")
    } else {
        (connection.engine.query(authorized.text()).await?, "SELECT")
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
    let tag = statement.statement.tag();
    Ok(done(if let Statement::Insert(_) = &statement.statement {
        format!("{tag} 0 {rows}")
    } else if let Statement::Truncate { table: _ } = &statement.statement {
        tag.to_owned()
    } else {
        format!("{tag} {rows}")
    }))
}

fn plan_columns() -> Vec<Column> {
    vec![Column { name: "QUERY PLAN".to_owned(), value_type: ValueType::Text }]
}
