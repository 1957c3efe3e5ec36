//! What the server remembers between asking a browser and reading its response.

use aws_lc_rs::digest;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;
use webauthn_rs::prelude::{DiscoverableAuthentication, PasskeyRegistration};

use super::refusal::internal;
use super::{Challenge, PasskeyRefusal};

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Ceremony {
    /// Whom it is about; nobody in particular in a sign-in with a discoverable passkey.
    pub(super) user: Option<Uuid>,
    pub(super) step: Step,
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) enum Step {
    Registration(PasskeyRegistration),
    SignIn(DiscoverableAuthentication),
}

impl Ceremony {
    pub(super) fn challenge(&self, options: &Value) -> Result<Challenge, PasskeyRefusal> {
        let state = serde_json::to_string(self).map_err(internal)?;
        Ok(Challenge { options: options.to_string(), state })
    }

    pub(super) fn read(state: &str) -> Result<Self, PasskeyRefusal> {
        serde_json::from_str(state).map_err(|_| PasskeyRefusal::AnotherChallenge)
    }

    pub(super) fn registration(self) -> Result<(Uuid, PasskeyRegistration), PasskeyRefusal> {
        match (self.user, self.step) {
            (Some(user), Step::Registration(state)) => Ok((user, state)),
            (None, Step::Registration(_)) | (_, Step::SignIn(_)) => Err(PasskeyRefusal::AnotherChallenge),
        }
    }

    pub(super) fn sign_in(self) -> Result<(Option<Uuid>, DiscoverableAuthentication), PasskeyRefusal> {
        match self.step {
            Step::SignIn(state) => Ok((self.user, state)),
            Step::Registration(_) => Err(PasskeyRefusal::AnotherChallenge),
        }
    }
}

/// What a challenge is remembered by when it was answered, so that it counts once: SHA-256 of its state, in hex. A synchronised
/// passkey has no counter, so that nothing else tells a response from its repetition.
#[must_use]
pub fn challenge_id(state: &str) -> Option<String> {
    Ceremony::read(state).ok()?;
    Some(hex::encode(digest::digest(&digest::SHA256, state.as_bytes())))
}
