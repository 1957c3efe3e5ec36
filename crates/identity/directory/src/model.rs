//! What the directory holds.

use base::id::{DirectoryGroupId, DirectoryUserId};
use time::OffsetDateTime;

/// A person. `user_name` is unique without regard to case; `external_id` is the provisioning client's id for them.
#[derive(Debug, Clone, PartialEq)]
pub struct DirectoryUser {
    pub id: DirectoryUserId,
    pub user_name: String,
    pub external_id: Option<String>,
    pub active: bool,
    pub display_name: Option<String>,
    pub given_name: Option<String>,
    pub family_name: Option<String>,
    /// The primary address, else the first.
    pub email: Option<String>,
    /// Every other SCIM attribute, as the provisioning client gave it. Never a password.
    pub attributes: serde_json::Map<String, serde_json::Value>,
    /// Counts changes; the ETag is made from it.
    pub version: u64,
    pub created: OffsetDateTime,
    pub modified: OffsetDateTime,
}

/// A group. `display_name` is unique without regard to case.
#[derive(Debug, Clone, PartialEq)]
pub struct DirectoryGroup {
    pub id: DirectoryGroupId,
    pub display_name: String,
    pub external_id: Option<String>,
    pub attributes: serde_json::Map<String, serde_json::Value>,
    pub version: u64,
    pub created: OffsetDateTime,
    pub modified: OffsetDateTime,
}

/// What a new person has; the directory adds id, version and times.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct NewUser {
    pub user_name: String,
    pub external_id: Option<String>,
    pub active: bool,
    pub display_name: Option<String>,
    pub given_name: Option<String>,
    pub family_name: Option<String>,
    pub email: Option<String>,
    pub attributes: serde_json::Map<String, serde_json::Value>,
}

#[derive(Debug, Clone, Default, PartialEq)]
pub struct NewGroup {
    pub display_name: String,
    pub external_id: Option<String>,
    pub attributes: serde_json::Map<String, serde_json::Value>,
    pub members: Vec<DirectoryUserId>,
}

/// Somebody who exists and was not disabled when this value was made. Made only by [`crate::Directory::active_user`] and by a
/// successful sign-in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ActiveUser {
    pub(crate) id: DirectoryUserId,
    pub(crate) user_name: String,
}

impl ActiveUser {
    #[must_use]
    pub const fn id(&self) -> &DirectoryUserId {
        &self.id
    }

    #[must_use]
    pub fn user_name(&self) -> &str {
        &self.user_name
    }
}

/// Announced after the change is durable and visible to readers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DirectoryChange {
    /// Profile, name or `active` changed, or the person is new.
    UserChanged(DirectoryUserId),
    UserDeleted(DirectoryUserId),
    /// The group was created, renamed or deleted, or these people joined or left it.
    MembershipChanged {
        group: DirectoryGroupId,
        users: Vec<DirectoryUserId>,
    },
}
