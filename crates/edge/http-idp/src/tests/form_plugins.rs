//! The pages and answers that the form plugins of Redshift's drivers read, as a driver asks for them: without cookies.

use ::saml::sp::InResponseTo;
use axum::body::Body;
use axum::http::{Request, StatusCode};
use base::Outcome;
use idp::{FormPlugins, MfaPolicy};
use serde_json::{Value, json};
use time::Duration;

use super::fixture::{Answer, Browser, PASSWORD, SP, World};

const HOST: &str = "localhost:8444";
const PING: &str = "/idp/startSSO.ping?PartnerSpId=https%3A%2F%2Fsp.example%2Fmetadata";
const ADFS: &str = "/adfs/ls/IdpInitiatedSignOn.aspx?loginToRp=https://sp.example/metadata";

async fn world() -> World {
    let world = World::new().await;
    world.state.idp.set_form_plugins(FormPlugins::On).await.unwrap();
    world
}

async fn get(world: &World, path: &str) -> Answer {
    let answer = world.send(Request::get(path).header("host", HOST).body(Body::empty()).unwrap()).await;
    assert!(answer.header("set-cookie").is_empty(), "no cookie is left");
    answer
}

async fn post(world: &World, path: &str, fields: &[(&str, &str)]) -> Answer {
    let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
    let answer = world.send(Request::post(path).header("host", HOST).body(Body::from(body)).unwrap()).await;
    assert!(answer.header("set-cookie").is_empty(), "no cookie is left");
    answer
}

async fn authenticate(world: &World, body: &str) -> (StatusCode, Value) {
    let request = Request::post("/api/v1/authn").header("host", HOST).header("content-type", "application/json");
    let answer = world.send(request.body(Body::from(body.to_owned())).unwrap()).await;
    assert_eq!(answer.header("content-type"), "application/json");
    (answer.status, serde_json::from_str(&answer.body).unwrap())
}

async fn with_password(world: &World, user_name: &str, password: &str) -> (StatusCode, Value) {
    authenticate(world, &json!({ "username": user_name, "password": password }).to_string()).await
}

async fn session_token(world: &World) -> String {
    let (status, answer) = with_password(world, "ethan", PASSWORD).await;
    assert_eq!((status, answer["status"].as_str()), (StatusCode::OK, Some("SUCCESS")), "{answer}");
    answer["sessionToken"].as_str().unwrap().to_owned()
}

/// Every `<input` closes itself, or Redshift's JDBC driver doesn't see it.
fn closes_itself(answer: &Answer) {
    for rest in answer.body.split("<input").skip(1) {
        assert!(rest.split_once('>').unwrap().0.ends_with('/'), "{}", answer.body);
    }
}

fn has_assertion_of(world: &World, application: &idp::Application, answer: &Answer, name: &str) {
    answer.shows(StatusCode::OK, &["name=\"SAMLResponse\" value=\""]);
    closes_itself(answer);
    let response = answer.field("SAMLResponse");
    let assertion = world.validate(application, &response, InResponseTo::Unsolicited).outcome.unwrap();
    assert_eq!(assertion.name_id().value, name);
    assert!(world.state.idp.sessions_of(&world.ethan).is_empty(), "no session stays");
}

#[tokio::test]
async fn okta_a_password_gives_a_token_and_the_token_one_assertion() {
    let world = world().await;
    let application = world.application("Portal", |_| ()).await;
    let token = session_token(&world).await;
    assert!(world.state.idp.session(&base::Secret::from(token.as_str())).await.is_none(), "it is no session's cookie");
    let home = format!("/home/amazon_aws_redshift/{}?onetimetoken={token}", application.slug);
    has_assertion_of(&world, &application, &get(&world, &home).await, "ethan");
    let (signed_in, told) =
        (world.recorded("password", Outcome::Allowed), world.recorded("saml:assertion", Outcome::Allowed));
    assert_eq!(signed_in[0].correlation, told[0].correlation, "one id from the password to the assertion");
    let again = get(&world, &home).await;
    assert_eq!(again.status, StatusCode::UNAUTHORIZED, "{}", again.body);
    assert_eq!(world.recorded("session_token", Outcome::Denied).len(), 1);
    let by_id = format!("/home/amazon_aws/{}?onetimetoken={}", application.id, session_token(&world).await);
    has_assertion_of(&world, &application, &get(&world, &by_id).await, "ethan");
}

#[tokio::test]
async fn okta_a_token_ends_after_five_minutes_and_with_what_it_stands_on() {
    let world = world().await;
    let application = world.application("Portal", |_| ()).await;
    let home = |token: &str| format!("/home/amazon_aws/{}?onetimetoken={token}", application.slug);
    let token = session_token(&world).await;
    world.clock.advance(Duration::minutes(5));
    assert_eq!(get(&world, &home(&token)).await.status, StatusCode::UNAUTHORIZED);
    let token = session_token(&world).await;
    world.state.idp.set_policy(MfaPolicy::Required).await.unwrap();
    assert_eq!(get(&world, &home(&token)).await.status, StatusCode::UNAUTHORIZED, "a second factor is asked now");
    world.state.idp.set_policy(MfaPolicy::Optional).await.unwrap();
    let token = session_token(&world).await;
    world.deactivate(&world.ethan).await;
    assert_eq!(get(&world, &home(&token)).await.status, StatusCode::UNAUTHORIZED, "the person is gone");
    assert_eq!(get(&world, &home("guessed")).await.status, StatusCode::UNAUTHORIZED);
    assert!(world.recorded("saml:assertion", Outcome::Allowed).is_empty());
}

