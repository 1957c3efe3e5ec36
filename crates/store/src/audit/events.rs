//! The trail's index: written with each record, in its transaction, and what LookupEvents reads.

use base::{
    AuditTrail, AuditUnavailable, CorrelationId, EventKeys, LONGEST_STORY, Outcome, TrailKey, TrailQuery, TrailRecord,
};
use sqlx::sqlite::SqliteRow;
use sqlx::{Row as _, Sqlite, SqlitePool, Transaction};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::chain::Record;
use crate::{Store, StoreError};

/// Records that are indexed in one transaction where they came before the index.
const CATCH_UP_RECORDS: i64 = 1000;

/// [`AuditTrail`] on SQLite.
#[derive(Debug, Clone)]
pub struct SqliteTrail {
    pool: SqlitePool,
}

impl SqliteTrail {
    #[must_use]
    pub fn new(store: &Store) -> Self {
        Self { pool: store.pool().clone() }
    }

    async fn find(&self, query: &TrailQuery) -> Result<Vec<TrailRecord>, StoreError> {
        // Times become places in the trail first, so that a page begins and ends where it must, whatever lies before and after.
        let oldest = match query.start {
            None => 0,
            Some(start) => self.first_since(milliseconds(start)).await?,
        };
        let newest = match query.end {
            None => i64::MAX,
            Some(end) => self.last_until(milliseconds(end)).await?,
        };
        let below = query.before.map_or(newest, |before| newest.min(before.saturating_sub(1)));
        // The text is made of the constants below alone.
        let mut select = sqlx::query(sqlx::AssertSqlSafe(statement(query.attribute.as_ref().map(|(key, _)| *key))));
        if let Some((_, value)) = &query.attribute {
            select = select.bind(value);
        }
        // The clock may have been set back: a place alone doesn't say that the time fits.
        let (start, end) = (query.start.map_or(i64::MIN, milliseconds), query.end.map_or(i64::MAX, milliseconds));
        let select = select.bind(oldest).bind(below).bind(start).bind(end).bind(query.limit);
        select.fetch_all(&self.pool).await?.iter().map(record_of).collect()
    }

    /// The way of a call that was recorded under another id than its own, to the call itself.
    async fn of_reference(&self, reference: &CorrelationId) -> Result<Vec<TrailRecord>, StoreError> {
        let row = sqlx::query("SELECT correlation, sequence FROM audit_reference WHERE request_id = ?")
            .bind(reference.as_str())
            .fetch_optional(&self.pool)
            .await?;
        let Some(row) = row else { return self.of_correlation(reference).await };
        let correlation = CorrelationId::resume(row.try_get::<String, _>("correlation")?);
        let sequence: i64 = row.try_get("sequence")?;
        let mut records = self.of_correlation(&correlation).await?;
        if !records.iter().any(|record| record.sequence == sequence) {
            // A long way is told from its beginning, and still to its end.
            let one = sqlx::query("SELECT * FROM audit WHERE sequence = ?").bind(sequence);
            records.pop();
            records.push(record_of(&one.fetch_one(&self.pool).await?)?);
        }
        Ok(records)
    }

    async fn of_correlation(&self, correlation: &CorrelationId) -> Result<Vec<TrailRecord>, StoreError> {
        let rows = sqlx::query("SELECT * FROM audit WHERE correlation = ? ORDER BY sequence LIMIT ?")
            .bind(correlation.as_str())
            .bind(LONGEST_STORY)
            .fetch_all(&self.pool)
            .await?;
        rows.iter().map(record_of).collect()
    }

    /// The oldest event that isn't earlier; past all where none is.
    async fn first_since(&self, at_ms: i64) -> Result<i64, StoreError> {
        let oldest = "SELECT sequence FROM audit_event WHERE at_ms >= ? ORDER BY at_ms, sequence LIMIT 1";
        let row = sqlx::query(oldest).bind(at_ms).fetch_optional(&self.pool).await?;
        Ok(row.map(|row| row.try_get("sequence")).transpose()?.unwrap_or(i64::MAX))
    }

    /// The newest event that isn't later; 0 where all are.
    async fn last_until(&self, at_ms: i64) -> Result<i64, StoreError> {
        let newest = "SELECT sequence FROM audit_event WHERE at_ms <= ? ORDER BY at_ms DESC, sequence DESC LIMIT 1";
        let row = sqlx::query(newest).bind(at_ms).fetch_optional(&self.pool).await?;
        Ok(row.map(|row| row.try_get("sequence")).transpose()?.unwrap_or(0))
    }
}

