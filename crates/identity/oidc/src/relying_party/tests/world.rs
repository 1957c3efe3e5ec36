//! A relying party, a provider, and one sign-in between them.

use std::sync::Arc;

use base::{FixedClock, Secret};
use serde_json::{Value, json};
use time::OffsetDateTime;

use super::provider::{FakeFetch, RSA, TestKey, base64};
use crate::{Check, OidcRefusal, Provider, RelyingParty, ValidatedIdToken, Verdict};
use crate::{Flow, Network};

pub(super) const ISSUER: &str = "https://login.example.com/realms/one";
pub(super) const DISCOVERY: &str = "https://login.example.com/realms/one/.well-known/openid-configuration";
pub(super) const KEYS: &str = "https://login.example.com/keys";
pub(super) const TOKEN: &str = "https://login.example.com/token";
pub(super) const USERINFO: &str = "https://login.example.com/userinfo";
pub(super) const REDIRECT: &str = "https://gatehouse.example.com/platform/oidc/ids-1/callback";
pub(super) const CLIENT: &str = "gatehouse";
pub(super) const ACCESS_TOKEN: &str = "an access token";
/// 2026-01-01T00:00:00Z
pub(super) const NOW: i64 = 1_767_225_600;

pub(super) struct World {
    pub(super) fetch: Arc<FakeFetch>,
    pub(super) clock: Arc<FixedClock>,
    pub(super) relying_party: RelyingParty,
    pub(super) provider: Provider,
}

/// What the provider is about to answer; a test changes what it is about.
pub(super) struct Draft {
    pub(super) header: Value,
    pub(super) claims: Value,
    /// Instead of header and claims.
    pub(super) texts: Option<(String, String)>,
    pub(super) key: &'static TestKey,
    /// After it was signed.
    pub(super) spoil: fn(String) -> String,
    pub(super) answer: Value,
    pub(super) status: u16,
    pub(super) query: String,
    pub(super) redirect: &'static str,
}

impl World {
    pub(super) fn new() -> Self {
        let fetch = Arc::new(FakeFetch::default());
        let clock = Arc::new(FixedClock::at(OffsetDateTime::from_unix_timestamp(NOW).unwrap()));
        let provider = Provider::new(ISSUER, CLIENT, Some("a secret: ö".into()), Network::Public);
        let relying_party = RelyingParty::new(fetch.clone(), clock.clone());
        let world = Self { fetch, clock, relying_party, provider };
        world.publish(|_| {});
        world.publish_keys(&[RSA.jwk("one")]);
        world
    }

    pub(super) fn publish(&self, change: impl FnOnce(&mut Value)) {
        let mut document = json!({
            "issuer": ISSUER,
            "authorization_endpoint": "https://login.example.com/authorize?theme=dark",
            "token_endpoint": TOKEN,
            "jwks_uri": KEYS,
            "userinfo_endpoint": USERINFO,
            "end_session_endpoint": "https://login.example.com/logout",
            "response_types_supported": ["code"],
            "code_challenge_methods_supported": ["plain", "S256"],
            "id_token_signing_alg_values_supported":
                ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "HS256", "none"],
            "token_endpoint_auth_methods_supported": ["client_secret_basic", "private_key_jwt"],
        });
        change(&mut document);
        self.fetch.answer(DISCOVERY, 200, &document.to_string());
    }

    pub(super) fn publish_keys(&self, keys: &[Value]) {
        self.fetch.answer(KEYS, 200, &json!({"keys": keys}).to_string());
    }

    /// One sign-in from the first redirect to the verdict, in which the provider does what the test wants.
    pub(super) async fn sign_in(&self, change: impl FnOnce(&mut Draft)) -> Verdict<ValidatedIdToken> {
        let begun = self.relying_party.begin(&self.provider, REDIRECT, None).await.unwrap();
        self.come_back(&begun.flow, change).await
    }

    pub(super) async fn come_back(&self, flow: &Flow, change: impl FnOnce(&mut Draft)) -> Verdict<ValidatedIdToken> {
        let mut draft = Draft {
            header: json!({"alg": "RS256", "kid": "one", "typ": "JWT"}),
            claims: json!({
                "iss": ISSUER, "aud": CLIENT, "sub": "00u1", "exp": NOW + 300, "iat": NOW, "nonce": flow.nonce, "jti": "t-1",
            }),
            texts: None,
            key: &RSA,
            spoil: |token| token,
            answer: json!({"access_token": ACCESS_TOKEN, "token_type": "Bearer", "expires_in": 60}),
            status: 200,
            query: format!("code=c-1&state={}", flow.state()),
            redirect: REDIRECT,
        };
        change(&mut draft);
        let (header, payload) =
            draft.texts.take().unwrap_or_else(|| (draft.header.to_string(), draft.claims.to_string()));
        if draft.status == 200 && draft.answer.get("id_token").is_none() {
            draft.answer["id_token"] = (draft.spoil)(draft.key.token(&header, &payload)).into();
        }
        self.fetch.answer(TOKEN, draft.status, &draft.answer.to_string());
        self.relying_party.finish(&self.provider, draft.redirect, &draft.query, flow).await
    }

    /// A sign-in that must be refused, by this check and no later one.
    pub(super) async fn refused(&self, check: Check, change: impl FnOnce(&mut Draft)) -> OidcRefusal {
        let verdict = self.sign_in(change).await;
        let refusal = verdict.outcome.unwrap_err();
        assert_eq!(refusal.check, check, "{refusal}");
        let (last, before) = verdict.checks.list().split_last().unwrap();
        assert!(before.iter().all(|checked| checked.passed), "{before:?}");
        assert_eq!((last.check.as_str(), last.passed), (check.name(), false));
        assert!(refusal.to_string().ends_with('.') && refusal.mend().ends_with('.'), "{refusal}");
        assert!(verdict.assertion.is_some());
        refusal
    }
}

/// The left half of the SHA-256 of the access token.
pub(super) fn at_hash() -> String {
    let hash = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, ACCESS_TOKEN.as_bytes());
    base64(&hash.as_ref()[..16])
}

pub(super) fn secret(text: &str) -> Secret<String> {
    text.into()
}
