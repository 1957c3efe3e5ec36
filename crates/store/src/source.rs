//! Identity sources, permanent links, and what was used once.

#[cfg(test)]
mod tests;

use ::source::{Link, SourceStore, SourceStoreUnavailable, SourceWrite, StoredSource, StoredSources, UseMark};
use base::id::{DirectoryGroupId, DirectoryUserId, SourceId};
use sqlx::sqlite::SqliteRow;
use sqlx::{Row as _, Sqlite, SqlitePool, Transaction};
use time::{Duration, OffsetDateTime};

use crate::{Store, StoreError, timestamp};

const SOURCES: &str = "source";
const DIRECTORY_ENABLED: &str = "directory_enabled";
const SIGNING_KEY: &str = "signing_key";
const FORGOTTEN: &str = "forgotten_until";
/// Marks are kept so long after their end: a clock that is set back by less makes nothing valid again.
const KEPT_AFTER_END: Duration = Duration::DAY;

/// [`SourceStore`] on SQLite.
#[derive(Debug, Clone)]
pub struct SqliteSources {
    pool: SqlitePool,
}

impl SqliteSources {
    #[must_use]
    pub fn new(store: &Store) -> Self {
        Self { pool: store.pool().clone() }
    }

    async fn load_all(&self) -> Result<StoredSources, StoreError> {
        let mut transaction = self.pool.begin().await?;
        let mut stored = StoredSources::default();
        for row in sqlx::query("SELECT * FROM source ORDER BY id").fetch_all(&mut *transaction).await? {
            stored.sources.push(source_of(&row)?);
        }
        stored.directory_enabled = setting(&mut transaction, DIRECTORY_ENABLED).await?.map(|value| value != "0");
        stored.signing_key = setting(&mut transaction, SIGNING_KEY).await?;
        for row in sqlx::query("SELECT source_id, group_id FROM source_group").fetch_all(&mut *transaction).await? {
            let (source, group) = (row.try_get::<&str, _>("source_id")?, row.try_get::<&str, _>("group_id")?);
            stored.groups.push((SourceId::new(source), DirectoryGroupId::new(group)));
        }
        Ok(stored)
    }

    async fn apply_all(&self, writes: &[SourceWrite]) -> Result<(), StoreError> {
        let mut transaction = self.pool.begin().await?;
        for write in writes {
            apply(&mut transaction, write).await?;
        }
        Ok(transaction.commit().await?)
    }

    async fn use_all(&self, marks: &[UseMark], now: OffsetDateTime) -> Result<bool, StoreError> {
        // A writer from the first statement on: two uses at the same time must not both read before one writes.
        let mut transaction = self.pool.begin_with("BEGIN IMMEDIATE").await?;
        let forgotten = forget(&mut transaction, now).await?;
        for mark in marks {
            let until = mark.until.unix_timestamp();
            let insert = sqlx::query("INSERT INTO source_mark (key, until) VALUES (?, ?) ON CONFLICT DO NOTHING");
            let marked = insert.bind(&mark.key).bind(until).execute(&mut *transaction).await?.rows_affected() == 1;
            if !marked || forgotten.is_some_and(|forgotten| until <= forgotten) {
                transaction.rollback().await?;
                return Ok(false);
            }
        }
        transaction.commit().await?;
        Ok(true)
    }

    async fn put_link(&self, link: &Link) -> Result<bool, StoreError> {
        let mut transaction = self.pool.begin_with("BEGIN IMMEDIATE").await?;
        let insert = "INSERT INTO source_link (source_id, subject, user_id) SELECT source.id, ?, directory_users.id \
                      FROM source, directory_users WHERE source.id = ? AND directory_users.id = ? ON CONFLICT DO NOTHING";
        let insert = sqlx::query(insert).bind(&link.subject).bind(link.source.as_str()).bind(link.user.as_str());
        insert.execute(&mut *transaction).await?;
        let select = sqlx::query("SELECT 1 FROM source_link WHERE source_id = ? AND subject = ? AND user_id = ?");
        let select = select.bind(link.source.as_str()).bind(&link.subject).bind(link.user.as_str());
        let linked = select.fetch_optional(&mut *transaction).await?.is_some();
        transaction.commit().await?;
        Ok(linked)
    }

    /// The one text that a link's other column has.
    async fn linked(
        &self,
        text: &'static str,
        source: &SourceId,
        key: &str,
    ) -> Result<Option<String>, SourceStoreUnavailable> {
        let row = sqlx::query(text).bind(source.as_str()).bind(key).fetch_optional(&self.pool).await;
        row.and_then(|row| row.map(|row| row.try_get(0)).transpose()).map_err(|error| unusable(error.into()))
    }
}

#[expect(clippy::needless_pass_by_value, reason = "the signature that map_err takes")]
fn unusable(error: StoreError) -> SourceStoreUnavailable {
    SourceStoreUnavailable(error.to_string())
}

#[async_trait::async_trait]
impl SourceStore for SqliteSources {
    async fn load(&self) -> Result<StoredSources, SourceStoreUnavailable> {
        self.load_all().await.map_err(unusable)
    }

    async fn apply(&self, writes: &[SourceWrite]) -> Result<(), SourceStoreUnavailable> {
        self.apply_all(writes).await.map_err(unusable)
    }

    async fn use_once(&self, marks: &[UseMark], now: OffsetDateTime) -> Result<bool, SourceStoreUnavailable> {
        self.use_all(marks, now).await.map_err(unusable)
    }

