//! What the directory holds.

use base::id::{DirectoryGroupId, DirectoryUserId};
use time::OffsetDateTime;

/// Where a person or a group comes from, and so whose their external id is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Origin {
    /// An administrator made them by API; they have no external id until a provisioning client gives one.
    #[default]
    Api,
    /// A provisioning client made them, or adopted them by giving its external id.
    Scim,
    /// A sign-in at an external identity source made them, because that source may. A provisioning client adopts them as it adopts
    /// what an administrator made.
    SignIn,
}

impl Origin {
    /// A stable name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Api => "api",
            Self::Scim => "scim",
            Self::SignIn => "sign-in",
        }
    }

    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Api, Self::Scim, Self::SignIn].into_iter().find(|origin| origin.name() == name)
    }
}

/// A person. `user_name` is unique without regard to case. `external_id` is the SCIM client's id for them, unique among people; it
/// is looked up by itself, so that one that looks like an id of ours names nobody else.
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
    pub origin: Origin,
    /// Counts changes; the ETag is made from it.
    pub version: u64,
    pub created: OffsetDateTime,
    pub modified: OffsetDateTime,
}

/// A group. `display_name` is unique without regard to case, `external_id` among groups.
#[derive(Debug, Clone, PartialEq)]
pub struct DirectoryGroup {
    pub id: DirectoryGroupId,
    pub display_name: String,
    pub external_id: Option<String>,
    pub attributes: serde_json::Map<String, serde_json::Value>,
    pub origin: Origin,
    pub version: u64,
    pub created: OffsetDateTime,
    pub modified: OffsetDateTime,
}

/// What a new person has; the directory adds id, version and times. `origin` says who writes: [`Origin::Scim`] in what a provisioning
/// client sends.
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
    pub origin: Origin,
}

impl NewUser {
    /// The person, with what the directory adds.
    #[must_use]
    pub fn with_id(
        self,
        id: DirectoryUserId,
        version: u64,
        created: OffsetDateTime,
        modified: OffsetDateTime,
    ) -> DirectoryUser {
        DirectoryUser {
            id,
            user_name: self.user_name,
            external_id: self.external_id,
            active: self.active,
            display_name: self.display_name,
            given_name: self.given_name,
            family_name: self.family_name,
            email: self.email,
            attributes: self.attributes,
            origin: self.origin,
            version,
            created,
            modified,
        }
    }
}

/// What a new group has. `origin` as in [`NewUser`].
#[derive(Debug, Clone, Default, PartialEq)]
pub struct NewGroup {
    pub display_name: String,
    pub external_id: Option<String>,
    pub attributes: serde_json::Map<String, serde_json::Value>,
    pub members: Vec<DirectoryUserId>,
    pub origin: Origin,
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
    /// The person's password was set, changed or removed: what they signed in to before `at` has to end.
    PasswordChanged {
        user: DirectoryUserId,
        at: OffsetDateTime,
    },
}
