//! Name and password, and what keeps others out.

use std::sync::atomic::Ordering;

use axum::http::StatusCode;
use base::{AuditStep, Outcome, Principal};
use time::Duration;

use super::fixture::{Browser, PASSWORD, World};

#[tokio::test]
async fn the_sign_in_page_works_on_a_phone_and_without_script() {
    let world = World::new().await;
    let page = Browser::new(&world).get("/idp/signin").await;
    page.shows(
        StatusCode::OK,
        &[
            "<label for=\"user_name\">",
            "<label for=\"password\">",
            "autocomplete=\"username webauthn\"",
            "autocomplete=\"current-password\"",
            "name=\"viewport\"",
            "lang=\"en\"",
            "autofocus",
            "aria-live=\"assertive\"",
            "Example &lt;Corp&gt;",
        ],
    );
    assert!(!page.body.contains("style=") && !page.body.contains("onclick") && !page.body.contains("</script>x"));
    let passkey = page.body.split_once("id=\"passkey\"").unwrap().1;
    assert!(passkey.split_once('>').unwrap().0.ends_with(" hidden"), "the passkey's form waits for the script");
    let policy = "default-src 'none'; style-src 'self'; script-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";
    assert_eq!(page.header("content-security-policy"), policy);
    assert_eq!(page.header("cache-control"), "no-store");
    let script = Browser::new(&world).get("/idp/passkey.js").await;
    assert_eq!(script.header("content-type"), "text/javascript; charset=utf-8");
    assert!(script.body.contains("navigator.credentials"));
}

#[tokio::test]
async fn a_right_password_opens_the_console_with_a_session_of_its_own() {
    let world = World::new().await;
    let mut browser = Browser::signed_in(&world, "Ethan").await;
    let first = browser.cookies["__Host-gatehouse-idp-session"].clone();
    browser.get("/idp").await.shows(StatusCode::OK, &["Your applications", "ethan", "Sign out"]);
    let event = world.last();
    assert_eq!((event.step, event.outcome, event.action.as_str()), (AuditStep::SignIn, Outcome::Allowed, "password"));
    assert!(matches!(event.principal, Principal::DirectoryUser { ref user_name, .. } if user_name == "ethan"));

    let again = browser.sign_in("/idp/signin?again=true", "ethan", PASSWORD).await;
    assert_eq!(again.location(), "/idp");
    assert_ne!(browser.cookies["__Host-gatehouse-idp-session"], first);
    let mut old = Browser::new(&world);
    old.cookies.insert("__Host-gatehouse-idp-session".into(), first);
    assert!(!old.is_in().await, "the session before is over");
}

#[tokio::test]
async fn an_unknown_name_and_a_wrong_password_and_a_disabled_account_say_the_same() {
    let world = World::new().await;
    let nina = world.state.idp.people().user_by_name("nina").unwrap().id.clone();
    world.deactivate(&nina).await;
    let mut texts = Vec::new();
    for (name, password) in [("nobody", PASSWORD), ("ethan", "wrong password"), ("nina", PASSWORD)] {
        let answer = Browser::new(&world).sign_in("/idp/signin", name, password).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
        assert!(
            !answer.headers.get_all("set-cookie").iter().any(|cookie| cookie.to_str().unwrap().contains("session"))
        );
        let error =
            answer.body.split_once("aria-live=\"assertive\">").unwrap().1.split_once("</div>").unwrap().0.to_owned();
        texts.push(error);
    }
    assert!(texts[0].contains("wrong") && texts.iter().all(|text| *text == texts[0]), "{texts:?}");
    let refused: Vec<_> = world.events().into_iter().map(|event| (event.outcome, event.target)).collect();
    assert_eq!(refused[0], (Outcome::Denied, String::new()), "a name that isn't one may be a password");
    assert_eq!(refused[1], (Outcome::Denied, "ethan".into()));
}

#[tokio::test]
async fn too_many_attempts_say_when_to_try_again() {
    let world = World::new().await;
    let mut browser = Browser::new(&world);
    for _ in 0..10 {
        assert_eq!(browser.sign_in("/idp/signin", "ethan", "wrong").await.status, StatusCode::UNAUTHORIZED);
    }
    let answer = browser.sign_in("/idp/signin", "ethan", PASSWORD).await;
    answer.shows(StatusCode::TOO_MANY_REQUESTS, &["Too many sign-in attempts. Wait 1 seconds, then try again."]);
    assert_eq!(answer.header("retry-after"), "1");
    world.clock.advance(Duration::seconds(2));
    assert_eq!(browser.sign_in("/idp/signin", "ethan", PASSWORD).await.location(), "/idp");
}

