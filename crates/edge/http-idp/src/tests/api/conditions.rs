use axum::body::Body;
use serde_json::{Value, json};

use super::Administrator;

async fn patch(api: &Administrator, path: &str, version: &str, body: Value) -> u16 {
    let headers = [("content-type", "application/json"), ("if-match", version)];
    api.send("PATCH", path, Body::from(body.to_string()), &headers).await.status.as_u16()
}

#[tokio::test]
async fn a_change_of_what_somebody_else_changed_is_refused() {
    let api = Administrator::new().await;
    let person = format!("/people/{}", api.world.ethan);
    let group = format!("/groups/{}", api.world.sales);
    let made = api.ok("POST", "/applications", json!({"connector": "saml", "label": "Wiki"})).await;
    let application = format!("/applications/{}", made["id"].as_str().unwrap());
    for (path, change, other) in [
        (person, json!({"given_name": "Ethan"}), json!({"given_name": "E."})),
        (group, json!({"display_name": "sellers"}), json!({"display_name": "salesmen"})),
        (application, json!({"description": "a"}), json!({"description": "b"})),
    ] {
        let read = api.call("GET", &path, &Value::Null).await.header("etag").to_owned();
        assert_eq!(patch(&api, &path, &read, change).await, 200, "{path}");
        assert_eq!(patch(&api, &path, &read, other.clone()).await, 412, "{path}");
        assert_eq!(patch(&api, &path, "*", other).await, 200, "{path}");
        assert_eq!(patch(&api, &path, "W/\"3\"", json!({})).await, 400, "{path}: a weak tag matches nothing");
        let after = api.call("GET", &path, &Value::Null).await.header("etag").to_owned();
        assert_ne!(after, read, "{path}");
    }
}

#[tokio::test]
async fn a_condition_that_is_not_carried_out_is_refused_by_name() {
    let api = Administrator::new().await;
    let path = format!("/people/{}/password", api.world.ethan);
    let headers = [("content-type", "application/json"), ("if-match", "\"1\"")];
    let body = Body::from(r#"{"password": "another Password 2"}"#);
    let answer = api.send("PUT", &path, body, &headers).await;
    assert!(answer.status == 400 && answer.body.contains("If-Match"), "{}", answer.body);
    let delete =
        api.send("DELETE", &format!("/people/{}", api.world.ethan), Body::empty(), &[("if-match", "\"9\"")]).await;
    assert_eq!(delete.status.as_u16(), 412);
    assert!(api.world.state.idp.people().user(&api.world.ethan).is_some());
}
