//! The second step.

use axum::http::StatusCode;
use base::Outcome;
use idp::MfaPolicy;
use time::Duration;

use super::fixture::{Answer, Browser, PASSWORD, World, totp};

/// Name and password of somebody with an authenticator app: the page of the second step.
async fn half_way(browser: &mut Browser<'_>, page: &str) -> Answer {
    let answer = browser.sign_in(page, "ethan", PASSWORD).await;
    assert!(answer.location().starts_with("/idp/signin/factor"), "{}", answer.location());
    assert!(!browser.is_in().await, "half way isn't in");
    browser.get(answer.location()).await
}

#[tokio::test]
async fn with_an_authenticator_app_the_password_alone_isnt_enough() {
    let world = World::new().await;
    let (key, _) = Browser::signed_in(&world, "ethan").await.enrol_totp().await;
    world.clock.advance(Duration::minutes(1));
    let mut browser = Browser::new(&world);
    let to_sign_in = browser.get("/idp/account").await;
    let page = half_way(&mut browser, to_sign_in.location()).await;
    page.shows(StatusCode::OK, &["autocomplete=\"one-time-code\"", "inputmode=\"numeric\"", "Use a recovery code"]);
    let wrong = browser.fill(&page, "/idp/signin/factor", &[("with", "totp"), ("code", "000000")]).await;
    wrong.shows(StatusCode::FORBIDDEN, &["role=\"alert\"", "This one-time code isn"]);
    let code = totp(&key, &world);
    let answer = browser.fill(&wrong, "/idp/signin/factor", &[("with", "totp"), ("code", &code)]).await;
    assert_eq!(answer.location(), "/idp/account", "the destination is kept through both steps");
    assert!(browser.is_in().await && !browser.cookies.contains_key("__Host-gatehouse-idp-step"));
    let story: Vec<_> = world.events().into_iter().rev().take(3).collect();
    assert!(story.iter().all(|event| event.correlation == story[0].correlation), "one sign-in, one id");
    assert_eq!(story[0].fields.iter().find(|(name, _)| *name == "factors").unwrap().1, "pwd otp mfa");
    assert_eq!((story[1].outcome, story[1].target.as_str()), (Outcome::Denied, "ethan"));
    let half = world.recorded("password", Outcome::Denied).pop().unwrap();
    assert_eq!(half.target, "ethan", "whose password was right is written down, even if nothing follows");
}

#[tokio::test]
async fn a_code_counts_once() {
    let world = World::new().await;
    let (key, _) = Browser::signed_in(&world, "ethan").await.enrol_totp().await;
    world.clock.advance(Duration::minutes(1));
    let code = totp(&key, &world);
    let (mut first, mut second) = (Browser::new(&world), Browser::new(&world));
    let page = half_way(&mut first, "/idp/signin").await;
    let other = half_way(&mut second, "/idp/signin").await;
    let answer = first.fill(&page, "/idp/signin/factor", &[("with", "totp"), ("code", &code)]).await;
    assert_eq!(answer.location(), "/idp");
    let answer = second.fill(&other, "/idp/signin/factor", &[("with", "totp"), ("code", &code)]).await;
    answer.shows(StatusCode::FORBIDDEN, &["used already"]);
    assert!(!second.is_in().await);
}

#[tokio::test]
async fn guessing_codes_is_slowed_down() {
    let world = World::new().await;
    let (key, _) = Browser::signed_in(&world, "ethan").await.enrol_totp().await;
    world.clock.advance(Duration::minutes(1));
    let mut browser = Browser::new(&world);
    let page = half_way(&mut browser, "/idp/signin").await;
    for _ in 0..10 {
        browser.fill(&page, "/idp/signin/factor", &[("with", "totp"), ("code", "000000")]).await;
    }
    let code = totp(&key, &world);
    let answer = browser.fill(&page, "/idp/signin/factor", &[("with", "totp"), ("code", &code)]).await;
    answer.shows(StatusCode::TOO_MANY_REQUESTS, &["Wait 1 seconds"]);
    assert_eq!(answer.header("retry-after"), "1");
}

