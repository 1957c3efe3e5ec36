//! Choosing a password by a link, as a browser sees it.

use axum::http::StatusCode;
use base::{AuditStep, Outcome, Secret};
use time::Duration;

use super::fixture::{Answer, Browser, PASSWORD, World};

const NEW: &str = "a much better password";

async fn link(world: &World) -> String {
    let token = world.state.directory.create_reset_link(&world.user, Duration::DAY).await.unwrap();
    format!("/reset/{}", token.expose())
}

async fn choose(browser: &mut Browser<'_>, path: &str, (new, again): (&str, &str)) -> Answer {
    let page = browser.get(path).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.body);
    let csrf = page.field("csrf");
    let mut fields = vec![("csrf", csrf.as_str()), ("user_name", "ethan"), ("new_password", new), ("again", again)];
    let next = page.body.contains("name=\"continue\"").then(|| page.field("continue"));
    fields.extend(next.as_deref().map(|next| ("continue", next)));
    browser.post(path, &fields).await
}

#[tokio::test]
async fn the_page_works_on_a_phone_and_without_script_and_looking_uses_nothing_up() {
    let world = World::new().await;
    let path = link(&world).await;
    for _ in 0..3 {
        let page = Browser::new(&world).get(&path).await;
        assert_eq!(page.status, StatusCode::OK);
        for part in [
            "<label for=\"new_password\">",
            "<label for=\"again\">",
            "autocomplete=\"new-password\"",
            "autocomplete=\"username\"",
            "name=\"viewport\"",
            "<strong>ethan</strong>",
            "autofocus",
            "aria-live=\"assertive\"",
        ] {
            assert!(page.body.contains(part), "{part} is missing in {}", page.body);
        }
        assert!(!page.body.contains("<script") && !page.body.contains("style=") && !page.body.contains("onclick"));
        assert!(!page.body.contains(path.strip_prefix("/reset/").unwrap()), "the token stays in the address");
        assert_eq!((page.header("referrer-policy"), page.header("cache-control")), ("no-referrer", "no-store"));
    }
    assert!(world.trail.events().is_empty());
}

