//! The port that keeps what must outlast a restart: what was used once, and what was revoked.

use std::fmt;

use time::OffsetDateTime;

/// The store can't be read or written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the sessions' store can't be used: {0}")]
pub struct StsStoreUnavailable(pub String);

/// What ends sessions before their time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Revocation {
    /// Every session of the role (by unique id) that was issued up to this instant (microseconds since 1970).
    Role { role_id: String, until: i64 },
    /// The sessions of one temporary key, and those made with it. Kept until `expires` (microseconds since 1970).
    Session { access_key_id: String, expires: i64 },
}

/// A method is one transaction and returns when it would survive a kill -9.
#[async_trait::async_trait]
pub trait StsStore: Send + Sync + fmt::Debug {
    /// Every revocation.
    async fn revocations(&self) -> Result<Vec<Revocation>, StsStoreUnavailable>;

    /// Keeps a revocation; a later one of the same role takes the place of an earlier one.
    async fn revoke(&self, revocation: Revocation, now: OffsetDateTime) -> Result<(), StsStoreUnavailable>;

    /// Uses a mark that could be used until then; `false` if it was used before, or may have been: a mark that ended so long ago that it
    /// was forgotten counts as used.
    async fn use_once(
        &self,
        mark: &str,
        until: OffsetDateTime,
        now: OffsetDateTime,
    ) -> Result<bool, StsStoreUnavailable>;
}
