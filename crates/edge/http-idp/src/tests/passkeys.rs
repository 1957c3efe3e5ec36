//! Passkeys, by a software authenticator.

use axum::http::StatusCode;
use mfa::Challenge;

use super::authenticator::{Authenticator, Flags, Said};
use super::fixture::{Answer, Browser, IDP_URL, PASSWORD, World};

fn asked(page: &Answer) -> Challenge {
    Challenge { options: page.after("data-options=\""), state: String::new() }
}

/// A passkey of the signed-in person.
async fn enrolled(browser: &mut Browser<'_>) -> Authenticator {
    let page = browser.get("/idp/account/passkeys/add").await;
    page.shows(StatusCode::OK, &["data-passkey=\"create\"", "script src=\"/idp/passkey.js\""]);
    let mut device = Authenticator::new();
    let credential = device.create(&asked(&page), &Said::honestly(IDP_URL));
    let challenge = page.field("challenge");
    let fields = [("challenge", challenge.as_str()), ("credential", &credential), ("label", "My phone")];
    let answer = browser.fill(&page, "/idp/account/passkeys/add", &fields).await;
    answer.shows(StatusCode::OK, &["Keep your recovery codes", "/idp/account?done=passkey"]);
    device
}

#[tokio::test]
async fn a_passkey_alone_signs_in() {
    let world = World::new().await;
    let mut device = enrolled(&mut Browser::signed_in(&world, "ethan").await).await;
    let mut browser = Browser::new(&world);
    let to_sign_in = browser.get("/idp/account").await;
    let page = browser.get(to_sign_in.location()).await;
    let credential = device.get(&asked(&page), &Said::honestly(IDP_URL));
    let challenge = page.field("challenge");
    let fields = [("challenge", challenge.as_str()), ("credential", &credential)];
    let answer = browser.fill(&page, "/idp/signin/passkey", &fields).await;
    assert_eq!(answer.location(), "/idp/account");
    browser.get("/idp/account").await.shows(StatusCode::OK, &["My phone", "Rename", "Remove"]);

    let mut thief = Browser::new(&world);
    let own = thief.get("/idp/signin").await;
    let answer = thief.fill(&own, "/idp/signin/passkey", &fields).await;
    assert!(answer.status.is_client_error(), "an answer counts once: {}", answer.body);
    assert!(!thief.is_in().await);
}

#[tokio::test]
async fn a_passkey_without_its_person_doesnt_sign_in() {
    let world = World::new().await;
    let mut device = enrolled(&mut Browser::signed_in(&world, "ethan").await).await;
    let mut browser = Browser::new(&world);
    let page = browser.get("/idp/signin").await;
    let unverified = Said { flags: Flags { verified: false, ..Flags::ALL }, ..Said::honestly(IDP_URL) };
    let credential = device.get(&asked(&page), &unverified);
    let challenge = page.field("challenge");
    let fields = [("challenge", challenge.as_str()), ("credential", &credential)];
    let answer = browser.fill(&page, "/idp/signin/passkey", &fields).await;
    assert!(answer.status.is_client_error(), "{}", answer.body);
    assert!(!browser.is_in().await);
}

#[tokio::test]
async fn a_passkey_is_the_second_step_of_a_password() {
    let world = World::new().await;
    let mut device = enrolled(&mut Browser::signed_in(&world, "ethan").await).await;
    let mut browser = Browser::new(&world);
    let answer = browser.sign_in("/idp/signin", "ethan", PASSWORD).await;
    let page = browser.get(answer.location()).await;
    page.shows(StatusCode::OK, &["Use your passkey", "data-without-script=\"passkey\"", "Use a recovery code"]);
    let credential = device.get(&asked(&page), &Said::honestly(IDP_URL));
    let challenge = page.field("challenge");
    let fields = [("challenge", challenge.as_str()), ("credential", &credential)];
    let answer = browser.fill(&page, "/idp/signin/factor/passkey", &fields).await;
    assert_eq!(answer.location(), "/idp");
    assert!(browser.is_in().await);
}

#[tokio::test]
async fn a_passkey_is_renamed_and_removed_by_its_person_only() {
    let world = World::new().await;
    let mut browser = Browser::signed_in(&world, "ethan").await;
    enrolled(&mut browser).await;
    let id = world.state.idp.factors(&world.ethan).passkeys[0].id.clone();
    let mut nina = Browser::signed_in(&world, "nina").await;
    let path = format!("/idp/account/passkeys/remove?id={id}");
    assert_eq!(nina.get(&path).await.location(), "/idp/account");
    let own = nina.get("/idp/account/password").await;
    assert_eq!(nina.fill(&own, "/idp/account/passkeys/remove", &[("id", &id)]).await.location(), "/idp/account");
    assert_eq!(world.state.idp.factors(&world.ethan).passkeys.len(), 1);

    let page = browser.get(&format!("/idp/account/passkeys/rename?id={id}")).await;
    page.shows(StatusCode::OK, &["value=\"My phone\""]);
    let answer = browser.fill(&page, "/idp/account/passkeys/rename", &[("id", &id), ("label", "Old <phone>")]).await;
    assert_eq!(answer.location(), "/idp/account?done=passkey-renamed");
    let page = browser.get(&path).await;
    page.shows(StatusCode::OK, &["Old &lt;phone&gt;"]);
    let answer = browser.fill(&page, "/idp/account/passkeys/remove", &[("id", &id)]).await;
    assert_eq!(answer.location(), "/idp/account?done=passkey-removed");
    assert!(world.state.idp.factors(&world.ethan).passkeys.is_empty());
}
