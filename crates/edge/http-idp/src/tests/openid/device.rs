//! Devices without a browser.

use base::Outcome;
use time::Duration;

use super::*;

const START: &str = "/idp/oauth/device_authorization";
const SCOPE: (&str, &str) = ("scope", "openid profile offline_access");

async fn start(client: &Client<'_>) -> Value {
    let (status, started) = client.call(START, &[SCOPE]).await;
    assert_eq!(status, StatusCode::OK, "{started}");
    started
}

async fn poll(client: &Client<'_>, started: &Value) -> (StatusCode, Value) {
    client.token(&[("grant_type", DEVICE_GRANT), ("device_code", text(started, "device_code"))]).await
}

async fn told(client: &Client<'_>, started: &Value) -> String {
    let (status, answer) = poll(client, started).await;
    assert_eq!(status, StatusCode::BAD_REQUEST, "{answer}");
    text(&answer, "error").to_owned()
}

/// Types the code; the page that asks, or the form again.
async fn type_code(browser: &mut Browser<'_>, code: &str) -> Answer {
    let form = browser.get("/idp/device").await;
    browser.fill(&form, "/idp/device", &[("user_code", code)]).await
}

async fn answer(browser: &mut Browser<'_>, page: &Answer, decision: &str) -> Answer {
    let code = page.field("user_code");
    browser.fill(page, "/idp/device/answer", &[("user_code", &code), ("decision", decision)]).await
}

#[tokio::test]
async fn a_device_gets_tokens_once_the_person_allowed_it() {
    let world = World::new().await;
    let client = Client::public(&world).await;
    let started = start(&client).await;
    assert_eq!((started["interval"].as_i64(), started["expires_in"].as_i64()), (Some(5), Some(600)));
    assert_eq!(text(&started, "verification_uri"), format!("{IDP_URL}/idp/device"));
    assert_eq!(told(&client, &started).await, "authorization_pending");
    let mut browser = Browser::signed_in(&world, "ethan").await;
    let page = type_code(&mut browser, &text(&started, "user_code").to_ascii_lowercase()).await;
    page.shows(
        StatusCode::OK,
        &["<strong>Tool</strong>", text(&started, "user_code"), "ethan", "less than a minute ago"],
    );
    answer(&mut browser, &page, "allow").await.shows(StatusCode::OK, &["The device is signed in"]);
    assert_eq!(world.last().target, "tool");
    world.clock.advance(Duration::seconds(5));
    let (status, tokens) = poll(&client, &started).await;
    assert_eq!(status, StatusCode::OK, "{tokens}");
    assert_eq!(claims(&tokens)["preferred_username"], "ethan");
    assert_eq!(client.refresh(text(&tokens, "refresh_token")).await.0, StatusCode::OK);
}

#[tokio::test]
async fn the_complete_address_only_fills_the_code_in() {
    let world = World::new().await;
    let client = Client::public(&world).await;
    let started = start(&client).await;
    let path = text(&started, "verification_uri_complete").strip_prefix(IDP_URL).unwrap().to_owned();
    let mut browser = Browser::new(&world);
    let sign_in = browser.get(&path).await;
    assert!(sign_in.location().starts_with("/idp/signin?"));
    let mut browser = Browser::signed_in(&world, "ethan").await;
    let page = browser.get(&path).await;
    page.shows(StatusCode::OK, &[&format!("value=\"{}\"", text(&started, "user_code"))]);
    assert_eq!(told(&client, &started).await, "authorization_pending");
}

#[tokio::test]
async fn another_sites_form_allows_nothing() {
    let world = World::new().await;
    let client = Client::public(&world).await;
    let started = start(&client).await;
    let mut browser = Browser::signed_in(&world, "ethan").await;
    let page = type_code(&mut browser, text(&started, "user_code")).await;
    let (csrf, code) = (page.field("csrf"), page.field("user_code"));
    let fields = [("csrf", csrf.as_str()), ("user_code", &code), ("decision", "allow")];
    assert_eq!(browser.post_from("/idp/device/answer", &fields, "cross-site").await.status, StatusCode::FORBIDDEN);
    let fields = [("csrf", "x"), ("user_code", &code), ("decision", "allow")];
    assert_eq!(browser.post("/idp/device/answer", &fields).await.status, StatusCode::FORBIDDEN);
    assert_eq!(told(&client, &started).await, "authorization_pending");
}

#[tokio::test]
async fn a_device_that_asks_too_often_must_slow_down() {
    let world = World::new().await;
    let client = Client::public(&world).await;
    let started = start(&client).await;
    assert_eq!(told(&client, &started).await, "authorization_pending");
    world.clock.advance(Duration::seconds(4));
    assert_eq!(told(&client, &started).await, "slow_down");
    world.clock.advance(Duration::seconds(9));
    assert_eq!(told(&client, &started).await, "slow_down");
    world.clock.advance(Duration::seconds(15));
    assert_eq!(told(&client, &started).await, "authorization_pending");
}

