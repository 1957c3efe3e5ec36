//! A provider in memory that signs for real.

use std::collections::HashMap;
use std::sync::{LazyLock, Mutex};

use async_trait::async_trait;
use aws_lc_rs::hmac;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED_SIGNING, EcdsaKeyPair, EcdsaSigningAlgorithm,
    KeyPair as _, RSA_PKCS1_SHA256, RSA_PKCS1_SHA384, RSA_PKCS1_SHA512, RSA_PSS_SHA256, RSA_PSS_SHA384, RSA_PSS_SHA512,
    RsaKeyPair,
};
use base::Secret;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use crate::{Fetch, FetchError, Fetched, Network};

/// A key pair of the provider's.
pub(super) enum TestKey {
    Rsa(RsaKeyPair),
    Elliptic(EcdsaKeyPair),
}

pub(super) static RSA: LazyLock<TestKey> =
    LazyLock::new(|| TestKey::Rsa(RsaKeyPair::generate(KeySize::Rsa2048).unwrap()));
pub(super) static OTHER_RSA: LazyLock<TestKey> =
    LazyLock::new(|| TestKey::Rsa(RsaKeyPair::generate(KeySize::Rsa2048).unwrap()));
pub(super) static P256: LazyLock<TestKey> = LazyLock::new(|| elliptic(&ECDSA_P256_SHA256_FIXED_SIGNING));
pub(super) static P384: LazyLock<TestKey> = LazyLock::new(|| elliptic(&ECDSA_P384_SHA384_FIXED_SIGNING));

fn elliptic(algorithm: &'static EcdsaSigningAlgorithm) -> TestKey {
    TestKey::Elliptic(EcdsaKeyPair::generate(algorithm).unwrap())
}

impl TestKey {
    pub(super) fn jwk(&self, kid: &str) -> Value {
        match self {
            Self::Rsa(_) => json!({"kty": "RSA", "kid": kid, "n": base64(&self.modulus()), "e": "AQAB"}),
            Self::Elliptic(pair) => {
                let point = &pair.public_key().as_ref()[1..];
                let (x, y) = point.split_at(point.len() / 2);
                let curve = if x.len() == 32 { "P-256" } else { "P-384" };
                json!({"kty": "EC", "kid": kid, "crv": curve, "x": base64(x), "y": base64(y)})
            }
        }
    }

    /// Of an RSA key of 2048 bits: its DER is a sequence of the modulus, from the tenth byte on, and the exponent.
    pub(super) fn modulus(&self) -> Vec<u8> {
        let Self::Rsa(pair) = self else { panic!("not an RSA key") };
        pair.public_key().as_ref()[9..265].to_vec()
    }

    fn sign(&self, algorithm: &str, message: &[u8]) -> Vec<u8> {
        match (self, algorithm) {
            (Self::Elliptic(pair), _) => pair.sign(&SystemRandom::new(), message).unwrap().as_ref().to_vec(),
            (Self::Rsa(_), "HS256") => {
                hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &self.modulus()), message).as_ref().to_vec()
            }
            (Self::Rsa(_), "none") => Vec::new(),
            (Self::Rsa(pair), algorithm) => {
                let encoding: &dyn aws_lc_rs::signature::RsaEncoding = match algorithm {
                    "RS384" => &RSA_PKCS1_SHA384,
                    "RS512" => &RSA_PKCS1_SHA512,
                    "PS256" => &RSA_PSS_SHA256,
                    "PS384" => &RSA_PSS_SHA384,
                    "PS512" => &RSA_PSS_SHA512,
                    _ => &RSA_PKCS1_SHA256,
                };
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(encoding, &SystemRandom::new(), message, &mut signature).unwrap();
                signature
            }
        }
    }

    /// Signs whatever texts these are.
    pub(super) fn token(&self, header: &str, payload: &str) -> String {
        let algorithm = serde_json::from_str::<Value>(header).map(|header| header["alg"].clone()).unwrap_or_default();
        let signed = format!("{}.{}", base64(header.as_bytes()), base64(payload.as_bytes()));
        let signature = self.sign(algorithm.as_str().unwrap_or("RS256"), signed.as_bytes());
        format!("{signed}.{}", base64(&signature))
    }
}

pub(super) fn base64(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// A request as it came.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Asked {
    pub(super) url: String,
    pub(super) form: HashMap<String, String>,
    pub(super) basic: Option<(String, String)>,
    pub(super) bearer: Option<String>,
}

/// Answers by address; an address that isn't there can't be reached.
#[derive(Debug, Default)]
pub(super) struct FakeFetch {
    answers: Mutex<HashMap<String, Result<Fetched, FetchError>>>,
    asked: Mutex<Vec<Asked>>,
}

impl FakeFetch {
    pub(super) fn answer(&self, url: &str, status: u16, body: &str) {
        let content_type = Some("application/json".to_owned());
        self.put(url, Ok(Fetched { status, content_type, body: body.as_bytes().to_vec() }));
    }

    pub(super) fn put(&self, url: &str, answer: Result<Fetched, FetchError>) {
        self.answers.lock().unwrap().insert(url.to_owned(), answer);
    }

    pub(super) fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }

    pub(super) fn asked_for(&self, url: &str) -> usize {
        self.asked().iter().filter(|asked| asked.url == url).count()
    }

    fn respond(&self, asked: Asked) -> Result<Fetched, FetchError> {
        let unreachable = || Err(FetchError::Unreachable("connection refused".into()));
        let answer = self.answers.lock().unwrap().get(&asked.url).cloned().unwrap_or_else(unreachable);
        self.asked.lock().unwrap().push(asked);
        answer
    }
}

#[async_trait]
impl Fetch for FakeFetch {
    async fn get(&self, url: &str, bearer: Option<&Secret<String>>, _: Network) -> Result<Fetched, FetchError> {
        let bearer = bearer.map(|token| token.expose().clone());
        self.respond(Asked { url: url.to_owned(), bearer, ..Asked::default() })
    }

    async fn post_form(
        &self,
        url: &str,
        form: &[(&str, &str)],
        basic: Option<(&str, &Secret<String>)>,
        _: Network,
    ) -> Result<Fetched, FetchError> {
        let form = form.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let basic = basic.map(|(user, password)| (user.to_owned(), password.expose().clone()));
        self.respond(Asked { url: url.to_owned(), form, basic, bearer: None })
    }
}
