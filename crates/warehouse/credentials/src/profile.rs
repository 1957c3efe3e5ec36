//! Authentication profiles: connection parameters that drivers fetch by name and merge into their own (drivers.md 3.3).

use base::strict_json;
use serde_json::Value;

use crate::error::CredentialError;

/// Profiles of the account. Ours: AWS leaves the number to a quota.
pub const PROFILES_MAX: usize = 100;
/// Bytes of one profile's content. Ours, as [`PROFILES_MAX`].
pub const PROFILE_BYTES_MAX: usize = 10_240;
const NAME_CHARACTERS_MAX: usize = 63;

/// A name, and a JSON object as it was given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuthenticationProfile {
    pub name: String,
    pub content: String,
}

impl AuthenticationProfile {
    /// # Errors
    /// [`CredentialError::InvalidProfile`], [`CredentialError::ProfileQuota`].
    pub fn new(name: String, content: String) -> Result<Self, CredentialError> {
        check_name(&name)?;
        check_content(&content)?;
        Ok(Self { name, content })
    }
}

/// # Errors
/// [`CredentialError::InvalidProfile`]
pub(crate) fn check_name(name: &str) -> Result<(), CredentialError> {
    let letters = name.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '-');
    if letters && (1..=NAME_CHARACTERS_MAX).contains(&name.len()) {
        return Ok(());
    }
    let rule = format!("a name has 1 to {NAME_CHARACTERS_MAX} characters, all of them letters, digits or hyphens");
    Err(CredentialError::InvalidProfile(rule))
}

/// Drivers merge its members in as connection parameters, so each is a text, a number or true or false.
fn check_content(content: &str) -> Result<(), CredentialError> {
    if content.len() > PROFILE_BYTES_MAX {
        return Err(CredentialError::profile_too_large());
    }
    let invalid = |rule: String| Err(CredentialError::InvalidProfile(rule));
    let members = match strict_json::read(content.as_bytes()) {
        Ok(Value::Object(members)) => members,
        Ok(_) => return invalid("AuthenticationProfileContent must be a JSON object".to_owned()),
        Err(error) => return invalid(format!("AuthenticationProfileContent must be a JSON object: {error}")),
    };
    match members.iter().find(|(_, value)| !(value.is_string() || value.is_number() || value.is_boolean())) {
        None => Ok(()),
        Some((name, _)) => invalid(format!("the parameter {name:?} must be a text, a number, true or false")),
    }
}

#[cfg(test)]
mod tests;
