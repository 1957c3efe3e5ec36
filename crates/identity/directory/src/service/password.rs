//! Passwords: set, remove, and sign in with one.

use std::net::IpAddr;
use std::sync::PoisonError;

use base::Secret;
use base::id::DirectoryUserId;

use super::Directory;
use crate::attempts::{Attempt, AttemptDecision, Attempts};
use crate::edit::{PasswordEdit, UserEdit};
use crate::error::{DirectoryError, SignInRefusal};
use crate::model::{ActiveUser, DirectoryUser, NewUser};
use crate::password::HashedPassword;

impl Directory {
    /// Hashes a password that is to be set (argon2id; 8 to 1024 bytes).
    ///
    /// # Errors
    /// `Invalid` with the rule, `Busy` when too many are being hashed.
    pub async fn hash_password(&self, password: Secret<String>) -> Result<HashedPassword, DirectoryError> {
        self.inner.passwords.hash(password).await
    }

    /// # Errors
    /// As [`Self::hash_password`]; `UnknownUser`, `Store`.
    pub async fn set_password(&self, user: &DirectoryUserId, password: Secret<String>) -> Result<(), DirectoryError> {
        let hashed = self.hash_password(password).await?;
        self.edit_password(user, PasswordEdit::Set(hashed)).await
    }

    /// The person can't sign in with a password any more.
    ///
    /// # Errors
    /// `UnknownUser`, `Store`.
    pub async fn remove_password(&self, user: &DirectoryUserId) -> Result<(), DirectoryError> {
        self.edit_password(user, PasswordEdit::Remove).await
    }

    async fn edit_password(&self, user: &DirectoryUserId, password: PasswordEdit) -> Result<(), DirectoryError> {
        let keep_the_rest = |current: &DirectoryUser| Ok(UserEdit { value: NewUser::from(current), password });
        self.update_user(user, None, keep_the_rest).await.map(drop)
    }

    /// Signs somebody in with a password. It is as much work whether the account exists or not, attempts are limited per
    /// account and per source, and a disabled person is refused only after the right password.
    ///
    /// # Errors
    /// The refusal; its public message doesn't tell whether the account exists or is disabled.
    pub async fn verify_password(
        &self,
        user_name: &str,
        password: &Secret<String>,
        source: IpAddr,
    ) -> Result<ActiveUser, SignInRefusal> {
        let attempt = Attempt::new(user_name, source);
        let now = self.inner.clock.now();
        if let AttemptDecision::Wait { retry_after_seconds } = self.attempts(|attempts| attempts.admit(&attempt, now)) {
            return Err(SignInRefusal::TooManyAttempts { retry_after_seconds });
        }
        let state = self.state();
        let user = state.user_by_name(user_name);
        let hash = user.and_then(|user| state.password(&user.id));
        let matched = match self.inner.passwords.verify(password.clone(), hash.cloned()).await {
            Ok(matched) => matched,
            Err(DirectoryError::Busy) => {
                self.attempts(|attempts| attempts.abandoned(&attempt));
                return Err(SignInRefusal::Busy);
            }
            Err(error) => return Err(SignInRefusal::Internal(error.to_string())),
        };
        let user = user.ok_or(SignInRefusal::UnknownUser)?;
        let hash = hash.ok_or(SignInRefusal::NoPassword)?;
        // The person or the password may have changed while the hash was computed.
        let state = self.state();
        let unchanged = state.password(&user.id).is_some_and(|latest| latest.matches(hash.expose().as_bytes()));
        let Some(user) = state.user(&user.id).filter(|_| matched && unchanged) else {
            return Err(SignInRefusal::WrongPassword);
        };
        if !user.active {
            return Err(SignInRefusal::Disabled);
        }
        self.attempts(|attempts| attempts.succeeded(&attempt));
        Ok(ActiveUser { id: user.id.clone(), user_name: user.user_name.clone() })
    }

    fn attempts<T>(&self, work: impl FnOnce(&mut Attempts) -> T) -> T {
        work(&mut self.inner.attempts.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
