//! The port that keeps the directory.

use std::fmt;
use std::sync::Arc;

use base::Secret;
use base::id::{DirectoryGroupId, DirectoryUserId};

use crate::error::DirectoryError;
use crate::model::{DirectoryGroup, DirectoryUser};
use crate::scim_token::ScimToken;

/// One row-level change. A list of them is one transaction.
#[derive(Debug, Clone)]
pub enum DirectoryWrite {
    /// Inserts or replaces the person.
    PutUser(Arc<DirectoryUser>),
    /// Deletes the person with their memberships and password.
    DeleteUser(DirectoryUserId),
    /// Inserts or replaces the group; its members stay.
    PutGroup(Arc<DirectoryGroup>),
    /// Deletes the group with its memberships.
    DeleteGroup(DirectoryGroupId),
    AddMember {
        group: DirectoryGroupId,
        user: DirectoryUserId,
    },
    RemoveMember {
        group: DirectoryGroupId,
        user: DirectoryUserId,
    },
    /// `hash` is a PHC string.
    PutPassword {
        user: DirectoryUserId,
        hash: Secret<String>,
    },
    RemovePassword(DirectoryUserId),
    /// Inserts or replaces the token.
    PutScimToken(ScimToken),
}

/// Everything, as it is loaded at start. In no order.
#[derive(Debug, Default)]
pub struct StoredDirectory {
    pub users: Vec<DirectoryUser>,
    pub groups: Vec<DirectoryGroup>,
    pub members: Vec<(DirectoryGroupId, DirectoryUserId)>,
    /// PHC strings.
    pub passwords: Vec<(DirectoryUserId, Secret<String>)>,
    pub scim_tokens: Vec<ScimToken>,
}

/// Keeps the directory. Errors are [`DirectoryError::Store`].
#[async_trait::async_trait]
pub trait DirectoryStore: Send + Sync + fmt::Debug {
    /// Reads everything.
    async fn load(&self) -> Result<StoredDirectory, DirectoryError>;

    /// Applies all writes in order in one transaction, or none. When it returns, they would survive a kill -9.
    async fn apply(&self, writes: &[DirectoryWrite]) -> Result<(), DirectoryError>;
}
