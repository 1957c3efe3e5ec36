//! Users (`r_CREATE_USER.html`, `r_ALTER_USER.html`).

use base::Secret;
use sqlparser::tokenizer::Token;

use super::cursor::Cursor;
use super::principal::external_id;
use super::session::{parameter_name, set_value};
use crate::error::{SqlError, SqlState};
use crate::statement::{CreateUser, PasswordClause, Statement, UserChange};

/// What SESSION TIMEOUT may be.
const SESSION_TIMEOUT_SECONDS: std::ops::RangeInclusive<u32> = 60..=1_728_000;

/// The options of CREATE USER, each at most once.
#[derive(Default)]
struct Options {
    password: Option<PasswordClause>,
    create_db: Option<bool>,
    superuser: Option<bool>,
    syslog_unrestricted: Option<bool>,
    in_groups: Option<Vec<String>>,
    valid_until: Option<String>,
    connection_limit: Option<Option<u32>>,
    session_timeout_seconds: Option<u32>,
    external_id: Option<String>,
}

/// After CREATE USER: `name [WITH] PASSWORD … [option ...]`
pub(super) fn create(cursor: &mut Cursor<'_>) -> Result<Statement, SqlError> {
    if cursor.at_all(&["IF", "NOT", "EXISTS"]) {
        return Err(SqlError::unsupported("CREATE USER IF NOT EXISTS"));
    }
    let name = cursor.user_name()?;
    cursor.eat("WITH");
    let mut options = Options::default();
    while !cursor.is_done() {
        options.read(cursor)?;
    }
    let Some(password) = options.password else {
        return Err(SqlError::new(SqlState::SyntaxError, "CREATE USER needs PASSWORD")
            .hint("Add PASSWORD 'text', or PASSWORD DISABLE for somebody who signs in through an identity provider."));
    };
    Ok(Statement::CreateUser(CreateUser {
        name,
        password,
        create_db: options.create_db.unwrap_or(false),
        superuser: options.superuser.unwrap_or(false),
        syslog_unrestricted: options.syslog_unrestricted.unwrap_or(false),
        in_groups: options.in_groups.unwrap_or_default(),
        valid_until: options.valid_until,
        connection_limit: options.connection_limit.flatten(),
        session_timeout_seconds: options.session_timeout_seconds,
        external_id: options.external_id,
    }))
}

impl Options {
    fn read(&mut self, cursor: &mut Cursor<'_>) -> Result<(), SqlError> {
        if cursor.at_all(&["IN", "GROUP"]) {
            cursor.expect_all(&["IN", "GROUP"])?;
            return put(&mut self.in_groups, cursor.list(Cursor::role_name)?);
        }
        let Some(change) = common_option(cursor)? else { return Err(cursor.unexpected()) };
        match change {
            UserChange::Password(password) => put(&mut self.password, password),
            UserChange::ValidUntil(until) => put(&mut self.valid_until, until),
            UserChange::CreateDb(allowed) => put(&mut self.create_db, allowed),
            UserChange::Superuser(superuser) => put(&mut self.superuser, superuser),
            UserChange::SyslogUnrestricted(all) => put(&mut self.syslog_unrestricted, all),
            UserChange::ConnectionLimit(limit) => put(&mut self.connection_limit, limit),
            UserChange::SessionTimeoutSeconds(Some(seconds)) => put(&mut self.session_timeout_seconds, seconds),
            UserChange::ExternalId(id) => put(&mut self.external_id, id),
            UserChange::RenameTo(_)
            | UserChange::SessionTimeoutSeconds(None)
            | UserChange::SetParameter { .. }
            | UserChange::ResetParameter(_) => Err(cursor.unexpected()),
        }
    }
}

fn put<T>(slot: &mut Option<T>, value: T) -> Result<(), SqlError> {
    if slot.is_some() {
        return Err(SqlError::new(SqlState::SyntaxError, "conflicting or redundant options"));
    }
    *slot = Some(value);
    Ok(())
}

/// After ALTER USER: `name [WITH] option [, ...]`
pub(super) fn alter(cursor: &mut Cursor<'_>) -> Result<Statement, SqlError> {
    let name = cursor.user_name()?;
    cursor.eat("WITH");
    let mut changes = vec![change(cursor)?];
    while !cursor.is_done() {
        cursor.eat_token(&Token::Comma);
        changes.push(change(cursor)?);
    }
    let kinds: Vec<_> = changes.iter().map(std::mem::discriminant).collect();
    let settings =
        |change: &UserChange| matches!(change, UserChange::SetParameter { .. } | UserChange::ResetParameter(_));
    let repeated = changes.iter().enumerate().any(|(at, change)| {
        !settings(change) && kinds.iter().take(at).any(|kind| *kind == std::mem::discriminant(change))
    });
    if repeated {
        return Err(SqlError::new(SqlState::SyntaxError, "conflicting or redundant options"));
    }
    Ok(Statement::AlterUser { name, changes })
}

