//! ETags (RFC 7644 3.14): weak, made from a resource's version.

use crate::error::ScimError;

/// `W/"7"`
#[must_use]
pub fn of(version: u64) -> String {
    format!("W/\"{version}\"")
}

/// Weak comparison (RFC 9110 8.8.3.2) of a list of tags, or `*`.
fn names(header: &str, version: u64) -> bool {
    let version = format!("\"{version}\"");
    header.trim() == "*"
        || header.split(',').any(|tag| {
            let tag = tag.trim();
            tag.strip_prefix("W/").unwrap_or(tag) == version
        })
}

/// The version that a write has to find, from its If-Match header.
///
/// # Errors
/// 412 when the header names another version than the present one.
pub fn expected(if_match: Option<&str>, present: u64) -> Result<Option<u64>, ScimError> {
    match if_match.map(str::trim) {
        None => Ok(None),
        // whatever version there is, also one that is made meanwhile
        Some("*") => Ok(None),
        Some(header) if names(header, present) => Ok(Some(present)),
        Some(_) => Err(ScimError::PreconditionFailed(format!(
            "The resource has version {}, not the one in If-Match. Read it again and retry.",
            of(present)
        ))),
    }
}

/// Whether a GET with this If-None-Match header gets 304.
#[must_use]
pub fn is_unchanged(if_none_match: Option<&str>, present: u64) -> bool {
    if_none_match.is_some_and(|header| names(header, present))
}

#[cfg(test)]
mod tests;
