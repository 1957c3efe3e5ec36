//! Single logout, from both sides.

use ::saml::logout::{
    ExpectedLogout, LogoutStatus, SendRequest, SendResponse, read_request, send_request, send_response,
};
use ::saml::{Binding, Endpoint, Incoming, NameId, Outgoing, message_id};
use axum::http::StatusCode;
use base::{AuditStep, Checks, Clock as _, Outcome};
use source::SourceEdit;
use time::Duration;

use super::super::fixture::{Browser, CENTER, World};
use super::saml::{Given, IDP, Provider};

async fn signed_in<'a>(world: &'a World, provider: &Provider, index: &str) -> Browser<'a> {
    let mut browser = Browser::new(world);
    let given = Given { session_index: index, ..Given::default() };
    let fields = provider.fields(world, &mut browser, &provider.begin_path(), &given).await;
    browser.deliver(&provider.acs_path(), &fields).await;
    assert!(browser.get("/signin").await.body.contains("You are signed in as"));
    browser
}

fn slo(provider: &Provider) -> Endpoint {
    Endpoint { binding: Binding::Redirect, location: format!("{CENTER}/platform/saml/{}/slo", provider.source.id) }
}

/// The provider's request to sign somebody out, as a path and query of ours.
fn request(world: &World, provider: &Provider, name_id: &str, indexes: &[String]) -> String {
    let name_id = NameId {
        value: name_id.to_owned(),
        format: Some(::saml::NAME_ID_EMAIL.to_owned()),
        name_qualifier: None,
        sp_name_qualifier: None,
    };
    let request = SendRequest {
        id: &message_id(),
        issuer: IDP,
        destination: &slo(provider),
        name_id: &name_id,
        session_indexes: indexes,
        now: world.clock.now(),
        relay_state: Some("back"),
    };
    let Outgoing::Redirect(location) = send_request(&request, &provider.key).unwrap() else { panic!("a redirect") };
    location.strip_prefix(CENTER).unwrap().to_owned()
}

#[tokio::test]
async fn signing_out_signs_out_at_the_provider_too_and_comes_back_to_what_was_asked() {
    let world = World::new().await;
    let provider = Provider::new(&world).await;
    let client = world.client(&["authorization_code"]).await;
    let mut browser = signed_in(&world, &provider, "index-1").await;
    let consent = browser.get(&client.authorize_path()).await;
    let (csrf, next) = (consent.field("csrf"), consent.field("continue"));
    let out = browser.post("/signout", &[("csrf", &csrf), ("continue", &next)]).await;
    assert_eq!(out.status, StatusCode::OK, "{}", out.body);
    assert!(!browser.cookie_header().contains("gatehouse-session="));
    let location = out.link("Continue");
    let query = location.strip_prefix(&format!("{IDP}/slo?")).unwrap();
    let certificates =
        ::saml::metadata::read_sp(world.state.sources.sp_metadata(&provider.source.id).unwrap().as_bytes());
    let expected = ExpectedLogout {
        issuer: &format!("{CENTER}/platform/saml/{}", provider.source.id),
        certificates: &certificates.unwrap().certificates,
        destination: &format!("{IDP}/slo"),
        now: world.clock.now(),
        skew: Duration::MINUTE,
    };
    let asked = read_request(&Incoming::Redirect { query }, &expected).outcome.unwrap();
    assert_eq!(
        (asked.name_id.value.as_str(), asked.session_indexes.as_slice()),
        ("ethan", &["index-1".to_owned()][..])
    );
    let answer = SendResponse {
        id: &message_id(),
        issuer: IDP,
        destination: &slo(&provider),
        in_response_to: &asked.id,
        status: LogoutStatus::Success,
        now: world.clock.now(),
        relay_state: asked.relay_state.as_deref(),
    };
    let Outgoing::Redirect(back) = send_response(&answer, &provider.key).unwrap() else { panic!("a redirect") };
    let back = browser.get(back.strip_prefix(CENTER).unwrap()).await;
    assert!(back.header("location").starts_with("/signin?continue=%2Fauthorize"), "{} {}", back.status, back.body);
    let last = world.trail.events().pop().unwrap();
    assert_eq!((last.step, last.action.as_str()), (AuditStep::SessionEnd, "sign_out"));
}

