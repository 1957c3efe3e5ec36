//! What is kept of credentials of 256 random bits: their SHA-256. Stretching adds nothing to what can't be guessed.

use std::fmt;

use aws_lc_rs::digest;
use base::Secret;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use subtle::ConstantTimeEq as _;

/// SHA-256 of a session's cookie, a client secret or an API token.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SecretHash([u8; 32]);

impl SecretHash {
    #[must_use]
    pub fn of(secret: &Secret<String>) -> Self {
        let mut hash = [0_u8; 32];
        hash.copy_from_slice(digest::digest(&digest::SHA256, secret.expose().as_bytes()).as_ref());
        Self(hash)
    }

    /// Compares without telling by its duration where the first difference is.
    #[must_use]
    pub fn is_of(&self, secret: &Secret<String>) -> bool {
        self.0.ct_eq(&Self::of(secret).0).into()
    }

    /// As it is stored: 64 lower-case hex digits.
    #[must_use]
    pub fn to_hex(&self) -> String {
        hex::encode(self.0)
    }

    /// Reads [`Self::to_hex`].
    #[must_use]
    pub fn from_hex(text: &str) -> Option<Self> {
        let mut hash = [0_u8; 32];
        hex::decode_to_slice(text, &mut hash).ok()?;
        Some(Self(hash))
    }
}

impl fmt::Debug for SecretHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretHash(…)")
    }
}

impl Serialize for SecretHash {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.to_hex())
    }
}

impl<'de> Deserialize<'de> for SecretHash {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::from_hex(&text).ok_or_else(|| serde::de::Error::custom("not a SHA-256 in hex"))
    }
}
