//! Unpredictable bytes, for ids that are credentials and for salts.

use aws_lc_rs::rand;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::Secret;

/// `N` bytes from the operating system's generator.
///
/// # Panics
/// Never in practice: aws-lc aborts the process itself when the system has no entropy, and a server must not go on without it.
#[must_use]
#[expect(clippy::expect_used, reason = "a server without entropy must not hand out credentials")]
pub fn bytes<const N: usize>() -> [u8; N] {
    let mut out = [0_u8; N];
    rand::fill(&mut out).expect("the system random number generator failed");
    out
}

/// A 256-bit credential, URL-safe without padding (43 characters).
#[must_use]
pub fn token() -> Secret<String> {
    Secret::new(URL_SAFE_NO_PAD.encode(bytes::<32>()))
}

/// Whether `text` looks like a [`token`], or like any other 32 bytes in base64url without padding.
#[must_use]
pub fn is_token(text: &str) -> bool {
    text.len() == 43 && text.bytes().all(is_base64url)
}

/// A letter of base64url (RFC 4648 5).
#[must_use]
pub const fn is_base64url(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_'
}

/// `N` random bytes in lower-case hex (`2 * N` characters). For ids, not for credentials shorter than 16 bytes.
#[must_use]
pub fn hex<const N: usize>() -> String {
    ::hex::encode(bytes::<N>())
}

/// `length` characters of `A-Z0-9`, as in AWS access key ids and resource ids.
#[must_use]
pub fn upper_alphanumeric(length: usize) -> String {
    const ALPHABET: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let mut out = String::with_capacity(length);
    while out.len() < length {
        for byte in bytes::<16>() {
            if out.len() < length
                && let Some(letter) = ALPHABET.get(usize::from(byte % 32))
            {
                out.push(char::from(*letter));
            }
        }
    }
    out
}
