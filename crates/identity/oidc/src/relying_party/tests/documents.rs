//! Discovery: fetched, kept, refused.

use base::Fault as _;
use serde_json::json;
use time::Duration;

use super::world::{DISCOVERY, ISSUER, KEYS, NOW, World};
use crate::{Check, FetchError, LARGEST_DOCUMENT, Network, OidcError};

#[tokio::test]
async fn documents_are_kept_for_an_hour_and_checked_afresh_on_demand() {
    let world = World::new();
    for _ in 0..3 {
        world.sign_in(|_| {}).await.outcome.unwrap();
    }
    assert_eq!((world.fetch.asked_for(DISCOVERY), world.fetch.asked_for(KEYS)), (1, 1));
    world.relying_party.check(&world.provider).await.unwrap();
    assert_eq!((world.fetch.asked_for(DISCOVERY), world.fetch.asked_for(KEYS)), (2, 2));
    world.clock.advance(Duration::minutes(59));
    world.relying_party.discover(&world.provider).await.unwrap();
    assert_eq!(world.fetch.asked_for(DISCOVERY), 2);
    world.clock.advance(Duration::minutes(1));
    world.relying_party.discover(&world.provider).await.unwrap();
    assert_eq!(world.fetch.asked_for(DISCOVERY), 3);
    world.clock.advance(Duration::hours(-9));
    world.relying_party.discover(&world.provider).await.unwrap();
    assert_eq!(world.fetch.asked_for(DISCOVERY), 4, "a clock that was set back makes nothing fresh");
}

#[tokio::test]
async fn only_so_many_providers_are_kept() {
    let world = World::new();
    world.relying_party.discover(&world.provider).await.unwrap();
    for number in 0..64 {
        world.clock.advance(Duration::seconds(1));
        let mut other = world.provider.clone();
        other.issuer = format!("https://{number}.example.com");
        let document = json!({
            "issuer": other.issuer, "authorization_endpoint": "https://a.example.com", "token_endpoint": "https://t.example.com",
            "jwks_uri": KEYS, "response_types_supported": ["code"], "id_token_signing_alg_values_supported": ["RS256"],
        });
        world.fetch.answer(&format!("{}/.well-known/openid-configuration", other.issuer), 200, &document.to_string());
        world.relying_party.discover(&other).await.unwrap();
    }
    world.relying_party.discover(&world.provider).await.unwrap();
    assert_eq!(world.fetch.asked_for(DISCOVERY), 2, "the one that wasn't used for longest was forgotten");
}

#[tokio::test]
async fn private_and_public_networks_do_not_share_what_was_fetched() {
    let mut world = World::new();
    world.relying_party.discover(&world.provider).await.unwrap();
    world.provider.network = Network::Private;
    world.relying_party.discover(&world.provider).await.unwrap();
    assert_eq!(world.fetch.asked_for(DISCOVERY), 2);
}

#[tokio::test]
async fn a_document_that_cannot_be_fetched_is_told_with_the_mend() {
    let world = World::new();
    world.fetch.put(DISCOVERY, Err(FetchError::NotAllowed("the address 10.0.0.1 is not public".into())));
    let error = world.relying_party.discover(&world.provider).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        format!("the discovery document at {DISCOVERY} can't be fetched: the address 10.0.0.1 is not public")
    );
    assert!(error.mend().contains("allow the private network"), "{}", error.mend());
    world.fetch.answer(DISCOVERY, 302, "");
    let error = world.relying_party.discover(&world.provider).await.unwrap_err();
    assert!(matches!(error, OidcError::Status { status: 302, .. }), "{error}");
    assert!(error.public().detail.unwrap().starts_with("The discovery document at "));
}

#[tokio::test]
async fn the_issuer_must_be_the_same_to_the_letter() {
    let world = World::new();
    for other in [format!("{ISSUER}/"), ISSUER.to_uppercase(), "https://evil.example".into()] {
        world.publish(|document| document["issuer"] = other.clone().into());
        let error = world.relying_party.check(&world.provider).await.unwrap_err();
        assert_eq!(error, OidcError::AnotherIssuer { expected: ISSUER.into(), found: other });
    }
}

#[tokio::test]
async fn the_templated_issuer_of_entra_says_what_to_configure() {
    let mut world = World::new();
    world.provider.issuer = "https://login.microsoftonline.com/common/v2.0".into();
    let url = format!("{}/.well-known/openid-configuration", world.provider.issuer);
    let document = json!({"issuer": "https://login.microsoftonline.com/{tenantid}/v2.0"});
    world.fetch.answer(&url, 200, &document.to_string());
    let error = world.relying_party.check(&world.provider).await.unwrap_err();
    assert!(error.to_string().contains("{tenantid}"), "{error}");
    assert!(error.mend().contains("https://login.microsoftonline.com/<tenant id>/v2.0"), "{}", error.mend());
}

#[tokio::test]
async fn a_document_longer_than_any_is_refused() {
    let world = World::new();
    let long = format!("{}{}", json!({"issuer": ISSUER}), " ".repeat(LARGEST_DOCUMENT));
    world.fetch.answer(DISCOVERY, 200, &long);
    let error = world.relying_party.discover(&world.provider).await.unwrap_err();
    assert!(
        matches!(error, OidcError::Fetch { error: FetchError::TooLarge { limit: LARGEST_DOCUMENT }, .. }),
        "{error}"
    );
}

#[tokio::test]
async fn what_a_provider_says_is_cut_in_errors() {
    let world = World::new();
    world.publish(|document| document["id_token_signing_alg_values_supported"] = json!(["x".repeat(5_000)]));
    let error = world.relying_party.check(&world.provider).await.unwrap_err();
    assert!(error.to_string().len() < 400, "{error}");
}

#[tokio::test]
async fn keys_of_an_address_that_the_provider_left_count_no_more() {
    let world = World::new();
    world.sign_in(|_| {}).await.outcome.unwrap();
    world.clock.advance(Duration::minutes(30));
    let soon = NOW + 1_800;
    let verdict = world
        .sign_in(|draft| {
            draft.header["kid"] = "made up".into();
            (draft.claims["iat"], draft.claims["exp"]) = (soon.into(), (soon + 300).into());
        })
        .await;
    assert_eq!(verdict.outcome.unwrap_err().check, Check::Key, "the keys were fetched anew");
    world.clock.advance(Duration::minutes(31));
    world.publish(|document| document["jwks_uri"] = "https://keys.example.com/new".into());
    let refusal = world.refused(Check::Keys, |_| {}).await;
    assert!(refusal.to_string().contains("https://keys.example.com/new"), "{refusal}");
}
