//! Who may open an application. Everybody is denied until a group of theirs is authorised.

use base::id::DirectoryGroupId;
use base::{ErrorKind, Fault, PublicMessage};

use crate::application::Application;

/// So many groups are named in a denial.
const GROUPS_NAMED: usize = 10;

/// Whether a person may open an application, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    /// `by`: all groups of the person that are authorised, ordered by id.
    Allowed {
        by: Vec<DirectoryGroupId>,
    },
    Denied(Denial),
}

impl Decision {
    #[must_use]
    pub const fn is_allowed(&self) -> bool {
        match self {
            Self::Allowed { .. } => true,
            Self::Denied(_) => false,
        }
    }
}

/// Why a person may not open an application.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Denial {
    #[error("the person is deactivated or deleted")]
    PersonInactive,
    #[error("SSO is deactivated for this application")]
    Deactivated,
    /// `would`: groups whose members may, ordered by id, ten at most.
    #[error("none of the person's groups is authorised for this application")]
    NotAuthorised { would: Vec<DirectoryGroupId> },
}

impl Denial {
    /// A stable name for the audit.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::PersonInactive => "person_inactive",
            Self::Deactivated => "sso_deactivated",
            Self::NotAuthorised { .. } => "not_authorised",
        }
    }

    /// What an administrator can do about it.
    #[must_use]
    pub fn mend(&self) -> String {
        match self {
            Self::PersonInactive => "Activate the person in the identity provider.".to_owned(),
            Self::Deactivated => "Activate SSO in the application's configuration.".to_owned(),
            Self::NotAuthorised { would } if would.is_empty() => {
                "Authorise one of the person's groups for the application: no group is yet.".to_owned()
            }
            Self::NotAuthorised { .. } => {
                "Authorise one of the person's groups for the application, or add the person to one of its groups."
                    .to_owned()
            }
        }
    }
}

impl Fault for Denial {
    fn kind(&self) -> ErrorKind {
        ErrorKind::Denied
    }

    fn public(&self) -> PublicMessage {
        match self {
            Self::PersonInactive => {
                PublicMessage::new("Your account can't sign in.").with_hint("Ask your administrator.")
            }
            Self::Deactivated => PublicMessage::new("Single sign-on is switched off for this application.")
                .with_hint("Ask your administrator whether it moved."),
            Self::NotAuthorised { .. } => PublicMessage::new("You aren't authorised to open this application.")
                .with_hint("Ask your administrator to authorise one of your groups."),
        }
    }
}

/// The rule. `is_member`: whether the person is in a group. An application has [`crate::MOST_GROUPS`] groups at most.
#[must_use]
pub fn decide(
    application: &Application,
    person_active: bool,
    is_member: impl Fn(&DirectoryGroupId) -> bool,
) -> Decision {
    if !person_active {
        return Decision::Denied(Denial::PersonInactive);
    }
    if !application.active {
        return Decision::Denied(Denial::Deactivated);
    }
    let by: Vec<DirectoryGroupId> = application.groups.iter().filter(|group| is_member(group)).cloned().collect();
    if by.is_empty() {
        let would = application.groups.iter().take(GROUPS_NAMED).cloned().collect();
        return Decision::Denied(Denial::NotAuthorised { would });
    }
    Decision::Allowed { by }
}

#[cfg(test)]
mod tests;
