//! People, groups, memberships, passwords (as hashes) and SCIM tokens (as hashes).

mod row;
#[cfg(test)]
mod tests;

use ::directory::{
    DirectoryError, DirectoryGroup, DirectoryStore, DirectoryUser, DirectoryWrite, ScimToken, StoredDirectory,
};
use base::Secret;
use base::id::{DirectoryGroupId, DirectoryUserId};
use sqlx::{Row as _, Sqlite, SqlitePool, Transaction};

use crate::{Store, StoreError, timestamp};

const USERS: &str = "directory_users";
const GROUPS: &str = "directory_groups";
const TOKENS: &str = "directory_scim_tokens";

/// The port of the directory.
#[derive(Debug, Clone)]
pub struct SqliteDirectory {
    pool: SqlitePool,
}

impl SqliteDirectory {
    #[must_use]
    pub fn new(store: &Store) -> Self {
        Self { pool: store.pool().clone() }
    }

    async fn load_all(&self) -> Result<StoredDirectory, StoreError> {
        // One snapshot: a membership must not be seen without its group.
        let mut transaction = self.pool.begin().await?;
        let mut stored = StoredDirectory::default();
        for row in sqlx::query("SELECT * FROM directory_users").fetch_all(&mut *transaction).await? {
            stored.users.push(row::user(&row)?);
        }
        for row in sqlx::query("SELECT * FROM directory_groups").fetch_all(&mut *transaction).await? {
            stored.groups.push(row::group(&row)?);
        }
        for row in sqlx::query("SELECT group_id, user_id FROM directory_members").fetch_all(&mut *transaction).await? {
            let group = DirectoryGroupId::new(row.try_get::<String, _>("group_id")?);
            stored.members.push((group, DirectoryUserId::new(row.try_get::<String, _>("user_id")?)));
        }
        for row in sqlx::query("SELECT user_id, hash FROM directory_passwords").fetch_all(&mut *transaction).await? {
            let user = DirectoryUserId::new(row.try_get::<String, _>("user_id")?);
            stored.passwords.push((user, Secret::new(row.try_get("hash")?)));
        }
        for row in sqlx::query("SELECT * FROM directory_scim_tokens").fetch_all(&mut *transaction).await? {
            stored.scim_tokens.push(row::scim_token(&row)?);
        }
        Ok(stored)
    }

    async fn apply_all(&self, writes: &[DirectoryWrite]) -> Result<(), StoreError> {
        let mut transaction = self.pool.begin().await?;
        for write in writes {
            apply(&mut transaction, write).await?;
        }
        Ok(transaction.commit().await?)
    }
}

#[async_trait::async_trait]
impl DirectoryStore for SqliteDirectory {
    async fn load(&self) -> Result<StoredDirectory, DirectoryError> {
        self.load_all().await.map_err(|error| DirectoryError::Store(error.to_string()))
    }

    async fn apply(&self, writes: &[DirectoryWrite]) -> Result<(), DirectoryError> {
        self.apply_all(writes).await.map_err(|error| DirectoryError::Store(error.to_string()))
    }
}

