//! A SAML identity provider with a key of its own, and sign-ins through it.

use ::saml::idp::{Attribute, AttributeFormat, CONTEXT_PASSWORD, ExpectedRequest, Issue, ReceivedRequest};
use ::saml::metadata::{IdpDescription, write_idp};
use ::saml::{Binding, Endpoint, Incoming, NAME_ID_EMAIL, Outgoing, SigningKey, idp};
use axum::http::StatusCode;
use base::{AuditStep, Checks, Outcome};
use source::{IdentitySource, MatchBy, MetadataFrom, NewKind, NewSaml, NewSource, SubjectFrom, SubjectMapping};
use std::sync::Arc;
use time::Duration;

use super::super::fixture::{Answer, Browser, CENTER, World};

pub(super) const IDP: &str = "https://idp.example.com";

/// Okta's part.
pub(super) struct Provider {
    pub(super) key: SigningKey,
    pub(super) source: Arc<IdentitySource>,
}

impl Provider {
    pub(super) fn new_source(world: &World, key: &SigningKey) -> NewSource {
        let sso = |path: &str| vec![Endpoint { binding: Binding::Redirect, location: format!("{IDP}/{path}") }];
        let (single_sign_on, single_logout) = (sso("sso"), sso("slo"));
        let metadata = write_idp(&IdpDescription {
            entity_id: IDP,
            single_sign_on: &single_sign_on,
            single_logout: &single_logout,
            certificates: &[key.certificate().clone()],
            wants_signed_requests: false,
            name_id_formats: &[NAME_ID_EMAIL],
            organisation: None,
        });
        let _ = world;
        NewSource {
            name: "Okta & Co".into(),
            domains: Vec::new(),
            kind: NewKind::Saml(NewSaml {
                metadata: MetadataFrom::Document(metadata),
                sign_requests: false,
                force_authn: false,
                idp_initiated: true,
            }),
            subject: SubjectMapping { from: SubjectFrom::NameId, to: MatchBy::UserName },
            just_in_time: false,
            groups_claim: None,
            contact: Some("the service desk (desk@example.com)".into()),
            network: ::oidc::Network::Public,
        }
    }

    pub(super) async fn new(world: &World) -> Self {
        Self::with(world, |_| {}).await
    }

    pub(super) async fn with(world: &World, change: impl FnOnce(&mut NewSource)) -> Self {
        let now = base::Clock::now(&*world.clock);
        let key = SigningKey::generate("idp.example.com", now - Duration::DAY, now + Duration::days(365)).unwrap();
        let mut new = Self::new_source(world, &key);
        change(&mut new);
        let source = world.state.sources.create(new).await.unwrap();
        Self { key, source }
    }

    pub(super) fn begin_path(&self) -> String {
        format!("/signin/with/{}", self.source.id)
    }

    pub(super) fn acs_path(&self) -> String {
        format!("/platform/saml/{}/acs", self.source.id)
    }

    /// The request that a redirect to the provider carries.
    pub(super) fn received(&self, world: &World, location: &str) -> ReceivedRequest {
        let query = location.strip_prefix(&format!("{IDP}/sso?")).unwrap_or_else(|| panic!("{location}"));
        let expected = ExpectedRequest {
            sp_entity_id: Some(&format!("{CENTER}/platform/saml/{}", self.source.id)),
            acs_urls: &[format!("{CENTER}{}", self.acs_path())],
            certificates: &[],
            must_be_signed: false,
            destination: &format!("{IDP}/sso"),
            now: base::Clock::now(&*world.clock),
            skew: Duration::MINUTE,
        };
        idp::read_request(&Incoming::Redirect { query }, &expected).outcome.unwrap()
    }

    /// The answer's form fields.
    pub(super) fn answer(&self, world: &World, given: &Given<'_>) -> Vec<(&'static str, String)> {
        let now = base::Clock::now(&*world.clock);
        let entity_id = format!("{CENTER}/platform/saml/{}", self.source.id);
        let (recipient, ends) = (format!("{CENTER}{}", self.acs_path()), given.session_ends_in.map(|ends| now + ends));
        let values = [given.name_id.to_owned()];
        let issued = idp::issue(
            &Issue {
                issuer: IDP,
                audience: given.audience.unwrap_or(&entity_id),
                recipient: &recipient,
                in_response_to: given.in_response_to,
                name_id: given.name_id,
                name_id_format: NAME_ID_EMAIL,
                attributes: &[Attribute { name: "mail", name_format: AttributeFormat::Basic, values: &values }],
                authn_instant: now,
                authn_context: CONTEXT_PASSWORD,
                session_index: given.session_index,
                lifetime: Duration::minutes(5),
                session_not_on_or_after: ends,
                now,
                response_id: &::saml::message_id(),
                assertion_id: &::saml::message_id(),
                sign_response: false,
            },
            &self.key,
        );
        let Outgoing::Post { action, fields } = issued.unwrap().post(&recipient, given.relay_state).unwrap() else {
            panic!("a form")
        };
        assert_eq!(action, recipient);
        fields
    }

