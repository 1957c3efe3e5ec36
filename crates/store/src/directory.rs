//! People, groups, memberships, passwords (as hashes), password links (as hashes) and SCIM tokens (as hashes).

mod load;
mod members;
mod put;
mod row;
#[cfg(test)]
mod tests;

use ::directory::{DirectoryError, DirectoryStore, DirectoryWrite, StoredDirectory};
use base::id::{DirectoryGroupId, DirectoryUserId};
use sqlx::{Sqlite, SqlitePool, Transaction};

use crate::{Store, StoreError};

const USERS: &str = "directory_users";
const GROUPS: &str = "directory_groups";
const MEMBERS: &str = "directory_members";
const PASSWORDS: &str = "directory_passwords";
const LINKS: &str = "directory_reset_links";
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

    async fn apply_all(&self, writes: &[DirectoryWrite]) -> Result<(), StoreError> {
        let mut transaction = self.pool.begin().await?;
        for write in writes {
            apply(&mut transaction, write).await?;
        }
        Ok(transaction.commit().await?)
    }
}

fn unusable(error: StoreError) -> DirectoryError {
    DirectoryError::Store(error.to_string())
}

#[async_trait::async_trait]
impl DirectoryStore for SqliteDirectory {
    async fn load(&self) -> Result<StoredDirectory, DirectoryError> {
        self.load_all().await.map_err(unusable)
    }

    async fn apply(&self, writes: &[DirectoryWrite]) -> Result<(), DirectoryError> {
        self.apply_all(writes).await.map_err(unusable)
    }

    async fn membership_numbers(
        &self,
        memberships: &[(DirectoryGroupId, DirectoryUserId)],
    ) -> Result<Vec<Option<u64>>, DirectoryError> {
        members::numbers(&self.pool, memberships).await.map_err(unusable)
    }

    async fn membership(&self, number: u64) -> Result<Option<(DirectoryGroupId, DirectoryUserId)>, DirectoryError> {
        members::by_number(&self.pool, number).await.map_err(unusable)
    }
}

async fn apply(transaction: &mut Transaction<'_, Sqlite>, write: &DirectoryWrite) -> Result<(), StoreError> {
    let query = match write {
        DirectoryWrite::PutUser(user) => return put::user(transaction, user).await,
        DirectoryWrite::PutGroup(group) => return put::group(transaction, group).await,
        DirectoryWrite::PutPassword(password) => return put::password(transaction, password).await,
        DirectoryWrite::PutResetLink(link) => return put::reset_link(transaction, link).await,
        DirectoryWrite::PutScimToken(token) => return put::scim_token(transaction, token).await,
        DirectoryWrite::AddMembers { group, users } => return members::add(transaction, group, users).await,
        DirectoryWrite::RemoveMembers { group, users } => return members::remove(transaction, group, users).await,
        DirectoryWrite::DeleteUser(id) => sqlx::query("DELETE FROM directory_users WHERE id = ?").bind(id.as_str()),
        DirectoryWrite::DeleteGroup(id) => sqlx::query("DELETE FROM directory_groups WHERE id = ?").bind(id.as_str()),
    };
    query.execute(&mut **transaction).await?;
    Ok(())
}
