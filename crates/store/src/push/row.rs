//! Rows to values.

use std::collections::BTreeSet;

use base::id::{DirectoryGroupId, DirectoryUserId, PushTargetId, SsoApplicationId};
use push::target::{Assigned, Deprovision, Target};
use push::{Failed, Object, PushedGroup, PushedUser};
use sqlx::Row as _;
use sqlx::sqlite::SqliteRow;

use crate::{StoreError, timestamp};

fn broken(table: &'static str, key: &str, cause: impl ToString) -> StoreError {
    StoreError::Row { table, key: key.to_owned(), cause: cause.to_string() }
}

fn target_id(row: &SqliteRow) -> Result<PushTargetId, StoreError> {
    Ok(PushTargetId::new(row.try_get::<String, _>("target_id")?))
}

fn group_ids(key: &str, text: &str) -> Result<BTreeSet<DirectoryGroupId>, StoreError> {
    let ids: Vec<String> = serde_json::from_str(text).map_err(|error| broken("push_target", key, error))?;
    Ok(ids.into_iter().map(DirectoryGroupId::new).collect())
}

pub(super) fn target(row: &SqliteRow) -> Result<Target, StoreError> {
    let table = "push_target";
    let id: String = row.try_get("id")?;
    let application: Option<String> = row.try_get("application")?;
    let assigned = match (application, row.try_get::<Option<String>, _>("groups")?) {
        (Some(application), None) => Assigned::Application(SsoApplicationId::new(application)),
        (None, Some(groups)) => Assigned::Groups(group_ids(&id, &groups)?),
        (Some(_), Some(_)) | (None, None) => return Err(broken(table, &id, "it has an application or groups")),
    };
    let deprovision: String = row.try_get("deprovision")?;
    let deprovision = Deprovision::from_name(&deprovision)
        .ok_or_else(|| broken(table, &id, format!("there is no deprovisioning {deprovision}")))?;
    let version: i64 = row.try_get("version")?;
    Ok(Target {
        name: row.try_get("name")?,
        url: row.try_get("url")?,
        sealed_token: row.try_get("sealed_token")?,
        private_network: row.try_get("private_network")?,
        assigned,
        pushed_groups: group_ids(&id, row.try_get("pushed_groups")?)?,
        deprovision,
        enabled: row.try_get("enabled")?,
        paused: row.try_get("paused")?,
        version: u64::try_from(version).map_err(|error| broken(table, &id, error))?,
        created: timestamp::read(table, row.try_get("created")?)?,
        modified: timestamp::read(table, row.try_get("modified")?)?,
        id: PushTargetId::new(id),
    })
}

pub(super) fn user(row: &SqliteRow) -> Result<PushedUser, StoreError> {
    let user: String = row.try_get("user_id")?;
    let sent = serde_json::from_str(row.try_get("sent")?).map_err(|error| broken("push_user", &user, error))?;
    let remote = row.try_get("remote")?;
    Ok(PushedUser { target: target_id(row)?, user: DirectoryUserId::new(user), remote, sent })
}

pub(super) fn group(row: &SqliteRow) -> Result<PushedGroup, StoreError> {
    Ok(PushedGroup {
        target: target_id(row)?,
        group: DirectoryGroupId::new(row.try_get::<String, _>("group_id")?),
        remote: row.try_get("remote")?,
        display_name: row.try_get("display_name")?,
        created: row.try_get("created")?,
    })
}

/// As it is kept: people before groups.
pub(super) const fn kind(object: &Object) -> i64 {
    match object {
        Object::User(_) => 0,
        Object::Group(_) => 1,
    }
}

/// From the columns `kind` and `object_id`.
pub(super) fn object(row: &SqliteRow, table: &'static str) -> Result<Object, StoreError> {
    let id: String = row.try_get("object_id")?;
    match row.try_get::<i64, _>("kind")? {
        0 => Ok(Object::User(DirectoryUserId::new(id))),
        1 => Ok(Object::Group(DirectoryGroupId::new(id))),
        other => Err(broken(table, &id, format!("there is no kind {other}"))),
    }
}

pub(super) fn failed(row: &SqliteRow) -> Result<Failed, StoreError> {
    let table = "push_failed";
    let id: String = row.try_get("object_id")?;
    let attempts: i64 = row.try_get("attempts")?;
    let attempts = u32::try_from(attempts).map_err(|error| broken(table, &id, error))?;
    let object = object(row, table)?;
    Ok(Failed {
        target: target_id(row)?,
        object,
        name: row.try_get("name")?,
        message: row.try_get("message")?,
        attempts,
        since: timestamp::read(table, row.try_get("since")?)?,
        next_retry: timestamp::read(table, row.try_get("next_retry")?)?,
    })
}
