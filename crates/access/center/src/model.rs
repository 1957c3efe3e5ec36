//! What Identity Center holds.

use std::collections::BTreeMap;
use std::fmt;

use base::id::{ApplicationArn, DirectoryGroupId, DirectoryUserId, InstanceArn};
use time::OffsetDateTime;

/// The one instance of this installation, made at its first start.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Instance {
    /// `arn:aws:sso:::instance/ssoins-<16 hex>`
    pub arn: InstanceArn,
    /// `d-<10 hex>`
    pub identity_store_id: String,
    /// Twelve digits.
    pub owner_account: String,
    pub created: OffsetDateTime,
}

impl Instance {
    /// `ssoins-<16 hex>`: the last part of the ARN.
    #[must_use]
    pub fn id(&self) -> &str {
        self.arn.as_str().rsplit('/').next().unwrap_or_default()
    }
}

/// What can be changed about the instance.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct InstanceSettings {
    /// 1 to 255 letters, digits and `_ + = , . @ -`
    pub name: Option<String>,
    /// At most 50.
    pub tags: BTreeMap<String, String>,
}

/// A person or a group of the directory, as an application assignment names it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum AssignedPrincipal {
    User(DirectoryUserId),
    Group(DirectoryGroupId),
}

impl AssignedPrincipal {
    /// From the AWS pair of `PrincipalType` (`USER` or `GROUP`) and `PrincipalId`.
    #[must_use]
    pub fn from_parts(kind: &str, id: &str) -> Option<Self> {
        match kind {
            "USER" => Some(Self::User(DirectoryUserId::new(id))),
            "GROUP" => Some(Self::Group(DirectoryGroupId::new(id))),
            _ => None,
        }
    }

    /// `USER` or `GROUP`.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::User(_) => "USER",
            Self::Group(_) => "GROUP",
        }
    }

    #[must_use]
    pub fn id(&self) -> &str {
        match self {
            Self::User(id) => id.as_str(),
            Self::Group(id) => id.as_str(),
        }
    }
}

impl fmt::Display for AssignedPrincipal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.kind(), self.id())
    }
}

/// A part of an ordered list. `next` is the last item of this part where more follow: the position to go on after.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page<T> {
    pub items: Vec<T>,
    pub next: Option<T>,
}

/// Announced after the change is durable and visible to readers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CenterChange {
    /// The principal was assigned to the application, or is no longer.
    AssignmentChanged { application: ApplicationArn, principal: AssignedPrincipal },
    /// The application was made, deleted, or anything of it was changed: its status, a grant, a scope, its actor policy, whether it
    /// requires assignments, its name.
    ApplicationChanged(ApplicationArn),
}
