//! What can go wrong with a source's configuration, and at the beginning and the end of its sign-ins.

use base::id::SourceId;
use base::{Checks, ErrorKind, Fault, PublicMessage};
use oidc::{FetchError, OidcError, OidcRefusal};
use saml::metadata::MetadataRefusal;
use saml::{CertificateRefusal, SamlError};

use crate::port::SourceStoreUnavailable;

/// A change wasn't made, or a message not taken; nothing is half done.
#[derive(Debug, Clone, thiserror::Error)]
pub enum SourceError {
    #[error("there is no identity source {0}")]
    Unknown(SourceId),
    #[error("the identity source {0} is disabled")]
    Disabled(SourceId),
    /// `rule`: full sentences.
    #[error("{parameter} is not acceptable: {rule}")]
    Invalid { parameter: &'static str, rule: String },
    /// `what`: the name, domain or provider that only one source can have.
    #[error("{what} belongs to the identity source {holder}")]
    Taken { what: String, holder: SourceId },
    #[error("version {expected} was expected and {found} was found")]
    VersionMismatch { expected: u64, found: u64 },
    #[error("nobody could sign in any more")]
    LastWayIn,
    #[error("it is the last certificate of {0}")]
    LastCertificate(SourceId),
    #[error("{id} has no certificate {sha256}")]
    UnknownCertificate { id: SourceId, sha256: String },
    #[error("there can be at most {most} {what}")]
    TooMany { what: &'static str, most: usize },
    #[error("{0} is not a SAML source")]
    NotSaml(SourceId),
    #[error("{0} is not an OpenID Connect source")]
    NotOidc(SourceId),
    #[error("the metadata of {0} was not read from a URL")]
    NoMetadataUrl(SourceId),
    #[error("the metadata can't be used: {0}")]
    Metadata(MetadataRefusal),
    /// A full sentence.
    #[error("the metadata can't be used: {0}")]
    MetadataContent(String),
    #[error("the metadata is of {found}, not of {expected}")]
    MetadataOfAnother { expected: String, found: String },
    #[error("the metadata at {url} can't be read: {error}")]
    Fetch { url: String, error: FetchError },
    #[error("the metadata at {url} was answered with status {status}")]
    FetchStatus { url: String, status: u16 },
    #[error("the certificate can't be used: {0}")]
    Certificate(CertificateRefusal),
    #[error(transparent)]
    Provider(#[from] OidcError),
    #[error(transparent)]
    Saml(#[from] SamlError),
    #[error("the logout message is not accepted: {0}")]
    Logout(saml::Refusal),
    #[error("the logout token is not accepted: {0}")]
    LogoutToken(OidcRefusal),
    #[error("the logout message was used before")]
    LogoutReplayed,
    #[error("the store of identity sources can't be used: {0}")]
    Store(String),
    #[error("the identity sources have a defect: {0}")]
    Internal(String),
}

impl From<SourceStoreUnavailable> for SourceError {
    fn from(error: SourceStoreUnavailable) -> Self {
        Self::Store(error.0)
    }
}

impl Fault for SourceError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::Unknown(_) | Self::UnknownCertificate { .. } => ErrorKind::NotFound,
            Self::Disabled(_) | Self::Logout(_) | Self::LogoutToken(_) | Self::LogoutReplayed => ErrorKind::Denied,
            Self::Invalid { .. }
            | Self::NotSaml(_)
            | Self::NotOidc(_)
            | Self::NoMetadataUrl(_)
            | Self::Metadata(_)
            | Self::MetadataContent(_)
            | Self::MetadataOfAnother { .. }
            | Self::Certificate(_) => ErrorKind::InvalidInput,
            Self::Taken { .. } | Self::VersionMismatch { .. } | Self::LastWayIn | Self::LastCertificate(_) => {
                ErrorKind::Conflict
            }
            Self::TooMany { .. } => ErrorKind::LimitExceeded,
            Self::Fetch { error: FetchError::NotAllowed(_), .. } => ErrorKind::InvalidInput,
            Self::Fetch { .. } | Self::FetchStatus { .. } | Self::Store(_) => ErrorKind::Unavailable,
            Self::Provider(error) => error.kind(),
            Self::Saml(error) => error.kind(),
            Self::Internal(_) => ErrorKind::Internal,
        }
    }

    fn public(&self) -> PublicMessage {
        let said = PublicMessage::new(format!("{}.", capitalised(self.to_string().trim_end_matches('.'))));
        match self {
            Self::Provider(error) => error.public(),
            Self::Saml(error) => error.public(),
            Self::Metadata(refusal) => refusal.public(),
            Self::Certificate(refusal) => refusal.public(),
            Self::Store(_) => PublicMessage::new("The identity sources can't be read or written at the moment.")
                .with_hint("Retry later. The server's log has the cause."),
            Self::Internal(_) => {
                PublicMessage::new("The identity sources failed.").with_hint("The server's log has the cause.")
            }
            Self::Logout(_) | Self::LogoutToken(_) | Self::LogoutReplayed => said,
            Self::Unknown(_)
            | Self::Disabled(_)
            | Self::Invalid { .. }
            | Self::Taken { .. }
            | Self::VersionMismatch { .. }
            | Self::LastWayIn
            | Self::LastCertificate(_)
            | Self::UnknownCertificate { .. }
            | Self::TooMany { .. }
            | Self::NotSaml(_)
            | Self::NotOidc(_)
            | Self::NoMetadataUrl(_)
            | Self::MetadataContent(_)
            | Self::MetadataOfAnother { .. }
            | Self::Fetch { .. }
            | Self::FetchStatus { .. } => match self.hint() {
                "" => said,
                hint => said.with_hint(hint),
            },
        }
    }
}

impl SourceError {
    /// For the record: the check that a message of the identity provider failed, and what the administrator can do.
    #[must_use]
    pub fn told(&self) -> (Checks, String) {
        let mut checks = Checks::default();
        let mend = if let Self::Logout(refusal) = self {
            checks.note(refusal.check.name(), &refusal.expected, &refusal.found, false);
            refusal.mend().to_owned()
        } else if let Self::LogoutToken(refusal) = self {
            checks.note(refusal.check.name(), &refusal.expected, &refusal.found, false);
            refusal.mend()
        } else if matches!(self, Self::LogoutReplayed) {
            checks.note("one use", "a logout message that wasn't used before", &self.to_string(), false);
            "A page that was loaded again does this. If none was, somebody else has the message: look into who sent it."
                .to_owned()
        } else if let Self::Provider(error) = self {
            error.mend()
        } else {
            self.hint().to_owned()
        };
        (checks, mend)
    }

