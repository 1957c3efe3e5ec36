//! SET, RESET, SET SESSION AUTHORIZATION, DEALLOCATE.

use base::ErrorKind;
use sql::{ParsedStatement, Statement};

use super::done;
use crate::authorize;
use crate::connection::DbConnection;
use crate::error::QueryError;
use crate::reply::Reply;

pub(crate) async fn run(connection: &mut DbConnection, statement: &ParsedStatement) -> Result<Reply, QueryError> {
    match &statement.statement {
        Statement::Set { local: true, parameter, value: _ } => {
            let error = QueryError::new(ErrorKind::Unsupported, "0A000", format!("SET LOCAL {parameter} is not supported"));
            return Err(error.hint("SET without LOCAL lasts until the end of the session."));
        }
        Statement::Set { local: false, parameter, value } => {
            authorize::record_allowed(connection, statement).await?;
            let told = connection.settings.set(parameter, value)?;
            return Ok(Reply { parameters: told.into_iter().collect(), ..done("SET") });
        }
        Statement::Reset { parameter } => {
            authorize::record_allowed(connection, statement).await?;
            let told = connection.settings.reset(parameter.as_deref())?;
            return Ok(Reply { parameters: told.into_iter().collect(), ..done("RESET") });
        }
        Statement::SetSessionAuthorization { user } => set_session_authorization(connection, statement, user.as_deref()).await?,
        // The wire keeps the prepared statements and forgets the one that is named (`Prepared::deallocates`).
        _ => authorize::record_allowed(connection, statement).await?,
    }
    Ok(done(statement.statement.tag()))
}

/// Privilege is judged on the user who signed in; DEFAULT goes back to that one (sql.md 2.7).
async fn set_session_authorization(
    connection: &mut DbConnection,
    statement: &ParsedStatement,
    user: Option<&str>,
) -> Result<(), QueryError> {
    let catalog = connection.catalog()?;
    authorize::definition(connection, statement, &catalog).await?;
    connection.current_user = match user {
        None => connection.session_user,
        Some(name) => {
            let found = catalog.user_by_name(name).map(|user| user.id);
            found.ok_or_else(|| QueryError::new(ErrorKind::NotFound, "42704", format!("user \"{name}\" does not exist")))?
        }
    };
    Ok(())
}
