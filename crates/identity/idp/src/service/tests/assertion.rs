use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use saml::sp::{AuthnRequest, Expected, InResponseTo, ValidatedAssertion};
use saml::{Endpoint, Incoming, Outgoing};

use super::*;
use crate::aws_attribute::{DB_GROUPS, DB_USER, SESSION_DURATION};
use crate::opening::Denial;
use crate::service::OpenError;

const LISTENER: &str = "http://localhost:7890/redshift/";
const SP: &str = "https://sp.example.com/metadata";
const ACS: &str = "https://sp.example.com/acs";

/// What the service provider makes of the response.
fn validated(
    world: &World,
    app: &crate::Application,
    issued: &crate::IssuedAssertion,
    request: Option<&str>,
) -> ValidatedAssertion {
    let Outgoing::Post { fields, .. } = &issued.outgoing else { panic!("not posted") };
    let response = &fields.iter().find(|(name, _)| *name == "SAMLResponse").unwrap().1;
    let key = world.provider.saml_key(&app.id).unwrap();
    let verdict = saml::sp::validate(
        response,
        &Expected {
            idp_entity_id: &world.provider.saml_sso_url(app),
            certificates: std::slice::from_ref(key.certificate()),
            sp_entity_id: &issued.audience,
            acs_url: &issued.recipient,
            in_response_to: request.map_or(InResponseTo::Unsolicited, InResponseTo::Request),
            now: world.clock.now(),
            skew: Duration::ZERO,
            force_authn_since: None,
        },
    );
    verdict.outcome.unwrap()
}

fn relay_state(outgoing: &Outgoing) -> Option<&str> {
    let Outgoing::Post { fields, .. } = outgoing else { panic!("not posted") };
    fields.iter().find(|(name, _)| *name == "RelayState").map(|(_, value)| value.as_str())
}

/// A custom application for `sales`.
async fn custom(
    world: &World,
    group: &DirectoryGroupId,
    change: impl FnOnce(&mut crate::SamlApplication),
) -> Arc<crate::Application> {
    let mut new = NewApplication::of(ConnectorKind::Saml, "Wiki");
    new.groups.insert(group.clone());
    let saml = new.connector.saml_mut().unwrap();
    saml.sp_entity_id = Some(SP.to_owned());
    saml.acs_urls = vec![ACS.to_owned()];
    change(saml);
    world.provider.create_application(new).await.unwrap().application
}

fn request(
    world: &World,
    app: &crate::Application,
    issuer: &str,
    acs: &str,
    format: Option<&str>,
) -> saml::Verdict<saml::idp::ReceivedRequest> {
    let destination = Endpoint { binding: saml::Binding::Redirect, location: world.provider.saml_sso_url(app) };
    let sent = saml::sp::send(
        &AuthnRequest {
            id: "_0123456789abcdef0123456789abcdef",
            issuer,
            destination: &destination,
            acs_url: acs,
            name_id_format: format,
            force_authn: false,
            now: world.clock.now(),
        },
        None,
        Some("key"),
    )
    .unwrap();
    let Outgoing::Redirect(url) = sent else { panic!("not a redirect") };
    let query = url.split_once('?').unwrap().1;
    world.provider.receive(app, &Incoming::Redirect { query }).unwrap()
}

#[tokio::test]
async fn the_redshift_driver_is_told_who_may_connect_as_whom() {
    let world = World::open().await;
    let ethan = world.person("ethan").await;
    let sales = world.group("sales", &[&ethan]).await;
    world.group("All Staff", &[&ethan]).await;
    let app = world.redshift(&[&sales]).await;
    let signed_in = world.signed_in("ethan").await;
    let issued = world.provider.assertion(&signed_in.session, &app, None, None).await.unwrap();
    assert_eq!((issued.audience.as_str(), issued.recipient.as_str()), (LISTENER, LISTENER));
    assert!(issued.checks.failed().is_none() && !issued.checks.list().is_empty());
    let told = validated(&world, &app, &issued, None);
    assert_eq!(told.assertion_id(), issued.assertion_id);
    assert_eq!(told.attribute(DB_USER), ["ethan"]);
    assert_eq!(told.attribute(DB_GROUPS), ["sales"], "only the application's groups");
    assert_eq!(told.attribute(ROLE), [ROLE_VALUE]);
    assert_eq!(told.attribute(SESSION_DURATION), ["900"]);
    assert_eq!(told.session_index(), Some(signed_in.session.id().as_str()));
    assert_eq!(told.session_not_on_or_after(), None);
    assert_eq!(relay_state(&issued.outgoing), None);
    let participants = world.provider.participants(signed_in.session.id());
    assert_eq!((participants.len(), participants[0].name_id.as_str()), (1, "ethan"));
}

