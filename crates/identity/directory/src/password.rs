//! Passwords: argon2id, a bounded number at a time, and the same work whether the account exists or not.

use std::sync::Arc;

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher as _, PasswordVerifier as _};
use argon2::{Algorithm, Argon2, Params, Version};
use base::Secret;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::error::DirectoryError;

/// OWASP's minimum for argon2id: 19 MiB, two passes, one lane.
const MEMORY_KIB: u32 = 19_456;
const PASSES: u32 = 2;
const LANES: u32 = 1;

/// Accepted lengths in bytes. Below 8 NIST SP 800-63B-4 accepts none; above 1024 it is no password.
const SHORTEST: usize = 8;
const LONGEST: usize = 1024;

/// So many hashes are computed at once (19 MiB and one core each) ...
const AT_ONCE: usize = 2;
/// ... and so many may wait or be computed; more are refused at once.
const IN_QUEUE: usize = 64;

/// Letters and digits that can't be taken for each other, also when they are read out.
const READABLE: &[u8] = b"abcdefghjkmnpqrstuvwxyz23456789";

/// The PHC string of a password, made by [`crate::Directory::hash_password`].
#[derive(Debug, Clone)]
pub struct HashedPassword(pub(crate) Secret<String>);

/// Hashes and verifies off the async threads.
#[derive(Debug)]
pub(crate) struct Passwords {
    running: Arc<Semaphore>,
    queue: Arc<Semaphore>,
    /// Verified against when there is no account or no password, so that both take as long.
    dummy: Secret<String>,
}

fn argon2id() -> Result<Argon2<'static>, DirectoryError> {
    let params = Params::new(MEMORY_KIB, PASSES, LANES, None).map_err(internal)?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

fn internal(error: impl std::fmt::Display) -> DirectoryError {
    DirectoryError::Internal(format!("password hashing: {error}"))
}

/// The stated rule, for a password that is to be set: 8 to 1024 bytes. Composition rules have none of NIST's blessing.
///
/// # Errors
/// `Invalid` with the rule.
pub(crate) fn check(password: &Secret<String>) -> Result<(), DirectoryError> {
    let length = password.expose().len();
    if (SHORTEST..=LONGEST).contains(&length) {
        return Ok(());
    }
    Err(DirectoryError::Invalid {
        attribute: "password",
        rule: format!("It must have {SHORTEST} to {LONGEST} bytes; it has {length}."),
    })
}

/// A password to read out and type once: four groups of four, 79 bits.
pub(crate) fn one_time() -> Secret<String> {
    let letters = READABLE.len();
    // Bytes above the last whole multiple would make the first letters likelier.
    let usable = 256 - 256 % letters;
    let mut text = String::new();
    let mut count = 0;
    while count < 16 {
        for byte in base::random::bytes::<32>() {
            let number = usize::from(byte);
            let Some(letter) = READABLE.get(number % letters).filter(|_| number < usable && count < 16) else {
                continue;
            };
            if count > 0 && count % 4 == 0 {
                text.push('-');
            }
            text.push(char::from(*letter));
            count += 1;
        }
    }
    Secret::new(text)
}

fn hash(password: &Secret<String>) -> Result<Secret<String>, DirectoryError> {
    let hash = argon2id()?.hash_password(password.expose().as_bytes()).map_err(internal)?;
    Ok(Secret::new(hash.to_string()))
}

fn verify(password: &Secret<String>, phc: &Secret<String>) -> Result<bool, DirectoryError> {
    let hash = PasswordHash::new(phc.expose()).map_err(internal)?;
    match argon2id()?.verify_password(password.expose().as_bytes(), &hash) {
        Ok(()) => Ok(true),
        Err(argon2::password_hash::Error::PasswordInvalid) => Ok(false),
        Err(error) => Err(internal(error)),
    }
}

impl Passwords {
    pub(crate) async fn open() -> Result<Self, DirectoryError> {
        let dummy = blocking(|| hash(&base::random::token())).await?;
        Ok(Self { running: Arc::new(Semaphore::new(AT_ONCE)), queue: Arc::new(Semaphore::new(IN_QUEUE)), dummy })
    }

    /// Both permits; they travel into the blocking task, which goes on when the caller leaves.
    async fn permits(&self) -> Result<(OwnedSemaphorePermit, OwnedSemaphorePermit), DirectoryError> {
        let queued = Arc::clone(&self.queue).try_acquire_owned().map_err(|_| DirectoryError::Busy)?;
        let running = Arc::clone(&self.running).acquire_owned().await.map_err(internal)?;
        Ok((queued, running))
    }

    pub(crate) async fn hash(&self, password: Secret<String>) -> Result<HashedPassword, DirectoryError> {
        check(&password)?;
        let permits = self.permits().await?;
        blocking(move || {
            let _permits = permits;
            hash(&password).map(HashedPassword)
        })
        .await
    }

    /// Whether `password` is the one that `phc` was made of. Without `phc` it is as much work, and false.
    pub(crate) async fn verify(
        &self,
        password: Secret<String>,
        phc: Option<Secret<String>>,
    ) -> Result<bool, DirectoryError> {
        let permits = self.permits().await?;
        let exists = phc.is_some();
        let phc = phc.unwrap_or_else(|| self.dummy.clone());
        blocking(move || {
            let _permits = permits;
            Ok(verify(&password, &phc)? && exists)
        })
        .await
    }
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, DirectoryError> + Send + 'static,
) -> Result<T, DirectoryError> {
    tokio::task::spawn_blocking(work).await.map_err(internal)?
}

#[cfg(test)]
mod tests;
