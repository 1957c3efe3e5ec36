//! What can go wrong with the directory, and why somebody isn't signed in.

use base::id::{DirectoryGroupId, DirectoryUserId};
use base::{ErrorKind, Fault, PublicMessage};

/// A read or a write of the directory was refused or failed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DirectoryError {
    #[error("userName \"{user_name}\" is taken by user {holder}")]
    UserNameTaken { user_name: String, holder: DirectoryUserId },
    #[error("displayName \"{display_name}\" is taken by group {holder}")]
    DisplayNameTaken { display_name: String, holder: DirectoryGroupId },
    /// `holder` is the id of the user or group.
    #[error("externalId \"{external_id}\" is taken by {holder}")]
    ExternalIdTaken { external_id: String, holder: String },
    #[error("no user {0}")]
    UnknownUser(DirectoryUserId),
    #[error("no group {0}")]
    UnknownGroup(DirectoryGroupId),
    #[error("no such users: {}", join(.0))]
    UnknownMembers(Vec<DirectoryUserId>),
    #[error("version {expected} was expected and {found} was found")]
    VersionMismatch { expected: u64, found: u64 },
    /// `rule` is a full sentence.
    #[error("{attribute} is not acceptable: {rule}")]
    Invalid { attribute: &'static str, rule: String },
    /// The ids; the one that wasn't used for longest first.
    #[error("there are two live SCIM tokens already: {}", .live.join(", "))]
    TooManyScimTokens { live: Vec<String> },
    #[error("no SCIM token {0}")]
    UnknownScimToken(String),
    #[error("too many passwords are being hashed")]
    Busy,
    #[error("the directory's store can't be used: {0}")]
    Store(String),
    #[error("the directory has a defect: {0}")]
    Internal(String),
}

fn join(ids: &[DirectoryUserId]) -> String {
    const SHOWN: usize = 10;
    let mut text = ids.iter().take(SHOWN).map(DirectoryUserId::as_str).collect::<Vec<_>>().join(", ");
    if ids.len() > SHOWN {
        text.push_str(&format!(" and {} more", ids.len() - SHOWN));
    }
    text
}

impl Fault for DirectoryError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::UserNameTaken { .. }
            | Self::DisplayNameTaken { .. }
            | Self::ExternalIdTaken { .. }
            | Self::VersionMismatch { .. } => ErrorKind::Conflict,
            Self::UnknownUser(_) | Self::UnknownGroup(_) | Self::UnknownScimToken(_) => ErrorKind::NotFound,
            Self::UnknownMembers(_) | Self::Invalid { .. } => ErrorKind::InvalidInput,
            Self::TooManyScimTokens { .. } => ErrorKind::LimitExceeded,
            Self::Busy | Self::Store(_) => ErrorKind::Unavailable,
            Self::Internal(_) => ErrorKind::Internal,
        }
    }

    fn public(&self) -> PublicMessage {
        match self {
            Self::UserNameTaken { .. } => PublicMessage::new(format!("{self}."))
                .with_hint("userName is unique without regard to case. Update or delete that user, or choose another name."),
            Self::DisplayNameTaken { .. } => PublicMessage::new(format!("{self}.")).with_hint(
                "A group's displayName is unique without regard to case. Rename or delete that group, or choose another name.",
            ),
            Self::ExternalIdTaken { .. } => PublicMessage::new(format!("{self}."))
                .with_hint("An externalId names one resource of its type. Update that one, or send another externalId."),
            Self::UnknownUser(_) | Self::UnknownGroup(_) => {
                PublicMessage::new(format!("{self}.")).with_hint("It may have been deleted. List the resources again.")
            }
            Self::UnknownMembers(_) => PublicMessage::new(format!("{self}."))
                .with_hint("Only users that exist can be members of a group; groups in groups are not supported."),
            Self::VersionMismatch { .. } => {
                PublicMessage::new(format!("{self}.")).with_hint("Somebody changed it meanwhile. Read it again and retry.")
            }
            Self::Invalid { .. } => PublicMessage::new(self.to_string()),
            Self::TooManyScimTokens { live } => PublicMessage::new(format!("{self}.")).with_hint(format!(
                "Delete one of them first: {} (the one that wasn't used for longest is named first).",
                live.join(" or ")
            )),
            Self::UnknownScimToken(_) => PublicMessage::new(format!("{self}.")).with_hint("List the SCIM tokens."),
            Self::Busy => PublicMessage::new("The server is busy checking passwords.").with_hint("Retry in a few seconds."),
            Self::Store(_) => PublicMessage::new("The directory can't be written at the moment.").with_hint("Retry later."),
            Self::Internal(_) => {
                PublicMessage::new("The directory failed.").with_hint("The server's log has the cause.")
            }
        }
    }
}

/// Why a password sign-in was refused. Audit records the reason; the person is told the same words for each reason that
/// depends on the account.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SignInRefusal {
    #[error("no user has this name")]
    UnknownUser,
    #[error("the user has no password")]
    NoPassword,
    #[error("the password is wrong")]
    WrongPassword,
    /// The password was right.
    #[error("the user is disabled")]
    Disabled,
    /// The one-time password was right. It opens nothing but the choice of another one.
    #[error("user {user} has to choose a new password first")]
    MustChange { user: DirectoryUserId },
    /// Decided before the password is looked at, and for names that don't exist as well.
    #[error("too many failed attempts; retry in {retry_after_seconds} s")]
    TooManyAttempts { retry_after_seconds: u64 },
    #[error("too many sign-ins are being checked")]
    Busy,
    #[error("the password can't be checked: {0}")]
    Internal(String),
}

impl Fault for SignInRefusal {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::UnknownUser | Self::NoPassword | Self::WrongPassword | Self::Disabled | Self::MustChange { .. } => {
                ErrorKind::Unauthenticated
            }
            Self::TooManyAttempts { .. } => ErrorKind::LimitExceeded,
            Self::Busy => ErrorKind::Unavailable,
            Self::Internal(_) => ErrorKind::Internal,
        }
    }

    fn public(&self) -> PublicMessage {
        match self {
            Self::UnknownUser | Self::NoPassword | Self::WrongPassword | Self::Disabled => {
                PublicMessage::new("The user name or the password is wrong, or the account can't sign in.")
                    .with_hint("Check both, or ask your administrator.")
            }
            Self::MustChange { .. } => PublicMessage::new("This password was given for one sign-in.")
                .with_hint("Sign in on the sign-in page in a browser and choose a password of your own."),
            Self::TooManyAttempts { retry_after_seconds } => PublicMessage::new("Too many sign-in attempts.")
                .with_hint(format!("Wait {retry_after_seconds} seconds, then try again.")),
            Self::Busy => PublicMessage::new("The server is busy.").with_hint("Try again in a few seconds."),
            Self::Internal(_) => PublicMessage::new("The sign-in failed on the server's side.")
                .with_hint("The server's log has the cause."),
        }
    }
}

/// Why a person's password wasn't changed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ChangeRefusal {
    /// The present password couldn't be proven.
    #[error(transparent)]
    SignIn(#[from] SignInRefusal),
    /// The new password isn't acceptable, or the directory can't be written.
    #[error(transparent)]
    Directory(#[from] DirectoryError),
}

impl Fault for ChangeRefusal {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::SignIn(refusal) => refusal.kind(),
            Self::Directory(error) => error.kind(),
        }
    }

    fn public(&self) -> PublicMessage {
        match self {
            Self::SignIn(refusal) => refusal.public(),
            Self::Directory(error) => error.public(),
        }
    }
}
