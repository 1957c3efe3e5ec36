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
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{Connection as _, SqliteConnection, SqlitePool};
pub use sts::SqliteSts;
pub use tokens::SqliteTokens;

/// Whether a connection that comes back may be used again. SQLite rolls a transaction back by itself where the disk is full, sqlx then
/// fails to do so and takes the next transaction for a part of it: that one's commit would count for nobody else, and its rollback
/// would leave the file locked for everybody else.
async fn usable(connection: &mut SqliteConnection) -> Result<bool, sqlx::Error> {
    // What was dropped is rolled back before this is answered.
    connection.ping().await?;
    let usable = !connection.is_in_transaction();
    if !usable {
        tracing::warn!("a connection to the control database is closed: its transaction was ended by the database");
    }
    Ok(usable)
}

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
        // Asked when it comes back, a connection isn't asked again when it is taken.
        let pool = SqlitePoolOptions::new()
            .max_connections(4)
            .test_before_acquire(false)
            .after_release(|connection, _| Box::pin(usable(connection)));
        Ok(Self { pool: pool.connect_with(options).await? })
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

#[cfg(test)]
mod tests {
    use super::Store;

    /// As with a full disk: the database ends the transaction itself.
    #[tokio::test]
    async fn a_transaction_that_the_database_ended_leaves_no_lock() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&folder.path().join("control.sqlite")).await.unwrap();
        sqlx::query("CREATE TABLE t (a INTEGER PRIMARY KEY)").execute(store.pool()).await.unwrap();
        sqlx::query("INSERT INTO t VALUES (1)").execute(store.pool()).await.unwrap();
        // One connection is left, so that the transactions are of the same.
        let mut others = Vec::new();
        for _ in 0..3 {
            others.push(store.pool().acquire().await.unwrap());
        }
        let mut ended = store.pool().begin().await.unwrap();
        sqlx::query("INSERT OR ROLLBACK INTO t VALUES (1)").execute(&mut *ended).await.unwrap_err();
        drop(ended);
        let mut refused = store.pool().begin().await.unwrap();
        sqlx::query("INSERT INTO t VALUES (3)").execute(&mut *refused).await.unwrap();
        drop(refused);
        let mut one = store.pool().begin().await.unwrap();
        sqlx::query("INSERT INTO t VALUES (2)").execute(&mut *one).await.unwrap();
        one.commit().await.unwrap();
        let other = others.pop().unwrap();
        let seen: Vec<i64> = sqlx::query_scalar("SELECT a FROM t ORDER BY a").fetch_all(&mut *{ other }).await.unwrap();
        assert_eq!(seen, [1, 2]);
    }
}
