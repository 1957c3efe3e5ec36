//! Second factors: shown, renamed, removed, renewed.

use std::sync::Arc;

use base::Secret;
use base::id::DirectoryUserId;

use super::enrolment::generate_codes;
use super::sign_in::put_factors;
use super::{IdentityProvider, Plan};
use crate::change::IdpChange;
use crate::error::IdpError;
use crate::factors::{Factors, KeptPasskey, MfaPolicy, PasskeySummary, PersonFactors};
use crate::port::IdpWrite;
use crate::session::SessionEnd;
use crate::sign_in::SignInError;
use crate::state::State;

fn known(state: &State, user: &DirectoryUserId) -> Result<PersonFactors, IdpError> {
    let factors = state.factors(user).ok_or_else(|| IdpError::NoFactor(user.clone()))?;
    Ok(PersonFactors::clone(factors))
}

/// What is kept of nothing is nothing.
fn put_or_delete(factors: PersonFactors) -> Plan {
    if factors.has_second() {
        return put_factors(factors);
    }
    let user = factors.user;
    Plan { writes: vec![IdpWrite::DeleteFactors(user.clone())], changes: vec![IdpChange::FactorsChanged(user)] }
}

impl IdentityProvider {
    /// The person's second factors. Nothing for who doesn't exist.
    #[must_use]
    pub fn factors(&self, user: &DirectoryUserId) -> Factors {
        let state = self.state();
        let kept = state.factors(user);
        let summary = |kept: &KeptPasskey| PasskeySummary {
            id: kept.passkey.id().to_owned(),
            label: kept.passkey.label().to_owned(),
            created: kept.created,
            last_used: kept.last_used,
        };
        Factors {
            totp: kept.and_then(|kept| kept.totp.as_ref()).map(|totp| totp.enrolled),
            passkeys: kept.map(|kept| kept.passkeys.iter().map(summary).collect()).unwrap_or_default(),
            recovery_codes_left: kept
                .and_then(|kept| kept.recovery.as_ref())
                .map_or(0, mfa::StoredRecoveryCodes::remaining),
        }
    }

    /// Removes the authenticator app. Without another factor the recovery codes go too.
    ///
    /// # Errors
    /// `NoTotp`, `LastFactor`, `Store`.
    pub async fn remove_totp(&self, user: &DirectoryUserId) -> Result<(), IdpError> {
        self.write(|state, _| {
            let factors = known(state, user)?;
            if factors.totp.is_none() {
                return Err(IdpError::NoTotp(user.clone()));
            }
            let left = PersonFactors::check_removal(PersonFactors { totp: None, ..factors }, state.policy)?;
            Ok((put_or_delete(left), ()))
        })
        .await
    }

    /// Removes a passkey. Without another factor the recovery codes go too.
    ///
    /// # Errors
    /// `UnknownPasskey`, `LastFactor`, `Store`.
    pub async fn remove_passkey(&self, user: &DirectoryUserId, id: &str) -> Result<(), IdpError> {
        self.write(|state, _| {
            let mut factors = known(state, user)?;
            let before = factors.passkeys.len();
            factors.passkeys.retain(|kept| kept.passkey.id() != id);
            if factors.passkeys.len() == before {
                return Err(IdpError::UnknownPasskey { user: user.clone(), id: id.to_owned() });
            }
            let left = PersonFactors::check_removal(factors, state.policy)?;
            Ok((put_or_delete(left), ()))
        })
        .await
    }

    /// # Errors
    /// `Passkey` (the label isn't acceptable); `Idp` (`UnknownPasskey`, `Store`).
    pub async fn rename_passkey(&self, user: &DirectoryUserId, id: &str, label: &str) -> Result<(), SignInError> {
        self.write(|state, _| {
            let unknown = || IdpError::UnknownPasskey { user: user.clone(), id: id.to_owned() };
            let mut factors = known(state, user).map_err(|_| unknown())?;
            let kept = factors.passkeys.iter_mut().find(|kept| kept.passkey.id() == id).ok_or_else(unknown)?;
            kept.passkey = kept.passkey.clone().with_label(label)?;
            Ok((put_factors(factors), ()))
        })
        .await
    }

    /// Fresh recovery codes, shown this once. Those before end at once.
    ///
    /// # Errors
    /// `Idp` (`NoFactor` without another second factor, `Store`), `RecoveryCode`.
    pub async fn new_recovery_codes(&self, user: &DirectoryUserId) -> Result<Vec<Secret<String>>, SignInError> {
        known(&self.state(), user)?;
        let new = generate_codes().await?;
        self.write(|state, _| {
            let factors = PersonFactors { recovery: Some(new.stored), ..known(state, user)? };
            Ok((put_factors(factors), new.codes))
        })
        .await
    }

    /// An administrator takes all second factors away: the person enrols again. Their sessions end.
    ///
    /// # Errors
    /// `UnknownUser`, `Store`.
    pub async fn reset_factors(&self, user: &DirectoryUserId) -> Result<(), IdpError> {
        if self.people().user(user).is_none() {
            return Err(IdpError::UnknownUser(user.clone()));
        }
        self.delete_factors(user).await?;
        self.end_sessions_of(user, None, SessionEnd::FactorsReset).await.map(drop)
    }

    /// Forgets what is kept of somebody.
    pub(super) async fn delete_factors(&self, user: &DirectoryUserId) -> Result<(), IdpError> {
        self.write(|state, _| {
            let plan = state.factors(user).map(|_| put_or_delete(PersonFactors::none(user.clone())));
            Ok((plan.unwrap_or_default(), ()))
        })
        .await
    }

    #[must_use]
    pub fn policy(&self) -> MfaPolicy {
        self.state().policy
    }

    /// Counts from the next sign-in on.
    ///
    /// # Errors
    /// `Store`.
    pub async fn set_policy(&self, policy: MfaPolicy) -> Result<(), IdpError> {
        self.write(|state, _| {
            let same = state.policy == policy;
            let writes = if same { Vec::new() } else { vec![IdpWrite::PutPolicy(policy)] };
            Ok((Plan { writes, changes: Vec::new() }, ()))
        })
        .await
    }

    /// People of whom something is kept that are gone from the directory, and groups: see [`super::watch_directory`].
    pub(super) fn leftovers(&self) -> Vec<DirectoryUserId> {
        let state: Arc<State> = self.state();
        state.people_with_factors().filter(|user| self.people().user(user).is_none()).cloned().collect()
    }
}