#[tokio::test]
async fn a_recovery_code_works_once() {
    let world = World::new().await;
    let (_, codes) = Browser::signed_in(&world, "ethan").await.enrol_totp().await;
    assert_eq!(codes.len(), 10);
    let mut browser = Browser::new(&world);
    half_way(&mut browser, "/idp/signin").await;
    let page = browser.get("/idp/signin/factor?with=recovery").await;
    page.shows(StatusCode::OK, &["Recovery code", "authenticator app"]);
    let answer = browser.fill(&page, "/idp/signin/factor", &[("with", "recovery"), ("code", &codes[3])]).await;
    assert_eq!(answer.location(), "/idp");
    browser.get("/idp/account").await.shows(StatusCode::OK, &["You have 9 codes left."]);

    let mut browser = Browser::new(&world);
    let page = half_way(&mut browser, "/idp/signin").await;
    let answer = browser.fill(&page, "/idp/signin/factor", &[("with", "recovery"), ("code", &codes[3])]).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN, "{}", answer.body);
    assert!(!browser.is_in().await);
}

#[tokio::test]
async fn a_sign_in_that_takes_too_long_begins_anew() {
    let world = World::new().await;
    let (key, _) = Browser::signed_in(&world, "ethan").await.enrol_totp().await;
    let mut browser = Browser::new(&world);
    let page = half_way(&mut browser, "/idp/signin").await;
    world.clock.advance(Duration::minutes(11));
    let code = totp(&key, &world);
    let answer = browser.fill(&page, "/idp/signin/factor", &[("with", "totp"), ("code", &code)]).await;
    answer.shows(StatusCode::UNAUTHORIZED, &["This sign-in took too long.", "name=\"password\""]);
    assert!(!browser.is_in().await);
    let without = Browser::new(&world).get("/idp/signin/factor").await;
    assert_eq!(without.location(), "/idp/signin");
}

#[tokio::test]
async fn where_a_second_step_is_required_it_is_set_up_at_the_sign_in() {
    let world = World::new().await;
    world.state.idp.set_policy(MfaPolicy::Required).await.unwrap();
    let mut browser = Browser::new(&world);
    let to_sign_in = browser.get("/idp/account").await;
    let answer = browser.sign_in(to_sign_in.location(), "ethan", PASSWORD).await;
    let choice = answer.location().to_owned();
    assert!(choice.starts_with("/idp/signin/enrol") && !browser.is_in().await);
    browser
        .get(&choice)
        .await
        .shows(StatusCode::OK, &["A passkey", "Set up an authenticator app", "data-passkey=\"create\""]);
    let page = browser.get(&format!("{choice}&with=totp")).await;
    page.shows(StatusCode::OK, &["<svg", "class=\"secret\""]);
    let key = page.totp_key();
    let enrolment = page.field("enrolment");
    let fields = [("enrolment", enrolment.as_str()), ("code", "000000")];
    let wrong = browser.fill(&page, "/idp/signin/enrol/totp", &fields).await;
    wrong.shows(StatusCode::FORBIDDEN, &["This one-time code isn"]);
    assert_eq!(wrong.totp_key(), key, "nobody scans twice");
    let (enrolment, code) = (wrong.field("enrolment"), totp(&key, &world));
    let fields = [("enrolment", enrolment.as_str()), ("code", code.as_str())];
    let done = browser.fill(&wrong, "/idp/signin/enrol/totp", &fields).await;
    done.shows(StatusCode::OK, &["Keep your recovery codes", "href=\"/idp/account\""]);
    assert_eq!(done.recovery_codes().len(), 10);
    browser
        .get("/idp/account")
        .await
        .shows(StatusCode::OK, &["It is asked for when you sign in.", "add another one before"]);
}

#[tokio::test]
async fn another_forms_half_way_state_isnt_taken() {
    let world = World::new().await;
    let (key, _) = Browser::signed_in(&world, "ethan").await.enrol_totp().await;
    world.clock.advance(Duration::minutes(1));
    let mut browser = Browser::new(&world);
    let page = half_way(&mut browser, "/idp/signin").await;
    browser.cookies.insert("__Host-gatehouse-idp-step".into(), "forged".into());
    let code = totp(&key, &world);
    let answer = browser.fill(&page, "/idp/signin/factor", &[("with", "totp"), ("code", &code)]).await;
    answer.shows(StatusCode::UNAUTHORIZED, &["This sign-in can", "name=\"password\""]);
    assert!(!browser.is_in().await);
}
