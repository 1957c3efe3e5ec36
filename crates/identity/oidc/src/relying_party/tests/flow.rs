//! From the first redirect to the code, and the token endpoint.

use std::collections::HashMap;

use base::ErrorKind;
use base::Fault as _;
use serde_json::json;
use time::Duration;
use url::Url;

use super::world::{CLIENT, DISCOVERY, ISSUER, REDIRECT, TOKEN, World, at_hash, secret};
use crate::{Check, Flow, state_of};

fn parameters(location: &str) -> HashMap<String, String> {
    Url::parse(location).unwrap().query_pairs().into_owned().collect()
}

#[tokio::test]
async fn a_sign_in_is_asked_for_with_pkce_state_and_nonce() {
    let mut world = World::new();
    world.provider.scopes = vec!["email".into(), "openid".into(), "groups".into()];
    world.provider.max_age = Some(Duration::minutes(5));
    let begun = world.relying_party.begin(&world.provider, REDIRECT, Some("ethan@example.com")).await.unwrap();
    assert!(begun.location.starts_with("https://login.example.com/authorize?theme=dark&"), "{}", begun.location);
    let asked = parameters(&begun.location);
    let expected = [
        ("response_type", "code"),
        ("client_id", CLIENT),
        ("redirect_uri", REDIRECT),
        ("scope", "openid email groups"),
        ("state", begun.flow.state()),
        ("nonce", begun.flow.nonce.as_str()),
        ("code_challenge_method", "S256"),
        ("login_hint", "ethan@example.com"),
        ("max_age", "300"),
    ];
    for (name, value) in expected {
        assert_eq!(asked[name], value, "{name}");
    }
    let other = world.relying_party.begin(&world.provider, REDIRECT, None).await.unwrap();
    for unique in ["state", "nonce", "code_challenge"] {
        assert_eq!(asked[unique].len(), 43, "{unique}");
        assert_ne!(asked[unique], parameters(&other.location)[unique], "{unique}");
    }
    assert!(!format!("{:?}", begun.flow).contains(begun.flow.state()));
    let kept: Flow = serde_json::from_str(&serde_json::to_string(&begun.flow).unwrap()).unwrap();
    assert_eq!(kept.state(), begun.flow.state());
}

#[tokio::test]
async fn a_good_sign_in_passes_every_check_and_says_who_it_is() {
    let world = World::new();
    let verdict = world.sign_in(|draft| draft.claims["at_hash"] = at_hash().into()).await;
    let token = verdict.outcome.unwrap();
    assert_eq!((token.issuer(), token.subject(), token.id()), (ISSUER, "00u1", "t-1"));
    assert_eq!(verdict.assertion.as_deref(), Some("t-1"));
    let names: Vec<&str> = verdict.checks.list().iter().map(|checked| checked.check.as_str()).collect();
    assert_eq!(
        names,
        [
            "answer",
            "state",
            "state",
            "discovery document",
            "provider's answer",
            "token endpoint",
            "token form",
            "token type",
            "algorithm",
            "key",
            "signature",
            "issuer",
            "audience",
            "subject",
            "expiry",
            "issue time",
            "nonce",
            "access token hash"
        ]
    );
    assert!(verdict.checks.failed().is_none());
}

#[tokio::test]
async fn the_code_is_exchanged_with_the_verifier_and_the_secret() {
    let world = World::new();
    let begun = world.relying_party.begin(&world.provider, REDIRECT, None).await.unwrap();
    let challenge = parameters(&begun.location)["code_challenge"].clone();
    world.come_back(&begun.flow, |_| {}).await.outcome.unwrap();
    let asked = world.fetch.asked().into_iter().find(|asked| asked.url == TOKEN).unwrap();
    assert_eq!(asked.form["grant_type"], "authorization_code");
    assert_eq!((asked.form["code"].as_str(), asked.form["redirect_uri"].as_str()), ("c-1", REDIRECT));
    let hash = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, asked.form["code_verifier"].as_bytes());
    assert_eq!(super::provider::base64(hash.as_ref()), challenge);
    assert_eq!(asked.basic, Some((CLIENT.into(), "a+secret%3A+%C3%B6".into())));
    assert!(!asked.form.contains_key("client_secret") && !asked.form.contains_key("client_id"));
}