#[tokio::test]
async fn what_the_person_denied_is_denied_and_the_code_is_spent() {
    let world = World::new().await;
    let client = Client::public(&world).await;
    let started = start(&client).await;
    let mut browser = Browser::signed_in(&world, "ethan").await;
    let page = type_code(&mut browser, text(&started, "user_code")).await;
    answer(&mut browser, &page, "deny").await.shows(StatusCode::OK, &["was denied"]);
    assert_eq!(world.last().outcome, Outcome::Denied);
    assert_eq!(answer(&mut browser, &page, "allow").await.status, StatusCode::BAD_REQUEST);
    assert_eq!(told(&client, &started).await, "access_denied");
}

#[tokio::test]
async fn codes_end_after_ten_minutes() {
    let world = World::new().await;
    let client = Client::public(&world).await;
    let started = start(&client).await;
    let mut browser = Browser::signed_in(&world, "ethan").await;
    let page = type_code(&mut browser, text(&started, "user_code")).await;
    world.clock.advance(Duration::minutes(10));
    assert_eq!(answer(&mut browser, &page, "allow").await.status, StatusCode::BAD_REQUEST);
    assert_eq!(told(&client, &started).await, "expired_token");
}

#[tokio::test]
async fn a_device_code_is_redeemed_once_and_its_reuse_revokes_what_came_of_it() {
    let world = World::new().await;
    let client = Client::public(&world).await;
    let started = start(&client).await;
    let mut browser = Browser::signed_in(&world, "ethan").await;
    let page = type_code(&mut browser, text(&started, "user_code")).await;
    answer(&mut browser, &page, "allow").await;
    let (_, tokens) = poll(&client, &started).await;
    assert_eq!(userinfo(&world, text(&tokens, "access_token")).await.0, StatusCode::OK);
    world.clock.advance(Duration::seconds(5));
    assert_eq!(told(&client, &started).await, "invalid_grant");
    assert_eq!(userinfo(&world, text(&tokens, "access_token")).await.0, StatusCode::UNAUTHORIZED);
    assert_eq!(client.refresh(text(&tokens, "refresh_token")).await.1["error"], "invalid_grant");
}

#[tokio::test]
async fn a_device_code_is_bound_to_its_client_and_the_grant() {
    let world = World::new().await;
    let client = Client::public(&world).await;
    let other = Client::confidential(&world).await;
    let started = start(&client).await;
    assert_eq!(told(&other, &started).await, "invalid_grant");
    assert_eq!(told(&client, &serde_json::json!({ "device_code": "unknown" })).await, "invalid_grant");
    let without = Client::with(&world, "Web", true, |oidc| {
        oidc.grants.remove(&OidcGrant::DeviceCode);
    });
    let without = without.await;
    assert_eq!(without.call(START, &[SCOPE]).await.1["error"], "unauthorized_client");
    assert_eq!(told(&without, &started).await, "unauthorized_client");
    assert_eq!(client.call(START, &[("scope", "openid phone")]).await.1["error"], "invalid_scope");
}

#[tokio::test]
async fn who_may_not_open_it_can_not_let_a_device_in() {
    let world = World::new().await;
    let client = Client::public(&world).await;
    let started = start(&client).await;
    let mut browser = Browser::signed_in(&world, "nina").await;
    let page = type_code(&mut browser, text(&started, "user_code")).await;
    let refused = answer(&mut browser, &page, "allow").await;
    refused.shows(StatusCode::FORBIDDEN, &["Tool", "sales"]);
    assert_eq!(told(&client, &started).await, "authorization_pending");
}

#[tokio::test]
async fn user_codes_can_not_be_guessed_for_long() {
    let world = World::new().await;
    let client = Client::public(&world).await;
    let started = start(&client).await;
    let mut browser = Browser::signed_in(&world, "ethan").await;
    for _ in 0..10 {
        let page = type_code(&mut browser, "BBBB-BBBB").await;
        page.shows(StatusCode::BAD_REQUEST, &["No device waits with this code"]);
    }
    let page = type_code(&mut browser, text(&started, "user_code")).await;
    page.shows(StatusCode::TOO_MANY_REQUESTS, &["Too many codes"]);
    assert_eq!(page.header("retry-after"), "1");
    world.clock.advance(Duration::SECOND);
    assert_eq!(type_code(&mut browser, text(&started, "user_code")).await.status, StatusCode::OK);
    // Knowing one code doesn't clear what was counted.
    world.clock.advance(Duration::SECOND);
    assert_eq!(type_code(&mut browser, "BBBB-BBBB").await.status, StatusCode::BAD_REQUEST);
    world.clock.advance(Duration::SECOND);
    let page = type_code(&mut browser, text(&started, "user_code")).await;
    assert_eq!((page.status, page.header("retry-after")), (StatusCode::TOO_MANY_REQUESTS, "1"));
}

#[tokio::test]
async fn one_address_can_not_fill_the_memory_with_devices() {
    let world = World::new().await;
    let client = Client::public(&world).await;
    for _ in 0..100 {
        start(&client).await;
    }
    let (status, refused) = client.call(START, &[SCOPE]).await;
    assert_eq!((status, text(&refused, "error")), (StatusCode::TOO_MANY_REQUESTS, "slow_down"));
    world.clock.advance(Duration::minutes(10));
    start(&client).await;
}
