//! The bearer tokens of provisioning clients: shown once, kept as a hash, at most two alive.

use aws_lc_rs::digest;
use base::{ErrorKind, Fault, PublicMessage, Secret};
use time::{Duration, OffsetDateTime};

use crate::error::DirectoryError;

/// So many tokens may be alive: the one in use, and the one that replaces it.
const LIVE: usize = 2;
const LONGEST_LIFETIME: Duration = Duration::days(366);
const PREFIX: &str = "gh_scim_";

/// What is kept of a token.
#[derive(Debug, Clone)]
pub struct ScimToken {
    /// Part of the token's text; not a secret.
    pub id: String,
    /// SHA-256 of the whole text, lower-case hex.
    pub hash: Secret<String>,
    pub created: OffsetDateTime,
    pub expires: OffsetDateTime,
    pub revoked: Option<OffsetDateTime>,
    /// To the minute at best: not every request is a write.
    pub last_used: Option<OffsetDateTime>,
}

impl ScimToken {
    /// Neither revoked nor expired.
    #[must_use]
    pub fn is_live(&self, now: OffsetDateTime) -> bool {
        self.revoked.is_none() && now < self.expires
    }
}

/// A provisioning client whose token was verified. Made only by [`crate::Directory::verify_scim_token`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScimClient {
    token_id: String,
}

impl ScimClient {
    #[must_use]
    pub fn token_id(&self) -> &str {
        &self.token_id
    }
}

/// Why a token isn't accepted. The client is told the same for each.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ScimTokenRefusal {
    #[error("it isn't a SCIM token of Gatehouse")]
    Malformed,
    #[error("no such SCIM token")]
    Unknown,
    #[error("SCIM token {id} expired at {at}")]
    Expired { id: String, at: OffsetDateTime },
    #[error("SCIM token {id} was deleted at {at}")]
    Revoked { id: String, at: OffsetDateTime },
}

impl Fault for ScimTokenRefusal {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::Malformed | Self::Unknown | Self::Expired { .. } | Self::Revoked { .. } => ErrorKind::Unauthenticated,
        }
    }

    fn public(&self) -> PublicMessage {
        PublicMessage::new("The SCIM bearer token is not valid or no longer valid.")
            .with_hint("Generate a new token in Gatehouse and enter it in the identity provider.")
    }
}

fn sha256(text: &str) -> String {
    hex::encode(digest::digest(&digest::SHA256, text.as_bytes()))
}

/// A fresh token: what is kept of it, and its text.
pub(crate) fn generate(
    live: &[&ScimToken],
    lifetime: Duration,
    now: OffsetDateTime,
) -> Result<(ScimToken, Secret<String>), DirectoryError> {
    if live.len() >= LIVE {
        let mut live = live.to_vec();
        live.sort_by_key(|token| (token.last_used, token.created));
        return Err(DirectoryError::TooManyScimTokens { live: live.iter().map(|token| token.id.clone()).collect() });
    }
    if lifetime <= Duration::ZERO || lifetime > LONGEST_LIFETIME {
        return Err(DirectoryError::Invalid {
            attribute: "lifetime",
            rule: format!("It must be more than nothing and at most {} days.", LONGEST_LIFETIME.whole_days()),
        });
    }
    let id = base::random::hex::<8>();
    let text = format!("{PREFIX}{id}_{}", base::random::token().expose());
    let hash = Secret::new(sha256(&text));
    let token = ScimToken { id, hash, created: now, expires: now + lifetime, revoked: None, last_used: None };
    Ok((token, Secret::new(text)))
}

/// How stale the stored time of last use may be: one write per token and minute at most.
const USE_PRECISION: Duration = Duration::MINUTE;

/// Whether a use of the token is to be written down; `written` is the last one that was, or is about to be.
pub(crate) fn writes_use(written: Option<OffsetDateTime>, now: OffsetDateTime) -> bool {
    written.is_none_or(|written| now - written >= USE_PRECISION)
}

/// The id in a token's text.
pub(crate) fn id_of(text: &Secret<String>) -> Option<&str> {
    let (id, _) = text.expose().strip_prefix(PREFIX)?.split_once('_')?;
    Some(id)
}

/// Whether `text` is the token that `kept` remembers, and is alive. An unknown one is compared too.
pub(crate) fn decide(
    text: &Secret<String>,
    kept: Option<&ScimToken>,
    now: OffsetDateTime,
) -> Result<ScimClient, ScimTokenRefusal> {
    let presented = sha256(text.expose());
    let none = Secret::new(String::new());
    let matches = kept.map_or(&none, |token| &token.hash).matches(presented.as_bytes());
    let Some(token) = kept.filter(|_| matches) else { return Err(ScimTokenRefusal::Unknown) };
    if let Some(at) = token.revoked {
        return Err(ScimTokenRefusal::Revoked { id: token.id.clone(), at });
    }
    if now >= token.expires {
        return Err(ScimTokenRefusal::Expired { id: token.id.clone(), at: token.expires });
    }
    Ok(ScimClient { token_id: token.id.clone() })
}
