//! The pages as a browser sees them.

use axum::body::Body;
use axum::http::{Request, StatusCode};
use base::{AuditStep, Outcome};
use time::Duration;

use super::access::REDSHIFT;
use super::fixture::{Browser, PASSWORD, World};

#[tokio::test]
async fn the_sign_in_page_works_on_a_phone_and_without_script() {
    let world = World::new().await;
    let page = Browser::new(&world).get("/signin").await;
    assert_eq!(page.status, StatusCode::OK);
    for part in [
        "<label for=\"user_name\">",
        "<label for=\"password\">",
        "autocomplete=\"username\"",
        "autocomplete=\"current-password\"",
        "name=\"viewport\"",
        "lang=\"en\"",
        "autofocus",
        "aria-live=\"assertive\"",
        "Example &lt;Corp&gt;",
    ] {
        assert!(page.body.contains(part), "{part} is missing in {}", page.body);
    }
    assert!(!page.body.contains("<script") && !page.body.contains("style=") && !page.body.contains("onclick"));
    let policy = "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";
    assert_eq!(page.header("content-security-policy"), policy);
    assert_eq!(page.header("x-content-type-options"), "nosniff");
    assert_eq!(page.header("referrer-policy"), "no-referrer");
    assert_eq!(page.header("cache-control"), "no-store");
    let style = Browser::new(&world).get("/signin/style.css").await;
    assert_eq!(style.header("content-type"), "text/css; charset=utf-8");
    assert!(style.body.contains("prefers-color-scheme: dark") && style.body.contains(":focus-visible"));
}

#[tokio::test]
async fn the_consent_page_names_program_and_person_and_may_lead_to_the_registered_address_only() {
    let world = World::new().await;
    let client = world.client(&["authorization_code"]).await;
    let page = Browser::new(&world).consent_page(&client).await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.body.contains(
        "<strong>Amazon Redshift Python connector</strong> on this computer asks to read Amazon Redshift data as you."
    ));
    assert!(page.body.contains("<dd>ethan</dd>") && !page.body.contains("<script"));
    assert!(page.header("content-security-policy").contains("form-action 'self' http://127.0.0.1:7890;"));
}

#[tokio::test]
async fn a_refusal_of_the_person_goes_back_to_the_program() {
    let world = World::new().await;
    let client = world.client(&["authorization_code"]).await;
    let mut browser = Browser::new(&world);
    let page = browser.consent_page(&client).await;
    let answer = browser.answer_consent(&page, "deny").await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
    let location = answer.header("location");
    assert!(
        location.starts_with("http://127.0.0.1:7890/?error=access_denied&") && location.ends_with("&state=abcdefghij")
    );
    let last = world.trail.events().pop().unwrap();
    assert_eq!((last.step, last.outcome), (AuditStep::Authorization, Outcome::Denied));
}

#[tokio::test]
async fn who_is_not_assigned_reads_why_and_whom_to_ask() {
    let world = World::new().await;
    let client = world.client(&["authorization_code"]).await;
    world.access.assign(false);
    let page = Browser::new(&world).consent_page(&client).await;
    assert_eq!(page.status, StatusCode::FORBIDDEN);
    let reference = world.trail.events().pop().unwrap().correlation;
    for part in ["ethan is not assigned to Amazon Redshift.", "Ask Admin Adams.", "application-1", reference.as_str()] {
        assert!(page.body.contains(part), "{part} is missing in {}", page.body);
    }
    assert!(page.body.contains("href=\"http://127.0.0.1:7890/?error=access_denied&amp;"));
}

#[tokio::test]
async fn an_application_that_permits_no_codes_says_so_before_anybody_consents() {
    let world = World::new().await;
    let client = world.client(&["authorization_code"]).await;
    world.access.set(REDSHIFT, |application| application.code_redirects = None);
    let page = Browser::new(&world).consent_page(&client).await;
    assert_eq!(page.status, StatusCode::FORBIDDEN);
    for part in ["have the grant authorization_code", "sso-admin PutApplicationGrant", REDSHIFT] {
        assert!(page.body.contains(part), "{part} is missing in {}", page.body);
    }
}

#[tokio::test]
async fn an_assignment_that_goes_away_while_the_person_thinks_gives_no_code() {
    let world = World::new().await;
    let client = world.client(&["authorization_code"]).await;
    let mut browser = Browser::new(&world);
    let page = browser.consent_page(&client).await;
    world.access.assign(false);
    let answer = browser.answer_consent(&page, "allow").await;
    assert_eq!((answer.status, answer.header("location")), (StatusCode::FORBIDDEN, ""));
}

