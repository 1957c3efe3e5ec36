//! A router over ports in memory, and a client that signs.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use axum::body::{Body, to_bytes};
use axum::extract::ConnectInfo;
use axum::http::{Request, Response};
use base::{
    AuditEvent, AuditLog, AuditTrail, AuditUnavailable, CorrelationId, EventKeys, FixedClock, Sealer, Secret, TrailKey,
    TrailQuery, TrailRecord,
};
use center::{Center, CenterStore, CenterStoreError, CenterWrite, StoredCenter};
use control::{Control, ControlParts, ControlStore, ControlStoreError, ControlWrite, SqlEndpoints, StoredControl};
use credentials::{Credentials, MemoryCredentials};
use directory::{Directory, MemoryStore, NewGroup, NewUser};
use iam::Iam;
use network::Network;
use serde_json::Value;
use sts::{MemoryStsStore, Sts, StsParts};
use time::OffsetDateTime;
use tower::ServiceExt as _;

use super::host::FakeHost;
use super::sources;
use crate::{AwsState, router};

pub(super) const HOST: &str = "127.0.0.1:18777";
pub(super) const ACCOUNT: &str = "123456789012";

/// Stores that begin empty; what is written is kept by the services above them.
#[derive(Debug, Default)]
struct Nothing;

#[async_trait::async_trait]
impl CenterStore for Nothing {
    async fn load(&self) -> Result<StoredCenter, CenterStoreError> {
        Ok(StoredCenter::default())
    }

    async fn apply(&self, _: CenterWrite) -> Result<(), CenterStoreError> {
        Ok(())
    }
}

#[async_trait::async_trait]
impl ControlStore for Nothing {
    async fn load(&self) -> Result<StoredControl, ControlStoreError> {
        Ok(StoredControl::default())
    }

    async fn apply(&self, _: ControlWrite) -> Result<(), ControlStoreError> {
        Ok(())
    }
}

/// Keeps the records, until it is told to fail.
#[derive(Debug, Default)]
pub(super) struct Trail {
    pub(super) records: Mutex<Vec<AuditEvent>>,
    pub(super) full: AtomicBool,
}

#[async_trait::async_trait]
impl AuditLog for Trail {
    async fn record(&self, event: AuditEvent) -> Result<(), AuditUnavailable> {
        if self.full.load(Ordering::Relaxed) {
            return Err(AuditUnavailable("disk full".to_owned()));
        }
        self.records.lock().unwrap().push(event);
        Ok(())
    }
}

/// Finds what was recorded by looking at all of it. Each record is a minute later than the one before.
#[async_trait::async_trait]
impl AuditTrail for Trail {
    async fn lookup(&self, query: &TrailQuery) -> Result<Vec<TrailRecord>, AuditUnavailable> {
        let events = self.records.lock().unwrap().clone();
        let records = (1..).zip(&events).map(|(sequence, event)| {
            let at = OffsetDateTime::UNIX_EPOCH + time::Duration::minutes(sequence);
            TrailRecord::of(event, sequence, at, &format!("{sequence:064x}"))
        });
        let fits = |record: &TrailRecord| {
            EventKeys::of(record).is_some_and(|keys| match &query.attribute {
                None => true,
                Some((TrailKey::EventName, name)) => keys.name == *name,
                Some((TrailKey::Username, name)) => keys.user_name.as_ref() == Some(name),
                Some(other) => panic!("{other:?} is for the store's tests"),
            })
        };
        let mut found: Vec<_> = records.filter(fits).collect();
        found.retain(|record| query.before.is_none_or(|before| record.sequence < before));
        found.reverse();
        found.truncate(usize::try_from(query.limit).unwrap());
        Ok(found)
    }

    async fn story(&self, correlation: &CorrelationId) -> Result<Vec<TrailRecord>, AuditUnavailable> {
        let events = self.records.lock().unwrap().clone();
        let named = |event: &&AuditEvent| event.fields.contains(&("request_id", correlation.as_str().to_owned()));
        let way = events.iter().find(named).map_or(correlation, |event| &event.correlation);
        let of_it = (1..).zip(&events).filter(|(_, event)| event.correlation == *way);
        Ok(of_it
            .map(|(sequence, event)| {
                let at = OffsetDateTime::UNIX_EPOCH + time::Duration::minutes(sequence);
                TrailRecord::of(event, sequence, at, &format!("{sequence:064x}"))
            })
            .collect())
    }
}