/// After DROP USER: `[IF EXISTS] name [, ...]`
pub(super) fn drop(cursor: &mut Cursor<'_>) -> Result<Statement, SqlError> {
    let if_exists = cursor.if_exists();
    let names = cursor.list(Cursor::user_name)?;
    if cursor.at_any(&["CASCADE", "REASSIGN", "FORCE"]) {
        return Err(cursor.unexpected().hint("Drop or reassign what the user owns first."));
    }
    Ok(Statement::DropUser { names, if_exists })
}

fn change(cursor: &mut Cursor<'_>) -> Result<UserChange, SqlError> {
    if let Some(option) = common_option(cursor)? {
        return Ok(option);
    }
    if cursor.eat_all(&["RENAME", "TO"]) {
        return Ok(UserChange::RenameTo(cursor.user_name()?));
    }
    if cursor.eat_all(&["RESET", "SESSION", "TIMEOUT"]) {
        return Ok(UserChange::SessionTimeoutSeconds(None));
    }
    if cursor.eat("RESET") {
        return Ok(UserChange::ResetParameter(parameter_name(cursor)?));
    }
    if cursor.eat("SET") {
        let parameter = parameter_name(cursor)?;
        let value = set_value(cursor)?;
        return Ok(UserChange::SetParameter { parameter, value });
    }
    Err(cursor.unexpected())
}

/// The options that CREATE USER and ALTER USER share.
fn common_option(cursor: &mut Cursor<'_>) -> Result<Option<UserChange>, SqlError> {
    let Some(word) = cursor.command_word() else { return Ok(None) };
    let option = match word.as_str() {
        "PASSWORD" => UserChange::Password(password(cursor)?),
        "VALID" => {
            cursor.expect_all(&["VALID", "UNTIL"])?;
            UserChange::ValidUntil(cursor.string()?)
        }
        "CREATEDB" | "NOCREATEDB" => {
            cursor.next();
            UserChange::CreateDb(word == "CREATEDB")
        }
        "CREATEUSER" | "NOCREATEUSER" => {
            cursor.next();
            UserChange::Superuser(word == "CREATEUSER")
        }
        "SYSLOG" => {
            cursor.expect_all(&["SYSLOG", "ACCESS"])?;
            let unrestricted = cursor.eat("UNRESTRICTED");
            if !unrestricted {
                cursor.expect("RESTRICTED")?;
            }
            UserChange::SyslogUnrestricted(unrestricted)
        }
        "CONNECTION" => {
            cursor.expect_all(&["CONNECTION", "LIMIT"])?;
            let unlimited = cursor.eat("UNLIMITED");
            UserChange::ConnectionLimit(if unlimited { None } else { Some(cursor.number()?) })
        }
        "SESSION" => {
            cursor.expect_all(&["SESSION", "TIMEOUT"])?;
            UserChange::SessionTimeoutSeconds(Some(session_timeout(cursor)?))
        }
        "EXTERNALID" => {
            cursor.next();
            UserChange::ExternalId(external_id(cursor)?)
        }
        _ => return Ok(None),
    };
    Ok(Some(option))
}

fn session_timeout(cursor: &mut Cursor<'_>) -> Result<u32, SqlError> {
    let seconds = cursor.number()?;
    if SESSION_TIMEOUT_SECONDS.contains(&seconds) {
        return Ok(seconds);
    }
    Err(SqlError::new(
        SqlState::InvalidParameterValue,
        format!(
            "SESSION TIMEOUT must be between {} and {} seconds",
            SESSION_TIMEOUT_SECONDS.start(),
            SESSION_TIMEOUT_SECONDS.end()
        ),
    ))
}

/// `PASSWORD { 'text' | DISABLE }`. What was written in its place is never repeated in an error.
fn password(cursor: &mut Cursor<'_>) -> Result<PasswordClause, SqlError> {
    cursor.expect("PASSWORD")?;
    cursor.hide_from_here();
    if cursor.eat("DISABLE") {
        return Ok(PasswordClause::Disable);
    }
    match cursor.string() {
        Ok(text) => Ok(PasswordClause::Set(Secret::new(text))),
        Err(error) => Err(error.hint("PASSWORD takes a text in single quotes, or DISABLE.")),
    }
}
