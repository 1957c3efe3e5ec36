//! What Identity Center holds.

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
    pub name: Option<String>,
    pub created: OffsetDateTime,
}

impl Instance {
    /// `ssoins-<16 hex>`: the last part of the ARN.
    #[must_use]
    pub fn id(&self) -> &str {
        self.arn.as_str().rsplit('/').next().unwrap_or_default()
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ApplicationStatus {
    Enabled,
    /// Nobody may use it.
    Disabled,
}

impl ApplicationStatus {
    /// As AWS writes it, and as it is stored.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Enabled => "ENABLED",
            Self::Disabled => "DISABLED",
        }
    }

    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Enabled, Self::Disabled].into_iter().find(|status| status.name() == name)
    }
}

/// Something that people sign in to with tokens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Application {
    /// `arn:aws:sso::<account>:application/ssoins-…/apl-<16 hex>`
    pub arn: ApplicationArn,
    /// `arn:aws:sso::aws:applicationProvider/…`
    pub provider_arn: String,
    /// 1 to 100 characters. Not unique.
    pub name: String,
    pub status: ApplicationStatus,
    /// Where `false`, everybody in the directory may use it.
    pub assignment_required: bool,
    pub created: OffsetDateTime,
}

/// What a new application has; Identity Center adds the ARN, the status `ENABLED` and the time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewApplication {
    pub provider_arn: String,
    pub name: String,
    pub assignment_required: bool,
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
    /// The application was made or deleted.
    ApplicationChanged(ApplicationArn),
}
