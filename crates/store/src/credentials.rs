//! Temporary database credentials, sealed by their owner, and authentication profiles.

#[cfg(test)]
mod tests;

use base::id::WarehouseId;
use credentials::{
    AuthenticationProfile, CredentialStore, CredentialStoreUnavailable, CredentialWrite, StoredCredential,
    StoredCredentials,
};
use sqlx::sqlite::SqliteRow;
use sqlx::{Row as _, Sqlite, SqlitePool, Transaction};
use time::OffsetDateTime;

use crate::{Store, StoreError};

/// [`CredentialStore`] on SQLite.
#[derive(Debug, Clone)]
pub struct SqliteCredentials {
    pool: SqlitePool,
}

impl SqliteCredentials {
    #[must_use]
    pub fn new(store: &Store) -> Self {
        Self { pool: store.pool().clone() }
    }

    async fn read(&self) -> Result<StoredCredentials, StoreError> {
        let credentials = sqlx::query("SELECT * FROM database_credentials ORDER BY number");
        let credentials = credentials.fetch_all(&self.pool).await?;
        let profiles = sqlx::query("SELECT * FROM authentication_profiles ORDER BY name").fetch_all(&self.pool).await?;
        Ok(StoredCredentials {
            credentials: credentials.iter().map(credential).collect::<Result<_, _>>()?,
            profiles: profiles.iter().map(profile).collect::<Result<_, _>>()?,
        })
    }

    async fn write(&self, writes: &[CredentialWrite]) -> Result<(), StoreError> {
        let mut transaction = self.pool.begin().await?;
        for write in writes {
            one(&mut transaction, write).await?;
        }
        Ok(transaction.commit().await?)
    }
}

#[async_trait::async_trait]
impl CredentialStore for SqliteCredentials {
    async fn load(&self) -> Result<StoredCredentials, CredentialStoreUnavailable> {
        self.read().await.map_err(|error| CredentialStoreUnavailable(error.to_string()))
    }

    async fn apply(&self, writes: &[CredentialWrite]) -> Result<(), CredentialStoreUnavailable> {
        self.write(writes).await.map_err(|error| CredentialStoreUnavailable(error.to_string()))
    }
}

async fn one(transaction: &mut Transaction<'_, Sqlite>, write: &CredentialWrite) -> Result<(), StoreError> {
    let query = match write {
        CredentialWrite::Put(StoredCredential { id, warehouse, login_name, expires, sealed }) => {
            let text =
                "INSERT INTO database_credentials (id, warehouse, login_name, expires, sealed) VALUES (?, ?, ?, ?, ?)";
            let query = sqlx::query(text).bind(id).bind(warehouse.as_str()).bind(login_name);
            query.bind(expires.unix_timestamp()).bind(sealed)
        }
        CredentialWrite::Delete(id) => sqlx::query("DELETE FROM database_credentials WHERE id = ?").bind(id),
        CredentialWrite::DeleteExpired(before) => {
            sqlx::query("DELETE FROM database_credentials WHERE expires < ?").bind(before.unix_timestamp())
        }
        CredentialWrite::PutProfile(AuthenticationProfile { name, content }) => {
            let text = "INSERT INTO authentication_profiles (name, content) VALUES (?, ?)
                        ON CONFLICT (name) DO UPDATE SET content = excluded.content";
            sqlx::query(text).bind(name).bind(content)
        }
        CredentialWrite::DeleteProfile(name) => {
            sqlx::query("DELETE FROM authentication_profiles WHERE name = ?").bind(name)
        }
    };
    query.execute(&mut **transaction).await?;
    Ok(())
}

fn credential(row: &SqliteRow) -> Result<StoredCredential, StoreError> {
    let id: String = row.try_get("id")?;
    let expires = OffsetDateTime::from_unix_timestamp(row.try_get("expires")?).map_err(|error| StoreError::Row {
        table: "database_credentials",
        key: id.clone(),
        cause: error.to_string(),
    })?;
    Ok(StoredCredential {
        id,
        warehouse: WarehouseId::new(row.try_get::<String, _>("warehouse")?),
        login_name: row.try_get("login_name")?,
        expires,
        sealed: row.try_get("sealed")?,
    })
}

fn profile(row: &SqliteRow) -> Result<AuthenticationProfile, StoreError> {
    Ok(AuthenticationProfile { name: row.try_get("name")?, content: row.try_get("content")? })
}
