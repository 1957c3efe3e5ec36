//! What can go wrong with the identity provider's configuration.

use base::id::{DirectoryGroupId, DirectoryUserId, SsoApplicationId};
use base::{ErrorKind, Fault, PublicMessage};
use directory::DirectoryError;

/// A read or a write of the identity provider was refused or failed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum IdpError {
    /// `name` is an id, a slug or a client id, as it was asked for.
    #[error("no SSO application {name}")]
    UnknownApplication { name: String },
    #[error("the SSO IdP URL \"{slug}\" is taken by application {holder}")]
    SlugTaken { slug: String, holder: SsoApplicationId },
    #[error("the SSO IdP URL of application {application} is \"{slug}\" and can't be edited")]
    SlugImmutable { application: SsoApplicationId, slug: String },
    /// `what` is `connector`, `client id` or `client secret`.
    #[error("the {what} of application {application} can't be edited")]
    Immutable { application: SsoApplicationId, what: &'static str },
    #[error("version {expected} was expected and {found} was found")]
    VersionMismatch { expected: u64, found: u64 },
    /// `rule` is a full sentence.
    #[error("{attribute} is not acceptable: {rule}")]
    Invalid { attribute: String, rule: String },
    #[error("{selected} applications are selected and {typed} was typed")]
    CountMismatch { typed: usize, selected: usize },
    #[error("no such groups: {}", join(.0))]
    UnknownGroups(Vec<DirectoryGroupId>),
    #[error("no person {0}")]
    UnknownUser(DirectoryUserId),
    #[error("person {user} has no passkey {id}")]
    UnknownPasskey { user: DirectoryUserId, id: String },
    #[error("person {0} has no authenticator app")]
    NoTotp(DirectoryUserId),
    #[error("person {0} has no second factor")]
    NoFactor(DirectoryUserId),
    #[error("it is the last second factor of person {0}, and the policy requires one")]
    LastFactor(DirectoryUserId),
    #[error("passkeys aren't available at this address")]
    PasskeysUnavailable,
    #[error("application {0} isn't a SAML application")]
    NotSaml(SsoApplicationId),
    #[error("application {0} isn't an OpenID Connect application")]
    NotOpenId(SsoApplicationId),
    #[error("no signing key {0}")]
    UnknownKey(String),
    #[error("there is no signing key yet for {0}")]
    NoKey(String),
    #[error("signing key {0} is ready to take over already")]
    NextKeyExists(String),
    #[error("there is no next signing key to take over")]
    NoNextKey,
    #[error("signing key {0} is the one in use")]
    KeyInUse(String),
    #[error("no API token {0}")]
    UnknownApiToken(String),
    #[error("there are {0} live API tokens already")]
    TooManyApiTokens(usize),
    #[error("the service provider's metadata can't be taken: {0}")]
    Metadata(String),
    #[error(transparent)]
    Directory(#[from] DirectoryError),
    #[error("the identity provider's store can't be used: {0}")]
    Store(String),
    #[error("the identity provider has a defect: {0}")]
    Internal(String),
}

fn join(ids: &[DirectoryGroupId]) -> String {
    ids.iter().take(10).map(DirectoryGroupId::as_str).collect::<Vec<_>>().join(", ")
}

impl IdpError {
    pub(crate) fn invalid(attribute: impl Into<String>, rule: impl Into<String>) -> Self {
        Self::Invalid { attribute: attribute.into(), rule: rule.into() }
    }

    fn hint(&self) -> Option<&'static str> {
        match self {
            Self::UnknownApplication { .. } => Some("It may have been deleted. List the SSO applications."),
            Self::SlugTaken { .. } => Some("Choose another SSO IdP URL, or delete that application."),
            Self::SlugImmutable { .. } => {
                Some("Service providers have it in their configuration. Delete the application and create it again.")
            }
            Self::Immutable { what: "client secret", .. } => Some("Renew the client secret instead."),
            Self::Immutable { .. } => Some("Delete the application and create it again."),
            Self::VersionMismatch { .. } => Some("Somebody changed it meanwhile. Read it again and retry."),
            Self::CountMismatch { .. } => Some("Enter the number of the applications that you are deleting."),
            Self::UnknownGroups(_) | Self::UnknownUser(_) => Some("They may have been deleted. List them again."),
            Self::UnknownPasskey { .. } | Self::NoTotp(_) => Some("It may have been removed already."),
            Self::NoFactor(_) => Some("Add an authenticator app or a passkey first."),
            Self::LastFactor(_) => Some("Add another authenticator app or passkey first, then remove this one."),
            Self::PasskeysUnavailable => {
                Some("A passkey belongs to a host name. Open the identity provider under one (see --idp-url).")
            }
            Self::NotSaml(_) | Self::NotOpenId(_) => {
                Some("Choose an application whose connector has what you ask for.")
            }
            Self::UnknownKey(_) => Some("List the signing keys."),
            Self::NoKey(_) => Some("Create an application that needs one first."),
            Self::NextKeyExists(_) => Some("Let it take over, or retire it."),
            Self::NoNextKey => Some("Prepare one first, and give service providers the time to read the new metadata."),
            Self::KeyInUse(_) => Some("Let another one take over first."),
            Self::UnknownApiToken(_) => Some("List the API tokens."),
            Self::TooManyApiTokens(_) => Some("Delete one that isn't used any more."),
            Self::Invalid { .. } | Self::Metadata(_) | Self::Directory(_) => None,
            Self::Store(_) => Some("Retry later."),
            Self::Internal(_) => Some("The server's log has the cause."),
        }
    }
}

