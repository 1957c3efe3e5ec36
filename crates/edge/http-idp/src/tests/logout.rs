//! Single logout, from both ends.

use ::saml::logout::{LogoutStatus, SendRequest, SendResponse};
use ::saml::{Binding, Endpoint, NameId, Outgoing, SigningKey};
use axum::http::StatusCode;
use base::{AuditStep, Clock as _, Outcome};
use idp::{Application, SamlApplication};

use super::fixture::{Answer, Browser, IDP_URL, SP, World, sp_certificate, sp_key};

const SP_LOGOUT: &str = "https://sp.example/slo";

fn with_logout(saml: &mut SamlApplication) {
    saml.sp_certificates = vec![sp_certificate()];
    saml.single_logout = vec![Endpoint { binding: Binding::Redirect, location: SP_LOGOUT.into() }];
}

/// Signs in, and opens the application.
async fn opened<'a>(world: &'a World, application: &Application) -> Browser<'a> {
    let mut browser = Browser::signed_in(world, "ethan").await;
    browser.get(&format!("/idp/open/{}", application.slug)).await.shows(StatusCode::OK, &["SAMLResponse"]);
    browser
}

fn path_of(outgoing: Outgoing) -> String {
    match outgoing {
        Outgoing::Redirect(location) => location.strip_prefix(IDP_URL).unwrap().to_owned(),
        Outgoing::Post { .. } => panic!("not a redirect"),
    }
}

fn endpoint(application: &Application) -> Endpoint {
    let location = format!("{IDP_URL}/idp/saml/{}/slo", application.slug);
    Endpoint { binding: Binding::Redirect, location }
}

/// The address to which the application sends a browser to sign out.
fn request(world: &World, application: &Application, name: &str, key: &SigningKey) -> String {
    let name_id = NameId { value: name.into(), format: None, name_qualifier: None, sp_name_qualifier: None };
    let request = SendRequest {
        id: "_logout-1",
        issuer: SP,
        destination: &endpoint(application),
        name_id: &name_id,
        session_indexes: &[],
        now: world.clock.now(),
        relay_state: Some("back"),
    };
    path_of(::saml::logout::send_request(&request, key).unwrap())
}

/// What the application answers to the request that the page leads to.
fn response(world: &World, application: &Application, page: &Answer, status: LogoutStatus) -> String {
    let query = page.after("content=\"0;url=").split_once('?').unwrap().1.to_owned();
    let asked = ::saml::logout::read_request(
        &::saml::Incoming::Redirect { query: &query },
        &::saml::logout::ExpectedLogout {
            issuer: &format!("{IDP_URL}/idp/saml/{}", application.slug),
            certificates: &[world.state.idp.saml_key(&application.id).unwrap().certificate().clone()],
            destination: SP_LOGOUT,
            now: world.clock.now(),
            skew: time::Duration::ZERO,
        },
    );
    let asked = asked.outcome.unwrap();
    assert_eq!((asked.name_id.value.as_str(), asked.session_indexes.len()), ("ethan", 1));
    let response = SendResponse {
        id: "_answer-1",
        issuer: SP,
        destination: &endpoint(application),
        in_response_to: &asked.id,
        status,
        now: world.clock.now(),
        relay_state: None,
    };
    path_of(::saml::logout::send_response(&response, sp_key()).unwrap())
}

#[tokio::test]
async fn an_application_ends_the_session_and_is_answered() {
    let world = World::new().await;
    let application = world.application("Portal", with_logout).await;
    let mut browser = opened(&world, &application).await;
    let mut elsewhere = Browser::signed_in(&world, "ethan").await;
    let answer = browser.get(&request(&world, &application, "ethan", sp_key())).await;
    answer.shows(StatusCode::OK, &["http-equiv=\"refresh\"", SP_LOGOUT, "RelayState=back"]);
    assert!(!browser.is_in().await);
    assert!(elsewhere.is_in().await, "a session in which the application wasn't opened goes on");
    let event = world.last();
    assert_eq!(
        (event.step, event.outcome, event.action.as_str()),
        (AuditStep::SessionEnd, Outcome::Allowed, "saml:logout")
    );
}

#[tokio::test]
async fn a_logout_request_that_isnt_the_applications_ends_nothing() {
    let world = World::new().await;
    let application = world.application("Portal", with_logout).await;
    let mut browser = opened(&world, &application).await;
    let now = world.clock.now();
    let other = SigningKey::generate("evil", now, now + time::Duration::days(1)).unwrap();
    let good = request(&world, &application, "ethan", sp_key());
    let unsigned = good.split_once("&SigAlg=").unwrap().0.to_owned();
    for path in [request(&world, &application, "ethan", &other), unsigned] {
        let answer = browser.get(&path).await;
        answer.shows(StatusCode::BAD_REQUEST, &["This sign-out request can", "<dt>Check</dt>"]);
        assert_eq!(world.last().outcome, Outcome::Denied);
    }
    let answer = browser.get(&request(&world, &application, "nina", sp_key())).await;
    answer.shows(StatusCode::OK, &[SP_LOGOUT]);
    assert!(browser.is_in().await);
}

