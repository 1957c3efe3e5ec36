//! GRANT and REVOKE of privileges on objects and of roles (`r_GRANT.html`, `r_REVOKE.html`).

use sqlparser::tokenizer::Token;

use super::cursor::Cursor;
use crate::error::{SqlError, SqlState};
use crate::footprint::Privilege;
use crate::statement::{GrantTarget, Grantee, PrivilegeChange, Privileges, RoleGrantee, Statement};

mod refused;
mod subject;

use subject::Subject;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Direction {
    Grant,
    Revoke,
}

impl Direction {
    /// The word before the grantees.
    const fn preposition(self) -> &'static str {
        match self {
            Self::Grant => "TO",
            Self::Revoke => "FROM",
        }
    }
}

pub(super) fn grant(cursor: &mut Cursor<'_>) -> Result<Statement, SqlError> {
    cursor.expect("GRANT")?;
    let direction = Direction::Grant;
    match subject::read(cursor, direction)? {
        Subject::Roles(roles) => {
            cursor.expect("TO")?;
            let to = cursor.list(|cursor| role_grantee(cursor, direction))?;
            Ok(Statement::GrantRole { roles, to })
        }
        Subject::Privileges(privileges) => Ok(Statement::Grant(on_objects(cursor, direction, privileges)?)),
    }
}

pub(super) fn revoke(cursor: &mut Cursor<'_>) -> Result<Statement, SqlError> {
    cursor.expect("REVOKE")?;
    let direction = Direction::Revoke;
    let grant_option_only = cursor.eat_all(&["GRANT", "OPTION", "FOR"]);
    let admin_option_only = !grant_option_only && cursor.eat_all(&["ADMIN", "OPTION", "FOR"]);
    let at = cursor.peek();
    match subject::read(cursor, direction)? {
        Subject::Roles(roles) => {
            if grant_option_only {
                return Err(misplaced(
                    cursor,
                    at,
                    "REVOKE ADMIN OPTION FOR ROLE … takes away the right to grant a role.",
                ));
            }
            cursor.expect("FROM")?;
            let from = cursor.list(|cursor| role_grantee(cursor, direction))?;
            if admin_option_only && from.iter().any(|one| matches!(one, RoleGrantee::Role(_))) {
                return Err(admin_option_of_role());
            }
            restrict(cursor)?;
            Ok(Statement::RevokeRole { admin_option_only, roles, from })
        }
        Subject::Privileges(privileges) => {
            if admin_option_only {
                return Err(misplaced(
                    cursor,
                    at,
                    "REVOKE GRANT OPTION FOR … takes away the right to grant a privilege.",
                ));
            }
            let change = on_objects(cursor, direction, privileges)?;
            restrict(cursor)?;
            Ok(Statement::Revoke { grant_option_only, change })
        }
    }
}

fn misplaced(cursor: &Cursor<'_>, at: Option<&super::tokens::Lexeme>, hint: &str) -> SqlError {
    at.map_or_else(|| cursor.unexpected(), |lexeme| cursor.near(lexeme)).hint(hint)
}

/// `[RESTRICT]`: only what the revoking user granted, which is the only way that there is.
fn restrict(cursor: &mut Cursor<'_>) -> Result<(), SqlError> {
    if cursor.at("CASCADE") {
        return Err(SqlError::unsupported("REVOKE … CASCADE").hint("Revoke from each grantee by name."));
    }
    cursor.eat("RESTRICT");
    Ok(())
}

/// `ON object [, ...] {TO|FROM} grantee [, ...]`
fn on_objects(
    cursor: &mut Cursor<'_>,
    direction: Direction,
    privileges: Privileges,
) -> Result<PrivilegeChange, SqlError> {
    cursor.expect("ON")?;
    let on = target(cursor)?;
    cursor.expect(direction.preposition())?;
    let grantees = cursor.list(|cursor| grantee(cursor, direction))?;
    Ok(PrivilegeChange { privileges, on, grantees })
}

