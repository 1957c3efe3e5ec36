//! An OpenID provider with a key of its own, and sign-ins through it.

use std::sync::Arc;

use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};
use axum::body::Body;
use axum::http::{Request, StatusCode};
use base::{AuditStep, Clock as _, Outcome, Secret};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use source::{IdentitySource, MatchBy, NewKind, NewOidc, NewSource, SubjectFrom, SubjectMapping};
use time::Duration;

use super::super::fixture::{Browser, World};

const ISSUER: &str = "https://login.example.com";

/// Entra's part.
struct Provider {
    key: EcdsaKeyPair,
    source: Arc<IdentitySource>,
}

impl Provider {
    async fn new(world: &World) -> Self {
        let key = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap();
        let point = key.public_key().as_ref();
        let (x, y) = (URL_SAFE_NO_PAD.encode(&point[1..33]), URL_SAFE_NO_PAD.encode(&point[33..65]));
        let jwks = json!({ "keys": [{ "kty": "EC", "crv": "P-256", "use": "sig", "alg": "ES256", "kid": "k1", "x": x, "y": y }] });
        let discovery = json!({
            "issuer": ISSUER,
            "authorization_endpoint": format!("{ISSUER}/authorize"),
            "token_endpoint": format!("{ISSUER}/token"),
            "jwks_uri": format!("{ISSUER}/jwks"),
            "end_session_endpoint": format!("{ISSUER}/logout"),
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["ES256"],
            "code_challenge_methods_supported": ["S256"],
            "backchannel_logout_supported": true,
        });
        world.network.put(&format!("{ISSUER}/.well-known/openid-configuration"), discovery.to_string());
        world.network.put(&format!("{ISSUER}/jwks"), jwks.to_string());
        let new = NewSource {
            name: "Entra".into(),
            domains: Vec::new(),
            kind: NewKind::Oidc(NewOidc {
                issuer: ISSUER.into(),
                client_id: "client-1".into(),
                client_secret: Some(Secret::from("s3cret")),
                scopes: vec!["email".into()],
            }),
            subject: SubjectMapping {
                from: SubjectFrom::Attribute("preferred_username".into()),
                to: MatchBy::UserName,
            },
            just_in_time: false,
            groups_claim: None,
            contact: None,
            network: ::oidc::Network::Public,
        };
        Self { key, source: world.state.sources.create(new).await.unwrap() }
    }

    fn signed(&self, header: &Value, claims: &Value) -> String {
        let encode = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let input = format!("{}.{}", encode(header), encode(claims));
        let random = aws_lc_rs::rand::SystemRandom::new();
        let signature = self.key.sign(&random, input.as_bytes()).unwrap();
        format!("{input}.{}", URL_SAFE_NO_PAD.encode(signature.as_ref()))
    }

    /// Begins, has the provider answer with an ID token of `claims` over the usual ones, and comes back.
    async fn sign_in(&self, world: &World, browser: &mut Browser<'_>, claims: &Value) -> super::super::fixture::Answer {
        let begun = browser.get(&format!("/signin/with/{}", self.source.id)).await;
        assert_eq!(begun.status, StatusCode::SEE_OTHER, "{}", begun.body);
        let location = url::Url::parse(begun.header("location")).unwrap();
        let asked =
            |name: &str| location.query_pairs().find(|(known, _)| known == name).map(|(_, value)| value.into_owned());
        assert_eq!(asked("code_challenge_method").as_deref(), Some("S256"));
        let now = world.clock.now().unix_timestamp();
        let mut all = json!({
            "iss": ISSUER, "aud": "client-1", "sub": "sub-1", "sid": "sid-1", "iat": now, "exp": now + 300,
            "nonce": asked("nonce").unwrap(), "preferred_username": "ethan",
        });
        all.as_object_mut().unwrap().extend(claims.as_object().unwrap().clone());
        let token = self.signed(&json!({ "alg": "ES256", "kid": "k1", "typ": "JWT" }), &all);
        let answer = json!({ "access_token": "at", "token_type": "Bearer", "expires_in": 300, "id_token": token });
        world.network.put(&format!("{ISSUER}/token"), answer.to_string());
        let path = format!("/platform/oidc/{}/callback?code=c0de&state={}", self.source.id, asked("state").unwrap());
        browser.get(&path).await
    }
}

#[tokio::test]
async fn an_id_token_opens_a_session_and_the_code_was_proved_with_pkce() {
    let world = World::new().await;
    let provider = Provider::new(&world).await;
    let mut browser = Browser::new(&world);
    let back = provider.sign_in(&world, &mut browser, &json!({})).await;
    assert_eq!((back.status, back.header("location")), (StatusCode::SEE_OTHER, "/signin"), "{}", back.body);
    let (address, form) = world.network.posted().pop().unwrap();
    assert!(address.ends_with("/token") && form.contains("code_verifier=") && !form.contains("s3cret"), "{form}");
    let last = world.trail.events().pop().unwrap();
    assert_eq!((last.step, last.outcome, last.action.as_str()), (AuditStep::SignIn, Outcome::Allowed, "oidc"));
    let page = browser.get("/signin").await;
    assert!(page.body.contains("<strong>ethan</strong> through Entra"), "{}", page.body);
}

