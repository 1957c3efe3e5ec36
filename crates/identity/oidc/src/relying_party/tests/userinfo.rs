//! Claims that the ID token lacks.

use serde_json::json;

use super::world::{ACCESS_TOKEN, USERINFO, World};
use crate::{Check, FetchError, Fetched};

fn world() -> World {
    let mut world = World::new();
    world.provider.needed_claims = vec!["email".into()];
    world
}

#[tokio::test]
async fn userinfo_is_asked_only_for_what_the_id_token_lacks() {
    let world = world();
    world.sign_in(|draft| draft.claims["email"] = "e@example.com".into()).await.outcome.unwrap();
    assert_eq!(world.fetch.asked_for(USERINFO), 0);
    let body = json!({"sub": "00u1", "email": "e@example.com", "email_verified": true, "sid": "not this"});
    world.fetch.answer(USERINFO, 200, &body.to_string());
    let token = world.sign_in(|_| {}).await.outcome.unwrap();
    assert_eq!((token.email(), token.email_verified(), token.sid()), (Some("e@example.com"), true, None));
    let asked = world.fetch.asked().into_iter().find(|asked| asked.url == USERINFO).unwrap();
    assert_eq!(asked.bearer.as_deref(), Some(ACCESS_TOKEN));
}

#[tokio::test]
async fn the_id_token_counts_before_userinfo() {
    let mut world = world();
    world.provider.needed_claims = vec!["groups".into()];
    let body = json!({"sub": "00u1", "email": "other@example.com", "email_verified": true, "groups": ["sales"]});
    world.fetch.answer(USERINFO, 200, &body.to_string());
    let token = world.sign_in(|draft| draft.claims["email"] = "e@example.com".into()).await.outcome.unwrap();
    assert_eq!(token.texts("groups"), ["sales"]);
    assert_eq!(token.email(), Some("e@example.com"));
    assert!(!token.email_verified(), "another address was vouched for");
}

#[tokio::test]
async fn userinfo_may_vouch_for_the_address_of_the_id_token_but_not_against_it() {
    let mut world = world();
    world.provider.needed_claims = vec!["groups".into()];
    world.fetch.answer(USERINFO, 200, r#"{"sub":"00u1","email":"e@example.com","email_verified":true}"#);
    let token = world.sign_in(|draft| draft.claims["email"] = "e@example.com".into()).await.outcome.unwrap();
    assert!(token.email_verified());
    let verdict = world
        .sign_in(|draft| {
            draft.claims["email"] = "e@example.com".into();
            draft.claims["email_verified"] = false.into();
        })
        .await;
    assert!(!verdict.outcome.unwrap().email_verified());
}

#[tokio::test]
async fn claims_of_somebody_else_are_refused() {
    let world = world();
    world.fetch.answer(USERINFO, 200, r#"{"sub":"00u2","email":"admin@example.com"}"#);
    let refusal = world.refused(Check::UserInfo, |_| {}).await;
    assert_eq!(refusal.found, "claims of 00u2");
    world.fetch.answer(USERINFO, 200, r#"{"email":"admin@example.com"}"#);
    world.refused(Check::UserInfo, |_| {}).await;
    world.fetch.answer(USERINFO, 200, r#"{"sub":"00u1","sub":"00u1"}"#);
    world.refused(Check::UserInfo, |_| {}).await;
}

#[tokio::test]
async fn userinfo_that_fails_or_is_signed_is_told() {
    let world = world();
    world.fetch.answer(USERINFO, 403, "{}");
    assert_eq!(world.refused(Check::UserInfo, |_| {}).await.found, "an answer with status 403");
    world.fetch.put(USERINFO, Err(FetchError::TimedOut { seconds: 5 }));
    assert!(world.refused(Check::UserInfo, |_| {}).await.found.contains("within 5 s"));
    let content_type = Some("application/jwt; charset=utf-8".to_owned());
    world.fetch.put(USERINFO, Ok(Fetched { status: 200, content_type, body: b"a.b.c".to_vec() }));
    assert!(world.refused(Check::UserInfo, |_| {}).await.found.contains("application/jwt"));
}

#[tokio::test]
async fn a_provider_without_userinfo_signs_in_all_the_same() {
    let world = world();
    world.publish(|document| {
        document.as_object_mut().unwrap().remove("userinfo_endpoint");
    });
    assert_eq!(world.sign_in(|_| {}).await.outcome.unwrap().email(), None);
}
