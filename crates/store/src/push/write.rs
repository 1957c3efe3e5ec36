//! Values to rows.

use std::collections::BTreeSet;

use base::id::{DirectoryGroupId, PushTargetId};
use push::target::{Assigned, Target};
use push::{Failed, Object, PushWrite, PushedGroup, PushedUser};
use serde_json::json;
use sqlx::{Sqlite, SqlitePool, Transaction};

use super::row::kind;
use crate::{StoreError, timestamp};

/// All that is kept for a target.
const TABLES: [&str; 5] = [
    "DELETE FROM push_begun WHERE target_id = ?",
    "DELETE FROM push_failed WHERE target_id = ?",
    "DELETE FROM push_member WHERE target_id = ?",
    "DELETE FROM push_group WHERE target_id = ?",
    "DELETE FROM push_user WHERE target_id = ?",
];

pub(super) async fn all(pool: &SqlitePool, writes: &[PushWrite]) -> Result<(), StoreError> {
    let mut transaction = pool.begin().await?;
    for write in writes {
        one(&mut transaction, write).await?;
    }
    Ok(transaction.commit().await?)
}

/// A statement whose parameters are all texts.
async fn execute(
    transaction: &mut Transaction<'_, Sqlite>,
    text: &'static str,
    values: &[&str],
) -> Result<(), StoreError> {
    let query = values.iter().fold(sqlx::query(text), |query, value| query.bind(*value));
    query.execute(&mut **transaction).await.map(drop).map_err(Into::into)
}

async fn one(transaction: &mut Transaction<'_, Sqlite>, write: &PushWrite) -> Result<(), StoreError> {
    match write {
        PushWrite::PutTarget(target) => put_target(transaction, target).await,
        PushWrite::DeleteTarget(target) => {
            // The rest goes with it: ON DELETE CASCADE.
            execute(transaction, "DELETE FROM push_target WHERE id = ?", &[target.as_str()]).await
        }
        PushWrite::Forget(target) => {
            for text in TABLES {
                execute(transaction, text, &[target.as_str()]).await?;
            }
            Ok(())
        }
        PushWrite::PutUser(row) => {
            end(transaction, &row.target, &Object::User(row.user.clone())).await?;
            let text = "DELETE FROM push_user WHERE target_id = ? AND remote = ? AND user_id <> ?";
            execute(transaction, text, &[row.target.as_str(), &row.remote, row.user.as_str()]).await?;
            put_user(transaction, row).await
        }
        PushWrite::DeleteUser { target, user } => {
            let members = "DELETE FROM push_member WHERE target_id = ?1 AND remote = \
                           (SELECT remote FROM push_user WHERE target_id = ?1 AND user_id = ?2)";
            execute(transaction, members, &[target.as_str(), user.as_str()]).await?;
            let text = "DELETE FROM push_user WHERE target_id = ? AND user_id = ?";
            execute(transaction, text, &[target.as_str(), user.as_str()]).await
        }
        PushWrite::PutGroup(row) => {
            end(transaction, &row.target, &Object::Group(row.group.clone())).await?;
            put_group(transaction, row).await
        }
        PushWrite::DeleteGroup { target, group } => {
            let members = "DELETE FROM push_member WHERE target_id = ? AND group_id = ?";
            execute(transaction, members, &[target.as_str(), group.as_str()]).await?;
            let text = "DELETE FROM push_group WHERE target_id = ? AND group_id = ?";
            execute(transaction, text, &[target.as_str(), group.as_str()]).await
        }
        PushWrite::AddMembers { target, group, members } => {
            let text = "INSERT OR IGNORE INTO push_member SELECT ?, ?, value FROM json_each(?)";
            change_members(transaction, text, target, group, members).await
        }
        PushWrite::RemoveMembers { target, group, members } => {
            let text = "DELETE FROM push_member WHERE target_id = ? AND group_id = ? \
                        AND remote IN (SELECT value FROM json_each(?))";
            change_members(transaction, text, target, group, members).await
        }
        PushWrite::Begin { target, object } => {
            let text = "INSERT OR IGNORE INTO push_begun (target_id, kind, object_id) VALUES (?, ?, ?)";
            about(transaction, text, target, object).await
        }
        PushWrite::End { target, object } => end(transaction, target, object).await,
        PushWrite::PutFailed(failed) => put_failed(transaction, failed).await,
        PushWrite::DeleteFailed { target, object } => {
            let text = "DELETE FROM push_failed WHERE target_id = ? AND kind = ? AND object_id = ?";
            about(transaction, text, target, object).await
        }
    }
}

