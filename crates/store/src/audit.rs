//! The audit trail: append-only rows, each hashed together with the one before it.
//!
//! `hash(n) = SHA-256(hash(n-1) ‖ canonical JSON of record n)`, so a changed, removed or inserted record breaks the chain from
//! there on. Removing the newest records leaves a shorter, unbroken chain: [`verify`] answers the head, to be kept elsewhere.

mod chain;
mod events;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use base::{AuditEvent, AuditLog, AuditUnavailable, Clock, EventKeys, TrailRecord};
pub use chain::{ChainBreak, ChainHead, record_hash, verify};
use chain::{GENESIS, Record, link};
pub use events::SqliteTrail;
use sqlx::{Row as _, SqlitePool};
use tokio::sync::{mpsc, oneshot};

use crate::{Store, StoreError};

/// Records that wait for the writer; more callers than this wait in turn.
const QUEUE_RECORDS_MAX: usize = 4096;
/// Records that one transaction takes.
const BATCH_RECORDS_MAX: usize = 512;

struct Entry {
    event: AuditEvent,
    done: oneshot::Sender<Result<(), AuditUnavailable>>,
}

/// Appends to the trail. One writer task commits whatever has queued up in one transaction.
#[derive(Clone)]
pub struct SqliteAudit {
    queue: mpsc::Sender<Entry>,
}

impl std::fmt::Debug for SqliteAudit {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SqliteAudit")
    }
}

impl SqliteAudit {
    /// Continues the chain where it ended.
    pub async fn open(store: &Store, clock: Arc<dyn Clock>) -> Result<Self, StoreError> {
        events::catch_up(store.pool()).await?;
        let head = chain::head(store.pool()).await?;
        let (queue, entries) = mpsc::channel(QUEUE_RECORDS_MAX);
        let writer = Writer { pool: store.pool().clone(), clock, head };
        base::task::spawn("audit writer", writer.run(entries));
        Ok(Self { queue })
    }
}

#[async_trait::async_trait]
impl AuditLog for SqliteAudit {
    async fn record(&self, event: AuditEvent) -> Result<(), AuditUnavailable> {
        let (done, written) = oneshot::channel();
        let stopped = || AuditUnavailable("the audit writer has stopped".to_owned());
        self.queue.send(Entry { event, done }).await.map_err(|_| stopped())?;
        written.await.map_err(|_| stopped())?
    }
}

struct Writer {
    pool: SqlitePool,
    clock: Arc<dyn Clock>,
    head: ChainHead,
}

impl Writer {
    async fn run(mut self, mut entries: mpsc::Receiver<Entry>) {
        let mut batch = Vec::new();
        while entries.recv_many(&mut batch, BATCH_RECORDS_MAX).await > 0 {
            let (events, waiting): (Vec<_>, Vec<_>) = batch.drain(..).map(|entry| (entry.event, entry.done)).unzip();
            let outcome = self.append(&events).await.map_err(|error| {
                tracing::error!(%error, "the audit trail can't be written");
                AuditUnavailable(error.to_string())
            });
            for done in waiting {
                // A caller that no longer waits has given up its request; the record stands all the same.
                let _ = done.send(outcome.clone());
            }
        }
    }

    async fn append(&mut self, events: &[AuditEvent]) -> Result<(), StoreError> {
        let mut head = self.head.clone();
        let mut transaction = self.pool.begin().await?;
        for event in events {
            let now = self.clock.now();
            let record = Record::new(head.sequence + 1, now, event);
            let hash = link(&head.hash, &record);
            sqlx::query("INSERT INTO audit VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")
                .bind(record.sequence)
                .bind(&record.at)
                .bind(&record.step)
                .bind(&record.outcome)
                .bind(&record.correlation)
                .bind(&record.principal)
                .bind(&record.action)
                .bind(&record.target)
                .bind(&record.fields)
                .bind(&hash)
                .execute(&mut *transaction)
                .await?;
            if EventKeys::exist_for(event) {
                let indexed = TrailRecord::of(event, record.sequence, now, &hash);
                events::write(&mut transaction, &indexed).await?;
                events::refer(&mut transaction, &indexed).await?;
            }
            head = ChainHead { sequence: record.sequence, hash };
        }
        events::progress(&mut transaction, head.sequence).await?;
        transaction.commit().await?;
        self.head = head;
        Ok(())
    }
}

impl ChainHead {
    fn genesis() -> Self {
        Self { sequence: 0, hash: GENESIS.to_owned() }
    }
}

async fn last_row(pool: &SqlitePool) -> Result<Option<ChainHead>, StoreError> {
    let row =
        sqlx::query("SELECT sequence, hash FROM audit ORDER BY sequence DESC LIMIT 1").fetch_optional(pool).await?;
    row.map(|row| Ok(ChainHead { sequence: row.try_get("sequence")?, hash: row.try_get("hash")? })).transpose()
}
