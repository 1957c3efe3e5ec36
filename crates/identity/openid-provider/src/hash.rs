//! What is kept of a credential.

use std::fmt;

use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::digest;

/// SHA-256 of a credential. Ours have 256 random bits, so that a fast hash is enough (no salt, no stretching). A user code has
/// fewer: what protects it is that it lives ten minutes and that attempts are counted.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CredentialHash([u8; 32]);

impl CredentialHash {
    #[must_use]
    pub fn of(credential: &str) -> Self {
        let digest = digest::digest(&digest::SHA256, credential.as_bytes());
        let mut hash = [0_u8; 32];
        for (target, source) in hash.iter_mut().zip(digest.as_ref()) {
            *target = *source;
        }
        Self(hash)
    }

    /// 64 lower-case hex digits, for the store.
    #[must_use]
    pub fn to_hex(&self) -> String {
        hex::encode(self.0)
    }

    /// Reads what [`Self::to_hex`] wrote; `None` for anything else.
    #[must_use]
    pub fn from_hex(text: &str) -> Option<Self> {
        let mut hash = [0_u8; 32];
        hex::decode_to_slice(text, &mut hash).ok()?;
        Some(Self(hash))
    }

    /// Compares in constant time.
    #[must_use]
    pub fn matches(&self, other: &Self) -> bool {
        verify_slices_are_equal(&self.0, &other.0).is_ok()
    }

    pub(crate) const fn bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Debug for CredentialHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CredentialHash(…)")
    }
}
