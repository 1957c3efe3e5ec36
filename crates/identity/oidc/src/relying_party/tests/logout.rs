//! Logout tokens that the provider posts (OpenID Connect Back-Channel Logout 1.0).

use serde_json::{Value, json};

use super::provider::{OTHER_RSA, RSA};
use super::world::{CLIENT, ISSUER, NOW, World};
use crate::{Check, LogoutToken, Verdict};

const EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";

async fn told(world: &World, change: impl FnOnce(&mut Value, &mut Value)) -> Verdict<LogoutToken> {
    let mut header = json!({"alg": "RS256", "kid": "one", "typ": "logout+jwt"});
    let mut claims = json!({
        "iss": ISSUER, "aud": CLIENT, "sub": "00u1", "sid": "s-1", "iat": NOW, "exp": NOW + 120, "jti": "l-1",
        "events": {EVENT: {}},
    });
    change(&mut header, &mut claims);
    let token = RSA.token(&header.to_string(), &claims.to_string());
    world.relying_party.validate_logout_token(&world.provider, &token).await
}

async fn refused(world: &World, check: Check, change: impl FnOnce(&mut Value, &mut Value)) {
    let verdict = told(world, change).await;
    let refusal = verdict.outcome.unwrap_err();
    assert_eq!(refusal.check, check, "{refusal}");
    assert_eq!(verdict.checks.failed().unwrap().check, check.name());
}

#[tokio::test]
async fn a_logout_token_names_the_session_that_ended() {
    let world = World::new();
    let verdict = told(&world, |_, _| {}).await;
    assert!(verdict.checks.failed().is_none());
    let token = verdict.outcome.unwrap();
    assert_eq!((token.subject(), token.sid(), token.id()), (Some("00u1"), Some("s-1"), "l-1"));
    assert_eq!(token.remember_until().unwrap().unix_timestamp(), NOW + 180);
    let session_only = told(&world, |_, claims| claims["sub"] = Value::Null).await.outcome.unwrap();
    assert_eq!((session_only.subject(), session_only.sid()), (None, Some("s-1")));
    told(&world, |header, _| header["typ"] = "JWT".into()).await.outcome.unwrap();
}

#[tokio::test]
async fn each_check_of_a_logout_token() {
    let world = World::new();
    refused(&world, Check::Issuer, |_, claims| claims["iss"] = "https://evil.example".into()).await;
    refused(&world, Check::Audience, |_, claims| claims["aud"] = "other".into()).await;
    refused(&world, Check::Expiry, |_, claims| claims["exp"] = (NOW - 60).into()).await;
    refused(&world, Check::Expiry, |_, claims| claims["exp"] = Value::Null).await;
    refused(&world, Check::IssuedAt, |_, claims| claims["iat"] = (NOW + 61).into()).await;
    refused(&world, Check::IssuedAt, |_, claims| claims["iat"] = (NOW - 661).into()).await;
    refused(&world, Check::Events, |_, claims| claims["events"] = json!({})).await;
    refused(&world, Check::Events, |_, claims| claims["events"] = json!({EVENT: true})).await;
    refused(&world, Check::Events, |_, claims| claims["events"] = json!([EVENT])).await;
    refused(&world, Check::Subject, |_, claims| (claims["sub"], claims["sid"]) = (Value::Null, "".into())).await;
    refused(&world, Check::Nonce, |_, claims| claims["nonce"] = "n".into()).await;
    refused(&world, Check::Nonce, |_, claims| claims["nonce"] = Value::Null).await;
    refused(&world, Check::TokenId, |_, claims| claims["jti"] = "".into()).await;
    refused(&world, Check::Type, |header, _| header["typ"] = "at+jwt".into()).await;
    refused(&world, Check::Algorithm, |header, _| header["alg"] = "none".into()).await;
    refused(&world, Check::Algorithm, |header, _| header["alg"] = "HS256".into()).await;
    refused(&world, Check::Key, |header, _| header["kid"] = "two".into()).await;
    let forged = OTHER_RSA.token(r#"{"alg":"RS256","kid":"one"}"#, "{}");
    let verdict = world.relying_party.validate_logout_token(&world.provider, &forged).await;
    assert_eq!(verdict.outcome.unwrap_err().check, Check::Signature);
}

#[tokio::test]
async fn an_id_token_ends_no_session() {
    let world = World::new();
    let token = world.sign_in(|_| {}).await.outcome.unwrap();
    let verdict = world.relying_party.validate_logout_token(&world.provider, token.id_token().expose()).await;
    assert_eq!(verdict.outcome.unwrap_err().check, Check::Events);
}