fn target(cursor: &mut Cursor<'_>) -> Result<GrantTarget, SqlError> {
    if let Some(what) = refused::target(cursor) {
        return Err(SqlError::unsupported(format!("GRANT or REVOKE on {what}")));
    }
    if cursor.eat_all(&["ALL", "TABLES", "IN", "SCHEMA"]) {
        return Ok(GrantTarget::AllTablesInSchema(cursor.list(|cursor| cursor.unqualified("schema"))?));
    }
    // `ON schema TO bob`: a table with that name.
    let named = cursor
        .peek_at(1)
        .is_some_and(|next| matches!(next.token.token, Token::Word(_)) && !next.is_word("TO") && !next.is_word("FROM"));
    if named && cursor.eat("SCHEMA") {
        return Ok(GrantTarget::Schemas(cursor.list(|cursor| cursor.unqualified("schema"))?));
    }
    if named && cursor.eat("DATABASE") {
        return Ok(GrantTarget::Databases(cursor.list(|cursor| cursor.unqualified("database"))?));
    }
    cursor.eat("TABLE");
    Ok(GrantTarget::Tables(cursor.list(Cursor::object_name)?))
}

/// `{ user [WITH GRANT OPTION] | ROLE role | GROUP group | PUBLIC }`
fn grantee(cursor: &mut Cursor<'_>, direction: Direction) -> Result<Grantee, SqlError> {
    if let Some(what) = refused::grantee(cursor) {
        return Err(SqlError::unsupported(format!("a privilege for {what}")));
    }
    let grantee = if cursor.eat("PUBLIC") {
        Grantee::Public
    } else if cursor.eat("GROUP") {
        Grantee::Group(cursor.role_name()?)
    } else if at_role(cursor) {
        cursor.expect("ROLE")?;
        Grantee::Role(cursor.role_name()?)
    } else {
        Grantee::User { name: cursor.user_name()?, grant_option: false }
    };
    if direction == Direction::Revoke || !cursor.eat_all(&["WITH", "GRANT", "OPTION"]) {
        return Ok(grantee);
    }
    match grantee {
        Grantee::User { name, grant_option: _ } => Ok(Grantee::User { name, grant_option: true }),
        Grantee::Role(_) | Grantee::Group(_) | Grantee::Public => {
            Err(SqlError::new(SqlState::InvalidGrantOperation, "grant options can only be granted to individual users"))
        }
    }
}

/// `ROLE name`, and not a user called `role`.
fn at_role(cursor: &Cursor<'_>) -> bool {
    cursor.at("ROLE")
        && cursor.peek_at(1).is_some_and(|next| {
            matches!(next.token.token, Token::Word(_)) && !next.is_word("WITH") && !next.is_word("RESTRICT")
        })
}

/// `{ user [WITH ADMIN OPTION] | ROLE role }`
fn role_grantee(cursor: &mut Cursor<'_>, direction: Direction) -> Result<RoleGrantee, SqlError> {
    if cursor.at("PUBLIC") {
        return Err(SqlError::unsupported("a role for PUBLIC").hint("Grant the privileges themselves to PUBLIC."));
    }
    if cursor.at("GROUP") {
        return Err(
            SqlError::unsupported("a role for a group").hint("Grant the role to the users, or to another role.")
        );
    }
    if at_role(cursor) {
        cursor.expect("ROLE")?;
        let role = cursor.role_name()?;
        if direction == Direction::Grant && cursor.at_all(&["WITH", "ADMIN", "OPTION"]) {
            return Err(admin_option_of_role());
        }
        return Ok(RoleGrantee::Role(role));
    }
    let name = cursor.user_name()?;
    let admin_option = direction == Direction::Grant && cursor.eat_all(&["WITH", "ADMIN", "OPTION"]);
    Ok(RoleGrantee::User { name, admin_option })
}

fn admin_option_of_role() -> SqlError {
    SqlError::new(SqlState::InvalidGrantOperation, "the admin option can only be granted to individual users")
}

/// The privilege that a word names.
fn privilege(word: &str) -> Option<Privilege> {
    match word {
        "SELECT" => Some(Privilege::Select),
        "INSERT" => Some(Privilege::Insert),
        "UPDATE" => Some(Privilege::Update),
        "DELETE" => Some(Privilege::Delete),
        "DROP" => Some(Privilege::Drop),
        "REFERENCES" => Some(Privilege::References),
        "ALTER" => Some(Privilege::Alter),
        "TRUNCATE" => Some(Privilege::Truncate),
        "CREATE" => Some(Privilege::Create),
        "USAGE" => Some(Privilege::Usage),
        "TEMPORARY" | "TEMP" => Some(Privilege::Temporary),
        _ => None,
    }
}
