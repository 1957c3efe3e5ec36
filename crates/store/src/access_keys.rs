//! The account's access keys. Their secrets are in clear here: Signature V4 is computed from them.

#[cfg(test)]
mod tests;

use base::Secret;
use center::{AccessKey, AccessKeyStore, CenterStoreError};
use sqlx::sqlite::SqliteRow;
use sqlx::{Row as _, SqlitePool};

use crate::{Store, StoreError, timestamp};

/// [`AccessKeyStore`] on SQLite.
#[derive(Debug, Clone)]
pub struct SqliteAccessKeys {
    pool: SqlitePool,
}

impl SqliteAccessKeys {
    #[must_use]
    pub fn new(store: &Store) -> Self {
        Self { pool: store.pool().clone() }
    }

    async fn read(&self) -> Result<Vec<AccessKey>, StoreError> {
        let rows = sqlx::query("SELECT * FROM access_key ORDER BY created, id").fetch_all(&self.pool).await?;
        rows.iter().map(key_of).collect()
    }

    async fn insert(&self, key: AccessKey) -> Result<(), StoreError> {
        sqlx::query("INSERT INTO access_key VALUES (?, ?, ?, ?)")
            .bind(&key.id)
            .bind(key.secret.expose())
            .bind(&key.account)
            .bind(timestamp::write("access_key", key.created)?)
            .execute(&self.pool)
            .await?;
        Ok(())
    }
}

#[async_trait::async_trait]
impl AccessKeyStore for SqliteAccessKeys {
    async fn load(&self) -> Result<Vec<AccessKey>, CenterStoreError> {
        self.read().await.map_err(|error| CenterStoreError(error.to_string()))
    }

    async fn create(&self, key: AccessKey) -> Result<(), CenterStoreError> {
        self.insert(key).await.map_err(|error| CenterStoreError(error.to_string()))
    }
}

fn key_of(row: &SqliteRow) -> Result<AccessKey, StoreError> {
    Ok(AccessKey {
        id: row.try_get("id")?,
        secret: Secret::new(row.try_get("secret")?),
        account: row.try_get("account")?,
        created: timestamp::read("access_key", row.try_get("created")?)?,
    })
}
