//! What can go wrong before anybody signs in: the provider's documents.

use base::{ErrorKind, Fault, PublicMessage};

use crate::FetchError;

/// Characters of a provider's text that an error repeats.
const LONGEST_SHOWN: usize = 200;

/// A provider can't be used as it is configured, or as it answers. `document`: `discovery document`, `key set`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OidcError {
    #[error("the issuer {issuer} {problem}")]
    BadIssuer { issuer: String, problem: String },
    #[error("the {document} at {url} can't be fetched: {error}")]
    Fetch { document: &'static str, url: String, error: FetchError },
    #[error("the {document} at {url} was answered with status {status} instead of 200")]
    Status { document: &'static str, url: String, status: u16 },
    /// `problem` is the end of a sentence that begins with the document.
    #[error("the {document} at {url} {problem}")]
    Document { document: &'static str, url: String, problem: String },
    #[error("the discovery document names the issuer {found}, and {expected} is configured")]
    AnotherIssuer { expected: String, found: String },
    #[error("the provider's {member} {address} {problem}")]
    BadEndpoint { member: &'static str, address: String, problem: String },
    /// What the provider can't do that we need.
    #[error("the provider doesn't support what is needed: {0}")]
    Lacks(String),
}

impl OidcError {
    /// What the administrator should do: full sentences.
    #[must_use]
    pub fn mend(&self) -> String {
        match self {
            Self::BadIssuer { .. } => {
                "Configure the issuer exactly as the provider's documentation gives it: an https address without query and \
                 fragment. http works only on this machine's own addresses, with the private network allowed for the source."
                    .into()
            }
            Self::Fetch { error: FetchError::NotAllowed(_), .. } => {
                "If the provider is in your own network on purpose, allow the private network for this source.".into()
            }
            Self::Fetch { error: FetchError::Tls(_), .. } => {
                "Check the provider's certificate: it must be for this host, and of an authority that this machine trusts.".into()
            }
            Self::Fetch { error: _, .. } => {
                "Check that the address is right and that this machine reaches it, through the firewall too.".into()
            }
            Self::Status { .. } => {
                "Check the issuer: its address with /.well-known/openid-configuration behind it must show a document in a browser."
                    .into()
            }
            Self::AnotherIssuer { found, .. } if is_template(found) => {
                "The provider serves many tenants under this address. Configure the issuer of your own tenant; with Microsoft \
                 Entra ID that is https://login.microsoftonline.com/<tenant id>/v2.0, not …/common or …/organizations."
                    .into()
            }
            Self::AnotherIssuer { found, .. } => {
                format!("If {found} is the provider you mean, configure it as the issuer, to the letter.")
            }
            Self::Document { .. } | Self::BadEndpoint { .. } => {
                "This is the provider's to mend: ask its administrator or its maker.".into()
            }
            Self::Lacks(_) => "Change the provider's settings of this client accordingly, or use SAML with this provider.".into(),
        }
    }
}

/// Whether an issuer has a place for a tenant in it, as Microsoft's for many tenants has.
fn is_template(issuer: &str) -> bool {
    issuer.contains('{')
}

impl Fault for OidcError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::BadIssuer { .. } | Self::AnotherIssuer { .. } => ErrorKind::InvalidInput,
            Self::Fetch { error: FetchError::NotAllowed(_), .. } => ErrorKind::InvalidInput,
            Self::Fetch { error: _, .. } | Self::Status { .. } => ErrorKind::Unavailable,
            Self::Document { .. } | Self::BadEndpoint { .. } | Self::Lacks(_) => ErrorKind::Unsupported,
        }
    }

    fn public(&self) -> PublicMessage {
        PublicMessage::new("The identity provider can't be used.")
            .with_detail(sentence(&self.to_string()))
            .with_hint(self.mend())
    }
}

/// What a provider said, in a length that fits an error.
pub(crate) fn shown(text: &str) -> String {
    text.chars().filter(|character| !character.is_control()).take(LONGEST_SHOWN).collect()
}

/// With a capital and a full stop.
pub(crate) fn sentence(text: &str) -> String {
    let mut characters = text.chars();
    let first = characters.next().map(|first| first.to_ascii_uppercase());
    let end = if text.ends_with('.') { None } else { Some('.') };
    first.into_iter().chain(characters).chain(end).collect()
}
