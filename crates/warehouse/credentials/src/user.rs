//! Which database user a credential is for, and under which name it signs in (drivers.md 3.5).

use serde::{Deserialize, Serialize};

/// Every login name of temporary credentials begins with one of these.
const PREFIXES: [&str; 3] = ["IAM:", "IAMA:", "IAMR:"];

/// The database user of a credential.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CredentialUser {
    /// GetClusterCredentials: `bob`, who must exist; signs in as `IAM:bob`.
    Existing(String),
    /// GetClusterCredentials with AutoCreate: `bob`, made where he isn't there; signs in as `IAMA:bob`.
    AutoCreated(String),
    /// The database user of an IAM user, made where it isn't there: `IAM:alice` in the catalog too.
    IamUser(String),
    /// The database user of an IAM role, made where it isn't there: `IAMR:Analysts` in the catalog too.
    IamRole(String),
}

impl CredentialUser {
    /// What the client gives as user name.
    #[must_use]
    pub fn login_name(&self) -> String {
        match self {
            Self::Existing(name) | Self::IamUser(name) => format!("IAM:{name}"),
            Self::AutoCreated(name) => format!("IAMA:{name}"),
            Self::IamRole(name) => format!("IAMR:{name}"),
        }
    }

    /// The name in the catalog.
    #[must_use]
    pub fn db_user(&self) -> String {
        match self {
            Self::Existing(name) | Self::AutoCreated(name) => name.clone(),
            Self::IamUser(name) => format!("IAM:{name}"),
            Self::IamRole(name) => format!("IAMR:{name}"),
        }
    }

    /// Whether the login makes the user where it isn't there.
    #[must_use]
    pub const fn is_made(&self) -> bool {
        match self {
            Self::Existing(_) => false,
            Self::AutoCreated(_) | Self::IamUser(_) | Self::IamRole(_) => true,
        }
    }
}

/// Whether a login name is one that temporary credentials have: such a login is never a password's.
#[must_use]
pub fn is_temporary(login_name: &str) -> bool {
    PREFIXES.iter().any(|prefix| login_name.starts_with(prefix))
}
