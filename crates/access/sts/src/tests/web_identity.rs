use std::sync::LazyLock;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{KeyPair as _, RSA_PKCS1_SHA256, RsaKeyPair};
use base::{CorrelationId, Fault as _};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use iam::NewOidcProvider;
use serde_json::{Value, json};
use time::Duration;

use super::fixture::{NOW, World, peer};
use crate::{Attempt, SessionRequest, WebIdentityRequest};

const ISSUER: &str = "https://token.actions.example";
const ROLE: &str = "arn:aws:iam::123456789012:role/deploy";
const ARN: &str = "arn:aws:iam::123456789012:oidc-provider/token.actions.example";

static KEY: LazyLock<RsaKeyPair> = LazyLock::new(|| RsaKeyPair::generate(KeySize::Rsa2048).unwrap());
static OTHER: LazyLock<RsaKeyPair> = LazyLock::new(|| RsaKeyPair::generate(KeySize::Rsa2048).unwrap());

fn base64(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

fn signed(key: &RsaKeyPair, claims: &Value) -> String {
    let header = json!({"alg": "RS256", "kid": "one", "typ": "JWT"});
    let text = format!("{}.{}", base64(header.to_string()), base64(claims.to_string()));
    let mut signature = vec![0; key.public_modulus_len()];
    key.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), text.as_bytes(), &mut signature).unwrap();
    format!("{text}.{}", base64(signature))
}

fn claims() -> Value {
    let now = NOW.unix_timestamp();
    json!({
        "iss": ISSUER, "aud": "sts.amazonaws.com", "sub": "repo:acme/app:ref:refs/heads/main", "exp": now + 300, "iat": now,
        "jti": "t-1", "amr": ["authenticated"], "email": "ci@acme.example", "email_verified": true,
    })
}

fn publish(world: &World) {
    let jwks = format!("{ISSUER}/jwks");
    // An issuer of workloads' tokens has neither an authorization nor a token endpoint.
    let document = json!({
        "issuer": ISSUER, "jwks_uri": jwks, "response_types_supported": ["id_token"],
        "id_token_signing_alg_values_supported": ["RS256"],
    });
    world.fetch.answer(&format!("{ISSUER}/.well-known/openid-configuration"), &document.to_string());
    let modulus = &KEY.public_key().as_ref()[9..265];
    let keys = json!({"keys": [{"kty": "RSA", "kid": "one", "n": base64(modulus), "e": "AQAB"}]});
    world.fetch.answer(&jwks, &keys.to_string());
}

async fn world() -> World {
    let world = World::new().await;
    let new = NewOidcProvider {
        url: ISSUER.to_owned(),
        client_ids: vec!["sts.amazonaws.com".to_owned()],
        thumbprints: vec!["a".repeat(40)],
        tags: iam::Tags::default(),
    };
    world.iam.create_oidc_provider(new).await.unwrap();
    let trust = format!(
        r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Principal":{{"Federated":"{ARN}"}},
        "Action":"sts:AssumeRoleWithWebIdentity","Condition":{{
        "StringEquals":{{"token.actions.example:aud":"sts.amazonaws.com"}},
        "StringLike":{{"token.actions.example:sub":"repo:acme/app:*"}}}}}}]}}"#
    );
    world.role("deploy", &trust).await;
    publish(&world);
    world
}

async fn assume(world: &World, token: String) -> Attempt {
    world
        .sts
        .assume_role_with_web_identity(&WebIdentityRequest {
            session: SessionRequest {
                role_arn: ROLE.to_owned(),
                policy: None,
                policy_arns: Vec::new(),
                duration_seconds: None,
                peer: peer(),
                correlation: CorrelationId::resume("call-4"),
            },
            session_name: "deploy-1".to_owned(),
            token,
        })
        .await
}

async fn refused(world: &World, token: String, code: &str, check: &str) {
    let attempt = assume(world, token).await;
    let error = attempt.outcome.unwrap_err();
    assert_eq!(error.code(), code, "{error}: {}", error.public().message);
    assert_eq!(attempt.checks.failed().unwrap().check, check, "{error}");
    assert!(!error.mend().is_empty());
}

#[tokio::test]
async fn a_workload_s_token_gives_a_session() {
    let world = world().await;
    let attempt = assume(&world, signed(&KEY, &claims())).await;
    let issued = attempt.outcome.unwrap();
    assert_eq!((attempt.assertion.as_deref(), attempt.person.as_deref()), (Some("t-1"), Some("ci@acme.example")));
    let caller = world.caller(&issued).unwrap();
    assert_eq!(caller.principal().to_string(), "arn:aws:sts::123456789012:assumed-role/deploy/deploy-1");
    assert_eq!(caller.person(), Some("ci@acme.example"));
    world.iam.delete_oidc_provider(ARN).await.unwrap();
    assert!(world.caller(&issued).is_err());
}

