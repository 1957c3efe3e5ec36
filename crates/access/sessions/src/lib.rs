//! Live sessions: database connections and browsers. They end when a person is deactivated, deleted or loses access.
//!
//! Invariants: a [`SessionContext`] is made only by [`Sessions::open_db`], which decides again after it registered the session, so
//! that no change falls between; a person's sessions are found by an index, never by scanning.

mod browser;
mod context;
mod error;
pub mod expiry;
mod grounds;
mod port;
mod reason;
mod registry;
mod service;
mod watch;

pub use browser::{BrowserLimits, BrowserSession, LiveBrowser};
pub use context::{DbSessionHandle, DbSessionId, OpenDb, SessionContext, WithCredential, WithProviderToken};
pub use error::SessionError;
pub use grounds::{GroundKey, Grounds, GroundsEnded};
pub use port::{BrowserSessionStore, SessionStoreUnavailable};
pub use reason::EndReason;
pub use service::{Ended, ReevaluateError, Sessions};
pub use watch::{watch_directory, watch_sources};
