//! Where the statements of a document stand in its text.

#[cfg(test)]
mod tests;

use serde::Deserialize;
use serde::de::IgnoredAny;

/// Line and column, from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Position {
    pub(super) line: usize,
    pub(super) column: usize,
}

/// A statement in its document's text.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Placed {
    pub(super) sid: Option<String>,
    pub(super) begin: Position,
    pub(super) end: Position,
}

/// What of a statement is looked at.
#[derive(Deserialize)]
struct Statement {
    #[serde(rename = "Sid")]
    sid: Option<String>,
}

/// The statements, in the order of the document, which is known to be one.
pub(super) fn statements(document: &str) -> Vec<Placed> {
    let Some((begin, end)) = statement_member(document) else { return Vec::new() };
    let is_list = document.get(begin..end).is_some_and(|text| text.starts_with('['));
    let spans = if is_list { items(document, begin.saturating_add(1)) } else { vec![(begin, end)] };
    let mut reader = Reader { document, at: 0, position: Position { line: 1, column: 1 } };
    let placed = spans.into_iter().map(|(begin, end)| {
        let read = document.get(begin..end).and_then(|text| serde_json::from_str::<Statement>(text).ok());
        let sid = read.and_then(|statement| statement.sid);
        Placed { sid, begin: reader.go_to(begin), end: reader.go_to(end) }
    });
    placed.collect()
}

/// The value of the member `Statement`, as offsets.
fn statement_member(document: &str) -> Option<(usize, usize)> {
    let mut at = skip(document, 0, &['{'])?;
    loop {
        let key_end = value_end(document, at)?;
        let key: String = serde_json::from_str(document.get(at..key_end)?).ok()?;
        let begin = skip(document, key_end, &[':'])?;
        let end = value_end(document, begin)?;
        if key == "Statement" {
            return Some((begin, end));
        }
        at = skip(document, end, &[','])?;
    }
}

/// The items of a list whose first one is at `at` or after it.
fn items(document: &str, at: usize) -> Vec<(usize, usize)> {
    let mut spans = Vec::new();
    let mut next = skip(document, at, &[]);
    while let Some(begin) = next {
        let Some(end) = value_end(document, begin) else { break };
        spans.push((begin, end));
        next = skip(document, end, &[',']);
    }
    spans
}

/// The offset behind the JSON value that begins at `at`.
fn value_end(document: &str, at: usize) -> Option<usize> {
    let mut values = serde_json::Deserializer::from_str(document.get(at..)?).into_iter::<IgnoredAny>();
    values.next()?.ok()?;
    at.checked_add(values.byte_offset())
}

/// The offset behind white space and these separators.
fn skip(document: &str, at: usize, separators: &[char]) -> Option<usize> {
    let rest = document.get(at..)?;
    let kept = rest.trim_start_matches(|letter: char| letter.is_ascii_whitespace() || separators.contains(&letter));
    (!kept.is_empty()).then(|| document.len().saturating_sub(kept.len()))
}

/// Counts lines and columns in one pass: a document may have thousands of statements.
struct Reader<'d> {
    document: &'d str,
    at: usize,
    position: Position,
}

impl Reader<'_> {
    /// `offset` isn't before the last one.
    fn go_to(&mut self, offset: usize) -> Position {
        for letter in self.document.get(self.at..offset).unwrap_or_default().chars() {
            let Position { line, column } = &mut self.position;
            if letter == '\n' {
                (*line, *column) = (line.saturating_add(1), 1);
            } else {
                *column = column.saturating_add(1);
            }
        }
        self.at = offset;
        self.position
    }
}
