//! What is kept of a passkey.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use uuid::Uuid;
use webauthn_rs::prelude::{AuthenticationResult, Passkey};

use super::PasskeyRefusal;
use super::response::Response;

const LONGEST_LABEL: usize = 64;

/// A passkey of a person: its public key, its counter, and the name its owner gave it. Nothing of it is secret.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct StoredPasskey {
    id: String,
    label: String,
    user_handle: Uuid,
    transports: Vec<String>,
    discoverable: Option<bool>,
    key: Passkey,
}

impl StoredPasskey {
    pub(super) fn new(key: Passkey, user_handle: Uuid, label: String, response: &Response) -> Self {
        let id = URL_SAFE_NO_PAD.encode(key.cred_id());
        let (transports, discoverable) = (response.transports(), response.discoverable());
        Self { id, label, user_handle, transports, discoverable, key }
    }

    /// The credential's id in base64url. Unique over all people.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    #[must_use]
    pub fn label(&self) -> &str {
        &self.label
    }

    /// # Errors
    /// `Label` unless it has 1 to 64 characters, blanks around it not counted.
    pub fn with_label(mut self, text: &str) -> Result<Self, PasskeyRefusal> {
        self.label = label(text)?;
        Ok(self)
    }

    /// [`super::PasskeyUser::handle`] of its owner.
    #[must_use]
    pub const fn user_handle(&self) -> Uuid {
        self.user_handle
    }

    /// Whether its owner can sign in with it without typing a name; `None` where the browser didn't say.
    #[must_use]
    pub const fn discoverable(&self) -> Option<bool> {
        self.discoverable
    }

    pub(super) const fn key(&self) -> &Passkey {
        &self.key
    }

    /// As it is after a successful use, and whether that is a change.
    pub(super) fn used(&self, result: &AuthenticationResult) -> Result<(Self, bool), PasskeyRefusal> {
        let mut passkey = self.clone();
        let changed = passkey.key.update_credential(result).ok_or(PasskeyRefusal::Unknown)?;
        Ok((passkey, changed))
    }

    /// `PublicKeyCredentialDescriptorJSON`.
    pub(super) fn descriptor(&self) -> Value {
        json!({"type": "public-key", "id": self.id, "transports": self.transports})
    }
}

pub(super) fn label(text: &str) -> Result<String, PasskeyRefusal> {
    let text = text.trim();
    let length = text.chars().count();
    if !(1..=LONGEST_LABEL).contains(&length) || text.chars().any(char::is_control) {
        return Err(PasskeyRefusal::Label { longest: LONGEST_LABEL, length });
    }
    Ok(text.to_owned())
}
