//! The port that keeps what only the provider has. Its people and groups are in its own directory.

use std::fmt;
use std::sync::Arc;

use base::id::{DirectoryUserId, SsoApplicationId};

use crate::api_token::ApiToken;
use crate::application::Application;
use crate::error::IdpError;
use crate::factors::{MfaPolicy, PersonFactors};
use crate::key::StoredKey;
use crate::password_only::FormPlugins;
use crate::session::{SessionId, StoredSession};

/// One change. A list of them is one transaction.
#[derive(Debug, Clone)]
pub enum IdpWrite {
    /// Inserts or replaces the application with the groups that are authorised for it.
    PutApplication(Arc<Application>),
    DeleteApplication(SsoApplicationId),
    /// Inserts or replaces the person's second factors.
    PutFactors(Arc<PersonFactors>),
    DeleteFactors(DirectoryUserId),
    PutPolicy(MfaPolicy),
    PutFormPlugins(FormPlugins),
    /// Inserts or replaces the key.
    PutKey(Arc<StoredKey>),
    DeleteKey(String),
    /// Inserts or replaces the token.
    PutApiToken(Arc<ApiToken>),
    /// Inserts or replaces the session.
    PutSession(Box<StoredSession>),
    /// Deletes what is there of these.
    DeleteSessions(Vec<SessionId>),
}

/// Everything, as it is loaded at start. In no order.
#[derive(Debug, Default)]
pub struct StoredIdp {
    pub policy: MfaPolicy,
    pub form_plugins: FormPlugins,
    pub applications: Vec<Application>,
    pub factors: Vec<PersonFactors>,
    pub keys: Vec<StoredKey>,
    pub api_tokens: Vec<ApiToken>,
    pub sessions: Vec<StoredSession>,
}

/// Keeps the provider's state. Errors are [`IdpError::Store`].
#[async_trait::async_trait]
pub trait IdpStore: Send + Sync + fmt::Debug {
    /// Reads everything.
    async fn load(&self) -> Result<StoredIdp, IdpError>;

    /// Applies all writes in order in one transaction, or none. When it returns, they would survive a kill -9.
    async fn apply(&self, writes: &[IdpWrite]) -> Result<(), IdpError>;
}