#[tokio::test]
async fn a_secret_is_posted_where_the_provider_wants_it_and_a_public_client_has_none() {
    let mut world = World::new();
    world.publish(|document| document["token_endpoint_auth_methods_supported"] = json!(["client_secret_post"]));
    world.sign_in(|_| {}).await.outcome.unwrap();
    let asked = world.fetch.asked().into_iter().find(|asked| asked.url == TOKEN).unwrap();
    assert_eq!((asked.form["client_id"].as_str(), asked.form["client_secret"].as_str()), (CLIENT, "a secret: ö"));
    assert_eq!(asked.basic, None);
    world.provider.client_secret = None;
    world.sign_in(|_| {}).await.outcome.unwrap();
    let asked = world.fetch.asked().into_iter().rfind(|asked| asked.url == TOKEN).unwrap();
    assert!(asked.form["client_id"] == CLIENT && !asked.form.contains_key("client_secret") && asked.basic.is_none());
}

#[tokio::test]
async fn a_provider_that_takes_no_secret_is_refused_by_name() {
    let mut world = World::new();
    world.publish(|document| document["token_endpoint_auth_methods_supported"] = json!(["private_key_jwt"]));
    world.provider.client_secret = Some(secret("s"));
    let error = world.relying_party.check(&world.provider).await.unwrap_err();
    assert!(error.to_string().contains("it takes private_key_jwt"), "{error}");
    let refusal = world.refused(Check::TokenEndpoint, |_| {}).await;
    assert!(refusal.to_string().contains("it takes private_key_jwt"), "{refusal}");
}

#[tokio::test]
async fn the_state_of_another_browser_is_refused_before_anything_is_asked() {
    let world = World::new();
    let other = world.relying_party.begin(&world.provider, REDIRECT, None).await.unwrap();
    let before = world.fetch.asked().len();
    let strange = format!("code=c-1&state={}", other.flow.state());
    let refusal = world.refused(Check::State, |draft| draft.query = strange).await;
    assert_eq!((refusal.found.as_str(), refusal.kind()), ("another one", ErrorKind::Denied));
    world.refused(Check::State, |draft| draft.query = "code=c-1".into()).await;
    world.refused(Check::State, |draft| draft.query = "code=c-1&state=".into()).await;
    assert_eq!(world.fetch.asked().len(), before, "no request was made");
}

#[tokio::test]
async fn a_flow_of_another_issuer_is_refused() {
    let mut world = World::new();
    let begun = world.relying_party.begin(&world.provider, REDIRECT, None).await.unwrap();
    world.provider.issuer = "https://other.example.com".into();
    let verdict = world.come_back(&begun.flow, |_| {}).await;
    let refusal = verdict.outcome.unwrap_err();
    assert_eq!(refusal.check, Check::State);
    assert!(refusal.found.contains(ISSUER), "{refusal}");
}

#[tokio::test]
async fn a_parameter_twice_is_refused() {
    let world = World::new();
    for twice in ["code=other", "state=other", "iss=a&iss=b", "error=a&error=b"] {
        world.refused(Check::Answer, |draft| draft.query = format!("{}&{twice}", draft.query)).await;
    }
    world.refused(Check::Answer, |draft| draft.query = format!("{}&x={}", draft.query, "y".repeat(20_000))).await;
    world.sign_in(|draft| draft.query.push_str("&session_state=1&session_state=2")).await.outcome.unwrap();
}

