//! The tiles, and why one doesn't open.

use std::collections::BTreeSet;

use axum::http::StatusCode;
use base::Outcome;
use idp::{Connector, ConnectorKind};

use super::fixture::{Browser, World};

#[tokio::test]
async fn the_console_shows_what_the_person_may_open() {
    let world = World::new().await;
    world.application("Sales <Portal>", |_| ()).await;
    let hidden = world.application("Back office", |_| ()).await;
    world.edit(&hidden, |edit| edit.hidden = true).await;
    let others = world.application("Payroll", |_| ()).await;
    world.state.idp.set_groups(&others.id, BTreeSet::new()).await.unwrap();
    let off = world.application("Old wiki", |_| ()).await;
    world.state.idp.deactivate(&off.id).await.unwrap();
    let page = Browser::signed_in(&world, "ethan").await.get("/idp").await;
    page.shows(StatusCode::OK, &["Sales &lt;Portal&gt;", "class=\"tile\"", "aria-current=\"page\""]);
    for label in ["Back office", "Payroll", "Old wiki"] {
        assert!(!page.body.contains(label), "{label}");
    }
}

#[tokio::test]
async fn an_empty_console_says_whom_to_ask() {
    let world = World::new().await;
    world.application("Sales", |_| ()).await;
    let page = Browser::signed_in(&world, "nina").await.get("/idp").await;
    page.shows(StatusCode::OK, &["There is no application for you here yet.", "Ask your administrator"]);
}

#[tokio::test]
async fn who_is_in_no_authorised_group_reads_which_one_it_takes() {
    let world = World::new().await;
    let application = world.application("Portal", |_| ()).await;
    let mut browser = Browser::signed_in(&world, "nina").await;
    let page = browser.get(&format!("/idp/open/{}", application.slug)).await;
    let event = world.last();
    let reference = event.correlation.as_str().to_owned();
    let parts = ["be opened</h1>", "It is open to members of sales.", "Ask your administrator", &reference];
    page.shows(StatusCode::FORBIDDEN, &parts);
    assert_eq!((event.outcome, event.action.as_str()), (Outcome::Denied, "saml:assertion"));
    assert!(event.fields.iter().any(|(name, value)| *name == "application" && *value == application.slug.to_string()));
    assert!(!page.body.contains("SAMLResponse"));
}

#[tokio::test]
async fn a_deactivated_application_says_so() {
    let world = World::new().await;
    let application = world.application("Portal", |_| ()).await;
    world.state.idp.deactivate(&application.id).await.unwrap();
    let mut browser = Browser::signed_in(&world, "ethan").await;
    let page = browser.get(&format!("/idp/open/{}", application.slug)).await;
    page.shows(StatusCode::FORBIDDEN, &["Single sign-on is switched off for this application."]);
    browser.get("/idp/open/nosuch").await.shows(StatusCode::NOT_FOUND, &["No application has this address."]);
}

#[tokio::test]
async fn an_openid_connect_application_begins_the_sign_in_itself() {
    let world = World::new().await;
    let Connector::OpenIdConnect(mut oidc) = ConnectorKind::OpenIdConnect.template() else {
        panic!("another template")
    };
    oidc.redirect_uris = vec!["https://wiki.example/callback".into()];
    oidc.login_uri = Some("https://wiki.example/login?tenant=1".into());
    let application = world.create("Wiki", Connector::OpenIdConnect(oidc)).await;
    let path = format!("/idp/open/{}", application.slug);
    let page = Browser::signed_in(&world, "ethan").await.get(&path).await;
    page.shows(StatusCode::OK, &["https://wiki.example/login?tenant=1&amp;iss=https%3A%2F%2Flocalhost%3A8444%2Fidp"]);
    assert_eq!(Browser::signed_in(&world, "nina").await.get(&path).await.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn the_header_leads_everywhere_and_out() {
    let world = World::new().await;
    let mut browser = Browser::signed_in(&world, "ethan").await;
    let page = browser.get("/idp").await;
    page.shows(StatusCode::OK, &["href=\"/idp/account\"", "action=\"/idp/signout\""]);
    browser.get("/idp/signout").await.shows(StatusCode::OK, &["You are signed in as"]);
    assert!(browser.is_in().await, "a link alone signs nobody out");
    let answer = browser.fill(&page, "/idp/signout", &[]).await;
    answer.shows(StatusCode::OK, &["You are signed out here"]);
    assert!(!browser.is_in().await);
}
