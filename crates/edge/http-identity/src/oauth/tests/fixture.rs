//! One person, a server in memory, and a browser that keeps cookies.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Request, StatusCode};
use base::id::{DirectoryUserId, InstanceArn};
use base::{AuditEvent, AuditLog, AuditUnavailable, FixedClock, Sealer, Secret, SecretHash, pkce};
use directory::{Directory, DirectoryError, DirectoryUser, MemoryStore, NewUser, UserEdit};
use iam::Iam;
use oidc::RelyingParty;
use serde_json::{Value, json};
use sessions::{BrowserLimits, BrowserSession, BrowserSessionStore, SessionStoreUnavailable, Sessions};
use source::{SourcePorts, SourceUrls, Sources};
use sts::{MemoryStsStore, Sts, StsParts};
use time::macros::datetime;
use tokens::{Lifetimes, StoredTokens, TokenSettings, TokenStore, TokenStoreUnavailable, TokenWrite, Tokens};
use tower::ServiceExt as _;

use super::access::Assigned;
use super::federated::network::Network;
use crate::{Connection, IdentitySettings, IdentityState, oauth};

/// Our own address, as people and providers know it.
pub(super) const CENTER: &str = "https://127.0.0.1:8443";
pub(super) const PASSWORD: &str = "correct horse battery staple";
pub(super) const REDIRECT: &str = "http://127.0.0.1:7890";
pub(super) const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";

#[derive(Debug)]
struct Memory;

#[async_trait::async_trait]
impl BrowserSessionStore for Memory {
    async fn load(&self) -> Result<Vec<BrowserSession>, SessionStoreUnavailable> {
        Ok(Vec::new())
    }

    async fn put(&self, _: &BrowserSession) -> Result<(), SessionStoreUnavailable> {
        Ok(())
    }

    async fn delete(&self, _: &[SecretHash]) -> Result<(), SessionStoreUnavailable> {
        Ok(())
    }
}

#[async_trait::async_trait]
impl TokenStore for Memory {
    async fn load(&self) -> Result<StoredTokens, TokenStoreUnavailable> {
        Ok(StoredTokens::default())
    }

    async fn apply(&self, _: &[TokenWrite]) -> Result<(), TokenStoreUnavailable> {
        Ok(())
    }
}

#[derive(Debug, Default)]
pub(super) struct Trail {
    events: Mutex<Vec<AuditEvent>>,
    pub(super) broken: AtomicBool,
    /// While somebody else holds it, nothing is recorded.
    pub(super) gate: tokio::sync::Mutex<()>,
    pub(super) reached: tokio::sync::Notify,
}

impl Trail {
    pub(super) fn events(&self) -> Vec<AuditEvent> {
        self.events.lock().unwrap().clone()
    }
}

#[async_trait::async_trait]
impl AuditLog for Trail {
    async fn record(&self, event: AuditEvent) -> Result<(), AuditUnavailable> {
        self.reached.notify_one();
        let _open = self.gate.lock().await;
        if self.broken.load(Ordering::SeqCst) {
            return Err(AuditUnavailable("disk full".into()));
        }
        self.events.lock().unwrap().push(event);
        Ok(())
    }
}

pub(super) struct World {
    pub(super) router: Router,
    pub(super) state: IdentityState,
    pub(super) clock: Arc<FixedClock>,
    pub(super) trail: Arc<Trail>,
    pub(super) access: Arc<Assigned>,
    pub(super) user: DirectoryUserId,
    pub(super) network: Arc<Network>,
    pub(super) iam: Arc<Iam>,
}