#[tokio::test]
async fn an_answer_of_another_issuer_is_a_mix_up() {
    let world = World::new();
    let refusal = world.refused(Check::AnswerIssuer, |draft| draft.query.push_str("&iss=https://evil.example")).await;
    assert_eq!(refusal.to_string(), format!("The answer is of the issuer https://evil.example, not of {ISSUER}."));
    world.sign_in(|draft| draft.query.push_str(&format!("&iss={ISSUER}"))).await.outcome.unwrap();

    let world = World::new();
    world.publish(|document| document["authorization_response_iss_parameter_supported"] = true.into());
    world.refused(Check::AnswerIssuer, |_| {}).await;
}

#[tokio::test]
async fn what_the_provider_says_instead_of_a_code_is_told() {
    let world = World::new();
    let refusal = world
        .refused(Check::ProviderError, |draft| {
            draft.query = draft.query.replace("code=c-1", "error=access_denied&error_description=User+is+not+assigned");
        })
        .await;
    assert_eq!(refusal.to_string(), "The provider answered access_denied: User is not assigned.");
    world.refused(Check::Answer, |draft| draft.query = draft.query.replace("code=c-1", "code=")).await;
    world.refused(Check::Answer, |draft| draft.query = draft.query.replace("code=c-1&", "")).await;
}

#[tokio::test]
async fn a_refusal_of_the_token_endpoint_is_told() {
    let world = World::new();
    let refusal = world
        .refused(Check::TokenEndpoint, |draft| {
            draft.status = 401;
            draft.answer = json!({"error": "invalid_client", "error_description": "Bad secret"});
        })
        .await;
    assert_eq!(
        refusal.to_string(),
        format!("The token endpoint {TOKEN} answered with status 401 and invalid_client: Bad secret.")
    );
    assert!(refusal.mend().contains("client secret"), "{}", refusal.mend());
    for missing in ["access_token", "token_type"] {
        let refusal = world
            .refused(Check::TokenEndpoint, |draft| {
                draft.answer.as_object_mut().unwrap().remove(missing);
            })
            .await;
        assert!(refusal.to_string().ends_with(&format!("answered without {missing}.")), "{refusal}");
    }
    world.refused(Check::TokenEndpoint, |draft| draft.answer["token_type"] = "DPoP".into()).await;
    world.refused(Check::TokenEndpoint, |draft| draft.answer["id_token"] = 1.into()).await;
}

#[tokio::test]
async fn a_token_endpoint_that_answers_a_name_twice_or_no_json_is_refused() {
    let world = World::new();
    for body in [r#"{"id_token":"a","id_token":"b","access_token":"c","token_type":"Bearer"}"#, "<html>", "{} {}", ""] {
        let begun = world.relying_party.begin(&world.provider, REDIRECT, None).await.unwrap();
        world.fetch.answer(TOKEN, 200, body);
        let query = format!("code=c&state={}", begun.flow.state());
        let verdict = world.relying_party.finish(&world.provider, REDIRECT, &query, &begun.flow).await;
        assert_eq!(verdict.outcome.unwrap_err().check, Check::TokenEndpoint, "{body}");
    }
}

#[tokio::test]
async fn a_provider_that_is_down_is_told_as_such() {
    let world = World::new();
    let begun = world.relying_party.begin(&world.provider, REDIRECT, None).await.unwrap();
    world.clock.advance(Duration::hours(2));
    world.fetch.answer(DISCOVERY, 503, "");
    let query = format!("code=c&state={}", begun.flow.state());
    let verdict = world.relying_party.finish(&world.provider, REDIRECT, &query, &begun.flow).await;
    let refusal = verdict.outcome.unwrap_err();
    assert_eq!((refusal.check, refusal.kind()), (Check::Discovery, ErrorKind::Unavailable));
    assert!(refusal.to_string().contains("status 503"), "{refusal}");
}

#[test]
fn the_state_of_a_query_is_found() {
    assert_eq!(state_of("code=a&state=b%2Bc").as_deref(), Some("b+c"));
    assert_eq!(state_of("code=a"), None);
    assert_eq!(state_of("state=a&state=b"), None);
}
