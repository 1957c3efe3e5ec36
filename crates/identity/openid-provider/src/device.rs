//! Device codes and user codes (RFC 8628): how they look, and the pure rule for a device that asks.

use std::collections::BTreeSet;

use base::id::SsoApplicationId;
use base::{Secret, SecretHash};
use time::{Duration, OffsetDateTime};

use crate::grant::GrantId;
use crate::scope::Scope;

/// No vowels, so that no words come about, and nothing that looks like something else: 20 letters, so that eight of them have 34
/// bits (RFC 8628 6.1).
const ALPHABET: &[u8; 20] = b"BCDFGHJKLMNPQRSTVWXZ";
const LETTERS: usize = 8;
/// How much slower a device must ask that asked too fast (RFC 8628 3.5).
pub const SLOWER: Duration = Duration::seconds(5);

/// What became of a device's request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DeviceState {
    Pending,
    Denied,
    /// The person allowed it; nobody came for it yet.
    Approved(GrantId),
    Redeemed(GrantId),
}

impl DeviceState {
    /// The grant that it has led to.
    #[must_use]
    pub const fn grant(&self) -> Option<&GrantId> {
        match self {
            Self::Approved(grant) | Self::Redeemed(grant) => Some(grant),
            Self::Pending | Self::Denied => None,
        }
    }

    /// A stable name, for the store.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Denied => "denied",
            Self::Approved(_) => "approved",
            Self::Redeemed(_) => "redeemed",
        }
    }

    /// Reads what [`Self::name`] and [`Self::grant`] said.
    #[must_use]
    pub fn parse(name: &str, grant: Option<GrantId>) -> Option<Self> {
        match (name, grant) {
            ("pending", None) => Some(Self::Pending),
            ("denied", None) => Some(Self::Denied),
            ("approved", Some(grant)) => Some(Self::Approved(grant)),
            ("redeemed", Some(grant)) => Some(Self::Redeemed(grant)),
            (_, _) => None,
        }
    }
}

/// A device's request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredDevice {
    /// Of the device code.
    pub hash: SecretHash,
    /// Of the user code without its hyphen. It has few bits: what protects it is that it lives ten minutes and that attempts are counted.
    pub user_code: SecretHash,
    pub application: SsoApplicationId,
    pub scopes: BTreeSet<Scope>,
    pub created: OffsetDateTime,
    pub expires: OffsetDateTime,
    pub state: DeviceState,
}

/// How often a device may ask, and when it asked last. Forgotten at a restart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pace {
    pub interval: Duration,
    pub last: Option<OffsetDateTime>,
}

/// What a device is told that asks for its tokens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DeviceDecision {
    /// Tokens of this grant.
    Issue(GrantId),
    Pending,
    /// It asked sooner than it may; from now on it must leave longer pauses.
    SlowDown,
    Denied,
    Expired,
    /// The device code was redeemed before, and not just now: one of the two isn't the device.
    Replayed(GrantId),
    OtherClient,
}

/// Decides about one request of a device, and answers its next pace.
#[must_use]
pub fn decide(
    device: &StoredDevice,
    pace: Pace,
    application: &SsoApplicationId,
    now: OffsetDateTime,
) -> (DeviceDecision, Pace) {
    if device.application != *application {
        return (DeviceDecision::OtherClient, pace);
    }
    let asked = Pace { last: Some(now), ..pace };
    // Before everything else: a device whose request was sent twice at once holds its tokens, and isn't a thief. Whoever goes on
    // asking is told soon enough.
    if now < device.expires && pace.last.is_some_and(|last| now - last < pace.interval) {
        let slower = Pace { interval: pace.interval + SLOWER, ..asked };
        return (DeviceDecision::SlowDown, slower);
    }
    let decision = match &device.state {
        DeviceState::Redeemed(grant) => DeviceDecision::Replayed(grant.clone()),
        DeviceState::Pending | DeviceState::Denied | DeviceState::Approved(_) if now >= device.expires => {
            DeviceDecision::Expired
        }
        DeviceState::Pending => DeviceDecision::Pending,
        DeviceState::Denied => DeviceDecision::Denied,
        DeviceState::Approved(grant) => DeviceDecision::Issue(grant.clone()),
    };
    (decision, asked)
}

/// A fresh user code, as it is shown: `BCDF-GHJK`.
#[must_use]
pub fn user_code() -> Secret<String> {
    let mut code = String::with_capacity(LETTERS + 1);
    let mut letters = 0;
    while letters < LETTERS {
        // 240 is the largest multiple of 20 in a byte: every letter is as likely as every other.
        let [byte] = base::random::bytes::<1>();
        if byte < 240
            && let Some(letter) = ALPHABET.get(usize::from(byte) % ALPHABET.len())
        {
            if letters == LETTERS / 2 {
                code.push('-');
            }
            code.push(char::from(*letter));
            letters += 1;
        }
    }
    Secret::new(code)
}

/// What a person typed, as it is looked up: upper case, only letters of the alphabet. `None` when it can't be a user code.
#[must_use]
pub fn normalised(typed: &str) -> Option<String> {
    let kept: String = typed
        .chars()
        .filter(|character| !matches!(character, '-' | ' '))
        .map(|character| character.to_ascii_uppercase())
        .collect();
    let fits = kept.len() == LETTERS && kept.bytes().all(|byte| ALPHABET.contains(&byte));
    fits.then_some(kept)
}

#[cfg(test)]
mod tests;
