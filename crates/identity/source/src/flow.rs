//! A sign-in in flight: what the browser carries, sealed, from the beginning to the provider's answer.

#[cfg(test)]
mod tests;

use base::id::SourceId;
use base::{Sealer, Secret};
use serde::{Deserialize, Serialize};
use time::{Duration, OffsetDateTime};

use crate::denial::SignInDenial;
use crate::error::SourceError;
use crate::model::IdentitySource;

/// So long may somebody take at the provider.
pub const FLOW_LIFETIME: Duration = Duration::minutes(10);
/// A flow that ends later than this was begun by another clock.
const LATEST_END: Duration = Duration::minutes(11);
/// A browser keeps 4096 bytes for name, value and attributes.
const LONGEST_SEALED: usize = 3800;
const PURPOSE: &str = "source flow";

/// What was asked for, where, and for which page.
#[derive(Serialize, Deserialize)]
pub(crate) struct Flow {
    source: String,
    /// Which provider was asked: the source may be another one when the answer comes.
    provider: String,
    /// RelayState (SAML) or state (OpenID Connect).
    pub(crate) key: String,
    pub(crate) continue_to: Option<String>,
    begun: i64,
    expires: i64,
    pub(crate) kind: FlowKind,
}

#[derive(Serialize, Deserialize)]
pub(crate) enum FlowKind {
    Saml { request: String },
    Oidc(oidc::Flow),
}

impl Flow {
    pub(crate) fn new(
        source: &IdentitySource,
        key: String,
        kind: FlowKind,
        continue_to: Option<&str>,
        now: OffsetDateTime,
    ) -> Self {
        Self {
            source: source.id.to_string(),
            provider: source.kind.provider(),
            key,
            continue_to: continue_to.map(str::to_owned),
            begun: now.unix_timestamp(),
            expires: (now + FLOW_LIFETIME).unix_timestamp(),
            kind,
        }
    }

    pub(crate) fn begun(&self) -> OffsetDateTime {
        OffsetDateTime::from_unix_timestamp(self.begun).unwrap_or(OffsetDateTime::UNIX_EPOCH)
    }

    pub(crate) fn expires(&self) -> OffsetDateTime {
        OffsetDateTime::from_unix_timestamp(self.expires).unwrap_or(OffsetDateTime::UNIX_EPOCH)
    }

    pub(crate) fn seal(&self, sealer: &Sealer) -> Result<Secret<String>, SourceError> {
        let plain = serde_json::to_vec(self).map_err(|error| SourceError::Internal(error.to_string()))?;
        let sealed = sealer.seal_text(PURPOSE, &plain).map_err(|error| SourceError::Internal(error.to_string()))?;
        if sealed.len() > LONGEST_SEALED {
            return Err(SourceError::Invalid {
                parameter: "continue",
                rule: "The address to return to is too long to be kept in a cookie. Open the page again.".to_owned(),
            });
        }
        Ok(Secret::new(sealed))
    }

    /// `None` for what we didn't seal.
    pub(crate) fn open(sealer: &Sealer, sealed: &Secret<String>) -> Option<Self> {
        serde_json::from_slice(sealer.open_text(PURPOSE, sealed.expose())?.expose()).ok()
    }
}

/// What may be the key of a flow: the end of its cookie's name. `None` for everything that no flow of ours is called.
#[must_use]
pub fn flow_key(text: &str) -> Option<&str> {
    let is_ours = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    ((16..=64).contains(&text.len()) && text.bytes().all(is_ours)).then_some(text)
}

/// Whether an answer belongs to the flow that this browser carries.
pub(crate) fn decide(
    flow: &Flow,
    id: &SourceId,
    provider: &str,
    key: Option<&str>,
    now: OffsetDateTime,
) -> Result<(), SignInDenial> {
    if flow.source != id.as_str() || key != Some(flow.key.as_str()) {
        return Err(SignInDenial::FlowOfAnotherBrowser);
    }
    if flow.provider != provider {
        return Err(SignInDenial::SourceChanged);
    }
    let left = flow.expires() - now;
    if left <= Duration::ZERO || left > LATEST_END {
        return Err(SignInDenial::FlowExpired { seconds: (now - flow.begun()).whole_seconds() });
    }
    Ok(())
}
