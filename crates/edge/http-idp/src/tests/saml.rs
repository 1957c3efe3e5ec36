//! Signing people in to SAML applications.

use std::collections::BTreeSet;
use std::sync::atomic::Ordering;

use ::saml::sp::InResponseTo;
use axum::http::StatusCode;
use base::{AuditStep, Outcome};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use idp::{Connector, ConnectorKind};
use time::Duration;

use super::fixture::{ACS, Answer, Browser, IDP_URL, PASSWORD, World, sp_certificate, sp_key};

/// The page that posts a response to the application: where to, and what.
fn posted(answer: &Answer) -> (String, String) {
    answer.shows(StatusCode::OK, &["id=\"post\"", "src=\"/signin/post.js\""]);
    (answer.after("<form method=\"post\" action=\""), answer.field("SAMLResponse"))
}

fn text(response: &str) -> String {
    String::from_utf8(STANDARD.decode(response).unwrap()).unwrap()
}

#[tokio::test]
async fn a_request_by_redirect_comes_back_with_an_assertion() {
    let world = World::new().await;
    let application = world.application("Sales <Portal>", |_| ()).await;
    let mut browser = Browser::new(&world);
    let to_sign_in = browser.get(&world.request(&application, |_| ())).await;
    let page = browser.get(to_sign_in.location()).await;
    page.shows(StatusCode::OK, &["Sign in to open Sales &lt;Portal&gt;."]);
    let back = browser.sign_in(to_sign_in.location(), "ethan", PASSWORD).await;
    assert!(back.location().starts_with(&format!("/idp/saml/{}/continue?request=", application.slug)));
    let answer = browser.get(back.location()).await;
    let (action, response) = posted(&answer);
    assert_eq!((action.as_str(), answer.field("RelayState").as_str()), (ACS, "deep & link"));
    let assertion = world.validate(&application, &response, InResponseTo::Request("_request-1")).outcome.unwrap();
    assert_eq!((assertion.name_id().value.as_str(), assertion.recipient()), ("ethan", ACS));
    let event = world.last();
    assert_eq!(
        (event.step, event.outcome, event.action.as_str()),
        (AuditStep::Authorization, Outcome::Allowed, "saml:assertion")
    );
    let slug = application.slug.to_string();
    for (name, value) in [
        ("application", slug.as_str()),
        ("assertion", assertion.assertion_id()),
        ("in_response_to", "_request-1"),
        ("recipient", ACS),
        ("name_id", "ethan"),
    ] {
        assert!(
            event.fields.iter().any(|(field, found)| *field == name && found == value),
            "{name}: {:?}",
            event.fields
        );
    }
    let signed_in = world.recorded("password", Outcome::Allowed);
    assert_eq!(signed_in[0].correlation, event.correlation, "one id from the sign-in to the assertion");

    let at_once = browser.get(&world.request(&application, |_| ())).await;
    assert_ne!(posted(&at_once).1, response, "who is signed in isn't asked again");
}

#[tokio::test]
async fn a_request_by_post_goes_round_so_that_the_session_is_seen() {
    let world = World::new().await;
    let application = world.application("Portal", |_| ()).await;
    let mut browser = Browser::signed_in(&world, "ethan").await;
    let location = format!("{IDP_URL}/idp/saml/{}", application.slug);
    let xml = format!(
        "<samlp:AuthnRequest xmlns:samlp=\"urn:oasis:names:tc:SAML:2.0:protocol\" \
         xmlns:saml=\"urn:oasis:names:tc:SAML:2.0:assertion\" ID=\"_posted\" Version=\"2.0\" \
         IssueInstant=\"2026-01-02T03:04:05Z\" Destination=\"{location}\" AssertionConsumerServiceURL=\"{ACS}\">\
         <saml:Issuer>{}</saml:Issuer></samlp:AuthnRequest>",
        super::fixture::SP
    );
    let message = STANDARD.encode(xml);
    let path = format!("/idp/saml/{}", application.slug);
    let mut stranger = Browser::new(&world);
    let round = stranger.post_from(&path, &[("SAMLRequest", &message), ("RelayState", "x\"<y")], "cross-site").await;
    let answer = browser.get(round.location()).await;
    let (_, response) = posted(&answer);
    world.validate(&application, &response, InResponseTo::Request("_posted")).outcome.unwrap();
    assert_eq!(answer.field("RelayState"), "x\"<y", "unmodified, and escaped in the page");
    assert!(answer.body.contains("x&quot;&lt;y"));
}