pub(super) struct World {
    pub(super) state: AwsState,
    pub(super) clock: Arc<FixedClock>,
    pub(super) trail: Arc<Trail>,
    pub(super) host: Arc<FakeHost>,
    /// What answers when a document is fetched.
    pub(super) provider: Arc<sources::FakeProvider>,
}

impl World {
    pub(super) async fn new() -> Self {
        Self::in_region("us-east-1").await
    }

    pub(super) async fn in_region(region: &str) -> Self {
        let store = Arc::new(Nothing);
        let clock = Arc::new(FixedClock::at(OffsetDateTime::from_unix_timestamp(1_772_323_170).unwrap()));
        let directory = Directory::open(Arc::<MemoryStore>::default(), clock.clone()).await.unwrap();
        let center = Center::open(store.clone(), clock.clone(), ACCOUNT, region).await.unwrap();
        let center = Arc::new(center);
        let sealer = Arc::new(Sealer::new(&Secret::new(vec![7; 32])).unwrap());
        let network =
            Network::open(Arc::<network::MemoryStore>::default(), clock.clone(), ACCOUNT, region).await.unwrap();
        let network = Arc::new(network);
        let parts = ControlParts {
            store,
            clock: clock.clone(),
            center: Arc::clone(&center),
            network: Arc::clone(&network),
            sealer: Arc::clone(&sealer),
            endpoints: SqlEndpoints { host: "127.0.0.1".to_owned(), port: 5439, domain: "localhost".to_owned() },
        };
        let control = Control::open(parts).await.unwrap();
        let host = Arc::new(FakeHost::default());
        control.attach(host.clone()).await.unwrap();
        let iam = Iam::open(Arc::<iam::MemoryStore>::default(), sealer.clone(), clock.clone(), ACCOUNT).await.unwrap();
        let iam = Arc::new(iam);
        let (sources, provider) = sources::open(&directory, &clock).await;
        let parts = StsParts {
            iam: Arc::clone(&iam),
            store: Arc::<MemoryStsStore>::default(),
            sealer: Arc::clone(&sealer),
            clock: clock.clone(),
            fetch: provider.clone(),
            network: oidc::Network::Public,
            region: region.to_owned(),
        };
        let sts = Arc::new(Sts::open(parts).await.unwrap());
        let kept = Arc::<MemoryCredentials>::default();
        let credentials = Credentials::open(kept, Arc::clone(&sts), sealer, clock.clone()).await.unwrap();
        let trail = Arc::new(Trail::default());
        let state = AwsState {
            center,
            control: Arc::new(control),
            directory,
            iam,
            sts,
            audit: trail.clone(),
            trail: trail.clone(),
            clock: clock.clone(),
            sources,
            credentials,
            network,
        };
        Self { state, clock, trail, host, provider }
    }

    pub(super) async fn user(&self, user_name: &str) -> String {
        let new = NewUser {
            user_name: user_name.to_owned(),
            external_id: Some(format!("ext-{user_name}")),
            active: true,
            display_name: Some(user_name.to_owned()),
            given_name: Some("Given".to_owned()),
            family_name: Some("Family".to_owned()),
            email: Some(format!("{user_name}@example.com")),
            ..NewUser::default()
        };
        self.state.directory.create_user(new).await.unwrap().id.to_string()
    }

    pub(super) async fn group(&self, display_name: &str) -> String {
        let new = NewGroup { display_name: display_name.to_owned(), ..NewGroup::default() };
        self.state.directory.create_group(new).await.unwrap().id.to_string()
    }

