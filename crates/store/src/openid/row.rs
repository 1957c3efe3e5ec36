//! Rows of the OpenID provider's tables, and back.

use std::collections::BTreeSet;

use base::id::{DirectoryUserId, SsoApplicationId};
use base::{CorrelationId, SecretHash};
use openid_provider::{
    DeviceState, Grant, GrantId, Revocation, RevokeReason, Scope, StoredAccess, StoredCode, StoredDevice, StoredRefresh,
};
use sqlx::sqlite::SqliteRow;
use sqlx::{Row as _, Sqlite, Transaction};
use time::OffsetDateTime;

use crate::{StoreError, timestamp};

const TABLES: &str = "openid";

/// RFC 3339.
pub(super) fn stamp(at: OffsetDateTime) -> Result<String, StoreError> {
    timestamp::write(TABLES, at)
}

pub(super) async fn all(
    transaction: &mut Transaction<'_, Sqlite>,
    text: &'static str,
) -> Result<Vec<SqliteRow>, StoreError> {
    Ok(sqlx::query(text).fetch_all(&mut **transaction).await?)
}

pub(super) fn grant(row: &SqliteRow) -> Result<Grant, StoreError> {
    let methods: String = row.try_get("methods")?;
    Ok(Grant {
        id: GrantId::new(row.try_get::<String, _>("id")?),
        user: DirectoryUserId::new(row.try_get::<String, _>("user_id")?),
        user_name: row.try_get("user_name")?,
        application: SsoApplicationId::new(row.try_get::<String, _>("application_id")?),
        scopes: scopes(row)?,
        nonce: row.try_get("nonce")?,
        authenticated: at(row, "authenticated")?,
        methods: methods.split(' ').filter(|method| !method.is_empty()).map(str::to_owned).collect(),
        session: row.try_get("session_id")?,
        correlation: CorrelationId::resume(row.try_get::<String, _>("correlation")?),
        created: at(row, "created")?,
        ends: at(row, "ends")?,
        code: code(row)?,
        refresh: refresh(row)?,
        revoked: revocation(row)?,
    })
}

fn code(row: &SqliteRow) -> Result<Option<StoredCode>, StoreError> {
    let Some(hash) = maybe_hash(row, "code_hash")? else { return Ok(None) };
    Ok(Some(StoredCode {
        hash,
        redirect_uri: row.try_get("code_redirect")?,
        challenge: row.try_get("code_challenge")?,
        expires: at(row, "code_expires")?,
        used: maybe_at(row, "code_used")?,
    }))
}

fn refresh(row: &SqliteRow) -> Result<Option<StoredRefresh>, StoreError> {
    match (maybe_hash(row, "refresh_family")?, maybe_hash(row, "refresh_newest")?) {
        (Some(family), Some(newest)) => {
            Ok(Some(StoredRefresh { family, newest, expires: at(row, "refresh_expires")? }))
        }
        (None, None) => Ok(None),
        (Some(_), None) | (None, Some(_)) => Err(broken("refresh_family", "half a refresh token".into())),
    }
}

fn revocation(row: &SqliteRow) -> Result<Option<Revocation>, StoreError> {
    match (maybe_at(row, "revoked")?, row.try_get::<Option<String>, _>("revoked_reason")?) {
        (Some(at), Some(reason)) => {
            let reason = RevokeReason::parse(&reason).ok_or_else(|| broken("revoked_reason", reason))?;
            Ok(Some(Revocation { at, reason }))
        }
        (None, None) => Ok(None),
        (Some(_), None) | (None, Some(_)) => Err(broken("revoked", "half a revocation".into())),
    }
}

pub(super) fn access(row: &SqliteRow) -> Result<StoredAccess, StoreError> {
    Ok(StoredAccess {
        hash: hash(row, "hash")?,
        grant: GrantId::new(row.try_get::<String, _>("grant_id")?),
        scopes: scopes(row)?,
        issued: at(row, "issued")?,
        expires: at(row, "expires")?,
    })
}

pub(super) fn device(row: &SqliteRow) -> Result<StoredDevice, StoreError> {
    let state: String = row.try_get("state")?;
    let grant = row.try_get::<Option<String>, _>("grant_id")?.map(GrantId::new);
    Ok(StoredDevice {
        hash: hash(row, "hash")?,
        user_code: hash(row, "user_code_hash")?,
        application: SsoApplicationId::new(row.try_get::<String, _>("application_id")?),
        scopes: scopes(row)?,
        created: at(row, "created")?,
        expires: at(row, "expires")?,
        state: DeviceState::parse(&state, grant).ok_or_else(|| broken("state", state))?,
    })
}

fn at(row: &SqliteRow, column: &'static str) -> Result<OffsetDateTime, StoreError> {
    let text: String = row.try_get(column)?;
    timestamp::read(TABLES, &text)
}

fn maybe_at(row: &SqliteRow, column: &'static str) -> Result<Option<OffsetDateTime>, StoreError> {
    let text: Option<String> = row.try_get(column)?;
    text.map(|text| timestamp::read(TABLES, &text)).transpose()
}

fn hash(row: &SqliteRow, column: &'static str) -> Result<SecretHash, StoreError> {
    maybe_hash(row, column)?.ok_or_else(|| broken(column, "no hash".into()))
}

fn maybe_hash(row: &SqliteRow, column: &'static str) -> Result<Option<SecretHash>, StoreError> {
    let text: Option<String> = row.try_get(column)?;
    let read = |text: String| SecretHash::from_hex(&text).ok_or_else(|| broken(column, "not a SHA-256".into()));
    text.map(read).transpose()
}

fn scopes(row: &SqliteRow) -> Result<BTreeSet<Scope>, StoreError> {
    let text: String = row.try_get("scopes")?;
    Scope::read(&text).map_err(|name| broken("scopes", name))
}

fn broken(column: &str, cause: String) -> StoreError {
    StoreError::Row { table: TABLES, key: column.to_owned(), cause }
}
