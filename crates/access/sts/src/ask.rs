//! One question of a call: may its caller do this to that?

use serde::{Deserialize, Serialize};

/// An action on a resource, with what the call adds to the context. A call is allowed if each of its questions is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ask {
    /// `<service>:<Operation>`
    pub action: String,
    /// An ARN, or `*`.
    pub resource: String,
    /// Keys of the call itself, e.g. `redshift:DbUser`, `aws:RequestTag/team`; in any case. Those of the caller and of the
    /// connection are added when the question is answered.
    pub context: Vec<(String, Vec<String>)>,
}

impl Ask {
    #[must_use]
    pub fn new(action: impl Into<String>, resource: impl Into<String>) -> Self {
        Self { action: action.into(), resource: resource.into(), context: Vec::new() }
    }

    /// Adds a key of one value.
    #[must_use]
    pub fn with(self, key: impl Into<String>, value: impl Into<String>) -> Self {
        self.with_all(key, vec![value.into()])
    }

    /// Adds a key of several values.
    #[must_use]
    pub fn with_all(mut self, key: impl Into<String>, values: Vec<String>) -> Self {
        self.context.push((key.into(), values));
        self
    }

    /// Adds `aws:RequestTag/<key>` for each tag, and `aws:TagKeys`: what a call gives to what it makes.
    #[must_use]
    pub fn with_request_tags<'a>(mut self, tags: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let mut keys = Vec::new();
        for (key, value) in tags {
            keys.push(key.to_owned());
            self = self.with(format!("aws:RequestTag/{key}"), value);
        }
        if keys.is_empty() { self } else { self.with_all("aws:TagKeys", keys) }
    }

    /// Adds `aws:ResourceTag/<key>` for each tag of the resource.
    #[must_use]
    pub fn with_resource_tags<'a>(self, tags: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        tags.into_iter().fold(self, |ask, (key, value)| ask.with(format!("aws:ResourceTag/{key}"), value))
    }
}
