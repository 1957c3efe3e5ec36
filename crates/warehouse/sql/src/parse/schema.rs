//! CREATE, ALTER and DROP SCHEMA (`r_CREATE_SCHEMA.html`).

use super::cursor::Cursor;
use super::table::cascade;
use crate::error::SqlError;
use crate::statement::Statement;

/// After CREATE SCHEMA: `[IF NOT EXISTS] name [AUTHORIZATION user] [QUOTA UNLIMITED]`, or `AUTHORIZATION user`
pub(super) fn create(cursor: &mut Cursor<'_>) -> Result<Statement, SqlError> {
    let if_not_exists = cursor.if_not_exists();
    let (name, authorization) = if cursor.eat("AUTHORIZATION") {
        let user = cursor.user_name()?;
        (user.to_ascii_lowercase(), Some(user))
    } else {
        let name = cursor.unqualified("schema")?;
        let user = if cursor.eat("AUTHORIZATION") { Some(cursor.user_name()?) } else { None };
        (name, user)
    };
    // No quota is what every schema has.
    if !cursor.eat_all(&["QUOTA", "UNLIMITED"]) && cursor.at("QUOTA") {
        return Err(SqlError::unsupported("QUOTA"));
    }
    if cursor.at_any(&["CREATE", "GRANT"]) {
        return Err(SqlError::unsupported("CREATE SCHEMA with schema elements")
            .hint("End the statement with a semicolon and create the objects after it."));
    }
    Ok(Statement::CreateSchema { name, if_not_exists, authorization })
}

/// After ALTER SCHEMA: `name OWNER TO user`
pub(super) fn alter(cursor: &mut Cursor<'_>) -> Result<Statement, SqlError> {
    let schema = cursor.unqualified("schema")?;
    if cursor.at("RENAME") || cursor.at("QUOTA") {
        let what = cursor.command_word().unwrap_or_default();
        return Err(SqlError::unsupported(format!("ALTER SCHEMA {what}")));
    }
    cursor.expect_all(&["OWNER", "TO"])?;
    Ok(Statement::AlterSchemaOwner { schema, owner: cursor.user_name()? })
}

/// After DROP SCHEMA: `[IF EXISTS] name [, ...] [CASCADE|RESTRICT]`
pub(super) fn drop(cursor: &mut Cursor<'_>) -> Result<Statement, SqlError> {
    let if_exists = cursor.if_exists();
    let names = cursor.list(|cursor| cursor.unqualified("schema"))?;
    if cursor.at_all(&["DROP", "EXTERNAL"]) {
        return Err(SqlError::unsupported("DROP EXTERNAL DATABASE"));
    }
    Ok(Statement::DropSchema { names, if_exists, cascade: cascade(cursor) })
}
