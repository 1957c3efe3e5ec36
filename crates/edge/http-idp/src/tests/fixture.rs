//! A provider in memory with two people, a service provider with a key, and browsers that keep cookies.

use std::collections::{BTreeMap, BTreeSet};
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, OnceLock};

use ::saml::sp::{AuthnRequest, Expected, InResponseTo, ValidatedAssertion};
use ::saml::{Binding, Endpoint, Outgoing, SigningCertificate, SigningKey, Verdict};
use aws_lc_rs::hmac;
use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Request, StatusCode};
use base::id::{DirectoryGroupId, DirectoryUserId};
use base::{AuditEvent, AuditLog, AuditUnavailable, Clock as _, FixedClock, Outcome, Sealer, Secret};
use directory::{Directory, DirectoryError, DirectoryUser, MemoryStore, NewGroup, NewUser, UserEdit};
use idp::{
    Application, ApplicationEdit, Connector, ConnectorKind, IdentityProvider, IdpError, IdpParts, IdpUrls,
    NewApplication, SamlApplication,
};
use mfa::Passkeys;
use openid_provider::OpenIdProvider;
use pages::Connection;
use time::Duration;
use time::macros::datetime;
use tower::ServiceExt as _;

use crate::{IdpSettings, IdpState, router};

pub(super) const PASSWORD: &str = "correct horse battery staple";
pub(super) const IDP_URL: &str = "https://localhost:8444";
pub(super) const SP: &str = "https://sp.example/metadata";
pub(super) const ACS: &str = "https://sp.example/acs";

#[derive(Debug, Default)]
pub(super) struct Trail {
    events: Mutex<Vec<AuditEvent>>,
    pub(super) broken: AtomicBool,
}

#[async_trait::async_trait]
impl AuditLog for Trail {
    async fn record(&self, event: AuditEvent) -> Result<(), AuditUnavailable> {
        if self.broken.load(Ordering::SeqCst) {
            return Err(AuditUnavailable("disk full".into()));
        }
        self.events.lock().unwrap().push(event);
        Ok(())
    }
}

pub(super) struct World {
    router: Router,
    pub(super) state: IdpState,
    pub(super) clock: Arc<FixedClock>,
    pub(super) trail: Arc<Trail>,
    pub(super) ethan: DirectoryUserId,
    pub(super) sales: DirectoryGroupId,
}

impl World {
    pub(super) async fn new() -> Self {
        let clock = Arc::new(FixedClock::at(datetime!(2026-01-02 03:04:05 UTC)));
        let trail = Arc::new(Trail::default());
        let directory = Directory::open(Arc::<MemoryStore>::default(), clock.clone()).await.unwrap();
        let mut ids = Vec::new();
        for name in ["ethan", "nina"] {
            let email = Some(format!("{name}@example.com"));
            let new = NewUser { user_name: name.into(), email, active: true, ..NewUser::default() };
            let id = directory.create_user(new).await.unwrap().id.clone();
            directory.set_password(&id, Secret::from(PASSWORD)).await.unwrap();
            ids.push(id);
        }
        let group = NewGroup { display_name: "sales".into(), members: vec![ids[0].clone()], ..NewGroup::default() };
        let sales = directory.create_group(group).await.unwrap().id.clone();
        let sealer = Arc::new(Sealer::new(&Secret::new(vec![7; 32])).unwrap());
        let parts = IdpParts {
            store: Arc::<idp::MemoryStore>::default(),
            directory,
            sealer: sealer.clone(),
            clock: clock.clone(),
            passkeys: Some(Arc::new(Passkeys::new(IDP_URL, "Example Corp").unwrap())),
            urls: IdpUrls { idp_url: IDP_URL.into() },
            organisation_name: "Example Corp".into(),
        };
        let idp = IdentityProvider::open(parts).await.unwrap();
        let openid_store = Arc::<openid_provider::MemoryOpenIdStore>::default();
        let settings = IdpSettings { idp_url: IDP_URL.into(), organisation_name: "Example <Corp>".into() };
        let pusher = super::api::pusher(&idp, &sealer, &clock).await;
        let state = IdpState {
            pusher,
            openid: OpenIdProvider::open(openid_store, idp.clone(), clock.clone()).await.unwrap(),
            idp,
            sealer,
            audit: trail.clone(),
            clock: clock.clone(),
            settings: Arc::new(settings),
        };
        // A session is worth something only when it is younger than the password.
        clock.advance(Duration::SECOND);
        Self { router: router(state.clone()), state, clock, trail, ethan: ids[0].clone(), sales }
    }

    pub(super) async fn deactivate(&self, user: &DirectoryUserId) {
        let off = |user: &DirectoryUser| {
            Ok::<_, DirectoryError>(UserEdit::from(NewUser { active: false, ..NewUser::from(user) }))
        };
        self.state.idp.people().update_user(user, None, off).await.unwrap();
    }

