//! OAuth clients, grants, codes and tokens, and browser sessions. Credentials are here as hashes only.

mod row;

use base::SecretHash;
use row::stamp;
use sessions::{BrowserSession, BrowserSessionStore, SessionStoreUnavailable};
use sqlx::{Sqlite, SqlitePool, Transaction};
use tokens::{
    Client, Grant, Scope, StoredAccess, StoredCode, StoredRefresh, StoredTokens, TokenStore, TokenStoreUnavailable,
    TokenWrite,
};

use crate::{Store, StoreError};

/// The ports of the token service and of the browser sessions.
#[derive(Debug, Clone)]
pub struct SqliteTokens {
    pool: SqlitePool,
}

impl SqliteTokens {
    #[must_use]
    pub fn new(store: &Store) -> Self {
        Self { pool: store.pool().clone() }
    }

    async fn load_all(&self) -> Result<StoredTokens, StoreError> {
        // One snapshot: a code must not be seen without its grant.
        let mut transaction = self.pool.begin().await?;
        let mut stored = StoredTokens::default();
        for row in row::all(&mut transaction, "SELECT * FROM oauth_clients").await? {
            stored.clients.push(row::client(&row)?);
        }
        for row in row::all(&mut transaction, "SELECT * FROM oauth_grants").await? {
            stored.grants.push(row::grant(&row)?);
        }
        for row in row::all(&mut transaction, "SELECT * FROM oauth_codes").await? {
            stored.codes.push(row::code(&row)?);
        }
        for row in row::all(&mut transaction, "SELECT * FROM oauth_access_tokens").await? {
            stored.access.push(row::access(&row)?);
        }
        for row in row::all(&mut transaction, "SELECT * FROM oauth_refresh_tokens").await? {
            stored.refresh.push(row::refresh(&row)?);
        }
        Ok(stored)
    }

    async fn apply_all(&self, writes: &[TokenWrite]) -> Result<(), StoreError> {
        let mut transaction = self.pool.begin().await?;
        for write in writes {
            apply(&mut transaction, write).await?;
        }
        Ok(transaction.commit().await?)
    }
}

#[async_trait::async_trait]
impl TokenStore for SqliteTokens {
    async fn load(&self) -> Result<StoredTokens, TokenStoreUnavailable> {
        self.load_all().await.map_err(|cause| TokenStoreUnavailable(cause.to_string()))
    }

    async fn apply(&self, writes: &[TokenWrite]) -> Result<(), TokenStoreUnavailable> {
        self.apply_all(writes).await.map_err(|cause| TokenStoreUnavailable(cause.to_string()))
    }
}

async fn apply(transaction: &mut Transaction<'_, Sqlite>, write: &TokenWrite) -> Result<(), StoreError> {
    match write {
        TokenWrite::PutClient(client) => put_client(transaction, client).await,
        TokenWrite::PutGrant(grant) => put_grant(transaction, grant).await,
        TokenWrite::PutCode(code) => put_code(transaction, code).await,
        TokenWrite::PutAccess(token) => put_access(transaction, token).await,
        TokenWrite::PutRefresh(token) => put_refresh(transaction, token).await,
        TokenWrite::DeleteClient(id) => {
            sqlx::query("DELETE FROM oauth_clients WHERE id = ?").bind(id.as_str()).execute(&mut **transaction).await?;
            Ok(())
        }
        TokenWrite::ExtendGrant { grant, ends } => {
            let query = sqlx::query("UPDATE oauth_grants SET ends = ? WHERE id = ?");
            query.bind(stamp(*ends)?).bind(grant.as_str()).execute(&mut **transaction).await?;
            Ok(())
        }
        TokenWrite::RevokeGrant { grant, revocation } => {
            let query = "UPDATE oauth_grants SET revoked = ?, revoked_reason = ? WHERE id = ? AND revoked IS NULL";
            let query = sqlx::query(query).bind(stamp(revocation.at)?).bind(revocation.reason.name());
            query.bind(grant.as_str()).execute(&mut **transaction).await?;
            Ok(())
        }
        TokenWrite::DeleteGrant(id) => {
            sqlx::query("DELETE FROM oauth_grants WHERE id = ?").bind(id.as_str()).execute(&mut **transaction).await?;
            Ok(())
        }
    }
}

async fn put_client(transaction: &mut Transaction<'_, Sqlite>, client: &Client) -> Result<(), StoreError> {
    let uris: Vec<&str> = client.redirect_uris.iter().map(tokens::RedirectUri::as_str).collect();
    sqlx::query(
        "INSERT INTO oauth_clients (id, name, secret_hash, scopes, redirect_uris, refreshes, issued, expires, used)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET used = excluded.used",
    )
    .bind(client.id.as_str())
    .bind(&client.name)
    .bind(client.secret.to_hex())
    .bind(Scope::list(&client.scopes))
    .bind(uris.join(" "))
    .bind(client.refreshes)
    .bind(stamp(client.issued)?)
    .bind(stamp(client.expires)?)
    .bind(client.used)
    .execute(&mut **transaction)
    .await?;
    Ok(())
}

