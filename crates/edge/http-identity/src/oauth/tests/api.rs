//! sso-oidc as a driver calls it.

use axum::http::{HeaderMap, StatusCode};
use base::id::InstanceArn;
use base::{AuditStep, Outcome, Secret};
use serde_json::{Value, json};
use time::Duration;
use tokens::{Audience, Requirement, Scope, TokenRefusal};

use super::access::{EDITOR, EDITOR_REDIRECT, REDSHIFT};
use super::fixture::{Browser, Client, World};

fn required() -> Requirement {
    Requirement {
        scope: Scope::RedshiftConnect,
        audience: Audience::AnyRedshift,
        issuer: InstanceArn::new("instance-1"),
    }
}

fn check_refused((status, headers, body): &(StatusCode, HeaderMap, Value), expected: u16, shape: &str, code: &str) {
    assert_eq!(status.as_u16(), expected, "{body}");
    assert_eq!(headers["x-amzn-errortype"], shape);
    assert_eq!(body["error"], code);
    assert!(!body["error_description"].as_str().unwrap().is_empty());
}

async fn token(world: &World, client: &Client) -> Value {
    let code = Browser::new(world).code(client).await;
    let (status, _, body) = world.call("/token", client.exchange(&code)).await;
    assert_eq!(status, StatusCode::OK, "{body}");
    body
}

#[tokio::test]
async fn a_driver_goes_the_whole_way_and_one_correlation_id_goes_with_it() {
    let world = World::new().await;
    let client = world.client(&["authorization_code"]).await;
    assert_eq!(client.answer["clientIdIssuedAt"], 1_767_323_045);
    assert_eq!(client.answer["clientSecretExpiresAt"], 1_767_323_045 + 90 * 86_400);
    assert_eq!(client.answer["authorizationEndpoint"], "https://127.0.0.1:8443/authorize");
    let body = token(&world, &client).await;
    assert_eq!((&body["tokenType"], &body["expiresIn"]), (&json!("Bearer"), &json!(3600)));
    assert!(body.get("refreshToken").is_none());
    let access = Secret::from(body["accessToken"].as_str().unwrap());
    let verified = world.state.tokens.verify_access(&access, &required()).unwrap();
    assert_eq!(verified.get().user, world.user);
    let events = world.trail.events();
    let steps: Vec<_> = events.iter().map(|event| (event.step, event.outcome)).collect();
    let expected = [AuditStep::ClientRegistration, AuditStep::SignIn, AuditStep::Authorization, AuditStep::Token];
    assert_eq!(steps, expected.map(|step| (step, Outcome::Allowed)));
    let correlation = &verified.get().correlation;
    assert!(events.iter().skip(1).all(|event| event.correlation == *correlation));
    let person = format!("directory-user:{}/ethan", world.user);
    assert!(events.iter().skip(1).all(|event| event.principal.to_string() == person));
    let written = format!("{events:?}");
    assert!(!written.contains("gate_") && !written.contains(super::fixture::PASSWORD), "{written}");
}

#[tokio::test]
async fn a_wrong_verifier_and_a_wrong_redirect_are_invalid_grants() {
    let world = World::new().await;
    let client = world.client(&["authorization_code"]).await;
    let code = Browser::new(&world).code(&client).await;
    let mut asked = client.exchange(&code);
    asked["codeVerifier"] = json!("x".repeat(64));
    check_refused(&world.call("/token", asked).await, 400, "InvalidGrantException", "invalid_grant");
    let mut asked = client.exchange(&code);
    asked["redirectUri"] = json!("http://127.0.0.1:7891");
    check_refused(&world.call("/token", asked).await, 400, "InvalidGrantException", "invalid_grant");
    let mut asked = client.exchange(&code);
    asked["clientSecret"] = json!("guess");
    check_refused(&world.call("/token", asked).await, 401, "InvalidClientException", "invalid_client");
    let denied = world.trail.events().pop().unwrap();
    assert_eq!((denied.step, denied.outcome), (AuditStep::Token, Outcome::Denied));
}

