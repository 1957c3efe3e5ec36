//! The SCIM push: its targets, and what each of them accepted.

mod row;
#[cfg(test)]
mod tests;
mod write;

use std::collections::{BTreeMap, BTreeSet};

use base::id::{DirectoryGroupId, DirectoryUserId, PushTargetId};
use push::target::Target;
use push::{Failed, Object, PushStore, PushStoreUnavailable, PushWrite, PushedGroup, PushedUser, Totals};
use serde_json::json;
use sqlx::{Row as _, SqlitePool};

use crate::{Store, StoreError};

/// [`PushStore`] on SQLite.
#[derive(Debug, Clone)]
pub struct SqlitePush {
    pool: SqlitePool,
}

type Kept<T> = Result<T, PushStoreUnavailable>;

fn unavailable(error: StoreError) -> PushStoreUnavailable {
    PushStoreUnavailable(error.to_string())
}

impl SqlitePush {
    #[must_use]
    pub fn new(store: &Store) -> Self {
        Self { pool: store.pool().clone() }
    }

    async fn read_targets(&self) -> Result<Vec<Target>, StoreError> {
        let rows = sqlx::query("SELECT * FROM push_target").fetch_all(&self.pool).await?;
        rows.iter().map(row::target).collect()
    }

    async fn read_user(&self, target: &PushTargetId, user: &DirectoryUserId) -> Result<Option<PushedUser>, StoreError> {
        let query = sqlx::query("SELECT * FROM push_user WHERE target_id = ? AND user_id = ?");
        let row = query.bind(target.as_str()).bind(user.as_str()).fetch_optional(&self.pool).await?;
        row.as_ref().map(row::user).transpose()
    }

    async fn read_users_after(
        &self,
        target: &PushTargetId,
        after: Option<&DirectoryUserId>,
        limit: u32,
    ) -> Result<Vec<PushedUser>, StoreError> {
        let text = "SELECT * FROM push_user WHERE target_id = ? AND user_id > ? ORDER BY user_id LIMIT ?";
        let after = after.map_or("", DirectoryUserId::as_str);
        let rows = sqlx::query(text).bind(target.as_str()).bind(after).bind(limit).fetch_all(&self.pool).await?;
        rows.iter().map(row::user).collect()
    }

    /// Pairs of the person and the server's id, found by the one that `column` names.
    async fn pairs<'a>(
        &self,
        by_remote: bool,
        target: &PushTargetId,
        values: impl Iterator<Item = &'a str>,
    ) -> Result<Vec<(DirectoryUserId, String)>, StoreError> {
        let text = if by_remote {
            "SELECT user_id, remote FROM push_user WHERE target_id = ? AND remote IN (SELECT value FROM json_each(?))"
        } else {
            "SELECT user_id, remote FROM push_user WHERE target_id = ? AND user_id IN (SELECT value FROM json_each(?))"
        };
        let values = json!(values.collect::<Vec<_>>()).to_string();
        let rows = sqlx::query(text).bind(target.as_str()).bind(values).fetch_all(&self.pool).await?;
        let pair = |row: &sqlx::sqlite::SqliteRow| {
            Ok((DirectoryUserId::new(row.try_get::<String, _>("user_id")?), row.try_get("remote")?))
        };
        rows.iter().map(pair).collect()
    }

    async fn read_group(
        &self,
        target: &PushTargetId,
        group: &DirectoryGroupId,
    ) -> Result<Option<PushedGroup>, StoreError> {
        let query = sqlx::query("SELECT * FROM push_group WHERE target_id = ? AND group_id = ?");
        let row = query.bind(target.as_str()).bind(group.as_str()).fetch_optional(&self.pool).await?;
        row.as_ref().map(row::group).transpose()
    }

    async fn read_groups(&self, target: &PushTargetId) -> Result<Vec<PushedGroup>, StoreError> {
        let query = sqlx::query("SELECT * FROM push_group WHERE target_id = ? ORDER BY group_id");
        query.bind(target.as_str()).fetch_all(&self.pool).await?.iter().map(row::group).collect()
    }

    /// All members without `among`.
    async fn read_members(
        &self,
        target: &PushTargetId,
        group: &DirectoryGroupId,
        among: Option<&[String]>,
    ) -> Result<BTreeSet<String>, StoreError> {
        let text = match among {
            None => "SELECT remote FROM push_member WHERE target_id = ? AND group_id = ?",
            Some(_) => {
                "SELECT remote FROM push_member WHERE target_id = ? AND group_id = ? \
                 AND remote IN (SELECT value FROM json_each(?))"
            }
        };
        let mut query = sqlx::query(text).bind(target.as_str()).bind(group.as_str());
        if let Some(among) = among {
            query = query.bind(json!(among).to_string());
        }
        let rows = query.fetch_all(&self.pool).await?;
        rows.iter().map(|row| Ok(row.try_get("remote")?)).collect()
    }

    async fn read_groups_of(&self, target: &PushTargetId, remote: &str) -> Result<Vec<DirectoryGroupId>, StoreError> {
        let query =
            sqlx::query("SELECT group_id FROM push_member WHERE target_id = ? AND remote = ? ORDER BY group_id");
        let rows = query.bind(target.as_str()).bind(remote).fetch_all(&self.pool).await?;
        rows.iter().map(|row| Ok(DirectoryGroupId::new(row.try_get::<String, _>("group_id")?))).collect()
    }

    async fn read_failed_after(
        &self,
        target: &PushTargetId,
        after: Option<&Object>,
        limit: u32,
    ) -> Result<Vec<Failed>, StoreError> {
        let text = "SELECT * FROM push_failed WHERE target_id = ? AND (kind, object_id) > (?, ?) \
                    ORDER BY kind, object_id LIMIT ?";
        let (kind, id) = after.map_or((-1, ""), |after| (row::kind(after), after.id()));
        let query = sqlx::query(text).bind(target.as_str()).bind(kind).bind(id).bind(limit);
        query.fetch_all(&self.pool).await?.iter().map(row::failed).collect()
    }

    async fn read_begun(&self, target: &PushTargetId) -> Result<Vec<Object>, StoreError> {
        let query = sqlx::query("SELECT kind, object_id FROM push_begun WHERE target_id = ?").bind(target.as_str());
        query.fetch_all(&self.pool).await?.iter().map(|row| row::object(row, "push_begun")).collect()
    }

    async fn count(&self, target: &PushTargetId) -> Result<Totals, StoreError> {
        let text = "SELECT (SELECT count(*) FROM push_user WHERE target_id = ?1) AS users, \
                    (SELECT count(*) FROM push_group WHERE target_id = ?1) AS groups, \
                    (SELECT count(*) FROM push_failed WHERE target_id = ?1) AS failed";
        let row = sqlx::query(text).bind(target.as_str()).fetch_one(&self.pool).await?;
        let count = |name: &str| -> Result<u64, StoreError> {
            Ok(u64::try_from(row.try_get::<i64, _>(name)?).unwrap_or_default())
        };
        Ok(Totals { users: count("users")?, groups: count("groups")?, failed: count("failed")? })
    }
}