#[tokio::test]
async fn each_check_of_a_token() {
    let world = world().await;
    let with = |name: &str, value: Value| {
        let mut claims = claims();
        claims[name] = value;
        claims
    };
    let now = NOW.unix_timestamp();
    let invalid = "InvalidIdentityToken";
    refused(&world, signed(&OTHER, &claims()), invalid, "signature").await;
    refused(&world, signed(&KEY, &with("iss", "https://evil.example".into())), invalid, "OpenID Connect provider")
        .await;
    refused(&world, signed(&KEY, &with("aud", "other".into())), invalid, "audience").await;
    refused(&world, signed(&KEY, &with("aud", json!(["sts.amazonaws.com", "other"]))), invalid, "audience").await;
    refused(&world, signed(&KEY, &with("azp", "other".into())), invalid, "authorised party").await;
    refused(&world, signed(&KEY, &with("sub", "".into())), invalid, "subject").await;
    refused(&world, signed(&KEY, &with("exp", (now - 61).into())), "ExpiredTokenException", "expiry").await;
    refused(&world, signed(&KEY, &with("nbf", (now + 120).into())), invalid, "not before").await;
    refused(&world, signed(&KEY, &with("iat", (now + 120).into())), invalid, "issue time").await;
    refused(&world, signed(&KEY, &with("sub", "repo:evil/app:main".into())), "AccessDenied", "trust policy").await;
    refused(&world, "not.a.token".to_owned(), invalid, "OpenID Connect provider").await;
    let forged = signed(&KEY, &claims()).replace(
        &base64(json!({"alg": "RS256", "kid": "one", "typ": "JWT"}).to_string()),
        &base64(r#"{"alg":"none"}"#),
    );
    refused(&world, forged, invalid, "algorithm").await;
}

#[tokio::test]
async fn a_provider_that_does_not_answer_is_told() {
    let world = world().await;
    world.fetch.answer(&format!("{ISSUER}/.well-known/openid-configuration"), "no JSON");
    refused(&world, signed(&KEY, &claims()), "IDPCommunicationError", "discovery document").await;
    publish(&world);
    // So that strangers can't make this server ask again and again.
    refused(&world, signed(&KEY, &claims()), "IDPCommunicationError", "discovery document").await;
    world.clock.advance(Duration::seconds(10));
    assume(&world, signed(&KEY, &claims())).await.outcome.unwrap();
    // Its documents are remembered for an hour.
    world.fetch.answer(&format!("{ISSUER}/.well-known/openid-configuration"), "no JSON");
    assume(&world, signed(&KEY, &claims())).await.outcome.unwrap();
    world.clock.advance(Duration::hours(1));
    refused(&world, signed(&KEY, &claims()), "IDPCommunicationError", "discovery document").await;
}

#[tokio::test]
async fn a_token_s_tags_and_source_identity_are_the_session_s() {
    let world = world().await;
    let flat = [
        ("https://aws.amazon.com/tags/principal_tags/team", json!("data")),
        ("https://aws.amazon.com/tags/transitive_tag_keys", json!(["team"])),
    ];
    let nested = json!({"principal_tags": {"team": ["data"], "floor": ["3"]}, "transitive_tag_keys": ["team"]});
    let nested = [("https://aws.amazon.com/tags", nested), ("https://aws.amazon.com/source_identity", json!("ci-bot"))];
    let with = |more: &[(&str, Value)]| {
        let mut claims = claims();
        for (name, value) in more {
            claims[*name] = value.clone();
        }
        signed(&KEY, &claims)
    };
    refused(&world, with(&flat), "AccessDenied", "trust policy").await;
    let trust = world.iam.role("deploy").unwrap().trust.text().to_owned();
    let tags = r#"["sts:AssumeRoleWithWebIdentity","sts:TagSession"]"#;
    let tagging = trust.replace(r#""sts:AssumeRoleWithWebIdentity""#, tags);
    world.iam.update_trust("deploy", &tagging).await.unwrap();
    let session = world.caller(&assume(&world, with(&flat)).await.outcome.unwrap()).unwrap();
    assert_eq!(session.tag("team"), Some("data"));
    assert!(session.role_session().unwrap().transitive.contains("team"));
    refused(&world, with(&nested), "AccessDenied", "trust policy").await;
    world.iam.update_trust("deploy", &trust.replace(r#""sts:AssumeRoleWithWebIdentity""#, r#""sts:*""#)).await.unwrap();
    let session = world.caller(&assume(&world, with(&nested)).await.outcome.unwrap()).unwrap();
    assert_eq!((session.tag("floor"), session.source_identity()), (Some("3"), Some("ci-bot")));
    let claim = "https://aws.amazon.com/tags";
    for wrong in [
        json!("team"),
        json!({"principal_tags": {"team": ["a", "b"]}}),
        json!({"principal_tags": {"team": 3}}),
        json!({"principal_tags": {"aws:team": "a"}}),
        json!({"transitive_tag_keys": ["team"]}),
        json!({"groups": ["team"]}),
    ] {
        refused(&world, with(&[(claim, wrong)]), "InvalidIdentityToken", claim).await;
    }
    let identity = "https://aws.amazon.com/source_identity";
    refused(&world, with(&[(identity, json!("a b"))]), "InvalidIdentityToken", identity).await;
}