#[tokio::test]
async fn a_client_or_address_that_is_not_known_is_never_redirected_to() {
    let world = World::new().await;
    let client = world.client(&["authorization_code"]).await;
    let path = client.authorize_path();
    let paths = [
        path.replace(&client.id, "someone"),
        path.replace("127.0.0.1%3A7890", "evil.example.com"),
        path.replace("127.0.0.1%3A7890", "127.0.0.1%3A7890%40evil.example.com"),
        path.replace("127.0.0.1%3A7890", "localhost%3A7890"),
        "/authorize".to_owned(),
    ];
    for path in paths {
        let answer = Browser::new(&world).get(&path).await;
        assert_eq!((answer.status, answer.header("location")), (StatusCode::BAD_REQUEST, ""), "{path}");
        assert!(answer.body.contains("Reference: "));
    }
}

#[tokio::test]
async fn other_mistakes_are_told_to_the_program() {
    let world = World::new().await;
    let client = world.client(&["authorization_code"]).await;
    let path = client.authorize_path();
    let cases = [
        (path.replace("S256", "plain"), "invalid_request"),
        (path.replace("response_type=code", "response_type=token"), "unsupported_response_type"),
        (path.replace("redshift:connect", "openid"), "invalid_scope"),
        (format!("{path}&scope=openid"), "invalid_request"),
        (format!("{path}&state=other"), "invalid_request"),
        (format!("{path}&prompt=none"), "invalid_request"),
    ];
    for (path, error) in cases {
        let answer = Browser::new(&world).get(&path).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{path}");
        assert!(answer.header("location").starts_with(&format!("http://127.0.0.1:7890/?error={error}&")), "{path}");
    }
}

#[tokio::test]
async fn signing_in_leads_only_to_an_authorisation_of_ours() {
    let world = World::new().await;
    let client = world.client(&["authorization_code"]).await;
    let good = client.authorize_path();
    let bad = [
        "https://evil.example.com/",
        "//evil.example.com/authorize?",
        "/authorize?",
        "/authorize/../evil?x",
        "/\\evil.example.com",
        "/authorize@evil.example.com",
        "javascript:alert(1)",
        "/signout",
        &good.replace("127.0.0.1%3A7890", "evil.example.com"),
        &format!("{good}&state=x%0d%0aSet-Cookie:a=b"),
    ];
    for next in bad {
        let query = url::form_urlencoded::Serializer::new(String::new()).append_pair("continue", next).finish();
        let answer = Browser::new(&world).sign_in(&format!("/signin?{query}"), PASSWORD).await;
        assert_eq!((answer.status, answer.header("location")), (StatusCode::SEE_OTHER, "/signin"), "{next}");
    }
}

