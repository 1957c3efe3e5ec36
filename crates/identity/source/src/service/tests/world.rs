//! Sources over stores in memory, a SAML identity provider that signs for real, and one that answers OpenID Connect.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, LazyLock, Mutex};

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};
use base::id::{DirectoryUserId, SourceId};
use base::{FixedClock, Sealer, Secret};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use directory::{Directory, DirectoryUser, NewUser};
use oidc::{Fetch, FetchError, Fetched, Network, RelyingParty};
use saml::idp::{Attribute, AttributeFormat, CONTEXT_PASSWORD, Issue, issue};
use saml::metadata::{IdpDescription, write_idp};
use saml::{Binding, Endpoint, NAME_ID_EMAIL, Outgoing, SigningKey};
use serde_json::{Value, json};
use time::{Duration, OffsetDateTime};

use crate::{
    Admitted, Begun, Denied, IdentitySource, Link, MatchBy, MemoryStore, MetadataFrom, NewKind, NewOidc, NewSaml,
    NewSource, SignIn, SourcePorts, SourceStore, SourceStoreUnavailable, SourceUrls, SourceWrite, Sources,
    StoredSources, SubjectFrom, SubjectMapping, UseMark,
};

pub(super) const IDP: &str = "https://idp.example.com/saml";
pub(super) const ISSUER: &str = "https://login.example.com";
pub(super) const METADATA_URL: &str = "https://idp.example.com/metadata";
pub(super) const CENTER: &str = "https://center.example.com";

pub(super) fn now() -> OffsetDateTime {
    OffsetDateTime::from_unix_timestamp(1_772_323_170).unwrap()
}

/// A key whose certificate is valid from a day before [`now`] for so many days.
pub(super) fn key(days: i64) -> SigningKey {
    SigningKey::generate("idp", now() - Duration::DAY, now() + Duration::days(days)).unwrap()
}

pub(super) static KEY: LazyLock<SigningKey> = LazyLock::new(|| key(365));
pub(super) static NEXT_KEY: LazyLock<SigningKey> = LazyLock::new(|| key(730));
static TOKEN_KEY: LazyLock<EcdsaKeyPair> =
    LazyLock::new(|| EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap());

/// The memory's store, which fails when it is told to.
#[derive(Debug, Default)]
pub(super) struct FailingStore {
    kept: MemoryStore,
    pub(super) fail_writes: AtomicBool,
    pub(super) fail_after: AtomicBool,
    pub(super) fail_marks: AtomicBool,
}

fn failed() -> SourceStoreUnavailable {
    SourceStoreUnavailable("disk full".to_owned())
}

#[async_trait::async_trait]
impl SourceStore for FailingStore {
    async fn load(&self) -> Result<StoredSources, SourceStoreUnavailable> {
        self.kept.load().await
    }

    async fn apply(&self, writes: &[SourceWrite]) -> Result<(), SourceStoreUnavailable> {
        if self.fail_writes.load(Ordering::SeqCst) {
            return Err(failed());
        }
        self.kept.apply(writes).await?;
        if self.fail_after.load(Ordering::SeqCst) { Err(failed()) } else { Ok(()) }
    }

    async fn use_once(&self, marks: &[UseMark], now: OffsetDateTime) -> Result<bool, SourceStoreUnavailable> {
        if self.fail_marks.load(Ordering::SeqCst) { Err(failed()) } else { self.kept.use_once(marks, now).await }
    }

    async fn linked_user(
        &self,
        source: &SourceId,
        subject: &str,
    ) -> Result<Option<DirectoryUserId>, SourceStoreUnavailable> {
        self.kept.linked_user(source, subject).await
    }

    async fn linked_subject(
        &self,
        source: &SourceId,
        user: &DirectoryUserId,
    ) -> Result<Option<String>, SourceStoreUnavailable> {
        self.kept.linked_subject(source, user).await
    }

    async fn link(&self, link: &Link) -> Result<bool, SourceStoreUnavailable> {
        self.kept.link(link).await
    }
}

/// Answers by address; what isn't there can't be reached.
#[derive(Debug, Default)]
pub(super) struct FakeFetch {
    answers: Mutex<HashMap<String, (u16, String)>>,
}

impl FakeFetch {
    pub(super) fn answer(&self, url: &str, status: u16, body: &str) {
        self.answers.lock().unwrap().insert(url.to_owned(), (status, body.to_owned()));
    }