    /// An application of `SP`, open to the group sales.
    pub(super) async fn application(&self, label: &str, edit: impl FnOnce(&mut SamlApplication)) -> Arc<Application> {
        let Connector::Saml(mut saml) = ConnectorKind::Saml.template() else { panic!("another template") };
        saml.sp_entity_id = Some(SP.into());
        saml.acs_urls = vec![ACS.into()];
        edit(&mut saml);
        self.create(label, Connector::Saml(saml)).await
    }

    pub(super) async fn create(&self, label: &str, connector: Connector) -> Arc<Application> {
        let new = NewApplication {
            label: label.into(),
            slug: None,
            description: String::new(),
            hidden: false,
            connector,
            confidential: false,
            groups: BTreeSet::from([self.sales.clone()]),
        };
        self.state.idp.create_application(new).await.unwrap().application
    }

    pub(super) async fn edit(&self, application: &Application, edit: impl FnOnce(&mut ApplicationEdit) + Send) {
        let change = |present: &Application| {
            let mut next = ApplicationEdit::from(present);
            edit(&mut next);
            Ok::<_, IdpError>(next)
        };
        self.state.idp.update_application(&application.id, None, change).await.unwrap();
    }

    pub(super) fn events(&self) -> Vec<AuditEvent> {
        self.trail.events.lock().unwrap().clone()
    }

    pub(super) fn last(&self) -> AuditEvent {
        self.events().pop().unwrap()
    }

    pub(super) fn recorded(&self, action: &str, outcome: Outcome) -> Vec<AuditEvent> {
        self.events().into_iter().filter(|event| event.action == action && event.outcome == outcome).collect()
    }

    pub(super) async fn send(&self, mut request: Request<Body>) -> Answer {
        let peer = SocketAddr::from((Ipv4Addr::LOCALHOST, 50_000));
        request.extensions_mut().insert(Connection { peer, encrypted: true });
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let body = axum::body::to_bytes(body, 1 << 20).await.unwrap();
        Answer { status: parts.status, headers: parts.headers, body: String::from_utf8(body.to_vec()).unwrap() }
    }

    /// The address to which `SP` sends a browser.
    pub(super) fn request(&self, application: &Application, edit: impl FnOnce(&mut AuthnRequest<'_>)) -> String {
        self.request_with(application, None, Some("deep & link"), edit)
    }

    pub(super) fn request_with(
        &self,
        application: &Application,
        key: Option<&SigningKey>,
        relay_state: Option<&str>,
        edit: impl FnOnce(&mut AuthnRequest<'_>),
    ) -> String {
        let location = format!("{IDP_URL}/idp/saml/{}", application.slug);
        let destination = Endpoint { binding: Binding::Redirect, location };
        let mut request = AuthnRequest {
            id: "_request-1",
            issuer: SP,
            destination: &destination,
            acs_url: ACS,
            name_id_format: None,
            force_authn: false,
            now: self.clock.now(),
        };
        edit(&mut request);
        match ::saml::sp::send(&request, key, relay_state).unwrap() {
            Outgoing::Redirect(location) => location.strip_prefix(IDP_URL).unwrap().to_owned(),
            Outgoing::Post { .. } => panic!("not a redirect"),
        }
    }

    /// What the service provider makes of a response.
    pub(super) fn validate(
        &self,
        application: &Application,
        response: &str,
        in_response_to: InResponseTo<'_>,
    ) -> Verdict<ValidatedAssertion> {
        let certificate = self.state.idp.saml_key(&application.id).unwrap().certificate().clone();
        let expected = Expected {
            idp_entity_id: &format!("{IDP_URL}/idp/saml/{}", application.slug),
            certificates: &[certificate],
            sp_entity_id: SP,
            acs_url: ACS,
            in_response_to,
            now: self.clock.now(),
            skew: Duration::ZERO,
            force_authn_since: None,
        };
        ::saml::sp::validate(response, &expected)
    }
}

/// The service provider's key.
pub(super) fn sp_key() -> &'static SigningKey {
    static KEY: OnceLock<SigningKey> = OnceLock::new();
    let (from, to) = (datetime!(2025-01-01 00:00 UTC), datetime!(2035-01-01 00:00 UTC));
    KEY.get_or_init(|| SigningKey::generate("sp.example", from, to).unwrap())
}

pub(super) fn sp_certificate() -> SigningCertificate {
    sp_key().certificate().clone()
}

pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) body: String,
}

impl Answer {
    pub(super) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    pub(super) fn location(&self) -> &str {
        assert_eq!(self.status, StatusCode::SEE_OTHER, "{}", self.body);
        self.header("location")
    }

    /// The value of the first hidden field of this name.
    pub(super) fn field(&self, name: &str) -> String {
        self.after(&format!("name=\"{name}\" value=\""))
    }

    /// What stands behind `start`, up to the next quotation mark.
    pub(super) fn after(&self, start: &str) -> String {
        let rest = self.body.split_once(start).unwrap_or_else(|| panic!("no {start} in {}", self.body)).1;
        let text = rest.split_once('"').unwrap().0;
        text.replace("&quot;", "\"").replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
    }

    pub(super) fn shows(&self, status: StatusCode, parts: &[&str]) {
        assert_eq!(self.status, status, "{}", self.body);
        for part in parts {
            assert!(self.body.contains(part), "{part} is missing in {}", self.body);
        }
    }

