//! What an ID token must say, each check with its negative test.

use serde_json::{Value, json};
use time::Duration;

use super::world::{CLIENT, ISSUER, NOW, World};
use crate::Check;

#[tokio::test]
async fn another_issuer_is_refused() {
    let world = World::new();
    let refusal = world.refused(Check::Issuer, |draft| draft.claims["iss"] = "https://evil.example".into()).await;
    assert_eq!(refusal.to_string(), format!("The token's issuer is https://evil.example, not {ISSUER}."));
    world.refused(Check::Issuer, |draft| draft.claims["iss"] = format!("{ISSUER}/").into()).await;
    world.refused(Check::Issuer, |draft| draft.claims["iss"] = Value::Null).await;
}

#[tokio::test]
async fn another_audience_is_refused() {
    let world = World::new();
    let refusal = world.refused(Check::Audience, |draft| draft.claims["aud"] = "other".into()).await;
    assert_eq!(refusal.to_string(), "The token's audience is other, not gatehouse.");
    for wrong in [json!([]), json!(["other"]), Value::Null, json!({"gatehouse": true}), json!([CLIENT, 1])] {
        world.refused(Check::Audience, |draft| draft.claims["aud"] = wrong).await;
    }
    world.sign_in(|draft| draft.claims["aud"] = json!([CLIENT])).await.outcome.unwrap();
}

#[tokio::test]
async fn several_audiences_must_be_trusted_and_name_us_as_the_authorised_party() {
    let mut world = World::new();
    let both = json!([CLIENT, "analytics"]);
    world.refused(Check::Audience, |draft| draft.claims["aud"] = both.clone()).await;
    world.provider.trusted_audiences = vec!["analytics".into()];
    let refusal = world.refused(Check::AuthorisedParty, |draft| draft.claims["aud"] = both.clone()).await;
    assert!(refusal.to_string().contains("several audiences"), "{refusal}");
    let verdict = world
        .sign_in(|draft| {
            draft.claims["aud"] = both;
            draft.claims["azp"] = CLIENT.into();
        })
        .await;
    verdict.outcome.unwrap();
}

#[tokio::test]
async fn another_authorised_party_is_refused() {
    let world = World::new();
    let refusal = world.refused(Check::AuthorisedParty, |draft| draft.claims["azp"] = "other".into()).await;
    assert_eq!(refusal.to_string(), "The token's authorised party is other, not gatehouse.");
    world.refused(Check::AuthorisedParty, |draft| draft.claims["azp"] = json!([CLIENT])).await;
}

#[tokio::test]
async fn a_subject_is_needed() {
    let world = World::new();
    for wrong in [Value::Null, "".into(), 7.into(), "x".repeat(256).into()] {
        world.refused(Check::Subject, |draft| draft.claims["sub"] = wrong).await;
    }
    world.sign_in(|draft| draft.claims["sub"] = "x".repeat(255).into()).await.outcome.unwrap();
}

#[tokio::test]
async fn an_expired_token_is_refused_to_the_second() {
    let world = World::new();
    let refusal = world.refused(Check::Expiry, |draft| draft.claims["exp"] = (NOW - 60).into()).await;
    assert_eq!(
        refusal.to_string(),
        "The token expired at 2025-12-31T23:59:00Z, 60 s ago by this server's clock; 60 s are allowed."
    );
    world.sign_in(|draft| draft.claims["exp"] = (NOW - 59).into()).await.outcome.unwrap();
    for wrong in [Value::Null, "soon".into(), json!(-1), json!(1e300), json!(i64::MAX)] {
        world.refused(Check::Expiry, |draft| draft.claims["exp"] = wrong).await;
    }
    world.sign_in(|draft| draft.claims["exp"] = json!(1_767_225_700.5)).await.outcome.unwrap();
}

#[tokio::test]
async fn a_token_of_the_future_says_how_far_the_clock_is_behind() {
    let world = World::new();
    let refusal = world.refused(Check::IssuedAt, |draft| draft.claims["iat"] = (NOW + 94).into()).await;
    assert_eq!(
        refusal.to_string(),
        "The token was issued at 2026-01-01T00:01:34Z: this server's clock is 94 s behind the provider's, and 60 s are allowed."
    );
    world.sign_in(|draft| draft.claims["iat"] = (NOW + 60).into()).await.outcome.unwrap();
    world.refused(Check::IssuedAt, |draft| draft.claims["iat"] = Value::Null).await;
}

#[tokio::test]
async fn a_token_from_before_the_sign_in_began_is_refused() {
    let world = World::new();
    let refusal = world.refused(Check::IssuedAt, |draft| draft.claims["iat"] = (NOW - 61).into()).await;
    assert!(refusal.to_string().contains("61 s too early"), "{refusal}");
    world.sign_in(|draft| draft.claims["iat"] = (NOW - 60).into()).await.outcome.unwrap();
}

#[tokio::test]
async fn a_token_that_does_not_count_yet_is_refused() {
    let world = World::new();
    let refusal = world.refused(Check::NotBefore, |draft| draft.claims["nbf"] = (NOW + 61).into()).await;
    assert!(refusal.to_string().contains("61 s behind"), "{refusal}");
    world.refused(Check::NotBefore, |draft| draft.claims["nbf"] = "now".into()).await;
    world.sign_in(|draft| draft.claims["nbf"] = (NOW + 60).into()).await.outcome.unwrap();
}

