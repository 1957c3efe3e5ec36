//! Transactions, session parameters, prepared statements.

use sqlparser::tokenizer::Token;

use super::cursor::Cursor;
use super::unsupported;
use crate::error::{SqlError, SqlState};
use crate::statement::{SetValue, Statement};

/// `BEGIN [WORK|TRANSACTION] [mode [, ...]]`, `START TRANSACTION [mode [, ...]]`
pub(super) fn begin(cursor: &mut Cursor<'_>) -> Result<Statement, SqlError> {
    if cursor.eat("START") {
        cursor.expect("TRANSACTION")?;
    } else {
        cursor.expect("BEGIN")?;
        work(cursor);
    }
    transaction_modes(cursor)?;
    Ok(Statement::Begin)
}

/// `{COMMIT|END} [WORK|TRANSACTION]`
pub(super) fn commit(cursor: &mut Cursor<'_>) -> Result<Statement, SqlError> {
    cursor.next();
    if cursor.at("PREPARED") {
        return Err(SqlError::unsupported("COMMIT PREPARED"));
    }
    work(cursor);
    refuse_chain(cursor)?;
    Ok(Statement::Commit)
}

/// `{ROLLBACK|ABORT} [WORK|TRANSACTION]`
pub(super) fn rollback(cursor: &mut Cursor<'_>) -> Result<Statement, SqlError> {
    cursor.next();
    if cursor.at("PREPARED") {
        return Err(SqlError::unsupported("ROLLBACK PREPARED"));
    }
    work(cursor);
    if cursor.at("TO") {
        return Err(SqlError::unsupported("ROLLBACK TO SAVEPOINT").hint("There are no savepoints; roll back it all."));
    }
    refuse_chain(cursor)?;
    Ok(Statement::Rollback)
}

fn work(cursor: &mut Cursor<'_>) {
    if !cursor.eat("WORK") {
        cursor.eat("TRANSACTION");
    }
}

fn refuse_chain(cursor: &Cursor<'_>) -> Result<(), SqlError> {
    if cursor.at_all(&["AND", "CHAIN"]) || cursor.at_all(&["AND", "NO", "CHAIN"]) {
        return Err(SqlError::unsupported("AND CHAIN").hint("Begin the next transaction with BEGIN."));
    }
    Ok(())
}

/// Every isolation level means SERIALIZABLE, as in Redshift; `READ WRITE` is what there is. Answers whether there was any.
fn transaction_modes(cursor: &mut Cursor<'_>) -> Result<bool, SqlError> {
    let mut any = false;
    loop {
        if cursor.eat_all(&["ISOLATION", "LEVEL"]) {
            isolation_level(cursor)?;
        } else if cursor.at_all(&["READ", "ONLY"]) {
            return Err(SqlError::unsupported("READ ONLY")
                .hint("Leave it out, and connect as a user without INSERT, UPDATE and DELETE."));
        } else if !cursor.eat_all(&["READ", "WRITE"]) {
            return Ok(any);
        }
        any = true;
        if cursor.eat_token(&Token::Comma) && !cursor.at_any(&["ISOLATION", "READ"]) {
            return Err(cursor.unexpected());
        }
    }
}

fn isolation_level(cursor: &mut Cursor<'_>) -> Result<(), SqlError> {
    let levels: [&[&str]; 5] =
        [&["SERIALIZABLE"], &["READ", "COMMITTED"], &["READ", "UNCOMMITTED"], &["REPEATABLE", "READ"], &["SNAPSHOT"]];
    if levels.iter().any(|words| cursor.eat_all(words)) { Ok(()) } else { Err(cursor.unexpected()) }
}

/// `SET …`
pub(super) fn set(cursor: &mut Cursor<'_>) -> Result<Statement, SqlError> {
    cursor.expect("SET")?;
    if cursor.eat_all(&["SESSION", "CHARACTERISTICS", "AS", "TRANSACTION"]) {
        return characteristics(cursor, false);
    }
    if cursor.eat("TRANSACTION") {
        return characteristics(cursor, true);
    }
    if cursor.at_all(&["CONSTRAINTS"]) {
        return Err(SqlError::unsupported("SET CONSTRAINTS"));
    }
    // `SET SESSION AUTHORIZATION` first: there SESSION isn't the scope.
    let local = !cursor.at_all(&["SESSION", "AUTHORIZATION"]) && scope(cursor);
    if cursor.eat_all(&["SESSION", "AUTHORIZATION"]) {
        if local {
            return Err(SqlError::unsupported("SET LOCAL SESSION AUTHORIZATION"));
        }
        return session_authorization(cursor);
    }
    if cursor.at("ROLE") && !cursor.peek_at(1).is_some_and(|next| next.is_word("TO") || next.token.token == Token::Eq) {
        return Err(SqlError::unsupported("SET ROLE").hint("All roles that a user holds are always active."));
    }
    if cursor.eat_all(&["TIME", "ZONE"]) {
        return Ok(Statement::Set { local, parameter: "timezone".to_owned(), value: time_zone(cursor)? });
    }
    if cursor.at("NAMES") && cursor.peek_at(1).is_some_and(|next| next.text_literal().is_some()) {
        cursor.next();
        let value = SetValue::Values(vec![cursor.string()?]);
        return Ok(Statement::Set { local, parameter: "client_encoding".to_owned(), value });
    }
    let parameter = parameter_name(cursor)?;
    let value = set_value(cursor)?;
    Ok(Statement::Set { local, parameter, value })
}

/// `[SESSION|LOCAL]`; whether it is LOCAL.
fn scope(cursor: &mut Cursor<'_>) -> bool {
    let is_name = |next: &super::tokens::Lexeme| next.token.token == Token::Eq || next.is_word("TO");
    if cursor.peek_at(1).is_none_or(is_name) {
        return false;
    }
    if cursor.eat("LOCAL") {
        return true;
    }
    cursor.eat("SESSION");
    false
}

