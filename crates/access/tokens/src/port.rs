//! What must survive a restart.

use crate::claims::GrantId;
use crate::client::Client;
use crate::grant::{Grant, Revocation, StoredAccess, StoredCode, StoredRefresh};
use base::id::ClientId;
use time::OffsetDateTime;

/// The token store can't be read or written. The text is for the log.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the token store can't be used: {0}")]
pub struct TokenStoreUnavailable(pub String);

/// Everything that the store holds.
#[derive(Debug, Clone, Default)]
pub struct StoredTokens {
    pub clients: Vec<Client>,
    pub grants: Vec<Grant>,
    pub codes: Vec<StoredCode>,
    pub access: Vec<StoredAccess>,
    pub refresh: Vec<StoredRefresh>,
}

/// One change. `Put…` inserts, or replaces the row with the same key.
#[derive(Debug, Clone)]
pub enum TokenWrite {
    PutClient(Client),
    DeleteClient(ClientId),
    /// Only for a new grant: what changes later has writes of its own, so that nothing undoes a revocation.
    PutGrant(Grant),
    ExtendGrant {
        grant: GrantId,
        ends: OffsetDateTime,
    },
    /// Keeps an earlier revocation, where there is one.
    RevokeGrant {
        grant: GrantId,
        revocation: Revocation,
    },
    /// With its codes and tokens.
    DeleteGrant(GrantId),
    PutCode(StoredCode),
    PutAccess(StoredAccess),
    PutRefresh(StoredRefresh),
}

/// The port of the token store. `apply` is one transaction: all writes in order, or none; it returns when they would survive a
/// kill -9.
#[async_trait::async_trait]
pub trait TokenStore: Send + Sync + std::fmt::Debug {
    async fn load(&self) -> Result<StoredTokens, TokenStoreUnavailable>;
    async fn apply(&self, writes: &[TokenWrite]) -> Result<(), TokenStoreUnavailable>;
}
