//! The signature itself: key derivation, string to sign, and signing a request of one's own.

use std::fmt;

use base::Secret;
use time::OffsetDateTime;

use crate::hash::{hmac_sha256, sha256_hex};
use crate::{ALGORITHM, Request, Scope, SigV4Error, TERMINATOR, canonical, timestamp};

/// The key derived from a secret for one day, region and service.
#[derive(Clone)]
pub struct SigningKey(Secret<Vec<u8>>);

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SigningKey(…)")
    }
}

impl SigningKey {
    #[must_use]
    pub fn derive(secret: &Secret<String>, scope: &Scope) -> Self {
        let seed = format!("AWS4{}", secret.expose());
        let key = hmac_sha256(seed.as_bytes(), scope.date.as_bytes());
        let key = hmac_sha256(&key, scope.region.as_bytes());
        let key = hmac_sha256(&key, scope.service.as_bytes());
        Self(Secret::new(hmac_sha256(&key, scope.terminator.as_bytes())))
    }

    /// The signature of a string to sign, in lower-case hex. It is a credential until compared.
    #[must_use]
    pub fn sign(&self, string_to_sign: &str) -> Secret<String> {
        Secret::new(hex::encode(hmac_sha256(self.0.expose(), string_to_sign.as_bytes())))
    }
}

pub(crate) fn string_to_sign(timestamp: &str, scope: &Scope, canonical_request: &str) -> String {
    format!("{ALGORITHM}\n{timestamp}\n{}\n{}", scope.text(), sha256_hex(canonical_request.as_bytes()))
}

/// The two headers that a signed request must carry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signature {
    pub x_amz_date: String,
    pub authorization: String,
}

/// Signs `request` with every header that it has (`host` must be among them; `X-Amz-Date` is added).
///
/// # Errors
/// [`SigV4Error::Incomplete`] where `request` has no `host`.
pub fn sign(
    request: &Request<'_>,
    access_key_id: &str,
    secret: &Secret<String>,
    (region, service): (&str, &str),
    at: OffsetDateTime,
) -> Result<Signature, SigV4Error> {
    let x_amz_date = timestamp::format(at);
    let scope = Scope {
        date: x_amz_date.chars().take(8).collect(),
        region: region.to_owned(),
        service: service.to_owned(),
        terminator: TERMINATOR.to_owned(),
    };
    let mut headers = request.headers.to_vec();
    headers.push(("x-amz-date", &x_amz_date));
    let mut names: Vec<String> = headers.iter().map(|(name, _)| name.to_ascii_lowercase()).collect();
    names.sort();
    names.dedup();
    if !names.iter().any(|name| name == "host") {
        return Err(SigV4Error::Incomplete("A request can't be signed without its 'host' header.".to_owned()));
    }
    let request = Request { headers: &headers, ..*request };
    let canonical = canonical::request(&request, &names, &sha256_hex(request.body), None)?;
    let signature = SigningKey::derive(secret, &scope).sign(&string_to_sign(&x_amz_date, &scope, &canonical));
    let authorization = format!(
        "{ALGORITHM} Credential={access_key_id}/{}, SignedHeaders={}, Signature={}",
        scope.text(),
        names.join(";"),
        signature.expose()
    );
    Ok(Signature { x_amz_date, authorization })
}