#[tokio::test]
async fn a_replayed_code_takes_the_token_away() {
    let world = World::new().await;
    let client = world.client(&["authorization_code"]).await;
    let code = Browser::new(&world).code(&client).await;
    let (_, _, body) = world.call("/token", client.exchange(&code)).await;
    check_refused(&world.call("/token", client.exchange(&code)).await, 400, "InvalidGrantException", "invalid_grant");
    let access = Secret::from(body["accessToken"].as_str().unwrap());
    assert!(matches!(world.state.tokens.verify_access(&access, &required()), Err(TokenRefusal::Revoked { .. })));
    let events = world.trail.events();
    let (sign_in, denied) = (&events[1], events.last().unwrap());
    assert_eq!(denied.outcome, Outcome::Denied);
    assert_eq!((&denied.correlation, &denied.principal), (&sign_in.correlation, &sign_in.principal));
}

#[tokio::test]
async fn an_expired_code_is_an_invalid_grant() {
    let world = World::new().await;
    let client = world.client(&["authorization_code"]).await;
    let code = Browser::new(&world).code(&client).await;
    world.clock.advance(Duration::MINUTE);
    check_refused(&world.call("/token", client.exchange(&code)).await, 400, "InvalidGrantException", "invalid_grant");
}

#[tokio::test]
async fn refresh_tokens_rotate_and_reuse_ends_the_family() {
    let world = World::new().await;
    let client = world.client(&["authorization_code", "refresh_token"]).await;
    let first = token(&world, &client).await;
    let first_refresh = first["refreshToken"].as_str().unwrap();
    let (status, _, second) = world.call("/token", client.refresh(first_refresh)).await;
    assert_eq!(status, StatusCode::OK);
    assert_ne!(second["refreshToken"], first["refreshToken"]);
    let reused = world.call("/token", client.refresh(first_refresh)).await;
    check_refused(&reused, 400, "InvalidGrantException", "invalid_grant");
    let second_refresh = second["refreshToken"].as_str().unwrap();
    check_refused(
        &world.call("/token", client.refresh(second_refresh)).await,
        400,
        "InvalidGrantException",
        "invalid_grant",
    );
}

#[tokio::test]
async fn a_deactivated_person_can_not_refresh() {
    let world = World::new().await;
    let client = world.client(&["authorization_code", "refresh_token"]).await;
    let issued = token(&world, &client).await;
    world.deactivate().await;
    let refused = world.call("/token", client.refresh(issued["refreshToken"].as_str().unwrap())).await;
    check_refused(&refused, 400, "InvalidGrantException", "invalid_grant");
    assert!(refused.2["error_description"].as_str().unwrap().contains("deactivated"));
}

#[tokio::test]
async fn what_is_not_carried_out_is_refused_by_name() {
    let world = World::new().await;
    let client = world.client(&["authorization_code"]).await;
    let cases = [
        ("/device_authorization", json!({"clientId": "x"}), "UnsupportedGrantTypeException", "unsupported_grant_type"),
        (
            "/token",
            json!({"clientId": client.id, "clientSecret": client.secret, "deviceCode": "d",
                "grantType": "urn:ietf:params:oauth:grant-type:device_code"}),
            "UnsupportedGrantTypeException",
            "unsupported_grant_type",
        ),
        ("/token", json!({"grantType": "authorization_code"}), "InvalidRequestException", "invalid_request"),
        ("/token", json!({"grantType": "refresh_token", "surprise": 1}), "InvalidRequestException", "invalid_request"),
        ("/token", json!([]), "InvalidRequestException", "invalid_request"),
    ];
    for (path, body, shape, code) in cases {
        check_refused(&world.call(path, body).await, 400, shape, code);
    }
    let mut foreign = client.refresh("gate_rt_x");
    foreign["code"] = json!("c");
    let refused = world.call("/token", foreign).await;
    check_refused(&refused, 400, "InvalidRequestException", "invalid_request");
    assert!(refused.2["error_description"].as_str().unwrap().starts_with("code doesn't belong"));
}