/// `TRANSACTION ISOLATION LEVEL …`: every level means SERIALIZABLE, so this sets the parameter to what it is.
fn characteristics(cursor: &mut Cursor<'_>, local: bool) -> Result<Statement, SqlError> {
    if !transaction_modes(cursor)? {
        return Err(cursor.unexpected());
    }
    let value = SetValue::Values(vec!["serializable".to_owned()]);
    Ok(Statement::Set { local, parameter: "transaction_isolation".to_owned(), value })
}

/// `{ user | 'user' | DEFAULT }`
fn session_authorization(cursor: &mut Cursor<'_>) -> Result<Statement, SqlError> {
    if cursor.eat("DEFAULT") {
        return Ok(Statement::SetSessionAuthorization { user: None });
    }
    let user = match cursor.string() {
        Ok(text) => text,
        Err(_) => cursor.user_name()?,
    };
    Ok(Statement::SetSessionAuthorization { user: Some(user) })
}

/// `{ 'zone' | name | number | LOCAL | DEFAULT }`
fn time_zone(cursor: &mut Cursor<'_>) -> Result<SetValue, SqlError> {
    if cursor.eat("LOCAL") || cursor.eat("DEFAULT") {
        return Ok(SetValue::Default);
    }
    if cursor.at("INTERVAL") {
        return Err(
            SqlError::unsupported("SET TIME ZONE INTERVAL").hint("Name the zone: SET TIME ZONE 'Europe/Berlin'.")
        );
    }
    Ok(SetValue::Values(vec![value(cursor)?]))
}

/// `{TO|=} { value [, ...] | DEFAULT }`
pub(super) fn set_value(cursor: &mut Cursor<'_>) -> Result<SetValue, SqlError> {
    if !cursor.eat_token(&Token::Eq) {
        cursor.expect("TO")?;
    }
    if cursor.eat("DEFAULT") {
        return Ok(SetValue::Default);
    }
    Ok(SetValue::Values(cursor.list(value)?))
}

/// A word, a text or a number, as written and without quotes.
fn value(cursor: &mut Cursor<'_>) -> Result<String, SqlError> {
    if let Ok(text) = cursor.string() {
        return Ok(text);
    }
    let sign = if cursor.eat_token(&Token::Minus) {
        "-"
    } else {
        cursor.eat_token(&Token::Plus);
        ""
    };
    match cursor.peek().map(|lexeme| &lexeme.token.token) {
        Some(Token::Number(number, _)) => {
            cursor.next();
            Ok(format!("{sign}{number}"))
        }
        Some(Token::Word(word)) if sign.is_empty() => {
            let quoted = word.quote_style.is_some();
            cursor.next();
            // An unquoted word is a name: `SET search_path TO Sales` means `sales`.
            Ok(if quoted { word.value.clone() } else { word.value.to_ascii_lowercase() })
        }
        Some(_) | None => Err(cursor.unexpected()),
    }
}

/// The name of a parameter, also `context.name`.
pub(super) fn parameter_name(cursor: &mut Cursor<'_>) -> Result<String, SqlError> {
    let mut name = cursor.name()?;
    while cursor.eat_token(&Token::Period) {
        name.push('.');
        name.push_str(&cursor.name()?);
    }
    Ok(name)
}

/// `RESET {parameter | ALL | TIME ZONE | SESSION AUTHORIZATION}`
pub(super) fn reset(cursor: &mut Cursor<'_>) -> Result<Statement, SqlError> {
    cursor.expect("RESET")?;
    if cursor.eat("ALL") {
        return Ok(Statement::Reset { parameter: None });
    }
    if cursor.eat_all(&["SESSION", "AUTHORIZATION"]) {
        return Ok(Statement::SetSessionAuthorization { user: None });
    }
    if cursor.eat_all(&["TIME", "ZONE"]) {
        return Ok(Statement::Reset { parameter: Some("timezone".to_owned()) });
    }
    Ok(Statement::Reset { parameter: Some(parameter_name(cursor)?) })
}

/// `SHOW parameter`
pub(super) fn show(cursor: &mut Cursor<'_>) -> Result<Statement, SqlError> {
    cursor.expect("SHOW")?;
    if let Some(error) = unsupported::show(cursor) {
        return Err(error);
    }
    let parameter = if cursor.eat_all(&["TRANSACTION", "ISOLATION", "LEVEL"]) {
        "transaction_isolation".to_owned()
    } else if cursor.eat_all(&["TIME", "ZONE"]) {
        "timezone".to_owned()
    } else if cursor.eat_all(&["SESSION", "AUTHORIZATION"]) {
        "session_authorization".to_owned()
    } else {
        parameter_name(cursor)?
    };
    Ok(Statement::Show { parameter })
}

/// `DEALLOCATE [PREPARE] {name | ALL}`. A quoted name keeps its case: it was given in a Parse message.
pub(super) fn deallocate(cursor: &mut Cursor<'_>) -> Result<Statement, SqlError> {
    cursor.expect("DEALLOCATE")?;
    if cursor.peek_at(1).is_some() {
        cursor.eat("PREPARE");
    }
    if cursor.eat("ALL") {
        return Ok(Statement::Deallocate { name: None });
    }
    let (name, quoted) = cursor.raw_name()?;
    if name.is_empty() {
        return Err(SqlError::new(SqlState::SyntaxError, "a prepared statement needs a name"));
    }
    Ok(Statement::Deallocate { name: Some(if quoted { name } else { name.to_ascii_lowercase() }) })
}
