//! Groups and roles (`r_CREATE_GROUP.html`, `r_CREATE_ROLE.html`).

use super::cursor::Cursor;
use crate::error::{SqlError, SqlState};
use crate::statement::{GroupChange, RoleChange, Statement};

/// After CREATE GROUP: `name [[WITH] USER user [, ...]]`
pub(super) fn create_group(cursor: &mut Cursor<'_>) -> Result<Statement, SqlError> {
    let name = cursor.role_name()?;
    let with = cursor.eat("WITH");
    let users = if with || cursor.at("USER") {
        cursor.expect("USER")?;
        cursor.list(Cursor::user_name)?
    } else {
        Vec::new()
    };
    Ok(Statement::CreateGroup { name, users })
}

/// After ALTER GROUP: `name { ADD USER … | DROP USER … | RENAME TO … }`
pub(super) fn alter_group(cursor: &mut Cursor<'_>) -> Result<Statement, SqlError> {
    let name = cursor.role_name()?;
    let change = if cursor.eat_all(&["ADD", "USER"]) {
        GroupChange::AddUsers(cursor.list(Cursor::user_name)?)
    } else if cursor.eat_all(&["DROP", "USER"]) {
        GroupChange::DropUsers(cursor.list(Cursor::user_name)?)
    } else {
        cursor.expect_all(&["RENAME", "TO"])?;
        GroupChange::RenameTo(cursor.role_name()?)
    };
    Ok(Statement::AlterGroup { name, change })
}

/// After DROP GROUP: `name`
pub(super) fn drop_group(cursor: &mut Cursor<'_>) -> Result<Statement, SqlError> {
    if cursor.at_all(&["IF", "EXISTS"]) {
        return Err(SqlError::unsupported("DROP GROUP IF EXISTS"));
    }
    Ok(Statement::DropGroup { name: cursor.role_name()? })
}

/// After CREATE ROLE: `[IF NOT EXISTS] name [EXTERNALID id]`
pub(super) fn create_role(cursor: &mut Cursor<'_>) -> Result<Statement, SqlError> {
    let if_not_exists = cursor.if_not_exists();
    let name = cursor.role_name()?;
    let external_id = if cursor.eat("EXTERNALID") { Some(external_id(cursor)?) } else { None };
    if cursor.at_any(&["LOGIN", "PASSWORD", "WITH", "SUPERUSER", "IN"]) {
        return Err(cursor.unexpected().hint("A role can't log in; CREATE USER makes somebody who can."));
    }
    Ok(Statement::CreateRole { name, if_not_exists, external_id })
}

/// After ALTER ROLE: `name [WITH] { RENAME TO role | OWNER TO user | EXTERNALID TO id }`
pub(super) fn alter_role(cursor: &mut Cursor<'_>) -> Result<Statement, SqlError> {
    let name = cursor.role_name()?;
    cursor.eat("WITH");
    let change = if cursor.eat_all(&["RENAME", "TO"]) {
        RoleChange::RenameTo(cursor.role_name()?)
    } else if cursor.eat_all(&["OWNER", "TO"]) {
        RoleChange::OwnerTo(cursor.user_name()?)
    } else {
        cursor.expect_all(&["EXTERNALID", "TO"])?;
        RoleChange::ExternalId(external_id(cursor)?)
    };
    if cursor.at_token(&sqlparser::tokenizer::Token::Comma) || cursor.at_any(&["RENAME", "OWNER", "EXTERNALID"]) {
        return Err(SqlError::unsupported("ALTER ROLE with several changes").hint("Make one change per statement."));
    }
    Ok(Statement::AlterRole { name, change })
}

/// After DROP ROLE: `[IF EXISTS] name [FORCE|RESTRICT]`
pub(super) fn drop_role(cursor: &mut Cursor<'_>) -> Result<Statement, SqlError> {
    let if_exists = cursor.if_exists();
    let name = cursor.role_name()?;
    let force = cursor.eat("FORCE");
    if !force {
        cursor.eat("RESTRICT");
    }
    if cursor.at("CASCADE") {
        return Err(cursor.unexpected().hint("DROP ROLE … FORCE takes the role away from whom it was granted to."));
    }
    Ok(Statement::DropRole { name, if_exists, force })
}

/// An id of the identity provider, in double or single quotes or as a word; always as it was written.
pub(super) fn external_id(cursor: &mut Cursor<'_>) -> Result<String, SqlError> {
    let found = match cursor.string() {
        Ok(text) => text,
        Err(_) => cursor.raw_name()?.0,
    };
    if found.is_empty() {
        return Err(SqlError::new(SqlState::InvalidParameterValue, "EXTERNALID must not be empty"));
    }
    Ok(found)
}
