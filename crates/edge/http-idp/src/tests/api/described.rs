use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::Administrator;
use crate::tests::fixture::IDP_URL;

/// Every place where a schema or a reference may be.
fn references(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(members) => {
            found.extend(members.get("$ref").and_then(Value::as_str).map(str::to_owned));
            members.values().for_each(|member| references(member, found));
        }
        Value::Array(items) => items.iter().for_each(|item| references(item, found)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

#[tokio::test]
async fn the_description_needs_no_token_and_is_whole() {
    let api = Administrator::new().await;
    let described = &api.description;
    assert_eq!(described["openapi"], "3.1.1");
    assert_eq!(described["servers"][0]["url"], IDP_URL);
    assert_eq!(described["security"], json!([{"token": []}]));
    let mut found = BTreeSet::new();
    references(described, &mut found);
    assert!(found.len() > 20, "{found:?}");
    for reference in found {
        let place = reference.strip_prefix('#').unwrap();
        assert!(described.pointer(place).is_some(), "{reference} leads nowhere");
    }
}

#[tokio::test]
async fn every_operation_is_described_and_routed() {
    let api = Administrator::new().await;
    let mut names = BTreeSet::new();
    for (path, methods) in api.description["paths"].as_object().unwrap() {
        for (method, operation) in methods.as_object().unwrap() {
            let name = operation["operationId"].as_str().unwrap();
            assert!(names.insert(name.to_owned()), "{name} is there twice");
            let summary = operation["summary"].as_str().unwrap();
            assert!(!summary.is_empty() && !operation["responses"].as_object().unwrap().is_empty(), "{name}");
            let parameters = operation["parameters"].as_array().unwrap();
            let in_path = parameters.iter().filter(|parameter| parameter["in"] == "path").count();
            assert_eq!(in_path, path.matches('{').count(), "{name}");
            // Without a token, each is there and asks for one.
            let real = path.replace("{id}", "x").replace("{application}", "x");
            let request = axum::http::Request::builder().method(method.to_ascii_uppercase().as_str()).uri(&real);
            let answer = api.world.send(request.body(axum::body::Body::empty()).unwrap()).await;
            assert_eq!(answer.status.as_u16(), 401, "{method} {real}: {}", answer.body);
        }
    }
    assert_eq!(names.len(), crate::api::operations().count());
    assert!(crate::api::operations().all(|name| names.contains(name)));
}

#[tokio::test]
async fn what_is_not_there_says_where_the_description_is() {
    let api = Administrator::new().await;
    for path in ["/nothing", "/people/x/nothing", ""] {
        assert!(api.refused("GET", path, Value::Null, 404).await.contains("/idp/api/openapi.json"), "{path}");
    }
    let answer = api.call("PUT", "/people", &json!({})).await;
    assert_eq!((answer.status.as_u16(), answer.header("allow")), (405, "GET, POST"));
    assert!(answer.body.contains("GET, POST"), "{}", answer.body);
    let answer =
        api.world.send(axum::http::Request::post("/idp/api/openapi.json").body(axum::body::Body::empty()).unwrap());
    assert_eq!(answer.await.status.as_u16(), 405);
}
