//! IAM with the walkthrough's role and provider, and an identity provider that signs.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex};

use ::saml::idp::{Attribute, AttributeFormat, CONTEXT_PASSWORD, Issue, issue};
use ::saml::metadata::{IdpDescription, Organisation, write_idp};
use ::saml::{Binding, Endpoint, NAME_ID_EMAIL, Outgoing, SigningKey};
use base::{Clock as _, CorrelationId, FixedClock, Sealer, Secret};
use iam::{Holder, Iam, NewRole, NewSamlProvider, NewUser, Tags};
use oidc::{Fetch, FetchError, Fetched, Network};
use sigv4::{CredentialLookup as _, SigV4Error};
use time::macros::datetime;
use time::{Duration, OffsetDateTime};

use crate::{Attempt, Caller, Issued, MemoryStsStore, Peer, SamlRequest, SessionRequest, Sts, StsError, StsParts};

pub(super) const NOW: OffsetDateTime = datetime!(2026-11-22 16:00 UTC);
pub(super) const ACCOUNT: &str = "123456789012";
pub(super) const ISSUER: &str = "https://sso.jumpcloud.example/saml2/redshift";
pub(super) const RECIPIENT: &str = "http://localhost:7890/redshift/";
pub(super) const PROVIDER: &str = "arn:aws:iam::123456789012:saml-provider/redshift-sso";
pub(super) const ROLE: &str = "arn:aws:iam::123456789012:role/redshift-sso-role";
const AWS: &str = "https://aws.amazon.com/SAML/Attributes/";

pub(super) static KEY: LazyLock<SigningKey> = LazyLock::new(key);
pub(super) static OTHER_KEY: LazyLock<SigningKey> = LazyLock::new(key);

fn key() -> SigningKey {
    SigningKey::generate("idp", NOW - Duration::DAY, NOW + Duration::days(365)).unwrap()
}

/// Answers what it was told to answer.
#[derive(Debug, Default)]
pub(super) struct FakeFetch(Mutex<HashMap<String, String>>);

impl FakeFetch {
    pub(super) fn answer(&self, url: &str, body: &str) {
        self.0.lock().unwrap().insert(url.to_owned(), body.to_owned());
    }
}

#[async_trait::async_trait]
impl Fetch for FakeFetch {
    async fn get(&self, url: &str, _: Option<&Secret<String>>, _: Network) -> Result<Fetched, FetchError> {
        let found = self.0.lock().unwrap().get(url).cloned();
        let body = found.ok_or_else(|| FetchError::Unreachable("nobody is there".to_owned()))?;
        Ok(Fetched { status: 200, content_type: Some("application/json".to_owned()), body: body.into_bytes() })
    }

    async fn post_form(
        &self,
        _: &str,
        _: &[(&str, &str)],
        _: Option<(&str, &Secret<String>)>,
        _: Network,
    ) -> Result<Fetched, FetchError> {
        Err(FetchError::Unreachable("no forms here".to_owned()))
    }
}

pub(super) struct World {
    pub(super) iam: Arc<Iam>,
    pub(super) sts: Arc<Sts>,
    pub(super) store: Arc<MemoryStsStore>,
    pub(super) clock: Arc<FixedClock>,
    pub(super) fetch: Arc<FakeFetch>,
    sealer: Arc<Sealer>,
}

impl World {
    pub(super) async fn new() -> Self {
        let clock = Arc::new(FixedClock::at(NOW));
        let sealer = Arc::new(Sealer::new(&Secret::new(vec![7; 32])).unwrap());
        let store = Arc::new(iam::MemoryStore::default());
        let iam = Arc::new(Iam::open(store, sealer.clone(), clock.clone(), ACCOUNT).await.unwrap());
        let store = Arc::new(MemoryStsStore::default());
        let fetch = Arc::new(FakeFetch::default());
        let parts = parts(&iam, &store, &sealer, &clock, &fetch);
        let sts = Arc::new(Sts::open(parts).await.unwrap());
        let world = Self { iam, sts, store, clock, fetch, sealer };
        world.provider().await;
        world.role("redshift-sso-role", &saml_trust("")).await;
        world
    }

    /// The same after a restart.
    pub(super) async fn restarted(&self) -> Sts {
        Sts::open(parts(&self.iam, &self.store, &self.sealer, &self.clock, &self.fetch)).await.unwrap()
    }