#[tokio::test]
async fn a_form_of_another_site_signs_nobody_in() {
    let world = World::new().await;
    let mut browser = Browser::new(&world);
    let page = browser.get("/idp/signin").await;
    let csrf = page.field("csrf");
    let typed = [("user_name", "ethan"), ("password", PASSWORD)];
    let with_token = [("csrf", csrf.as_str()), typed[0], typed[1]];
    assert_eq!(browser.post_from("/idp/signin", &with_token, "cross-site").await.status, StatusCode::FORBIDDEN);
    assert_eq!(browser.post("/idp/signin", &typed).await.status, StatusCode::FORBIDDEN);
    let mut other = Browser::new(&world);
    other.get("/idp/signin").await;
    assert_eq!(other.post("/idp/signin", &with_token).await.status, StatusCode::FORBIDDEN);
    assert!(!browser.is_in().await && !other.is_in().await);
}

#[tokio::test]
async fn a_sign_in_that_cant_be_recorded_doesnt_happen() {
    let world = World::new().await;
    let mut browser = Browser::new(&world);
    let page = browser.get("/idp/signin").await;
    world.trail.broken.store(true, Ordering::SeqCst);
    let answer = browser.fill(&page, "/idp/signin", &[("user_name", "ethan"), ("password", PASSWORD)]).await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(!browser.cookies.contains_key("__Host-gatehouse-idp-session"));
}

#[tokio::test]
async fn an_address_that_somebody_sends_along_is_never_gone_to() {
    let world = World::new().await;
    for next in ["https://evil.example/", "//evil.example", "/idp/account", "%2Fidp%2Faccount"] {
        let mut browser = Browser::new(&world);
        let answer = browser.sign_in(&format!("/idp/signin?next={next}"), "ethan", PASSWORD).await;
        assert_eq!(answer.location(), "/idp", "{next}");
    }
}

#[tokio::test]
async fn where_the_person_wanted_to_go_is_kept_through_the_sign_in() {
    let world = World::new().await;
    let mut browser = Browser::new(&world);
    let to_sign_in = browser.get("/idp/account").await;
    assert!(to_sign_in.location().starts_with("/idp/signin?next="));
    let answer = browser.sign_in(to_sign_in.location(), "ethan", "wrong").await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
    let answer = browser.fill(&answer, "/idp/signin", &[("user_name", "ethan"), ("password", PASSWORD)]).await;
    assert_eq!(answer.location(), "/idp/account");
    assert_eq!(browser.get(to_sign_in.location()).await.location(), "/idp/account", "who is signed in goes on at once");
}

#[tokio::test]
async fn a_one_time_password_opens_nothing_but_the_choice_of_another_one() {
    let world = World::new().await;
    let one_time = world.state.idp.people().set_one_time_password(&world.ethan).await.unwrap();
    let mut browser = Browser::new(&world);
    let to_sign_in = browser.get("/idp/account").await;
    let answer = browser.sign_in(to_sign_in.location(), "ethan", one_time.expose()).await;
    let link = answer.location().to_owned();
    assert!(link.starts_with("/idp/activate/") && !browser.is_in().await);
    let page = browser.get(&link).await;
    page.shows(StatusCode::OK, &["Choose a password", "<strong>ethan</strong>"]);
    let path = link.split_once('?').unwrap().0;
    let differ = browser.fill(&page, path, &[("new_password", "four words in a row"), ("again", "other")]).await;
    differ.shows(StatusCode::BAD_REQUEST, &["The two entries differ."]);
    let new = "four words in a row";
    let done = browser.fill(&page, path, &[("new_password", new), ("again", new)]).await;
    done.shows(StatusCode::OK, &["Your password is set"]);
    let sign_in = done.after("class=\"button\" href=\"");
    world.clock.advance(Duration::SECOND);
    assert_eq!(browser.sign_in(&sign_in, "ethan", new).await.location(), "/idp/account");
    assert_eq!(browser.get(&link).await.status, StatusCode::GONE);
    assert_eq!(browser.get("/idp/activate/nonsense").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_session_ends_when_its_person_is_deactivated() {
    let world = World::new().await;
    let mut browser = Browser::signed_in(&world, "ethan").await;
    world.deactivate(&world.ethan).await;
    assert!(!browser.is_in().await);
}