    fn respond(&self, url: &str) -> Result<Fetched, FetchError> {
        let answer = self.answers.lock().unwrap().get(url).cloned();
        let (status, body) = answer.ok_or_else(|| FetchError::Unreachable("connection refused".to_owned()))?;
        Ok(Fetched { status, content_type: Some("application/json".to_owned()), body: body.into_bytes() })
    }
}

#[async_trait::async_trait]
impl Fetch for FakeFetch {
    async fn get(&self, url: &str, _: Option<&Secret<String>>, _: Network) -> Result<Fetched, FetchError> {
        self.respond(url)
    }

    async fn post_form(
        &self,
        url: &str,
        _: &[(&str, &str)],
        _: Option<(&str, &Secret<String>)>,
        _: Network,
    ) -> Result<Fetched, FetchError> {
        self.respond(url)
    }
}

pub(super) struct World {
    pub(super) sources: Arc<Sources>,
    pub(super) ports: SourcePorts,
    pub(super) store: Arc<FailingStore>,
    pub(super) directory: Arc<Directory>,
    pub(super) clock: Arc<FixedClock>,
    pub(super) fetch: Arc<FakeFetch>,
}

/// What the SAML identity provider says; a test changes what it is about.
pub(super) struct Draft<'a> {
    pub(super) name_id: &'a str,
    pub(super) format: &'a str,
    pub(super) attributes: Vec<(&'a str, Vec<&'a str>)>,
    pub(super) issuer: &'a str,
    pub(super) audience: Option<String>,
    pub(super) in_response_to: Option<String>,
    pub(super) key: &'a SigningKey,
    pub(super) at: OffsetDateTime,
    /// So long before, the person signed in there.
    pub(super) since: Duration,
    pub(super) assertion: String,
}

impl World {
    pub(super) async fn new() -> Self {
        let store = Arc::new(FailingStore::default());
        let clock = Arc::new(FixedClock::at(now()));
        let fetch = Arc::new(FakeFetch::default());
        let directory = Directory::open(Arc::<directory::MemoryStore>::default(), clock.clone()).await.unwrap();
        let ports = SourcePorts {
            store: store.clone(),
            directory: Arc::clone(&directory),
            relying_party: Arc::new(RelyingParty::new(fetch.clone(), clock.clone())),
            fetch: fetch.clone(),
            sealer: Arc::new(Sealer::new(&Secret::new(vec![7; 32])).unwrap()),
            clock: clock.clone(),
        };
        let sources = open(&ports).await;
        Self { sources, ports, store, directory, clock, fetch }
    }

    /// The same after a restart.
    pub(super) async fn restarted(&mut self) {
        self.sources = open(&self.ports).await;
    }

    pub(super) async fn saml(&self) -> Arc<IdentitySource> {
        self.sources.create(saml_source()).await.unwrap()
    }

    pub(super) async fn person(&self, user_name: &str) -> Arc<DirectoryUser> {
        let new = NewUser {
            user_name: user_name.to_owned(),
            external_id: Some(format!("ext-{user_name}")),
            active: true,
            email: Some(format!("{user_name}@example.com")),
            ..NewUser::default()
        };
        self.directory.create_user(new).await.unwrap()
    }

    /// Begins, and what the provider needs to answer.
    pub(super) async fn begin(&self, id: &SourceId) -> (Begun, String) {
        let begun = self.sources.begin(id, Some("/authorize?x=1"), None).await.unwrap();
        let request = request_id(&begun.go, self.ports.clock.now());
        (begun, request)
    }

