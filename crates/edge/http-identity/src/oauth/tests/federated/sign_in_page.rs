//! What the sign-in page offers.

use axum::http::StatusCode;

use super::super::fixture::{Browser, PASSWORD, World};
use super::saml::{IDP, Provider};

#[tokio::test]
async fn a_source_has_its_button_before_the_password_form_and_keeps_the_deep_link() {
    let world = World::new().await;
    let provider = Provider::new(&world).await;
    let client = world.client(&["authorization_code"]).await;
    let mut browser = Browser::new(&world);
    let to_sign_in = browser.get(&client.authorize_path()).await;
    let page = browser.get(to_sign_in.header("location")).await;
    let button = page.link("Sign in with Okta &amp; Co");
    assert!(button.starts_with(&format!("{}?continue=%2Fauthorize%3F", provider.begin_path())), "{button}");
    let (before, after) = page.body.split_once("Okta &amp; Co").unwrap();
    assert!(!before.contains("name=\"password\"") && after.contains("<p class=\"or\">or</p>"));
    assert!(after.contains("name=\"password\"") && after.contains("<label for=\"password\">"));
    assert!(!page.body.contains("<script") && !page.body.contains("style="));
    let back = browser.sign_in(to_sign_in.header("location"), PASSWORD).await;
    assert!(back.header("location").starts_with("/authorize?"), "passwords still work: {}", back.body);
}

#[tokio::test]
async fn without_the_directory_there_is_no_password_form_and_no_password_is_looked_at() {
    let world = World::new().await;
    let provider = Provider::new(&world).await;
    let mut browser = Browser::new(&world);
    let form = browser.get("/signin").await;
    let other = Provider::with(&world, |new| {
        new.name = "Another".into();
        rename_entity(new, "https://another.example.com");
    })
    .await;
    world.state.sources.set_directory_enabled(false).await.unwrap();
    let page = browser.get("/signin").await;
    assert!(!page.body.contains("name=\"password\"") && !page.body.contains("class=\"or\""), "{}", page.body);
    assert_eq!(page.link("Sign in with Okta &amp; Co"), provider.begin_path());
    assert_eq!(page.link("Sign in with Another"), other.begin_path());
    let csrf = form.field("csrf");
    let fields = [("csrf", csrf.as_str()), ("user_name", "ethan"), ("password", PASSWORD)];
    let refused = browser.post("/signin", &fields).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN, "{}", refused.body);
    assert!(
        refused.body.contains("Passwords aren't used here") || refused.body.contains("Passwords aren&#39;t used here")
    );
    assert!(!browser.cookie_header().contains("gatehouse-session="));
    let link = world.state.directory.create_reset_link(&world.user, time::Duration::DAY).await.unwrap();
    let reset = browser.get(&format!("/reset/{}", link.expose())).await;
    assert_eq!(reset.status, StatusCode::FORBIDDEN, "nobody chooses a password that opens nothing");
}

#[tokio::test]
async fn a_password_session_ends_with_the_directory_as_a_source() {
    let world = World::new().await;
    let _provider = Provider::new(&world).await;
    let mut browser = Browser::new(&world);
    browser.sign_in("/signin", PASSWORD).await;
    assert!(browser.get("/signin").await.body.contains("You are signed in as"));
    world.state.sources.set_directory_enabled(false).await.unwrap();
    assert_eq!(browser.get("/signin").await.status, StatusCode::SEE_OTHER, "straight to the only source");
}

#[tokio::test]
async fn the_only_source_is_gone_to_at_once() {
    let world = World::new().await;
    let provider = Provider::new(&world).await;
    world.state.sources.set_directory_enabled(false).await.unwrap();
    let client = world.client(&["authorization_code"]).await;
    let mut browser = Browser::new(&world);
    let to_sign_in = browser.get(&client.authorize_path()).await;
    let on = browser.get(to_sign_in.header("location")).await;
    assert_eq!(on.status, StatusCode::SEE_OTHER);
    assert!(on.header("location").starts_with(&format!("{}?continue=", provider.begin_path())));
    assert!(browser.get(on.header("location")).await.header("location").starts_with(&format!("{IDP}/sso?")));
}

