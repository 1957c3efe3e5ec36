//! What Redshift can grant and we don't, by name.

use sqlparser::tokenizer::Token;

use super::Direction;
use crate::parse::cursor::Cursor;
use crate::parse::identifier::is_reserved;

/// `r_GRANT.html`, system permissions.
const SYSTEM_PERMISSIONS: [&[&str]; 37] = [
    &["CREATE", "USER"],
    &["DROP", "USER"],
    &["ALTER", "USER"],
    &["CREATE", "ROLE"],
    &["DROP", "ROLE"],
    &["CREATE", "SCHEMA"],
    &["DROP", "SCHEMA"],
    &["ALTER", "DEFAULT", "PRIVILEGES"],
    &["CREATE", "TABLE"],
    &["DROP", "TABLE"],
    &["ALTER", "TABLE"],
    &["CREATE", "OR", "REPLACE", "FUNCTION"],
    &["CREATE", "OR", "REPLACE", "EXTERNAL", "FUNCTION"],
    &["DROP", "FUNCTION"],
    &["CREATE", "OR", "REPLACE", "PROCEDURE"],
    &["DROP", "PROCEDURE"],
    &["CREATE", "OR", "REPLACE", "VIEW"],
    &["DROP", "VIEW"],
    &["CREATE", "MODEL"],
    &["DROP", "MODEL"],
    &["CREATE", "DATASHARE"],
    &["ALTER", "DATASHARE"],
    &["DROP", "DATASHARE"],
    &["CREATE", "LIBRARY"],
    &["DROP", "LIBRARY"],
    &["TRUNCATE", "TABLE"],
    &["VACUUM"],
    &["ANALYZE"],
    &["CANCEL"],
    &["IGNORE", "RLS"],
    &["EXPLAIN", "RLS"],
    &["EXPLAIN", "MASKING"],
    &["ACCESS", "SYSTEM", "TABLE"],
    &["ACCESS", "CATALOG"],
    &["ALTER", "SYSTEM"],
    &["ALL", "PRIVILEGES"],
    &["ALL"],
];

/// The first permission of the list, where it is one: `CREATE USER` before `,` or `TO ROLE`.
pub(super) fn system_permission(cursor: &Cursor<'_>, direction: Direction) -> Option<String> {
    let found = SYSTEM_PERMISSIONS.iter().find(|words| cursor.at_all(words))?;
    let at = |ahead: usize| cursor.peek_at(found.len() + ahead);
    let ends = at(0).is_some_and(|lexeme| lexeme.is_word(direction.preposition()));
    let goes_on = at(0).is_some_and(|lexeme| lexeme.token.token == Token::Comma);
    let first = found.first().copied().unwrap_or_default();
    // VACUUM and CANCEL alone could also be the names of roles; then what comes next decides.
    let certain = found.len() > 1 || is_reserved(first);
    let to_role = at(1).is_some_and(|lexeme| lexeme.is_word("ROLE"));
    let another = SYSTEM_PERMISSIONS.iter().any(|words| {
        words.iter().enumerate().all(|(nth, word)| at(1 + nth).is_some_and(|lexeme| lexeme.is_word(word)))
    });
    ((ends && (certain || to_role)) || (goes_on && (certain || another))).then(|| found.join(" "))
}

/// A privilege that is refused whatever it is on.
pub(super) fn subject(cursor: &Cursor<'_>) -> Option<&'static str> {
    const REFUSED: [(&str, &str); 5] = [
        ("ASSUMEROLE", "the privilege ASSUMEROLE"),
        ("SHARE", "the privilege SHARE"),
        ("EXECUTE", "the privilege EXECUTE"),
        ("RULE", "the privilege RULE"),
        ("TRIGGER", "the privilege TRIGGER"),
    ];
    let (word, what) = REFUSED.iter().find(|(word, _)| cursor.at(word))?;
    // A role may be called like that: `GRANT share TO bob`.
    let used_as_privilege = cursor.peek_at(1).is_some_and(|next| next.is_word("ON") || next.is_word("FOR"));
    (used_as_privilege || *word == "ASSUMEROLE").then_some(*what)
}

/// What follows ON.
pub(super) fn target(cursor: &Cursor<'_>) -> Option<&'static str> {
    const REFUSED: [(&[&str], &str); 16] = [
        (&["ALL", "FUNCTIONS", "IN"], "functions"),
        (&["ALL", "PROCEDURES", "IN"], "procedures"),
        (&["ALL", "COPY", "JOBS"], "copy jobs"),
        (&["ALL", "TEMPLATES", "IN"], "templates"),
        (&["EXTERNAL", "TABLE"], "external tables"),
        (&["EXTERNAL", "SCHEMA"], "external schemas"),
        (&["EXTERNAL", "FUNCTION"], "external functions"),
        (&["COPY", "JOB"], "copy jobs"),
        (&["FUNCTION"], "functions"),
        (&["PROCEDURE"], "procedures"),
        (&["LANGUAGE"], "languages"),
        (&["DATASHARE"], "datashares"),
        (&["MODEL"], "models"),
        (&["TEMPLATE"], "templates"),
        (&["SEQUENCE"], "sequences"),
        (&["TABLESPACE"], "tablespaces"),
    ];
    let (words, what) = REFUSED.iter().find(|(words, _)| cursor.at_all(words))?;
    // `ON model TO bob` is a table with that name.
    let next = cursor.peek_at(words.len());
    let alone = next.is_none_or(|next| {
        next.is_word("TO") || next.is_word("FROM") || matches!(next.token.token, Token::Comma | Token::Period)
    });
    (words.len() > 1 || !alone).then_some(*what)
}

/// What follows TO.
pub(super) fn grantee(cursor: &Cursor<'_>) -> Option<&'static str> {
    const REFUSED: [(&[&str], &str); 5] = [
        (&["RLS", "POLICY"], "an RLS policy"),
        (&["MASKING", "POLICY"], "a masking policy"),
        (&["IAM_ROLE"], "an IAM role"),
        (&["NAMESPACE"], "a namespace"),
        (&["ACCOUNT"], "an account"),
    ];
    let (words, what) = REFUSED.iter().find(|(words, _)| cursor.at_all(words))?;
    // A user may be called `account`.
    let has_value = cursor.peek_at(words.len()).is_some_and(|next| next.text_literal().is_some());
    (words.len() > 1 || has_value).then_some(*what)
}
