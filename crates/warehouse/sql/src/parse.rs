//! Text to statements.
//!
//! The text is tokenised once. Data statements (SELECT, INSERT, UPDATE, DELETE) are read by `sqlparser` and lowered to our
//! own tree; every other statement is read here, token by token, so that nothing of it can be overlooked: a clause that
//! isn't carried out is refused by its name.

mod column;
mod cursor;
mod data;
mod data_type;
mod grant;
mod identifier;
mod principal;
mod provider;
mod redact;
mod schema;
mod session;
mod table;
mod tokens;
mod unsupported;
mod user;

#[cfg(test)]
mod tests;

use sqlparser::tokenizer::Token;

use crate::error::SqlError;
use crate::statement::Statement;

pub use identifier::is_reserved;
pub use redact::redact;

use cursor::Cursor;

/// One statement of a text, with its own text (for the audit trail) and the number of `$n` parameters it uses.
#[derive(Debug, Clone)]
pub struct ParsedStatement {
    pub statement: Statement,
    /// The statement as it was written, without the semicolon; passwords and other secrets in it are `'***'` (see [`redact`]).
    pub text: String,
    /// The highest `$n`.
    pub parameters: usize,
}

/// Splits at semicolons and parses each statement. A text with nothing but blanks, comments and semicolons gives one
/// [`Statement::Empty`]; other empty statements are left out.
///
/// # Errors
///
/// The first statement that can't be read refuses the whole text: 42601 for what isn't SQL, 0A000 for what isn't carried out.
pub fn parse(text: &str) -> Result<Vec<ParsedStatement>, SqlError> {
    let scan = tokens::scan(text);
    if let Some(error) = scan.failure {
        return Err(error);
    }
    let mut parsed = Vec::new();
    for piece in tokens::split(text, &scan.lexemes) {
        let statement = statement(&mut Cursor::new(&piece))?;
        let text = redact::redact_piece(&piece);
        parsed.push(ParsedStatement { statement, text, parameters: tokens::parameters(piece.lexemes) });
    }
    if parsed.iter().any(|one| !matches!(one.statement, Statement::Empty)) {
        parsed.retain(|one| !matches!(one.statement, Statement::Empty));
    } else {
        parsed.truncate(1);
    }
    Ok(parsed)
}

/// One whole statement: what it says, and nothing after it.
fn statement(cursor: &mut Cursor<'_>) -> Result<Statement, SqlError> {
    if cursor.is_done() {
        return Ok(Statement::Empty);
    }
    if cursor.at_token(&Token::LParen) {
        return data::statement(cursor);
    }
    let Some(word) = cursor.command_word() else {
        return Err(cursor.unexpected());
    };
    let statement = match word.as_str() {
        "SELECT" | "WITH" | "VALUES" | "INSERT" | "UPDATE" | "DELETE" => return data::statement(cursor),
        "CREATE" => create(cursor),
        "ALTER" => alter(cursor),
        "DROP" => drop(cursor),
        "DESC" | "DESCRIBE" => provider::describe(cursor),
        "GRANT" => grant::grant(cursor),
        "REVOKE" => grant::revoke(cursor),
        "TRUNCATE" => table::truncate(cursor),
        "EXPLAIN" => data::explain(cursor),
        "BEGIN" | "START" => session::begin(cursor),
        "COMMIT" | "END" => session::commit(cursor),
        "ROLLBACK" | "ABORT" => session::rollback(cursor),
        "SET" => session::set(cursor),
        "RESET" => session::reset(cursor),
        "SHOW" => session::show(cursor),
        "DEALLOCATE" => session::deallocate(cursor),
        other => Err(unsupported::command(other).unwrap_or_else(|| cursor.unexpected())),
    }?;
    cursor.end()?;
    Ok(statement)
}

fn create(cursor: &mut Cursor<'_>) -> Result<Statement, SqlError> {
    cursor.expect("CREATE")?;
    if cursor.eat_all(&["IDENTITY", "PROVIDER"]) {
        return provider::create(cursor);
    }
    if cursor.eat("USER") {
        return user::create(cursor);
    }
    if cursor.eat("GROUP") {
        return principal::create_group(cursor);
    }
    if cursor.eat("ROLE") {
        return principal::create_role(cursor);
    }
    if cursor.eat("SCHEMA") {
        return schema::create(cursor);
    }
    if cursor.at_table_definition() {
        return table::create(cursor);
    }
    Err(unsupported::object("CREATE", cursor))
}

fn alter(cursor: &mut Cursor<'_>) -> Result<Statement, SqlError> {
    cursor.expect("ALTER")?;
    if cursor.eat_all(&["IDENTITY", "PROVIDER"]) {
        return provider::alter(cursor);
    }
    if cursor.eat("USER") {
        return user::alter(cursor);
    }
    if cursor.eat("GROUP") {
        return principal::alter_group(cursor);
    }
    if cursor.eat("ROLE") {
        return principal::alter_role(cursor);
    }
    if cursor.eat("SCHEMA") {
        return schema::alter(cursor);
    }
    if cursor.eat("TABLE") {
        return table::alter(cursor);
    }
    Err(unsupported::object("ALTER", cursor))
}

fn drop(cursor: &mut Cursor<'_>) -> Result<Statement, SqlError> {
    cursor.expect("DROP")?;
    if cursor.eat_all(&["IDENTITY", "PROVIDER"]) {
        return provider::drop(cursor);
    }
    if cursor.eat("USER") {
        return user::drop(cursor);
    }
    if cursor.eat("GROUP") {
        return principal::drop_group(cursor);
    }
    if cursor.eat("ROLE") {
        return principal::drop_role(cursor);
    }
    if cursor.eat("SCHEMA") {
        return schema::drop(cursor);
    }
    if cursor.eat("TABLE") {
        return table::drop(cursor);
    }
    Err(unsupported::object("DROP", cursor))
}