#[tokio::test]
async fn where_sources_have_domains_the_address_says_where_to_go() {
    let world = World::new().await;
    let provider = Provider::with(&world, |new| new.domains = vec!["Example.com".into()]).await;
    let client = world.client(&["authorization_code"]).await;
    let mut browser = Browser::new(&world);
    let to_sign_in = browser.get(&client.authorize_path()).await;
    let page = browser.get(to_sign_in.header("location")).await;
    assert!(page.body.contains("<label for=\"user_name\">Your e-mail address or user name</label>"), "{}", page.body);
    assert!(
        !page.body.contains("name=\"password\"") && !page.body.contains("Okta"),
        "a domain's source isn't told to all"
    );
    let (csrf, next) = (page.field("csrf"), page.field("continue"));
    let fields =
        |typed: &'static str| [("csrf", csrf.clone()), ("continue", next.clone()), ("user_name", typed.to_owned())];
    let typed = |fields: &[(&'static str, String); 3]| fields.clone();
    let given = typed(&fields("ethan@EXAMPLE.com"));
    let pairs: Vec<(&str, &str)> = given.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let on = browser.post("/signin/start", &pairs).await;
    assert_eq!(on.status, StatusCode::OK, "a redirect to another origin would be held by the form's policy");
    let location = on.link("Continue");
    assert!(on.body.contains("http-equiv=\"refresh\"") && location.starts_with(&format!("{IDP}/sso?")), "{}", on.body);
    assert_eq!(
        provider.received(&world, &location).issuer,
        format!("{}/platform/saml/{}", super::super::fixture::CENTER, provider.source.id)
    );
    let given = fields("ethan");
    let pairs: Vec<(&str, &str)> = given.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let password = browser.post("/signin/start", &pairs).await;
    assert!(
        password.body.contains("value=\"ethan\"") && password.body.contains("name=\"password\""),
        "{}",
        password.body
    );
    assert_eq!(password.field("continue"), next);
    assert!(password.link("Sign in another way").starts_with("/signin?continue="));
}

#[tokio::test]
async fn an_address_of_no_source_is_told_so_where_there_are_no_passwords() {
    let world = World::new().await;
    let _provider = Provider::with(&world, |new| new.domains = vec!["example.com".into()]).await;
    let _other = Provider::with(&world, |new| {
        new.name = "Another".into();
        rename_entity(new, "https://another.example.com");
    })
    .await;
    world.state.sources.set_directory_enabled(false).await.unwrap();
    let mut browser = Browser::new(&world);
    let csrf = browser.get("/signin").await.field("csrf");
    for (typed, said) in
        [("a@other.org", "No identity provider is set up for other.org"), ("ethan", "whole e-mail address")]
    {
        let page = browser.post("/signin/start", &[("csrf", &csrf), ("user_name", typed)]).await;
        assert_eq!(page.status, StatusCode::BAD_REQUEST);
        assert!(page.body.contains(said) && page.body.contains(&format!("value=\"{typed}\"")), "{}", page.body);
        assert!(page.body.contains("Sign in with Another") && !page.body.contains("name=\"password\""));
    }
    let forged =
        browser.post_from("/signin/start", &[("csrf", &csrf), ("user_name", "a@example.com")], "cross-site").await;
    assert_eq!(forged.status, StatusCode::FORBIDDEN);
}

/// The same metadata of another provider.
fn rename_entity(new: &mut source::NewSource, entity_id: &str) {
    let source::NewKind::Saml(saml) = &mut new.kind else { panic!("SAML") };
    let source::MetadataFrom::Document(document) = &mut saml.metadata else { panic!("a document") };
    *document = document.replace(&format!("entityID=\"{IDP}\""), &format!("entityID=\"{entity_id}\""));
}
