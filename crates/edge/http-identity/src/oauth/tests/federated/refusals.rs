//! What is refused, and what the person and the administrator read about it.

use axum::http::StatusCode;
use base::{AuditEvent, AuditStep, Checks, Outcome};
use source::SourceEdit;
use std::sync::atomic::Ordering;
use time::Duration;

use super::super::fixture::{Browser, World};
use super::saml::{Given, Provider};

fn field<'a>(event: &'a AuditEvent, name: &str) -> &'a str {
    event.fields.iter().find(|(known, _)| *known == name).map_or("", |(_, value)| value)
}

fn is_signed_in(cookies: &str) -> bool {
    cookies.contains("__Host-gatehouse-session=")
}

#[tokio::test]
async fn a_wrong_audience_is_named_on_the_page_and_in_the_record_under_one_reference() {
    let world = World::new().await;
    let provider = Provider::new(&world).await;
    let mut browser = Browser::new(&world);
    let given = Given { audience: Some("urn:other <b>"), ..Given::default() };
    let fields = provider.fields(&world, &mut browser, &provider.begin_path(), &given).await;
    let page = browser.deliver(&provider.acs_path(), &fields).await;
    assert_eq!(page.status, StatusCode::FORBIDDEN, "{}", page.body);
    let record = world.trail.events().pop().unwrap();
    assert_eq!((record.step, record.outcome, record.action.as_str()), (AuditStep::SignIn, Outcome::Denied, "saml"));
    let checks = Checks::from_json(field(&record, "checks")).unwrap();
    let failed = checks.failed().unwrap();
    assert_eq!(failed.found, "urn:other <b>");
    for part in [failed.check.as_str(), failed.expected.as_str(), "urn:other &lt;b&gt;", record.correlation.as_str()] {
        assert!(page.body.contains(part), "{part} is missing in {}", page.body);
    }
    assert!(!field(&record, "mend").is_empty() && !page.body.contains(field(&record, "mend")));
    assert!(field(&record, "reason").contains("urn:other"), "{}", field(&record, "reason"));
    assert!(field(&record, "assertion").starts_with('_'));
    assert!(!is_signed_in(&browser.cookie_header()));
    assert!(!browser.cookie_header().contains("-flow-"), "a used flow is removed");
    assert!(!page.body.contains("<script") && page.body.contains("Try again"));
}

#[tokio::test]
async fn the_clock_that_is_wrong_is_told_in_seconds() {
    let world = World::new().await;
    let provider = Provider::new(&world).await;
    let mut browser = Browser::new(&world);
    let fields = provider.fields(&world, &mut browser, &provider.begin_path(), &Given::default()).await;
    world.clock.advance(Duration::minutes(9));
    let page = browser.deliver(&provider.acs_path(), &fields).await;
    assert_eq!(page.status, StatusCode::FORBIDDEN);
    assert!(page.body.contains(" s "), "{}", page.body);
    assert!(!is_signed_in(&browser.cookie_header()));
}

#[tokio::test]
async fn who_is_not_provisioned_reads_so_and_whom_to_turn_to() {
    let world = World::new().await;
    let provider = Provider::new(&world).await;
    let mut browser = Browser::new(&world);
    let page = provider.sign_in(&world, &mut browser, &provider.begin_path(), "nobody@example.com").await;
    assert_eq!(page.status, StatusCode::FORBIDDEN, "{}", page.body);
    for part in ["the service desk (desk@example.com)", "Sign in as somebody else", "Reference: ", "class=\"warning\""]
    {
        assert!(page.body.contains(part), "{part} is missing in {}", page.body);
    }
    let record = world.trail.events().pop().unwrap();
    assert_eq!(record.outcome, Outcome::Denied);
    assert!(field(&record, "mend").contains("nobody@example.com"), "{}", field(&record, "mend"));
}

#[tokio::test]
async fn an_inactive_person_is_refused() {
    let world = World::new().await;
    let provider = Provider::new(&world).await;
    world.deactivate().await;
    let mut browser = Browser::new(&world);
    let page = provider.sign_in(&world, &mut browser, &provider.begin_path(), "ethan").await;
    assert_eq!(page.status, StatusCode::FORBIDDEN, "{}", page.body);
    assert!(!is_signed_in(&browser.cookie_header()));
}

