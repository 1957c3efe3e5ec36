//! Rows of the token tables, read back. A row that can't be read stops the start: a guess could bring back what was revoked.

use std::collections::BTreeSet;

use base::id::{ApplicationArn, ClientId, DirectoryUserId, InstanceArn, SourceId};
use base::{CorrelationId, SecretHash};
use sessions::BrowserSession;
use source::FederatedSession;
use sqlx::sqlite::SqliteRow;
use sqlx::{Row as _, Sqlite, Transaction};
use time::OffsetDateTime;
use tokens::{
    Client, Grant, GrantId, RedirectUri, Revocation, RevokeReason, Scope, StoredAccess, StoredCode, StoredRefresh,
};

use crate::{StoreError, timestamp};

const TABLES: &str = "oauth";

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

pub(super) fn client(row: &SqliteRow) -> Result<Client, StoreError> {
    let uris: String = row.try_get("redirect_uris")?;
    Ok(Client {
        id: ClientId::new(row.try_get::<String, _>("id")?),
        name: row.try_get("name")?,
        secret: hash(row, "secret_hash")?,
        scopes: scopes(row)?,
        redirect_uris: uris.split(' ').map(redirect_uri).collect::<Result<_, _>>()?,
        refreshes: row.try_get("refreshes")?,
        issued: at(row, "issued")?,
        expires: at(row, "expires")?,
        used: row.try_get("used")?,
    })
}

pub(super) fn grant(row: &SqliteRow) -> Result<Grant, StoreError> {
    let revoked = match (maybe_at(row, "revoked")?, row.try_get::<Option<String>, _>("revoked_reason")?) {
        (Some(at), Some(reason)) => {
            let reason = RevokeReason::parse(&reason).ok_or_else(|| broken("revoked_reason", reason))?;
            Some(Revocation { at, reason })
        }
        (None, None) => None,
        (Some(_), None) | (None, Some(_)) => return Err(broken("revoked", "half a revocation".into())),
    };
    Ok(Grant {
        id: GrantId::new(row.try_get::<String, _>("id")?),
        user: DirectoryUserId::new(row.try_get::<String, _>("user_id")?),
        user_name: row.try_get("user_name")?,
        client: ClientId::new(row.try_get::<String, _>("client_id")?),
        scopes: scopes(row)?,
        issuer: InstanceArn::new(row.try_get::<String, _>("issuer")?),
        application: ApplicationArn::new(row.try_get::<String, _>("application")?),
        correlation: CorrelationId::resume(row.try_get::<String, _>("correlation")?),
        parent: row.try_get::<Option<String>, _>("parent_id")?.map(GrantId::new),
        created: at(row, "created")?,
        ends: at(row, "ends")?,
        revoked,
    })
}

pub(super) fn code(row: &SqliteRow) -> Result<StoredCode, StoreError> {
    Ok(StoredCode {
        hash: hash(row, "hash")?,
        grant: GrantId::new(row.try_get::<String, _>("grant_id")?),
        redirect_uri: redirect_uri(&row.try_get::<String, _>("redirect_uri")?)?,
        challenge: row.try_get("challenge")?,
        expires: at(row, "expires")?,
        used: maybe_at(row, "used")?,
    })
}

pub(super) fn access(row: &SqliteRow) -> Result<StoredAccess, StoreError> {
    Ok(StoredAccess {
        hash: hash(row, "hash")?,
        grant: GrantId::new(row.try_get::<String, _>("grant_id")?),
        issued: at(row, "issued")?,
        expires: at(row, "expires")?,
    })
}

pub(super) fn refresh(row: &SqliteRow) -> Result<StoredRefresh, StoreError> {
    Ok(StoredRefresh {
        hash: hash(row, "hash")?,
        grant: GrantId::new(row.try_get::<String, _>("grant_id")?),
        issued: at(row, "issued")?,
        expires: at(row, "expires")?,
        used: maybe_at(row, "used")?,
    })
}

pub(super) fn browser(row: &SqliteRow) -> Result<BrowserSession, StoreError> {
    Ok(BrowserSession {
        hash: hash(row, "hash")?,
        user: DirectoryUserId::new(row.try_get::<String, _>("user_id")?),
        correlation: CorrelationId::resume(row.try_get::<String, _>("correlation")?),
        created: at(row, "created")?,
        last_seen: at(row, "last_seen")?,
        federated: federated(row)?,
    })
}

fn federated(row: &SqliteRow) -> Result<Option<FederatedSession>, StoreError> {
    let Some(source) = row.try_get::<Option<String>, _>("source_id")? else { return Ok(None) };
    let name_id: Option<String> = row.try_get("name_id")?;
    Ok(Some(FederatedSession {
        source: SourceId::new(source),
        name_id: name_id.ok_or_else(|| broken("name_id", "a source without a name id".into()))?,
        name_id_format: row.try_get("name_id_format")?,
        name_qualifier: row.try_get("name_qualifier")?,
        sp_name_qualifier: row.try_get("sp_name_qualifier")?,
        session_index: row.try_get("session_index")?,
        id_token: None,
        not_on_or_after: maybe_at(row, "source_ends")?,
    }))
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
    let text: String = row.try_get(column)?;
    SecretHash::from_hex(&text).ok_or_else(|| broken(column, "not a SHA-256 in hex".into()))
}

fn redirect_uri(text: &str) -> Result<RedirectUri, StoreError> {
    RedirectUri::parse(text).map_err(|cause| broken("redirect_uri", cause))
}

fn scopes(row: &SqliteRow) -> Result<BTreeSet<Scope>, StoreError> {
    let text: String = row.try_get("scopes")?;
    let scopes = text.split(' ').map(|scope| Scope::parse(scope).ok_or_else(|| broken("scopes", scope.to_owned())));
    scopes.collect()
}

fn broken(column: &str, cause: String) -> StoreError {
    StoreError::Row { table: TABLES, key: column.to_owned(), cause }
}
