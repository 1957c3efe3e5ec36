//! What is kept of a password, and the checks of the three ways in which a client proves that it knows it
//! (wire codes 13, 5 and 3; drivers.md 6).

use aws_lc_rs::digest;
use base::Secret;
use md5::{Digest as _, Md5};

use crate::error::{CatalogError, CatalogState};

/// What is kept instead of a password. Never printed; compared in constant time.
#[derive(Debug, Clone)]
pub enum PasswordVerifier {
    /// `md5(password || user name)` in 32 lower-case hex digits.
    Md5(Secret<String>),
    /// `digest` = SHA-256(password || salt), 32 bytes.
    Sha256 { digest: Secret<Vec<u8>>, salt: Vec<u8> },
}

impl PartialEq for PasswordVerifier {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Md5(mine), Self::Md5(theirs)) => mine.matches(theirs.expose().as_bytes()),
            (Self::Sha256 { digest: mine, salt }, Self::Sha256 { digest: theirs, salt: their_salt }) => {
                salt == their_salt && mine.matches(theirs.expose())
            }
            (Self::Md5(_), Self::Sha256 { .. }) | (Self::Sha256 { .. }, Self::Md5(_)) => false,
        }
    }
}

impl PasswordVerifier {
    /// The verifier of a clear-text password, with a random `salt` (32 bytes).
    #[must_use]
    pub fn from_clear(password: &Secret<String>, salt: [u8; 32]) -> Self {
        let digest = sha256(&[password.expose().as_bytes(), &salt]);
        Self::Sha256 { digest: Secret::new(digest), salt: salt.to_vec() }
    }

    /// As [`Self::from_clear`], as md5 keeps it: salted by the user's name. For code 5, where nothing is kept.
    #[must_use]
    pub fn md5_of_clear(password: &Secret<String>, user_name: &str) -> Self {
        Self::Md5(Secret::new(md5_hex(&[password.expose().as_bytes(), user_name.as_bytes()])))
    }

    /// The `PASSWORD '…'` of CREATE USER and ALTER USER: clear text (8 to 64 characters with an upper-case letter, a
    /// lower-case letter and a digit), `md5` and 32 hex digits, `sha256|clear`, or `sha256|digest|salt` (64 hex digits each).
    ///
    /// # Errors
    /// 22023 where the text is none of these.
    pub fn from_clause(clause: &Secret<String>, salt: [u8; 32]) -> Result<Self, CatalogError> {
        let text = clause.expose();
        if let Some(hash) = text.strip_prefix("md5")
            && hash.len() == 32
            && hash.bytes().all(|byte| byte.is_ascii_hexdigit())
        {
            return Ok(Self::Md5(Secret::new(hash.to_ascii_lowercase())));
        }
        let Some(rest) = text.strip_prefix("sha256|") else {
            check_rules(text)?;
            return Ok(Self::from_clear(clause, salt));
        };
        match rest.split_once('|') {
            None => {
                check_rules(rest)?;
                Ok(Self::from_clear(&Secret::new(rest.to_owned()), salt))
            }
            Some((digest, salt)) => match (hex::decode(digest), hex::decode(salt)) {
                (Ok(digest), Ok(salt)) if digest.len() == 32 && salt.len() == 32 => {
                    Ok(Self::Sha256 { digest: Secret::new(digest), salt })
                }
                (Ok(_) | Err(_), Ok(_) | Err(_)) => {
                    Err(CatalogError::new(CatalogState::InvalidParameter, "the password is not a valid sha256 hash")
                        .hint("Write 'sha256|digest|salt' with 64 hexadecimal digits each, or 'sha256|password'."))
                }
            },
        }
    }

    /// The answer to code 13: `digest` = SHA-256(SHA-256(password || salt) || server nonce || client nonce). A verifier
    /// that is kept as md5 can't check it.
    #[must_use]
    pub fn check_digest(&self, server_nonce: &[u8], client_nonce: &[u8], digest: &[u8]) -> bool {
        match self {
            Self::Md5(_) => false,
            Self::Sha256 { digest: inner, salt: _ } => {
                Secret::new(sha256(&[inner.expose(), server_nonce, client_nonce])).matches(digest)
            }
        }
    }

    /// The answer to code 5: `md5` and hex(md5(hex(md5(password || user)) || salt)). A verifier that is kept as sha256
    /// can't check it.
    #[must_use]
    pub fn check_md5(&self, salt: [u8; 4], answer: &Secret<String>) -> bool {
        match self {
            Self::Md5(inner) => {
                let expected = format!("md5{}", md5_hex(&[inner.expose().as_bytes(), &salt]));
                Secret::new(expected).matches(answer.expose().as_bytes())
            }
            Self::Sha256 { .. } => false,
        }
    }

    /// The answer to code 3, the password itself. `user_name` salts the md5 form.
    #[must_use]
    pub fn check_clear(&self, user_name: &str, password: &Secret<String>) -> bool {
        let password = password.expose().as_bytes();
        match self {
            Self::Md5(inner) => inner.matches(md5_hex(&[password, user_name.as_bytes()]).as_bytes()),
            Self::Sha256 { digest, salt } => digest.matches(&sha256(&[password, salt])),
        }
    }
}

fn sha256(parts: &[&[u8]]) -> Vec<u8> {
    let mut context = digest::Context::new(&digest::SHA256);
    for part in parts {
        context.update(part);
    }
    context.finish().as_ref().to_vec()
}

fn md5_hex(parts: &[&[u8]]) -> String {
    let mut hasher = Md5::new();
    for part in parts {
        hasher.update(part);
    }
    hex::encode(hasher.finalize())
}

/// `@` is allowed: AWS's own examples use it against their rule.
fn check_rules(password: &str) -> Result<(), CatalogError> {
    let refuse = |what: &str| {
        Err(CatalogError::new(CatalogState::InvalidParameter, format!("password must {what}")).hint(
            "A password has 8 to 64 characters, at least one upper-case letter, one lower-case letter and one digit, and no \
             space, quote, slash or backslash.",
        ))
    };
    match password.chars().count() {
        0..8 => return refuse("contain at least 8 characters"),
        8..=64 => {}
        65.. => return refuse("contain at most 64 characters"),
    }
    if !password.bytes().any(|byte| byte.is_ascii_uppercase()) {
        return refuse("contain an upper-case letter");
    }
    if !password.bytes().any(|byte| byte.is_ascii_lowercase()) {
        return refuse("contain a lower-case letter");
    }
    if !password.bytes().any(|byte| byte.is_ascii_digit()) {
        return refuse("contain a digit");
    }
    if !password.bytes().all(|byte| byte.is_ascii_graphic() && !b"'\"\\/".contains(&byte)) {
        return refuse("contain only ASCII characters from 33 to 126, without ' \" \\ and /");
    }
    Ok(())
}

#[cfg(test)]
mod tests;