    pub(super) fn response<'a>(&self, id: &SourceId, change: impl FnOnce(&mut Draft<'a>)) -> String {
        let mut draft = Draft {
            name_id: "ethan",
            format: NAME_ID_EMAIL,
            attributes: Vec::new(),
            issuer: IDP,
            audience: None,
            in_response_to: None,
            key: &KEY,
            at: self.ports.clock.now(),
            since: Duration::ZERO,
            assertion: saml::message_id(),
        };
        change(&mut draft);
        let urls = self.sources.urls();
        let values: Vec<(&str, Vec<String>)> = draft
            .attributes
            .iter()
            .map(|(name, values)| (*name, values.iter().map(|value| (*value).to_owned()).collect()))
            .collect();
        let attributes: Vec<_> = values
            .iter()
            .map(|(name, values)| Attribute { name, name_format: AttributeFormat::Basic, values })
            .collect();
        let issued = issue(
            &Issue {
                issuer: draft.issuer,
                audience: &draft.audience.unwrap_or_else(|| urls.saml_entity_id(id)),
                recipient: &urls.saml_acs(id),
                in_response_to: draft.in_response_to.as_deref(),
                name_id: draft.name_id,
                name_id_format: draft.format,
                attributes: &attributes,
                authn_instant: draft.at - draft.since,
                authn_context: CONTEXT_PASSWORD,
                session_index: "session-1",
                lifetime: Duration::minutes(5),
                session_not_on_or_after: Some(draft.at + Duration::hours(8)),
                now: draft.at,
                response_id: &saml::message_id(),
                assertion_id: &draft.assertion,
                sign_response: false,
            },
            draft.key,
        );
        STANDARD.encode(issued.unwrap().xml)
    }

    /// A sign-in that began here, from the first page to the outcome.
    pub(super) async fn sign_in<'a>(&self, id: &SourceId, change: impl FnOnce(&mut Draft<'a>)) -> SignIn {
        let (begun, request) = self.begin(id).await;
        let response = self.response(id, |draft| {
            draft.in_response_to = Some(request);
            change(draft);
        });
        let cookie = &begun.cookie;
        self.sources.finish_saml(id, &response, Some(&cookie.suffix), Some(&cookie.value)).await
    }

    pub(super) fn publish_oidc(&self) {
        let document = json!({
            "issuer": ISSUER,
            "authorization_endpoint": format!("{ISSUER}/authorize"),
            "token_endpoint": format!("{ISSUER}/token"),
            "jwks_uri": format!("{ISSUER}/keys"),
            "end_session_endpoint": format!("{ISSUER}/logout"),
            "response_types_supported": ["code"],
            "code_challenge_methods_supported": ["S256"],
            "id_token_signing_alg_values_supported": ["ES256"],
            "token_endpoint_auth_methods_supported": ["client_secret_basic", "none"],
        });
        self.fetch.answer(&format!("{ISSUER}/.well-known/openid-configuration"), 200, &document.to_string());
        let point = &TOKEN_KEY.public_key().as_ref()[1..];
        let (x, y) = point.split_at(32);
        let encode = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
        let key = json!({"kty": "EC", "kid": "one", "crv": "P-256", "x": encode(x), "y": encode(y)});
        self.fetch.answer(&format!("{ISSUER}/keys"), 200, &json!({ "keys": [key] }).to_string());
    }

    pub(super) async fn oidc(&self) -> Arc<IdentitySource> {
        self.publish_oidc();
        self.sources.create(oidc_source()).await.unwrap()
    }

    /// Begins, and lets the provider answer with these claims beside the usual ones; what comes back.
    pub(super) async fn oidc_answer(&self, id: &SourceId, claims: Value) -> (Begun, String) {
        let begun = self.sources.begin(id, Some("/authorize?x=1"), Some("ethan@example.com")).await.unwrap();
        let Outgoing::Redirect(location) = &begun.go else { panic!("{:?}", begun.go) };
        let query: HashMap<String, String> = url::Url::parse(location).unwrap().query_pairs().into_owned().collect();
        let seconds = self.ports.clock.now().unix_timestamp();
        let mut all = json!({
            "iss": ISSUER, "aud": "client", "sub": "00u1", "exp": seconds + 300, "iat": seconds, "nonce": query["nonce"],
        });
        all.as_object_mut().unwrap().extend(claims.as_object().unwrap().clone());
        let token = signed(&all);
        let answer = json!({"access_token": "at", "token_type": "Bearer", "expires_in": 60, "id_token": token});
        self.fetch.answer(&format!("{ISSUER}/token"), 200, &answer.to_string());
        let back = format!("code=c-1&state={}", query["state"]);
        (begun, back)
    }

    pub(super) async fn oidc_sign_in(&self, id: &SourceId, claims: Value) -> SignIn {
        let (begun, query) = self.oidc_answer(id, claims).await;
        self.sources.finish_oidc(id, &query, Some(&begun.cookie.value)).await
    }
}

