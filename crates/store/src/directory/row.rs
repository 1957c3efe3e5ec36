//! Rows and values of the directory.

use ::directory::{DirectoryGroup, DirectoryUser, ScimToken};
use base::Secret;
use base::id::{DirectoryGroupId, DirectoryUserId};
use serde_json::{Map, Value};
use sqlx::Row as _;
use sqlx::sqlite::SqliteRow;
use time::OffsetDateTime;

use super::{GROUPS, TOKENS, USERS};
use crate::{StoreError, timestamp};

pub(super) fn json(attributes: &Map<String, Value>) -> String {
    Value::Object(attributes.clone()).to_string()
}

pub(super) fn version(table: &'static str, key: &str, version: u64) -> Result<i64, StoreError> {
    i64::try_from(version).map_err(|error| broken(table, key, error))
}

fn broken(table: &'static str, key: &str, cause: impl std::fmt::Display) -> StoreError {
    StoreError::Row { table, key: key.to_owned(), cause: cause.to_string() }
}

fn attributes(table: &'static str, key: &str, row: &SqliteRow) -> Result<Map<String, Value>, StoreError> {
    serde_json::from_str(&row.try_get::<String, _>("attributes")?).map_err(|error| broken(table, key, error))
}

fn count(table: &'static str, key: &str, row: &SqliteRow) -> Result<u64, StoreError> {
    u64::try_from(row.try_get::<i64, _>("version")?).map_err(|error| broken(table, key, error))
}

fn at(table: &'static str, column: &str, row: &SqliteRow) -> Result<OffsetDateTime, StoreError> {
    timestamp::read(table, &row.try_get::<String, _>(column)?)
}

pub(super) fn user(row: &SqliteRow) -> Result<DirectoryUser, StoreError> {
    let id: String = row.try_get("id")?;
    Ok(DirectoryUser {
        user_name: row.try_get("user_name")?,
        external_id: row.try_get("external_id")?,
        active: row.try_get("active")?,
        display_name: row.try_get("display_name")?,
        given_name: row.try_get("given_name")?,
        family_name: row.try_get("family_name")?,
        email: row.try_get("email")?,
        attributes: attributes(USERS, &id, row)?,
        version: count(USERS, &id, row)?,
        created: at(USERS, "created", row)?,
        modified: at(USERS, "modified", row)?,
        id: DirectoryUserId::new(id),
    })
}

pub(super) fn group(row: &SqliteRow) -> Result<DirectoryGroup, StoreError> {
    let id: String = row.try_get("id")?;
    Ok(DirectoryGroup {
        display_name: row.try_get("display_name")?,
        external_id: row.try_get("external_id")?,
        attributes: attributes(GROUPS, &id, row)?,
        version: count(GROUPS, &id, row)?,
        created: at(GROUPS, "created", row)?,
        modified: at(GROUPS, "modified", row)?,
        id: DirectoryGroupId::new(id),
    })
}

pub(super) fn scim_token(row: &SqliteRow) -> Result<ScimToken, StoreError> {
    let revoked: Option<String> = row.try_get("revoked")?;
    Ok(ScimToken {
        id: row.try_get("id")?,
        hash: Secret::new(row.try_get("hash")?),
        created: at(TOKENS, "created", row)?,
        expires: at(TOKENS, "expires", row)?,
        revoked: revoked.map(|text| timestamp::read(TOKENS, &text)).transpose()?,
    })
}
