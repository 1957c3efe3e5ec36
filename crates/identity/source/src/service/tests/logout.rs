use saml::logout::{ExpectedLogout, LogoutStatus, SendRequest, SendResponse};
use saml::{Binding, Endpoint, Incoming, NameId, Outgoing};
use serde_json::json;
use time::Duration;

use super::world::{IDP, ISSUER, KEY, NEXT_KEY, Outcome as _, World, now, signed};
use crate::{FederatedSession, IdentitySource, LoggedOut, SamlLogout, SourceError};

async fn session(world: &World, source: &IdentitySource) -> FederatedSession {
    world.person("ethan").await;
    world.sign_in(&source.id, |_| {}).await.admitted().session
}

fn query(go: &Outgoing) -> &str {
    let Outgoing::Redirect(location) = go else { panic!("{go:?}") };
    location.split_once('?').unwrap().1
}

fn to_us(world: &World, source: &IdentitySource) -> Endpoint {
    Endpoint { binding: Binding::Redirect, location: world.sources.urls().saml_logout(&source.id) }
}

#[tokio::test]
async fn signing_out_here_asks_the_provider_and_understands_its_answer() {
    let mut world = World::new().await;
    let source = world.saml().await;
    let session = session(&world, &source).await;
    let go = world.sources.begin_logout(&session).await.unwrap();
    let xml = world.sources.sp_metadata(&source.id).unwrap();
    let sp = saml::metadata::read_sp(xml.as_bytes()).unwrap();
    let expected = ExpectedLogout {
        issuer: &sp.entity_id,
        certificates: &sp.certificates,
        destination: "https://idp.example.com/slo",
        now: now(),
        skew: Duration::ZERO,
    };
    let read = saml::logout::read_request(&Incoming::Redirect { query: query(&go) }, &expected).outcome.unwrap();
    assert_eq!(
        (read.name_id.value.as_str(), read.session_indexes.as_slice()),
        ("ethan", &["session-1".to_owned()][..])
    );
    let answer = |in_response_to: &str| {
        let response = SendResponse {
            id: &saml::message_id(),
            issuer: IDP,
            destination: &to_us(&world, &source),
            in_response_to,
            status: LogoutStatus::Success,
            now: now(),
            relay_state: None,
        };
        saml::logout::send_response(&response, &KEY).unwrap()
    };
    let (ours, strange) = (answer(&read.id), answer("_somebody"));
    world.restarted().await;
    let understood = world.sources.read_saml_logout(&source.id, &Incoming::Redirect { query: query(&ours) }).await;
    assert!(matches!(understood.unwrap(), SamlLogout::Answer { complete: true }));
    let refused = world.sources.read_saml_logout(&source.id, &Incoming::Redirect { query: query(&strange) }).await;
    assert!(matches!(refused.unwrap_err(), SourceError::Logout(_)), "an answer to nothing of ours");
}

#[tokio::test]
async fn the_provider_ends_exactly_the_sessions_that_it_names() {
    let world = World::new().await;
    let source = world.saml().await;
    let name_id = NameId { value: "ethan".to_owned(), format: None, name_qualifier: None, sp_name_qualifier: None };
    let destination = to_us(&world, &source);
    let request = SendRequest {
        id: "_r1",
        issuer: IDP,
        destination: &destination,
        name_id: &name_id,
        session_indexes: &["session-1".to_owned()],
        now: now(),
        relay_state: Some("back"),
    };
    let sent = saml::logout::send_request(&request, &KEY).unwrap();
    let read = world.sources.read_saml_logout(&source.id, &Incoming::Redirect { query: query(&sent) }).await.unwrap();
    let SamlLogout::Request(LoggedOut { name_id, session_indexes, answer, source: of }) = read else { panic!() };
    assert_eq!((name_id.as_deref(), session_indexes.as_slice()), (Some("ethan"), &["session-1".to_owned()][..]));
    assert_eq!(of, source.id);
    let answer = answer.unwrap();
    assert!(query(&answer).contains("Signature=") && query(&answer).contains("RelayState=back"));
    let again = world.sources.read_saml_logout(&source.id, &Incoming::Redirect { query: query(&sent) }).await;
    assert!(
        matches!(again.unwrap_err(), SourceError::LogoutReplayed),
        "it counts once, also when it is found in a log"
    );
    let forged = saml::logout::send_request(&request, &NEXT_KEY).unwrap();
    let refused = world.sources.read_saml_logout(&source.id, &Incoming::Redirect { query: query(&forged) }).await;
    assert!(matches!(refused.unwrap_err(), SourceError::Logout(_)));
}

#[tokio::test]
async fn a_closed_source_is_not_asked() {
    let world = World::new().await;
    let source = world.saml().await;
    let session = session(&world, &source).await;
    world.sources.delete(&source.id).await.unwrap();
    assert!(world.sources.begin_logout(&session).await.is_none());
}

#[tokio::test]
async fn an_openid_provider_is_asked_with_the_token_and_tells_by_the_back_channel() {
    let world = World::new().await;
    let source = world.oidc().await;
    world.person("ethan").await;
    let claims = json!({"email": "ethan@example.com", "email_verified": true, "sid": "s-1"});
    let session = world.oidc_sign_in(&source.id, claims).await.admitted().session;
    let Some(Outgoing::Redirect(go)) = world.sources.begin_logout(&session).await else { panic!() };
    assert!(go.starts_with(&format!("{ISSUER}/logout?")) && go.contains("id_token_hint="));
    let seconds = now().unix_timestamp();
    let token = json!({
        "iss": ISSUER, "aud": "client", "iat": seconds, "exp": seconds + 120, "jti": "j-1", "sid": "s-1",
        "events": {"http://schemas.openid.net/event/backchannel-logout": {}},
    });
    let token = signed(&token);
    let ended = world.sources.read_backchannel(&source.id, &token).await.unwrap();
    assert_eq!((ended.name_id, ended.session_indexes), (None, vec!["s-1".to_owned()]));
    let again = world.sources.read_backchannel(&source.id, &token).await.unwrap_err();
    assert!(matches!(again, SourceError::LogoutReplayed));
    let forged = format!("{token}x");
    let refused = world.sources.read_backchannel(&source.id, &forged).await.unwrap_err();
    assert!(matches!(refused, SourceError::LogoutToken(_)));
}