#[tokio::test]
async fn a_tile_opens_an_application_without_a_request() {
    let world = World::new().await;
    let application = world.application("Portal", |saml| saml.relay_state = Some("/start".into())).await;
    let mut browser = Browser::new(&world);
    let to_sign_in = browser.get(&format!("/idp/open/{}", application.slug)).await;
    let back = browser.sign_in(to_sign_in.location(), "ethan", PASSWORD).await;
    let answer = browser.get(back.location()).await;
    let (action, response) = posted(&answer);
    assert_eq!((action.as_str(), answer.field("RelayState").as_str()), (ACS, "/start"));
    let assertion = world.validate(&application, &response, InResponseTo::Unsolicited).outcome.unwrap();
    assert_eq!(assertion.in_response_to(), None);
}

#[tokio::test]
async fn the_redshift_drivers_listener_and_where_it_leads_on_this_computer_are_all_that_the_form_may_lead_to() {
    let world = World::new().await;
    let Connector::Redshift(mut saml) = ConnectorKind::Redshift.template() else { panic!("another template") };
    let role = "arn:aws:iam::123456789012:role/reader,arn:aws:iam::123456789012:saml-provider/redshift-sso";
    saml.constant_attributes.push(idp::ConstantAttribute { name: idp::aws_attribute::ROLE.into(), value: role.into() });
    let application = world.create("Redshift", Connector::Redshift(saml)).await;
    let mut browser = Browser::signed_in(&world, "ethan").await;
    let answer = browser.get(&format!("/idp/open/{}", application.slug)).await;
    assert_eq!(posted(&answer).0, "http://localhost:7890/redshift/");
    let policy = answer.header("content-security-policy");
    let onward = "form-action 'self' http://localhost:7890 http://localhost:* http://127.0.0.1:*;";
    assert!(policy.contains(onward), "{policy}");
}

#[tokio::test]
async fn a_request_that_breaks_the_registration_is_refused_with_the_check_that_failed() {
    let world = World::new().await;
    let application = world.application("Portal", |_| ()).await;
    let other = world.application("Other", |saml| saml.sp_entity_id = Some("https://other.example".into())).await;
    let evil = "https://evil.example/acs";
    let cases = [
        (world.request(&application, |request| request.acs_url = evil), evil),
        (world.request(&application, |request| request.issuer = "https://evil.example"), "https://evil.example"),
        (world.request(&application, |_| ()).replace("SAMLRequest=", "SAMLRequest=AAAA"), "<dt>Check</dt>"),
        (world.request(&other, |_| ()).replace("/saml/other?", "/saml/portal?"), "/idp/saml/other"),
        ("/idp/saml/portal?RelayState=x".to_owned(), "<dt>Expected</dt>"),
    ];
    for (path, found) in cases {
        let mut browser = Browser::signed_in(&world, "ethan").await;
        let answer = browser.get(&path).await;
        let event = world.last();
        answer.shows(StatusCode::BAD_REQUEST, &["<dt>What came</dt>", found, event.correlation.as_str()]);
        assert!(!answer.body.contains("SAMLResponse") && answer.header("location").is_empty());
        assert_eq!((event.outcome, event.action.as_str()), (Outcome::Denied, "saml:request"));
        let field = |name: &str| event.fields.iter().find(|(field, _)| *field == name).map(|(_, value)| value.clone());
        assert!(field("checks").unwrap().contains("\"passed\":false") && !field("mend").unwrap().is_empty());
    }
}

#[tokio::test]
async fn where_requests_are_signed_others_are_refused() {
    let world = World::new().await;
    let signed = |saml: &mut idp::SamlApplication| {
        saml.sp_certificates = vec![sp_certificate()];
        saml.requests_signed = true;
    };
    let application = world.application("Portal", signed).await;
    let mut browser = Browser::signed_in(&world, "ethan").await;
    let unsigned = browser.get(&world.request(&application, |_| ())).await;
    assert_eq!(unsigned.status, StatusCode::BAD_REQUEST, "{}", unsigned.body);
    let good = world.request_with(&application, Some(sp_key()), Some("a"), |_| ());
    posted(&browser.get(&good).await);
    let forged = browser.get(&good.replace("RelayState=a", "RelayState=b")).await;
    assert_eq!(forged.status, StatusCode::BAD_REQUEST, "the RelayState is signed too: {}", forged.body);
    let mut later = Browser::new(&world);
    let to_sign_in = later.get(&good).await;
    world.clock.advance(Duration::minutes(10));
    let back = later.sign_in(to_sign_in.location(), "ethan", PASSWORD).await;
    posted(&later.get(back.location()).await);
}