/// A statement whose parameters are the target and the two that name an object.
async fn about(
    transaction: &mut Transaction<'_, Sqlite>,
    text: &'static str,
    target: &PushTargetId,
    object: &Object,
) -> Result<(), StoreError> {
    let query = sqlx::query(text).bind(target.as_str()).bind(kind(object)).bind(object.id());
    query.execute(&mut **transaction).await.map(drop).map_err(Into::into)
}

async fn end(
    transaction: &mut Transaction<'_, Sqlite>,
    target: &PushTargetId,
    object: &Object,
) -> Result<(), StoreError> {
    about(transaction, "DELETE FROM push_begun WHERE target_id = ? AND kind = ? AND object_id = ?", target, object)
        .await
}

async fn change_members(
    transaction: &mut Transaction<'_, Sqlite>,
    text: &'static str,
    target: &PushTargetId,
    group: &DirectoryGroupId,
    members: &[String],
) -> Result<(), StoreError> {
    execute(transaction, text, &[target.as_str(), group.as_str(), &json!(members).to_string()]).await
}

fn list(groups: &BTreeSet<DirectoryGroupId>) -> String {
    json!(groups.iter().map(DirectoryGroupId::as_str).collect::<Vec<_>>()).to_string()
}

fn number(table: &'static str, key: &str, value: u64) -> Result<i64, StoreError> {
    i64::try_from(value).map_err(|error| StoreError::Row { table, key: key.to_owned(), cause: error.to_string() })
}

async fn put_target(transaction: &mut Transaction<'_, Sqlite>, target: &Target) -> Result<(), StoreError> {
    let table = "push_target";
    let (application, groups) = match &target.assigned {
        Assigned::Application(application) => (Some(application.as_str()), None),
        Assigned::Groups(groups) => (None, Some(list(groups))),
    };
    sqlx::query(
        "INSERT INTO push_target (id, name, url, sealed_token, private_network, application, groups, pushed_groups, \
         deprovision, enabled, paused, version, created, modified) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) \
         ON CONFLICT (id) DO UPDATE SET name = excluded.name, url = excluded.url, \
         sealed_token = excluded.sealed_token, private_network = excluded.private_network, \
         application = excluded.application, groups = excluded.groups, pushed_groups = excluded.pushed_groups, \
         deprovision = excluded.deprovision, enabled = excluded.enabled, paused = excluded.paused, \
         version = excluded.version, modified = excluded.modified",
    )
    .bind(target.id.as_str())
    .bind(&target.name)
    .bind(&target.url)
    .bind(&target.sealed_token)
    .bind(target.private_network)
    .bind(application)
    .bind(groups)
    .bind(list(&target.pushed_groups))
    .bind(target.deprovision.name())
    .bind(target.enabled)
    .bind(&target.paused)
    .bind(number(table, target.id.as_str(), target.version)?)
    .bind(timestamp::write(table, target.created)?)
    .bind(timestamp::write(table, target.modified)?)
    .execute(&mut **transaction)
    .await?;
    Ok(())
}

async fn put_user(transaction: &mut Transaction<'_, Sqlite>, row: &PushedUser) -> Result<(), StoreError> {
    let text = "INSERT INTO push_user (target_id, user_id, remote, sent) VALUES (?, ?, ?, ?) \
                ON CONFLICT (target_id, user_id) DO UPDATE SET remote = excluded.remote, sent = excluded.sent";
    execute(transaction, text, &[row.target.as_str(), row.user.as_str(), &row.remote, &json!(row.sent).to_string()])
        .await
}

async fn put_group(transaction: &mut Transaction<'_, Sqlite>, row: &PushedGroup) -> Result<(), StoreError> {
    let text = "INSERT INTO push_group (target_id, group_id, remote, display_name, created) VALUES (?, ?, ?, ?, ?) \
                ON CONFLICT (target_id, group_id) DO UPDATE SET remote = excluded.remote, \
                display_name = excluded.display_name, created = excluded.created";
    sqlx::query(text)
        .bind(row.target.as_str())
        .bind(row.group.as_str())
        .bind(&row.remote)
        .bind(&row.display_name)
        .bind(row.created)
        .execute(&mut **transaction)
        .await?;
    Ok(())
}

async fn put_failed(transaction: &mut Transaction<'_, Sqlite>, failed: &Failed) -> Result<(), StoreError> {
    let table = "push_failed";
    sqlx::query("INSERT OR REPLACE INTO push_failed VALUES (?, ?, ?, ?, ?, ?, ?, ?)")
        .bind(failed.target.as_str())
        .bind(kind(&failed.object))
        .bind(failed.object.id())
        .bind(&failed.name)
        .bind(&failed.message)
        .bind(i64::from(failed.attempts))
        .bind(timestamp::write(table, failed.since)?)
        .bind(timestamp::write(table, failed.next_retry)?)
        .execute(&mut **transaction)
        .await?;
    Ok(())
}