#[tokio::test]
async fn an_id_token_of_another_audience_or_nonce_is_refused_by_name() {
    let world = World::new().await;
    let provider = Provider::new(&world).await;
    let now = world.clock.now().unix_timestamp();
    for (claims, found) in [
        (json!({ "aud": "someone-else" }), "someone-else"),
        (json!({ "nonce": "another-nonce" }), "nonce"),
        (json!({ "iss": "https://evil.example.com" }), "https://evil.example.com"),
        (json!({ "exp": now - 600, "iat": now - 900 }), "expir"),
    ] {
        let mut browser = Browser::new(&world);
        let page = provider.sign_in(&world, &mut browser, &claims).await;
        assert_eq!(page.status, StatusCode::FORBIDDEN, "{}", page.body);
        assert!(page.body.contains(found) && page.body.contains("Reference: "), "{found} {}", page.body);
        assert!(!browser.cookie_header().contains("gatehouse-session="));
        assert_eq!(world.trail.events().pop().unwrap().outcome, Outcome::Denied);
    }
}

#[tokio::test]
async fn a_callback_without_its_flow_admits_nobody() {
    let world = World::new().await;
    let provider = Provider::new(&world).await;
    for query in [
        "",
        "?code=a&state=b",
        "?code=a&state=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        "?error=access_denied&state=x",
    ] {
        let page = Browser::new(&world).get(&format!("/platform/oidc/{}/callback{query}", provider.source.id)).await;
        assert!(page.status.is_client_error(), "{query} {}", page.body);
        assert!(page.body.contains("Reference: "), "{query}");
    }
    assert!(world.network.posted().is_empty(), "no code was sent anywhere");
}

#[tokio::test]
async fn signing_out_leads_to_the_providers_logout_and_back() {
    let world = World::new().await;
    let provider = Provider::new(&world).await;
    let mut browser = Browser::new(&world);
    provider.sign_in(&world, &mut browser, &json!({})).await;
    let csrf = browser.get("/signout").await.field("csrf");
    let out = browser.post("/signout", &[("csrf", &csrf)]).await;
    let location = url::Url::parse(&out.link("Continue")).unwrap();
    assert!(location.as_str().starts_with(&format!("{ISSUER}/logout?")));
    let asked =
        |name: &str| location.query_pairs().find(|(known, _)| known == name).map(|(_, value)| value.into_owned());
    assert_eq!(asked("post_logout_redirect_uri").unwrap(), format!("{}/signout", super::super::fixture::CENTER));
    assert!(asked("id_token_hint").is_some());
    assert!(browser.get("/signout").await.body.contains("You are signed out"));
}

#[tokio::test]
async fn the_provider_signs_people_out_through_the_back_channel() {
    let world = World::new().await;
    let provider = Provider::new(&world).await;
    let mut browser = Browser::new(&world);
    let mut other = Browser::new(&world);
    provider.sign_in(&world, &mut browser, &json!({})).await;
    provider.sign_in(&world, &mut other, &json!({ "sid": "sid-2" })).await;
    let now = world.clock.now().unix_timestamp();
    let events = json!({ "http://schemas.openid.net/event/backchannel-logout": {} });
    let claims = json!({ "iss": ISSUER, "aud": "client-1", "iat": now, "exp": now + 120, "jti": "j-1", "sid": "sid-1", "events": events });
    let post = |token: String| {
        let body = url::form_urlencoded::Serializer::new(String::new()).append_pair("logout_token", &token).finish();
        let path = format!("/platform/oidc/{}/backchannel", provider.source.id);
        Request::post(path).header("content-type", "application/x-www-form-urlencoded").body(Body::from(body)).unwrap()
    };
    let header = json!({ "alg": "ES256", "kid": "k1", "typ": "logout+jwt" });
    let mut forged = provider.signed(&header, &claims);
    forged.truncate(forged.len() - 8);
    let refused = world.send(post(forged)).await;
    assert_eq!(refused.status, StatusCode::BAD_REQUEST);
    assert!(refused.body.contains("invalid_request"), "{}", refused.body);
    assert!(browser.get("/signin").await.body.contains("You are signed in as"));
    let done = world.send(post(provider.signed(&header, &claims))).await;
    assert_eq!((done.status, done.header("cache-control")), (StatusCode::OK, "no-store"), "{}", done.body);
    assert!(!browser.get("/signin").await.body.contains("You are signed in as"));
    assert!(other.get("/signin").await.body.contains("You are signed in as"), "exactly the session that was named");
}

#[tokio::test]
async fn which_address_cannot_be_reached_is_for_the_record_and_not_for_strangers() {
    let world = World::new().await;
    let provider = Provider::new(&world).await;
    let address = format!("{ISSUER}/.well-known/openid-configuration");
    world.network.put(&address, "down");
    world.clock.advance(Duration::days(2));
    let page = Browser::new(&world).get(&format!("/signin/with/{}", provider.source.id)).await;
    assert!(!page.status.is_success() && page.body.contains("Reference: "), "{} {}", page.status, page.body);
    assert!(!page.body.contains(&address), "{}", page.body);
    let record = world.trail.events().pop().unwrap();
    let field = |name: &str| record.fields.iter().find(|(known, _)| *known == name).map(|(_, value)| value.as_str());
    assert!(field("reason").unwrap().contains(&address), "{record:?}");
    assert!(!field("mend").unwrap().is_empty(), "{record:?}");
}
