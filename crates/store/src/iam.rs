//! IAM's state.

#[cfg(test)]
mod tests;

use ::iam::{IamKind, IamRow, IamStore, IamStoreUnavailable, IamWrite, LegacyRootKey, StoredIam, StoredUse};
use base::Secret;
use sqlx::sqlite::SqliteRow;
use sqlx::{Row as _, Sqlite, SqlitePool, Transaction};

use crate::{Store, StoreError, timestamp};

const ENTITIES: &str = "iam_entity";
const USED: &str = "iam_used";
/// Root's key of data directories from before there was IAM.
const LEGACY_KEYS: &str = "access_key";

/// [`IamStore`] on SQLite.
#[derive(Debug, Clone)]
pub struct SqliteIam {
    pool: SqlitePool,
}

impl SqliteIam {
    #[must_use]
    pub fn new(store: &Store) -> Self {
        Self { pool: store.pool().clone() }
    }

    async fn load_all(&self, account: &str) -> Result<StoredIam, StoreError> {
        let mut transaction = self.pool.begin().await?;
        let mut stored = StoredIam::default();
        for row in sqlx::query("SELECT * FROM iam_entity ORDER BY kind, id").fetch_all(&mut *transaction).await? {
            stored.rows.push(row_of(&row)?);
        }
        for row in sqlx::query("SELECT * FROM iam_used").fetch_all(&mut *transaction).await? {
            stored.used.push(StoredUse {
                id: row.try_get("id")?,
                at: timestamp::read(USED, row.try_get("at")?)?,
                service: row.try_get("service")?,
                region: row.try_get("region")?,
            });
        }
        let legacy = sqlx::query("SELECT * FROM access_key WHERE account = ? ORDER BY created, id").bind(account);
        for row in legacy.fetch_all(&mut *transaction).await? {
            stored.legacy_root_keys.push(LegacyRootKey {
                id: row.try_get("id")?,
                secret: Secret::new(row.try_get("secret")?),
                created: timestamp::read(LEGACY_KEYS, row.try_get("created")?)?,
            });
        }
        Ok(stored)
    }

    async fn apply_all(&self, writes: &[IamWrite]) -> Result<(), StoreError> {
        let mut transaction = self.pool.begin().await?;
        for write in writes {
            apply(&mut transaction, write).await?;
        }
        Ok(transaction.commit().await?)
    }

    async fn put_all_used(&self, used: &[StoredUse]) -> Result<(), StoreError> {
        let mut transaction = self.pool.begin().await?;
        for one in used {
            sqlx::query(
                "INSERT INTO iam_used (id, at, service, region) SELECT ?, ?, ?, ? \
                 WHERE EXISTS (SELECT 1 FROM iam_entity WHERE kind IN ('access-key', 'role') AND id = ?) \
                 ON CONFLICT (id) DO UPDATE SET at = excluded.at, service = excluded.service, region = excluded.region",
            )
            .bind(&one.id)
            .bind(timestamp::write(USED, one.at)?)
            .bind(&one.service)
            .bind(&one.region)
            .bind(&one.id)
            .execute(&mut *transaction)
            .await?;
        }
        Ok(transaction.commit().await?)
    }
}

#[expect(clippy::needless_pass_by_value, reason = "the signature that map_err takes")]
fn unusable(error: StoreError) -> IamStoreUnavailable {
    IamStoreUnavailable(error.to_string())
}

#[async_trait::async_trait]
impl IamStore for SqliteIam {
    async fn load(&self, account: &str) -> Result<StoredIam, IamStoreUnavailable> {
        self.load_all(account).await.map_err(unusable)
    }

    async fn apply(&self, writes: &[IamWrite]) -> Result<(), IamStoreUnavailable> {
        self.apply_all(writes).await.map_err(unusable)
    }

    async fn put_used(&self, used: &[StoredUse]) -> Result<(), IamStoreUnavailable> {
        self.put_all_used(used).await.map_err(unusable)
    }
}

async fn apply(transaction: &mut Transaction<'_, Sqlite>, write: &IamWrite) -> Result<(), StoreError> {
    match write {
        IamWrite::Create(row) => {
            let spend = sqlx::query("INSERT INTO iam_spent_id (id) VALUES (?)").bind(&row.id);
            spend.execute(&mut **transaction).await?;
            let insert = sqlx::query("INSERT INTO iam_entity (kind, id, name, definition) VALUES (?, ?, ?, ?)");
            let insert = insert.bind(row.kind.name()).bind(&row.id).bind(&row.name).bind(&row.definition);
            insert.execute(&mut **transaction).await?;
        }
        IamWrite::Put(row) => {
            let update = sqlx::query("UPDATE iam_entity SET name = ?, definition = ? WHERE kind = ? AND id = ?");
            let update = update.bind(&row.name).bind(&row.definition).bind(row.kind.name()).bind(&row.id);
            if update.execute(&mut **transaction).await?.rows_affected() != 1 {
                return Err(broken(&row.id, "it isn't there to be changed"));
            }
        }
        IamWrite::Delete { kind, id } => {
            let delete = sqlx::query("DELETE FROM iam_entity WHERE kind = ? AND id = ?").bind(kind.name()).bind(id);
            delete.execute(&mut **transaction).await?;
            sqlx::query("DELETE FROM iam_used WHERE id = ?").bind(id).execute(&mut **transaction).await?;
        }
        IamWrite::RetireLegacyRootKey(id) => {
            sqlx::query("DELETE FROM access_key WHERE id = ?").bind(id).execute(&mut **transaction).await?;
        }
    }
    Ok(())
}

fn row_of(row: &SqliteRow) -> Result<IamRow, StoreError> {
    let id: String = row.try_get("id")?;
    let kind: &str = row.try_get("kind")?;
    Ok(IamRow {
        kind: IamKind::from_name(kind).ok_or_else(|| broken(&id, format!("its kind is {kind:?}")))?,
        name: row.try_get("name")?,
        definition: row.try_get("definition")?,
        id,
    })
}

fn broken(key: &str, cause: impl Into<String>) -> StoreError {
    StoreError::Row { table: ENTITIES, key: key.to_owned(), cause: cause.into() }
}
