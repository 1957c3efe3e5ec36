//! Recovery codes: what lets somebody in who lost their device. Ten, each used once.
//!
//! A code has 50 bits, which a fast hash doesn't protect, and a key of the data directory would be stolen with the database beside
//! it. So they are hashed like passwords, with argon2id; one salt for the set, so that an attempt costs one hash and not ten.

#[cfg(test)]
mod tests;

use std::fmt;

use argon2::{Algorithm, Argon2, Params, Version};
use base::{ErrorKind, Fault, PublicMessage, Secret};
use serde::{Deserialize, Serialize};
use subtle::ConstantTimeEq as _;

/// OWASP's minimum for argon2id: 19 MiB, two passes, one lane. As the directory's passwords.
const MEMORY_KIB: u32 = 19_456;
const PASSES: u32 = 2;
const LANES: u32 = 1;

const CODES: usize = 10;
const LETTERS: usize = 10;
const GROUP: usize = 5;
const HASH_BYTES: usize = 32;
const SALT_BYTES: usize = 16;
/// Crockford's base32: no I, L, O and U. Who reads an O or an l types it, and it is taken for what it looks like.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// A fresh set.
#[derive(Debug, Clone)]
pub struct NewRecoveryCodes {
    /// `XXXXX-XXXXX`, ten times: to be shown once and forgotten.
    pub codes: Vec<Secret<String>>,
    pub stored: StoredRecoveryCodes,
}

/// What is kept of a set: a salt, and the hashes of the codes that weren't used yet.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredRecoveryCodes {
    /// Hex.
    salt: String,
    /// Hex.
    hashes: Vec<String>,
}

/// Why a recovery code doesn't count.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RecoveryRefusal {
    #[error("not a recovery code of {LETTERS} letters and digits")]
    Malformed,
    /// Never made, used, or of an older set.
    #[error("no such recovery code")]
    Wrong,
    #[error("all recovery codes were used")]
    NoneLeft,
    #[error("recovery codes have a defect: {0}")]
    Internal(String),
}

impl Fault for RecoveryRefusal {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::Malformed => ErrorKind::InvalidInput,
            Self::Wrong | Self::NoneLeft => ErrorKind::Denied,
            Self::Internal(_) => ErrorKind::Internal,
        }
    }

    fn public(&self) -> PublicMessage {
        match self {
            Self::Malformed => PublicMessage::new("A recovery code has two groups of five letters and digits.")
                .with_hint("Type one of the codes that you were shown when you enrolled."),
            Self::Wrong => PublicMessage::new("This recovery code isn't valid.").with_hint(
                "Each code works once, and new codes replace all older ones. Try the next one of your newest list.",
            ),
            Self::NoneLeft => PublicMessage::new("All your recovery codes were used.")
                .with_hint("Use another way to sign in, or ask your administrator to reset your second factors."),
            Self::Internal(_) => PublicMessage::new("Recovery codes can't be checked at the moment.")
                .with_hint("The server's log has the cause."),
        }
    }
}

impl StoredRecoveryCodes {
    /// Codes that weren't used yet.
    #[must_use]
    pub fn remaining(&self) -> usize {
        self.hashes.len()
    }
}

impl fmt::Debug for StoredRecoveryCodes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StoredRecoveryCodes").field("remaining", &self.remaining()).finish_non_exhaustive()
    }
}

/// Ten fresh codes. Computes ten argon2id hashes of 19 MiB, one after the other: not for an async thread.
///
/// # Errors
/// `Internal`.
pub fn generate_recovery_codes() -> Result<NewRecoveryCodes, RecoveryRefusal> {
    let salt = base::random::hex::<SALT_BYTES>();
    let mut new = NewRecoveryCodes { codes: Vec::new(), stored: StoredRecoveryCodes { salt, hashes: Vec::new() } };
    while new.codes.len() < CODES {
        let letters = Secret::new(random_letters());
        new.stored.hashes.push(hex::encode(hash(&letters, &new.stored.salt)?));
        new.codes.push(grouped(&letters));
    }
    Ok(new)
}

/// Spends a code: answers what is left to be kept, in place of `stored` and by compare-and-set, so that of two requests with one
/// code only one wins. Case, blanks and hyphens don't matter. Computes one argon2id hash of 19 MiB: not for an async thread, and
/// behind a limit of attempts.
///
/// # Errors
/// `Malformed`, `NoneLeft`, `Wrong`.
pub fn use_recovery_code(
    code: &Secret<String>,
    stored: &StoredRecoveryCodes,
) -> Result<StoredRecoveryCodes, RecoveryRefusal> {
    let letters = normal(code)?;
    if stored.hashes.is_empty() {
        return Err(RecoveryRefusal::NoneLeft);
    }
    let hash = hex::encode(hash(&letters, &stored.salt)?);
    let mut place = None;
    for (index, kept) in stored.hashes.iter().enumerate() {
        if bool::from(kept.as_bytes().ct_eq(hash.as_bytes())) {
            place = Some(index);
        }
    }
    let place = place.ok_or(RecoveryRefusal::Wrong)?;
    let mut left = stored.clone();
    left.hashes.remove(place);
    Ok(left)
}

fn random_letters() -> String {
    let letter = |byte: u8| ALPHABET.get(usize::from(byte % 32)).map(|letter| char::from(*letter));
    base::random::bytes::<LETTERS>().into_iter().filter_map(letter).collect()
}

fn grouped(letters: &Secret<String>) -> Secret<String> {
    let mut text = String::new();
    for (place, letter) in letters.expose().chars().enumerate() {
        if place == GROUP {
            text.push('-');
        }
        text.push(letter);
    }
    Secret::new(text)
}

/// The letters of a code as they were generated, whatever way they were typed.
fn normal(code: &Secret<String>) -> Result<Secret<String>, RecoveryRefusal> {
    let typed = code.expose().chars().filter(|character| !character.is_whitespace() && *character != '-');
    let alike = |character: char| match character.to_ascii_uppercase() {
        'O' => '0',
        'I' | 'L' => '1',
        other => other,
    };
    let letters: String = typed.map(alike).take(LETTERS + 1).collect();
    let whole = letters.len() == LETTERS && letters.bytes().all(|letter| ALPHABET.contains(&letter));
    if whole { Ok(Secret::new(letters)) } else { Err(RecoveryRefusal::Malformed) }
}

fn hash(letters: &Secret<String>, salt: &str) -> Result<[u8; HASH_BYTES], RecoveryRefusal> {
    let params = Params::new(MEMORY_KIB, PASSES, LANES, Some(HASH_BYTES)).map_err(internal)?;
    let mut hash = [0; HASH_BYTES];
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
        .hash_password_into(letters.expose().as_bytes(), salt.as_bytes(), &mut hash)
        .map_err(internal)?;
    Ok(hash)
}

fn internal(error: impl fmt::Display) -> RecoveryRefusal {
    RecoveryRefusal::Internal(error.to_string())
}
