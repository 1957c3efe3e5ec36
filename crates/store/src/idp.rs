//! The built-in identity provider: SSO applications, second factors, signing keys (sealed), API tokens and sessions (as hashes).

mod load;
mod put;
mod row;
#[cfg(test)]
mod tests;

use ::idp::{IdpError, IdpStore, IdpWrite, StoredIdp};
use sqlx::{Sqlite, SqlitePool, Transaction};

use crate::{Store, StoreError};

const APPLICATIONS: &str = "idp_applications";
const FACTORS: &str = "idp_factors";
const PASSKEYS: &str = "idp_passkeys";
const KEYS: &str = "idp_signing_keys";
const TOKENS: &str = "idp_api_tokens";
const SESSIONS: &str = "idp_sessions";
const SETTINGS: &str = "idp_settings";
/// The name of a setting.
const POLICY: &str = "mfa_policy";
const FORM_PLUGINS: &str = "form_plugins";
const SEALING_PROOF: &str = "sealing_proof";

/// The port of the identity provider.
#[derive(Debug, Clone)]
pub struct SqliteIdp {
    pool: SqlitePool,
}

impl SqliteIdp {
    /// `store`: opened by [`Store::open_idp`].
    #[must_use]
    pub fn new(store: &Store) -> Self {
        Self { pool: store.pool().clone() }
    }

    async fn apply_all(&self, writes: &[IdpWrite]) -> Result<(), StoreError> {
        let mut transaction = self.pool.begin().await?;
        for write in writes {
            apply(&mut transaction, write).await?;
        }
        Ok(transaction.commit().await?)
    }
}

impl Store {
    /// What was sealed at the first start, to know the sealing key by. Of a file opened by [`Store::open_idp`].
    pub async fn sealing_proof(&self) -> Result<Option<String>, StoreError> {
        let query = sqlx::query_scalar("SELECT value FROM idp_settings WHERE name = ?").bind(SEALING_PROOF);
        Ok(query.fetch_optional(self.pool()).await?)
    }

    /// Once: another one is refused.
    pub async fn put_sealing_proof(&self, sealed: &str) -> Result<(), StoreError> {
        let query =
            sqlx::query("INSERT INTO idp_settings (name, value) VALUES (?, ?)").bind(SEALING_PROOF).bind(sealed);
        query.execute(self.pool()).await?;
        Ok(())
    }
}

fn unusable(error: StoreError) -> IdpError {
    IdpError::Store(error.to_string())
}

#[async_trait::async_trait]
impl IdpStore for SqliteIdp {
    async fn load(&self) -> Result<StoredIdp, IdpError> {
        self.load_all().await.map_err(unusable)
    }

    async fn apply(&self, writes: &[IdpWrite]) -> Result<(), IdpError> {
        self.apply_all(writes).await.map_err(unusable)
    }
}

async fn apply(transaction: &mut Transaction<'_, Sqlite>, write: &IdpWrite) -> Result<(), StoreError> {
    match write {
        IdpWrite::PutApplication(application) => put::application(transaction, application).await,
        IdpWrite::PutFactors(factors) => put::factors(transaction, factors).await,
        IdpWrite::PutPolicy(policy) => put::setting(transaction, POLICY, policy.name()).await,
        IdpWrite::PutFormPlugins(wanted) => put::setting(transaction, FORM_PLUGINS, wanted.name()).await,
        IdpWrite::PutKey(key) => put::key(transaction, key).await,
        IdpWrite::PutApiToken(token) => put::api_token(transaction, token).await,
        IdpWrite::PutSession(session) => put::session(transaction, session).await,
        IdpWrite::DeleteApplication(id) => {
            delete(transaction, "DELETE FROM idp_applications WHERE id = ?", id.as_str()).await
        }
        IdpWrite::DeleteFactors(user) => {
            delete(transaction, "DELETE FROM idp_factors WHERE user_id = ?", user.as_str()).await
        }
        IdpWrite::DeleteKey(id) => delete(transaction, "DELETE FROM idp_signing_keys WHERE id = ?", id).await,
        IdpWrite::DeleteSessions(ids) => {
            for id in ids {
                delete(transaction, "DELETE FROM idp_sessions WHERE id = ?", id.as_str()).await?;
            }
            Ok(())
        }
    }
}

async fn delete(transaction: &mut Transaction<'_, Sqlite>, text: &'static str, key: &str) -> Result<(), StoreError> {
    sqlx::query(text).bind(key).execute(&mut **transaction).await?;
    Ok(())
}
