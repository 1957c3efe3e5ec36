//! A signed-in browser.

use base::id::DirectoryUserId;
use base::{CorrelationId, SecretHash};
use directory::ActiveUser;
use source::FederatedSession;
use time::{Duration, OffsetDateTime};

/// How long a browser stays signed in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BrowserLimits {
    pub absolute: Duration,
    pub idle: Duration,
}

impl Default for BrowserLimits {
    /// Eight hours, and one hour without use.
    fn default() -> Self {
        Self { absolute: Duration::hours(8), idle: Duration::hours(1) }
    }
}

/// A browser session as it is kept: its cookie only as a hash.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BrowserSession {
    pub hash: SecretHash,
    pub user: DirectoryUserId,
    /// From the sign-in; every code and token got through this session carries it on.
    pub correlation: CorrelationId,
    pub created: OffsetDateTime,
    pub last_seen: OffsetDateTime,
    /// The external identity source that vouched for the person; `None` where they signed in with a password of the directory.
    /// Its ID token is kept in memory only.
    pub federated: Option<FederatedSession>,
}

/// A browser session that is live, of a person who is active.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LiveBrowser {
    pub session: BrowserSession,
    pub user: ActiveUser,
}
