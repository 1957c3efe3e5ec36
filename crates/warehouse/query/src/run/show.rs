//! SHOW and DESC IDENTITY PROVIDER: rows that are computed here, not in the engine.

use engine::{Column, ResultStream, Value, ValueType};
use sql::{ParsedStatement, Statement};
use tokio::sync::mpsc;

use crate::authorize;
use crate::connection::DbConnection;
use crate::error::QueryError;
use crate::reply::{Reply, ReplyBody};

pub(crate) async fn run(connection: &mut DbConnection, statement: &ParsedStatement) -> Result<Reply, QueryError> {
    let rows = if let Statement::DescIdentityProvider { name } = &statement.statement {
        let view = connection.view()?;
        authorize::definition(connection, statement, &view).await?;
        vec![crate::rows::identity_provider(&view.catalog, name)?]
    } else {
        let value = parameter(connection, &statement.statement)?.1;
        authorize::record_allowed(connection, statement).await?;
        vec![vec![Value::Text(value)]]
    };
    let stream = one_batch(columns(connection, statement)?, rows);
    Ok(Reply {
        notices: Vec::new(),
        parameters: Vec::new(),
        body: ReplyBody::Rows { stream, tag: statement.statement.tag() },
    })
}

pub(crate) fn columns(connection: &DbConnection, statement: &ParsedStatement) -> Result<Vec<Column>, QueryError> {
    let text = |name: &str| Column { name: name.to_owned(), value_type: ValueType::Text };
    if let Statement::DescIdentityProvider { name: _ } = &statement.statement {
        return Ok(crate::rows::identity_provider_columns());
    }
    Ok(vec![text(parameter(connection, &statement.statement)?.0)])
}

fn parameter(connection: &DbConnection, statement: &Statement) -> Result<(&'static str, String), QueryError> {
    let Statement::Show { parameter } = statement else {
        return Err(QueryError::new(base::ErrorKind::Internal, "XX000", "SHOW was expected"));
    };
    let snapshot = connection.warehouse.catalog.current();
    let user = snapshot.catalog.user_name(connection.session_user);
    connection.settings.show(parameter, connection.facts(&snapshot.catalog, &user))
}

/// Rows that are already there, as a stream.
pub(crate) fn one_batch(columns: Vec<Column>, rows: Vec<Vec<Value>>) -> ResultStream {
    let (sender, batches) = mpsc::channel(1);
    // The channel has room for one batch and its receiver is still here.
    let _ = sender.try_send(Ok(rows));
    ResultStream { columns, batches }
}