    /// What to do, where the message alone doesn't say it.
    const fn hint(&self) -> &'static str {
        match self {
            Self::Unknown(_) => "List the identity sources.",
            Self::Disabled(_) => "Enable it, or sign in another way.",
            Self::Taken { .. } => "Each has one source. Change or delete that one first, or choose something else.",
            Self::VersionMismatch { .. } => "Somebody changed it meanwhile. Read it again and retry.",
            Self::LastWayIn => "Enable another identity source or the directory's passwords first.",
            Self::LastCertificate(_) => "Add the next certificate first, or delete the source.",
            Self::UnknownCertificate { .. } => {
                "Name it by the SHA-256 fingerprint that the source's description shows."
            }
            Self::TooMany { .. } => "Remove some first.",
            Self::NotSaml(_) => "Only SAML sources have metadata and certificates.",
            Self::NotOidc(_) => "Only OpenID Connect sources have a back-channel logout.",
            Self::NoMetadataUrl(_) => "Update the source with the metadata document, or give it a metadata URL.",
            Self::MetadataOfAnother { .. } => {
                "If the source is to be that identity provider from now on, update it with this metadata instead of refreshing it."
            }
            Self::Fetch { error: FetchError::NotAllowed(_), .. } => {
                "If the identity provider is in your own network on purpose, allow the private network for this source."
            }
            Self::Fetch { .. } | Self::FetchStatus { .. } => {
                "Check the address and that this machine reaches it, or give the metadata as a document."
            }
            Self::Invalid { .. }
            | Self::Metadata(_)
            | Self::MetadataContent(_)
            | Self::Certificate(_)
            | Self::Provider(_)
            | Self::Saml(_)
            | Self::Logout(_)
            | Self::LogoutToken(_)
            | Self::LogoutReplayed
            | Self::Store(_)
            | Self::Internal(_) => "",
        }
    }
}

fn capitalised(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_ascii_uppercase()).into_iter().chain(letters).collect()
}
