//! Every port of the control state on SQLite. PostgreSQL follows behind the same ports.
//!
//! A write that has been acknowledged survives a kill -9: the journal is a write-ahead log, and each port method is one transaction.
//! One module per port; each brings its own migrations.

mod audit;
mod center;
#[cfg(test)]
mod conformance;
mod control;
mod credentials;
mod directory;
mod error;
mod iam;
mod idp;
mod migrate;
mod network;
mod openid;
mod push;
mod source;
mod sts;
mod timestamp;
mod tokens;

use std::path::Path;
use std::time::Duration;

pub use audit::{ChainBreak, ChainHead, SqliteAudit, SqliteTrail, record_hash, verify};
pub use center::SqliteCenter;
pub use control::SqliteControl;
pub use credentials::SqliteCredentials;
pub use directory::SqliteDirectory;
pub use error::StoreError;
pub use iam::SqliteIam;
pub use idp::SqliteIdp;
use migrate::Schema;
pub use network::SqliteNetwork;
pub use openid::SqliteOpenId;
pub use push::SqlitePush;
pub use source::SqliteSources;
use sqlx::SqlitePool;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
pub use sts::SqliteSts;
pub use tokens::SqliteTokens;

/// An open file with every migration applied.
#[derive(Debug, Clone)]
pub struct Store {
    pool: SqlitePool,
}

impl Store {
    /// Opens or makes the control state's file and brings its tables up to date.
    pub async fn open(path: &Path) -> Result<Self, StoreError> {
        Self::open_with(path, Schema::Control).await
    }

    /// Opens or makes the file of the built-in identity provider and brings its tables up to date.
    pub async fn open_idp(path: &Path) -> Result<Self, StoreError> {
        Self::open_with(path, Schema::Idp).await
    }

    async fn open_with(path: &Path, schema: Schema) -> Result<Self, StoreError> {
        let options = SqliteConnectOptions::new()
            .filename(path)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Normal)
            .foreign_keys(true)
            .busy_timeout(Duration::from_secs(10));
        // On a connection of its own: another one that had read the tables before would go on describing them as they were.
        let migrating = SqlitePoolOptions::new().max_connections(1).connect_with(options.clone()).await?;
        let migrated = migrate::run(&migrating, schema).await;
        migrating.close().await;
        migrated?;
        let pool = SqlitePoolOptions::new().max_connections(4).connect_with(options).await?;
        Ok(Self { pool })
    }

    /// Waits for running writes and closes the file.
    pub async fn close(&self) {
        self.pool.close().await;
    }

    #[must_use]
    pub fn pool(&self) -> &SqlitePool {
        &self.pool
    }
}