#[tokio::test]
async fn okta_refusals_have_oktas_shape() {
    let world = world().await;
    for (user_name, password) in [("ethan", "wrong"), ("nobody", PASSWORD)] {
        let (status, answer) = with_password(&world, user_name, password).await;
        assert_eq!((status, &answer["errorCode"]), (StatusCode::UNAUTHORIZED, &json!("E0000004")));
        assert_eq!(answer["errorId"].as_str(), Some(world.last().correlation.as_str()));
    }
    for wrong in [
        r#"{"username":"ethan"}"#,
        r#"{"username":"ethan","password":7}"#,
        r#"{"username":"ethan","username":"nina","password":"x"}"#,
        "no JSON",
    ] {
        let (status, answer) = authenticate(&world, wrong).await;
        assert_eq!((status, &answer["errorCode"]), (StatusCode::BAD_REQUEST, &json!("E0000003")), "{wrong}");
    }
    let (_, answer) = authenticate(&world, r#"{"username":"ethan","password":"x","relayState":"y"}"#).await;
    assert!(answer["errorSummary"].as_str().unwrap().contains("relayState"), "refused by name: {answer}");
    for _ in 0..40 {
        let (_, answer) = with_password(&world, "ethan", "wrong").await;
        if answer["status"] == "LOCKED_OUT" {
            let (_, right) = with_password(&world, "ethan", PASSWORD).await;
            assert_eq!(right["status"], "LOCKED_OUT", "the same limits as in a browser");
            return;
        }
    }
    panic!("attempts aren't limited");
}

#[tokio::test]
async fn okta_who_has_more_to_do_is_told_what() {
    let world = world().await;
    Browser::signed_in(&world, "ethan").await.enrol_totp().await;
    assert_eq!(with_password(&world, "ethan", PASSWORD).await.1["status"], "MFA_REQUIRED");
    assert_eq!(with_password(&world, "ethan", "wrong").await.0, StatusCode::UNAUTHORIZED);
    world.state.idp.set_policy(MfaPolicy::Required).await.unwrap();
    let (status, answer) = with_password(&world, "nina", PASSWORD).await;
    assert_eq!((status, &answer["status"]), (StatusCode::OK, &json!("MFA_ENROLL")));
    assert!(answer.get("sessionToken").is_none());
}

#[tokio::test]
async fn ping_and_adfs_show_a_form_and_answer_it_with_an_assertion() {
    let world = world().await;
    let application = world.application("Portal", |_| ()).await;
    for (path, fields) in [
        (PING, vec![("pf.username", "ethan"), ("pf.pass", PASSWORD)]),
        (ADFS, vec![("UserName", "ethan"), ("Password", PASSWORD), ("AuthMethod", "FormsAuthentication")]),
    ] {
        let page = get(&world, path).await;
        page.shows(
            StatusCode::OK,
            &["Sign in to open Portal.", "<label for=\"username\">", "<label for=\"password\">"],
        );
        closes_itself(&page);
        let action = page.after("<form method=\"post\" action=\"");
        let answer = post(&world, &action, &fields).await;
        has_assertion_of(&world, &application, &answer, "ethan");
        let by_slug = format!("{}={}", path.split_once('=').unwrap().0, application.slug);
        assert_eq!(get(&world, &by_slug).await.status, StatusCode::OK);
    }
    let events = world.recorded("password", Outcome::Allowed);
    let plugins: Vec<_> =
        events.iter().flat_map(|event| &event.fields).filter(|(name, _)| *name == "form_plugin").collect();
    assert_eq!(plugins.iter().map(|(_, value)| value.as_str()).collect::<Vec<_>>(), ["ping", "adfs"]);
}

#[tokio::test]
async fn ping_and_adfs_refuse_on_the_page() {
    let world = world().await;
    world.application("Portal", |_| ()).await;
    for (path, user_name, password) in [(PING, "pf.username", "pf.pass"), (ADFS, "UserName", "Password")] {
        let wrong = post(&world, path, &[(user_name, "ethan"), (password, "wrong")]).await;
        wrong.shows(StatusCode::UNAUTHORIZED, &["role=\"alert\"", "name=\""]);
        let nina = post(&world, path, &[(user_name, "nina"), (password, PASSWORD)]).await;
        nina.shows(StatusCode::FORBIDDEN, &["sales", world.last().correlation.as_str()]);
        let more = post(&world, path, &[(user_name, "ethan"), (password, PASSWORD), ("more", "x")]).await;
        more.shows(StatusCode::BAD_REQUEST, &["fields that aren"]);
        for answer in [wrong, nina, more] {
            assert!(!answer.body.contains("SAMLResponse"));
        }
    }
    Browser::signed_in(&world, "ethan").await.enrol_totp().await;
    let second = post(&world, PING, &[("pf.username", "ethan"), ("pf.pass", PASSWORD)]).await;
    second.shows(StatusCode::FORBIDDEN, &["second factor", "BrowserSamlCredentialsProvider"]);
    assert!(world.recorded("saml:assertion", Outcome::Allowed).is_empty());
}

#[tokio::test]
async fn a_form_of_another_site_is_refused() {
    let world = world().await;
    world.application("Portal", |_| ()).await;
    let mut browser = Browser::new(&world);
    let request = |site: &str| {
        let body = format!("pf.username=ethan&pf.pass={}", PASSWORD.replace(' ', "+"));
        Request::post(PING).header("host", HOST).header("sec-fetch-site", site).body(Body::from(body)).unwrap()
    };
    assert_eq!(world.send(request("cross-site")).await.status, StatusCode::FORBIDDEN);
    assert_eq!(world.send(request("same-origin")).await.status, StatusCode::OK);
    assert!(!browser.is_in().await);
}

#[tokio::test]
async fn an_application_is_found_or_the_page_says_why_not() {
    let world = world().await;
    let first = world.application("Portal", |_| ()).await;
    let second = world.application("Other", |_| ()).await;
    get(&world, PING).await.shows(StatusCode::CONFLICT, &[first.slug.as_str(), second.slug.as_str(), "PartnerSpId"]);
    for (path, status, part) in [
        ("/idp/startSSO.ping?PartnerSpId=nothing", StatusCode::NOT_FOUND, "nothing"),
        ("/idp/startSSO.ping", StatusCode::BAD_REQUEST, "PartnerSpId is missing"),
        ("/idp/startSSO.ping?PartnerSpId=a&PartnerSpId=b", StatusCode::BAD_REQUEST, "twice"),
        ("/idp/startSSO.ping?PartnerSpId=a&TargetResource=b", StatusCode::BAD_REQUEST, "TargetResource"),
        ("/home/another_kind/portal?onetimetoken=x", StatusCode::NOT_FOUND, "app_name"),
        ("/home/amazon_aws/nothing?onetimetoken=x", StatusCode::NOT_FOUND, "app_id"),
    ] {
        get(&world, path).await.shows(status, &[part]);
    }
    let edited = |edit: &mut idp::ApplicationEdit| {
        edit.connector.saml_mut().unwrap().sp_entity_id = Some("https://other.example".into());
    };
    world.edit(&second, edited).await;
    get(&world, PING).await.shows(StatusCode::OK, &["Portal"]);
    assert_eq!(
        world.state.idp.saml_applications(SP),
        [world.state.idp.application_by_slug(first.slug.as_str()).unwrap()]
    );
    assert_eq!(world.state.idp.saml_applications("https://other.example").len(), 1);
}

#[tokio::test]
async fn nothing_answers_before_an_administrator_says_so() {
    let world = World::new().await;
    let application = world.application("Portal", |_| ()).await;
    let (status, answer) = with_password(&world, "ethan", PASSWORD).await;
    assert_eq!((status, &answer["errorCode"]), (StatusCode::FORBIDDEN, &json!("E0000006")));
    assert!(answer["errorSummary"].as_str().unwrap().contains("gatehouse idp policy form-plugins on"), "{answer}");
    let home = format!("/home/amazon_aws/{}?onetimetoken=x", application.slug);
    for path in [PING, ADFS, &home] {
        get(&world, path).await.shows(StatusCode::FORBIDDEN, &["gatehouse idp policy form-plugins on"]);
    }
    let sent = post(&world, PING, &[("pf.username", "ethan"), ("pf.pass", PASSWORD)]).await;
    sent.shows(StatusCode::FORBIDDEN, &["gatehouse idp policy form-plugins on"]);
    assert!(world.events().is_empty(), "no password was looked at");
}

#[tokio::test]
async fn on_other_names_of_the_server_there_is_nothing() {
    let world = world().await;
    world.application("Portal", |_| ()).await;
    for host in ["localhost", "127.0.0.1:8444", "sp.example", ""] {
        let request = Request::get(PING).header("host", host).body(Body::empty()).unwrap();
        assert_eq!(world.send(request).await.status, StatusCode::NOT_FOUND, "{host}");
    }
    let without = world.send(Request::get(PING).body(Body::empty()).unwrap()).await;
    assert_eq!(without.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn what_cannot_be_recorded_isnt_done() {
    let world = world().await;
    world.application("Portal", |_| ()).await;
    world.trail.broken.store(true, std::sync::atomic::Ordering::SeqCst);
    let (status, answer) = with_password(&world, "ethan", PASSWORD).await;
    assert_eq!((status, &answer["errorCode"]), (StatusCode::SERVICE_UNAVAILABLE, &json!("E0000009")));
    let sent = post(&world, PING, &[("pf.username", "ethan"), ("pf.pass", PASSWORD)]).await;
    assert!(sent.status == StatusCode::SERVICE_UNAVAILABLE && !sent.body.contains("SAMLResponse"));
}