#[tokio::test]
async fn a_registration_is_refused_with_the_exception_of_the_model() {
    let world = World::new().await;
    let good = json!({"clientName": "c", "clientType": "public", "scopes": ["redshift:connect"],
        "redirectUris": ["http://127.0.0.1/oauth/callback"], "grantTypes": ["authorization_code", "refresh_token"]});
    assert_eq!(world.call("/client/register", good.clone()).await.0, StatusCode::OK);
    let cases = [
        ("scopes", json!(["sso:account:access"]), "InvalidScopeException", "invalid_scope"),
        ("redirectUris", json!(["http://example.com/cb"]), "InvalidRedirectUriException", "invalid_redirect_uri"),
        ("clientType", json!("confidential"), "InvalidClientMetadataException", "invalid_client_metadata"),
        ("grantTypes", json!(["implicit"]), "UnsupportedGrantTypeException", "unsupported_grant_type"),
        ("issuerUrl", json!("https://other"), "InvalidRequestException", "invalid_request"),
        ("entitledApplicationArn", json!("arn:x"), "InvalidRequestException", "invalid_request"),
    ];
    for (member, value, shape, code) in cases {
        let mut asked = good.clone();
        asked[member] = value;
        check_refused(&world.call("/client/register", asked).await, 400, shape, code);
    }
}

#[tokio::test]
async fn another_host_is_registered_and_answered_only_while_an_application_lists_it() {
    let world = World::new().await;
    let asked = |uri: &str| json!({"clientName": "c", "clientType": "public", "scopes": ["redshift:connect"], "redirectUris": [uri]});
    let refused = world.call("/client/register", asked("https://evil.example.com/cb")).await;
    check_refused(&refused, 400, "InvalidRedirectUriException", "invalid_redirect_uri");
    assert!(refused.2["error_description"].as_str().unwrap().contains("sso-admin PutApplicationGrant"));
    let (status, _, registered) = world.call("/client/register", asked(EDITOR_REDIRECT)).await;
    assert_eq!(status, StatusCode::OK);
    world.access.set(EDITOR, |application| application.code_redirects = Some(Vec::new()));
    let path = format!(
        "/authorize?response_type=code&client_id={}&redirect_uri=https%3A%2F%2Feditor.example.com%2Fcb&state=s\
         &code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM&code_challenge_method=S256",
        registered["clientId"].as_str().unwrap()
    );
    let page = Browser::new(&world).get(&path).await;
    assert_eq!((page.status, page.header("location")), (StatusCode::BAD_REQUEST, ""));
    assert!(page.body.contains("PutApplicationGrant"), "{}", page.body);
}

#[tokio::test]
async fn a_refresh_without_the_applications_grant_is_unauthorized_and_says_what_gives_it_back() {
    let world = World::new().await;
    let client = world.client(&["authorization_code", "refresh_token"]).await;
    let issued = token(&world, &client).await;
    world.access.set(REDSHIFT, |application| application.refresh_token = false);
    let refused = world.call("/token", client.refresh(issued["refreshToken"].as_str().unwrap())).await;
    check_refused(&refused, 400, "UnauthorizedClientException", "unauthorized_client");
    assert!(refused.2["message"].as_str().unwrap().contains("PutApplicationGrant with GrantType refresh_token"));
}

#[tokio::test]
async fn what_can_not_be_recorded_is_not_answered_with_a_token() {
    let world = World::new().await;
    let client = world.client(&["authorization_code"]).await;
    let code = Browser::new(&world).code(&client).await;
    world.trail.broken.store(true, std::sync::atomic::Ordering::SeqCst);
    let refused = world.call("/token", client.exchange(&code)).await;
    check_refused(&refused, 500, "InternalServerException", "server_error");
}

#[tokio::test]
async fn a_body_without_end_is_refused() {
    let world = World::new().await;
    let body = json!({"clientName": "x".repeat(20_000), "clientType": "public"});
    check_refused(&world.call("/client/register", body).await, 400, "InvalidRequestException", "invalid_request");
}
