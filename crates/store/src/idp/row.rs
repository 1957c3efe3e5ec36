//! Rows of the identity provider.

use std::collections::BTreeSet;

use ::idp::{
    ApiToken, Application, KeptPasskey, KeptTotp, KeyOwner, KeyState, Participant, PersonFactors, SessionId, Slug,
    StoredKey, StoredSession,
};
use base::id::{DirectoryGroupId, DirectoryUserId, SsoApplicationId};
use base::{CorrelationId, SecretHash};
use serde::de::DeserializeOwned;
use sqlx::Row as _;
use sqlx::sqlite::SqliteRow;
use time::OffsetDateTime;

use super::{APPLICATIONS, FACTORS, KEYS, PASSKEYS, SESSIONS, TOKENS};
use crate::{StoreError, timestamp};

pub(super) fn broken(table: &'static str, key: &str, cause: impl std::fmt::Display) -> StoreError {
    StoreError::Row { table, key: key.to_owned(), cause: cause.to_string() }
}

fn at(table: &'static str, column: &str, row: &SqliteRow) -> Result<OffsetDateTime, StoreError> {
    timestamp::read(table, row.try_get(column)?)
}

fn maybe(table: &'static str, column: &str, row: &SqliteRow) -> Result<Option<OffsetDateTime>, StoreError> {
    row.try_get::<Option<&str>, _>(column)?.map(|text| timestamp::read(table, text)).transpose()
}

fn json<T: DeserializeOwned>(table: &'static str, key: &str, text: &str) -> Result<T, StoreError> {
    serde_json::from_str(text).map_err(|error| broken(table, key, error))
}

fn number(table: &'static str, key: &str, number: i64) -> Result<u64, StoreError> {
    u64::try_from(number).map_err(|error| broken(table, key, error))
}

fn hash(table: &'static str, key: &str, row: &SqliteRow) -> Result<SecretHash, StoreError> {
    SecretHash::from_hex(row.try_get("hash")?).ok_or_else(|| broken(table, key, "its hash isn't 64 hex digits"))
}

pub(super) fn application(row: &SqliteRow, groups: BTreeSet<DirectoryGroupId>) -> Result<Application, StoreError> {
    let id: &str = row.try_get("id")?;
    Ok(Application {
        id: SsoApplicationId::new(id),
        slug: Slug::parse(row.try_get("slug")?).map_err(|error| broken(APPLICATIONS, id, error))?,
        label: row.try_get("label")?,
        description: row.try_get("description")?,
        hidden: row.try_get("hidden")?,
        active: row.try_get("active")?,
        connector: json(APPLICATIONS, id, row.try_get("connector")?)?,
        groups,
        version: number(APPLICATIONS, id, row.try_get("version")?)?,
        created: at(APPLICATIONS, "created", row)?,
        modified: at(APPLICATIONS, "modified", row)?,
    })
}

pub(super) fn factors(row: &SqliteRow, passkeys: Vec<KeptPasskey>) -> Result<PersonFactors, StoreError> {
    let user: &str = row.try_get("user_id")?;
    let totp = match (row.try_get::<Option<Vec<u8>>, _>("totp_sealed")?, maybe(FACTORS, "totp_enrolled", row)?) {
        (Some(sealed), Some(enrolled)) => {
            let step = row.try_get::<Option<i64>, _>("totp_last_step")?;
            let last_step = step.map(|step| number(FACTORS, user, step)).transpose()?;
            Some(KeptTotp { sealed, enrolled, last_step })
        }
        (None, None) => None,
        (Some(_), None) | (None, Some(_)) => return Err(broken(FACTORS, user, "half of an authenticator app")),
    };
    let recovery = row.try_get::<Option<&str>, _>("recovery")?;
    let recovery = recovery.map(|text| json(FACTORS, user, text)).transpose()?;
    Ok(PersonFactors { user: DirectoryUserId::new(user), totp, passkeys, recovery })
}

pub(super) fn passkey(row: &SqliteRow) -> Result<KeptPasskey, StoreError> {
    Ok(KeptPasskey {
        passkey: json(PASSKEYS, row.try_get("id")?, row.try_get("passkey")?)?,
        created: at(PASSKEYS, "created", row)?,
        last_used: maybe(PASSKEYS, "last_used", row)?,
    })
}

pub(super) fn key(row: &SqliteRow) -> Result<StoredKey, StoreError> {
    let id: String = row.try_get("id")?;
    let state = match (row.try_get("state")?, maybe(KEYS, "retired_until", row)?) {
        ("next", None) => KeyState::Next,
        ("current", None) => KeyState::Current,
        ("retired", Some(until)) => KeyState::Retired { until },
        (state, _) => return Err(broken(KEYS, &id, format!("there is no such state {state}"))),
    };
    Ok(StoredKey {
        id,
        owner: KeyOwner::from_name(row.try_get("owner")?),
        state,
        created: at(KEYS, "created", row)?,
        certificate: row.try_get("certificate")?,
        sealed: row.try_get("sealed")?,
    })
}

pub(super) fn api_token(row: &SqliteRow) -> Result<ApiToken, StoreError> {
    let id: String = row.try_get("id")?;
    Ok(ApiToken {
        name: row.try_get("name")?,
        hash: hash(TOKENS, &id, row)?,
        created: at(TOKENS, "created", row)?,
        expires: at(TOKENS, "expires", row)?,
        revoked: maybe(TOKENS, "revoked", row)?,
        last_used: maybe(TOKENS, "last_used", row)?,
        id,
    })
}

pub(super) fn session(row: &SqliteRow, participants: Vec<Participant>) -> Result<StoredSession, StoreError> {
    let id: &str = row.try_get("id")?;
    Ok(StoredSession {
        id: SessionId::new(id),
        hash: hash(SESSIONS, id, row)?,
        user: DirectoryUserId::new(row.try_get::<&str, _>("user_id")?),
        correlation: CorrelationId::resume(row.try_get::<String, _>("correlation")?),
        factors: json(SESSIONS, id, row.try_get("factors")?)?,
        authenticated: at(SESSIONS, "authenticated", row)?,
        last_seen: at(SESSIONS, "last_seen", row)?,
        participants,
    })
}
