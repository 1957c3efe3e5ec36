//! Encryption at rest, and of what a browser carries for us: AES-256-GCM with a key of the data directory.

#[cfg(test)]
mod tests;

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::Secret;

/// Seals and opens bytes. What was sealed for one purpose doesn't open for another.
#[derive(Debug)]
pub struct Sealer {
    key: LessSafeKey,
}

/// A key isn't 32 bytes long.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a sealing key has {length} bytes instead of 32")]
pub struct BadSealingKey {
    pub length: usize,
}

/// The sealing itself failed: nothing was sealed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("sealing failed")]
pub struct SealFailed;

impl Sealer {
    /// # Errors
    /// [`BadSealingKey`] unless the key has 32 bytes.
    pub fn new(key: &Secret<Vec<u8>>) -> Result<Self, BadSealingKey> {
        let unbound = UnboundKey::new(&AES_256_GCM, key.expose());
        let key = unbound.map_err(|_| BadSealingKey { length: key.expose().len() })?;
        Ok(Self { key: LessSafeKey::new(key) })
    }

    /// Nonce, ciphertext and tag. The nonce is random: fine up to 2^32 uses of the key (NIST SP 800-38D 8.3).
    ///
    /// # Errors
    /// [`SealFailed`]; never with inputs of a sane size.
    pub fn seal(&self, purpose: &str, plain: &[u8]) -> Result<Vec<u8>, SealFailed> {
        let nonce = crate::random::bytes::<NONCE_LEN>();
        let mut text = plain.to_vec();
        self.key
            .seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::from(purpose.as_bytes()), &mut text)
            .map_err(|_| SealFailed)?;
        Ok([nonce.as_slice(), text.as_slice()].concat())
    }

    /// What was sealed for this purpose with this key; `None` for everything else.
    #[must_use]
    pub fn open(&self, purpose: &str, sealed: &[u8]) -> Option<Secret<Vec<u8>>> {
        let (nonce, text) = sealed.split_first_chunk::<NONCE_LEN>()?;
        let mut text = text.to_vec();
        let nonce = Nonce::assume_unique_for_key(*nonce);
        let plain = self.key.open_in_place(nonce, Aad::from(purpose.as_bytes()), &mut text).ok()?;
        Some(Secret::new(plain.to_vec()))
    }

    /// [`Self::seal`] as base64url without padding, for cookies and text columns.
    ///
    /// # Errors
    /// As [`Self::seal`].
    pub fn seal_text(&self, purpose: &str, plain: &[u8]) -> Result<String, SealFailed> {
        Ok(URL_SAFE_NO_PAD.encode(self.seal(purpose, plain)?))
    }

    /// [`Self::open`] of what [`Self::seal_text`] made.
    #[must_use]
    pub fn open_text(&self, purpose: &str, sealed: &str) -> Option<Secret<Vec<u8>>> {
        self.open(purpose, &URL_SAFE_NO_PAD.decode(sealed).ok()?)
    }
}
