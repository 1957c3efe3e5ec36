//! Where credentials and authentication profiles are kept.

use std::fmt;

use base::id::WarehouseId;
use time::OffsetDateTime;

use crate::profile::AuthenticationProfile;

/// A credential as it is stored. Its password and everything about who got it is in `sealed`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredCredential {
    pub id: String,
    pub warehouse: WarehouseId,
    pub login_name: String,
    pub expires: OffsetDateTime,
    pub sealed: String,
}

/// Everything that is stored.
#[derive(Debug, Clone, Default)]
pub struct StoredCredentials {
    /// In the order in which they were put.
    pub credentials: Vec<StoredCredential>,
    pub profiles: Vec<AuthenticationProfile>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CredentialWrite {
    Put(StoredCredential),
    /// By its id.
    Delete(String),
    /// Those that expired before this moment.
    DeleteExpired(OffsetDateTime),
    PutProfile(AuthenticationProfile),
    /// By its name.
    DeleteProfile(String),
}

/// The store can't be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the store of credentials can't be used: {0}")]
pub struct CredentialStoreUnavailable(pub String);

/// The port. What `apply` has acknowledged survives a kill -9.
#[async_trait::async_trait]
pub trait CredentialStore: Send + Sync + fmt::Debug {
    async fn load(&self) -> Result<StoredCredentials, CredentialStoreUnavailable>;

    /// All in one transaction, in order.
    async fn apply(&self, writes: &[CredentialWrite]) -> Result<(), CredentialStoreUnavailable>;
}
