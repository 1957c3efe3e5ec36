//! The target's name where DuckDB's plan doesn't show it: INSERT and CREATE TABLE AS.
//!
//! The forms that `sql::render` writes and no others, so that there is nothing to get wrong: the statement's first words,
//! then `schema.table`. The caller lets the binder say what INSERT's name means.

use crate::names;

/// Schema and name.
pub(super) type Target = (String, String);

/// `INSERT INTO schema.table …`
pub(super) fn of_insert(text: &str) -> Option<Target> {
    target(words(text, &["INSERT", "INTO"])?)
}

/// `CREATE TABLE [IF NOT EXISTS] schema.table …`; neither OR REPLACE nor TEMPORARY.
pub(super) fn of_create(text: &str) -> Option<Target> {
    let rest = words(text, &["CREATE", "TABLE"])?;
    target(words(rest, &["IF", "NOT", "EXISTS"]).unwrap_or(rest))
}

fn words<'text>(text: &'text str, words: &[&str]) -> Option<&'text str> {
    words.iter().try_fold(text, |rest, word| {
        let (first, rest) = rest.split_once(' ')?;
        first.eq_ignore_ascii_case(word).then_some(rest)
    })
}

/// Two parts, and a blank or a parenthesis after them: a comment or a third part is another form.
fn target(text: &str) -> Option<Target> {
    let (parts, rest) = names::dotted(text)?;
    let [schema, name] = <[String; 2]>::try_from(parts).ok()?;
    rest.starts_with([' ', '(']).then_some((schema, name))
}

#[cfg(test)]
mod tests;
