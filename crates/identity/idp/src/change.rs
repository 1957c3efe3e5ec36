//! What is announced.

use base::id::{DirectoryUserId, SsoApplicationId};

use crate::key::KeyOwner;
use crate::session::{SessionEnd, SessionId};

/// Announced after the change is durable and visible to readers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum IdpChange {
    /// The application is new, or its configuration, its groups or its activity changed.
    ApplicationChanged(SsoApplicationId),
    ApplicationDeleted(SsoApplicationId),
    SessionsEnded {
        user: DirectoryUserId,
        sessions: Vec<SessionId>,
        reason: SessionEnd,
    },
    FactorsChanged(DirectoryUserId),
    KeysChanged(KeyOwner),
}