pub(super) fn signed(claims: &Value) -> String {
    let header = json!({"alg": "ES256", "kid": "one", "typ": "JWT"}).to_string();
    let text = format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(claims.to_string()));
    let signature = TOKEN_KEY.sign(&SystemRandom::new(), text.as_bytes()).unwrap();
    format!("{text}.{}", URL_SAFE_NO_PAD.encode(signature.as_ref()))
}

async fn open(ports: &SourcePorts) -> Arc<Sources> {
    Sources::open(ports.clone(), SourceUrls { center_url: CENTER.to_owned() }).await.unwrap()
}

pub(super) fn metadata(entity_id: &str, keys: &[&SigningKey]) -> String {
    let at = |location: &str| Endpoint { binding: Binding::Redirect, location: location.to_owned() };
    let certificates: Vec<_> = keys.iter().map(|key| key.certificate().clone()).collect();
    write_idp(&IdpDescription {
        entity_id,
        single_sign_on: &[at("https://idp.example.com/sso")],
        single_logout: &[at("https://idp.example.com/slo")],
        certificates: &certificates,
        wants_signed_requests: false,
        name_id_formats: &[NAME_ID_EMAIL],
        organisation: None,
    })
}

pub(super) fn saml_source() -> NewSource {
    NewSource {
        name: "Okta".to_owned(),
        domains: vec!["Example.COM".to_owned()],
        kind: NewKind::Saml(NewSaml {
            metadata: MetadataFrom::Document(metadata(IDP, &[&KEY])),
            sign_requests: false,
            force_authn: false,
            idp_initiated: true,
        }),
        subject: SubjectMapping { from: SubjectFrom::NameId, to: MatchBy::UserName },
        just_in_time: false,
        groups_claim: None,
        contact: Some("the help desk (help@example.com)".to_owned()),
        network: Network::Public,
    }
}

pub(super) fn oidc_source() -> NewSource {
    NewSource {
        name: "Login".to_owned(),
        domains: Vec::new(),
        kind: NewKind::Oidc(NewOidc {
            issuer: ISSUER.to_owned(),
            client_id: "client".to_owned(),
            client_secret: Some("client secret".into()),
            scopes: Vec::new(),
        }),
        subject: SubjectMapping { from: SubjectFrom::Attribute("email".to_owned()), to: MatchBy::Email },
        ..saml_source()
    }
}

/// The ID of the request in a redirect.
fn request_id(go: &Outgoing, now: OffsetDateTime) -> String {
    let Outgoing::Redirect(location) = go else { panic!("{go:?}") };
    let incoming = saml::Incoming::Redirect { query: location.split_once('?').unwrap().1 };
    let expected = saml::idp::ExpectedRequest {
        sp_entity_id: None,
        acs_urls: &[acs_of(location)],
        certificates: &[],
        must_be_signed: false,
        destination: "https://idp.example.com/sso",
        now,
        skew: Duration::minutes(3),
    };
    saml::idp::read_request(&incoming, &expected).outcome.unwrap().id
}

/// There is one source or a few: the ACS is named by the issuer in the request.
fn acs_of(location: &str) -> String {
    let peeked = saml::idp::peek(&saml::Incoming::Redirect { query: location.split_once('?').unwrap().1 }).unwrap();
    format!("{}/acs", peeked.issuer.unwrap())
}

pub(super) trait Outcome {
    fn admitted(self) -> Admitted;
    fn denied(self) -> (SignIn, Box<Denied>);
}

impl Outcome for SignIn {
    fn admitted(self) -> Admitted {
        let checks = self.checks.clone();
        assert!(checks.failed().is_none(), "{checks:?}");
        self.outcome.unwrap_or_else(|denied| panic!("{}: {checks:?}", denied.denial))
    }

    /// Denied, by the last check that was made and no other.
    fn denied(mut self) -> (SignIn, Box<Denied>) {
        let (last, before) = self.checks.list().split_last().unwrap();
        assert!(!last.passed && before.iter().all(|checked| checked.passed), "{:?}", self.checks);
        let placeholder = Box::new(Denied {
            denial: crate::SignInDenial::Replayed,
            kind: base::ErrorKind::Denied,
            title: "",
            public: base::PublicMessage::new(""),
            mend: String::new(),
            continue_to: None,
        });
        let denied = std::mem::replace(&mut self.outcome, Err(placeholder)).unwrap_err();
        assert!(denied.mend.ends_with('.') && !denied.title.is_empty(), "{denied:?}");
        (self, denied)
    }
}