/// Each reads one index from its newest fitting entry on, in order, and stops at the limit. CROSS JOIN is SQLite's way to say which
/// table comes first.
fn statement(key: Option<TrailKey>) -> String {
    let of_events = |condition: &str| {
        format!(
            "SELECT a.* FROM audit_event e CROSS JOIN audit a ON a.sequence = e.sequence
             WHERE {condition} AND e.sequence >= ? AND e.sequence <= ? AND e.at_ms >= ? AND e.at_ms <= ?
             ORDER BY e.sequence DESC LIMIT ?"
        )
    };
    let of_resources = |condition: &str| {
        format!(
            "SELECT a.* FROM audit_event_resource r CROSS JOIN audit_event e ON e.sequence = r.sequence
             CROSS JOIN audit a ON a.sequence = r.sequence
             WHERE {condition} AND r.sequence >= ? AND r.sequence <= ? AND e.at_ms >= ? AND e.at_ms <= ?
             GROUP BY r.sequence ORDER BY r.sequence DESC LIMIT ?"
        )
    };
    match key {
        None => of_events("TRUE"),
        Some(TrailKey::EventId) => of_events("e.id = ?"),
        Some(TrailKey::EventName) => of_events("e.name = ?"),
        Some(TrailKey::EventSource) => of_events("e.source = ?"),
        Some(TrailKey::ReadOnly) => of_events("e.read_only = (? = 'true')"),
        Some(TrailKey::Username) => of_events("e.user_name = ?"),
        Some(TrailKey::AccessKeyId) => of_events("e.access_key = ?"),
        Some(TrailKey::ResourceType) => of_resources("r.type = ?"),
        Some(TrailKey::ResourceName) => of_resources("r.name = ?"),
    }
}

#[async_trait::async_trait]
impl AuditTrail for SqliteTrail {
    async fn lookup(&self, query: &TrailQuery) -> Result<Vec<TrailRecord>, AuditUnavailable> {
        self.find(query).await.map_err(|error| AuditUnavailable(error.to_string()))
    }

    async fn story(&self, correlation: &CorrelationId) -> Result<Vec<TrailRecord>, AuditUnavailable> {
        self.of_reference(correlation).await.map_err(|error| AuditUnavailable(error.to_string()))
    }
}

/// Indexes the records that were written before there was an index.
pub(super) async fn catch_up(pool: &SqlitePool) -> Result<(), StoreError> {
    loop {
        let mut transaction = pool.begin().await?;
        let done: i64 =
            sqlx::query("SELECT sequence FROM audit_event_progress").fetch_one(&mut *transaction).await?.try_get(0)?;
        let rows = sqlx::query("SELECT * FROM audit WHERE sequence > ? ORDER BY sequence LIMIT ?")
            .bind(done)
            .bind(CATCH_UP_RECORDS)
            .fetch_all(&mut *transaction)
            .await?;
        let records = rows.iter().map(record_of).collect::<Result<Vec<_>, _>>()?;
        let Some(last) = records.last().map(|record| record.sequence) else { return Ok(()) };
        for record in &records {
            write(&mut transaction, record).await?;
        }
        progress(&mut transaction, last).await?;
        transaction.commit().await?;
    }
}

/// Indexes a record, if it is an event.
pub(super) async fn write(transaction: &mut Transaction<'_, Sqlite>, record: &TrailRecord) -> Result<(), StoreError> {
    let Some(keys) = EventKeys::of(record) else { return Ok(()) };
    sqlx::query("INSERT INTO audit_event VALUES (?, ?, ?, ?, ?, ?, ?, ?)")
        .bind(record.sequence)
        .bind(milliseconds(record.at))
        .bind(&keys.id)
        .bind(&keys.name)
        .bind(&keys.source)
        .bind(keys.read_only)
        .bind(&keys.user_name)
        .bind(&keys.access_key)
        .execute(&mut **transaction)
        .await?;
    for (kind, name) in &keys.resources {
        sqlx::query("INSERT INTO audit_event_resource VALUES (?, ?, ?) ON CONFLICT DO NOTHING")
            .bind(record.sequence)
            .bind(kind)
            .bind(name)
            .execute(&mut **transaction)
            .await?;
    }
    Ok(())
}

/// Keeps under which correlation the call of a temporary credential is recorded.
pub(super) async fn refer(transaction: &mut Transaction<'_, Sqlite>, record: &TrailRecord) -> Result<(), StoreError> {
    let Some(request) = record.field("request_id").filter(|request| *request != record.correlation) else {
        return Ok(());
    };
    sqlx::query("INSERT INTO audit_reference VALUES (?, ?, ?) ON CONFLICT (request_id) DO NOTHING")
        .bind(request)
        .bind(&record.correlation)
        .bind(record.sequence)
        .execute(&mut **transaction)
        .await?;
    Ok(())
}

/// Every record up to `sequence` was looked at.
pub(super) async fn progress(transaction: &mut Transaction<'_, Sqlite>, sequence: i64) -> Result<(), StoreError> {
    sqlx::query("UPDATE audit_event_progress SET sequence = ?").bind(sequence).execute(&mut **transaction).await?;
    Ok(())
}

fn record_of(row: &SqliteRow) -> Result<TrailRecord, StoreError> {
    let record = Record::read(row)?;
    let bad = |cause: String| StoreError::Row { table: "audit", key: record.sequence.to_string(), cause };
    let unknown = || bad(format!("unknown outcome {}", record.outcome));
    Ok(TrailRecord {
        sequence: record.sequence,
        at: OffsetDateTime::parse(&record.at, &Rfc3339).map_err(|error| bad(error.to_string()))?,
        outcome: Outcome::from_name(&record.outcome).ok_or_else(unknown)?,
        fields: serde_json::from_str(&record.fields).map_err(|error| bad(error.to_string()))?,
        hash: row.try_get("hash")?,
        step: record.step,
        correlation: record.correlation,
        principal: record.principal,
        action: record.action,
        target: record.target,
    })
}

fn milliseconds(at: OffsetDateTime) -> i64 {
    i64::try_from(at.unix_timestamp_nanos().div_euclid(1_000_000)).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests;
