//! The audit trail read back: records as they were stored, and what each can be found by.

mod event;
#[cfg(test)]
mod tests;

use std::fmt;

pub use event::EventKeys;
use time::OffsetDateTime;

use crate::{AuditEvent, AuditUnavailable, CorrelationId, Outcome};

/// A way of more records is told from its beginning.
pub const LONGEST_STORY: u32 = 1000;

/// A record of the trail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrailRecord {
    /// Counts from 1, without gaps.
    pub sequence: i64,
    pub at: OffsetDateTime,
    /// As [`crate::AuditStep::name`] writes it.
    pub step: String,
    pub outcome: Outcome,
    pub correlation: String,
    /// As [`crate::Principal`] displays itself.
    pub principal: String,
    pub action: String,
    pub target: String,
    pub fields: Vec<(String, String)>,
    /// Its link of the chain: 64 hex digits.
    pub hash: String,
}

impl TrailRecord {
    /// The record of an event.
    #[must_use]
    pub fn of(event: &AuditEvent, sequence: i64, at: OffsetDateTime, hash: &str) -> Self {
        Self {
            sequence,
            at,
            step: event.step.name().to_owned(),
            outcome: event.outcome,
            correlation: event.correlation.to_string(),
            principal: event.principal.to_string(),
            action: event.action.clone(),
            target: event.target.clone(),
            fields: event.fields.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect(),
            hash: hash.to_owned(),
        }
    }

    /// The first field of this name.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<&str> {
        self.fields.iter().find(|(given, _)| given == name).map(|(_, value)| value.as_str())
    }
}

/// What records are looked up by (CloudTrail `LookupAttributeKey`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TrailKey {
    EventId,
    EventName,
    ReadOnly,
    Username,
    ResourceType,
    ResourceName,
    EventSource,
    AccessKeyId,
}

impl TrailKey {
    pub const ALL: [Self; 8] = [
        Self::EventId,
        Self::EventName,
        Self::ReadOnly,
        Self::Username,
        Self::ResourceType,
        Self::ResourceName,
        Self::EventSource,
        Self::AccessKeyId,
    ];

    /// As CloudTrail writes it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::EventId => "EventId",
            Self::EventName => "EventName",
            Self::ReadOnly => "ReadOnly",
            Self::Username => "Username",
            Self::ResourceType => "ResourceType",
            Self::ResourceName => "ResourceName",
            Self::EventSource => "EventSource",
            Self::AccessKeyId => "AccessKeyId",
        }
    }

    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|key| key.name() == name)
    }
}

/// Which records, newest first. Both times are included.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TrailQuery {
    pub attribute: Option<(TrailKey, String)>,
    pub start: Option<OffsetDateTime>,
    pub end: Option<OffsetDateTime>,
    /// Only records before this one: where the page before ended.
    pub before: Option<i64>,
    pub limit: u32,
}

/// Reads the trail.
#[async_trait::async_trait]
pub trait AuditTrail: Send + Sync + fmt::Debug {
    /// Only records that are events of CloudTrail are found: [`EventKeys::of`] says which.
    async fn lookup(&self, query: &TrailQuery) -> Result<Vec<TrailRecord>, AuditUnavailable>;

    /// Every record of one way, oldest first; the first [`LONGEST_STORY`] of them.
    async fn story(&self, correlation: &CorrelationId) -> Result<Vec<TrailRecord>, AuditUnavailable>;
}
