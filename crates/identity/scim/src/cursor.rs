//! Cursors (RFC 9865): where a page ended, and of which query.

use crate::error::ScimError;
use crate::schema::{GROUPS, ResourceType, USERS};

/// The resource that a page ended with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Position {
    /// `User` or `Group`.
    pub resource_type: &'static str,
    pub id: String,
}

/// Longest id in a cursor, in bytes; ours are UUIDs.
const LONGEST_ID: usize = 64;
const DIGEST: usize = 16;

const fn letter(resource_type: &ResourceType) -> char {
    if matches!(resource_type.name.as_bytes(), b"User") { 'u' } else { 'g' }
}

/// The cursor's text: letters, digits, `-` and `_`, so that it fits an address as it is. `query`: a digest of the query.
#[must_use]
pub(crate) fn encode(position: &Position, query: u64) -> String {
    let kind = if position.resource_type == USERS.name { letter(&USERS) } else { letter(&GROUPS) };
    format!("{kind}{query:016x}{}", position.id)
}

/// None for an empty text: the first page.
///
/// # Errors
/// `invalidCursor` for what [`encode`] doesn't make, or made for another query.
pub(crate) fn decode(text: &str, query: u64, types: &[&'static ResourceType]) -> Result<Option<Position>, ScimError> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    let refused = |why: &str| {
        ScimError::InvalidCursor(format!(
            "The cursor {why}. Begin with an empty cursor, then send the nextCursor of the page before, with the other parameters \
             unchanged."
        ))
    };
    let malformed = || refused("isn't one of this server");
    let mut characters = text.chars();
    let kind = characters.next().ok_or_else(malformed)?;
    let (digest, id) = characters.as_str().split_at_checked(DIGEST).ok_or_else(malformed)?;
    let digest = u64::from_str_radix(digest, 16).map_err(|_| malformed())?;
    let is_id = |one: char| one.is_ascii_alphanumeric() || matches!(one, '-' | '_');
    if id.is_empty() || id.len() > LONGEST_ID || !id.chars().all(is_id) {
        return Err(malformed());
    }
    if digest != query {
        return Err(refused("belongs to another query"));
    }
    let resource_type = types.iter().find(|one| letter(one) == kind).ok_or_else(malformed)?;
    Ok(Some(Position { resource_type: resource_type.name, id: id.to_owned() }))
}

#[cfg(test)]
mod tests;
