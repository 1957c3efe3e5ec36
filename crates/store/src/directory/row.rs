//! Rows and values of the directory.

use ::directory::{DirectoryGroup, DirectoryUser, Origin, ResetLink, ScimToken, StoredPassword};
use base::Secret;
use base::id::{DirectoryGroupId, DirectoryUserId};
use serde_json::{Map, Value};
use sqlx::Row as _;
use sqlx::sqlite::SqliteRow;
use time::OffsetDateTime;

use super::{GROUPS, LINKS, MEMBERS, PASSWORDS, TOKENS, USERS};
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

fn maybe(table: &'static str, column: &str, row: &SqliteRow) -> Result<Option<OffsetDateTime>, StoreError> {
    row.try_get::<Option<String>, _>(column)?.map(|text| timestamp::read(table, &text)).transpose()
}

fn origin(table: &'static str, key: &str, row: &SqliteRow) -> Result<Origin, StoreError> {
    let name: &str = row.try_get("origin")?;
    Origin::from_name(name).ok_or_else(|| broken(table, key, format!("there is no origin {name}")))
}

/// The number of a membership.
pub(super) fn number(row: &SqliteRow) -> Result<u64, StoreError> {
    let number: i64 = row.try_get("number")?;
    u64::try_from(number).map_err(|error| broken(MEMBERS, &number.to_string(), error))
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
        origin: origin(USERS, &id, row)?,
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
        origin: origin(GROUPS, &id, row)?,
        version: count(GROUPS, &id, row)?,
        created: at(GROUPS, "created", row)?,
        modified: at(GROUPS, "modified", row)?,
        id: DirectoryGroupId::new(id),
    })
}

pub(super) fn scim_token(row: &SqliteRow) -> Result<ScimToken, StoreError> {
    Ok(ScimToken {
        id: row.try_get("id")?,
        hash: Secret::new(row.try_get("hash")?),
        created: at(TOKENS, "created", row)?,
        expires: at(TOKENS, "expires", row)?,
        revoked: maybe(TOKENS, "revoked", row)?,
        last_used: maybe(TOKENS, "last_used", row)?,
    })
}

pub(super) fn password(row: &SqliteRow) -> Result<StoredPassword, StoreError> {
    Ok(StoredPassword {
        user: DirectoryUserId::new(row.try_get::<&str, _>("user_id")?),
        hash: row.try_get::<Option<String>, _>("hash")?.map(Secret::new),
        must_change: row.try_get("must_change")?,
        changed: at(PASSWORDS, "changed", row)?,
    })
}

pub(super) fn reset_link(row: &SqliteRow) -> Result<ResetLink, StoreError> {
    Ok(ResetLink {
        user: DirectoryUserId::new(row.try_get::<&str, _>("user_id")?),
        hash: Secret::new(row.try_get("hash")?),
        created: at(LINKS, "created", row)?,
        expires: at(LINKS, "expires", row)?,
        ended: maybe(LINKS, "ended", row)?,
    })
}
