//! What the OpenID provider has issued: grants with their codes and refresh tokens, access tokens, devices. Credentials are here as
//! hashes only.

mod row;

use base::SecretHash;
use openid_provider::{
    Grant, GrantId, OpenIdStore, OpenIdStoreUnavailable, OpenIdWrite, Scope, StoredAccess, StoredDevice, StoredOpenId,
    StoredRefresh,
};
use row::stamp;
use sqlx::{Sqlite, SqlitePool, Transaction};

use crate::{Store, StoreError};

/// The port of the OpenID provider, on the built-in identity provider's file.
#[derive(Debug, Clone)]
pub struct SqliteOpenId {
    pool: SqlitePool,
}

impl SqliteOpenId {
    #[must_use]
    pub fn new(store: &Store) -> Self {
        Self { pool: store.pool().clone() }
    }

    async fn load_all(&self) -> Result<StoredOpenId, StoreError> {
        // One snapshot: a token must not be seen without its grant.
        let mut transaction = self.pool.begin().await?;
        let mut stored = StoredOpenId::default();
        for row in row::all(&mut transaction, "SELECT * FROM openid_grants").await? {
            stored.grants.push(row::grant(&row)?);
        }
        for row in row::all(&mut transaction, "SELECT * FROM openid_access_tokens").await? {
            stored.access.push(row::access(&row)?);
        }
        for row in row::all(&mut transaction, "SELECT * FROM openid_devices").await? {
            stored.devices.push(row::device(&row)?);
        }
        Ok(stored)
    }

    async fn apply_all(&self, writes: &[OpenIdWrite]) -> Result<(), StoreError> {
        let mut transaction = self.pool.begin().await?;
        for write in writes {
            apply(&mut transaction, write).await?;
        }
        Ok(transaction.commit().await?)
    }
}

#[async_trait::async_trait]
impl OpenIdStore for SqliteOpenId {
    async fn load(&self) -> Result<StoredOpenId, OpenIdStoreUnavailable> {
        self.load_all().await.map_err(|cause| OpenIdStoreUnavailable(cause.to_string()))
    }

    async fn apply(&self, writes: &[OpenIdWrite]) -> Result<(), OpenIdStoreUnavailable> {
        self.apply_all(writes).await.map_err(|cause| OpenIdStoreUnavailable(cause.to_string()))
    }
}

async fn apply(transaction: &mut Transaction<'_, Sqlite>, write: &OpenIdWrite) -> Result<(), StoreError> {
    let query = match write {
        OpenIdWrite::PutGrant(grant) => return put_grant(transaction, grant).await,
        OpenIdWrite::PutAccess(token) => return put_access(transaction, token).await,
        OpenIdWrite::PutDevice(device) => return put_device(transaction, device).await,
        OpenIdWrite::UseCode { grant, at } => {
            let query = "UPDATE openid_grants SET code_used = ? WHERE id = ? AND code_used IS NULL";
            sqlx::query(query).bind(stamp(*at)?).bind(grant.as_str())
        }
        OpenIdWrite::Renew { grant, refresh, ends } => {
            let query = "UPDATE openid_grants SET refresh_family = ?, refresh_newest = ?, refresh_expires = ?, ends = ? WHERE id = ?";
            let hash = |of: fn(&StoredRefresh) -> SecretHash| refresh.as_ref().map(|refresh| of(refresh).to_hex());
            sqlx::query(query)
                .bind(hash(|refresh| refresh.family))
                .bind(hash(|refresh| refresh.newest))
                .bind(refresh.as_ref().map(|refresh| stamp(refresh.expires)).transpose()?)
                .bind(stamp(*ends)?)
                .bind(grant.as_str())
        }
        OpenIdWrite::RevokeGrant { grant, revocation } => {
            let query = "UPDATE openid_grants SET revoked = ?, revoked_reason = ? WHERE id = ? AND revoked IS NULL";
            let query = sqlx::query(query).bind(stamp(revocation.at)?).bind(revocation.reason.name());
            query.bind(grant.as_str())
        }
        OpenIdWrite::DeleteGrant(id) => sqlx::query("DELETE FROM openid_grants WHERE id = ?").bind(id.as_str()),
        OpenIdWrite::DeleteAccess(hash) => {
            sqlx::query("DELETE FROM openid_access_tokens WHERE hash = ?").bind(hash.to_hex())
        }
        OpenIdWrite::DeleteDevice(hash) => sqlx::query("DELETE FROM openid_devices WHERE hash = ?").bind(hash.to_hex()),
    };
    query.execute(&mut **transaction).await?;
    Ok(())
}

