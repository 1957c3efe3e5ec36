//! The port that keeps the directory.

use std::fmt;
use std::sync::Arc;

use base::Secret;
use base::id::{DirectoryGroupId, DirectoryUserId};
use time::OffsetDateTime;

use crate::error::DirectoryError;
use crate::model::{DirectoryGroup, DirectoryUser};
use crate::reset_link::ResetLink;
use crate::scim_token::ScimToken;

/// One change. A list of them is one transaction.
#[derive(Debug, Clone)]
pub enum DirectoryWrite {
    /// Inserts or replaces the person.
    PutUser(Arc<DirectoryUser>),
    /// Deletes the person with their memberships, password and password link.
    DeleteUser(DirectoryUserId),
    /// Inserts or replaces the group; its members stay.
    PutGroup(Arc<DirectoryGroup>),
    /// Deletes the group with its memberships.
    DeleteGroup(DirectoryGroupId),
    /// Who is a member already stays one, with the same number. Any number of people: a few statements, not one each.
    AddMembers {
        group: DirectoryGroupId,
        users: Vec<DirectoryUserId>,
    },
    RemoveMembers {
        group: DirectoryGroupId,
        users: Vec<DirectoryUserId>,
    },
    /// Inserts or replaces the person's password.
    PutPassword(StoredPassword),
    /// Inserts or replaces the person's one password link.
    PutResetLink(ResetLink),
    /// Inserts or replaces the token.
    PutScimToken(ScimToken),
}

/// A person's password as it is kept.
#[derive(Debug, Clone)]
pub struct StoredPassword {
    pub user: DirectoryUserId,
    /// A PHC string. `None` when the password was removed.
    pub hash: Option<Secret<String>>,
    /// It opens nothing but the choice of another one.
    pub must_change: bool,
    /// What the person signed in to before is over.
    pub changed: OffsetDateTime,
}

/// Everything, as it is loaded at start. In no order.
#[derive(Debug, Default)]
pub struct StoredDirectory {
    pub users: Vec<DirectoryUser>,
    pub groups: Vec<DirectoryGroup>,
    /// Fastest when they are ordered and share their ids with `users` and `groups`.
    pub members: Vec<(DirectoryGroupId, DirectoryUserId)>,
    pub passwords: Vec<StoredPassword>,
    pub reset_links: Vec<ResetLink>,
    pub scim_tokens: Vec<ScimToken>,
    /// Made once with the store: what the ids of memberships are made with.
    pub membership_salt: Secret<String>,
}

/// Keeps the directory. Errors are [`DirectoryError::Store`].
#[async_trait::async_trait]
pub trait DirectoryStore: Send + Sync + fmt::Debug {
    /// Reads everything.
    async fn load(&self) -> Result<StoredDirectory, DirectoryError>;

    /// Applies all writes in order in one transaction, or none. When it returns, they would survive a kill -9.
    async fn apply(&self, writes: &[DirectoryWrite]) -> Result<(), DirectoryError>;

    /// The numbers of these memberships, in the same order. A membership keeps its number, and no number is given twice.
    async fn membership_numbers(
        &self,
        memberships: &[(DirectoryGroupId, DirectoryUserId)],
    ) -> Result<Vec<Option<u64>>, DirectoryError>;

    /// The membership with this number.
    async fn membership(&self, number: u64) -> Result<Option<(DirectoryGroupId, DirectoryUserId)>, DirectoryError>;
}