    pub(super) async fn provider(&self) {
        let new = NewSamlProvider {
            name: "redshift-sso".to_owned(),
            metadata: metadata(ISSUER, &KEY),
            encryption_mode: None,
            private_key: false,
            tags: Tags::default(),
        };
        self.iam.create_saml_provider(new).await.unwrap();
    }

    pub(super) async fn role(&self, name: &str, trust: &str) -> String {
        self.role_for(name, trust, 3600, &[]).await
    }

    pub(super) async fn role_for(&self, name: &str, trust: &str, seconds: u32, tags: &[(&str, &str)]) -> String {
        let tags = tags.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned()));
        let new = NewRole {
            name: name.to_owned(),
            path: None,
            trust: trust.to_owned(),
            description: None,
            max_session_duration: Some(seconds),
            boundary: None,
            tags: Tags::read(tags).unwrap(),
        };
        self.iam.create_role(new).await.unwrap().id.clone()
    }

    pub(super) async fn allow(&self, holder: Holder<'_>, document: &str) {
        self.iam.put_policy(holder, "p", document).await.unwrap();
    }

    /// A user, and a caller with a key of theirs.
    pub(super) async fn user(&self, name: &str) -> (Caller, String) {
        let new =
            NewUser { name: name.to_owned(), path: Some("/staff/".to_owned()), boundary: None, tags: Tags::default() };
        self.iam.create_user(new).await.unwrap();
        let key = self.iam.create_access_key(iam::KeyHolder::User(name)).await.unwrap();
        (self.sts.find(&key.id, None).unwrap().caller, key.id.clone())
    }

    pub(super) fn root(&self) -> Caller {
        self.sts.find(&self.iam.root().id, None).unwrap().caller
    }

    /// The caller that signs with a temporary credential.
    pub(super) fn caller(&self, issued: &Issued) -> Result<Caller, SigV4Error> {
        let found = self.sts.find(&issued.access_key_id, Some(issued.session_token.expose()))?;
        assert_eq!(found.secret.expose(), issued.secret.expose());
        Ok(found.caller)
    }

    pub(super) async fn with_saml(&self, said: &Said) -> Attempt {
        self.sts.assume_role_with_saml(&said.request(self.clock.now())).await
    }

    pub(super) async fn session(&self, said: &Said) -> Issued {
        self.with_saml(said).await.outcome.unwrap()
    }

    /// A refusal, with AWS's code and text, by this check.
    pub(super) async fn refused(&self, said: &Said, code: &str, message: &str, check: &str) -> StsError {
        let attempt = self.with_saml(said).await;
        let error = attempt.outcome.unwrap_err();
        let public = base::Fault::public(&error).message;
        assert_eq!((error.code(), public.contains(message)), (code, true), "{public:?}: {error}");
        let failed = attempt.checks.failed().map(|checked| checked.check.as_str());
        assert_eq!(failed.unwrap_or_default(), check, "{error}");
        assert!(check.is_empty() || !error.mend().is_empty(), "{error} has no mend");
        error
    }
}

fn parts(
    iam: &Arc<Iam>,
    store: &Arc<MemoryStsStore>,
    sealer: &Arc<Sealer>,
    clock: &Arc<FixedClock>,
    fetch: &Arc<FakeFetch>,
) -> StsParts {
    StsParts {
        iam: iam.clone(),
        store: store.clone(),
        sealer: sealer.clone(),
        clock: clock.clone(),
        fetch: fetch.clone(),
        network: Network::Public,
        region: "us-east-1".to_owned(),
    }
}

pub(super) fn metadata(entity_id: &str, key: &SigningKey) -> String {
    let endpoint = Endpoint { binding: Binding::Post, location: "https://sso.jumpcloud.example/saml2".to_owned() };
    write_idp(&IdpDescription {
        entity_id,
        single_sign_on: &[endpoint],
        single_logout: &[],
        certificates: &[key.certificate().clone()],
        wants_signed_requests: false,
        name_id_formats: &[NAME_ID_EMAIL],
        organisation: Some(&Organisation { name: "JumpCloud", url: "https://jumpcloud.example" }),
    })
}

/// The walkthrough's trust policy, with more conditions under StringEquals.
pub(super) fn saml_trust(more: &str) -> String {
    format!(
        r#"{{"Version":"2012-10-17","Statement":[{{"Sid":"Federated","Effect":"Allow","Principal":{{"Federated":"{PROVIDER}"}},
        "Action":["sts:AssumeRoleWithSAML","sts:TagSession","sts:SetSourceIdentity"],
        "Condition":{{"StringEquals":{{"SAML:aud":"{RECIPIENT}"{more}}}}}}}]}}"#
    )
}

