//! Tokens with their place in the text, and the split into statements.

#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "sqlparser's tokens are many and grow: what isn't named is an ordinary token"
)]

use sqlparser::tokenizer::{Location, Token, TokenWithSpan, Tokenizer, TokenizerError, Whitespace};

use crate::error::{SqlError, SqlState};

/// The most parameters that the wire protocol can bind (a 16-bit count).
const MAX_PARAMETERS: usize = 65_535;

/// A token and where it stands. Offsets are bytes of the text, `position` is 1-based and in characters.
#[derive(Debug, Clone)]
pub(super) struct Lexeme {
    pub(super) token: TokenWithSpan,
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) position: usize,
}

impl Lexeme {
    pub(super) fn is_blank(&self) -> bool {
        matches!(self.token.token, Token::Whitespace(_))
    }

    /// An unquoted word.
    pub(super) fn bare_word(&self) -> Option<&str> {
        match &self.token.token {
            Token::Word(word) if word.quote_style.is_none() => Some(&word.value),
            _ => None,
        }
    }

    pub(super) fn is_word(&self, word: &str) -> bool {
        self.bare_word().is_some_and(|own| own.eq_ignore_ascii_case(word))
    }

    /// The content of any kind of text literal.
    pub(super) fn text_literal(&self) -> Option<&str> {
        match &self.token.token {
            Token::SingleQuotedString(text)
            | Token::EscapedStringLiteral(text)
            | Token::NationalStringLiteral(text)
            | Token::UnicodeStringLiteral(text)
            | Token::HexStringLiteral(text) => Some(text),
            Token::DollarQuotedString(quoted) => Some(&quoted.value),
            _ => None,
        }
    }
}

/// What the tokeniser made of a text. With a `failure`, the lexemes are those before it, and `failed_at` is the byte where the
/// unreadable rest begins.
#[derive(Debug)]
pub(super) struct Scan {
    pub(super) lexemes: Vec<Lexeme>,
    pub(super) failure: Option<SqlError>,
    pub(super) failed_at: usize,
}

/// The tokens between two semicolons, blanks and comments included.
#[derive(Debug)]
pub(super) struct Piece<'a> {
    pub(super) source: &'a str,
    pub(super) lexemes: &'a [Lexeme],
    /// The semicolon that ends it.
    pub(super) terminator: Option<&'a Lexeme>,
}

pub(super) fn scan(text: &str) -> Scan {
    let mut raw = Vec::new();
    let outcome = Tokenizer::new(&crate::lower::QueryDialect, text).tokenize_with_location_into_buf(&mut raw);
    let mut ruler = Ruler::new(text);
    let mut lexemes = Vec::with_capacity(raw.len());
    for token in raw {
        let (start, position) = ruler.advance(token.span.start);
        let (end, _) = ruler.advance(token.span.end);
        lexemes.push(Lexeme { token, start, end, position });
    }
    let failed_at = lexemes.last().map_or(0, |last| last.end);
    let failure = match outcome {
        Err(error) => Some(unreadable(text, failed_at, ruler.position, &error)),
        Ok(()) => lexemes.iter().find_map(|lexeme| refused(text, lexeme)),
    };
    Scan { lexemes, failure, failed_at }
}

/// Cuts at semicolons. There is always at least one piece.
pub(super) fn split<'a>(source: &'a str, lexemes: &'a [Lexeme]) -> Vec<Piece<'a>> {
    let mut pieces = Vec::new();
    let mut rest = lexemes;
    loop {
        let found = rest.iter().position(|lexeme| lexeme.token.token == Token::SemiColon);
        let Some((own, after)) = found.and_then(|index| rest.split_at_checked(index)) else {
            pieces.push(Piece { source, lexemes: rest, terminator: None });
            return pieces;
        };
        let Some((semicolon, next)) = after.split_first() else {
            return pieces;
        };
        pieces.push(Piece { source, lexemes: own, terminator: Some(semicolon) });
        rest = next;
    }
}

/// The highest `$n`.
pub(super) fn parameters(lexemes: &[Lexeme]) -> usize {
    lexemes.iter().filter_map(|lexeme| parameter(&lexeme.token.token)).max().unwrap_or(0)
}

fn parameter(token: &Token) -> Option<usize> {
    match token {
        Token::Placeholder(text) => text.strip_prefix('$')?.parse().ok(),
        _ => None,
    }
}

