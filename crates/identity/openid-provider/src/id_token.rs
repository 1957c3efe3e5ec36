//! ID tokens: signing them with the provider's key (RS256), and reading them again when they come back as a hint.

use std::sync::{Arc, Mutex, PoisonError};

use aws_lc_rs::digest;
use base::Secret;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use idp::{IdentityProvider, OidcSigningKey};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::error::OpenIdError;

const LONGEST_HINT: usize = 16 * 1024;

/// Signs; keeps the current key in the form that signing needs.
#[derive(Debug, Default)]
pub(crate) struct Signer {
    prepared: Mutex<Option<(String, Arc<Prepared>)>>,
}

struct Prepared(EncodingKey);

impl std::fmt::Debug for Prepared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Prepared(…)")
    }
}

impl Signer {
    /// A JWS with the key's id in its header.
    pub(crate) fn sign(
        &self,
        provider: &IdentityProvider,
        claims: &Map<String, Value>,
    ) -> Result<Secret<String>, OpenIdError> {
        let key = provider.oidc_signing_key().map_err(|cause| OpenIdError::Signing(cause.to_string()))?;
        let prepared = self.prepared(&key)?;
        let mut header = Header::new(Algorithm::RS256);
        header.kid = Some(key.kid);
        let token = jsonwebtoken::encode(&header, claims, &prepared.0);
        token.map(Secret::new).map_err(|cause| OpenIdError::Signing(cause.to_string()))
    }

    fn prepared(&self, key: &OidcSigningKey) -> Result<Arc<Prepared>, OpenIdError> {
        let mut kept = self.prepared.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((kid, prepared)) = kept.as_ref()
            && *kid == key.kid
        {
            return Ok(Arc::clone(prepared));
        }
        let body = Secret::new(STANDARD.encode(key.pkcs8.expose()));
        let pem = format!("-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n", body.expose());
        let read =
            EncodingKey::from_rsa_pem(pem.as_bytes()).map_err(|cause| OpenIdError::Signing(cause.to_string()))?;
        let prepared = Arc::new(Prepared(read));
        *kept = Some((key.kid.clone(), Arc::clone(&prepared)));
        Ok(prepared)
    }
}

/// What an ID token of ours said.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(crate) struct Hint {
    /// The client that it was issued to.
    pub(crate) aud: String,
    pub(crate) sub: String,
    pub(crate) sid: Option<String>,
}

/// Reads an ID token that this provider signed, expired or not (RP-Initiated Logout 1.0, 2); `None` for everything else.
pub(crate) fn read_hint(provider: &IdentityProvider, issuer: &str, token: &str) -> Option<Hint> {
    if token.len() > LONGEST_HINT {
        return None;
    }
    let kid = jsonwebtoken::decode_header(token).ok()?.kid?;
    let key = provider.oidc_keys().ok()?.into_iter().find(|key| key.kid == kid)?;
    let part = |name: &str| key.public_jwk.get(name).and_then(Value::as_str).map(str::to_owned);
    let key = DecodingKey::from_rsa_components(&part("n")?, &part("e")?).ok()?;
    let mut validation = Validation::new(Algorithm::RS256);
    validation.validate_exp = false;
    validation.validate_aud = false;
    validation.set_required_spec_claims(&["iss", "sub", "aud"]);
    validation.set_issuer(&[issuer]);
    jsonwebtoken::decode::<Hint>(token, &key, &validation).ok().map(|data| data.claims)
}

/// The left half of the access token's SHA-256 (OpenID Connect Core 3.1.3.6).
pub(crate) fn at_hash(access: &Secret<String>) -> String {
    let digest = digest::digest(&digest::SHA256, access.expose().as_bytes());
    URL_SAFE_NO_PAD.encode(digest.as_ref().iter().take(16).copied().collect::<Vec<u8>>())
}
