//! Authentication requests: which ones are answered, with what, and where to.

use base::{AuditStep, Outcome};
use time::Duration;

use super::*;
use crate::tests::fixture::PASSWORD;

#[tokio::test]
async fn a_signed_in_browser_gets_its_code_with_state_and_issuer() {
    let world = World::new().await;
    let client = Client::confidential(&world).await;
    let mut browser = Browser::signed_in(&world, "ethan").await;
    let answer = browser.get(&client.path(&[])).await;
    let location = answer.location();
    assert!(location.starts_with("https://app.example/cb?tenant=1&code="), "{location}");
    let query = query_of(location);
    assert_eq!((query["state"].as_str(), query["iss"].as_str()), ("s t&a", issuer().as_str()));
    let last = world.last();
    assert_eq!((last.step, last.outcome), (AuditStep::Authorization, Outcome::Allowed));
    assert_eq!(last.target, "wiki");
    assert!(last.principal.to_string().ends_with("/ethan"));
    assert!(!format!("{last:?}").contains(&query["code"]), "a code is recorded");
}

#[tokio::test]
async fn who_is_not_signed_in_signs_in_and_comes_back_with_the_whole_request() {
    let world = World::new().await;
    let client = Client::confidential(&world).await;
    let mut browser = Browser::new(&world);
    let answer = browser.get(&client.path(&[("login_hint", "ethan")])).await;
    let sign_in = answer.location().to_owned();
    let page = browser.get(&sign_in).await;
    page.shows(StatusCode::OK, &["to open Wiki", "value=\"ethan\""]);
    let answer = browser.fill(&page, "/idp/signin", &[("user_name", "ethan"), ("password", PASSWORD)]).await;
    let resumed = browser.get(answer.location()).await;
    let location = onward(&resumed);
    let query = query_of(&location);
    assert!(location.starts_with("https://app.example/cb?tenant=1&code=") && query["state"] == "s t&a");
    let (status, tokens) = client.redeem(&query["code"]).await;
    assert_eq!((status, claims(&tokens)["nonce"].as_str()), (StatusCode::OK, Some("n-1")));
}

