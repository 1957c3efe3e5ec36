//! The chain itself: what is hashed, and how a break is found.

use aws_lc_rs::digest;
use base::AuditEvent;
use futures_util::TryStreamExt as _;
use serde_json::json;
use sqlx::{Row as _, SqlitePool};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::last_row;
use crate::{Store, StoreError};

/// What the first record is linked to.
pub(super) const GENESIS: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// The newest record's number (0: none yet) and hash.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChainHead {
    pub sequence: i64,
    pub hash: String,
}

/// The first record that doesn't fit the one before it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the audit trail is broken at record {sequence}: {reason}")]
pub struct ChainBreak {
    pub sequence: i64,
    pub reason: &'static str,
}

/// A record as it is stored; `fields` is JSON.
#[derive(Debug)]
pub(super) struct Record {
    pub(super) sequence: i64,
    pub(super) at: String,
    pub(super) step: String,
    pub(super) outcome: String,
    pub(super) correlation: String,
    pub(super) principal: String,
    pub(super) action: String,
    pub(super) target: String,
    pub(super) fields: String,
}

impl Record {
    pub(super) fn new(sequence: i64, at: OffsetDateTime, event: &AuditEvent) -> Self {
        let fields: Vec<_> = event.fields.iter().map(|(name, value)| json!([name, value])).collect();
        Self {
            sequence,
            // Formatting a time of the years 0 to 9999 can't fail; a time outside them is recorded as it is debugged.
            at: at.format(&Rfc3339).unwrap_or_else(|_| format!("{at:?}")),
            step: event.step.name().to_owned(),
            outcome: event.outcome.name().to_owned(),
            correlation: event.correlation.to_string(),
            principal: event.principal.to_string(),
            action: event.action.clone(),
            target: event.target.clone(),
            fields: serde_json::Value::Array(fields).to_string(),
        }
    }

    pub(super) fn read(row: &sqlx::sqlite::SqliteRow) -> Result<Self, sqlx::Error> {
        Ok(Self {
            sequence: row.try_get("sequence")?,
            at: row.try_get("at")?,
            step: row.try_get("step")?,
            outcome: row.try_get("outcome")?,
            correlation: row.try_get("correlation")?,
            principal: row.try_get("principal")?,
            action: row.try_get("action")?,
            target: row.try_get("target")?,
            fields: row.try_get("fields")?,
        })
    }

    /// A JSON array: its quoting keeps neighbouring columns from running into each other.
    fn canonical(&self) -> String {
        let Self { sequence, at, step, outcome, correlation, principal, action, target, fields } = self;
        json!([sequence, at, step, outcome, correlation, principal, action, target, fields]).to_string()
    }
}

/// The hash of `record` behind `previous`, in hex.
pub(super) fn link(previous: &str, record: &Record) -> String {
    let mut context = digest::Context::new(&digest::SHA256);
    context.update(previous.as_bytes());
    context.update(record.canonical().as_bytes());
    hex::encode(context.finish())
}

pub(super) async fn head(pool: &SqlitePool) -> Result<ChainHead, StoreError> {
    Ok(last_row(pool).await?.unwrap_or_else(ChainHead::genesis))
}

/// Reads the whole trail and checks every link. `Ok(Ok(head))` is an unbroken chain.
pub async fn verify(store: &Store) -> Result<Result<ChainHead, ChainBreak>, StoreError> {
    let mut rows = sqlx::query("SELECT * FROM audit ORDER BY sequence").fetch(store.pool());
    let mut head = ChainHead::genesis();
    while let Some(row) = rows.try_next().await? {
        let record = Record::read(&row)?;
        let stored: String = row.try_get("hash")?;
        let sequence = record.sequence;
        if sequence != head.sequence + 1 {
            return Ok(Err(ChainBreak { sequence: head.sequence + 1, reason: "the record is missing" }));
        }
        if link(&head.hash, &record) != stored {
            return Ok(Err(ChainBreak { sequence, reason: "the record was changed, or the one before it" }));
        }
        head = ChainHead { sequence, hash: stored };
    }
    Ok(Ok(head))
}

/// The stored hash of one record; `None` where there is no such record.
pub async fn record_hash(store: &Store, sequence: i64) -> Result<Option<String>, StoreError> {
    let row =
        sqlx::query("SELECT hash FROM audit WHERE sequence = ?").bind(sequence).fetch_optional(store.pool()).await?;
    Ok(row.map(|row| row.try_get("hash")).transpose()?)
}