impl Fault for IdpError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::UnknownApplication { .. }
            | Self::UnknownUser(_)
            | Self::UnknownPasskey { .. }
            | Self::NoTotp(_)
            | Self::UnknownKey(_)
            | Self::UnknownApiToken(_) => ErrorKind::NotFound,
            Self::SlugTaken { .. }
            | Self::VersionMismatch { .. }
            | Self::NoFactor(_)
            | Self::LastFactor(_)
            | Self::NoKey(_)
            | Self::NextKeyExists(_)
            | Self::NoNextKey
            | Self::KeyInUse(_) => ErrorKind::Conflict,
            Self::SlugImmutable { .. }
            | Self::Immutable { .. }
            | Self::Invalid { .. }
            | Self::CountMismatch { .. }
            | Self::UnknownGroups(_)
            | Self::NotSaml(_)
            | Self::NotOpenId(_)
            | Self::Metadata(_) => ErrorKind::InvalidInput,
            Self::PasskeysUnavailable => ErrorKind::Unsupported,
            Self::TooManyApiTokens(_) => ErrorKind::LimitExceeded,
            Self::Directory(error) => error.kind(),
            Self::Store(_) => ErrorKind::Unavailable,
            Self::Internal(_) => ErrorKind::Internal,
        }
    }

    fn public(&self) -> PublicMessage {
        let message = match self {
            Self::Directory(error) => return error.public(),
            Self::Store(_) => PublicMessage::new("The identity provider can't be written at the moment."),
            Self::Internal(_) => PublicMessage::new("The identity provider failed."),
            Self::Invalid { .. } => PublicMessage::new(self.to_string()),
            // The person reads these on their own page, where their id says nothing.
            Self::NoTotp(_) => PublicMessage::new("There is no authenticator app."),
            Self::NoFactor(_) => PublicMessage::new("There is no second factor."),
            Self::LastFactor(_) => PublicMessage::new("It is the last second factor, and the policy requires one."),
            Self::UnknownApplication { .. }
            | Self::SlugTaken { .. }
            | Self::SlugImmutable { .. }
            | Self::Immutable { .. }
            | Self::VersionMismatch { .. }
            | Self::CountMismatch { .. }
            | Self::UnknownGroups(_)
            | Self::UnknownUser(_)
            | Self::UnknownPasskey { .. }
            | Self::PasskeysUnavailable
            | Self::NotSaml(_)
            | Self::NotOpenId(_)
            | Self::UnknownKey(_)
            | Self::NoKey(_)
            | Self::NextKeyExists(_)
            | Self::NoNextKey
            | Self::KeyInUse(_)
            | Self::UnknownApiToken(_)
            | Self::TooManyApiTokens(_)
            | Self::Metadata(_) => PublicMessage::new(format!("{}.", capitalised(&self.to_string()))),
        };
        match self.hint() {
            Some(hint) => message.with_hint(hint),
            None => message,
        }
    }
}

/// The text as the beginning of a sentence.
pub(crate) fn capitalised(text: &str) -> String {
    let mut characters = text.chars();
    characters.next().map_or_else(String::new, |first| first.to_uppercase().chain(characters).collect())
}
