//! Why a passkey isn't taken, and why there are none under an address.

use base::{ErrorKind, Fault, PublicMessage};
use webauthn_rs::prelude::WebauthnError;

/// Browsers have no passkeys under this address.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PasskeysUnavailable {
    #[error("passkeys are not available under {address}: an IP address can't have them")]
    IpAddress { address: String },
    #[error("passkeys are not available under {address}: they need https")]
    NotHttps { address: String },
    #[error("passkeys are not available under {address}: it is no address of a server")]
    Malformed { address: String },
}

impl Fault for PasskeysUnavailable {
    fn kind(&self) -> ErrorKind {
        ErrorKind::Unsupported
    }

    fn public(&self) -> PublicMessage {
        let hint = match self {
            Self::IpAddress { .. } => {
                "Open the provider under a host name, such as https://localhost or https://login.example.com; its administrator \
                 sets it with --idp-url."
            }
            Self::NotHttps { .. } => "Open the provider with https; its administrator sets its address with --idp-url.",
            Self::Malformed { .. } => "The provider's administrator sets its address with --idp-url.",
        };
        PublicMessage::new("Passkeys are not available here.").with_detail(format!("{self}.")).with_hint(hint)
    }
}

/// Why a response of a browser isn't taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PasskeyRefusal {
    #[error("the passkey's response can't be read: {0}")]
    Malformed(String),
    #[error("the passkey answered another challenge than the one that is open")]
    AnotherChallenge,
    #[error("the passkey was used at {found} and not at {expected}")]
    AnotherOrigin { expected: String, found: String },
    #[error("the passkey is of another relying party")]
    AnotherRelyingParty,
    #[error("the passkey was used inside a page of another site")]
    CrossOrigin,
    #[error("the passkey was used without anybody present")]
    NotPresent,
    #[error("the passkey was used without verifying its owner")]
    NotVerified,
    /// Never enrolled, or removed.
    #[error("the passkey is not enrolled for this person")]
    Unknown,
    #[error("the passkey is another person's")]
    AnotherPerson,
    #[error("the passkey is enrolled already")]
    AlreadyRegistered,
    /// A copy of it may be in use.
    #[error("the passkey's counter did not grow")]
    Cloned,
    #[error("the passkey's signature is wrong")]
    Signature,
    #[error("the passkey can't be used here: {0}")]
    Unsupported(String),
    #[error("there is no passkey to ask for")]
    NoPasskeys,
    #[error("a label has 1 to {longest} characters and no control characters; this one has {length}")]
    Label { longest: usize, length: usize },
    #[error("passkeys have a defect: {0}")]
    Internal(String),
}

impl Fault for PasskeyRefusal {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::Malformed(_) | Self::Label { .. } => ErrorKind::InvalidInput,
            Self::AlreadyRegistered => ErrorKind::Conflict,
            Self::Unsupported(_) => ErrorKind::Unsupported,
            Self::NoPasskeys => ErrorKind::NotFound,
            Self::Internal(_) => ErrorKind::Internal,
            Self::AnotherChallenge
            | Self::AnotherOrigin { .. }
            | Self::AnotherRelyingParty
            | Self::CrossOrigin
            | Self::NotPresent
            | Self::NotVerified
            | Self::Unknown
            | Self::AnotherPerson
            | Self::Cloned
            | Self::Signature => ErrorKind::Denied,
        }
    }

    fn public(&self) -> PublicMessage {
        let hint = match self {
            Self::AnotherChallenge => "It was open for too long, or in two windows. Try again from the beginning.",
            Self::AnotherOrigin { .. } | Self::AnotherRelyingParty | Self::CrossOrigin => {
                "Check the address in your browser: it may not be the provider's. If it is, tell your administrator."
            }
            Self::NotPresent | Self::NotVerified => {
                "Unlock the passkey with its PIN, fingerprint or face, and try again."
            }
            Self::Unknown | Self::AnotherPerson => "Choose a passkey that you enrolled here, or sign in another way.",
            Self::AlreadyRegistered => "Use another device or security key, or remove the old passkey first.",
            Self::Cloned => {
                "Somebody may have copied it. Sign in another way, remove this passkey, and tell your administrator."
            }
            Self::Unsupported(_) => "Enrol another passkey, on another device or with another browser.",
            Self::NoPasskeys => "Enrol a passkey first, or sign in another way.",
            Self::Label { .. } => "Choose a shorter name for the passkey.",
            Self::Malformed(_) | Self::Signature => "Try again; if it is refused again, sign in another way.",
            Self::Internal(_) => {
                return PublicMessage::new("Passkeys can't be checked at the moment.")
                    .with_hint("The server's log has the cause.");
            }
        };
        PublicMessage::new("The passkey wasn't taken.").with_detail(sentence(&self.to_string())).with_hint(hint)
    }
}

fn sentence(text: &str) -> String {
    let mut characters = text.chars();
    let first = characters.next().map(|first| first.to_ascii_uppercase());
    first.into_iter().chain(characters).chain(['.']).collect()
}

#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "another's enum of a hundred variants: what isn't named here is a response that can't be read"
)]
pub(super) fn of(error: WebauthnError) -> PasskeyRefusal {
    match error {
        WebauthnError::MismatchedChallenge => PasskeyRefusal::AnotherChallenge,
        WebauthnError::InvalidRPIDHash => PasskeyRefusal::AnotherRelyingParty,
        WebauthnError::CredentialCrossOrigin => PasskeyRefusal::CrossOrigin,
        WebauthnError::UserNotPresent => PasskeyRefusal::NotPresent,
        WebauthnError::UserNotVerified => PasskeyRefusal::NotVerified,
        WebauthnError::CredentialPossibleCompromise => PasskeyRefusal::Cloned,
        WebauthnError::AuthenticationFailure | WebauthnError::SignatureInvalid => PasskeyRefusal::Signature,
        WebauthnError::CredentialAlteredAlgFromRequest
        | WebauthnError::AttestationNotSupported
        | WebauthnError::COSEKeyInvalidAlgorithm
        | WebauthnError::COSEKeyInvalidType
        | WebauthnError::COSEKeyEDUnsupported
        | WebauthnError::COSEKeyECDSAInvalidCurve
        | WebauthnError::CredentialInsecureCryptography
        | WebauthnError::CredentialMayNotBeHardwareBound
        | WebauthnError::CredentialBackupEligibilityInconsistent => PasskeyRefusal::Unsupported(error.to_string()),
        WebauthnError::Configuration | WebauthnError::InvalidUsername => PasskeyRefusal::Internal(error.to_string()),
        other => PasskeyRefusal::Malformed(other.to_string()),
    }
}

pub(super) fn internal(error: impl std::fmt::Display) -> PasskeyRefusal {
    PasskeyRefusal::Internal(error.to_string())
}
