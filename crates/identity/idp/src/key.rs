//! Signing keys: one in use, one that comes next, former ones as long as others may still verify with them.

use base::id::SsoApplicationId;
use time::{Duration, OffsetDateTime};

use crate::error::IdpError;

/// Whose signatures a key makes.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum KeyOwner {
    /// The assertions for one SAML application.
    Application(SsoApplicationId),
    /// The ID tokens for all OpenID Connect applications.
    OpenId,
}

const OPENID: &str = "openid";

impl KeyOwner {
    /// A stable name: `openid`, or the application's id.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Application(id) => id.as_str(),
            Self::OpenId => OPENID,
        }
    }

    /// Reads [`Self::name`].
    #[must_use]
    pub fn from_name(name: &str) -> Self {
        if name == OPENID { Self::OpenId } else { Self::Application(SsoApplicationId::new(name)) }
    }

    /// How long a former key stays published: service providers read metadata by hand, clients read key sets by themselves.
    #[must_use]
    pub const fn overlap(&self) -> Duration {
        match self {
            Self::Application(_) => Duration::days(30),
            Self::OpenId => Duration::days(2),
        }
    }
}

/// What a key is for now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyState {
    /// Published, and not used yet.
    Next,
    /// Signs.
    Current,
    /// Published until then, so that what it signed can be verified.
    Retired { until: OffsetDateTime },
}

impl KeyState {
    /// Whether metadata and key sets show it.
    #[must_use]
    pub fn is_published(&self, now: OffsetDateTime) -> bool {
        match self {
            Self::Next | Self::Current => true,
            Self::Retired { until } => now < *until,
        }
    }
}

/// A signing key as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredKey {
    /// Random; the `kid` of OpenID Connect.
    pub id: String,
    pub owner: KeyOwner,
    pub state: KeyState,
    pub created: OffsetDateTime,
    /// X.509, DER.
    pub certificate: Vec<u8>,
    /// The private key, PKCS#8 DER, sealed.
    pub sealed: Vec<u8>,
}

/// A step of a rotation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rotation<'a> {
    /// A new key is about to be published.
    Prepare,
    /// The next key takes over.
    Promote,
    /// This key isn't published any more.
    Retire(&'a str),
}

/// What a step does to the keys of one owner: new states by key id, and the keys that go.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RotationPlan {
    pub states: Vec<(String, KeyState)>,
    pub gone: Vec<String>,
}

/// The rule: one key is next at most, one is in use, and the one in use is never taken away. `keys`: those of one owner.
///
/// # Errors
/// `NextKeyExists`, `NoNextKey`, `UnknownKey`, `KeyInUse`.
pub fn rotate(keys: &[StoredKey], step: Rotation<'_>, now: OffsetDateTime) -> Result<RotationPlan, IdpError> {
    let next = keys.iter().find(|key| key.state == KeyState::Next);
    let mut plan = RotationPlan::default();
    match step {
        Rotation::Prepare => {
            if let Some(next) = next {
                return Err(IdpError::NextKeyExists(next.id.clone()));
            }
        }
        Rotation::Promote => {
            let next = next.ok_or(IdpError::NoNextKey)?;
            for former in keys.iter().filter(|key| key.state == KeyState::Current) {
                plan.states.push((former.id.clone(), KeyState::Retired { until: now + former.owner.overlap() }));
            }
            plan.states.push((next.id.clone(), KeyState::Current));
        }
        Rotation::Retire(id) => {
            let key = keys.iter().find(|key| key.id == id).ok_or_else(|| IdpError::UnknownKey(id.to_owned()))?;
            match key.state {
                KeyState::Current => return Err(IdpError::KeyInUse(id.to_owned())),
                KeyState::Next | KeyState::Retired { .. } => plan.gone.push(id.to_owned()),
            }
        }
    }
    // Nothing needs what isn't published any more.
    plan.gone.extend(keys.iter().filter(|key| !key.state.is_published(now)).map(|key| key.id.clone()));
    plan.gone.dedup();
    Ok(plan)
}

#[cfg(test)]
mod tests;
