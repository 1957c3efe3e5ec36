//! A software authenticator with one ES256 passkey, and a browser that says what the test wants.

use aws_lc_rs::digest;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair as _};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use super::Challenge;

#[derive(Debug, Clone, Copy)]
pub(super) struct Flags {
    pub(super) present: bool,
    pub(super) verified: bool,
}

impl Flags {
    pub(super) const ALL: Self = Self { present: true, verified: true };

    fn byte(self, attested: bool) -> u8 {
        u8::from(self.present) | u8::from(self.verified) << 2 | u8::from(attested) << 6
    }
}

/// What browser and authenticator claim.
#[derive(Debug, Clone)]
pub(super) struct Said {
    pub(super) flags: Flags,
    pub(super) origin: String,
    pub(super) rp_id: String,
    pub(super) cross_origin: bool,
    /// Instead of the one that was asked.
    pub(super) challenge: Option<String>,
    pub(super) kind: Option<&'static str>,
    pub(super) spoil_signature: bool,
    /// `Some(empty)`: the one of the registration.
    pub(super) user_handle: Option<Vec<u8>>,
}

impl Said {
    pub(super) fn honestly(origin: &str) -> Self {
        Self {
            flags: Flags::ALL,
            origin: origin.to_owned(),
            rp_id: "localhost".into(),
            cross_origin: false,
            challenge: None,
            kind: None,
            spoil_signature: false,
            user_handle: Some(Vec::new()),
        }
    }
}

pub(super) struct Authenticator {
    key: EcdsaKeyPair,
    id: Vec<u8>,
    user: Vec<u8>,
    counter: u32,
}

impl Authenticator {
    pub(super) fn new() -> Self {
        let pkcs8 = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, &SystemRandom::new()).unwrap();
        let key = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, pkcs8.as_ref()).unwrap();
        Self { key, id: base::random::bytes::<32>().to_vec(), user: Vec::new(), counter: 0 }
    }

    pub(super) fn set_counter(&mut self, counter: u32) {
        self.counter = counter;
    }

    pub(super) fn create(&mut self, challenge: &Challenge, said: &Said) -> String {
        let options: Value = serde_json::from_str(&challenge.options).unwrap();
        let asked = &options["publicKey"];
        self.user = URL_SAFE_NO_PAD.decode(asked["user"]["id"].as_str().unwrap()).unwrap();
        let client = client_data("webauthn.create", asked, said);
        let data = self.authenticator_data(said, true);
        let mut attestation = vec![0xa3];
        attestation.extend([cbor_text("fmt"), cbor_text("none"), cbor_text("attStmt"), vec![0xa0]].concat());
        attestation.extend([cbor_text("authData"), cbor_bytes(&data)].concat());
        let id = URL_SAFE_NO_PAD.encode(&self.id);
        json!({
            "id": id, "rawId": id, "type": "public-key", "authenticatorAttachment": "platform",
            "clientExtensionResults": {"credProps": {"rk": true}},
            "response": {
                "clientDataJSON": URL_SAFE_NO_PAD.encode(client),
                "attestationObject": URL_SAFE_NO_PAD.encode(attestation),
                "transports": ["internal", "unheard-of"],
            },
        })
        .to_string()
    }

    /// As one that ignores the list of what mustn't be enrolled again.
    pub(super) fn create_again(&mut self, challenge: &Challenge, said: &Said) -> String {
        self.create(challenge, said)
    }

    pub(super) fn get(&mut self, challenge: &Challenge, said: &Said) -> String {
        let options: Value = serde_json::from_str(&challenge.options).unwrap();
        let client = client_data("webauthn.get", &options["publicKey"], said);
        self.counter += 1;
        let data = self.authenticator_data(said, false);
        let signed = [data.as_slice(), digest::digest(&digest::SHA256, client.as_bytes()).as_ref()].concat();
        let mut signature = self.key.sign(&SystemRandom::new(), &signed).unwrap().as_ref().to_vec();
        if said.spoil_signature {
            *signature.last_mut().unwrap() ^= 1;
        }
        let handle = said.user_handle.as_ref().map(|handle| if handle.is_empty() { &self.user } else { handle });
        let id = URL_SAFE_NO_PAD.encode(&self.id);
        json!({
            "id": id, "rawId": id, "type": "public-key", "clientExtensionResults": {},
            "response": {
                "clientDataJSON": URL_SAFE_NO_PAD.encode(client),
                "authenticatorData": URL_SAFE_NO_PAD.encode(data),
                "signature": URL_SAFE_NO_PAD.encode(signature),
                "userHandle": handle.map(|handle| URL_SAFE_NO_PAD.encode(handle)),
            },
        })
        .to_string()
    }

    /// WebAuthn 6.1.
    fn authenticator_data(&self, said: &Said, attested: bool) -> Vec<u8> {
        let mut data = digest::digest(&digest::SHA256, said.rp_id.as_bytes()).as_ref().to_vec();
        data.push(said.flags.byte(attested));
        data.extend(self.counter.to_be_bytes());
        if attested {
            data.extend([0; 16]);
            data.extend(u16::try_from(self.id.len()).unwrap().to_be_bytes());
            data.extend(&self.id);
            data.extend(self.cose_key());
        }
        data
    }

    /// {1: 2 (EC2), 3: -7 (ES256), -1: 1 (P-256), -2: x, -3: y}
    fn cose_key(&self) -> Vec<u8> {
        let point = self.key.public_key().as_ref();
        let (x, y) = point[1..].split_at(32);
        [&[0xa5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21][..], &cbor_bytes(x), &[0x22], &cbor_bytes(y)].concat()
    }
}

fn client_data(kind: &str, asked: &Value, said: &Said) -> String {
    let challenge = said.challenge.as_deref().unwrap_or_else(|| asked["challenge"].as_str().unwrap());
    let kind = said.kind.unwrap_or(kind);
    json!({"type": kind, "challenge": challenge, "origin": said.origin, "crossOrigin": said.cross_origin}).to_string()
}

fn cbor_text(text: &str) -> Vec<u8> {
    [&[0x60 | u8::try_from(text.len()).unwrap()], text.as_bytes()].concat()
}

fn cbor_bytes(bytes: &[u8]) -> Vec<u8> {
    [&[0x59][..], &u16::try_from(bytes.len()).unwrap().to_be_bytes(), bytes].concat()
}