    /// A request of the Query protocol, `form` without the version.
    pub(super) fn query(&self, service: &'static str, form: &str) -> Client<'_> {
        let version = match service {
            "sts" => "2011-06-15",
            "iam" => "2010-05-08",
            _ => "2012-12-01",
        };
        let headers = vec![("content-type", "application/x-www-form-urlencoded; charset=utf-8".to_owned())];
        Client { headers, ..self.client(service, &format!("{form}&Version={version}")) }
    }

    /// A request of the JSON protocol.
    pub(super) fn json(&self, service: &'static str, operation: &str, body: &Value) -> Client<'_> {
        let prefix = match service {
            "sso" => "SWBExternalService",
            "identitystore" => "AWSIdentityStore",
            "organizations" => "AWSOrganizationsV20161128",
            "redshift-serverless" => "RedshiftServerless",
            "secretsmanager" => "secretsmanager",
            "cloudtrail" => "com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101",
            "gatehouse" => "Gatehouse",
            other => panic!("{other} doesn't speak JSON"),
        };
        let headers = vec![
            ("content-type", "application/x-amz-json-1.1".to_owned()),
            ("x-amz-target", format!("{prefix}.{operation}")),
        ];
        Client { headers, ..self.client(service, &body.to_string()) }
    }

    pub(super) fn client(&self, service: &'static str, body: &str) -> Client<'_> {
        let root = self.state.iam.root();
        Client {
            world: self,
            service,
            region: self.state.region().to_owned(),
            method: "POST",
            query: String::new(),
            headers: Vec::new(),
            body: body.to_owned(),
            key: root.id.clone(),
            secret: root.secret.clone(),
            sign: true,
        }
    }

    pub(super) fn last_record(&self) -> AuditEvent {
        self.trail.records.lock().unwrap().last().unwrap().clone()
    }
}

/// A request in the making.
pub(super) struct Client<'a> {
    pub(super) world: &'a World,
    pub(super) service: &'static str,
    pub(super) region: String,
    pub(super) method: &'static str,
    pub(super) query: String,
    pub(super) headers: Vec<(&'static str, String)>,
    pub(super) body: String,
    pub(super) key: String,
    pub(super) secret: Secret<String>,
    pub(super) sign: bool,
}

impl Client<'_> {
    pub(super) async fn send(self) -> Reply {
        let now = self.world.state.clock.now();
        let mut headers = self.headers.clone();
        headers.push(("host", HOST.to_owned()));
        if self.sign {
            let signed: Vec<_> = headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
            let Self { method, query, body, .. } = &self;
            let request = sigv4::Request { method, path: "/", query, headers: &signed, body: body.as_bytes() };
            let scope = (self.region.as_str(), self.service);
            let signature = sigv4::sign(&request, &self.key, &self.secret, scope, now).unwrap();
            headers.push(("x-amz-date", signature.x_amz_date));
            headers.push(("authorization", signature.authorization));
        }
        let uri = if self.query.is_empty() { "/".to_owned() } else { format!("/?{}", self.query) };
        let mut request = Request::builder().method(self.method).uri(uri).header("user-agent", "test/1");
        for (name, value) in headers {
            request = request.header(name, value);
        }
        let peer: SocketAddr = "192.0.2.7:50000".parse().unwrap();
        let request = request.extension(ConnectInfo(peer)).body(Body::from(self.body)).unwrap();
        Reply::read(router(self.world.state.clone()).oneshot(request).await.unwrap()).await
    }
}

#[derive(Debug)]
pub(super) struct Reply {
    pub(super) status: u16,
    pub(super) request_id: String,
    pub(super) body: String,
}

impl Reply {
    async fn read(response: Response<Body>) -> Self {
        let status = response.status().as_u16();
        let request_id = response.headers()["x-amzn-requestid"].to_str().unwrap().to_owned();
        let body = to_bytes(response.into_body(), usize::MAX).await.unwrap();
        Self { status, request_id, body: String::from_utf8(body.to_vec()).unwrap() }
    }

    /// The text of the first element of this name.
    pub(super) fn element(&self, name: &str) -> &str {
        let (_, rest) =
            self.body.split_once(&format!("<{name}>")).unwrap_or_else(|| panic!("no {name}: {}", self.body));
        rest.split_once(&format!("</{name}>")).unwrap().0
    }

    pub(super) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }

    /// An XML error with this status and code, and a message that says so.
    pub(super) fn fails(&self, status: u16, code: &str, message: &str) {
        assert_eq!((self.status, self.element("Code")), (status, code), "{}", self.body);
        let said = self.element("Message").replace("&quot;", "\"").replace("&apos;", "'");
        assert!(said.contains(message), "{said:?} doesn't say {message:?}");
        assert_eq!(self.element("RequestId"), self.request_id);
    }

    /// A JSON error with this status and code, and a message that says so.
    pub(super) fn fails_json(&self, status: u16, code: &str, message: &str) {
        let body = self.json();
        assert_eq!((self.status, body["__type"].as_str()), (status, Some(code)), "{body}");
        let said = body["Message"].as_str().or(body["message"].as_str()).unwrap();
        assert!(said.contains(message), "{said:?} doesn't say {message:?}");
    }

    pub(super) fn ok(self) -> Self {
        assert_eq!(self.status, 200, "{}", self.body);
        self
    }
}
