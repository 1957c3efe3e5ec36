//! The way in: what a sign-in asks for next, what it remembers meanwhile, and why it ends.

mod flow;

use base::{ErrorKind, Fault, PublicMessage, Secret};
use directory::{ActiveUser, SignInRefusal};
use mfa::{PasskeyRefusal, RecoveryRefusal, TotpRefusal};

pub(crate) use flow::{Enrolment, Flow};

use crate::error::IdpError;
use crate::session::{Factor, SignedIn};

/// Where a sign-in is.
#[derive(Debug, Clone)]
pub struct Progress {
    pub step: Step,
    /// The half-way state, sealed: to be kept in place of the one before. `None`: nothing is to be kept.
    pub flow: Option<Secret<String>>,
}

/// What comes next.
#[derive(Debug, Clone)]
pub enum Step {
    /// The one-time password was right. It opens nothing but the choice of another one: `token` is a password link's, for 10 minutes.
    ChoosePassword {
        token: Secret<String>,
    },
    SecondFactor {
        user: ActiveUser,
        offers: Offers,
    },
    /// A second factor has to be enrolled.
    Enrol {
        user: ActiveUser,
        offers: EnrolOffers,
    },
    In(Box<SignedIn>),
}

/// Which second factors the person has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Offers {
    pub totp: bool,
    pub passkey: bool,
    pub recovery_code: bool,
}

/// Which second factors can be enrolled here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EnrolOffers {
    pub totp: bool,
    /// Not where the provider is opened by an IP address.
    pub passkey: bool,
}

/// Whose half-way state it is.
#[derive(Debug, Clone)]
pub struct FlowInfo {
    /// `None` before a passkey alone has said who it is.
    pub user: Option<ActiveUser>,
    pub proven: Vec<Factor>,
    pub correlation: base::CorrelationId,
}

/// What a passkey is asked.
#[derive(Debug, Clone)]
pub struct PasskeyChallenge {
    /// JSON `{"publicKey":{…}}` for `navigator.credentials`.
    pub options: String,
    /// To be kept, and given back with the response.
    pub flow: Secret<String>,
}

/// An authenticator app that is about to be enrolled. Shown to its person, and nowhere else.
#[derive(Debug, Clone)]
pub struct TotpEnrolment {
    /// `otpauth://totp/…`.
    pub uri: Secret<String>,
    /// Inline SVG.
    pub qr_svg: Secret<String>,
    /// The secret to type in.
    pub text: Secret<String>,
    /// To be kept, and given back with the code.
    pub flow: Secret<String>,
}

/// A second factor that was enrolled.
#[derive(Debug, Clone)]
pub struct Enrolled {
    /// With the first one: shown this once.
    pub recovery_codes: Option<Vec<Secret<String>>>,
}

/// Why somebody didn't get further.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SignInError {
    #[error(transparent)]
    Password(#[from] SignInRefusal),
    #[error(transparent)]
    Totp(#[from] TotpRefusal),
    #[error(transparent)]
    RecoveryCode(#[from] RecoveryRefusal),
    #[error(transparent)]
    Passkey(#[from] PasskeyRefusal),
    /// Decided before the second factor is looked at.
    #[error("too many failed attempts; retry in {retry_after_seconds} s")]
    TooManyAttempts { retry_after_seconds: u64 },
    #[error("too many recovery codes are being checked")]
    Busy,
    /// Not one of ours, or for another step.
    #[error("the half-way state of the sign-in can't be read")]
    FlowInvalid,
    #[error("the sign-in took longer than 10 minutes")]
    FlowExpired,
    /// It led in before, or its challenge was answered before.
    #[error("the half-way state of the sign-in was used already")]
    FlowSpent,
    #[error("the person has no {}", .0.name())]
    NotOffered(Factor),
    /// Passkeys under another host name than theirs, and no recovery code left.
    #[error("none of the person's second factors can be used here")]
    NoWayLeft,
    #[error("the person was deactivated or got another password during the sign-in")]
    Changed,
    #[error(transparent)]
    Idp(#[from] IdpError),
}

impl SignInError {
    /// A stable name for the audit.
    #[must_use]
    pub const fn reason(&self) -> &'static str {
        match self {
            Self::Password(_) => "password",
            Self::Totp(_) => "totp",
            Self::RecoveryCode(_) => "recovery_code",
            Self::Passkey(_) => "passkey",
            Self::TooManyAttempts { .. } => "too_many_attempts",
            Self::Busy => "busy",
            Self::FlowInvalid => "flow_invalid",
            Self::FlowExpired => "flow_expired",
            Self::FlowSpent => "flow_spent",
            Self::NotOffered(_) => "not_offered",
            Self::NoWayLeft => "no_way_left",
            Self::Changed => "changed_meanwhile",
            Self::Idp(_) => "identity_provider",
        }
    }
}

impl Fault for SignInError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::Password(refusal) => refusal.kind(),
            Self::Totp(refusal) => refusal.kind(),
            Self::RecoveryCode(refusal) => refusal.kind(),
            Self::Passkey(refusal) => refusal.kind(),
            Self::TooManyAttempts { .. } => ErrorKind::LimitExceeded,
            Self::Busy => ErrorKind::Unavailable,
            Self::FlowInvalid | Self::FlowExpired | Self::FlowSpent | Self::Changed => ErrorKind::Unauthenticated,
            Self::NotOffered(_) => ErrorKind::InvalidInput,
            Self::NoWayLeft => ErrorKind::Denied,
            Self::Idp(error) => error.kind(),
        }
    }

    fn public(&self) -> PublicMessage {
        match self {
            Self::Password(refusal) => refusal.public(),
            Self::Totp(refusal) => refusal.public(),
            Self::RecoveryCode(refusal) => refusal.public(),
            Self::Passkey(refusal) => refusal.public(),
            Self::TooManyAttempts { retry_after_seconds } => PublicMessage::new("Too many sign-in attempts.")
                .with_hint(format!("Wait {retry_after_seconds} seconds, then try again.")),
            Self::Busy => PublicMessage::new("The server is busy.").with_hint("Try again in a few seconds."),
            Self::FlowInvalid | Self::FlowSpent => {
                PublicMessage::new("This sign-in can't be continued.").with_hint("Sign in again from the beginning.")
            }
            Self::FlowExpired => {
                PublicMessage::new("This sign-in took too long.").with_hint("Sign in again; you have 10 minutes.")
            }
            Self::NotOffered(_) => {
                PublicMessage::new("This way isn't set up for you.").with_hint("Choose another way.")
            }
            Self::NoWayLeft => PublicMessage::new("None of your second steps can be used here.")
                .with_hint("Ask your administrator to reset your second step."),
            Self::Changed => PublicMessage::new("Your account changed during the sign-in.")
                .with_hint("Sign in again from the beginning."),
            Self::Idp(error) => error.public(),
        }
    }
}
