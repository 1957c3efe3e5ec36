//! Proof key for code exchange, S256 only (RFC 7636).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::random::{is_base64url, is_token};
use crate::{Secret, SecretHash};

/// Whether `challenge` can be an S256 challenge: 43 characters of base64url without padding.
#[must_use]
pub fn is_challenge(challenge: &str) -> bool {
    is_token(challenge)
}

/// Whether `verifier` has the form of RFC 7636 4.1: 43 to 128 unreserved characters.
#[must_use]
pub fn is_verifier(verifier: &Secret<String>) -> bool {
    let text = verifier.expose();
    (43..=128).contains(&text.len()) && text.bytes().all(|byte| is_base64url(byte) || byte == b'.' || byte == b'~')
}

/// The S256 challenge of a verifier: `BASE64URL(SHA256(verifier))` (RFC 7636 4.2).
#[must_use]
pub fn challenge_of(verifier: &Secret<String>) -> String {
    URL_SAFE_NO_PAD.encode(SecretHash::of(verifier).bytes())
}

/// Whether this verifier made this challenge (RFC 7636 4.6), in constant time.
#[must_use]
pub fn verifies(verifier: &Secret<String>, challenge: &str) -> bool {
    is_verifier(verifier) && Secret::new(challenge_of(verifier)).matches(challenge.as_bytes())
}

#[cfg(test)]
mod tests;
