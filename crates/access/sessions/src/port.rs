//! Browser sessions survive a restart; database sessions don't.

use crate::browser::BrowserSession;
use base::SecretHash;

/// The session store can't be read or written. The text is for the log.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the session store can't be used: {0}")]
pub struct SessionStoreUnavailable(pub String);

/// The port of browser sessions. Each method is one transaction, durable when it returns.
#[async_trait::async_trait]
pub trait BrowserSessionStore: Send + Sync + std::fmt::Debug {
    async fn load(&self) -> Result<Vec<BrowserSession>, SessionStoreUnavailable>;
    /// Inserts, or replaces the session with the same hash.
    async fn put(&self, session: &BrowserSession) -> Result<(), SessionStoreUnavailable>;
    /// Deletes what is there of these.
    async fn delete(&self, sessions: &[SecretHash]) -> Result<(), SessionStoreUnavailable>;
}
