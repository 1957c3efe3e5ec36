//! What a browser posts: `JSON.stringify(credential.toJSON())`. All of it is a stranger's.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::de::DeserializeOwned;
use serde_json::Value;
use url::Url;
use uuid::Uuid;

use super::PasskeyRefusal;

/// An attestation with certificates has a few KB.
const LONGEST: usize = 64 * 1024;

#[derive(Debug)]
pub(super) struct Response {
    value: Value,
    /// What the browser says it signed for.
    client: Value,
    credential: String,
}

impl Response {
    pub(super) fn read(text: &str) -> Result<Self, PasskeyRefusal> {
        if text.len() > LONGEST {
            return Err(malformed(format!("it is longer than {LONGEST} bytes")));
        }
        let value = base::strict_json::read(text.as_bytes()).map_err(malformed)?;
        let client = bytes(&value, "/response/clientDataJSON")?.ok_or_else(|| malformed("it has no clientDataJSON"))?;
        let client = base::strict_json::read(&client).map_err(malformed)?;
        let credential = bytes(&value, "/rawId")?.ok_or_else(|| malformed("it has no rawId"))?;
        Ok(Self { value, client, credential: URL_SAFE_NO_PAD.encode(credential) })
    }

    /// base64url of the credential's id.
    pub(super) fn credential(&self) -> &str {
        &self.credential
    }

    /// Our user handles are UUIDs: 16 bytes.
    pub(super) fn user_handle(&self) -> Result<Option<Uuid>, PasskeyRefusal> {
        let handle = bytes(&self.value, "/response/userHandle")?;
        let uuid = |bytes: Vec<u8>| Uuid::from_slice(&bytes).map_err(|_| PasskeyRefusal::AnotherPerson);
        handle.map(uuid).transpose()
    }

    /// How the authenticator can be reached, as far as the browser knows.
    pub(super) fn transports(&self) -> Vec<String> {
        const KNOWN: [&str; 6] = ["ble", "hybrid", "internal", "nfc", "smart-card", "usb"];
        let named = self.value.pointer("/response/transports").and_then(Value::as_array);
        let named: Vec<&str> = named.into_iter().flatten().filter_map(Value::as_str).collect();
        KNOWN.into_iter().filter(|known| named.contains(known)).map(str::to_owned).collect()
    }

    /// Whether the authenticator keeps the passkey so that it is found without a name (WebAuthn 10.1.3, `credProps`).
    pub(super) fn discoverable(&self) -> Option<bool> {
        self.value.pointer("/clientExtensionResults/credProps/rk").and_then(Value::as_bool)
    }

    /// The two checks of the client data that webauthn-rs makes not at all, or without saying what came.
    pub(super) fn check_origin(&self, address: &Url) -> Result<(), PasskeyRefusal> {
        let found = self.client.get("origin").and_then(Value::as_str).unwrap_or_default();
        let same = Url::parse(found).is_ok_and(|found| found.origin() == address.origin());
        if !same {
            let expected = address.origin().ascii_serialization();
            return Err(PasskeyRefusal::AnotherOrigin { expected, found: found.chars().take(200).collect() });
        }
        match self.client.get("crossOrigin") {
            None | Some(Value::Bool(false)) => Ok(()),
            Some(_) => Err(PasskeyRefusal::CrossOrigin),
        }
    }

    pub(super) fn typed<T: DeserializeOwned>(&self) -> Result<T, PasskeyRefusal> {
        serde_json::from_value(self.value.clone()).map_err(malformed)
    }
}

/// base64url at a place; `None` where there is nothing or null.
fn bytes(value: &Value, pointer: &str) -> Result<Option<Vec<u8>>, PasskeyRefusal> {
    match value.pointer(pointer) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => URL_SAFE_NO_PAD.decode(text).map(Some).map_err(malformed),
        Some(Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_)) => {
            Err(malformed(format!("{pointer} is not text")))
        }
    }
}

fn malformed(problem: impl std::fmt::Display) -> PasskeyRefusal {
    PasskeyRefusal::Malformed(problem.to_string())
}
