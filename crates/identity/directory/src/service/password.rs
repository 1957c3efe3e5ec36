//! Passwords: set, remove, and sign in with one.

use std::net::IpAddr;
use std::sync::{Arc, PoisonError};

use base::Secret;
use base::id::DirectoryUserId;

use super::Directory;
use crate::attempts::{Attempt, AttemptDecision, Attempts};
use crate::edit::{PasswordEdit, UserEdit};
use crate::error::{ChangeRefusal, DirectoryError, SignInRefusal};
use crate::model::{ActiveUser, DirectoryUser, NewUser};
use crate::password::{self, HashedPassword};
use crate::provision;
use crate::state::State;

/// Somebody who gave the right password.
struct Proven {
    user: Arc<DirectoryUser>,
    /// What it was verified against.
    hash: Secret<String>,
    must_change: bool,
}

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
    /// The refusal; its public message doesn't tell whether the account exists or is disabled. `MustChange` for a one-time password.
    pub async fn verify_password(
        &self,
        user_name: &str,
        password: &Secret<String>,
        source: IpAddr,
    ) -> Result<ActiveUser, SignInRefusal> {
        let proven = self.prove(user_name, password, source).await?;
        if proven.must_change {
            return Err(SignInRefusal::MustChange { user: proven.user.id.clone() });
        }
        Ok(ActiveUser { id: proven.user.id.clone(), user_name: proven.user.user_name.clone() })
    }

    /// Sets the person's own password, and ends their browser sessions. Attempts are limited as in [`Self::verify_password`]. A
    /// one-time password is changed by this too.
    ///
    /// # Errors
    /// `SignIn` when `old` isn't the present password; `Directory` (`Invalid`, `Busy`, `Store`).
    pub async fn change_password(
        &self,
        user: &DirectoryUserId,
        old: &Secret<String>,
        new: Secret<String>,
        source: IpAddr,
    ) -> Result<(), ChangeRefusal> {
        password::check(&new)?;
        if old.matches(new.expose().as_bytes()) {
            let rule = "It must differ from the present one.".to_owned();
            return Err(DirectoryError::Invalid { attribute: "password", rule }.into());
        }
        let named = self.user(user).ok_or(SignInRefusal::UnknownUser)?;
        let proven = self.prove(&named.user_name, old, source).await?;
        if proven.user.id != *user {
            return Err(SignInRefusal::UnknownUser.into());
        }
        let hashed = self.hash_password(new).await?;
        let plan = |state: &State, now| provision::plan_own_password(state, user, &proven.hash, hashed, now);
        self.write::<DirectoryError>(plan).await?;
        Ok(())
    }

    /// A fresh password that the person has to change at the next sign-in; it is shown this once. What they signed in to ends.
    ///
    /// # Errors
    /// `UnknownUser`, `Invalid` for somebody who is deactivated, `Busy`, `Store`.
    pub async fn set_one_time_password(&self, user: &DirectoryUserId) -> Result<Secret<String>, DirectoryError> {
        let text = password::one_time();
        let hashed = self.hash_password(text.clone()).await?;
        self.write(|state, now| provision::plan_one_time_password(state, user, hashed, now)).await?;
        Ok(text)
    }

    /// Who has this name and this password, and isn't disabled.
    async fn prove(&self, user_name: &str, password: &Secret<String>, source: IpAddr) -> Result<Proven, SignInRefusal> {
        let attempt = Attempt::new(user_name, source);
        let now = self.inner.clock.now();
        if let AttemptDecision::Wait { retry_after_seconds } = self.attempts(|attempts| attempts.admit(&attempt, now)) {
            return Err(SignInRefusal::TooManyAttempts { retry_after_seconds });
        }
        let state = self.state();
        let user = state.user_by_name(user_name);
        let hash = user.and_then(|user| state.password_hash(&user.id));
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
        let latest = state.password(&user.id);
        let unchanged = latest
            .and_then(|latest| latest.hash.as_ref())
            .is_some_and(|latest| latest.matches(hash.expose().as_bytes()));
        let Some(user) = state.user(&user.id).filter(|_| matched && unchanged) else {
            return Err(SignInRefusal::WrongPassword);
        };
        if !user.active {
            return Err(SignInRefusal::Disabled);
        }
        self.attempts(|attempts| attempts.succeeded(&attempt));
        let must_change = latest.is_some_and(|latest| latest.must_change);
        Ok(Proven { user: Arc::clone(user), hash: hash.clone(), must_change })
    }

    fn attempts<T>(&self, work: impl FnOnce(&mut Attempts) -> T) -> T {
        work(&mut self.inner.attempts.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
