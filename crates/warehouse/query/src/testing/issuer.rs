//! An issuer of JSON Web Tokens, its documents published in memory.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, LazyLock};

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{KeyPair as _, RSA_PKCS1_SHA256, RsaKeyPair};
use base::{FixedClock, Secret};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use oidc::{Fetch, FetchError, Fetched, IssuerKeys, Network};
use serde_json::{Value, json};

use crate::TokenIssuers;

pub(crate) const ISSUER: &str = "https://login.example/tenant/v2.0";
pub(crate) const AUDIENCE: &str = "api://warehouse";

static KEY: LazyLock<RsaKeyPair> = LazyLock::new(|| RsaKeyPair::generate(KeySize::Rsa2048).unwrap());
static OTHER: LazyLock<RsaKeyPair> = LazyLock::new(|| RsaKeyPair::generate(KeySize::Rsa2048).unwrap());

#[derive(Debug)]
pub(crate) struct Issuer {
    keys: Arc<IssuerKeys>,
    published: Arc<Published>,
}

#[derive(Debug, Default)]
struct Published(AtomicUsize);

/// Of ethan, in the groups sales and Ops, for five minutes from the world's time on.
pub(crate) fn claims() -> Value {
    let now = time::macros::datetime!(2026-01-02 03:04:05 UTC).unix_timestamp();
    json!({
        "iss": ISSUER, "aud": AUDIENCE, "sub": "s-1", "oid": "o-1", "upn": "ethan@example.com", "groups": ["sales"], "roles": ["Ops"],
        "iat": now, "nbf": now, "exp": now + 300, "jti": "t-1", "azp": "another-application",
    })
}

fn base64(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

impl Issuer {
    pub(crate) fn new(clock: &Arc<FixedClock>) -> Self {
        let published = Arc::<Published>::default();
        Self { keys: Arc::new(IssuerKeys::new(published.clone(), clock.clone())), published }
    }

    pub(crate) fn trusted(&self) -> TokenIssuers {
        TokenIssuers { keys: self.keys.clone(), network: Network::Public }
    }

    pub(crate) fn token(claims: &Value) -> Secret<String> {
        signed(&KEY, claims, "JWT")
    }

    pub(crate) fn access_token(claims: &Value) -> Secret<String> {
        signed(&KEY, claims, "at+jwt")
    }

    pub(crate) fn forged(claims: &Value) -> Secret<String> {
        signed(&OTHER, claims, "JWT")
    }

    /// How often its documents were asked for.
    pub(crate) fn fetches(&self) -> usize {
        self.published.0.load(Ordering::SeqCst)
    }
}

fn signed(key: &RsaKeyPair, claims: &Value, kind: &str) -> Secret<String> {
    let header = json!({"alg": "RS256", "kid": "one", "typ": kind});
    let text = format!("{}.{}", base64(header.to_string()), base64(claims.to_string()));
    let mut signature = vec![0; key.public_modulus_len()];
    key.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), text.as_bytes(), &mut signature).unwrap();
    Secret::new(format!("{text}.{}", base64(signature)))
}

#[async_trait::async_trait]
impl Fetch for Published {
    async fn get(&self, url: &str, _: Option<&Secret<String>>, _: Network) -> Result<Fetched, FetchError> {
        self.0.fetch_add(1, Ordering::SeqCst);
        let jwks = format!("{ISSUER}/jwks");
        let body = if url == jwks {
            let modulus = &KEY.public_key().as_ref()[9..265];
            json!({"keys": [{"kty": "RSA", "kid": "one", "n": base64(modulus), "e": "AQAB"}]})
        } else if url == format!("{ISSUER}/.well-known/openid-configuration") {
            json!({"issuer": ISSUER, "jwks_uri": jwks, "id_token_signing_alg_values_supported": ["RS256"]})
        } else {
            return Err(FetchError::Unreachable(url.to_owned()));
        };
        Ok(Fetched { status: 200, content_type: None, body: body.to_string().into_bytes() })
    }

    async fn post_form(
        &self,
        url: &str,
        _: &[(&str, &str)],
        _: Option<(&str, &Secret<String>)>,
        _: Network,
    ) -> Result<Fetched, FetchError> {
        Err(FetchError::Unreachable(url.to_owned()))
    }
}