#[tokio::test]
async fn an_unregistered_address_or_client_is_never_sent_anything() {
    let world = World::new().await;
    let client = Client::confidential(&world).await;
    let mut browser = Browser::signed_in(&world, "ethan").await;
    let bad = [
        ("redirect_uri", "https://app.example/cb"),
        ("redirect_uri", "https://app.example/cb?tenant=2"),
        ("redirect_uri", "https://evil.example/cb?tenant=1"),
        ("redirect_uri", "https://app.example:8443/cb?tenant=1"),
        ("redirect_uri", "javascript:alert(1)"),
        ("redirect_uri", ""),
        ("client_id", "nobody"),
        ("client_id", ""),
    ];
    for (name, value) in bad {
        // Even with another mistake that would be told to the application.
        for other in [("response_type", "code"), ("response_type", "token")] {
            let answer = browser.get(&client.path(&[(name, value), other])).await;
            assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{name}={value}");
            assert_eq!(answer.header("location"), "");
            assert!(!answer.body.contains("evil.example") && !answer.body.contains("javascript:"));
        }
        let last = world.last();
        assert_eq!((last.outcome, last.action.as_str()), (Outcome::Denied, "openid:authorize"));
    }
    let twice = format!("{}&redirect_uri=https%3A%2F%2Fevil.example", client.path(&[]));
    assert_eq!(browser.get(&twice).await.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn what_is_not_carried_out_is_refused_by_name() {
    let world = World::new().await;
    let client = Client::confidential(&world).await;
    let mut browser = Browser::signed_in(&world, "ethan").await;
    let refused = [
        ("request", "x.y.z", "request_not_supported"),
        ("request_uri", "https://app.example/r", "request_uri_not_supported"),
        ("registration", "{}", "registration_not_supported"),
        ("claims", "{}", "invalid_request"),
        ("resource", "https://api.example", "invalid_target"),
        ("authorization_details", "[]", "invalid_request"),
        ("dpop_jkt", "x", "invalid_request"),
        ("response_mode", "form_post", "invalid_request"),
        ("response_mode", "fragment", "invalid_request"),
        ("response_type", "token", "unsupported_response_type"),
        ("response_type", "id_token", "unsupported_response_type"),
        ("response_type", "code id_token", "unsupported_response_type"),
        ("code_challenge_method", "plain", "invalid_request"),
        ("code_challenge", "", "invalid_request"),
        ("code_challenge", "short", "invalid_request"),
        ("scope", "profile", "invalid_scope"),
        ("scope", "openid phone", "invalid_scope"),
        ("prompt", "create", "invalid_request"),
        ("prompt", "none login", "invalid_request"),
        ("max_age", "soon", "invalid_request"),
        ("id_token_hint", "x.y.z", "invalid_request"),
    ];
    for (name, value, error) in refused {
        let answer = browser.get(&client.path(&[(name, value)])).await;
        let query = query_of(answer.location());
        assert_eq!(query["error"], error, "{name}={value}");
        assert!(query["error_description"].contains(name), "{name}: {}", query["error_description"]);
        assert_eq!((query["state"].as_str(), query["iss"].as_str()), ("s t&a", issuer().as_str()));
        assert!(answer.location().starts_with("https://app.example/cb?tenant=1&") && !query.contains_key("code"));
    }
}

#[tokio::test]
async fn wishes_that_the_standard_forbids_to_refuse_are_taken() {
    let world = World::new().await;
    let client = Client::confidential(&world).await;
    let mut browser = Browser::signed_in(&world, "ethan").await;
    for wish in
        [("display", "popup"), ("ui_locales", "de"), ("claims_locales", "de"), ("acr_values", "gold"), ("x", "y")]
    {
        assert!(query_of(browser.get(&client.path(&[wish])).await.location()).contains_key("code"), "{wish:?}");
    }
}

#[tokio::test]
async fn a_repeated_parameter_and_a_long_state_are_refused() {
    let world = World::new().await;
    let client = Client::confidential(&world).await;
    let mut browser = Browser::signed_in(&world, "ethan").await;
    let twice = browser.get(&format!("{}&nonce=other", client.path(&[]))).await;
    assert_eq!(query_of(twice.location())["error"], "invalid_request");
    let long = browser.get(&client.path(&[("state", &"x".repeat(1025))])).await;
    let query = query_of(long.location());
    assert!(query["error"] == "invalid_request" && !query.contains_key("state"));
    let huge = browser.get(&client.path(&[("x", &"x".repeat(17_000))])).await;
    assert_eq!(huge.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn offline_access_needs_the_grant_and_a_code_the_other_grant() {
    let world = World::new().await;
    let only = |grant| move |oidc: &mut OidcApplication| oidc.grants = BTreeSet::from([grant]);
    let client = Client::with(&world, "Once", true, only(OidcGrant::AuthorizationCode)).await;
    let mut browser = Browser::signed_in(&world, "ethan").await;
    let answer = browser.get(&client.path(&[])).await;
    assert_eq!(query_of(answer.location())["error"], "invalid_scope");
    assert!(query_of(browser.get(&client.path(&[("scope", "openid")])).await.location()).contains_key("code"));
    let device = Client::with(&world, "Device", true, only(OidcGrant::DeviceCode)).await;
    let answer = browser.get(&device.path(&[("scope", "openid")])).await;
    assert_eq!(query_of(answer.location())["error"], "unauthorized_client");
}

#[tokio::test]
async fn who_may_not_open_it_reads_why_and_gets_no_code() {
    let world = World::new().await;
    let client = Client::confidential(&world).await;
    let mut browser = Browser::signed_in(&world, "nina").await;
    let page = browser.get(&client.path(&[])).await;
    page.shows(StatusCode::FORBIDDEN, &["Wiki", "sales", world.last().correlation.as_str()]);
    assert_eq!(world.last().outcome, Outcome::Denied);
    let silent = browser.get(&client.path(&[("prompt", "none")])).await;
    assert_eq!(query_of(silent.location())["error"], "access_denied");
    let mut ethan = Browser::signed_in(&world, "ethan").await;
    world.state.idp.deactivate(&client.application.id).await.unwrap();
    ethan.get(&client.path(&[])).await.shows(StatusCode::FORBIDDEN, &["switched off"]);
}

#[tokio::test]
async fn prompt_none_asks_nothing() {
    let world = World::new().await;
    let client = Client::confidential(&world).await;
    let answer = Browser::new(&world).get(&client.path(&[("prompt", "none")])).await;
    assert_eq!(query_of(answer.location())["error"], "login_required");
    let mut browser = Browser::signed_in(&world, "ethan").await;
    assert!(query_of(browser.get(&client.path(&[("prompt", "none")])).await.location()).contains_key("code"));
    world.clock.advance(Duration::MINUTE);
    let aged = browser.get(&client.path(&[("prompt", "none"), ("max_age", "30")])).await;
    assert_eq!(query_of(aged.location())["error"], "login_required");
}

#[tokio::test]
async fn prompt_login_and_max_age_lead_through_the_sign_in_once() {
    let world = World::new().await;
    let client = Client::confidential(&world).await;
    for wish in [("prompt", "login"), ("max_age", "30")] {
        let mut browser = Browser::signed_in(&world, "ethan").await;
        world.clock.advance(Duration::MINUTE);
        let answer = browser.get(&client.path(&[wish])).await;
        let page = browser.get(answer.location()).await;
        world.clock.advance(Duration::seconds(40));
        let answer = browser.fill(&page, "/idp/signin", &[("user_name", "ethan"), ("password", PASSWORD)]).await;
        let resumed = browser.get(answer.location()).await;
        let (_, tokens) = client.redeem(&query_of(&onward(&resumed))["code"]).await;
        let age = claims(&tokens)["iat"].as_i64().unwrap() - claims(&tokens)["auth_time"].as_i64().unwrap();
        assert_eq!(age, 0, "{wish:?}");
    }
}

#[tokio::test]
async fn a_public_program_on_the_device_is_always_confirmed_by_the_person() {
    let world = World::new().await;
    let client = Client::public(&world).await;
    let mut browser = Browser::signed_in(&world, "ethan").await;
    let any_port = ("redirect_uri", "http://127.0.0.1:49152/cb");
    let silent = browser.get(&client.path(&[any_port, ("prompt", "none")])).await;
    assert_eq!(query_of(silent.location())["error"], "consent_required");
    let page = browser.get(&client.path(&[any_port])).await;
    page.shows(StatusCode::OK, &["Continue to Tool?", "on this computer", "ethan", "Continue only if", "e-mail"]);
    let flow = page.field("flow");
    let path = "/idp/oauth/authorize/answer";
    let csrf = page.field("csrf");
    let forged = [("csrf", csrf.as_str()), ("flow", &flow), ("decision", "allow")];
    assert_eq!(browser.post_from(path, &forged, "cross-site").await.status, StatusCode::FORBIDDEN);
    let denied = browser.fill(&page, path, &[("flow", &flow), ("decision", "deny")]).await;
    assert_eq!(query_of(&onward(&denied))["error"], "access_denied");
    let allowed = browser.fill(&page, path, &[("flow", &flow), ("decision", "allow")]).await;
    let location = onward(&allowed);
    assert!(location.starts_with("http://127.0.0.1:49152/cb?code="), "{location}");
}

#[tokio::test]
async fn select_account_and_consent_ask_and_somebody_else_can_sign_in() {
    let world = World::new().await;
    let client = Client::confidential(&world).await;
    let mut browser = Browser::signed_in(&world, "nina").await;
    browser.get(&client.path(&[("prompt", "consent")])).await.shows(StatusCode::OK, &["at https://app.example"]);
    let page = browser.get(&client.path(&[("prompt", "select_account")])).await;
    page.shows(StatusCode::OK, &["<dd>nina</dd>", "Sign in as somebody else"]);
    world.clock.advance(Duration::SECOND);
    let flow = page.field("flow");
    let path = "/idp/oauth/authorize/answer";
    let switched = browser.fill(&page, path, &[("flow", &flow), ("decision", "switch")]).await;
    let answer = browser.get(switched.location()).await;
    let sign_in = browser.get(answer.location()).await;
    let answer = browser.fill(&sign_in, "/idp/signin", &[("user_name", "ethan"), ("password", PASSWORD)]).await;
    let page = browser.get(answer.location()).await;
    page.shows(StatusCode::OK, &["<dd>ethan</dd>"]);
    let allowed = browser.fill(&page, path, &[("flow", &page.field("flow")), ("decision", "allow")]).await;
    let (_, tokens) = client.redeem(&query_of(&onward(&allowed))["code"]).await;
    assert_eq!(claims(&tokens)["preferred_username"], "ethan");
}

#[tokio::test]
async fn an_id_token_hint_of_somebody_else_is_not_answered_silently() {
    let world = World::new().await;
    let client = Client::confidential(&world).await;
    let tokens = client.tokens().await;
    let hint = ("id_token_hint", text(&tokens, "id_token"));
    let silent = [hint, ("prompt", "none")];
    let mut ethan = Browser::signed_in(&world, "ethan").await;
    assert!(query_of(ethan.get(&client.path(&silent)).await.location()).contains_key("code"));
    let mut nina = Browser::signed_in(&world, "nina").await;
    assert_eq!(query_of(nina.get(&client.path(&silent)).await.location())["error"], "login_required");
    for (name, answered) in [("nina", "error"), ("ethan", "code")] {
        world.clock.advance(Duration::SECOND);
        let answer = nina.get(&client.path(&[hint])).await;
        let page = nina.get(answer.location()).await;
        let answer = nina.fill(&page, "/idp/signin", &[("user_name", name), ("password", PASSWORD)]).await;
        let answer = nina.get(answer.location()).await;
        assert!(query_of(&onward(&answer)).contains_key(answered), "{name} is asked once, and then told");
    }
    let other = Client::with(&world, "Other", true, |_| {}).await;
    assert_eq!(query_of(ethan.get(&other.path(&[hint])).await.location())["error"], "invalid_request");
}

#[tokio::test]
async fn a_posted_request_comes_again_as_a_page_of_ours() {
    let world = World::new().await;
    let client = Client::confidential(&world).await;
    let mut browser = Browser::signed_in(&world, "ethan").await;
    let path = client.path(&[]);
    let fields = query_of(&path);
    let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let answer = browser.post_from("/idp/oauth/authorize", &fields, "cross-site").await;
    let resumed = browser.get(answer.location()).await;
    assert!(query_of(&onward(&resumed)).contains_key("code"));
}

#[tokio::test]
async fn a_sealed_request_is_ours_and_young_or_nothing() {
    let world = World::new().await;
    let client = Client::public(&world).await;
    let mut browser = Browser::signed_in(&world, "ethan").await;
    let page = browser.get(&client.path(&[])).await;
    let flow = page.field("flow");
    for text in ["", "x", &flow.replace(|_: char| true, "A")] {
        let answer = browser.get(&format!("/idp/oauth/authorize/resume?flow={text}")).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST);
    }
    assert_eq!(browser.get(&format!("/idp/oauth/authorize/resume?flow={flow}")).await.status, StatusCode::OK);
    world.clock.advance(Duration::minutes(59) + Duration::seconds(59));
    browser = Browser::signed_in(&world, "ethan").await;
    assert_eq!(browser.get(&format!("/idp/oauth/authorize/resume?flow={flow}")).await.status, StatusCode::OK);
    world.clock.advance(Duration::SECOND);
    assert_eq!(browser.get(&format!("/idp/oauth/authorize/resume?flow={flow}")).await.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn what_cannot_be_recorded_is_not_given() {
    let world = World::new().await;
    let client = Client::confidential(&world).await;
    let mut browser = Browser::signed_in(&world, "ethan").await;
    world.trail.broken.store(true, std::sync::atomic::Ordering::SeqCst);
    let answer = browser.get(&client.path(&[])).await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(answer.header("location"), "");
}
