//! A signed-in browser.

use aws_lc_rs::hmac;
use base::id::DirectoryUserId;
use base::{CorrelationId, Secret};
use directory::ActiveUser;
use time::{Duration, OffsetDateTime};
use tokens::TokenHash;

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
    pub hash: TokenHash,
    pub user: DirectoryUserId,
    /// From the sign-in; every code and token got through this session carries it on.
    pub correlation: CorrelationId,
    pub created: OffsetDateTime,
    pub last_seen: OffsetDateTime,
}

/// A browser session that is live, of a person who is active.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LiveBrowser {
    pub session: BrowserSession,
    pub user: ActiveUser,
}

/// The synchroniser token that this session's forms must carry: it can't be made without the cookie, and doesn't tell it.
#[must_use]
pub fn csrf_token(cookie: &Secret<String>) -> Secret<String> {
    let key = hmac::Key::new(hmac::HMAC_SHA256, cookie.expose().as_bytes());
    Secret::new(hex::encode(hmac::sign(&key, b"gatehouse form")))
}
