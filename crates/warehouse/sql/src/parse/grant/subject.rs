//! What is granted: roles, or privileges on something.

use sqlparser::tokenizer::Token;

use super::{Direction, privilege, refused};
use crate::error::SqlError;
use crate::footprint::Privilege;
use crate::parse::cursor::Cursor;
use crate::parse::tokens::Lexeme;
use crate::statement::Privileges;

#[derive(Debug)]
pub(super) enum Subject {
    Roles(Vec<String>),
    /// Before `ON`.
    Privileges(Privileges),
}

/// Everything between GRANT and `ON`, or between GRANT and `TO`.
pub(super) fn read(cursor: &mut Cursor<'_>, direction: Direction) -> Result<Subject, SqlError> {
    if at_role_list(cursor, direction) {
        cursor.expect("ROLE")?;
        return Ok(Subject::Roles(cursor.list(Cursor::role_name)?));
    }
    if let Some(what) = refused::subject(cursor) {
        return Err(SqlError::unsupported(what));
    }
    match ending(cursor, direction) {
        Some(Ending::On) => Ok(Subject::Privileges(privileges(cursor)?)),
        Some(Ending::Scope) => Err(scoped(cursor)),
        Some(Ending::Columns) => Err(SqlError::unsupported("GRANT or REVOKE on columns")
            .hint("Grant the privilege on the table, or on a table that has only these columns.")),
        Some(Ending::Grantees) => system_permissions_or_roles(cursor, direction),
        None => Err(first_unknown(cursor)),
    }
}

/// `ROLE name`, and not a role called `role`.
fn at_role_list(cursor: &Cursor<'_>, direction: Direction) -> bool {
    cursor.at("ROLE") && cursor.peek_at(1).is_some_and(|next| !next.is_word(direction.preposition()))
}

/// What follows the words that are granted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ending {
    On,
    /// `FOR TABLES IN …`
    Scope,
    /// `(`
    Columns,
    /// `TO` or `FROM`
    Grantees,
}

fn ending(cursor: &Cursor<'_>, direction: Direction) -> Option<Ending> {
    let mut ahead = 0_usize;
    loop {
        let lexeme = cursor.peek_at(ahead)?;
        if lexeme.is_word("ON") {
            return Some(Ending::On);
        }
        if lexeme.is_word("FOR") {
            return Some(Ending::Scope);
        }
        if lexeme.is_word(direction.preposition()) {
            return Some(Ending::Grantees);
        }
        if lexeme.token.token == Token::LParen {
            return Some(Ending::Columns);
        }
        ahead += 1;
    }
}

fn scoped(cursor: &Cursor<'_>) -> SqlError {
    let known = cursor.at("ALL") || cursor.command_word().is_some_and(|word| privilege(&word).is_some());
    if !known && !cursor.at("EXECUTE") {
        return cursor.unexpected();
    }
    SqlError::unsupported("a scoped permission (FOR … IN)")
        .hint("Use ON SCHEMA and ON ALL TABLES IN SCHEMA, again when there are new tables.")
}

/// `ALL [PRIVILEGES]` or a list of privileges.
fn privileges(cursor: &mut Cursor<'_>) -> Result<Privileges, SqlError> {
    if cursor.eat("ALL") {
        cursor.eat("PRIVILEGES");
        return Ok(Privileges::All);
    }
    let found: Vec<Privilege> = cursor.list(|cursor| {
        let word = cursor.command_word().unwrap_or_default();
        let Some(privilege) = privilege(&word) else {
            return Err(cursor.unexpected());
        };
        cursor.next();
        Ok(privilege)
    })?;
    Ok(Privileges::Some(found))
}

/// Without ON: `GRANT CREATE USER TO ROLE …` is a system permission; `GRANT sample_role TO …` leaves out the word ROLE.
fn system_permissions_or_roles(cursor: &mut Cursor<'_>, direction: Direction) -> Result<Subject, SqlError> {
    if let Some(permission) = refused::system_permission(cursor, direction) {
        return Err(SqlError::unsupported(format!("the system permission {permission}"))
            .hint("Superusers hold every system permission; CREATE USER … CREATEUSER makes one."));
    }
    // `GRANT SELECT TO bob` forgot the object; nobody means a role of that name.
    let forgotten = cursor.command_word().is_some_and(|word| privilege(&word).is_some());
    if forgotten || cursor.at_any(&["ALL", "EXECUTE"]) {
        return Err(ending_lexeme(cursor, direction).map_or_else(|| cursor.unexpected(), |lexeme| cursor.near(lexeme)));
    }
    Ok(Subject::Roles(cursor.list(Cursor::role_name)?))
}

fn ending_lexeme<'a>(cursor: &Cursor<'a>, direction: Direction) -> Option<&'a Lexeme> {
    (0..).map_while(|ahead| cursor.peek_at(ahead)).find(|lexeme| lexeme.is_word(direction.preposition()))
}

/// There is neither ON nor TO: the first word that isn't a privilege is what is wrong, or the end is.
fn first_unknown(cursor: &mut Cursor<'_>) -> SqlError {
    match cursor.list(Cursor::role_name) {
        Ok(_) => cursor.unexpected(),
        Err(error) => error,
    }
}
