//! Identifiers as DuckDB writes and reads them.

/// `"name"`, with quotes inside doubled.
pub(crate) fn quote(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// One identifier at the start of `text` and what follows it. Double quotes are undone, bare names are taken as written.
pub(crate) fn identifier(text: &str) -> Option<(String, &str)> {
    let Some(quoted) = text.strip_prefix('"') else {
        let end = text.find(|c: char| !(c.is_alphanumeric() || c == '_' || c == '$')).unwrap_or(text.len());
        let (name, rest) = text.split_at_checked(end)?;
        return (!name.is_empty()).then(|| (name.to_owned(), rest));
    };
    let mut name = String::new();
    let mut rest = quoted;
    loop {
        let (part, after) = rest.split_once('"')?;
        name.push_str(part);
        match after.strip_prefix('"') {
            Some(more) => {
                name.push('"');
                rest = more;
            }
            None => return (!name.is_empty()).then_some((name, after)),
        }
    }
}

/// `a.b.c`, nothing after it.
pub(crate) fn qualified(text: &str) -> Option<Vec<String>> {
    let (parts, rest) = dotted(text)?;
    rest.is_empty().then_some(parts)
}

/// `a.b.c` at the start of `text` and what follows it.
pub(crate) fn dotted(text: &str) -> Option<(Vec<String>, &str)> {
    let (first, mut rest) = identifier(text)?;
    let mut parts = vec![first];
    while let Some(after) = rest.strip_prefix('.') {
        let (next, left) = identifier(after)?;
        parts.push(next);
        rest = left;
    }
    Some((parts, rest))
}

#[cfg(test)]
mod tests;