#[tokio::test]
async fn force_authn_asks_again() {
    let world = World::new().await;
    let application = world.application("Portal", |_| ()).await;
    let mut browser = Browser::signed_in(&world, "ethan").await;
    world.clock.advance(Duration::minutes(1));
    let to_sign_in = browser.get(&world.request(&application, |request| request.force_authn = true)).await;
    let page = browser.get(to_sign_in.location()).await;
    page.shows(StatusCode::OK, &["Please sign in again", "value=\"ethan\""]);
    let back = browser.fill(&page, "/idp/signin", &[("user_name", "ethan"), ("password", PASSWORD)]).await;
    let (_, response) = posted(&browser.get(back.location()).await);
    let assertion = world.validate(&application, &response, InResponseTo::Request("_request-1")).outcome.unwrap();
    assert_eq!(assertion.authn_instant(), base::Clock::now(&*world.clock));
    world.clock.advance(Duration::minutes(1));
    let again = browser.get(&world.request(&application, |request| request.force_authn = true)).await;
    assert!(again.location().starts_with("/idp/signin?"), "each request anew");
    let mut quick = Browser::signed_in(&world, "ethan").await;
    world.clock.advance(Duration::milliseconds(200));
    let again = quick.get(&world.request(&application, |request| request.force_authn = true)).await;
    assert!(again.location().starts_with("/idp/signin?"), "a sign-in of the same second came before the request");
}

/// A request by which the application wants nobody to be shown anything.
fn passive(world: &World, slug: &str) -> String {
    let location = format!("{IDP_URL}/idp/saml/{slug}");
    let now = base::Clock::now(&*world.clock).format(&time::format_description::well_known::Rfc3339).unwrap();
    let xml = format!(
        "<samlp:AuthnRequest xmlns:samlp=\"urn:oasis:names:tc:SAML:2.0:protocol\" \
         xmlns:saml=\"urn:oasis:names:tc:SAML:2.0:assertion\" ID=\"_passive\" Version=\"2.0\" IsPassive=\"true\" \
         IssueInstant=\"{now}\" Destination=\"{location}\"><saml:Issuer>{}</saml:Issuer></samlp:AuthnRequest>",
        super::fixture::SP
    );
    STANDARD.encode(xml)
}

#[tokio::test]
async fn a_passive_request_shows_nobody_a_page() {
    let world = World::new().await;
    let application = world.application("Portal", |_| ()).await;
    let path = format!("/idp/saml/{}", application.slug);
    for (user, status) in
        [(None, "status:NoPassive"), (Some("nina"), "status:RequestDenied"), (Some("ethan"), "status:Success")]
    {
        let mut browser = match user {
            Some(user) => Browser::signed_in(&world, user).await,
            None => Browser::new(&world),
        };
        let message = passive(&world, &application.slug.to_string());
        let round = browser.post_from(&path, &[("SAMLRequest", &message)], "cross-site").await;
        let answer = browser.get(round.location()).await;
        let (action, response) = posted(&answer);
        let xml = text(&response);
        assert!(action == ACS && xml.contains(status) && xml.contains("_passive"), "{status} in {xml}");
        assert_eq!(xml.contains("Assertion "), user == Some("ethan"));
    }
    assert_eq!(world.recorded("saml:assertion", Outcome::Denied).len(), 2);
}

#[tokio::test]
async fn who_may_not_open_it_gets_no_assertion() {
    let world = World::new().await;
    let application = world.application("Portal", |_| ()).await;
    let mut nina = Browser::signed_in(&world, "nina").await;
    let answer = nina.get(&world.request(&application, |_| ())).await;
    answer.shows(StatusCode::FORBIDDEN, &["It is open to members of sales.", world.last().correlation.as_str()]);
    assert!(!answer.body.contains("SAMLResponse"));

    let mut ethan = Browser::signed_in(&world, "ethan").await;
    posted(&ethan.get(&world.request(&application, |_| ())).await);
    world.state.idp.set_groups(&application.id, BTreeSet::new()).await.unwrap();
    let answer = ethan.get(&world.request(&application, |_| ())).await;
    answer.shows(StatusCode::FORBIDDEN, &["It isn"]);
    world.state.idp.deactivate(&application.id).await.unwrap();
    let answer = ethan.get(&world.request(&application, |_| ())).await;
    answer.shows(StatusCode::FORBIDDEN, &["switched off"]);
}

