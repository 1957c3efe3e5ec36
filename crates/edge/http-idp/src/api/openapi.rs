//! The description: OpenAPI 3.1, made from the table of operations. It needs no token.

use axum::Json;
use axum::extract::State;
use axum::http::header::CACHE_CONTROL;
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse as _, Response};
use base::ErrorKind;
use pages::protect;
use schemars::SchemaGenerator;
use schemars::generate::SchemaSettings;
use serde_json::{Map, Value, json};

use super::error::Told;
use super::operation::{About, Route};
use super::table::ROUTES;
use crate::shared::status;
use crate::state::IdpState;

const REFERENCE: &str = "#/components/schemas/Error";
/// What any operation may answer with.
const COMMON: [(StatusCode, &str); 6] = [
    (StatusCode::BAD_REQUEST, "The request isn't as described, or breaks a rule that the message states."),
    (StatusCode::UNAUTHORIZED, "There is no API token, or it isn't valid any more."),
    (StatusCode::PAYLOAD_TOO_LARGE, "The body is longer than 1 MiB."),
    (StatusCode::UNSUPPORTED_MEDIA_TYPE, "The body is of another type."),
    (StatusCode::INTERNAL_SERVER_ERROR, "The server failed."),
    (StatusCode::SERVICE_UNAVAILABLE, "Not possible at the moment, and not carried out. Try again later."),
];

/// `GET /idp/api/openapi.json`
pub(super) async fn show(State(state): State<IdpState>) -> Response {
    let mut response = protect(Json(document(&state.settings.idp_url)).into_response());
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("public, max-age=300"));
    response
}

pub(super) fn document(idp_url: &str) -> Value {
    let settings = SchemaSettings::draft2020_12().with(|settings| {
        settings.definitions_path = "/components/schemas".into();
        settings.meta_schema = None;
    });
    let mut generator = settings.into_generator();
    generator.subschema_for::<Told>();
    let mut paths: Map<String, Value> = Map::new();
    for route in &ROUTES {
        let path = paths.entry(format!("{}{}", super::BASE, route.about.path)).or_insert_with(|| json!({}));
        if let Some(path) = path.as_object_mut() {
            path.insert(route.about.method.name().to_ascii_lowercase(), operation(route, &mut generator));
        }
    }
    json!({
        "openapi": "3.1.1",
        "info": {
            "title": "Gatehouse: administration of the built-in identity provider",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "People, groups, SSO applications, SCIM push. Every call is recorded in the audit trail.",
        },
        "servers": [{ "url": idp_url }],
        "security": [{ "token": [] }],
        "paths": paths,
        "components": {
            "securitySchemes": {
                "token": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "An API token: gatehouse idp token create NAME",
                },
            },
            "schemas": generator.take_definitions(true),
        },
    })
}

fn operation(route: &Route, generator: &mut SchemaGenerator) -> Value {
    let about = &route.about;
    let mut described = json!({
        "operationId": about.name,
        "summary": about.summary,
        "tags": [about.path.trim_start_matches('/').split('/').next().unwrap_or_default()],
        "parameters": parameters(route, generator),
        "responses": responses(route, generator),
    });
    if let (Some((media_type, schema)), Some(members)) = ((route.request)(generator), described.as_object_mut()) {
        let content = json!({ media_type: { "schema": schema } });
        members.insert("requestBody".to_owned(), json!({ "required": true, "content": content }));
    }
    described
}

fn parameters(route: &Route, generator: &mut SchemaGenerator) -> Vec<Value> {
    let in_path = route.about.path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'));
    let mut parameters: Vec<Value> = in_path
        .map(|name| json!({ "name": name, "in": "path", "required": true, "schema": { "type": "string" } }))
        .collect();
    let query = (route.query)(generator);
    for (name, schema) in query.get("properties").and_then(Value::as_object).into_iter().flatten() {
        parameters.push(json!({ "name": name, "in": "query", "schema": schema }));
    }
    if route.about.conditional {
        parameters.push(json!({
            "name": "If-Match",
            "in": "header",
            "description": "The ETag that was read: refused with 412 when it was changed since.",
            "schema": { "type": "string" },
        }));
    }
    parameters
}

fn responses(route: &Route, generator: &mut SchemaGenerator) -> Map<String, Value> {
    let mut success = json!({ "description": route.about.summary });
    if let (Some((media_type, schema)), Some(members)) = ((route.answer)(generator), success.as_object_mut()) {
        members.insert("content".to_owned(), json!({ media_type: { "schema": schema } }));
    }
    let mut responses = Map::from_iter([(route.about.status.as_str().to_owned(), success)]);
    for (code, description) in errors(&route.about) {
        let content = json!({ "application/json": { "schema": { "$ref": REFERENCE } } });
        responses.insert(code.as_str().to_owned(), json!({ "description": description, "content": content }));
    }
    responses
}

fn errors(about: &About) -> Vec<(StatusCode, &'static str)> {
    let own = about.errors.iter().map(|kind| (status(*kind), words(*kind)));
    let conditional = (StatusCode::PRECONDITION_FAILED, "It was changed since the version in If-Match.");
    COMMON.into_iter().chain(own).chain(about.conditional.then_some(conditional)).collect()
}

const fn words(kind: ErrorKind) -> &'static str {
    match kind {
        ErrorKind::NotFound => "What the path or the body names isn't there.",
        ErrorKind::Conflict => "A name is taken, or what is there stands against it.",
        ErrorKind::LimitExceeded => "There are too many already.",
        ErrorKind::InvalidInput
        | ErrorKind::Unauthenticated
        | ErrorKind::Denied
        | ErrorKind::Unsupported
        | ErrorKind::Cancelled
        | ErrorKind::TimedOut
        | ErrorKind::Unavailable
        | ErrorKind::Internal => "Refused.",
    }
}
