//! Reading everything at start. Rows are read one by one, and each id has one text: a million memberships fit into the memory twice
//! at most.

use std::collections::HashMap;

use ::directory::StoredDirectory;
use base::Secret;
use base::id::{DirectoryGroupId, DirectoryUserId};
use futures_util::TryStreamExt as _;
use sqlx::{Row as _, Sqlite, Transaction};

use super::{MEMBERS, SqliteDirectory, row};
use crate::StoreError;

impl SqliteDirectory {
    pub(super) async fn load_all(&self) -> Result<StoredDirectory, StoreError> {
        // One snapshot: a membership must not be seen without its group.
        let mut transaction = self.pool.begin().await?;
        let mut stored = StoredDirectory::default();
        {
            let mut rows = sqlx::query("SELECT * FROM directory_users ORDER BY id").fetch(&mut *transaction);
            while let Some(row) = rows.try_next().await? {
                stored.users.push(row::user(&row)?);
            }
        }
        {
            let mut rows = sqlx::query("SELECT * FROM directory_groups ORDER BY id").fetch(&mut *transaction);
            while let Some(row) = rows.try_next().await? {
                stored.groups.push(row::group(&row)?);
            }
        }
        load_members(&mut transaction, &mut stored).await?;
        for row in sqlx::query("SELECT * FROM directory_passwords").fetch_all(&mut *transaction).await? {
            stored.passwords.push(row::password(&row)?);
        }
        for row in sqlx::query("SELECT * FROM directory_reset_links").fetch_all(&mut *transaction).await? {
            stored.reset_links.push(row::reset_link(&row)?);
        }
        for row in sqlx::query("SELECT * FROM directory_scim_tokens").fetch_all(&mut *transaction).await? {
            stored.scim_tokens.push(row::scim_token(&row)?);
        }
        let salt = sqlx::query("SELECT value FROM directory_settings WHERE name = 'membership_salt'");
        stored.membership_salt = Secret::new(salt.fetch_one(&mut *transaction).await?.try_get("value")?);
        Ok(stored)
    }
}

async fn load_members(
    transaction: &mut Transaction<'_, Sqlite>,
    stored: &mut StoredDirectory,
) -> Result<(), StoreError> {
    let users: HashMap<&str, &DirectoryUserId> = stored.users.iter().map(|user| (user.id.as_str(), &user.id)).collect();
    let groups: HashMap<&str, &DirectoryGroupId> =
        stored.groups.iter().map(|group| (group.id.as_str(), &group.id)).collect();
    let lost = |id: &str| StoreError::Row {
        table: MEMBERS,
        key: id.to_owned(),
        cause: "it names a person or a group that isn't there".to_owned(),
    };
    let mut members = Vec::new();
    // A row a group: a row costs more than what is in it.
    let mut rows =
        sqlx::query("SELECT group_id, json_group_array(user_id) AS users FROM directory_members GROUP BY group_id")
            .fetch(&mut **transaction);
    while let Some(row) = rows.try_next().await? {
        let (group, users_of) = (row.try_get::<&str, _>("group_id")?, row.try_get::<&str, _>("users")?);
        let broken = |error: serde_json::Error| StoreError::Row {
            table: MEMBERS,
            key: group.to_owned(),
            cause: error.to_string(),
        };
        let id = groups.get(group).ok_or_else(|| lost(group))?;
        let mut joined: Vec<DirectoryUserId> = Vec::new();
        for user in serde_json::from_str::<Vec<String>>(users_of).map_err(broken)? {
            joined.push(DirectoryUserId::clone(users.get(user.as_str()).ok_or_else(|| lost(&user))?));
        }
        joined.sort();
        members.extend(joined.into_iter().map(|user| (DirectoryGroupId::clone(id), user)));
    }
    drop(rows);
    stored.members = members;
    Ok(())
}
