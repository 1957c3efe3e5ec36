//! What tags may be (EC2 "Tag restrictions", the same as Redshift's).

use std::collections::BTreeMap;

use crate::NetworkError;

/// Tags of one resource.
pub const TAGS_MAX: usize = 50;

/// What is wrong with a tag, for the client.
fn fault(key: &str, value: &str) -> Option<String> {
    let length = key.chars().count();
    if key.to_ascii_lowercase().starts_with("aws:") {
        return Some("Tag keys starting with 'aws:' are reserved for internal use".to_owned());
    }
    if !(1..=128).contains(&length) || key.chars().any(char::is_control) {
        return Some("Tag key must have 1 to 128 characters.".to_owned());
    }
    if value.chars().count() > 256 || value.chars().any(char::is_control) {
        return Some(format!("The value of the tag {key} must have at most 256 characters."));
    }
    None
}

/// # Errors
/// In EC2's words.
pub(crate) fn check(tags: &BTreeMap<String, String>) -> Result<(), NetworkError> {
    match tags.iter().find_map(|(key, value)| fault(key, value)) {
        Some(text) => Err(NetworkError::InvalidValue(text)),
        None => check_count(tags),
    }
}

pub(crate) fn check_count(tags: &BTreeMap<String, String>) -> Result<(), NetworkError> {
    if tags.len() <= TAGS_MAX { Ok(()) } else { Err(NetworkError::TagLimit) }
}

/// # Errors
/// In Redshift's words.
pub(crate) fn check_subnet_group(tags: &BTreeMap<String, String>) -> Result<(), NetworkError> {
    if let Some(text) = tags.iter().find_map(|(key, value)| fault(key, value)) {
        return Err(NetworkError::InvalidSubnetGroupTag(text));
    }
    if tags.len() <= TAGS_MAX { Ok(()) } else { Err(NetworkError::SubnetGroupTagLimit) }
}
