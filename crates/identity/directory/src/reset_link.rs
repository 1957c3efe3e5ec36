//! One-time links by which people choose a password: shown once, kept as a hash, one of a person.

use aws_lc_rs::digest;
use base::id::DirectoryUserId;
use base::{ErrorKind, Fault, PublicMessage, Secret};
use time::{Duration, OffsetDateTime};

use crate::error::DirectoryError;

const LONGEST_LIFETIME: Duration = Duration::days(7);

/// What is kept of a link: the last one that was made for the person, also after its end.
#[derive(Debug, Clone)]
pub struct ResetLink {
    pub user: DirectoryUserId,
    /// SHA-256 of the token, lower-case hex.
    pub hash: Secret<String>,
    pub created: OffsetDateTime,
    pub expires: OffsetDateTime,
    /// When it was used, or the password was changed otherwise, or the person was deactivated.
    pub ended: Option<OffsetDateTime>,
}

/// Why a link doesn't open.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ResetRefusal {
    /// Never made, replaced by a newer one, or the person was deleted.
    #[error("no such password link")]
    Unknown,
    /// Used, or the password was changed otherwise since, or the person was deactivated.
    #[error("the password link of user {user} ended at {at}")]
    Ended { user: DirectoryUserId, at: OffsetDateTime },
    #[error("the password link of user {user} expired at {at}")]
    Expired { user: DirectoryUserId, at: OffsetDateTime },
    /// The new password isn't acceptable, or the directory can't be written.
    #[error(transparent)]
    Directory(#[from] DirectoryError),
}

impl Fault for ResetRefusal {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::Unknown => ErrorKind::NotFound,
            Self::Ended { .. } | Self::Expired { .. } => ErrorKind::Denied,
            Self::Directory(error) => error.kind(),
        }
    }

    fn public(&self) -> PublicMessage {
        match self {
            Self::Unknown => PublicMessage::new("This link isn't valid.").with_hint(
                "Open the newest link you were given, and all of it: an older one stops working when a new one is made. \
                 If that doesn't help, ask your administrator for a new link.",
            ),
            Self::Ended { .. } => PublicMessage::new("This link was used already, or the password was changed since.")
                .with_hint("Sign in with the password you chose. If you don't know it, ask your administrator for a new link."),
            Self::Expired { .. } => {
                PublicMessage::new("This link has expired.").with_hint("Ask your administrator for a new one.")
            }
            Self::Directory(error) => error.public(),
        }
    }
}

/// How a token is looked up: nobody can aim at a key whose token they don't know.
pub(crate) fn hash_of(token: &Secret<String>) -> String {
    hex::encode(digest::digest(&digest::SHA256, token.expose().as_bytes()))
}

/// A fresh link: what is kept of it, and its token.
pub(crate) fn generate(
    user: DirectoryUserId,
    lifetime: Duration,
    now: OffsetDateTime,
) -> Result<(ResetLink, Secret<String>), DirectoryError> {
    if lifetime <= Duration::ZERO || lifetime > LONGEST_LIFETIME {
        return Err(DirectoryError::Invalid {
            attribute: "lifetime",
            rule: format!("It must be more than nothing and at most {} days.", LONGEST_LIFETIME.whole_days()),
        });
    }
    let token = base::random::token();
    let hash = Secret::new(hash_of(&token));
    Ok((ResetLink { user, hash, created: now, expires: now + lifetime, ended: None }, token))
}

/// Whether the link that was found for a token opens. `active`: whether its person may sign in.
pub(crate) fn decide(kept: Option<&ResetLink>, active: bool, now: OffsetDateTime) -> Result<(), ResetRefusal> {
    let Some(link) = kept else { return Err(ResetRefusal::Unknown) };
    let user = link.user.clone();
    match link.ended {
        Some(at) => Err(ResetRefusal::Ended { user, at }),
        None if !active => Err(ResetRefusal::Ended { user, at: now }),
        None if now >= link.expires => Err(ResetRefusal::Expired { user, at: link.expires }),
        None => Ok(()),
    }
}