async fn put_grant(transaction: &mut Transaction<'_, Sqlite>, grant: &Grant) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO oauth_grants (id, user_id, user_name, client_id, scopes, issuer, application, correlation, created, ends,
         revoked, revoked_reason, parent_id) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    )
    .bind(grant.id.as_str())
    .bind(grant.user.as_str())
    .bind(&grant.user_name)
    .bind(grant.client.as_str())
    .bind(Scope::list(&grant.scopes))
    .bind(grant.issuer.as_str())
    .bind(grant.application.as_str())
    .bind(grant.correlation.as_str())
    .bind(stamp(grant.created)?)
    .bind(stamp(grant.ends)?)
    .bind(grant.revoked.map(|revocation| stamp(revocation.at)).transpose()?)
    .bind(grant.revoked.map(|revocation| revocation.reason.name()))
    .bind(grant.parent.as_ref().map(tokens::GrantId::as_str))
    .execute(&mut **transaction)
    .await?;
    Ok(())
}

async fn put_code(transaction: &mut Transaction<'_, Sqlite>, code: &StoredCode) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO oauth_codes (hash, grant_id, redirect_uri, challenge, expires, used) VALUES (?, ?, ?, ?, ?, ?)
         ON CONFLICT (hash) DO UPDATE SET used = excluded.used",
    )
    .bind(code.hash.to_hex())
    .bind(code.grant.as_str())
    .bind(code.redirect_uri.as_str())
    .bind(&code.challenge)
    .bind(stamp(code.expires)?)
    .bind(code.used.map(stamp).transpose()?)
    .execute(&mut **transaction)
    .await?;
    Ok(())
}

async fn put_access(transaction: &mut Transaction<'_, Sqlite>, token: &StoredAccess) -> Result<(), StoreError> {
    sqlx::query("INSERT INTO oauth_access_tokens (hash, grant_id, issued, expires) VALUES (?, ?, ?, ?)")
        .bind(token.hash.to_hex())
        .bind(token.grant.as_str())
        .bind(stamp(token.issued)?)
        .bind(stamp(token.expires)?)
        .execute(&mut **transaction)
        .await?;
    Ok(())
}

async fn put_refresh(transaction: &mut Transaction<'_, Sqlite>, token: &StoredRefresh) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO oauth_refresh_tokens (hash, grant_id, issued, expires, used) VALUES (?, ?, ?, ?, ?)
         ON CONFLICT (hash) DO UPDATE SET used = excluded.used",
    )
    .bind(token.hash.to_hex())
    .bind(token.grant.as_str())
    .bind(stamp(token.issued)?)
    .bind(stamp(token.expires)?)
    .bind(token.used.map(stamp).transpose()?)
    .execute(&mut **transaction)
    .await?;
    Ok(())
}

impl SqliteTokens {
    async fn load_browsers(&self) -> Result<Vec<BrowserSession>, StoreError> {
        let mut transaction = self.pool.begin().await?;
        let rows = row::all(&mut transaction, "SELECT * FROM browser_sessions").await?;
        rows.iter().map(row::browser).collect()
    }

    async fn put_browser(&self, session: &BrowserSession) -> Result<(), StoreError> {
        let federated = session.federated.as_ref();
        let source_ends = federated.and_then(|federated| federated.not_on_or_after);
        sqlx::query(
            "INSERT INTO browser_sessions (hash, user_id, correlation, created, last_seen, source_id, name_id, name_id_format,
             name_qualifier, sp_name_qualifier, session_index, source_ends) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
             ON CONFLICT (hash) DO UPDATE SET last_seen = excluded.last_seen",
        )
        .bind(session.hash.to_hex())
        .bind(session.user.as_str())
        .bind(session.correlation.as_str())
        .bind(stamp(session.created)?)
        .bind(stamp(session.last_seen)?)
        .bind(federated.map(|federated| federated.source.as_str()))
        .bind(federated.map(|federated| federated.name_id.as_str()))
        .bind(federated.and_then(|federated| federated.name_id_format.as_deref()))
        .bind(federated.and_then(|federated| federated.name_qualifier.as_deref()))
        .bind(federated.and_then(|federated| federated.sp_name_qualifier.as_deref()))
        .bind(federated.and_then(|federated| federated.session_index.as_deref()))
        .bind(source_ends.map(stamp).transpose()?)
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    async fn delete_browsers(&self, sessions: &[SecretHash]) -> Result<(), StoreError> {
        let mut transaction = self.pool.begin().await?;
        for hash in sessions {
            let query = sqlx::query("DELETE FROM browser_sessions WHERE hash = ?");
            query.bind(hash.to_hex()).execute(&mut *transaction).await?;
        }
        Ok(transaction.commit().await?)
    }
}

#[async_trait::async_trait]
impl BrowserSessionStore for SqliteTokens {
    async fn load(&self) -> Result<Vec<BrowserSession>, SessionStoreUnavailable> {
        self.load_browsers().await.map_err(|cause| SessionStoreUnavailable(cause.to_string()))
    }

    async fn put(&self, session: &BrowserSession) -> Result<(), SessionStoreUnavailable> {
        self.put_browser(session).await.map_err(|cause| SessionStoreUnavailable(cause.to_string()))
    }

    async fn delete(&self, sessions: &[SecretHash]) -> Result<(), SessionStoreUnavailable> {
        self.delete_browsers(sessions).await.map_err(|cause| SessionStoreUnavailable(cause.to_string()))
    }
}

#[cfg(test)]
mod tests;
