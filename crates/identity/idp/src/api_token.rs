//! The bearer tokens of the administration: shown once, kept as a hash.

use base::{ErrorKind, Fault, PublicMessage, Secret, SecretHash};
use time::{Duration, OffsetDateTime};

use crate::error::IdpError;

/// So many may be alive.
const LIVE: usize = 20;
const LONGEST_LIFETIME: Duration = Duration::days(366);
const LONGEST_NAME: usize = 100;
const PREFIX: &str = "gh_idp_";
/// How stale the stored time of last use may be.
const USE_PRECISION: Duration = Duration::MINUTE;

/// What is kept of a token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiToken {
    /// Part of the token's text; not a secret.
    pub id: String,
    /// What it is for.
    pub name: String,
    pub hash: SecretHash,
    pub created: OffsetDateTime,
    pub expires: OffsetDateTime,
    pub revoked: Option<OffsetDateTime>,
    /// To the minute at best: not every request is a write.
    pub last_used: Option<OffsetDateTime>,
}

impl ApiToken {
    /// Neither revoked nor expired.
    #[must_use]
    pub fn is_live(&self, now: OffsetDateTime) -> bool {
        self.revoked.is_none() && now < self.expires
    }
}

/// An administration client whose token was verified. Made only by [`crate::IdentityProvider::verify_api_token`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiClient {
    token_id: String,
    name: String,
}

impl ApiClient {
    #[must_use]
    pub fn token_id(&self) -> &str {
        &self.token_id
    }

    /// The token's name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }
}

/// Why a token isn't accepted. The client is told the same for each.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ApiTokenRefusal {
    #[error("it isn't an API token of the identity provider")]
    Malformed,
    #[error("no such API token")]
    Unknown,
    #[error("API token {id} expired at {at}")]
    Expired { id: String, at: OffsetDateTime },
    #[error("API token {id} was deleted at {at}")]
    Revoked { id: String, at: OffsetDateTime },
}

impl Fault for ApiTokenRefusal {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::Malformed | Self::Unknown | Self::Expired { .. } | Self::Revoked { .. } => ErrorKind::Unauthenticated,
        }
    }

    fn public(&self) -> PublicMessage {
        PublicMessage::new("The identity provider's API token is not valid or no longer valid.")
            .with_hint("Create a new token on the server.")
    }
}

/// A fresh token: what is kept of it, and its text. `live`: how many are alive.
pub(crate) fn generate(
    name: &str,
    live: usize,
    lifetime: Duration,
    now: OffsetDateTime,
) -> Result<(ApiToken, Secret<String>), IdpError> {
    if live >= LIVE {
        return Err(IdpError::TooManyApiTokens(live));
    }
    let name = name.trim();
    if name.is_empty() || name.chars().count() > LONGEST_NAME || name.chars().any(char::is_control) {
        return Err(IdpError::invalid(
            "name",
            format!("A token's name has 1 to {LONGEST_NAME} characters in one line."),
        ));
    }
    if lifetime <= Duration::ZERO || lifetime > LONGEST_LIFETIME {
        let rule = format!("It must be more than nothing and at most {} days.", LONGEST_LIFETIME.whole_days());
        return Err(IdpError::invalid("lifetime", rule));
    }
    let id = base::random::hex::<8>();
    let text = Secret::new(format!("{PREFIX}{id}_{}", base::random::token().expose()));
    let hash = SecretHash::of(&text);
    let expires = now + lifetime;
    let token = ApiToken { id, name: name.to_owned(), hash, created: now, expires, revoked: None, last_used: None };
    Ok((token, text))
}

/// Whether a use is to be written down; `written` is the last one that was.
pub(crate) fn writes_use(written: Option<OffsetDateTime>, now: OffsetDateTime) -> bool {
    written.is_none_or(|written| now - written >= USE_PRECISION)
}

/// The id in a token's text.
pub(crate) fn id_of(text: &Secret<String>) -> Option<&str> {
    let (id, _) = text.expose().strip_prefix(PREFIX)?.split_once('_')?;
    Some(id)
}

/// Whether `text` is the token that `kept` remembers, and is alive.
pub(crate) fn decide(
    text: &Secret<String>,
    kept: Option<&ApiToken>,
    now: OffsetDateTime,
) -> Result<ApiClient, ApiTokenRefusal> {
    let Some(token) = kept.filter(|token| token.hash.is_of(text)) else { return Err(ApiTokenRefusal::Unknown) };
    if let Some(at) = token.revoked {
        return Err(ApiTokenRefusal::Revoked { id: token.id.clone(), at });
    }
    if now >= token.expires {
        return Err(ApiTokenRefusal::Expired { id: token.id.clone(), at: token.expires });
    }
    Ok(ApiClient { token_id: token.id.clone(), name: token.name.clone() })
}
