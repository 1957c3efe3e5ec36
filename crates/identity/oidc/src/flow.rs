//! A sign-in that has begun: what must come back with it.

use std::fmt;

use aws_lc_rs::digest;
use base::Secret;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use url::Url;

use crate::{Discovery, OidcError, Provider};

/// Where the browser goes, and what is kept of the sign-in until it comes back.
#[derive(Debug, Clone)]
pub struct Begun {
    pub location: String,
    pub flow: Flow,
}

/// What the browser carries for us, sealed: nobody may read it or write it, and it counts once.
#[derive(Clone, Serialize, Deserialize)]
pub struct Flow {
    pub(crate) issuer: String,
    state: String,
    pub(crate) nonce: String,
    code_verifier: String,
    /// Seconds since 1970.
    pub(crate) started: i64,
    /// Seconds; as it was asked for.
    pub(crate) max_age: Option<i64>,
}

impl fmt::Debug for Flow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Flow").field("issuer", &self.issuer).finish_non_exhaustive()
    }
}

impl Flow {
    fn new(provider: &Provider, now: OffsetDateTime) -> Self {
        Self {
            issuer: provider.issuer.clone(),
            state: base::random::token().into_exposed(),
            nonce: base::random::token().into_exposed(),
            code_verifier: base::random::token().into_exposed(),
            started: now.unix_timestamp(),
            max_age: provider.max_age.map(|age| age.whole_seconds().max(0)),
        }
    }

    /// The parameter `state`: 43 characters of base64url.
    #[must_use]
    pub fn state(&self) -> &str {
        &self.state
    }

    pub(crate) fn has_state(&self, candidate: &str) -> bool {
        Secret::new(self.state.as_str()).matches(candidate.as_bytes())
    }

    pub(crate) fn has_nonce(&self, candidate: &str) -> bool {
        Secret::new(self.nonce.as_str()).matches(candidate.as_bytes())
    }

    pub(crate) fn code_verifier(&self) -> &str {
        &self.code_verifier
    }

    /// S256 (RFC 7636 4.2).
    fn code_challenge(&self) -> String {
        URL_SAFE_NO_PAD.encode(digest::digest(&digest::SHA256, self.code_verifier.as_bytes()))
    }
}

/// The authentication request (OpenID Connect Core 3.1.2.1).
pub(crate) fn begin(
    provider: &Provider,
    discovery: &Discovery,
    redirect_uri: &str,
    login_hint: Option<&str>,
    now: OffsetDateTime,
) -> Result<Begun, OidcError> {
    let flow = Flow::new(provider, now);
    let mut location = Url::parse(discovery.authorization_endpoint()).map_err(|error| OidcError::BadEndpoint {
        member: "authorization_endpoint",
        address: discovery.authorization_endpoint().to_owned(),
        problem: error.to_string(),
    })?;
    let mut query = location.query_pairs_mut();
    query
        .append_pair("response_type", "code")
        .append_pair("client_id", &provider.client_id)
        .append_pair("redirect_uri", redirect_uri)
        .append_pair("scope", &provider.scope())
        .append_pair("state", &flow.state)
        .append_pair("nonce", &flow.nonce)
        .append_pair("code_challenge", &flow.code_challenge())
        .append_pair("code_challenge_method", "S256");
    if let Some(hint) = login_hint {
        query.append_pair("login_hint", hint);
    }
    if let Some(age) = flow.max_age {
        query.append_pair("max_age", &age.to_string());
    }
    drop(query);
    Ok(Begun { location: location.into(), flow })
}