#[tokio::test]
async fn an_answer_counts_once() {
    let world = World::new().await;
    let provider = Provider::new(&world).await;
    let fields = provider.answer(&world, &Given::default());
    let mut first = Browser::new(&world);
    assert_eq!(first.deliver(&provider.acs_path(), &fields).await.status, StatusCode::SEE_OTHER);
    let mut second = Browser::new(&world);
    let again = second.deliver(&provider.acs_path(), &fields).await;
    assert_eq!(again.status, StatusCode::FORBIDDEN, "{}", again.body);
    assert!(!is_signed_in(&second.cookie_header()));
}

#[tokio::test]
async fn an_answer_to_another_browsers_request_is_refused() {
    let world = World::new().await;
    let provider = Provider::new(&world).await;
    let mut attacker = Browser::new(&world);
    let fields = provider.fields(&world, &mut attacker, &provider.begin_path(), &Given::default()).await;
    let mut victim = Browser::new(&world);
    let page = victim.deliver(&provider.acs_path(), &fields).await;
    assert_eq!(page.status, StatusCode::FORBIDDEN, "{}", page.body);
    assert!(!is_signed_in(&victim.cookie_header()), "nobody is signed in as somebody else");
}

#[tokio::test]
async fn a_source_that_was_disabled_meanwhile_admits_nobody() {
    let world = World::new().await;
    let provider = Provider::new(&world).await;
    let mut browser = Browser::new(&world);
    let fields = provider.fields(&world, &mut browser, &provider.begin_path(), &Given::default()).await;
    let off = SourceEdit { enabled: Some(false), ..SourceEdit::default() };
    world.state.sources.update(&provider.source.id, None, off).await.unwrap();
    let page = browser.deliver(&provider.acs_path(), &fields).await;
    assert!(page.status.is_client_error(), "{}", page.body);
    assert!(!is_signed_in(&browser.cookie_header()));
    let begun = browser.get(&provider.begin_path()).await;
    assert!(begun.status.is_client_error() && begun.body.contains("Reference: "), "{}", begun.body);
}

#[tokio::test]
async fn what_is_no_answer_of_a_provider_gets_a_page_that_says_so() {
    let world = World::new().await;
    let provider = Provider::new(&world).await;
    let mut browser = Browser::new(&world);
    let twice = [("SAMLResponse", "a".to_owned()), ("SAMLResponse", "b".to_owned())];
    for fields in [&[][..], &[("SAMLRequest", "x".to_owned())], &twice] {
        let page = browser.deliver(&provider.acs_path(), fields).await;
        assert_eq!(page.status, StatusCode::BAD_REQUEST);
        assert!(page.body.contains("there was none"), "{}", page.body);
    }
    let long = [("SAMLResponse", "A".repeat(256 * 1024))];
    let page = browser.deliver(&provider.acs_path(), &long).await;
    assert_eq!(page.status, StatusCode::PAYLOAD_TOO_LARGE);
    assert!(page.body.contains("longer than 256 KiB"), "{}", page.body);
    assert!(world.trail.events().is_empty());
    let garbage = [("SAMLResponse", "A".repeat(255 * 1024))];
    let page = browser.deliver(&provider.acs_path(), &garbage).await;
    assert!(page.status.is_client_error() && page.body.contains("Reference: "), "{}", page.body);
    assert_eq!(world.trail.events().pop().unwrap().outcome, Outcome::Denied);
}

#[tokio::test]
async fn a_sign_in_that_cannot_be_recorded_opens_nothing() {
    let world = World::new().await;
    let provider = Provider::new(&world).await;
    let fields = provider.answer(&world, &Given::default());
    world.trail.broken.store(true, Ordering::SeqCst);
    let mut browser = Browser::new(&world);
    let page = browser.deliver(&provider.acs_path(), &fields).await;
    assert_eq!(page.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(!is_signed_in(&browser.cookie_header()));
}
