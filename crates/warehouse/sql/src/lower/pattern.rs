//! Patterns that are read here: `to_char`'s into the engine's `strftime`, SIMILAR TO's into a regular expression.

use super::Result;
use crate::ast::{TextPiece, TextStyle};
use crate::error::{SqlError, SqlState};

/// Pattern word, the engine's, how it is shown. Longer words first.
const WORDS: &[(&str, &str, TextStyle)] = &[
    ("FMMONTH", "%B", TextStyle::AsIs),
    ("FMDAY", "%A", TextStyle::AsIs),
    ("MONTH", "%B", TextStyle::PadNine),
    ("HH24", "%H", TextStyle::AsIs),
    ("HH12", "%I", TextStyle::AsIs),
    ("YYYY", "%Y", TextStyle::AsIs),
    ("IYYY", "%G", TextStyle::AsIs),
    ("DDD", "%j", TextStyle::AsIs),
    ("DAY", "%A", TextStyle::PadNine),
    ("MON", "%b", TextStyle::AsIs),
    ("YY", "%y", TextStyle::AsIs),
    ("MM", "%m", TextStyle::AsIs),
    ("MI", "%M", TextStyle::AsIs),
    ("MS", "%g", TextStyle::AsIs),
    ("DD", "%d", TextStyle::AsIs),
    ("DY", "%a", TextStyle::AsIs),
    ("HH", "%I", TextStyle::AsIs),
    ("SS", "%S", TextStyle::AsIs),
    ("US", "%f", TextStyle::AsIs),
    ("IW", "%V", TextStyle::AsIs),
    ("AM", "%p", TextStyle::Upper),
    ("PM", "%p", TextStyle::Upper),
    ("Q", "", TextStyle::Quarter),
];

/// `to_char(timestamp, pattern)`
pub(super) fn output(pattern: &str) -> Result<Vec<TextPiece>> {
    let mut pieces: Vec<TextPiece> = Vec::new();
    for piece in read(pattern)? {
        match pieces.last_mut() {
            Some(last) if last.style == TextStyle::AsIs && piece.style == TextStyle::AsIs => {
                last.strftime.push_str(&piece.strftime);
            }
            _ => pieces.push(piece),
        }
    }
    Ok(pieces)
}

/// `to_date(text, pattern)`, `to_timestamp(text, pattern)`: letters match in either case.
pub(super) fn input(pattern: &str) -> Result<String> {
    let mut joined = String::new();
    for piece in read(pattern)? {
        match piece.style {
            TextStyle::Quarter => return Err(SqlError::unsupported("Q in the pattern of a text to read")),
            TextStyle::AsIs
            | TextStyle::Upper
            | TextStyle::Lower
            | TextStyle::PadNine
            | TextStyle::UpperPadNine
            | TextStyle::LowerPadNine => joined.push_str(&piece.strftime),
        }
    }
    Ok(joined)
}

fn read(pattern: &str) -> Result<Vec<TextPiece>> {
    if pattern.is_empty() {
        return Err(SqlError::new(SqlState::InvalidParameterValue, "the pattern is empty"));
    }
    let mut pieces = Vec::new();
    let mut rest = pattern;
    while let Some(first) = rest.chars().next() {
        let upper = rest.to_ascii_uppercase();
        if let Some((word, strftime, style)) = WORDS.iter().find(|(word, _, _)| upper.starts_with(word)) {
            let (written, tail) = rest.split_at_checked(word.len()).unwrap_or((rest, ""));
            pieces.push(TextPiece { strftime: (*strftime).to_owned(), style: styled(written, strftime, *style) });
            rest = tail;
        } else if let Some((quoted, tail)) = rest.strip_prefix('"').and_then(|rest| rest.split_once('"')) {
            pieces.push(fixed(quoted));
            rest = tail;
        } else if first.is_ascii_alphanumeric() || matches!(first, '"' | '\0') {
            return Err(SqlError::unsupported(format!("\"{first}\" in the date pattern '{pattern}'"))
                .hint("Supported are YYYY YY MM MON MONTH DD DDD DY DAY HH24 HH12 HH MI SS MS US AM PM Q IW IYYY."));
        } else {
            pieces.push(fixed(&first.to_string()));
            rest = rest.strip_prefix(first).unwrap_or_default();
        }
    }
    Ok(pieces)
}

fn fixed(text: &str) -> TextPiece {
    TextPiece { strftime: text.replace('%', "%%"), style: TextStyle::AsIs }
}

/// Names of months and days, AM and PM follow the case in which the pattern writes them.
fn styled(written: &str, strftime: &str, style: TextStyle) -> TextStyle {
    if !matches!(strftime, "%B" | "%b" | "%A" | "%a" | "%p") {
        return style;
    }
    let written = written.strip_prefix("FM").or_else(|| written.strip_prefix("fm")).unwrap_or(written);
    let padded = style == TextStyle::PadNine;
    let mut letters = written.chars();
    let first_upper = letters.next().is_some_and(|c| c.is_ascii_uppercase());
    let second_upper = letters.next().is_some_and(|c| c.is_ascii_uppercase());
    match (first_upper, second_upper, padded) {
        (true, true, false) => TextStyle::Upper,
        (true, true, true) => TextStyle::UpperPadNine,
        (true, false, false) => TextStyle::AsIs,
        (true, false, true) => TextStyle::PadNine,
        (false, _, false) => TextStyle::Lower,
        (false, _, true) => TextStyle::LowerPadNine,
    }
}

/// SIMILAR TO: `%` and `_` as in LIKE; `| * + ? { } ( ) [ ]` as in a regular expression; the whole text must match.
pub(super) fn similar(pattern: &str, escape: Option<char>) -> Result<String> {
    let mut regex = "(?s)^(?:".to_owned();
    let mut characters = pattern.chars();
    let mut in_brackets = false;
    while let Some(character) = characters.next() {
        if Some(character) == escape {
            let Some(escaped) = characters.next() else {
                return Err(SqlError::new(
                    SqlState::InvalidParameterValue,
                    "the pattern ends with its escape character",
                ));
            };
            push_escaped(&mut regex, escaped);
            continue;
        }
        match character {
            '\0' => return Err(SqlError::new(SqlState::InvalidParameterValue, "a text can't contain a NUL character")),
            ']' => {
                in_brackets = false;
                regex.push(character);
            }
            _ if in_brackets && character != '\\' => regex.push(character),
            '[' => {
                in_brackets = true;
                regex.push(character);
            }
            '%' => regex.push_str(".*"),
            '_' => regex.push('.'),
            '|' | '*' | '+' | '?' | '{' | '}' | '(' | ')' => regex.push(character),
            other => push_escaped(&mut regex, other),
        }
    }
    regex.push_str(")$");
    Ok(regex)
}

fn push_escaped(regex: &mut String, character: char) {
    if character.is_ascii_punctuation() {
        regex.push('\\');
    }
    regex.push(character);
}
