//! Ending sessions before their time.

use std::sync::PoisonError;

use super::Sts;
use crate::caller::micros;
use crate::error::StsError;
use crate::port::Revocation;

/// What an administrator revoked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Revoked {
    /// The sessions of a role, by its unique id.
    Role(String),
    /// A temporary key.
    Session(String),
}

/// No temporary credential lives longer: GetSessionToken's 36 hours. Microseconds.
const LONGEST_LIFE: i64 = 36 * 60 * 60 * 1_000_000;

impl Sts {
    /// Ends every session of a role (by unique id) that was issued until now, and what was made with them.
    ///
    /// # Errors
    /// [`StsError::Store`]: then nothing is revoked.
    pub async fn revoke_role_sessions(&self, role_id: &str) -> Result<(), StsError> {
        let until = micros(self.clock.now());
        self.revoke(Revocation::Role { role_id: role_id.to_owned(), until }, Revoked::Role(role_id.to_owned())).await
    }

    /// Ends the session of a temporary key, and what was made with it.
    ///
    /// # Errors
    /// [`StsError::Store`]: then nothing is revoked.
    pub async fn revoke_session(&self, access_key_id: &str) -> Result<(), StsError> {
        let expires = micros(self.clock.now()).saturating_add(LONGEST_LIFE);
        let revocation = Revocation::Session { access_key_id: access_key_id.to_owned(), expires };
        self.revoke(revocation, Revoked::Session(access_key_id.to_owned())).await
    }

    async fn revoke(&self, revocation: Revocation, told: Revoked) -> Result<(), StsError> {
        let now = self.clock.now();
        self.store.revoke(revocation.clone(), now).await?;
        self.revocations.write().unwrap_or_else(PoisonError::into_inner).put(&revocation, micros(now));
        // Nobody may be listening.
        let _ = self.revoked.send(told);
        Ok(())
    }
}
