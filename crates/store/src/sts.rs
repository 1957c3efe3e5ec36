//! What ends temporary credentials before their time, and what was used once.

#[cfg(test)]
mod tests;

use ::sts::{Revocation, StsStore, StsStoreUnavailable};
use sqlx::{Row as _, Sqlite, SqlitePool, Transaction};
use time::{Duration, OffsetDateTime};

use crate::{Store, StoreError};

/// Marks are kept so long after their end: a clock that is set back by less makes nothing valid again.
const KEPT_AFTER_END: Duration = Duration::DAY;

/// [`StsStore`] on SQLite.
#[derive(Debug, Clone)]
pub struct SqliteSts {
    pool: SqlitePool,
}

impl SqliteSts {
    #[must_use]
    pub fn new(store: &Store) -> Self {
        Self { pool: store.pool().clone() }
    }

    async fn load(&self) -> Result<Vec<Revocation>, StoreError> {
        let mut revocations = Vec::new();
        for row in sqlx::query("SELECT role_id, until FROM sts_revoked_role").fetch_all(&self.pool).await? {
            revocations.push(Revocation::Role { role_id: row.try_get("role_id")?, until: row.try_get("until")? });
        }
        for row in sqlx::query("SELECT access_key_id, expires FROM sts_revoked_session").fetch_all(&self.pool).await? {
            let access_key_id = row.try_get("access_key_id")?;
            revocations.push(Revocation::Session { access_key_id, expires: row.try_get("expires")? });
        }
        Ok(revocations)
    }

    async fn put(&self, revocation: &Revocation, now: OffsetDateTime) -> Result<(), StoreError> {
        let mut transaction = self.pool.begin().await?;
        match revocation {
            Revocation::Role { role_id, until } => {
                let text = "INSERT INTO sts_revoked_role VALUES (?, ?) \
                            ON CONFLICT (role_id) DO UPDATE SET until = excluded.until WHERE excluded.until > until";
                sqlx::query(text).bind(role_id).bind(*until).execute(&mut *transaction).await?;
            }
            Revocation::Session { access_key_id, expires } => {
                let past = i64::try_from((now - KEPT_AFTER_END).unix_timestamp_nanos() / 1000).unwrap_or(i64::MIN);
                let forget = sqlx::query("DELETE FROM sts_revoked_session WHERE expires < ?").bind(past);
                forget.execute(&mut *transaction).await?;
                let text = "INSERT INTO sts_revoked_session VALUES (?, ?) \
                            ON CONFLICT (access_key_id) DO UPDATE SET expires = excluded.expires";
                sqlx::query(text).bind(access_key_id).bind(*expires).execute(&mut *transaction).await?;
            }
        }
        transaction.commit().await?;
        Ok(())
    }

    async fn use_mark(&self, mark: &str, until: OffsetDateTime, now: OffsetDateTime) -> Result<bool, StoreError> {
        let mut transaction = self.pool.begin_with("BEGIN IMMEDIATE").await?;
        let forgotten = forget(&mut transaction, now).await?;
        let until = until.unix_timestamp();
        let insert = sqlx::query("INSERT INTO sts_mark VALUES (?, ?) ON CONFLICT (key) DO NOTHING").bind(mark);
        let fresh = insert.bind(until).execute(&mut *transaction).await?.rows_affected() == 1;
        let first = fresh && until > forgotten;
        if first {
            transaction.commit().await?;
        } else {
            transaction.rollback().await?;
        }
        Ok(first)
    }
}

/// Forgets old marks, and answers the latest end of any that was ever forgotten: what ended by then may have been used.
async fn forget(transaction: &mut Transaction<'_, Sqlite>, now: OffsetDateTime) -> Result<i64, StoreError> {
    let kept_from = (now - KEPT_AFTER_END).unix_timestamp();
    let latest = sqlx::query("SELECT max(until) AS until FROM sts_mark WHERE until < ?").bind(kept_from);
    if let Some(latest) = latest.fetch_one(&mut **transaction).await?.try_get::<Option<i64>, _>("until")? {
        sqlx::query("DELETE FROM sts_mark WHERE until < ?").bind(kept_from).execute(&mut **transaction).await?;
        let keep = sqlx::query("UPDATE sts_forgotten SET until = max(until, ?)").bind(latest);
        keep.execute(&mut **transaction).await?;
    }
    Ok(sqlx::query("SELECT until FROM sts_forgotten").fetch_one(&mut **transaction).await?.try_get("until")?)
}

#[async_trait::async_trait]
impl StsStore for SqliteSts {
    async fn revocations(&self) -> Result<Vec<Revocation>, StsStoreUnavailable> {
        self.load().await.map_err(unusable)
    }

    async fn revoke(&self, revocation: Revocation, now: OffsetDateTime) -> Result<(), StsStoreUnavailable> {
        self.put(&revocation, now).await.map_err(unusable)
    }

    async fn use_once(
        &self,
        mark: &str,
        until: OffsetDateTime,
        now: OffsetDateTime,
    ) -> Result<bool, StsStoreUnavailable> {
        self.use_mark(mark, until, now).await.map_err(unusable)
    }
}

fn unusable(error: StoreError) -> StsStoreUnavailable {
    tracing::error!(%error, "the sessions' store can't be used");
    StsStoreUnavailable(error.to_string())
}