#[tokio::test]
async fn the_provider_ends_exactly_the_session_that_it_names() {
    let world = World::new().await;
    let provider = Provider::new(&world).await;
    let mut first = signed_in(&world, &provider, "index-1").await;
    let mut second = signed_in(&world, &provider, "index-2").await;
    let mut password = Browser::new(&world);
    password.sign_in("/signin", super::super::fixture::PASSWORD).await;
    let path = request(&world, &provider, "ethan", &["index-1".to_owned()]);
    let answered = first.get(&path).await;
    assert!(answered.header("location").starts_with(&format!("{IDP}/slo?SAMLResponse=")), "{}", answered.body);
    assert!(answered.header("location").contains("Signature="), "the answer is signed");
    assert!(!first.cookie_header().contains("gatehouse-session="), "the dead cookie is removed");
    let last = world.trail.events().pop().unwrap();
    assert_eq!(
        (last.step, last.outcome, last.action.as_str()),
        (AuditStep::SessionEnd, Outcome::Allowed, "single_logout")
    );
    assert!(!first.get("/signin").await.body.contains("You are signed in as"));
    assert!(second.get("/signin").await.body.contains("You are signed in as"));
    assert!(password.get("/signin").await.body.contains("You are signed in as"));
    let all = request(&world, &provider, "ethan", &[]);
    Browser::new(&world).get(&all).await;
    assert!(!second.get("/signin").await.body.contains("You are signed in as"), "without an index all of the name");
    assert!(password.get("/signin").await.body.contains("You are signed in as"), "a password session is nobody's else");
}

#[tokio::test]
async fn a_logout_that_the_provider_did_not_sign_ends_nothing() {
    let world = World::new().await;
    let provider = Provider::new(&world).await;
    let mut browser = signed_in(&world, &provider, "index-1").await;
    let path = request(&world, &provider, "ethan", &["index-1".to_owned()]);
    let unsigned = path.split_once("&SigAlg=").unwrap().0.to_owned();
    let changed = path.replace("RelayState=back", "RelayState=forth");
    for path in [unsigned.as_str(), changed.as_str(), &format!("/platform/saml/{}/slo", provider.source.id)] {
        let page = browser.get(path).await;
        assert!(page.status.is_client_error(), "{} {}", page.status, page.body);
        assert!(page.body.contains("Reference: "));
        assert!(browser.get("/signin").await.body.contains("You are signed in as"), "{path}");
        let record = world.trail.events().pop().unwrap();
        let field =
            |name: &str| record.fields.iter().find(|(known, _)| *known == name).map(|(_, value)| value.as_str());
        assert_eq!(record.outcome, Outcome::Denied);
        assert!(Checks::from_json(field("checks").unwrap()).unwrap().failed().is_some(), "{record:?}");
        assert!(!field("mend").unwrap().is_empty(), "{record:?}");
    }
}

#[tokio::test]
async fn a_logout_that_is_found_in_a_log_later_ends_nothing() {
    let world = World::new().await;
    let provider = Provider::new(&world).await;
    let mut browser = signed_in(&world, &provider, "index-1").await;
    let path = request(&world, &provider, "ethan", &[]);
    assert_eq!(browser.get(&path).await.status, StatusCode::SEE_OTHER);
    let mut again = signed_in(&world, &provider, "index-2").await;
    let page = Browser::new(&world).get(&path).await;
    assert_eq!(page.status, StatusCode::FORBIDDEN, "{}", page.body);
    assert!(page.body.contains("used before") && page.body.contains("Reference: "), "{}", page.body);
    assert!(again.get("/signin").await.body.contains("You are signed in as"));
}

#[tokio::test]
async fn a_source_that_is_disabled_ends_the_sessions_opened_through_it() {
    let world = World::new().await;
    let provider = Provider::new(&world).await;
    let mut browser = signed_in(&world, &provider, "index-1").await;
    let off = SourceEdit { enabled: Some(false), ..SourceEdit::default() };
    world.state.sources.update(&provider.source.id, None, off).await.unwrap();
    assert!(
        !browser.get("/signin").await.body.contains("You are signed in as"),
        "at once, before anything was told to end"
    );
}

#[tokio::test]
async fn a_source_that_is_enabled_again_gives_back_no_session_that_its_end_missed() {
    let world = World::new().await;
    let provider = Provider::new(&world).await;
    let mut browser = signed_in(&world, &provider, "index-1").await;
    world.clock.advance(Duration::SECOND);
    for enabled in [false, true] {
        let edit = SourceEdit { enabled: Some(enabled), ..SourceEdit::default() };
        world.state.sources.update(&provider.source.id, None, edit).await.unwrap();
    }
    assert!(!browser.get("/signin").await.body.contains("You are signed in as"));
    signed_in(&world, &provider, "index-2").await;
}

#[tokio::test]
async fn who_may_still_be_signed_in_at_the_provider_reads_so() {
    let world = World::new().await;
    let provider = Provider::with(&world, |new| {
        let source::NewKind::Saml(saml) = &mut new.kind else { panic!("SAML") };
        let source::MetadataFrom::Document(document) = &mut saml.metadata else { panic!("a document") };
        let (before, rest) = document.split_once("<md:SingleLogoutService").unwrap();
        *document = format!("{before}{}", rest.split_once("</md:SingleLogoutService>").unwrap().1);
    })
    .await;
    let mut browser = signed_in(&world, &provider, "index-1").await;
    let csrf = browser.get("/signout").await.field("csrf");
    let out = browser.post("/signout", &[("csrf", &csrf)]).await;
    assert!(out.body.contains("You may still be signed in at Okta &amp; Co"), "{}", out.body);
    assert!(!browser.get("/signin").await.body.contains("You are signed in as"));
}
