//! Passwords and other secrets out of a text that goes to the log or to the audit trail.

#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "sqlparser's tokens are many and grow: what isn't named is an ordinary token"
)]

use std::ops::Range;

use sqlparser::tokenizer::{Token, Whitespace};

use super::tokens::{Lexeme, Piece, scan, slice, split};

/// After these words a literal is a secret: CREATE USER's own, and those of COPY and UNLOAD, which people paste too.
const SECRET_WORDS: [&str; 6] =
    ["PASSWORD", "SECRET_ACCESS_KEY", "ACCESS_KEY_ID", "SESSION_TOKEN", "CREDENTIALS", "MASTER_SYMMETRIC_KEY"];

/// Words and signs that may stand between the word and its literal.
const FILLERS: [&str; 3] = ["AS", "IS", "TO"];

const HIDDEN: &str = "'***'";

/// `text` with every secret in it replaced by `'***'`: the literal after PASSWORD (also dollar-quoted and `E''`), the
/// credentials of COPY and UNLOAD, and the PARAMETERS of an identity provider. It is also right for texts that can't be
/// parsed: what can't be read to its end is hidden to its end when the text speaks of a secret at all.
#[must_use]
pub fn redact(text: &str) -> String {
    if !mentions_secret(text) {
        return text.to_owned();
    }
    let scan = scan(text);
    let failed = scan.failure.is_some() && scan.failed_at < text.len();
    let mut secrets: Vec<Range<usize>> = Vec::new();
    for piece in split(text, &scan.lexemes) {
        secrets.extend(secrets_of(&piece, failed, text.len()));
    }
    if failed {
        secrets.push(scan.failed_at..text.len());
    }
    replace(text, 0..text.len(), &secrets)
}

/// One statement of a text that was tokenised to its end, without blanks around it.
pub(super) fn redact_piece(piece: &Piece<'_>) -> String {
    let start = piece.lexemes.first().map_or(0, |lexeme| lexeme.start);
    let end = piece.lexemes.last().map_or(start, |lexeme| lexeme.end);
    let text = piece.source.get(start..end).unwrap_or_default();
    let secrets = if mentions_secret(text) { secrets_of(piece, false, end) } else { Vec::new() };
    replace(piece.source, start..end, &secrets).trim().to_owned()
}

fn mentions_secret(text: &str) -> bool {
    let upper = text.to_ascii_uppercase();
    SECRET_WORDS.iter().any(|word| upper.contains(word)) || (upper.contains("IDENTITY") && upper.contains("PARAMETERS"))
}

fn replace(text: &str, within: Range<usize>, secrets: &[Range<usize>]) -> String {
    let mut shown = String::new();
    let mut at = within.start;
    let mut hid = false;
    for secret in secrets {
        let between = text.get(at..secret.start).unwrap_or_default();
        shown.push_str(between);
        // Secrets that touch are one secret.
        if !(hid && between.is_empty()) {
            shown.push_str(HIDDEN);
        }
        hid = true;
        at = at.max(secret.end);
    }
    shown.push_str(text.get(at..within.end).unwrap_or_default());
    shown
}

/// The byte ranges to hide, in order. `failed`: the text has no proper end, so quotes may be paired wrongly.
fn secrets_of(piece: &Piece<'_>, failed: bool, text_end: usize) -> Vec<Range<usize>> {
    let about_user = follows(piece.lexemes, &["USER"]);
    let about_provider = follows(piece.lexemes, &["IDENTITY", "PROVIDER"]);
    let mut secrets: Vec<Range<usize>> = Vec::new();
    let mut expecting = Expecting::Nothing;
    for lexeme in piece.lexemes {
        let own = lexeme.start..lexeme.end;
        if let Token::Whitespace(blank) = &lexeme.token.token {
            if is_comment(blank) && mentions_secret(slice(piece.source, lexeme)) {
                secrets.extend(comment_body(blank, own));
            }
            continue;
        }
        if quoted_text(lexeme).is_some_and(mentions_secret) {
            if failed || about_user {
                // A stray quote before this has turned the statement inside out.
                secrets.push(lexeme.start..text_end);
                return secrets;
            }
            if quoted_text(lexeme).is_some_and(|text| text.contains(['\'', '"', '$'])) {
                secrets.push(own);
                continue;
            }
        }
        let touching = about_user && secrets.last().is_some_and(|last| last.end == lexeme.start);
        expecting = if touching && lexeme.token.token != Token::Comma {
            // `'o'brien`, or a password without quotes: all of it is the secret.
            secrets.push(own);
            expecting
        } else if is_secret_word(lexeme, about_provider) {
            Expecting::First
        } else if expecting != Expecting::Nothing && lexeme.text_literal().is_some() {
            secrets.push(own);
            // Literals side by side are one literal.
            Expecting::More
        } else if expecting == Expecting::First && is_filler(lexeme) {
            Expecting::First
        } else if expecting == Expecting::First && about_user && !is_no_secret(lexeme) {
            secrets.push(own);
            Expecting::Nothing
        } else {
            Expecting::Nothing
        };
    }
    secrets
}

/// Which literal is a secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Expecting {
    Nothing,
    /// The one after the word PASSWORD.
    First,
    /// Another one that continues it.
    More,
}

fn is_secret_word(lexeme: &Lexeme, about_provider: bool) -> bool {
    SECRET_WORDS.iter().any(|word| lexeme.is_word(word)) || (about_provider && lexeme.is_word("PARAMETERS"))
}

fn is_filler(lexeme: &Lexeme) -> bool {
    lexeme.token.token == Token::Eq || FILLERS.iter().any(|word| lexeme.is_word(word))
}

fn is_no_secret(lexeme: &Lexeme) -> bool {
    lexeme.is_word("DISABLE") || matches!(lexeme.token.token, Token::Placeholder(_))
}

/// The content of a literal or of a quoted name.
fn quoted_text(lexeme: &Lexeme) -> Option<&str> {
    match &lexeme.token.token {
        Token::Word(word) if word.quote_style.is_some() => Some(&word.value),
        _ => lexeme.text_literal(),
    }
}

fn is_comment(blank: &Whitespace) -> bool {
    matches!(blank, Whitespace::SingleLineComment { .. } | Whitespace::MultiLineComment(_))
}

/// What stands between the signs of a comment.
fn comment_body(blank: &Whitespace, own: Range<usize>) -> Option<Range<usize>> {
    let (before, after) = match blank {
        Whitespace::SingleLineComment { comment: _, prefix } => (prefix.len(), 0),
        Whitespace::MultiLineComment(_) => (2, 2),
        Whitespace::Space | Whitespace::Newline | Whitespace::Tab => return None,
    };
    Some(own.start.checked_add(before)?..own.end.checked_sub(after)?)
}

/// CREATE or ALTER, and then these words.
fn follows(lexemes: &[Lexeme], words: &[&str]) -> bool {
    let bare: Vec<&Lexeme> = lexemes.iter().filter(|lexeme| !lexeme.is_blank()).collect();
    bare.windows(words.len() + 1).any(|window| {
        let Some((first, rest)) = window.split_first() else { return false };
        (first.is_word("CREATE") || first.is_word("ALTER"))
            && rest.iter().zip(words).all(|(lexeme, word)| lexeme.is_word(word))
    })
}
