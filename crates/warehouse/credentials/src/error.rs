//! Why there is no credential, or no profile.

use base::{ErrorKind, Fault, PublicMessage};

use crate::book::TOTAL_MAX;
use crate::port::CredentialStoreUnavailable;
use crate::profile::{PROFILE_BYTES_MAX, PROFILES_MAX};

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CredentialError {
    /// The caller's own credentials have ended.
    #[error("the caller's own credentials have expired")]
    CallerExpired,
    /// The caller isn't one that has an access key: a defect of ours.
    #[error("the caller can't have database credentials")]
    NoPrincipal,
    /// Too many are alive.
    #[error("{TOTAL_MAX} credentials are alive")]
    TooMany,
    #[error("sealing failed")]
    Seal,
    #[error("authentication profile {0:?} exists already")]
    ProfileExists(String),
    #[error("authentication profile {0:?} doesn't exist")]
    ProfileNotFound(String),
    /// The rule that its name or its content breaks.
    #[error("the authentication profile is not valid: {0}")]
    InvalidProfile(String),
    #[error("the quota of authentication profiles is exceeded: {0}")]
    ProfileQuota(String),
    #[error(transparent)]
    Unavailable(#[from] CredentialStoreUnavailable),
}

impl CredentialError {
    pub(crate) fn too_many_profiles() -> Self {
        Self::ProfileQuota(format!("there are {PROFILES_MAX}; delete one first (DeleteAuthenticationProfile)"))
    }

    pub(crate) fn profile_too_large() -> Self {
        Self::ProfileQuota(format!("the content has more than {PROFILE_BYTES_MAX} bytes"))
    }
}

impl Fault for CredentialError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::CallerExpired => ErrorKind::Unauthenticated,
            Self::NoPrincipal | Self::Seal => ErrorKind::Internal,
            Self::TooMany | Self::ProfileQuota(_) => ErrorKind::LimitExceeded,
            Self::ProfileExists(_) => ErrorKind::Conflict,
            Self::ProfileNotFound(_) => ErrorKind::NotFound,
            Self::InvalidProfile(_) => ErrorKind::InvalidInput,
            Self::Unavailable(_) => ErrorKind::Unavailable,
        }
    }

    fn public(&self) -> PublicMessage {
        match self {
            Self::CallerExpired => {
                PublicMessage::new("The security token included in the request is expired.").with_hint("Sign in again.")
            }
            Self::NoPrincipal | Self::Seal => PublicMessage::new("The credentials can't be made.")
                .with_hint("The operator finds the cause in the server's log."),
            Self::TooMany => PublicMessage::new(format!(
                "{TOTAL_MAX} temporary database credentials are alive, and no more are kept."
            ))
            .with_hint("Use the ones that you have until they expire, or ask for shorter ones (DurationSeconds=900)."),
            Self::ProfileExists(name) => {
                PublicMessage::new(format!("The authentication profile {name} already exists."))
                    .with_hint("Change it with ModifyAuthenticationProfile, or take another name.")
            }
            Self::ProfileNotFound(name) => {
                PublicMessage::new(format!("The authentication profile {name} can't be found."))
                    .with_hint("DescribeAuthenticationProfiles lists those that there are.")
            }
            Self::InvalidProfile(rule) => {
                PublicMessage::new(format!("The authentication profile request is not valid: {rule}."))
            }
            Self::ProfileQuota(what) => {
                PublicMessage::new(format!("The quota of authentication profiles is exceeded: {what}."))
            }
            Self::Unavailable(_) => PublicMessage::new("Credentials can't be stored at the moment.")
                .with_hint("Try again; if it lasts, the operator finds the cause in the server's log."),
        }
    }
}