/// Tokens that the tokeniser takes and Redshift doesn't.
fn refused(text: &str, lexeme: &Lexeme) -> Option<SqlError> {
    let nul = || {
        SqlError::new(SqlState::CharacterNotInRepertoire, "invalid byte sequence for encoding \"UTF8\": 0x00")
            .at(lexeme.position)
    };
    if let Some(literal) = lexeme.text_literal() {
        return literal.contains('\0').then(nul);
    }
    match &lexeme.token.token {
        Token::Word(word) if word.quote_style == Some('"') && word.value.is_empty() => Some(
            SqlError::new(SqlState::SyntaxError, "zero-length delimited identifier at or near \"\"\"\"")
                .at(lexeme.position),
        ),
        Token::Word(word) if word.value.contains('\0') => Some(nul()),
        // `[name]` is SQL Server's quoting; sqlparser's Redshift dialect takes it, Redshift doesn't.
        Token::Word(word) if word.quote_style.is_some_and(|quote| quote != '"') => {
            Some(SqlError::syntax("[").at(lexeme.position))
        }
        // `10L`: in PostgreSQL a number and an alias.
        Token::Number(_, true) => Some(SqlError::syntax(slice(text, lexeme)).at(lexeme.position)),
        token @ Token::Placeholder(shown) => match parameter(token) {
            Some(0) => {
                Some(SqlError::new(SqlState::UndefinedParameter, "there is no parameter $0").at(lexeme.position))
            }
            Some(number) if number <= MAX_PARAMETERS => None,
            Some(_) | None => Some(SqlError::syntax(shown).at(lexeme.position)),
        },
        Token::Char('\0') => Some(nul()),
        _ => None,
    }
}

/// A token that has no end. The text itself isn't repeated: it may be the rest of a password.
fn unreadable(text: &str, start: usize, position: usize, error: &TokenizerError) -> SqlError {
    let rest = text.get(start..).unwrap_or_default();
    let what = |message: &str| SqlError::new(SqlState::SyntaxError, message).at(position);
    match rest.chars().next() {
        None => SqlError::end_of_input(),
        Some('\'' | 'n' | 'N' | 'x' | 'X') => what("unterminated quoted string at or near \"'\""),
        Some('e' | 'E') => what("unterminated or invalid escape string at or near \"E'\""),
        Some('"') => what("unterminated quoted identifier at or near \"\"\""),
        Some('$') => what("unterminated dollar-quoted string at or near \"$$\""),
        Some('/') => what("unterminated /* comment at or near \"/*\""),
        Some(other) => SqlError::syntax(&other.to_string()).at(position).detail(format!("{}.", error.message)),
    }
}

/// The text of one token.
pub(super) fn slice<'a>(source: &'a str, lexeme: &Lexeme) -> &'a str {
    source.get(lexeme.start..lexeme.end).unwrap_or_default()
}

/// The same tokens for sqlparser. Comments become blanks, so that none is taken for an optimizer hint; `E'…'`, whose escapes are
/// already read, becomes a plain string, which is all that its Redshift takes.
pub(super) fn for_sqlparser(lexemes: &[Lexeme]) -> Vec<TokenWithSpan> {
    lexemes
        .iter()
        .map(|lexeme| match &lexeme.token.token {
            Token::Whitespace(Whitespace::MultiLineComment(_) | Whitespace::SingleLineComment { .. }) => {
                TokenWithSpan::new(Token::Whitespace(Whitespace::Newline), lexeme.token.span)
            }
            Token::EscapedStringLiteral(text) => {
                TokenWithSpan::new(Token::SingleQuotedString(text.clone()), lexeme.token.span)
            }
            _ => lexeme.token.clone(),
        })
        .collect()
}

/// Turns the tokeniser's lines and columns into offsets, walking the text once.
struct Ruler<'a> {
    rest: std::iter::Peekable<std::str::CharIndices<'a>>,
    location: Location,
    length: usize,
    position: usize,
}

impl<'a> Ruler<'a> {
    fn new(text: &'a str) -> Self {
        Self { rest: text.char_indices().peekable(), location: Location::new(1, 1), length: text.len(), position: 1 }
    }

    /// The byte offset and the 1-based character position of a location that isn't before the last one asked for.
    fn advance(&mut self, to: Location) -> (usize, usize) {
        while self.location < to {
            let Some((_, character)) = self.rest.next() else { break };
            self.position += 1;
            // As the tokeniser counts: only a line feed begins a line.
            if character == '\n' {
                self.location.line += 1;
                self.location.column = 1;
            } else {
                self.location.column += 1;
            }
        }
        let offset = self.rest.peek().map_or(self.length, |(offset, _)| *offset);
        (offset, self.position)
    }
}