#[tokio::test]
async fn an_assertion_that_cant_be_recorded_isnt_sent() {
    let world = World::new().await;
    let application = world.application("Portal", |_| ()).await;
    let mut browser = Browser::signed_in(&world, "ethan").await;
    world.trail.broken.store(true, Ordering::SeqCst);
    for path in [world.request(&application, |_| ()), format!("/idp/open/{}", application.slug)] {
        let answer = browser.get(&path).await;
        assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
        assert!(!answer.body.contains("SAMLResponse"));
    }
}

#[tokio::test]
async fn a_waiting_request_is_for_its_application_and_for_half_an_hour() {
    let world = World::new().await;
    let application = world.application("Portal", |_| ()).await;
    world.application("Other", |_| ()).await;
    let mut browser = Browser::new(&world);
    let to_sign_in = browser.get(&world.request(&application, |_| ())).await;
    let back = browser.sign_in(to_sign_in.location(), "ethan", PASSWORD).await.location().to_owned();
    let elsewhere = browser.get(&back.replace("/saml/portal/", "/saml/other/")).await;
    elsewhere.shows(StatusCode::BAD_REQUEST, &["This took too long"]);
    world.clock.advance(Duration::minutes(29));
    posted(&browser.get(&back).await);
    world.clock.advance(Duration::minutes(1));
    browser.get(&back).await.shows(StatusCode::BAD_REQUEST, &["Go back to the application"]);
    browser
        .get("/idp/saml/portal/continue?request=forged")
        .await
        .shows(StatusCode::BAD_REQUEST, &["This took too long"]);
}

#[tokio::test]
async fn an_address_that_isnt_registered_any_more_gets_nothing() {
    let world = World::new().await;
    let application = world.application("Portal", |_| ()).await;
    let mut browser = Browser::new(&world);
    let to_sign_in = browser.get(&world.request(&application, |_| ())).await;
    world
        .edit(&application, |edit| {
            if let Connector::Saml(saml) = &mut edit.connector {
                saml.acs_urls = vec!["https://new.example/acs".into()];
            }
        })
        .await;
    let back = browser.sign_in(to_sign_in.location(), "ethan", PASSWORD).await;
    let answer = browser.get(back.location()).await;
    answer.shows(StatusCode::BAD_REQUEST, &["https://new.example/acs", ACS]);
}

#[tokio::test]
async fn a_relay_state_of_a_kilobyte_is_passed_on_and_a_longer_one_refused() {
    let world = World::new().await;
    let application = world.application("Portal", |_| ()).await;
    let mut browser = Browser::signed_in(&world, "ethan").await;
    let long = "é".repeat(512);
    let answer = browser.get(&world.request_with(&application, None, Some(&long), |_| ())).await;
    posted(&answer);
    assert_eq!(answer.field("RelayState"), long);
    let path = world.request(&application, |_| ()).split_once("&RelayState=").unwrap().0.to_owned();
    let answer = browser.get(&format!("{path}&RelayState={}", "x".repeat(1025))).await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{}", answer.body);
    assert!(!answer.body.contains("SAMLResponse"));
}

#[tokio::test]
async fn the_metadata_is_for_everybody() {
    let world = World::new().await;
    let application = world.application("Portal", |_| ()).await;
    let answer = Browser::new(&world).get(&format!("/idp/saml/{}/metadata", application.slug)).await;
    assert_eq!(answer.header("content-type"), "application/samlmetadata+xml");
    assert_eq!(answer.header("content-disposition"), "attachment; filename=\"Gatehouse-portal-metadata.xml\"");
    let metadata = ::saml::metadata::read_idp(answer.body.as_bytes()).unwrap();
    assert_eq!(metadata.entity_id, format!("{IDP_URL}/idp/saml/portal"));
    Browser::new(&world).get("/idp/saml/nosuch/metadata").await.shows(StatusCode::NOT_FOUND, &["No application"]);
    let bare = Browser::new(&world).get("/idp/saml/portal").await;
    bare.shows(StatusCode::BAD_REQUEST, &["Open it from your applications"]);
}