#[tokio::test]
async fn a_session_that_has_ended_meanwhile_tells_nobody() {
    let world = World::open().await;
    let ethan = world.person("ethan").await;
    let sales = world.group("sales", &[&ethan]).await;
    let app = world.redshift(&[&sales]).await;
    let signed_in = world.signed_in("ethan").await;
    world.provider.end_session(&signed_in.cookie).await.unwrap();
    let told = world.provider.assertion(&signed_in.session, &app, None, None).await;
    assert!(matches!(told, Err(OpenError::SessionEnded)), "single logout wouldn't reach the application: {told:?}");
}

#[tokio::test]
async fn a_request_is_answered_with_its_id_and_its_own_relay_state() {
    let world = World::open().await;
    let ethan = world.person("ethan").await;
    let sales = world.group("sales", &[&ethan]).await;
    let app = custom(&world, &sales, |saml| {
        saml.relay_state = Some("/home".to_owned());
        saml.session_end = true;
        saml.sign_response = true;
    })
    .await;
    let signed_in = world.signed_in("ethan").await;
    let received = request(&world, &app, SP, ACS, None).outcome.unwrap();
    let issued = world
        .provider
        .assertion(&signed_in.session, &app, Some(&received), received.relay_state.as_deref())
        .await
        .unwrap();
    assert_eq!(relay_state(&issued.outgoing), Some("key"));
    let told = validated(&world, &app, &issued, Some(&received.id));
    assert_eq!(told.session_not_on_or_after(), Some(signed_in.session.expires()));
    let own = world.provider.assertion(&signed_in.session, &app, None, None).await.unwrap();
    assert_eq!(relay_state(&own.outgoing), Some("/home"));
    let deep = world.provider.assertion(&signed_in.session, &app, None, Some("/deep")).await.unwrap();
    assert_eq!(relay_state(&deep.outgoing), Some("/deep"));
}

#[tokio::test]
async fn a_request_of_a_stranger_or_to_an_unknown_acs_is_refused() {
    let world = World::open().await;
    let sales = world.group("sales", &[]).await;
    let app = custom(&world, &sales, |_| {}).await;
    assert!(request(&world, &app, SP, ACS, None).outcome.is_ok());
    assert!(request(&world, &app, "https://evil.example.com", ACS, None).outcome.is_err());
    assert!(request(&world, &app, SP, "https://evil.example.com/acs", None).outcome.is_err());
    let strict = world
        .provider
        .update_application(&app.id, None, |current| {
            let mut edit = crate::ApplicationEdit::from(current);
            edit.connector.saml_mut().unwrap().requests_signed = true;
            Ok::<_, IdpError>(edit)
        })
        .await
        .unwrap();
    assert!(request(&world, &strict, SP, ACS, None).outcome.is_err(), "it isn't signed");
}

#[tokio::test]
async fn another_name_id_format_than_asked_is_refused() {
    let world = World::open().await;
    let ethan = world.person("ethan").await;
    let sales = world.group("sales", &[&ethan]).await;
    let app = custom(&world, &sales, |saml| saml.name_id.format = crate::NameIdFormat::EmailAddress).await;
    let signed_in = world.signed_in("ethan").await;
    let fits = request(&world, &app, SP, ACS, Some(saml::NAME_ID_EMAIL)).outcome.unwrap();
    world.provider.assertion(&signed_in.session, &app, Some(&fits), None).await.unwrap();
    let other = request(&world, &app, SP, ACS, Some(saml::NAME_ID_PERSISTENT)).outcome.unwrap();
    let error = world.provider.assertion(&signed_in.session, &app, Some(&other), None).await.unwrap_err();
    assert_eq!(error.status(), saml::idp::RefuseStatus::InvalidNameIdPolicy);
    let refusal = world.provider.refusal(&app, &other, error.status(), None).unwrap();
    assert_eq!(relay_state(&refusal), Some("key"));
}

#[tokio::test]
async fn nobody_is_told_about_who_may_not_open() {
    let world = World::open().await;
    let (ethan, fiona) = (world.person("ethan").await, world.person("fiona").await);
    let sales = world.group("sales", &[&ethan]).await;
    let app = world.redshift(&[&sales]).await;
    let denied = async |who: &SignedIn, app: &crate::Application| {
        let error = world.provider.assertion(&who.session, app, None, None).await.unwrap_err();
        let OpenError::Denied(denial) = error else { panic!("{error}") };
        denial
    };
    let (of_ethan, of_fiona) = (world.signed_in("ethan").await, world.signed_in("fiona").await);
    assert_eq!(denied(&of_fiona, &app).await, Denial::NotAuthorised { would: vec![sales.clone()] });
    // The page may show an application as it was.
    world.provider.deactivate(&app.id).await.unwrap();
    assert_eq!(denied(&of_ethan, &app).await, Denial::Deactivated);
    world.provider.activate(&app.id).await.unwrap();
    let inactive = NewUser { active: false, ..NewUser::from(&*ethan) };
    world.directory.replace_user(&ethan.id, None, inactive).await.unwrap();
    assert_eq!(denied(&of_ethan, &app).await, Denial::PersonInactive);
    assert!(world.provider.participants(of_fiona.session.id()).is_empty());
    assert!(fiona.active);
}