    /// From `/signin/with/…` (with or without a page to go on to) through the provider and back.
    pub(super) async fn sign_in(&self, world: &World, browser: &mut Browser<'_>, begin: &str, name_id: &str) -> Answer {
        let fields = self.fields(world, browser, begin, &Given { name_id, ..Given::default() }).await;
        browser.deliver(&self.acs_path(), &fields).await
    }

    /// Begins, and gives what the provider answers.
    pub(super) async fn fields(
        &self,
        world: &World,
        browser: &mut Browser<'_>,
        begin: &str,
        given: &Given<'_>,
    ) -> Vec<(&'static str, String)> {
        let begun = browser.get(begin).await;
        assert_eq!(begun.status, StatusCode::SEE_OTHER, "{}", begun.body);
        let request = self.received(world, begun.header("location"));
        let (id, relay_state) = (Some(request.id.as_str()), request.relay_state.as_deref());
        self.answer(world, &Given { in_response_to: id, relay_state, ..*given })
    }
}

/// What the provider says.
#[derive(Clone, Copy)]
pub(super) struct Given<'a> {
    pub(super) name_id: &'a str,
    pub(super) audience: Option<&'a str>,
    pub(super) in_response_to: Option<&'a str>,
    pub(super) relay_state: Option<&'a str>,
    pub(super) session_index: &'a str,
    pub(super) session_ends_in: Option<Duration>,
}

impl Default for Given<'_> {
    fn default() -> Self {
        Self {
            name_id: "ethan",
            audience: None,
            in_response_to: None,
            relay_state: None,
            session_index: "index-1",
            session_ends_in: None,
        }
    }
}

#[tokio::test]
async fn a_deep_link_goes_through_the_provider_and_back_under_one_correlation_id() {
    let world = World::new().await;
    let provider = Provider::new(&world).await;
    let client = world.client(&["authorization_code"]).await;
    let mut browser = Browser::new(&world);
    let to_sign_in = browser.get(&client.authorize_path()).await;
    let choice = browser.get(to_sign_in.header("location")).await;
    let begin = choice.link("Sign in with Okta &amp; Co");
    let back = provider.sign_in(&world, &mut browser, &begin, "ethan").await;
    assert_eq!(back.status, StatusCode::SEE_OTHER, "{}", back.body);
    assert!(back.header("location").starts_with("/authorize?"), "{}", back.header("location"));
    let sign_in = world.trail.events().pop().unwrap();
    assert_eq!((sign_in.step, sign_in.outcome, sign_in.action.as_str()), (AuditStep::SignIn, Outcome::Allowed, "saml"));
    let field = |name: &str| sign_in.fields.iter().find(|(known, _)| *known == name).unwrap().1.clone();
    assert_eq!(field("source"), provider.source.id.as_str());
    assert!(field("assertion").starts_with('_'), "{}", field("assertion"));
    let checks = Checks::from_json(&field("checks")).unwrap();
    assert!(checks.list().len() > 5 && checks.failed().is_none(), "{checks:?}");
    let consent = browser.get(back.header("location")).await;
    assert!(consent.body.contains("<dd>ethan</dd>"), "{}", consent.body);
    browser.answer_consent(&consent, "allow").await;
    let code = world.trail.events().pop().unwrap();
    assert_eq!((code.step, &code.correlation), (AuditStep::Authorization, &sign_in.correlation));
    let page = browser.get("/signin").await;
    assert!(page.body.contains("signed in as <strong>ethan</strong> through Okta &amp; Co"), "{}", page.body);
}

#[tokio::test]
async fn a_sign_in_that_begins_at_the_provider_leads_only_to_an_authorisation_of_ours() {
    let world = World::new().await;
    let provider = Provider::new(&world).await;
    let client = world.client(&["authorization_code"]).await;
    let good = client.authorize_path();
    let absolute = format!("{CENTER}{good}");
    let cases = [
        (None, "/signin"),
        (Some("https://evil.example.com/"), "/signin"),
        (Some("//evil.example.com/authorize?x"), "/signin"),
        (Some("/signout"), "/signin"),
        (Some("https://127.0.0.1:8443@evil.example.com/"), "/signin"),
        (Some(good.as_str()), "/authorize?"),
        (Some(absolute.as_str()), "/authorize?"),
    ];
    for (relay_state, expected) in cases {
        let fields = provider.answer(&world, &Given { relay_state, ..Given::default() });
        let mut browser = Browser::new(&world);
        let back = browser.deliver(&provider.acs_path(), &fields).await;
        assert_eq!(back.status, StatusCode::SEE_OTHER, "{}", back.body);
        assert!(back.header("location").starts_with(expected), "{relay_state:?} {}", back.header("location"));
        assert!(expected != "/signin" || back.header("location") == "/signin");
        assert!(browser.get("/signin").await.body.contains("You are signed in as"));
    }
}

