//! Second factors of people, and when they are asked for.

use base::id::DirectoryUserId;
use mfa::{StoredPasskey, StoredRecoveryCodes};
use time::OffsetDateTime;

use crate::error::IdpError;
use crate::session::Factor;

/// So many passkeys one person may have.
pub(crate) const MOST_PASSKEYS: usize = 20;

/// Whether people need a second factor.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum MfaPolicy {
    /// Who has enrolled one is asked for it.
    #[default]
    Optional,
    /// Everybody is; who has none enrols one at the next sign-in.
    Required,
}

impl MfaPolicy {
    /// A stable name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Optional => "optional",
            Self::Required => "required",
        }
    }

    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Optional, Self::Required].into_iter().find(|policy| policy.name() == name)
    }
}

/// An authenticator app as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptTotp {
    /// The secret, sealed for its person.
    pub sealed: Vec<u8>,
    pub enrolled: OffsetDateTime,
    /// The step of the last code that was used: none counts twice.
    pub last_step: Option<u64>,
}

/// A passkey as it is kept.
#[derive(Debug, Clone)]
pub struct KeptPasskey {
    pub passkey: StoredPasskey,
    pub created: OffsetDateTime,
    pub last_used: Option<OffsetDateTime>,
}

/// A person's second factors as they are kept.
#[derive(Debug, Clone)]
pub struct PersonFactors {
    pub user: DirectoryUserId,
    pub totp: Option<KeptTotp>,
    pub passkeys: Vec<KeptPasskey>,
    /// Hashed. Only beside another factor.
    pub recovery: Option<StoredRecoveryCodes>,
}

impl PersonFactors {
    pub(crate) const fn none(user: DirectoryUserId) -> Self {
        Self { user, totp: None, passkeys: Vec::new(), recovery: None }
    }

    /// Whether a second factor is enrolled. Recovery codes only stand in for one.
    #[must_use]
    pub fn has_second(&self) -> bool {
        self.totp.is_some() || !self.passkeys.is_empty()
    }

    /// `without` is what stays after a removal.
    pub(crate) fn check_removal(without: Self, policy: MfaPolicy) -> Result<Self, IdpError> {
        if without.has_second() {
            return Ok(without);
        }
        match policy {
            MfaPolicy::Required => Err(IdpError::LastFactor(without.user)),
            MfaPolicy::Optional => Ok(Self::none(without.user)),
        }
    }
}

/// A passkey as it is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PasskeySummary {
    pub id: String,
    pub label: String,
    pub created: OffsetDateTime,
    pub last_used: Option<OffsetDateTime>,
}

/// What somebody can prove themselves with, as it is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Factors {
    /// When the authenticator app was enrolled.
    pub totp: Option<OffsetDateTime>,
    /// In the order in which they were added. One alone is easily lost: suggest a second.
    pub passkeys: Vec<PasskeySummary>,
    pub recovery_codes_left: usize,
}

/// What comes after the factors that somebody has proven.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NextStep {
    SecondFactor,
    /// The policy requires a second factor and none is enrolled.
    Enrol,
    In,
}

/// The rule. `has_second`: whether a second factor is enrolled.
#[must_use]
pub fn next_step(policy: MfaPolicy, has_second: bool, proven: &[Factor]) -> NextStep {
    let second = proven.iter().any(|factor| match factor {
        Factor::Password => false,
        Factor::Totp | Factor::Passkey | Factor::RecoveryCode => true,
    });
    let first = proven.contains(&Factor::Password) || proven.contains(&Factor::Passkey);
    match (first, second, has_second, policy) {
        (true, true, _, _) | (true, false, false, MfaPolicy::Optional) => NextStep::In,
        (true, false, false, MfaPolicy::Required) => NextStep::Enrol,
        (true, false, true, _) | (false, _, _, _) => NextStep::SecondFactor,
    }
}

#[cfg(test)]
mod tests;
