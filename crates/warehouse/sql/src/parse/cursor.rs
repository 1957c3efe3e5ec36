//! A place in the tokens of one statement, and the small steps that every statement is read with.

#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "sqlparser's tokens are many and grow: what isn't named is an ordinary token"
)]

use sqlparser::tokenizer::Token;

use super::identifier;
use super::tokens::{Lexeme, Piece, slice};
use crate::error::{SqlError, SqlState};
use crate::statement::ObjectName;

/// Reads the tokens of one statement from left to right. Blanks and comments are skipped.
#[derive(Debug)]
pub(super) struct Cursor<'a> {
    source: &'a str,
    all: &'a [Lexeme],
    /// Indices into `all` of the tokens that mean something.
    significant: Vec<usize>,
    index: usize,
    terminator: Option<&'a Lexeme>,
    /// From this token on an error doesn't repeat what was written: it may be a password.
    secret_from: Option<usize>,
}

impl<'a> Cursor<'a> {
    pub(super) fn new(piece: &Piece<'a>) -> Self {
        let significant =
            piece.lexemes.iter().enumerate().filter(|(_, one)| !one.is_blank()).map(|(at, _)| at).collect();
        Self {
            source: piece.source,
            all: piece.lexemes,
            significant,
            index: 0,
            terminator: piece.terminator,
            secret_from: None,
        }
    }