async fn apply(transaction: &mut Transaction<'_, Sqlite>, write: &DirectoryWrite) -> Result<(), StoreError> {
    let query = match write {
        DirectoryWrite::PutUser(user) => return put_user(transaction, user).await,
        DirectoryWrite::PutGroup(group) => return put_group(transaction, group).await,
        DirectoryWrite::PutScimToken(token) => return put_scim_token(transaction, token).await,
        DirectoryWrite::DeleteUser(id) => sqlx::query("DELETE FROM directory_users WHERE id = ?").bind(id.as_str()),
        DirectoryWrite::DeleteGroup(id) => sqlx::query("DELETE FROM directory_groups WHERE id = ?").bind(id.as_str()),
        DirectoryWrite::AddMember { group, user } => sqlx::query(
            "INSERT INTO directory_members (group_id, user_id) VALUES (?, ?) ON CONFLICT (group_id, user_id) DO NOTHING",
        )
        .bind(group.as_str())
        .bind(user.as_str()),
        DirectoryWrite::RemoveMember { group, user } => {
            sqlx::query("DELETE FROM directory_members WHERE group_id = ? AND user_id = ?")
                .bind(group.as_str())
                .bind(user.as_str())
        }
        DirectoryWrite::PutPassword { user, hash } => sqlx::query(
            "INSERT INTO directory_passwords (user_id, hash) VALUES (?, ?)
             ON CONFLICT (user_id) DO UPDATE SET hash = excluded.hash",
        )
        .bind(user.as_str())
        .bind(hash.expose()),
        DirectoryWrite::RemovePassword(user) => {
            sqlx::query("DELETE FROM directory_passwords WHERE user_id = ?").bind(user.as_str())
        }
    };
    query.execute(&mut **transaction).await?;
    Ok(())
}

async fn put_user(transaction: &mut Transaction<'_, Sqlite>, user: &DirectoryUser) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO directory_users (id, user_name, user_name_key, external_id, active, display_name, given_name,
             family_name, email, attributes, version, created, modified)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
         ON CONFLICT (id) DO UPDATE SET user_name = excluded.user_name, user_name_key = excluded.user_name_key,
             external_id = excluded.external_id, active = excluded.active, display_name = excluded.display_name,
             given_name = excluded.given_name, family_name = excluded.family_name, email = excluded.email,
             attributes = excluded.attributes, version = excluded.version, modified = excluded.modified",
    )
    .bind(user.id.as_str())
    .bind(&user.user_name)
    .bind(user.user_name.to_lowercase())
    .bind(&user.external_id)
    .bind(user.active)
    .bind(&user.display_name)
    .bind(&user.given_name)
    .bind(&user.family_name)
    .bind(&user.email)
    .bind(row::json(&user.attributes))
    .bind(row::version(USERS, user.id.as_str(), user.version)?)
    .bind(timestamp::write(USERS, user.created)?)
    .bind(timestamp::write(USERS, user.modified)?)
    .execute(&mut **transaction)
    .await?;
    Ok(())
}

async fn put_group(transaction: &mut Transaction<'_, Sqlite>, group: &DirectoryGroup) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO directory_groups (id, display_name, display_name_key, external_id, attributes, version, created, modified)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?)
         ON CONFLICT (id) DO UPDATE SET display_name = excluded.display_name, display_name_key = excluded.display_name_key,
             external_id = excluded.external_id, attributes = excluded.attributes, version = excluded.version,
             modified = excluded.modified",
    )
    .bind(group.id.as_str())
    .bind(&group.display_name)
    .bind(group.display_name.to_lowercase())
    .bind(&group.external_id)
    .bind(row::json(&group.attributes))
    .bind(row::version(GROUPS, group.id.as_str(), group.version)?)
    .bind(timestamp::write(GROUPS, group.created)?)
    .bind(timestamp::write(GROUPS, group.modified)?)
    .execute(&mut **transaction)
    .await?;
    Ok(())
}

async fn put_scim_token(transaction: &mut Transaction<'_, Sqlite>, token: &ScimToken) -> Result<(), StoreError> {
    let revoked = token.revoked.map(|at| timestamp::write(TOKENS, at)).transpose()?;
    sqlx::query(
        "INSERT INTO directory_scim_tokens (id, hash, created, expires, revoked) VALUES (?, ?, ?, ?, ?)
         ON CONFLICT (id) DO UPDATE SET revoked = excluded.revoked",
    )
    .bind(&token.id)
    .bind(token.hash.expose())
    .bind(timestamp::write(TOKENS, token.created)?)
    .bind(timestamp::write(TOKENS, token.expires)?)
    .bind(revoked)
    .execute(&mut **transaction)
    .await?;
    Ok(())
}
