//! Links by which people choose a password.

use base::Secret;
use base::id::DirectoryUserId;
use time::Duration;

use super::Directory;
use crate::error::DirectoryError;
use crate::model::ActiveUser;
use crate::password;
use crate::provision;
use crate::reset_link::{self, ResetRefusal};
use crate::state::State;

fn opened_by(state: &State, hash: &str, now: time::OffsetDateTime) -> Result<ActiveUser, ResetRefusal> {
    let link = state.reset_link(hash);
    let user = link.and_then(|link| state.user(&link.user));
    reset_link::decide(link, user.is_some_and(|user| user.active), now)?;
    let user = user.ok_or(ResetRefusal::Unknown)?;
    Ok(ActiveUser { id: user.id.clone(), user_name: user.user_name.clone() })
}

impl Directory {
    /// A link by which this person chooses a password once; the token is shown this once, and the link before it ends.
    /// `lifetime`: at most 7 days. It also ends when the password is changed otherwise, and with the person's deactivation.
    ///
    /// # Errors
    /// `UnknownUser`; `Invalid` for a lifetime out of range and for somebody who is deactivated; `Store`.
    pub async fn create_reset_link(
        &self,
        user: &DirectoryUserId,
        lifetime: Duration,
    ) -> Result<Secret<String>, DirectoryError> {
        let mut made = None;
        self.write(|state, now| {
            let (plan, token) = provision::plan_reset_link(state, user, lifetime, now)?;
            made = Some(token);
            Ok::<_, DirectoryError>(plan)
        })
        .await?;
        made.ok_or_else(|| DirectoryError::Internal("a link was planned and is missing".to_owned()))
    }

    /// Whose link this is, if it opens. Changes nothing.
    ///
    /// # Errors
    /// `Unknown`, `Ended`, `Expired`.
    pub fn reset_link(&self, token: &Secret<String>) -> Result<ActiveUser, ResetRefusal> {
        opened_by(&self.state(), &reset_link::hash_of(token), self.inner.clock.now())
    }

    /// Whether this person may choose this password: it fits the rule, and isn't the one-time password that others know too.
    ///
    /// # Errors
    /// `Invalid` with the rule, `Busy`.
    pub async fn check_choice(&self, user: &DirectoryUserId, new: &Secret<String>) -> Result<(), DirectoryError> {
        password::check(new)?;
        let given = self.state().password(user).filter(|kept| kept.must_change).and_then(|kept| kept.hash.clone());
        let Some(given) = given else { return Ok(()) };
        if !self.inner.passwords.verify(new.clone(), Some(given)).await? {
            return Ok(());
        }
        let rule = "It must differ from the one-time password.".to_owned();
        Err(DirectoryError::Invalid { attribute: "password", rule })
    }

    /// Sets the password that was chosen by a link, ends the link, and ends the person's browser sessions.
    ///
    /// # Errors
    /// As [`Self::reset_link`]; `Directory` when the password isn't acceptable or can't be stored: then the link still opens.
    pub async fn reset_password(
        &self,
        token: &Secret<String>,
        new: Secret<String>,
    ) -> Result<ActiveUser, ResetRefusal> {
        let user = self.reset_link(token)?;
        self.check_choice(user.id(), &new).await?;
        let hashed = self.hash_password(new).await?;
        let hash = reset_link::hash_of(token);
        self.write(|state, now| provision::plan_reset(state, &hash, hashed, now)).await?;
        Ok(user)
    }
}
