//! The parameters of a request as they came.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use base::Secret;

use crate::error::{OAuthError, Refusal};

/// What was sent in a query or a form. A parameter without a value counts as left out (RFC 6749 3.1). Never printed: codes, tokens
/// and secrets are among them.
#[derive(Clone, Default)]
pub struct Parameters {
    values: HashMap<String, String>,
    repeated: Option<String>,
}

impl Parameters {
    /// Reads `application/x-www-form-urlencoded`.
    #[must_use]
    pub fn parse(bytes: &[u8]) -> Self {
        let mut parameters = Self::default();
        for (name, value) in url::form_urlencoded::parse(bytes) {
            match parameters.values.entry(name.into_owned()) {
                Entry::Vacant(place) => {
                    place.insert(value.into_owned());
                }
                Entry::Occupied(known) => {
                    parameters.repeated.get_or_insert_with(|| known.key().chars().take(64).collect());
                }
            }
        }
        parameters
    }

    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.values.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }

    /// A credential.
    #[must_use]
    pub fn secret(&self, name: &str) -> Option<Secret<String>> {
        self.get(name).map(Secret::from)
    }

    /// A parameter that came more than once (RFC 6749 3.1 and 3.2 forbid it).
    #[must_use]
    pub fn repeated(&self) -> Option<&str> {
        self.repeated.as_deref()
    }

    /// # Errors
    /// `invalid_request` when a parameter came more than once.
    pub fn once(self) -> Result<Self, Refusal> {
        match &self.repeated {
            None => Ok(self),
            Some(name) => Err(Refusal::new(OAuthError::InvalidRequest, repeated(name))),
        }
    }

    /// # Errors
    /// `invalid_request` when it is missing.
    pub fn required(&self, name: &str) -> Result<&str, Refusal> {
        self.get(name).ok_or_else(|| Refusal::new(OAuthError::InvalidRequest, format!("{name} is missing.")))
    }

    /// Refuses a parameter that isn't carried out.
    ///
    /// # Errors
    /// The first of `names` that was given, with its code and sentence.
    pub fn refuse(&self, names: &[(&str, OAuthError, &str)]) -> Result<(), Refusal> {
        let given = names.iter().find(|(name, _, _)| self.get(name).is_some());
        given.map_or(Ok(()), |(name, error, why)| {
            Err(Refusal::new(*error, format!("The parameter {name} is not carried out by this provider: {why}.")))
        })
    }
}

pub(crate) fn repeated(name: &str) -> String {
    let known = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-');
    format!("The parameter {} was given more than once.", if known { name } else { "(unreadable name)" })
}

impl std::fmt::Debug for Parameters {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.values.keys()).finish()
    }
}