impl World {
    pub(super) async fn new() -> Self {
        let clock = Arc::new(FixedClock::at(datetime!(2026-01-02 03:04:05 UTC)));
        let access = Arc::new(Assigned::new());
        let trail = Arc::new(Trail::default());
        let directory = Directory::open(Arc::<MemoryStore>::default(), clock.clone()).await.unwrap();
        let new = NewUser { user_name: "ethan".into(), active: true, ..NewUser::default() };
        let user = directory.create_user(new).await.unwrap().id.clone();
        directory.set_password(&user, Secret::from(PASSWORD)).await.unwrap();
        let issuer = "https://identitycenter.amazonaws.com/ssoins-1".to_owned();
        let instance = InstanceArn::new("instance-1");
        let settings = TokenSettings {
            instance: instance.clone(),
            issuer_urls: vec![issuer.clone()],
            lifetimes: Lifetimes::default(),
        };
        let tokens = Tokens::open(Arc::new(Memory), directory.clone(), access.clone(), clock.clone(), settings).await;
        let tokens = Arc::new(tokens.unwrap());
        let limits = BrowserLimits::default();
        let memory = Arc::new(Memory);
        let sessions =
            Sessions::open(memory, directory.clone(), tokens.clone(), access.clone(), clock.clone(), limits).await;
        let network = Arc::<Network>::default();
        let sealer = Arc::new(Sealer::new(&Secret::new(vec![7; 32])).unwrap());
        let ports = SourcePorts {
            store: Arc::<source::MemoryStore>::default(),
            directory: directory.clone(),
            relying_party: Arc::new(RelyingParty::new(network.clone(), clock.clone())),
            fetch: network.clone(),
            sealer: sealer.clone(),
            clock: clock.clone(),
        };
        let sources = Sources::open(ports, SourceUrls { center_url: CENTER.into() }).await.unwrap();
        let settings = IdentitySettings {
            issuer_url: issuer,
            instance_arn: instance,
            region: "us-east-1".into(),
            organisation_name: "Example <Corp>".into(),
            public_https_url: CENTER.into(),
        };
        let store = Arc::<iam::MemoryStore>::default();
        let iam = Arc::new(Iam::open(store, sealer.clone(), clock.clone(), "123456789012").await.unwrap());
        let parts = StsParts {
            iam: iam.clone(),
            store: Arc::<MemoryStsStore>::default(),
            sealer,
            clock: clock.clone(),
            fetch: network.clone(),
            network: oidc::Network::Public,
            region: "us-east-1".into(),
        };
        let state = IdentityState {
            directory,
            tokens,
            sessions: sessions.unwrap(),
            sources,
            sts: Arc::new(Sts::open(parts).await.unwrap()),
            audit: trail.clone(),
            clock: clock.clone(),
            settings: Arc::new(settings),
        };
        Self { router: oauth::router(state.clone()), state, clock, trail, access, user, network, iam }
    }

    pub(super) async fn deactivate(&self) {
        let off = |user: &DirectoryUser| {
            Ok::<_, DirectoryError>(UserEdit::from(NewUser { active: false, ..NewUser::from(user) }))
        };
        self.state.directory.update_user(&self.user, None, off).await.unwrap();
    }

    /// An sso-oidc call.
    pub(super) async fn call(&self, path: &str, body: Value) -> (StatusCode, HeaderMap, Value) {
        let request = Request::post(path).header("content-type", "application/json").body(Body::from(body.to_string()));
        let answer = self.send(request.unwrap()).await;
        (answer.status, answer.headers, serde_json::from_str(&answer.body).unwrap())
    }

    pub(super) async fn send(&self, request: Request<Body>) -> Answer {
        self.send_over(request, true).await
    }

    pub(super) async fn send_over(&self, mut request: Request<Body>, encrypted: bool) -> Answer {
        let peer = SocketAddr::from((Ipv4Addr::LOCALHOST, 50_000));
        request.extensions_mut().insert(Connection { peer, encrypted });
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let body = axum::body::to_bytes(body, 1 << 20).await.unwrap();
        Answer { status: parts.status, headers: parts.headers, body: String::from_utf8(body.to_vec()).unwrap() }
    }

    pub(super) async fn client(&self, grant_types: &[&str]) -> Client {
        let body = json!({
            "clientName": "Amazon Redshift Python connector", "clientType": "public", "scopes": ["redshift:connect"],
            "issuerUrl": "https://identitycenter.amazonaws.com/ssoins-1", "redirectUris": [REDIRECT], "grantTypes": grant_types,
        });
        let (status, _, answer) = self.call("/client/register", body).await;
        assert_eq!(status, StatusCode::OK, "{answer}");
        let text = |name: &str| answer[name].as_str().unwrap().to_owned();
        Client { id: text("clientId"), secret: text("clientSecret"), answer: answer.clone() }
    }
}

pub(super) struct Client {
    pub(super) id: String,
    pub(super) secret: String,
    pub(super) answer: Value,
}

impl Client {
    /// The address that the Python driver opens.
    pub(super) fn authorize_path(&self) -> String {
        let challenge = pkce::challenge_of(&Secret::from(VERIFIER));
        format!(
            "/authorize?response_type=code&client_id={}&redirect_uri=http%3A%2F%2F127.0.0.1%3A7890&state=abcdefghij\
             &scopes=redshift:connect&code_challenge={challenge}&code_challenge_method=S256",
            self.id
        )
    }

