//! The administration through the router: every answer is checked against the description.

mod applications;
mod conditions;
mod described;
mod groups;
mod people;
mod push_targets;
mod refusals;
mod schema;
mod settings;

use std::collections::BTreeSet;
use std::sync::Arc;

use axum::body::Body;
use axum::http::{Request, StatusCode};
use base::id::{DirectoryGroupId, SsoApplicationId};
use base::{FixedClock, Principal, Sealer};
use idp::IdentityProvider;
use push::{Ports, Pusher, Roster, ScimAnswer, ScimRequest, ScimTransport, TransportError};
use serde_json::{Value, json};
use time::Duration;

use super::fixture::{Answer, World};

/// An administrator with a token.
pub(super) struct Administrator {
    pub(super) world: World,
    token: String,
    token_id: String,
    description: Value,
}

impl Administrator {
    pub(super) async fn new() -> Self {
        let world = World::new().await;
        let (kept, token) = world.state.idp.create_api_token("tests", Duration::days(1)).await.unwrap();
        let description: Value = serde_json::from_str(&world.get("/idp/api/openapi.json").await.body).unwrap();
        Self { world, token: token.into_exposed(), token_id: kept.id, description }
    }

    pub(super) fn principal(&self) -> Principal {
        Principal::IdpAdministrator { token_id: self.token_id.clone() }
    }

    /// With the token, and these headers.
    pub(super) async fn send(&self, method: &str, path: &str, body: Body, headers: &[(&str, &str)]) -> Answer {
        let mut request = Request::builder().method(method).uri(format!("/idp/api/v1{path}"));
        request = request.header("authorization", format!("Bearer {}", self.token));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let answer = self.world.send(request.body(body).unwrap()).await;
        schema::check_answer(&self.description, method, path, &answer);
        answer
    }

    pub(super) async fn call(&self, method: &str, path: &str, body: &Value) -> Answer {
        if body.is_null() {
            return self.send(method, path, Body::empty(), &[]).await;
        }
        let (body, headers) = (Body::from(body.to_string()), &[("content-type", "application/json")]);
        self.send(method, path, body, headers).await
    }

    /// The JSON of an answer that is a success.
    pub(super) async fn ok(&self, method: &str, path: &str, body: Value) -> Value {
        let answer = self.call(method, path, &body).await;
        assert!(answer.status.is_success(), "{method} {path}: {} {}", answer.status, answer.body);
        if !body.is_null() {
            schema::check_request(&self.description, method, path, &body);
        }
        if answer.body.is_empty() { json!({}) } else { serde_json::from_str(&answer.body).unwrap() }
    }

    /// The message of a refusal, with its hint.
    pub(super) async fn refused(&self, method: &str, path: &str, body: Value, status: u16) -> String {
        let answer = self.call(method, path, &body).await;
        assert_eq!(answer.status, StatusCode::from_u16(status).unwrap(), "{method} {path}: {}", answer.body);
        let told: Value = serde_json::from_str(&answer.body).unwrap();
        ["message", "detail", "hint"].map(|name| told[name].as_str().unwrap_or_default()).join(" ")
    }
}

impl World {
    pub(super) async fn get(&self, path: &str) -> Answer {
        self.send(Request::get(path).body(Body::empty()).unwrap()).await
    }
}

/// The ids of a list, in order.
pub(super) fn ids(page: &Value) -> Vec<String> {
    page["items"].as_array().unwrap().iter().map(|item| item["id"].as_str().unwrap().to_owned()).collect()
}

#[derive(Debug)]
struct Assigned(Arc<IdentityProvider>);

impl Roster for Assigned {
    fn groups(&self, application: &SsoApplicationId) -> Option<BTreeSet<DirectoryGroupId>> {
        Some(self.0.application(application)?.groups.clone())
    }
}

/// A SCIM server that has nobody, and takes everybody whose name isn't nina.
#[derive(Debug)]
struct EmptyServer;

#[async_trait::async_trait]
impl ScimTransport for EmptyServer {
    async fn send(&self, request: ScimRequest) -> Result<ScimAnswer, TransportError> {
        let (status, body) = match &request.body {
            None => (200, json!({"totalResults": 0, "startIndex": 1, "itemsPerPage": 0, "Resources": []})),
            Some(body) if body["userName"] == "nina" => (400, json!({"detail": "nina isn't wanted", "status": "400"})),
            Some(body) => {
                let mut made = body.clone();
                made["id"] = json!(format!("remote-{}", body["externalId"].as_str().unwrap_or("none")));
                (201, made)
            }
        };
        Ok(ScimAnswer { status, retry_after: None, body: body.to_string().into_bytes() })
    }
}

pub(super) async fn pusher(idp: &Arc<IdentityProvider>, sealer: &Arc<Sealer>, clock: &Arc<FixedClock>) -> Arc<Pusher> {
    let ports = Ports {
        store: Arc::<push::MemoryStore>::default(),
        directory: Arc::clone(idp.people()),
        roster: Arc::new(Assigned(Arc::clone(idp))),
        transport: Arc::new(EmptyServer),
        sealer: Arc::clone(sealer),
        clock: clock.clone(),
    };
    let pusher = Pusher::open(ports).await.unwrap();
    pusher.start();
    pusher
}