#[tokio::test]
async fn an_application_that_is_not_configured_or_whose_attribute_does_not_fit_says_so() {
    let world = World::open().await;
    let ethan = world.person("Ethan").await;
    let sales = world.group("sales", &[&ethan]).await;
    let mut new = NewApplication::of(ConnectorKind::Redshift, "no role");
    new.groups.insert(sales.clone());
    let unready = world.provider.create_application(new).await.unwrap().application;
    let signed_in = world.signed_in("ethan").await;
    let missing = world.provider.assertion(&signed_in.session, &unready, None, None).await.unwrap_err();
    assert!(matches!(&missing, OpenError::Missing(what) if what[0].contains(ROLE)), "{missing}");
    let app = world.redshift(&[&sales]).await;
    let upper = world.provider.assertion(&signed_in.session, &app, None, None).await.unwrap_err();
    assert!(matches!(&upper, OpenError::Attribute(problem) if problem.attribute == DB_USER), "{upper}");
    assert!(upper.mend().contains("lower-case"));
}

#[tokio::test]
async fn identity_center_gets_the_user_name_as_an_e_mail_name_id() {
    let world = World::open().await;
    let ethan = world.person("ethan@example.com").await;
    let sales = world.group("sales", &[&ethan]).await;
    let mut new = NewApplication::of(ConnectorKind::IdentityCenter, "IAM Identity Center");
    new.groups.insert(sales);
    let app = world.provider.create_application(new).await.unwrap().application;
    let acs = "https://127.0.0.1:8443/platform/saml/ids-0011223344556677/acs";
    let metadata = saml::metadata::write_sp(&saml::metadata::SpDescription {
        entity_id: "https://127.0.0.1:8443/platform/saml/ids-0011223344556677",
        acs_url: acs,
        single_logout: &[],
        certificates: &[],
        signs_requests: false,
        name_id_formats: &[saml::NAME_ID_EMAIL],
    });
    let app = world.provider.upload_sp_metadata(&app.id, metadata.as_bytes()).await.unwrap();
    assert!(app.missing().is_empty());
    let signed_in = world.signed_in("ethan@example.com").await;
    let issued = world.provider.assertion(&signed_in.session, &app, None, None).await.unwrap();
    assert_eq!(issued.recipient, acs);
    let told = validated(&world, &app, &issued, None);
    assert_eq!(told.name_id().value, "ethan@example.com");
    assert_eq!(told.name_id().format.as_deref(), Some(saml::NAME_ID_EMAIL));
}

#[tokio::test]
async fn a_response_holds_one_post_of_base64() {
    let world = World::open().await;
    let ethan = world.person("ethan").await;
    let sales = world.group("sales", &[&ethan]).await;
    let app = world.redshift(&[&sales]).await;
    let signed_in = world.signed_in("ethan").await;
    let issued = world.provider.assertion(&signed_in.session, &app, None, None).await.unwrap();
    let Outgoing::Post { action, fields } = &issued.outgoing else { panic!("not posted") };
    assert_eq!(action, LISTENER);
    let xml = String::from_utf8(STANDARD.decode(&fields[0].1).unwrap()).unwrap();
    assert_eq!(xml.matches(&issued.assertion_id).count(), 2, "the ID, and the signature's reference");
    // The driver reads once, at most 102400 bytes (drivers.md 3).
    assert!(fields[0].1.len() < 20_000);
}

#[tokio::test]
async fn claims_are_for_who_may_open() {
    let world = World::open().await;
    let ethan = world.person("ethan").await;
    let sales = world.group("sales", &[&ethan]).await;
    let mut new = NewApplication::of(ConnectorKind::OpenIdConnect, "client");
    new.groups.insert(sales.clone());
    new.connector.oidc_mut().unwrap().redirect_uris = vec!["https://rp.example.com/cb".to_owned()];
    let app = world.provider.create_application(new).await.unwrap().application;
    let claims = world.provider.claims(&ethan.id, &app).unwrap();
    assert_eq!(claims["groups"], serde_json::json!(["sales"]));
    let nobody = world.person("nobody").await;
    assert!(matches!(world.provider.claims(&nobody.id, &app), Err(OpenError::Denied(_))));
}