    pub(super) fn exchange(&self, code: &str) -> Value {
        json!({
            "clientId": self.id, "clientSecret": self.secret, "code": code, "grantType": "authorization_code",
            "codeVerifier": VERIFIER, "redirectUri": REDIRECT,
        })
    }

    pub(super) fn refresh(&self, token: &str) -> Value {
        json!({ "clientId": self.id, "clientSecret": self.secret, "grantType": "refresh_token", "refreshToken": token })
    }
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

    /// Where the link with this text leads.
    pub(super) fn link(&self, text: &str) -> String {
        let before =
            self.body.split_once(&format!(">{text}</a>")).unwrap_or_else(|| panic!("no {text} in {}", self.body)).0;
        let address = before.rsplit_once("href=\"").unwrap().1;
        address.split_once('"').unwrap().0.replace("&amp;", "&")
    }

    /// The value of the first hidden field of this name.
    pub(super) fn field(&self, name: &str) -> String {
        let start = format!("name=\"{name}\" value=\"");
        let rest = self.body.split_once(&start).unwrap_or_else(|| panic!("no field {name} in {}", self.body)).1;
        rest.split_once('"').unwrap().0.replace("&amp;", "&")
    }
}

/// A browser: keeps cookies, and follows nothing by itself.
pub(super) struct Browser<'a> {
    world: &'a World,
    cookies: BTreeMap<String, String>,
}

impl<'a> Browser<'a> {
    pub(super) fn new(world: &'a World) -> Self {
        Self { world, cookies: BTreeMap::new() }
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

    /// Posts what an identity provider's page made the browser send: without the cookies that another site's form doesn't bring.
    pub(super) async fn deliver(&mut self, path: &str, fields: &[(&'static str, String)]) -> Answer {
        let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        let brought = |name: &str| ["-flow-", "-after-signout", "-replaces"].iter().any(|kind| name.contains(kind));
        let cookies = self.cookies.iter().filter(|(name, _)| brought(name));
        let cookies = cookies.map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("; ");
        let request = Request::post(path)
            .header("cookie", cookies)
            .header("sec-fetch-site", "cross-site")
            .header("content-type", "application/x-www-form-urlencoded")
            .body(Body::from(body));
        self.keep(self.world.send(request.unwrap()).await)
    }

    /// Opens the page, types and submits.
    pub(super) async fn sign_in(&mut self, page: &str, password: &str) -> Answer {
        let form = self.get(page).await;
        let csrf = form.field("csrf");
        let mut fields = vec![("csrf", csrf.as_str()), ("user_name", "ethan"), ("password", password)];
        let next = form.body.contains("name=\"continue\"").then(|| form.field("continue"));
        fields.extend(next.as_deref().map(|next| ("continue", next)));
        self.post("/signin", &fields).await
    }

    /// From the driver's address to the consent page.
    pub(super) async fn consent_page(&mut self, client: &Client) -> Answer {
        let to_sign_in = self.get(&client.authorize_path()).await;
        assert_eq!(to_sign_in.status, StatusCode::SEE_OTHER);
        let signed_in = self.sign_in(to_sign_in.header("location"), PASSWORD).await;
        assert_eq!(signed_in.status, StatusCode::SEE_OTHER, "{}", signed_in.body);
        self.get(signed_in.header("location")).await
    }

    pub(super) async fn answer_consent(&mut self, page: &Answer, decision: &str) -> Answer {
        let (csrf, request) = (page.field("csrf"), page.field("request"));
        self.post("/authorize", &[("csrf", &csrf), ("request", &request), ("decision", decision)]).await
    }

    /// The whole way to a code.
    pub(super) async fn code(&mut self, client: &Client) -> String {
        let page = self.consent_page(client).await;
        let answer = self.answer_consent(&page, "allow").await;
        let location = answer.header("location").to_owned();
        location
            .strip_prefix("http://127.0.0.1:7890/?code=")
            .unwrap()
            .strip_suffix("&state=abcdefghij")
            .unwrap()
            .to_owned()
    }

    pub(super) fn cookie_header(&self) -> String {
        self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("; ")
    }

    fn keep(&mut self, answer: Answer) -> Answer {
        for cookie in answer.headers.get_all("set-cookie") {
            let text = cookie.to_str().unwrap();
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