#[tokio::test]
async fn the_skew_is_bounded_whatever_is_configured() {
    let mut world = World::new();
    world.provider.skew = Duration::hours(5);
    let refusal = world.refused(Check::Expiry, |draft| draft.claims["exp"] = (NOW - 180).into()).await;
    assert!(refusal.to_string().contains("180 s are allowed"), "{refusal}");
    world.sign_in(|draft| draft.claims["exp"] = (NOW - 179).into()).await.outcome.unwrap();
    world.provider.skew = Duration::seconds(-5);
    world.refused(Check::Expiry, |draft| draft.claims["exp"] = NOW.into()).await;
    world.sign_in(|draft| draft.claims["exp"] = (NOW + 1).into()).await.outcome.unwrap();
}

#[tokio::test]
async fn the_nonce_of_another_sign_in_is_refused_and_not_shown() {
    let world = World::new();
    let refusal = world.refused(Check::Nonce, |draft| draft.claims["nonce"] = "a stolen token's".into()).await;
    assert_eq!(
        refusal.to_string(),
        "The check of the nonce failed: the nonce of this sign-in was expected, and another one came."
    );
    let refusal = world.refused(Check::Nonce, |draft| draft.claims["nonce"] = Value::Null).await;
    assert_eq!(refusal.found, "none");
}

#[tokio::test]
async fn a_sign_in_longer_ago_than_asked_for_is_refused() {
    let mut world = World::new();
    world.sign_in(|draft| draft.claims["auth_time"] = (NOW - 99_999).into()).await.outcome.unwrap();
    world.provider.max_age = Some(Duration::seconds(300));
    let refusal =
        world.refused(Check::AuthenticationTime, |draft| draft.claims["auth_time"] = (NOW - 361).into()).await;
    assert!(refusal.to_string().contains("361 s ago"), "{refusal}");
    world.refused(Check::AuthenticationTime, |_| {}).await;
    world.refused(Check::AuthenticationTime, |draft| draft.claims["auth_time"] = (NOW + 61).into()).await;
    let verdict = world.sign_in(|draft| draft.claims["auth_time"] = (NOW - 360).into()).await;
    assert_eq!(verdict.outcome.unwrap().auth_time().unwrap().unix_timestamp(), NOW - 360);
}

#[tokio::test]
async fn the_access_token_must_be_the_one_that_came_with_it() {
    let world = World::new();
    for wrong in ["AAAAAAAAAAAAAAAAAAAAAA".into(), Value::Null, 1.into()] {
        world.refused(Check::AccessTokenHash, |draft| draft.claims["at_hash"] = wrong).await;
    }
}

#[tokio::test]
async fn claims_are_read_as_they_are() {
    let world = World::new();
    let verdict = world
        .sign_in(|draft| {
            draft.claims["groups"] = json!(["sales", 7, "finance"]);
            draft.claims["department"] = "sales".into();
            draft.claims["email"] = "ethan@example.com".into();
            draft.claims["email_verified"] = "true".into();
            draft.claims["sid"] = "s-1".into();
            draft.claims.as_object_mut().unwrap().remove("jti");
        })
        .await;
    let assertion = verdict.assertion.clone();
    let token = verdict.outcome.unwrap();
    assert_eq!(token.texts("groups"), ["sales", "finance"]);
    assert_eq!(token.texts("department"), ["sales"]);
    assert!(token.texts("absent").is_empty() && token.claim("absent").is_none());
    assert_eq!((token.email(), token.email_verified(), token.sid()), (Some("ethan@example.com"), true, Some("s-1")));
    assert_eq!((assertion.as_deref(), token.id().len()), (Some(token.id()), 43));
    assert_eq!(token.expires().unwrap().unix_timestamp(), NOW + 300);
    assert!(!format!("{token:?}").contains(token.id_token().expose()));
}

#[tokio::test]
async fn an_email_counts_as_verified_only_where_the_provider_says_so() {
    let world = World::new();
    for (verified, expected) in
        [(true.into(), true), (false.into(), false), (Value::Null, false), ("yes".into(), false), (1.into(), false)]
    {
        let verdict = world
            .sign_in(|draft| {
                draft.claims["email"] = "e@example.com".into();
                draft.claims["email_verified"] = Value::clone(&verified);
            })
            .await;
        assert_eq!(verdict.outcome.unwrap().email_verified(), expected, "{verified}");
    }
    assert!(
        !world.sign_in(|draft| draft.claims["email_verified"] = true.into()).await.outcome.unwrap().email_verified()
    );
}

#[tokio::test]
async fn groups_that_the_provider_keeps_elsewhere_are_not_no_groups() {
    let world = World::new();
    let overage = json!({"groups": "src1"});
    let token = world.sign_in(|draft| draft.claims["_claim_names"] = overage).await.outcome.unwrap();
    assert!(token.is_elsewhere("groups") && !token.is_elsewhere("roles"));
    let token = world.sign_in(|draft| draft.claims["hasgroups"] = true.into()).await.outcome.unwrap();
    assert!(token.is_elsewhere("groups"));
    let token = world.sign_in(|draft| draft.claims["groups"] = json!([])).await.outcome.unwrap();
    assert!(!token.is_elsewhere("groups"));
}