    pub(super) fn peek_at(&self, ahead: usize) -> Option<&'a Lexeme> {
        self.significant.get(self.index.checked_add(ahead)?).and_then(|at| self.all.get(*at))
    }

    pub(super) fn peek(&self) -> Option<&'a Lexeme> {
        self.peek_at(0)
    }

    pub(super) fn next(&mut self) -> Option<&'a Lexeme> {
        let lexeme = self.peek()?;
        self.index += 1;
        Some(lexeme)
    }

    pub(super) fn is_done(&self) -> bool {
        self.peek().is_none()
    }

    /// Everything from here to the end of the statement, blanks included; the cursor is then at the end.
    pub(super) fn take_rest(&mut self) -> &'a [Lexeme] {
        let from = self.significant.get(self.index).copied().unwrap_or(self.all.len());
        self.index = self.significant.len();
        self.all.get(from..).unwrap_or_default()
    }

    /// The next `count` tokens that mean something, with the blanks between them.
    pub(super) fn take(&mut self, count: usize) -> &'a [Lexeme] {
        let from = self.significant.get(self.index).copied().unwrap_or(self.all.len());
        self.index = self.index.saturating_add(count).min(self.significant.len());
        let to = self.significant.get(self.index).copied().unwrap_or(self.all.len());
        self.all.get(from..to).unwrap_or_default()
    }

    /// The first word of the statement, in upper case.
    pub(super) fn command_word(&self) -> Option<String> {
        self.peek().and_then(Lexeme::bare_word).map(str::to_ascii_uppercase)
    }

    /// The next `count` unquoted words in upper case, as far as there are any.
    pub(super) fn words_ahead(&self, count: usize) -> Vec<String> {
        (0..count).map_while(|ahead| self.peek_at(ahead)?.bare_word().map(str::to_ascii_uppercase)).collect()
    }

    pub(super) fn at(&self, word: &str) -> bool {
        self.peek().is_some_and(|lexeme| lexeme.is_word(word))
    }

    pub(super) fn at_all(&self, words: &[&str]) -> bool {
        words.iter().enumerate().all(|(ahead, word)| self.peek_at(ahead).is_some_and(|lexeme| lexeme.is_word(word)))
    }

    pub(super) fn at_any(&self, words: &[&str]) -> bool {
        words.iter().any(|word| self.at(word))
    }

    /// `[LOCAL] [TEMPORARY|TEMP] TABLE`: what CREATE TABLE begins with.
    pub(super) fn at_table_definition(&self) -> bool {
        let local = usize::from(self.at("LOCAL"));
        let temporary = self.peek_at(local).is_some_and(|one| one.is_word("TEMPORARY") || one.is_word("TEMP"));
        let skipped = local + usize::from(temporary);
        (temporary || local == 0) && self.peek_at(skipped).is_some_and(|one| one.is_word("TABLE"))
    }

    pub(super) fn eat(&mut self, word: &str) -> bool {
        let found = self.at(word);
        self.index += usize::from(found);
        found
    }

    pub(super) fn eat_all(&mut self, words: &[&str]) -> bool {
        let found = self.at_all(words);
        if found {
            self.index += words.len();
        }
        found
    }

    pub(super) fn expect(&mut self, word: &str) -> Result<(), SqlError> {
        if self.eat(word) { Ok(()) } else { Err(self.unexpected()) }
    }

    pub(super) fn expect_all(&mut self, words: &[&str]) -> Result<(), SqlError> {
        words.iter().try_for_each(|word| self.expect(word))
    }

    pub(super) fn at_token(&self, token: &Token) -> bool {
        self.peek().is_some_and(|lexeme| lexeme.token.token == *token)
    }

    pub(super) fn eat_token(&mut self, token: &Token) -> bool {
        let found = self.at_token(token);
        self.index += usize::from(found);
        found
    }

    pub(super) fn expect_token(&mut self, token: &Token) -> Result<(), SqlError> {
        if self.eat_token(token) { Ok(()) } else { Err(self.unexpected()) }
    }

    /// Nothing may follow.
    pub(super) fn end(&self) -> Result<(), SqlError> {
        if self.is_done() { Ok(()) } else { Err(self.unexpected()) }
    }

    /// From the current token on errors don't repeat what was written.
    pub(super) fn hide_from_here(&mut self) {
        self.secret_from.get_or_insert(self.index);
    }

    /// `syntax error at or near` the current token.
    pub(super) fn unexpected(&self) -> SqlError {
        let Some(lexeme) = self.peek() else {
            return match self.terminator {
                Some(semicolon) => SqlError::syntax(";").at(semicolon.position),
                None => SqlError::end_of_input(),
            };
        };
        self.near(lexeme)
    }

    /// `syntax error at or near` this token.
    pub(super) fn near(&self, lexeme: &Lexeme) -> SqlError {
        let hidden = self.secret_from.is_some_and(|from| from <= self.index);
        let shown = if hidden { "***" } else { slice(self.source, lexeme) };
        SqlError::syntax(shown).at(lexeme.position)
    }

    /// 42601 for `lexeme`, wherever in the statement it is.
    pub(super) fn syntax_error_in(&self, lexemes: &[Lexeme], at: Option<usize>) -> SqlError {
        match at.and_then(|at| lexemes.get(at)) {
            Some(lexeme) => SqlError::syntax(slice(self.source, lexeme)).at(lexeme.position),
            None => self.unexpected(),
        }
    }

    /// `IF EXISTS`
    pub(super) fn if_exists(&mut self) -> bool {
        self.eat_all(&["IF", "EXISTS"])
    }

    /// `IF NOT EXISTS`
    pub(super) fn if_not_exists(&mut self) -> bool {
        self.eat_all(&["IF", "NOT", "EXISTS"])
    }

    /// `one [, ...]`
    pub(super) fn list<T>(
        &mut self,
        mut one: impl FnMut(&mut Self) -> Result<T, SqlError>,
    ) -> Result<Vec<T>, SqlError> {
        let mut found = vec![one(self)?];
        while self.eat_token(&Token::Comma) {
            found.push(one(self)?);
        }
        Ok(found)
    }

    /// `( one [, ...] )`
    pub(super) fn parenthesised<T>(
        &mut self,
        one: impl FnMut(&mut Self) -> Result<T, SqlError>,
    ) -> Result<Vec<T>, SqlError> {
        self.expect_token(&Token::LParen)?;
        let found = self.list(one)?;
        self.expect_token(&Token::RParen)?;
        Ok(found)
    }

    /// A name, folded.
    pub(super) fn name(&mut self) -> Result<String, SqlError> {
        let (name, _) = self.raw_name()?;
        Ok(identifier::fold(&name))
    }

    /// A name as it was written, and whether it was quoted.
    pub(super) fn raw_name(&mut self) -> Result<(String, bool), SqlError> {
        let Some(Token::Word(word)) = self.peek().map(|lexeme| &lexeme.token.token) else {
            return Err(self.unexpected());
        };
        let quoted = word.quote_style.is_some();
        if !quoted && identifier::is_reserved(&word.value) {
            return Err(self.unexpected());
        }
        if !quoted {
            self.refuse_hyphen()?;
        }
        self.index += 1;
        Ok((word.value.clone(), quoted))
    }

    /// `redshift-dbgroup` isn't a name: both walkthroughs' readers will write it, so say what is.
    fn refuse_hyphen(&self) -> Result<(), SqlError> {
        let next = self.peek_at(1);
        let (Some(first), Some(hyphen)) = (self.peek(), next.filter(|next| next.token.token == Token::Minus)) else {
            return Ok(());
        };
        if first.end != hyphen.start {
            return Ok(());
        }
        let end = self.adjacent_end(first.end);
        let whole = self.source.get(first.start..end).unwrap_or_default();
        Err(SqlError::syntax("-")
            .at(hyphen.position)
            .hint(format!("A name with a hyphen must be quoted: {}.", identifier::quoted(whole))))
    }

    /// Where the run of name-like tokens ends that begins at byte `end` of the text.
    fn adjacent_end(&self, start: usize) -> usize {
        let mut end = start;
        for lexeme in self.all.iter().skip_while(|lexeme| lexeme.start < start) {
            let name_like = matches!(
                &lexeme.token.token,
                Token::Word(word) if word.quote_style.is_none()
            ) || matches!(
                lexeme.token.token,
                Token::Number(..) | Token::AtSign | Token::Period | Token::Minus | Token::Colon
            );
            if lexeme.start != end || !name_like {
                break;
            }
            end = lexeme.end;
        }
        end
    }

    /// The name of a user, role or group as it was written, and whether it was quoted: also `ns:name` without quotes, where
    /// the second half may hold `@`, `.` and `-`.
    fn principal_name(&mut self) -> Result<(String, bool), SqlError> {
        let first = self.peek();
        let colon = self.peek_at(1).filter(|next| next.token.token == Token::Colon);
        if let (Some(first), Some(colon)) = (first, colon)
            && first.bare_word().is_some()
            && first.end == colon.start
        {
            let end = self.adjacent_end(colon.end);
            if end == colon.end {
                return Err(self.near(colon));
            }
            while self.peek().is_some_and(|lexeme| lexeme.start < end) {
                self.index += 1;
            }
            return Ok((self.source.get(first.start..end).unwrap_or_default().to_owned(), false));
        }
        self.raw_name()
    }

    /// The name of a role or group: folded, `ns:name` also without quotes.
    pub(super) fn role_name(&mut self) -> Result<String, SqlError> {
        let (name, _) = self.principal_name()?;
        Ok(identifier::fold(&name))
    }

    /// The name of a user: a quoted one keeps its case.
    pub(super) fn user_name(&mut self) -> Result<String, SqlError> {
        if self.at("PUBLIC") {
            return Err(SqlError::new(SqlState::SyntaxError, "PUBLIC is not a user")
                .at(self.peek().map_or(1, |lexeme| lexeme.position))
                .hint("PUBLIC stands for everybody and can only be a grantee."));
        }
        let (name, quoted) = self.principal_name()?;
        Ok(if quoted { identifier::keep(&name) } else { identifier::fold(&name) })
    }

    /// `[[database.]schema.]name`
    pub(super) fn object_name(&mut self) -> Result<ObjectName, SqlError> {
        let mut parts = vec![self.name()?];
        while self.eat_token(&Token::Period) {
            parts.push(self.name()?);
        }
        let mut parts = parts.into_iter().rev();
        let name = parts.next().unwrap_or_default();
        let (schema, database) = (parts.next(), parts.next());
        if parts.next().is_some() {
            return Err(SqlError::new(SqlState::SyntaxError, "improper qualified name (too many dotted names)")
                .hint("A table is named table, schema.table or database.schema.table."));
        }
        Ok(ObjectName { database, schema, name })
    }

    /// A name that can't be qualified; `what` says of what.
    pub(super) fn unqualified(&mut self, what: &str) -> Result<String, SqlError> {
        let name = self.name()?;
        if self.at_token(&Token::Period) {
            return Err(SqlError::unsupported(format!("a qualified {what} name"))
                .hint(format!("Name the {what} alone; it is looked for in the connected database.")));
        }
        Ok(name)
    }

    /// A text literal.
    pub(super) fn string(&mut self) -> Result<String, SqlError> {
        let Some(text) = self.peek().and_then(plain_literal) else {
            return Err(self.unexpected());
        };
        self.index += 1;
        Ok(text.to_owned())
    }

    /// An unsigned whole number.
    pub(super) fn number(&mut self) -> Result<u32, SqlError> {
        let Some(Token::Number(digits, _)) = self.peek().map(|lexeme| &lexeme.token.token) else {
            return Err(self.unexpected());
        };
        let number = digits.parse().map_err(|_| self.unexpected())?;
        self.index += 1;
        Ok(number)
    }

    /// A whole number with an optional sign.
    pub(super) fn signed_number(&mut self) -> Result<i64, SqlError> {
        let negative = self.eat_token(&Token::Minus);
        if !negative {
            self.eat_token(&Token::Plus);
        }
        let Some(Token::Number(digits, _)) = self.peek().map(|lexeme| &lexeme.token.token) else {
            return Err(self.unexpected());
        };
        let written = if negative { format!("-{digits}") } else { digits.clone() };
        let number = written.parse().map_err(|_| self.unexpected())?;
        self.index += 1;
        Ok(number)
    }
}

/// The literals whose text is meant as it is: not bits and not bytes.
fn plain_literal(lexeme: &Lexeme) -> Option<&str> {
    match &lexeme.token.token {
        Token::SingleQuotedString(text) | Token::EscapedStringLiteral(text) => Some(text),
        Token::DollarQuotedString(quoted) => Some(&quoted.value),
        _ => None,
    }
}