async fn put_grant(transaction: &mut Transaction<'_, Sqlite>, grant: &Grant) -> Result<(), StoreError> {
    let (code, refresh) = (grant.code.as_ref(), grant.refresh.as_ref());
    sqlx::query(
        "INSERT INTO openid_grants (id, user_id, user_name, application_id, scopes, nonce, authenticated, methods, session_id,
         correlation, created, ends, code_hash, code_redirect, code_challenge, code_expires, code_used, refresh_family,
         refresh_newest, refresh_expires, revoked, revoked_reason)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    )
    .bind(grant.id.as_str())
    .bind(grant.user.as_str())
    .bind(&grant.user_name)
    .bind(grant.application.as_str())
    .bind(Scope::list(&grant.scopes))
    .bind(&grant.nonce)
    .bind(stamp(grant.authenticated)?)
    .bind(grant.methods.join(" "))
    .bind(&grant.session)
    .bind(grant.correlation.as_str())
    .bind(stamp(grant.created)?)
    .bind(stamp(grant.ends)?)
    .bind(code.map(|code| code.hash.to_hex()))
    .bind(code.map(|code| code.redirect_uri.as_str()))
    .bind(code.map(|code| code.challenge.as_str()))
    .bind(code.map(|code| stamp(code.expires)).transpose()?)
    .bind(code.and_then(|code| code.used).map(stamp).transpose()?)
    .bind(refresh.map(|refresh| refresh.family.to_hex()))
    .bind(refresh.map(|refresh| refresh.newest.to_hex()))
    .bind(refresh.map(|refresh| stamp(refresh.expires)).transpose()?)
    .bind(grant.revoked.map(|revocation| stamp(revocation.at)).transpose()?)
    .bind(grant.revoked.map(|revocation| revocation.reason.name()))
    .execute(&mut **transaction)
    .await?;
    Ok(())
}

async fn put_access(transaction: &mut Transaction<'_, Sqlite>, token: &StoredAccess) -> Result<(), StoreError> {
    sqlx::query("INSERT INTO openid_access_tokens (hash, grant_id, scopes, issued, expires) VALUES (?, ?, ?, ?, ?)")
        .bind(token.hash.to_hex())
        .bind(token.grant.as_str())
        .bind(Scope::list(&token.scopes))
        .bind(stamp(token.issued)?)
        .bind(stamp(token.expires)?)
        .execute(&mut **transaction)
        .await?;
    Ok(())
}

async fn put_device(transaction: &mut Transaction<'_, Sqlite>, device: &StoredDevice) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO openid_devices (hash, user_code_hash, application_id, scopes, created, expires, state, grant_id)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?)
         ON CONFLICT (hash) DO UPDATE SET state = excluded.state, grant_id = excluded.grant_id",
    )
    .bind(device.hash.to_hex())
    .bind(device.user_code.to_hex())
    .bind(device.application.as_str())
    .bind(Scope::list(&device.scopes))
    .bind(stamp(device.created)?)
    .bind(stamp(device.expires)?)
    .bind(device.state.name())
    .bind(device.state.grant().map(GrantId::as_str))
    .execute(&mut **transaction)
    .await?;
    Ok(())
}

#[cfg(test)]
mod tests;
