//! The bridge to sqlparser, which reads queries, data changes and expressions.

use sqlparser::ast as parsed;
use sqlparser::parser::{Parser, ParserError};
use sqlparser::tokenizer::{Location, Token};

use super::cursor::Cursor;
use super::tokens::{Lexeme, for_sqlparser};
use super::unsupported;
use crate::ast::{Expr, Query};
use crate::error::{SqlError, SqlState};
use crate::lower;
use crate::statement::Statement;

mod depth;

/// SELECT, WITH, VALUES, INSERT, UPDATE, DELETE: the whole rest of the statement.
pub(super) fn statement(cursor: &mut Cursor<'_>) -> Result<Statement, SqlError> {
    let lexemes = cursor.take_rest();
    lower::statement(read(cursor, lexemes, Parser::parse_statement)?)
}

/// A query: the whole rest of the statement.
pub(super) fn query(cursor: &mut Cursor<'_>) -> Result<Query, SqlError> {
    // sqlparser takes INSERT, UPDATE and DELETE for queries, too.
    if !at_query(cursor) {
        return Err(cursor.unexpected());
    }
    let lexemes = cursor.take_rest();
    let query: Box<parsed::Query> = read(cursor, lexemes, Parser::parse_query)?;
    lower::query(*query)
}

/// The next `count` tokens as one expression.
pub(super) fn expression(cursor: &mut Cursor<'_>, count: usize) -> Result<Expr, SqlError> {
    let lexemes = cursor.take(count);
    lower::expr(read(cursor, lexemes, Parser::parse_expr)?)
}

/// `EXPLAIN query`
pub(super) fn explain(cursor: &mut Cursor<'_>) -> Result<Statement, SqlError> {
    cursor.expect("EXPLAIN")?;
    if cursor.at_any(&["VERBOSE", "ANALYZE", "ANALYSE"]) {
        let option = cursor.command_word().unwrap_or_default();
        return Err(SqlError::unsupported(format!("EXPLAIN {option}")).hint("Use EXPLAIN followed by the query."));
    }
    if at_query(cursor) {
        return Ok(Statement::Explain { query: Box::new(query(cursor)?) });
    }
    match cursor.command_word() {
        Some(word)
            if matches!(word.as_str(), "INSERT" | "UPDATE" | "DELETE" | "CREATE") || unsupported::is_known(&word) =>
        {
            Err(SqlError::unsupported(format!("EXPLAIN of {word}")).hint("Only queries are explained."))
        }
        Some(_) | None => Err(cursor.unexpected()),
    }
}

fn at_query(cursor: &Cursor<'_>) -> bool {
    cursor.at_any(&["SELECT", "WITH", "VALUES"]) || cursor.at_token(&Token::LParen)
}

/// Runs one of sqlparser's functions over the tokens, all of which it must use up.
fn read<T>(
    cursor: &Cursor<'_>,
    lexemes: &[Lexeme],
    function: impl FnOnce(&mut Parser<'static>) -> Result<T, ParserError>,
) -> Result<T, SqlError> {
    static DIALECT: lower::QueryDialect = lower::QueryDialect;
    if let Some(lexeme) = depth::too_deep(lexemes) {
        return Err(too_complex().at(lexeme.position));
    }
    let mut parser = Parser::new(&DIALECT).with_tokens_with_locations(for_sqlparser(lexemes));
    let found = match function(&mut parser) {
        Ok(found) => found,
        Err(error) => return Err(syntax_error(cursor, lexemes, &parser, &error)),
    };
    let next = parser.peek_token_ref();
    if next.token == Token::EOF {
        return Ok(found);
    }
    Err(cursor.syntax_error_in(lexemes, place_of(lexemes, next.span.start)))
}

fn too_complex() -> SqlError {
    SqlError::new(SqlState::StatementTooComplex, "stack depth limit exceeded").hint(
        "The statement is nested too deeply: split it, write each JOIN's ON right after it, use IN (…) for many ORs.",
    )
}

/// sqlparser says where in the words of its message only: `Expected: …, found: x at Line: 1, Column: 8`.
fn syntax_error(cursor: &Cursor<'_>, lexemes: &[Lexeme], parser: &Parser<'_>, error: &ParserError) -> SqlError {
    let message = match error {
        ParserError::RecursionLimitExceeded => return too_complex(),
        ParserError::TokenizerError(message) | ParserError::ParserError(message) => message,
    };
    if message.ends_with("found: EOF") {
        return cursor.unexpected();
    }
    let place = location_in(message).and_then(|location| place_of(lexemes, location));
    let current = parser.get_current_index();
    cursor.syntax_error_in(lexemes, place.or(Some(current)))
}

fn location_in(message: &str) -> Option<Location> {
    let (_, tail) = message.rsplit_once(" at Line: ")?;
    let (line, column) = tail.split_once(", Column: ")?;
    Some(Location::new(line.trim().parse().ok()?, column.trim().parse().ok()?))
}

fn place_of(lexemes: &[Lexeme], location: Location) -> Option<usize> {
    lexemes.iter().position(|lexeme| !lexeme.is_blank() && lexeme.token.span.start == location)
}