#[tokio::test]
async fn the_flow_is_bound_to_the_browser_by_a_cookie_that_other_sites_forms_bring() {
    let world = World::new().await;
    let provider = Provider::new(&world).await;
    let mut browser = Browser::new(&world);
    let begun = browser.get(&provider.begin_path()).await;
    let cookie = begun.header("set-cookie").to_owned();
    assert!(cookie.starts_with("__Host-gatehouse-flow-"), "{cookie}");
    assert!(cookie.ends_with("; Path=/; Max-Age=600; HttpOnly; SameSite=None; Secure"), "{cookie}");
    for _ in 0..9 {
        browser.get(&provider.begin_path()).await;
    }
    let flows = browser.cookie_header().matches("__Host-gatehouse-flow-").count();
    assert_eq!(flows, 5, "they don't pile up");
    let fields = provider.fields(&world, &mut browser, &provider.begin_path(), &Given::default()).await;
    browser.deliver(&provider.acs_path(), &fields).await;
    assert_eq!(browser.cookie_header().matches("__Host-gatehouse-flow-").count(), 4, "the used one is removed");
}

#[tokio::test]
async fn a_new_sign_in_ends_the_browsers_old_session_though_its_cookie_does_not_come_along() {
    let world = World::new().await;
    let provider = Provider::new(&world).await;
    let mut browser = Browser::new(&world);
    provider.sign_in(&world, &mut browser, &provider.begin_path(), "ethan").await;
    let old = browser.cookie_header();
    provider.sign_in(&world, &mut browser, &provider.begin_path(), "ethan").await;
    assert_ne!(browser.cookie_header(), old);
    assert!(!browser.cookie_header().contains("replaces"));
    assert!(browser.get("/signin").await.body.contains("You are signed in as"));
    let request = axum::http::Request::get("/signin").header("cookie", old).body(axum::body::Body::empty()).unwrap();
    assert!(!world.send(request).await.body.contains("You are signed in as"));
}

#[tokio::test]
async fn over_plain_http_a_sign_in_begins_at_the_https_address() {
    use axum::body::Body;
    use axum::http::Request;
    let world = World::new().await;
    let provider = Provider::new(&world).await;
    let client = world.client(&["authorization_code"]).await;
    let query =
        url::form_urlencoded::Serializer::new(String::new()).append_pair("continue", &client.authorize_path()).finish();
    let path = format!("{}?{query}", provider.begin_path());
    let answer = world.send_over(Request::get(&path).body(Body::empty()).unwrap(), false).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
    let expected = format!("{CENTER}{}?continue=%2Fauthorize%3F", provider.begin_path());
    assert!(answer.header("location").starts_with(&expected), "{}", answer.header("location"));
    assert_eq!(answer.header("set-cookie"), "");
    let unknown = world.send_over(Request::get("/signin/with/%0d%0a").body(Body::empty()).unwrap(), false).await;
    assert_eq!(unknown.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn the_session_ends_when_the_provider_says_or_after_its_own_limits() {
    let world = World::new().await;
    let provider = Provider::new(&world).await;
    let mut browser = Browser::new(&world);
    let given = Given { session_ends_in: Some(Duration::minutes(20)), ..Given::default() };
    let fields = provider.fields(&world, &mut browser, &provider.begin_path(), &given).await;
    browser.deliver(&provider.acs_path(), &fields).await;
    world.clock.advance(Duration::minutes(20) - Duration::SECOND);
    assert!(browser.get("/signin").await.body.contains("You are signed in as"));
    world.clock.advance(Duration::SECOND);
    assert!(browser.get("/signin").await.body.contains("Sign in with"), "SessionNotOnOrAfter");
}

#[tokio::test]
async fn our_metadata_is_at_the_entity_id_and_can_be_kept_as_a_file() {
    let world = World::new().await;
    let provider = Provider::new(&world).await;
    let entity = Browser::new(&world).get(&format!("/platform/saml/{}", provider.source.id)).await;
    assert_eq!((entity.status, entity.header("content-type")), (StatusCode::OK, "application/samlmetadata+xml"));
    let metadata = ::saml::metadata::read_sp(entity.body.as_bytes()).unwrap();
    assert_eq!(metadata.entity_id, format!("{CENTER}/platform/saml/{}", provider.source.id));
    assert_eq!(metadata.assertion_consumers[0].location, format!("{CENTER}{}", provider.acs_path()));
    let file = Browser::new(&world).get(&format!("/platform/saml/{}/metadata", provider.source.id)).await;
    assert!(file.header("content-disposition").starts_with("attachment; filename=\"gatehouse-ids-"));
    assert_eq!(file.body, entity.body);
    let unknown = Browser::new(&world).get("/platform/saml/ids-0000000000000000").await;
    assert_eq!(unknown.status, StatusCode::NOT_FOUND);
}
