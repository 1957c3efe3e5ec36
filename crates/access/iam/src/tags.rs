//! Tags of an entity.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{IamError, quota};

/// Key and value pairs. Two keys that differ in case alone are one key; the spelling of the last one is kept.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Tags(BTreeMap<String, (String, String)>);

impl Tags {
    /// Keys and values as a request gives them.
    ///
    /// # Errors
    /// [`IamError::Validation`] for a key or value of another shape, [`IamError::InvalidInput`] for a key that is given twice or
    /// reserved, [`IamError::LimitExceeded`] for more than 50.
    pub fn read(pairs: impl IntoIterator<Item = (String, String)>) -> Result<Self, IamError> {
        let mut tags = BTreeMap::new();
        for (key, value) in pairs {
            check(&key, &value)?;
            let shown = key.clone();
            if tags.insert(folded(&key), (key, value)).is_some() {
                return Err(IamError::InvalidInput(format!(
                    "Duplicate tag keys found: {shown}. Tag keys are case insensitive. Give each key once."
                )));
            }
        }
        let tags = Self(tags);
        tags.counted()
    }

    /// These and those, which win.
    ///
    /// # Errors
    /// [`IamError::LimitExceeded`] for more than 50.
    pub(crate) fn with(&self, more: &Self) -> Result<Self, IamError> {
        let mut tags = self.0.clone();
        tags.extend(more.0.clone());
        Self(tags).counted()
    }

    pub(crate) fn without(&self, keys: &[String]) -> Self {
        let mut tags = self.0.clone();
        for key in keys {
            tags.remove(&folded(key));
        }
        Self(tags)
    }

    fn counted(self) -> Result<Self, IamError> {
        if self.0.len() > quota::TAGS {
            return Err(IamError::LimitExceeded(format!(
                "The number of tags has reached the maximum limit of {}. Remove one first.",
                quota::TAGS
            )));
        }
        Ok(self)
    }

    /// The value of a key, whatever its case.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&str> {
        self.0.get(&folded(key)).map(|(_, value)| value.as_str())
    }

    /// In order of their keys.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.values().map(|(key, value)| (key.as_str(), value.as_str()))
    }

    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    #[must_use]
    pub fn to_map(&self) -> BTreeMap<String, String> {
        self.iter().map(|(key, value)| (key.to_owned(), value.to_owned())).collect()
    }
}

fn folded(key: &str) -> String {
    key.to_lowercase()
}

/// IAM `tagKeyType` and `tagValueType`.
fn check(key: &str, value: &str) -> Result<(), IamError> {
    let legal = |text: &str| {
        text.chars().all(|c| c.is_alphanumeric() || (c.is_whitespace() && !c.is_control()) || "_.:/=+-@".contains(c))
    };
    if !(1..=128).contains(&key.chars().count()) || !legal(key) {
        let rule = "Member must have 1 to 128 letters, digits, spaces and _ . : / = + - @";
        return Err(IamError::validation("tags.member.key", rule));
    }
    if value.chars().count() > 256 || !legal(value) {
        let rule = "Member must have at most 256 letters, digits, spaces and _ . : / = + - @";
        return Err(IamError::validation("tags.member.value", rule));
    }
    if key.to_ascii_lowercase().starts_with("aws:") {
        return Err(IamError::InvalidInput(
            "Tag keys that begin with aws: are reserved for AWS. Choose another key.".to_owned(),
        ));
    }
    Ok(())
}
