//! SET, RESET, SET SESSION AUTHORIZATION, DEALLOCATE.

use base::ErrorKind;
use sql::{ParsedStatement, Statement};

use super::done;
use crate::authorize;
use crate::connection::DbConnection;
use crate::error::QueryError;
use crate::reply::Reply;

pub(crate) async fn run(connection: &mut DbConnection, statement: &ParsedStatement) -> Result<Reply, QueryError> {
    if let Statement::Set { local: true, parameter, value: _ } = &statement.statement {
        let error = QueryError::new(ErrorKind::Unsupported, "0A000", format!("SET LOCAL {parameter} is not supported"));
        return Err(error.hint("SET without LOCAL lasts until the end of the session."));
    }
    let mut settings = connection.settings.clone();
    let mut told = None;
    if let Statement::SetSessionAuthorization { user } = &statement.statement {
        set_session_authorization(connection, statement, user.as_deref()).await?;
    } else {
        if let Statement::Set { local: false, parameter, value } = &statement.statement {
            told = settings.set(parameter, value)?;
        } else if let Statement::Reset { parameter } = &statement.statement {
            told = settings.reset(parameter.as_deref())?;
        }
        // DEALLOCATE is left: the wire keeps the prepared statements and forgets the named one (`Prepared::deallocates`).
        authorize::record_allowed(connection, statement).await?;
        connection.settings = settings;
    }
    Ok(Reply { parameters: told.into_iter().collect(), ..done(statement.statement.tag()) })
}

/// Privilege is judged on the user who signed in; DEFAULT goes back to that one (sql.md 2.7).
async fn set_session_authorization(
    connection: &mut DbConnection,
    statement: &ParsedStatement,
    user: Option<&str>,
) -> Result<(), QueryError> {
    let view = connection.view()?;
    authorize::definition(connection, statement, &view).await?;
    let user = match user {
        None => connection.session_user,
        Some(name) => {
            let found = view.catalog.user_by_name(name).map(|user| user.id);
            found.ok_or_else(|| {
                QueryError::new(ErrorKind::NotFound, "42704", format!("user \"{name}\" does not exist"))
            })?
        }
    };
    connection.act_as(user);
    Ok(())
}

#[cfg(test)]
mod tests;