    async fn linked_user(
        &self,
        source: &SourceId,
        subject: &str,
    ) -> Result<Option<DirectoryUserId>, SourceStoreUnavailable> {
        let text = "SELECT user_id FROM source_link WHERE source_id = ? AND subject = ?";
        Ok(self.linked(text, source, subject).await?.map(DirectoryUserId::new))
    }

    async fn linked_subject(
        &self,
        source: &SourceId,
        user: &DirectoryUserId,
    ) -> Result<Option<String>, SourceStoreUnavailable> {
        self.linked("SELECT subject FROM source_link WHERE source_id = ? AND user_id = ?", source, user.as_str()).await
    }

    async fn link(&self, link: &Link) -> Result<bool, SourceStoreUnavailable> {
        self.put_link(link).await.map_err(unusable)
    }
}

async fn apply(transaction: &mut Transaction<'_, Sqlite>, write: &SourceWrite) -> Result<(), StoreError> {
    let query = match write {
        SourceWrite::PutSource(source) => return put_source(transaction, source).await,
        // Links and groups go with it: ON DELETE CASCADE.
        SourceWrite::DeleteSource(id) => sqlx::query("DELETE FROM source WHERE id = ?").bind(id.as_str()),
        SourceWrite::DeleteLinks(id) => sqlx::query("DELETE FROM source_link WHERE source_id = ?").bind(id.as_str()),
        SourceWrite::DeleteLink { source, subject } => {
            sqlx::query("DELETE FROM source_link WHERE source_id = ? AND subject = ?")
                .bind(source.as_str())
                .bind(subject)
        }
        SourceWrite::SetDirectoryEnabled(enabled) => {
            return put_setting(transaction, DIRECTORY_ENABLED, if *enabled { "1" } else { "0" }).await;
        }
        SourceWrite::PutSigningKey(sealed) => return put_setting(transaction, SIGNING_KEY, sealed).await,
        SourceWrite::PutGroup { source, group } => {
            let text = "INSERT INTO source_group (group_id, source_id) VALUES (?, ?) \
                        ON CONFLICT (group_id) DO UPDATE SET source_id = excluded.source_id";
            sqlx::query(text).bind(group.as_str()).bind(source.as_str())
        }
        SourceWrite::DeleteGroup(group) => {
            sqlx::query("DELETE FROM source_group WHERE group_id = ?").bind(group.as_str())
        }
    };
    query.execute(&mut **transaction).await?;
    Ok(())
}

async fn put_source(transaction: &mut Transaction<'_, Sqlite>, source: &StoredSource) -> Result<(), StoreError> {
    let version = i64::try_from(source.version).map_err(|error| broken(source.id.as_str(), error))?;
    sqlx::query(
        "INSERT INTO source (id, definition, version, created, modified) VALUES (?, ?, ?, ?, ?)
         ON CONFLICT (id) DO UPDATE SET definition = excluded.definition, version = excluded.version,
             modified = excluded.modified",
    )
    .bind(source.id.as_str())
    .bind(&source.definition)
    .bind(version)
    .bind(timestamp::write(SOURCES, source.created)?)
    .bind(timestamp::write(SOURCES, source.modified)?)
    .execute(&mut **transaction)
    .await?;
    Ok(())
}

fn source_of(row: &SqliteRow) -> Result<StoredSource, StoreError> {
    let id: &str = row.try_get("id")?;
    Ok(StoredSource {
        id: SourceId::new(id),
        definition: row.try_get("definition")?,
        version: u64::try_from(row.try_get::<i64, _>("version")?).map_err(|error| broken(id, error))?,
        created: timestamp::read(SOURCES, row.try_get("created")?)?,
        modified: timestamp::read(SOURCES, row.try_get("modified")?)?,
    })
}

fn broken(key: &str, cause: impl std::fmt::Display) -> StoreError {
    StoreError::Row { table: SOURCES, key: key.to_owned(), cause: cause.to_string() }
}

async fn setting(transaction: &mut Transaction<'_, Sqlite>, name: &str) -> Result<Option<String>, StoreError> {
    let select = sqlx::query("SELECT value FROM source_settings WHERE name = ?").bind(name);
    Ok(select.fetch_optional(&mut **transaction).await?.map(|row| row.try_get("value")).transpose()?)
}

async fn put_setting(transaction: &mut Transaction<'_, Sqlite>, name: &str, value: &str) -> Result<(), StoreError> {
    let text = "INSERT INTO source_settings (name, value) VALUES (?, ?) \
                ON CONFLICT (name) DO UPDATE SET value = excluded.value";
    sqlx::query(text).bind(name).bind(value).execute(&mut **transaction).await?;
    Ok(())
}

/// Forgets old marks, and answers the latest end of any that was ever forgotten: what ended by then may have been used.
async fn forget(transaction: &mut Transaction<'_, Sqlite>, now: OffsetDateTime) -> Result<Option<i64>, StoreError> {
    let kept_from = (now - KEPT_AFTER_END).unix_timestamp();
    let before = setting(transaction, FORGOTTEN).await?.and_then(|value| value.parse::<i64>().ok());
    let latest = sqlx::query("SELECT max(until) AS until FROM source_mark WHERE until < ?").bind(kept_from);
    let Some(latest) = latest.fetch_one(&mut **transaction).await?.try_get::<Option<i64>, _>("until")? else {
        return Ok(before);
    };
    sqlx::query("DELETE FROM source_mark WHERE until < ?").bind(kept_from).execute(&mut **transaction).await?;
    let latest = before.map_or(latest, |before| before.max(latest));
    put_setting(transaction, FORGOTTEN, &latest.to_string()).await?;
    Ok(Some(latest))
}
