mod bulk;
mod clients;
mod dangerous;
mod dry_run;
mod idc_compat;
mod lists;
mod protocol;

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

use axum::body::Body;
use axum::http::{HeaderMap, StatusCode};
use base::{AuditEvent, AuditUnavailable, FixedClock, Outcome, Principal};
use directory::MemoryStore;
use serde_json::{Value, json};
use time::{Duration, OffsetDateTime};
use tower::ServiceExt as _;

use super::*;

#[derive(Debug, Default)]
struct Recorded {
    events: Mutex<Vec<AuditEvent>>,
    broken: AtomicBool,
}

#[async_trait::async_trait]
impl AuditLog for Recorded {
    async fn record(&self, event: AuditEvent) -> Result<(), AuditUnavailable> {
        if self.broken.load(Ordering::SeqCst) {
            return Err(AuditUnavailable("disk full".to_owned()));
        }
        self.events.lock().unwrap().push(event);
        Ok(())
    }
}

const TENANT: &str = "d-9067230f9b";

/// Who is active may read the table `schema.{group}` of every group.
#[derive(Debug)]
struct OneTableForEachGroup;

impl AccessPreview for OneTableForEachGroup {
    fn tables(
        &self,
        _: &base::id::DirectoryUserId,
        _: &str,
        active: bool,
        groups: &[Arc<directory::DirectoryGroup>],
    ) -> Vec<TableAccess> {
        let table = |group: &Arc<directory::DirectoryGroup>| TableAccess {
            warehouse: "testcluster".to_owned(),
            table: format!("schema.{}", group.display_name),
            privileges: std::iter::once("SELECT").collect(),
        };
        groups.iter().filter(|_| active).map(table).collect()
    }
}

struct World {
    router: Router,
    directory: Arc<Directory>,
    audit: Arc<Recorded>,
    clock: Arc<FixedClock>,
    token: String,
    token_id: String,
}

struct Answer {
    status: u16,
    headers: HeaderMap,
    body: Value,
}

impl Answer {
    fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    fn id(&self) -> String {
        self.body["id"].as_str().unwrap_or_else(|| panic!("{}", self.body)).to_owned()
    }
}

async fn world() -> World {
    world_of(Profile::Rfc).await
}

async fn world_of(profile: Profile) -> World {
    let clock = Arc::new(FixedClock::at(OffsetDateTime::UNIX_EPOCH));
    let directory = Directory::open(Arc::<MemoryStore>::default(), clock.clone()).await.unwrap();
    let (token_id, token) = directory.create_scim_token(Duration::days(365)).await.unwrap();
    let audit = Arc::new(Recorded::default());
    let state = ScimState {
        directory: Arc::clone(&directory),
        audit: audit.clone(),
        base_url: "http://x/scim/v2/".to_owned(),
        profile,
        tenant: TENANT.to_owned(),
        preview: Arc::new(OneTableForEachGroup),
    };
    // merged as in the server
    let router = Router::new().route("/healthz", axum::routing::get(async || "")).merge(routers(state));
    World { router, directory, audit, clock, token: token.into_exposed(), token_id }
}

impl World {
    async fn send(&self, request: Request) -> Answer {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let bytes = axum::body::to_bytes(body, usize::MAX).await.unwrap();
        let body = if bytes.is_empty() { Value::Null } else { serde_json::from_slice(&bytes).unwrap() };
        assert_eq!(body.is_null(), parts.headers.get("content-type").is_none());
        if !body.is_null() {
            assert_eq!(parts.headers["content-type"], "application/scim+json");
        }
        Answer { status: parts.status.as_u16(), headers: parts.headers, body }
    }

    fn request(&self, method: &str, path: &str) -> axum::http::request::Builder {
        axum::http::Request::builder()
            .method(method)
            .uri(format!("/scim/v2{path}"))
            .header("authorization", format!("Bearer {}", self.token))
            .header("user-agent", "test")
    }

    async fn get(&self, path: &str) -> Answer {
        let path = path.replace(' ', "%20").replace('"', "%22").replace('[', "%5B").replace(']', "%5D");
        self.send(self.request("GET", &path).body(Body::empty()).unwrap()).await
    }

    async fn call(&self, method: &str, path: &str, body: Value) -> Answer {
        let request = self.request(method, path).header("content-type", "application/scim+json; charset=utf-8");
        self.send(request.body(Body::from(body.to_string())).unwrap()).await
    }

    async fn user(&self, user_name: &str) -> String {
        let body =
            json!({"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": user_name, "active": true});
        self.call("POST", "/Users", body).await.id()
    }

    async fn group(&self, display_name: &str, members: &[&str]) -> String {
        let members: Vec<Value> = members.iter().map(|id| json!({"value": id})).collect();
        let body = json!({"schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"], "displayName": display_name, "members": members});
        self.call("POST", "/Groups", body).await.id()
    }

    async fn patch(&self, path: &str, operations: Value) -> Answer {
        let body = json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": operations});
        self.call("PATCH", path, body).await
    }

    fn last_event(&self) -> AuditEvent {
        self.audit.events.lock().unwrap().last().cloned().expect("a record")
    }

    fn events(&self) -> usize {
        self.audit.events.lock().unwrap().len()
    }
}

fn field(event: &AuditEvent, name: &str) -> String {
    event.fields.iter().find(|(key, _)| *key == name).map(|(_, value)| value.clone()).unwrap_or_default()
}

/// The ids in a list, in its order.
fn ids(list: &Value) -> Vec<String> {
    let resources = list["Resources"].as_array().unwrap_or_else(|| panic!("{list}"));
    resources.iter().map(|one| one["id"].as_str().unwrap().to_owned()).collect()
}

/// The ids of a group's members, in its order.
fn members(group: &Value) -> Vec<String> {
    let members = group["members"].as_array().unwrap_or_else(|| panic!("{group}"));
    members.iter().map(|one| one["value"].as_str().unwrap().to_owned()).collect()
}
