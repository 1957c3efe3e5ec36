//! What is known about a request, by condition key.

use std::borrow::Cow;
use std::collections::BTreeMap;

/// The condition keys of a request and their values. Keys are compared without case (`SAML:aud` is `saml:aud`). A key is there with at
/// least one value, or it isn't there.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Context {
    values: BTreeMap<String, Vec<String>>,
}

impl Context {
    #[must_use]
    pub const fn new() -> Self {
        Self { values: BTreeMap::new() }
    }

    /// Sets a key to one value, whatever it was.
    pub fn set(&mut self, key: &str, value: impl Into<String>) {
        self.values.insert(fold(key).into_owned(), vec![value.into()]);
    }

    /// Sets a key to these values, whatever it was. Without values the key isn't there.
    pub fn set_all(&mut self, key: &str, values: impl IntoIterator<Item = impl Into<String>>) {
        let values: Vec<String> = values.into_iter().map(Into::into).collect();
        if values.is_empty() {
            self.values.remove(fold(key).as_ref());
        } else {
            self.values.insert(fold(key).into_owned(), values);
        }
    }

    /// The values of a key, at least one; `None` if the key isn't there.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&[String]> {
        self.get_folded(fold(key).as_ref())
    }

    /// The same for a key as [`fold`] makes it.
    pub(crate) fn get_folded(&self, key: &str) -> Option<&[String]> {
        self.values.get(key).map(Vec::as_slice)
    }

    /// The keys, in lower case and in order, with their values.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &[String])> {
        self.values.iter().map(|(key, values)| (key.as_str(), values.as_slice()))
    }
}

/// A condition key as keys are compared.
pub(crate) fn fold(key: &str) -> Cow<'_, str> {
    if key.bytes().any(|byte| byte.is_ascii_uppercase() || !byte.is_ascii()) {
        Cow::Owned(key.to_lowercase())
    } else {
        Cow::Borrowed(key)
    }
}