#[tokio::test]
async fn a_link_sets_the_password_once_and_ends_what_was_signed_in() {
    let world = World::new().await;
    let mut old = Browser::new(&world);
    assert_eq!(old.sign_in("/signin", PASSWORD).await.status, StatusCode::SEE_OTHER);
    assert!(old.get("/signin").await.body.contains("You are signed in"));
    world.clock.advance(Duration::SECOND);
    let path = link(&world).await;
    let mut browser = Browser::new(&world);
    let done = choose(&mut browser, &path, (NEW, NEW)).await;
    assert!(done.status == StatusCode::OK && done.body.contains("href=\"/signin\""), "{}", done.body);
    let last = world.trail.events().pop().unwrap();
    assert_eq!((last.step, last.outcome), (AuditStep::Administration, Outcome::Allowed));
    assert_eq!((last.action.as_str(), last.target.as_str()), ("UpdatePassword", world.user.as_str()));
    assert!(!format!("{:?}", world.trail.events()).contains(NEW));
    assert!(old.get("/signin").await.body.contains("name=\"password\""), "signed out at once");
    assert_eq!(Browser::new(&world).sign_in("/signin", PASSWORD).await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(Browser::new(&world).sign_in("/signin", NEW).await.status, StatusCode::SEE_OTHER);
    let again = browser.get(&path).await;
    assert!(again.status == StatusCode::GONE && again.body.contains("used already"), "{}", again.body);
}

#[tokio::test]
async fn a_bad_choice_says_why_and_leaves_the_link_open() {
    let world = World::new().await;
    let path = link(&world).await;
    let mut browser = Browser::new(&world);
    for (new, again, why) in [
        ("short", "short", "can't be used. It must have 8 to 1024 bytes"),
        (NEW, "another one", "Type the same password twice"),
    ] {
        let answer = choose(&mut browser, &path, (new, again)).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST);
        assert!(answer.body.contains(why) && !answer.body.contains(NEW), "{}", answer.body);
    }
    assert!(world.trail.events().is_empty(), "nothing was changed");
    assert_eq!(choose(&mut browser, &path, (NEW, NEW)).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_wrong_replaced_expired_or_ended_link_says_so_and_what_to_do() {
    let world = World::new().await;
    let replaced = link(&world).await;
    let newest = link(&world).await;
    let wrong = format!("/reset/{}", "A".repeat(43));
    for path in [replaced.as_str(), wrong.as_str(), "/reset/x", "/reset/%00%C3%A9"] {
        let page = Browser::new(&world).get(path).await;
        assert_eq!(page.status, StatusCode::NOT_FOUND, "{path}");
        assert!(page.body.contains("ask your administrator") && page.body.contains("Reference: "), "{}", page.body);
    }
    let mut browser = Browser::new(&world);
    let form = browser.get(&newest).await;
    world.clock.advance(Duration::DAY);
    let late = browser.get(&newest).await;
    assert!(
        late.status == StatusCode::GONE
            && late.body.contains("expired")
            && late.body.contains("Ask your administrator")
    );
    let csrf = form.field("csrf");
    let late = browser.post(&newest, &[("csrf", &csrf), ("new_password", NEW), ("again", NEW)]).await;
    assert_eq!(late.status, StatusCode::GONE, "it expired while the page was open");
    let last = world.trail.events().pop().unwrap();
    assert_eq!((last.outcome, last.target.as_str()), (Outcome::Denied, world.user.as_str()));
    let path = link(&world).await;
    world.deactivate().await;
    assert_eq!(Browser::new(&world).get(&path).await.status, StatusCode::GONE, "it ends with the deactivation");
    assert_eq!(Browser::new(&world).sign_in("/signin", PASSWORD).await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_forged_form_or_a_full_trail_changes_nothing() {
    use std::sync::atomic::Ordering;
    let world = World::new().await;
    let path = link(&world).await;
    let mut browser = Browser::new(&world);
    let csrf = browser.get(&path).await.field("csrf");
    let fields = [("csrf", csrf.as_str()), ("new_password", NEW), ("again", NEW)];
    assert_eq!(browser.post(&path, &fields[1..]).await.status, StatusCode::FORBIDDEN, "no token");
    assert_eq!(browser.post_from(&path, &fields, "cross-site").await.status, StatusCode::FORBIDDEN, "another site");
    assert_eq!(Browser::new(&world).post(&path, &fields).await.status, StatusCode::FORBIDDEN, "another browser");
    world.trail.broken.store(true, Ordering::SeqCst);
    assert_eq!(browser.post(&path, &fields).await.status, StatusCode::SERVICE_UNAVAILABLE, "what can't be recorded");
    world.trail.broken.store(false, Ordering::SeqCst);
    assert_eq!(Browser::new(&world).sign_in("/signin", PASSWORD).await.status, StatusCode::SEE_OTHER);
    assert_eq!(browser.post(&path, &fields).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_one_time_password_leads_to_the_choice_of_another_and_back_to_what_was_asked() {
    let world = World::new().await;
    let client = world.client(&["authorization_code"]).await;
    let once = world.state.directory.set_one_time_password(&world.user).await.unwrap();
    let mut browser = Browser::new(&world);
    let to_sign_in = browser.get(&client.authorize_path()).await;
    let first = browser.sign_in(to_sign_in.header("location"), once.expose()).await;
    assert_eq!(first.status, StatusCode::SEE_OTHER, "{}", first.body);
    let choice = first.header("location").to_owned();
    assert!(choice.starts_with("/reset/"), "{choice}");
    assert!(browser.get("/signin").await.body.contains("name=\"password\""), "not signed in yet");
    let last = world.trail.events().pop().unwrap();
    assert_eq!((last.step, last.outcome), (AuditStep::SignIn, Outcome::Denied));
    let known = choose(&mut browser, &choice, (once.expose(), once.expose())).await;
    assert_eq!(known.status, StatusCode::BAD_REQUEST, "the administrator knows it");
    assert!(
        known.body.contains("can&#39;t be used. It must differ")
            || known.body.contains("can't be used. It must differ")
    );
    let page = browser.get(&choice).await;
    let (csrf, next) = (page.field("csrf"), page.field("continue"));
    let fields = [("csrf", csrf.as_str()), ("continue", &next), ("new_password", NEW), ("again", NEW)];
    let done = browser.post(&choice, &fields).await;
    assert!(done.body.contains("href=\"/signin?continue=%2Fauthorize"), "{}", done.body);
    assert_eq!(Browser::new(&world).sign_in("/signin", once.expose()).await.status, StatusCode::UNAUTHORIZED);
    let sign_in = format!(
        "/signin?{}",
        url::form_urlencoded::Serializer::new(String::new()).append_pair("continue", &next).finish()
    );
    let signed_in = browser.sign_in(&sign_in, NEW).await;
    assert!(signed_in.header("location").starts_with("/authorize?"), "{}", signed_in.body);
    assert_eq!(browser.get(signed_in.header("location")).await.status, StatusCode::OK);
    assert!(
        world
            .state
            .directory
            .verify_password("ethan", &Secret::from(NEW), std::net::Ipv4Addr::LOCALHOST.into())
            .await
            .is_ok()
    );
}