#[tokio::test]
async fn a_forged_form_is_refused_before_the_password_is_looked_at() {
    let world = World::new().await;
    let mut browser = Browser::new(&world);
    let form = browser.get("/signin").await;
    let csrf = form.field("csrf");
    let typed = [("user_name", "ethan"), ("password", PASSWORD)];
    let with = |token: &'static str| [("csrf", token), typed[0], typed[1]];
    assert_eq!(browser.post("/signin", &typed).await.status, StatusCode::FORBIDDEN, "no token");
    assert_eq!(browser.post("/signin", &with("0000")).await.status, StatusCode::FORBIDDEN, "a wrong token");
    let right = [("csrf", csrf.as_str()), typed[0], typed[1]];
    let elsewhere = browser.post_from("/signin", &right, "cross-site").await;
    assert_eq!(elsewhere.status, StatusCode::FORBIDDEN, "another site");
    let other_browser = Browser::new(&world).post("/signin", &right).await;
    assert_eq!(other_browser.status, StatusCode::FORBIDDEN, "another browser");
    assert!(world.trail.events().is_empty());
    assert_eq!(browser.post("/signin", &right).await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn consent_needs_the_token_of_the_browser_that_was_asked() {
    let world = World::new().await;
    let client = world.client(&["authorization_code"]).await;
    let mut browser = Browser::new(&world);
    let page = browser.consent_page(&client).await;
    let (csrf, request) = (page.field("csrf"), page.field("request"));
    let without = browser.post("/authorize", &[("request", &request), ("decision", "allow")]).await;
    assert_eq!((without.status, without.header("location")), (StatusCode::FORBIDDEN, ""));
    let fields = [("csrf", csrf.as_str()), ("request", &request), ("decision", "allow")];
    let elsewhere = browser.post_from("/authorize", &fields, "cross-site").await;
    assert_eq!((elsewhere.status, elsewhere.header("location")), (StatusCode::FORBIDDEN, ""));
    let mut other = Browser::new(&world);
    other.consent_page(&client).await;
    let swapped = other.post("/authorize", &fields).await;
    assert_eq!((swapped.status, swapped.header("location")), (StatusCode::FORBIDDEN, ""));
    let nobody = Browser::new(&world).post("/authorize", &fields).await;
    assert!(nobody.header("location").starts_with("/signin?continue="));
}

#[tokio::test]
async fn a_wrong_password_is_told_in_the_page_and_recorded_without_it() {
    let world = World::new().await;
    let mut browser = Browser::new(&world);
    let answer = browser.sign_in("/signin", "wrong password <b>").await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
    assert!(answer.body.contains("role=\"alert\" aria-live=\"assertive\"><p>The user name or the password is wrong"));
    assert!(answer.body.contains("value=\"ethan\"") && !answer.body.contains("wrong password <b>"));
    let last = world.trail.events().pop().unwrap();
    assert_eq!((last.step, last.outcome, last.target.as_str()), (AuditStep::SignIn, Outcome::Denied, "ethan"));
    assert!(!format!("{last:?}").contains("wrong password"));
    assert!(browser.get("/signin").await.body.contains("name=\"password\""), "still signed out");
}

#[tokio::test]
async fn a_disabled_person_reads_the_same_words_as_an_unknown_one() {
    let world = World::new().await;
    let unknown = Browser::new(&world).sign_in("/signin", "wrong password").await;
    world.deactivate().await;
    let disabled = Browser::new(&world).sign_in("/signin", PASSWORD).await;
    assert_eq!(disabled.status, StatusCode::UNAUTHORIZED);
    let message = |page: &str| page.split_once("role=\"alert\"").unwrap().1.split_once("</p>").unwrap().0.to_owned();
    assert_eq!(message(&unknown.body), message(&disabled.body));
}

#[tokio::test]
async fn too_many_attempts_have_to_wait() {
    let world = World::new().await;
    let mut browser = Browser::new(&world);
    for _ in 0..11 {
        browser.sign_in("/signin", "wrong password").await;
    }
    let answer = browser.sign_in("/signin", PASSWORD).await;
    assert_eq!(answer.status, StatusCode::TOO_MANY_REQUESTS);
    assert!(answer.header("retry-after").parse::<u64>().unwrap() > 0);
}

#[tokio::test]
async fn a_signed_in_browser_is_asked_for_consent_at_once_until_it_signs_out() {
    let world = World::new().await;
    let client = world.client(&["authorization_code"]).await;
    let mut browser = Browser::new(&world);
    browser.consent_page(&client).await;
    let page = browser.get(&client.authorize_path()).await;
    assert_eq!(page.status, StatusCode::OK);
    let forged = browser.post("/signout", &[]).await;
    assert_eq!(forged.status, StatusCode::FORBIDDEN);
    let asked = browser.get("/signout").await;
    let csrf = asked.field("csrf");
    let out = browser.post("/signout", &[("csrf", &csrf)]).await;
    assert!(out.status == StatusCode::OK && out.body.contains("You are signed out"));
    let last = world.trail.events().pop().unwrap();
    assert_eq!((last.step, last.outcome), (AuditStep::SessionEnd, Outcome::Allowed));
    assert_eq!(browser.get(&client.authorize_path()).await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn signing_in_as_somebody_else_comes_back_to_the_same_request() {
    let world = World::new().await;
    let client = world.client(&["authorization_code"]).await;
    let mut browser = Browser::new(&world);
    let page = browser.consent_page(&client).await;
    let (csrf, next) = (page.field("csrf"), page.field("continue"));
    let out = browser.post("/signout", &[("csrf", &csrf), ("continue", &next)]).await;
    let back = browser.sign_in(out.header("location"), PASSWORD).await;
    assert_eq!(browser.get(back.header("location")).await.field("request"), page.field("request"));
}

#[tokio::test]
async fn a_session_ends_idle_and_with_the_person() {
    let world = World::new().await;
    let client = world.client(&["authorization_code"]).await;
    let mut browser = Browser::new(&world);
    browser.consent_page(&client).await;
    world.clock.advance(Duration::HOUR);
    assert_eq!(browser.get(&client.authorize_path()).await.status, StatusCode::SEE_OTHER);
    let page = browser.consent_page(&client).await;
    world.deactivate().await;
    let answer = browser.answer_consent(&page, "allow").await;
    assert!(answer.header("location").starts_with("/signin?continue="));
}

#[tokio::test]
async fn a_new_sign_in_ends_the_browsers_old_session() {
    let world = World::new().await;
    let client = world.client(&["authorization_code"]).await;
    let mut browser = Browser::new(&world);
    let old = browser.consent_page(&client).await;
    // A second tab whose sign-in form was open before.
    let cookie = base::random::token();
    let csrf = ::pages::csrf_token(&cookie);
    let header = format!("{}; __Host-gatehouse-form={}", browser.cookie_header(), cookie.expose());
    let body = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs([("csrf", csrf.expose().as_str()), ("user_name", "ethan"), ("password", PASSWORD)])
        .finish();
    let request = Request::post("/signin").header("cookie", header).body(Body::from(body)).unwrap();
    assert_eq!(world.send(request).await.status, StatusCode::SEE_OTHER);
    let answer = browser.answer_consent(&old, "allow").await;
    assert!(answer.header("location").starts_with("/signin?continue="));
}

#[tokio::test]
async fn a_request_from_nowhere_is_not_served() {
    use tower::ServiceExt as _;
    let world = World::new().await;
    let request = Request::get("/signin").body(Body::empty()).unwrap();
    let response = world.router.clone().oneshot(request).await.unwrap();
    assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
}