#[tokio::test]
async fn signing_out_tells_the_applications_one_after_the_other() {
    let world = World::new().await;
    let portal = world.application("Portal", with_logout).await;
    let silent = world.application("Silent <one>", |_| ()).await;
    let mut browser = opened(&world, &portal).await;
    browser.get(&format!("/idp/open/{}", silent.slug)).await.shows(StatusCode::OK, &["SAMLResponse"]);
    let console = browser.get("/idp").await;
    let telling = browser.fill(&console, "/idp/signout", &[]).await;
    telling.shows(StatusCode::OK, &["Signing out of Portal", SP_LOGOUT]);
    assert!(!browser.is_in().await, "the session ends before anybody is told");
    let path = response(&world, &portal, &telling, LogoutStatus::Success);
    let end = browser.get(&path).await;
    end.shows(StatusCode::OK, &["You are signed out here", "Silent &lt;one&gt;"]);
    assert!(!end.body.contains("Portal"), "it agreed");
    assert!(!browser.cookies.contains_key("__Host-gatehouse-idp-logout"));
    browser.get(&path).await.shows(StatusCode::BAD_REQUEST, &["wasn"]);
}

#[tokio::test]
async fn an_application_that_doesnt_agree_is_named() {
    let world = World::new().await;
    let portal = world.application("Portal", with_logout).await;
    let mut browser = opened(&world, &portal).await;
    let console = browser.get("/idp").await;
    let telling = browser.fill(&console, "/idp/signout", &[]).await;
    let path = response(&world, &portal, &telling, LogoutStatus::Partial);
    browser.get(&path).await.shows(StatusCode::OK, &["You are signed out here", "<li>Portal</li>"]);
}

#[tokio::test]
async fn an_answer_that_isnt_the_applications_leaves_it_on_the_list() {
    let world = World::new().await;
    let portal = world.application("Portal", with_logout).await;
    let mut browser = opened(&world, &portal).await;
    let console = browser.get("/idp").await;
    let telling = browser.fill(&console, "/idp/signout", &[]).await;
    let path = response(&world, &portal, &telling, LogoutStatus::Success);
    let unsigned = path.split_once("&SigAlg=").unwrap().0;
    browser.get(unsigned).await.shows(StatusCode::OK, &["<li>Portal</li>"]);
    assert_eq!((world.last().outcome, world.last().action.as_str()), (Outcome::Denied, "saml:logout"));
}

/// Whether the page leads the application to an answer that says everybody was told.
fn answered_completely(world: &World, application: &Application, page: &Answer) -> bool {
    let query = page.after("content=\"0;url=").split_once('?').unwrap().1.to_owned();
    let verdict = ::saml::logout::read_response(
        &::saml::Incoming::Redirect { query: &query },
        &::saml::logout::ExpectedLogout {
            issuer: &format!("{IDP_URL}/idp/saml/{}", application.slug),
            certificates: &[world.state.idp.saml_key(&application.id).unwrap().certificate().clone()],
            destination: SP_LOGOUT,
            now: world.clock.now(),
            skew: time::Duration::ZERO,
        },
        "_logout-1",
    );
    verdict.outcome.unwrap().complete
}

#[tokio::test]
async fn an_application_reads_whether_the_others_were_told() {
    let world = World::new().await;
    let portal = world.application("Portal", with_logout).await;
    let silent = world.application("Silent", |_| ()).await;
    for others in [false, true] {
        let mut browser = opened(&world, &portal).await;
        if others {
            browser.get(&format!("/idp/open/{}", silent.slug)).await.shows(StatusCode::OK, &["SAMLResponse"]);
        }
        let answer = browser.get(&request(&world, &portal, "ethan", sp_key())).await;
        assert_eq!(answered_completely(&world, &portal, &answer), !others);
        assert!(!browser.is_in().await);
    }
}

#[tokio::test]
async fn a_session_that_was_renewed_still_ends_with_the_application_that_was_opened_before() {
    let world = World::new().await;
    let portal = world.application("Portal", with_logout).await;
    let mut browser = opened(&world, &portal).await;
    let again = browser.sign_in("/idp/signin?again=true", "ethan", super::fixture::PASSWORD).await;
    assert_eq!(again.location(), "/idp");
    let console = browser.get("/idp").await;
    let telling = browser.fill(&console, "/idp/signout", &[]).await;
    telling.shows(StatusCode::OK, &["Signing out of Portal"]);
}

#[tokio::test]
async fn only_the_chains_cookie_comes_with_another_sites_form() {
    let world = World::new().await;
    let portal = world.application("Portal", with_logout).await;
    let mut browser = Browser::new(&world);
    let signed_in = browser.sign_in("/idp/signin", "ethan", super::fixture::PASSWORD).await;
    let cookies = |answer: &Answer| -> Vec<String> {
        let all = answer.headers.get_all("set-cookie").iter();
        all.map(|cookie| cookie.to_str().unwrap().to_owned()).filter(|cookie| !cookie.contains("Max-Age=0")).collect()
    };
    let set = cookies(&signed_in);
    assert!(set.len() == 1 && set[0].starts_with("__Host-gatehouse-idp-session=") && set[0].contains("SameSite=Lax"));
    browser.get(&format!("/idp/open/{}", portal.slug)).await;
    let console = browser.get("/idp").await;
    let set = cookies(&browser.fill(&console, "/idp/signout", &[]).await);
    assert!(set.len() == 1 && set[0].starts_with("__Host-gatehouse-idp-logout=") && set[0].contains("SameSite=None"));
}