pub(super) fn peer() -> Peer {
    Peer { address: Some("192.0.2.7".parse().unwrap()), secure: true }
}

/// An assertion, and the call that presents it.
#[derive(Clone)]
pub(super) struct Said {
    pub(super) issuer: String,
    pub(super) audience: String,
    pub(super) recipient: String,
    pub(super) name_id: String,
    pub(super) in_response_to: Option<String>,
    pub(super) attributes: Vec<(String, Vec<String>)>,
    pub(super) id: String,
    pub(super) key: &'static SigningKey,
    pub(super) age: Duration,
    pub(super) session_ends: Option<OffsetDateTime>,
    pub(super) spoil: fn(String) -> String,
    pub(super) role: String,
    pub(super) provider: String,
    pub(super) duration: Option<i64>,
    pub(super) policy: Option<String>,
    pub(super) policy_arns: Vec<String>,
    pub(super) peer: Peer,
}

impl Said {
    pub(super) fn new() -> Self {
        let mut said = Self {
            issuer: ISSUER.to_owned(),
            audience: "urn:amazon:webservices".to_owned(),
            recipient: RECIPIENT.to_owned(),
            name_id: "ethan@example.com".to_owned(),
            in_response_to: None,
            attributes: Vec::new(),
            id: ::saml::message_id(),
            key: &KEY,
            age: Duration::ZERO,
            session_ends: None,
            spoil: |xml| xml,
            role: ROLE.to_owned(),
            provider: PROVIDER.to_owned(),
            duration: None,
            policy: None,
            policy_arns: Vec::new(),
            peer: peer(),
        };
        said.set("Role", &[&format!("{ROLE},{PROVIDER}")]);
        said.set("RoleSessionName", &["ethan@example.com"]);
        said
    }

    /// Replaces an attribute of AWS's; no values take it away.
    pub(super) fn set(&mut self, name: &str, values: &[&str]) {
        let name = format!("{AWS}{name}");
        self.attributes.retain(|(other, _)| *other != name);
        if !values.is_empty() {
            self.attributes.push((name, values.iter().map(|value| (*value).to_owned()).collect()));
        }
    }

    pub(super) fn with(mut self, name: &str, values: &[&str]) -> Self {
        self.set(name, values);
        self
    }

    pub(super) fn response(&self, now: OffsetDateTime) -> String {
        let attributes: Vec<Attribute<'_>> = self
            .attributes
            .iter()
            .map(|(name, values)| Attribute { name, name_format: AttributeFormat::Uri, values })
            .collect();
        let at = now - self.age;
        let issued = issue(
            &Issue {
                issuer: &self.issuer,
                audience: &self.audience,
                recipient: &self.recipient,
                in_response_to: self.in_response_to.as_deref(),
                name_id: &self.name_id,
                name_id_format: NAME_ID_EMAIL,
                attributes: &attributes,
                authn_instant: at,
                authn_context: CONTEXT_PASSWORD,
                session_index: "_session",
                lifetime: Duration::minutes(5),
                session_not_on_or_after: self.session_ends,
                now: at,
                response_id: &::saml::message_id(),
                assertion_id: &self.id,
                sign_response: false,
            },
            self.key,
        )
        .unwrap();
        let Outgoing::Post { fields, .. } = issued.post(RECIPIENT, None).unwrap() else { panic!("no form") };
        let value = fields.iter().find(|(name, _)| *name == "SAMLResponse").unwrap().1.clone();
        use base64::Engine as _;
        let engine = base64::engine::general_purpose::STANDARD;
        let xml = String::from_utf8(engine.decode(value).unwrap()).unwrap();
        engine.encode((self.spoil)(xml))
    }

    pub(super) fn request(&self, now: OffsetDateTime) -> SamlRequest {
        SamlRequest {
            session: SessionRequest {
                role_arn: self.role.clone(),
                policy: self.policy.clone(),
                policy_arns: self.policy_arns.clone(),
                duration_seconds: self.duration,
                peer: self.peer,
                correlation: CorrelationId::resume("call-1"),
            },
            provider_arn: self.provider.clone(),
            assertion: self.response(now),
        }
    }
}
