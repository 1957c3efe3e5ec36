//! What requests are made of.

use base::Secret;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize};
use std::borrow::Cow;
use time::OffsetDateTime;

use super::error::ApiError;

const PAGE: usize = 100;
const LONGEST_PAGE: usize = 200;
/// Longest text of a person, in characters, as the directory has it for names.
const LONGEST_TEXT: usize = 1024;
const LONGEST_EMAIL: usize = 320;

/// A member that may be left out. `null` is a value, where `T` has it.
#[derive(Debug, Clone, Default)]
pub(super) enum Given<T> {
    #[default]
    No,
    Yes(T),
}

impl<T> Given<T> {
    pub(super) fn or(self, present: T) -> T {
        match self {
            Self::No => present,
            Self::Yes(value) => value,
        }
    }

    pub(super) fn option(self) -> Option<T> {
        match self {
            Self::No => None,
            Self::Yes(value) => Some(value),
        }
    }
}

impl<T: Default> Given<T> {
    pub(super) fn or_default(self) -> T {
        self.or(T::default())
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Given<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        T::deserialize(deserializer).map(Self::Yes)
    }
}

impl<T: JsonSchema> JsonSchema for Given<T> {
    fn inline_schema() -> bool {
        T::inline_schema()
    }

    fn schema_name() -> Cow<'static, str> {
        T::schema_name()
    }

    fn schema_id() -> Cow<'static, str> {
        T::schema_id()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        T::json_schema(generator)
    }
}

/// A moment, as RFC 3339 writes it.
#[derive(Debug, Clone, Copy, Serialize)]
#[serde(transparent)]
pub(super) struct Moment(#[serde(with = "time::serde::rfc3339")] pub(super) OffsetDateTime);

impl JsonSchema for Moment {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        Cow::Borrowed("Moment")
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "format": "date-time" })
    }
}

/// A secret that is written and never read back.
#[derive(Debug)]
pub(super) struct WriteOnly(pub(super) Secret<String>);

impl<'de> Deserialize<'de> for WriteOnly {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(|text| Self(Secret::new(text)))
    }
}

impl JsonSchema for WriteOnly {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        Cow::Borrowed("Secret")
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "format": "password", "writeOnly": true })
    }
}

/// A page of a list.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "{T}Page")]
pub(super) struct Page<T> {
    pub(super) items: Vec<T>,
    /// The parameter `next` of the next page; `null` on the last one.
    pub(super) next: Option<String>,
}

/// Which page is asked for.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(super) struct PageQuery {
    /// How many items, 100 where it isn't said.
    #[schemars(range(min = 1, max = 200))]
    pub(super) limit: Given<usize>,
    /// `next` of the page before.
    pub(super) next: Given<String>,
}

impl PageQuery {
    /// What the page begins behind.
    pub(super) fn after<I>(&self, id: impl FnOnce(String) -> I) -> Option<I> {
        self.next.clone().option().map(id)
    }

    pub(super) fn limit(&self) -> Result<usize, ApiError> {
        page_limit(&self.limit)
    }
}

/// How long a page may be.
pub(super) fn page_limit(limit: &Given<usize>) -> Result<usize, ApiError> {
    match limit {
        Given::No => Ok(PAGE),
        Given::Yes(limit) if (1..=LONGEST_PAGE).contains(limit) => Ok(*limit),
        Given::Yes(_) => Err(ApiError::invalid("limit", format!("It is between 1 and {LONGEST_PAGE}."))),
    }
}

/// A page of what was read with one more than `limit`. `id`: what the next page begins behind.
pub(super) fn page<S, T>(mut read: Vec<S>, limit: usize, id: impl Fn(&S) -> String, show: impl Fn(&S) -> T) -> Page<T> {
    let next = if read.len() > limit { limit.checked_sub(1).and_then(|last| read.get(last)).map(id) } else { None };
    read.truncate(limit);
    Page { items: read.iter().map(show).collect(), next }
}

/// A text about a person or a group: one line, and not an empty one.
pub(super) fn line(member: &'static str, text: &str) -> Result<String, ApiError> {
    let text = text.trim();
    if text.is_empty() || text.chars().count() > LONGEST_TEXT || text.chars().any(char::is_control) {
        let rule = format!("It has 1 to {LONGEST_TEXT} characters in one line; null removes it.");
        return Err(ApiError::invalid(member, rule));
    }
    Ok(text.to_owned())
}

/// An e-mail address, as far as it matters: something, `@`, something, and no space.
pub(super) fn email(text: &str) -> Result<String, ApiError> {
    let text = text.trim();
    let parts = text.rsplit_once('@').filter(|(name, domain)| !name.is_empty() && !domain.is_empty());
    let plain = !text.chars().any(|character| character.is_control() || character.is_whitespace());
    if parts.is_none() || !plain || text.chars().count() > LONGEST_EMAIL {
        return Err(ApiError::invalid("email", "It is an e-mail address such as ethan@example.com."));
    }
    Ok(text.to_owned())
}