#[async_trait::async_trait]
impl PushStore for SqlitePush {
    async fn targets(&self) -> Kept<Vec<Target>> {
        self.read_targets().await.map_err(unavailable)
    }

    async fn user(&self, target: &PushTargetId, user: &DirectoryUserId) -> Kept<Option<PushedUser>> {
        self.read_user(target, user).await.map_err(unavailable)
    }

    async fn users_after(
        &self,
        target: &PushTargetId,
        after: Option<&DirectoryUserId>,
        limit: u32,
    ) -> Kept<Vec<PushedUser>> {
        self.read_users_after(target, after, limit).await.map_err(unavailable)
    }

    async fn remote_ids(
        &self,
        target: &PushTargetId,
        users: &[DirectoryUserId],
    ) -> Kept<BTreeMap<DirectoryUserId, String>> {
        let pairs = self.pairs(false, target, users.iter().map(DirectoryUserId::as_str)).await.map_err(unavailable)?;
        Ok(pairs.into_iter().collect())
    }

    async fn ours(&self, target: &PushTargetId, remotes: &[String]) -> Kept<BTreeMap<String, DirectoryUserId>> {
        let pairs = self.pairs(true, target, remotes.iter().map(String::as_str)).await.map_err(unavailable)?;
        Ok(pairs.into_iter().map(|(user, remote)| (remote, user)).collect())
    }

    async fn group(&self, target: &PushTargetId, group: &DirectoryGroupId) -> Kept<Option<PushedGroup>> {
        self.read_group(target, group).await.map_err(unavailable)
    }

    async fn groups(&self, target: &PushTargetId) -> Kept<Vec<PushedGroup>> {
        self.read_groups(target).await.map_err(unavailable)
    }

    async fn members(&self, target: &PushTargetId, group: &DirectoryGroupId) -> Kept<BTreeSet<String>> {
        self.read_members(target, group, None).await.map_err(unavailable)
    }

    async fn members_among(
        &self,
        target: &PushTargetId,
        group: &DirectoryGroupId,
        remotes: &[String],
    ) -> Kept<BTreeSet<String>> {
        self.read_members(target, group, Some(remotes)).await.map_err(unavailable)
    }

    async fn groups_of(&self, target: &PushTargetId, remote: &str) -> Kept<Vec<DirectoryGroupId>> {
        self.read_groups_of(target, remote).await.map_err(unavailable)
    }

    async fn failed_after(&self, target: &PushTargetId, after: Option<&Object>, limit: u32) -> Kept<Vec<Failed>> {
        self.read_failed_after(target, after, limit).await.map_err(unavailable)
    }

    async fn begun(&self, target: &PushTargetId) -> Kept<Vec<Object>> {
        self.read_begun(target).await.map_err(unavailable)
    }

    async fn totals(&self, target: &PushTargetId) -> Kept<Totals> {
        self.count(target).await.map_err(unavailable)
    }

    async fn apply(&self, writes: &[PushWrite]) -> Kept<()> {
        write::all(&self.pool, writes).await.map_err(unavailable)
    }
}