    /// The key of an authenticator app, as the page shows it.
    pub(super) fn totp_key(&self) -> Vec<u8> {
        let rest = self.body.split_once("class=\"secret\">").unwrap().1;
        let text: String = rest.split_once('<').unwrap().0.chars().filter(|c| c.is_ascii_alphanumeric()).collect();
        let mut bits = text.chars().flat_map(|letter| {
            let value = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".find(letter).unwrap();
            (0..5).rev().map(move |bit| u8::from(value >> bit & 1 == 1))
        });
        (0..20).map(|_| bits.by_ref().take(8).fold(0, |byte, bit| byte << 1 | bit)).collect()
    }

    /// The recovery codes that the page shows.
    pub(super) fn recovery_codes(&self) -> Vec<String> {
        let list = self.body.split_once("class=\"codes\">").unwrap().1.split_once("</ol>").unwrap().0;
        let codes = list.split("<code>").skip(1).map(|rest| rest.split_once('<').unwrap().0.to_owned());
        codes.collect()
    }
}

/// A browser: keeps cookies, and follows nothing by itself.
pub(super) struct Browser<'a> {
    pub(super) world: &'a World,
    pub(super) cookies: BTreeMap<String, String>,
}

impl<'a> Browser<'a> {
    pub(super) fn new(world: &'a World) -> Self {
        Self { world, cookies: BTreeMap::new() }
    }

    /// One that is signed in with name and password.
    pub(super) async fn signed_in(world: &'a World, user_name: &str) -> Self {
        let mut browser = Self::new(world);
        let answer = browser.sign_in("/idp/signin", user_name, PASSWORD).await;
        assert_eq!(answer.location(), "/idp");
        browser
    }

    pub(super) async fn get(&mut self, path: &str) -> Answer {
        let request = Request::get(path).header("cookie", self.cookie_header()).body(Body::empty()).unwrap();
        self.keep(self.world.send(request).await)
    }

    pub(super) async fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Answer {
        self.post_from(path, fields, "same-origin").await
    }

    pub(super) async fn post_from(&mut self, path: &str, fields: &[(&str, &str)], site: &str) -> Answer {
        let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        let request = Request::post(path)
            .header("cookie", self.cookie_header())
            .header("sec-fetch-site", site)
            .header("content-type", "application/x-www-form-urlencoded")
            .body(Body::from(body));
        self.keep(self.world.send(request.unwrap()).await)
    }

    /// Fills the form of a page: its csrf token, its destination, and these.
    pub(super) async fn fill(&mut self, page: &Answer, action: &str, fields: &[(&str, &str)]) -> Answer {
        let csrf = page.field("csrf");
        let next = page.body.contains("name=\"next\"").then(|| page.field("next"));
        let mut all = vec![("csrf", csrf.as_str())];
        all.extend(next.as_deref().map(|next| ("next", next)));
        all.extend(fields);
        self.post(action, &all).await
    }

    /// Opens the page, types and submits.
    pub(super) async fn sign_in(&mut self, page: &str, user_name: &str, password: &str) -> Answer {
        let form = self.get(page).await;
        self.fill(&form, "/idp/signin", &[("user_name", user_name), ("password", password)]).await
    }

    /// Sets up an authenticator app on the account page; answers its key and the recovery codes.
    pub(super) async fn enrol_totp(&mut self) -> (Vec<u8>, Vec<String>) {
        let page = self.get("/idp/account/totp").await;
        let key = page.totp_key();
        let (enrolment, code) = (page.field("enrolment"), totp(&key, self.world));
        let answer = self.fill(&page, "/idp/account/totp", &[("enrolment", &enrolment), ("code", &code)]).await;
        answer.shows(StatusCode::OK, &["Keep your recovery codes"]);
        (key, answer.recovery_codes())
    }

    /// Whether this browser is signed in.
    pub(super) async fn is_in(&mut self) -> bool {
        self.get("/idp").await.status == StatusCode::OK
    }

    fn cookie_header(&self) -> String {
        self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("; ")
    }

    fn keep(&mut self, answer: Answer) -> Answer {
        for cookie in answer.headers.get_all("set-cookie") {
            let text = cookie.to_str().unwrap();
            assert!(text.contains("; HttpOnly") && text.contains("; Secure") && text.contains("; Path=/;"), "{text}");
            let (name, value) = text.split(';').next().unwrap().split_once('=').unwrap();
            if text.contains("Max-Age=0") {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        answer
    }
}

/// What an authenticator app shows now (RFC 6238).
pub(super) fn totp(key: &[u8], world: &World) -> String {
    let step = world.clock.now().unix_timestamp() / 30;
    let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, key);
    let mac = hmac::sign(&key, &step.to_be_bytes());
    let offset = usize::from(mac.as_ref()[19] & 0xf);
    let word = u32::from_be_bytes(mac.as_ref()[offset..offset + 4].try_into().unwrap()) & 0x7fff_ffff;
    format!("{:06}", word % 1_000_000)
}
