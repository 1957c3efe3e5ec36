//! What people change themselves.

use std::sync::atomic::Ordering;

use axum::http::StatusCode;
use base::Outcome;
use idp::MfaPolicy;
use time::Duration;

use super::fixture::{Browser, PASSWORD, World, totp};

#[tokio::test]
async fn a_change_needs_a_sign_in_of_the_last_five_minutes() {
    let world = World::new().await;
    let mut browser = Browser::signed_in(&world, "ethan").await;
    world.clock.advance(Duration::minutes(6));
    assert_eq!(browser.get("/idp/account").await.status, StatusCode::OK);
    let changes = ["password", "totp", "totp/remove", "passkeys/add", "recovery"];
    for change in changes {
        let answer = browser.get(&format!("/idp/account/{change}")).await;
        assert!(answer.location().starts_with("/idp/signin?next="), "{change}");
    }
    let to_sign_in = browser.get("/idp/account/password").await;
    let page = browser.get(to_sign_in.location()).await;
    page.shows(StatusCode::OK, &["Please sign in again", "value=\"ethan\"", "to change your account"]);
    let answer = browser.fill(&page, "/idp/signin", &[("user_name", "ethan"), ("password", PASSWORD)]).await;
    assert_eq!(answer.location(), "/idp/account/password");
    assert_eq!(browser.get("/idp/account/password").await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_form_that_waited_too_long_changes_nothing() {
    let world = World::new().await;
    let mut browser = Browser::signed_in(&world, "ethan").await;
    let page = browser.get("/idp/account/password").await;
    world.clock.advance(Duration::minutes(16));
    let new = "four words in a row";
    let fields = [("old_password", PASSWORD), ("new_password", new), ("again", new)];
    let answer = browser.fill(&page, "/idp/account/password", &fields).await;
    assert!(answer.location().starts_with("/idp/signin?next="));
    assert_eq!(Browser::new(&world).sign_in("/idp/signin", "ethan", PASSWORD).await.location(), "/idp");
}

#[tokio::test]
async fn changing_the_password_needs_the_present_one_and_ends_every_session() {
    let world = World::new().await;
    let mut browser = Browser::signed_in(&world, "ethan").await;
    let mut elsewhere = Browser::signed_in(&world, "ethan").await;
    let page = browser.get("/idp/account/password").await;
    let new = "four words in a row";
    let refusals = [
        (["wrong", new, new], "The present password is wrong."),
        ([PASSWORD, new, "other words in a row"], "The two entries of the new password differ."),
        ([PASSWORD, "short", "short"], "This password can&#39;t be used."),
    ];
    for ([old, new, again], words) in refusals {
        let fields = [("old_password", old), ("new_password", new), ("again", again)];
        let answer = browser.fill(&page, "/idp/account/password", &fields).await;
        assert!(answer.status.is_client_error());
        assert!(answer.body.replace('\'', "&#39;").contains(words), "{words} is missing in {}", answer.body);
    }
    world.clock.advance(Duration::SECOND);
    let fields = [("old_password", PASSWORD), ("new_password", new), ("again", new)];
    let answer = browser.fill(&page, "/idp/account/password", &fields).await;
    answer.shows(StatusCode::OK, &["Your password is changed"]);
    assert!(!browser.is_in().await && !elsewhere.is_in().await);
    world.clock.advance(Duration::SECOND);
    assert_eq!(browser.sign_in("/idp/signin", "ethan", new).await.location(), "/idp");
    assert_eq!(elsewhere.sign_in("/idp/signin", "ethan", PASSWORD).await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(world.recorded("idp:ChangePassword", Outcome::Allowed).len(), 1);
    assert_eq!(world.recorded("idp:ChangePassword", Outcome::Denied).len(), 2);
}

#[tokio::test]
async fn an_authenticator_app_is_set_up_with_a_code_and_ends_the_other_sessions() {
    let world = World::new().await;
    let mut browser = Browser::signed_in(&world, "ethan").await;
    let mut elsewhere = Browser::signed_in(&world, "ethan").await;
    let page = browser.get("/idp/account/totp").await;
    page.shows(StatusCode::OK, &["<svg", "class=\"secret\"", "time-based, 6 digits, 30 seconds"]);
    let (key, enrolment) = (page.totp_key(), page.field("enrolment"));
    let wrong = browser.fill(&page, "/idp/account/totp", &[("enrolment", &enrolment), ("code", "000000")]).await;
    wrong.shows(StatusCode::FORBIDDEN, &["This one-time code isn"]);
    assert_eq!(wrong.totp_key(), key);
    assert!(world.state.idp.factors(&world.ethan).totp.is_none() && elsewhere.is_in().await);
    let (enrolment, code) = (wrong.field("enrolment"), totp(&key, &world));
    let done = browser.fill(&wrong, "/idp/account/totp", &[("enrolment", &enrolment), ("code", &code)]).await;
    assert_eq!(done.recovery_codes().len(), 10);
    assert!(world.state.idp.factors(&world.ethan).totp.is_some());
    assert!(browser.is_in().await && !elsewhere.is_in().await);
    browser.get("/idp/account?done=totp").await.shows(StatusCode::OK, &["role=\"status\"", "is set up"]);
}

#[tokio::test]
async fn somebody_elses_enrolment_isnt_confirmed() {
    let world = World::new().await;
    let mut browser = Browser::signed_in(&world, "ethan").await;
    let theirs = browser.get("/idp/account/totp").await;
    let (enrolment, code) = (theirs.field("enrolment"), totp(&theirs.totp_key(), &world));
    let mut nina = Browser::signed_in(&world, "nina").await;
    let page = nina.get("/idp/account/totp").await;
    let answer = nina.fill(&page, "/idp/account/totp", &[("enrolment", &enrolment), ("code", &code)]).await;
    assert!(answer.status.is_client_error(), "{}", answer.body);
    assert!(world.state.idp.factors(&world.ethan).totp.is_none());
}

#[tokio::test]
async fn the_last_factor_stays_where_one_is_required() {
    let world = World::new().await;
    let mut browser = Browser::signed_in(&world, "ethan").await;
    browser.enrol_totp().await;
    let page = browser.get("/idp/account/totp/remove").await;
    page.shows(StatusCode::OK, &["Remove the authenticator app?"]);
    world.state.idp.set_policy(MfaPolicy::Required).await.unwrap();
    let account = browser.get("/idp/account").await;
    assert!(account.body.contains("add another one before") && !account.body.contains("/idp/account/totp/remove"));
    let answer = browser.fill(&page, "/idp/account/totp/remove", &[]).await;
    answer.shows(StatusCode::CONFLICT, &["Not removed", "Add another authenticator app or passkey first"]);
    assert!(!answer.body.contains(world.ethan.as_str()), "to the person their id says nothing");
    assert!(world.state.idp.factors(&world.ethan).totp.is_some());
    assert_eq!(world.recorded("idp:RemoveTotp", Outcome::Denied).len(), 1);

    world.state.idp.set_policy(MfaPolicy::Optional).await.unwrap();
    let answer = browser.fill(&page, "/idp/account/totp/remove", &[]).await;
    assert_eq!(answer.location(), "/idp/account?done=totp-removed");
    assert!(world.state.idp.factors(&world.ethan).totp.is_none());
}

#[tokio::test]
async fn recovery_codes_are_renewed_and_shown_once() {
    let world = World::new().await;
    let mut browser = Browser::signed_in(&world, "ethan").await;
    browser.get("/idp/account").await.shows(StatusCode::OK, &["They come with a second step"]);
    let (_, before) = browser.enrol_totp().await;
    let page = browser.get("/idp/account/recovery").await;
    let shown = browser.fill(&page, "/idp/account/recovery", &[]).await;
    let codes = shown.recovery_codes();
    assert!(codes.len() == 10 && codes.iter().all(|code| !before.contains(code)));
    let account = browser.get("/idp/account").await;
    assert!(
        account.body.contains("You have 10 codes left.")
            && codes.iter().all(|code| !account.body.contains(code.as_str()))
    );
}

#[tokio::test]
async fn a_change_by_another_sites_form_is_refused() {
    let world = World::new().await;
    let mut browser = Browser::signed_in(&world, "ethan").await;
    browser.enrol_totp().await;
    let page = browser.get("/idp/account/totp/remove").await;
    let csrf = page.field("csrf");
    let answer = browser.post_from("/idp/account/totp/remove", &[("csrf", &csrf)], "cross-site").await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    assert_eq!(browser.post("/idp/account/totp/remove", &[]).await.status, StatusCode::FORBIDDEN);
    assert!(world.state.idp.factors(&world.ethan).totp.is_some());
}

#[tokio::test]
async fn a_change_that_cant_be_recorded_isnt_made() {
    let world = World::new().await;
    let mut browser = Browser::signed_in(&world, "ethan").await;
    browser.enrol_totp().await;
    let page = browser.get("/idp/account/totp/remove").await;
    world.trail.broken.store(true, Ordering::SeqCst);
    let answer = browser.fill(&page, "/idp/account/totp/remove", &[]).await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(world.state.idp.factors(&world.ethan).totp.is_some());
}
