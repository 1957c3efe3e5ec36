//! What must survive a restart.

use base::SecretHash;
use time::OffsetDateTime;

use crate::device::StoredDevice;
use crate::grant::{Grant, GrantId, Revocation, StoredAccess, StoredRefresh};

/// The store can't be read or written. The text is for the log.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the OpenID provider's store can't be used: {0}")]
pub struct OpenIdStoreUnavailable(pub String);

/// Everything that the store holds.
#[derive(Debug, Clone, Default)]
pub struct StoredOpenId {
    pub grants: Vec<Grant>,
    pub access: Vec<StoredAccess>,
    pub devices: Vec<StoredDevice>,
}

/// One change.
#[derive(Debug, Clone)]
pub enum OpenIdWrite {
    /// Only for a new grant: what changes later has writes of its own, so that nothing undoes a revocation.
    PutGrant(Box<Grant>),
    UseCode {
        grant: GrantId,
        at: OffsetDateTime,
    },
    /// Its refresh tokens, and its end.
    Renew {
        grant: GrantId,
        refresh: Option<StoredRefresh>,
        ends: OffsetDateTime,
    },
    /// Keeps an earlier revocation, where there is one.
    RevokeGrant {
        grant: GrantId,
        revocation: Revocation,
    },
    /// With its access tokens.
    DeleteGrant(GrantId),
    PutAccess(StoredAccess),
    DeleteAccess(SecretHash),
    /// A new one, or another state of a known one.
    PutDevice(StoredDevice),
    /// By its device code.
    DeleteDevice(SecretHash),
}

/// The port of the store. `apply` is one transaction: all writes in order, or none; it returns when they would survive a kill -9.
#[async_trait::async_trait]
pub trait OpenIdStore: Send + Sync + std::fmt::Debug {
    async fn load(&self) -> Result<StoredOpenId, OpenIdStoreUnavailable>;
    async fn apply(&self, writes: &[OpenIdWrite]) -> Result<(), OpenIdStoreUnavailable>;
}
