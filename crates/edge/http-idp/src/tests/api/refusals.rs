use std::sync::atomic::Ordering;

use axum::body::Body;
use axum::http::Request;
use base::{AuditStep, Outcome, Principal};
use serde_json::{Value, json};
use time::Duration;

use super::Administrator;

async fn with_header(api: &Administrator, value: Option<&str>) -> (u16, String, String) {
    let mut request = Request::get("/idp/api/v1/people");
    if let Some(value) = value {
        request = request.header("authorization", value);
    }
    let answer = api.world.send(request.body(Body::empty()).unwrap()).await;
    (answer.status.as_u16(), answer.header("www-authenticate").to_owned(), answer.body)
}

#[tokio::test]
async fn nobody_administers_without_a_live_token() {
    let api = Administrator::new().await;
    let good = format!("Bearer {}", api.token);
    assert_eq!(with_header(&api, Some(&good)).await.0, 200);
    assert_eq!(with_header(&api, Some(&good.replace("Bearer", "bearer"))).await.0, 200);
    for (value, invalid) in [
        (None, false),
        (Some("Basic YTpi"), false),
        (Some("Bearer"), false),
        (Some("Bearer wrong"), true),
        (Some("Bearer gh_idp_0000000000000000_x"), true),
        (Some(&format!("{good}x")), true),
    ] {
        let (status, challenge, body) = with_header(&api, value).await;
        assert_eq!(status, 401, "{value:?}");
        assert!(challenge.starts_with("Bearer") && challenge.contains("invalid_token") == invalid, "{challenge}");
        assert_eq!(serde_json::from_str::<Value>(&body).unwrap()["error"], "unauthenticated");
        let event = api.world.last();
        assert_eq!((event.principal, event.outcome), (Principal::Anonymous, Outcome::Denied), "{value:?}");
        assert_eq!(event.action, "idp:ListPeople");
    }
    api.world.clock.advance(Duration::days(2));
    assert_eq!(with_header(&api, Some(&good)).await.0, 401, "an expired token");
}

#[tokio::test]
async fn a_deleted_token_opens_nothing() {
    let api = Administrator::new().await;
    let path = format!("/api-tokens/{}", api.token_id);
    api.ok("DELETE", &path, Value::Null).await;
    api.refused("GET", "/people", Value::Null, 401).await;
}

#[tokio::test]
async fn unknown_and_doubled_members_are_refused_by_name() {
    let api = Administrator::new().await;
    let told = api.refused("POST", "/people", json!({"user_name": "x", "colour": "red"}), 400).await;
    assert!(told.contains("colour") && told.contains("user_name"), "{told}");
    let twice = Body::from(r#"{"user_name": "a", "user_name": "b"}"#);
    let answer = api.send("POST", "/people", twice, &[("content-type", "application/json")]).await;
    assert!(answer.status == 400 && answer.body.contains("given twice"), "{}", answer.body);
    let told = api.refused("POST", "/people", json!({}), 400).await;
    assert!(told.contains("user_name"), "{told}");
    let told = api.refused("POST", "/people", json!({"user_name": "x", "groups": [1]}), 400).await;
    assert!(told.contains("groups[0]"), "{told}");
    let told = api.refused(
        "POST",
        "/applications",
        json!({"connector": "saml", "label": "W", "configuration": {"acs": 1}}),
        400,
    );
    assert!(told.await.contains("configuration"), "nested members too");
    assert!(api.refused("GET", "/people?colour=red", Value::Null, 400).await.contains("colour"));
    assert!(api.refused("GET", "/people?limit=1&limit=2", Value::Null, 400).await.contains("twice"));
    for limit in ["0", "201", "-1", "many"] {
        assert!(
            api.refused("GET", &format!("/people?limit={limit}"), Value::Null, 400).await.contains("limit"),
            "{limit}"
        );
    }
    assert_eq!(api.world.state.idp.people().user_count(), 2, "nothing was made");
}

#[tokio::test]
async fn bodies_have_a_type_a_shape_and_an_end() {
    let api = Administrator::new().await;
    let json_type = [("content-type", "application/json; charset=utf-8")];
    let status =
        async |body: Body, headers: &[(&str, &str)]| api.send("POST", "/groups", body, headers).await.status.as_u16();
    assert_eq!(status(Body::from(r#"{"display_name": "g"}"#), &json_type).await, 201);
    assert_eq!(status(Body::from(r#"{"display_name": "h"}"#), &[("content-type", "text/plain")]).await, 415);
    assert_eq!(status(Body::from("[]"), &json_type).await, 400);
    assert_eq!(status(Body::from("{"), &json_type).await, 400);
    assert_eq!(status(Body::from(vec![b' '; (1 << 20) + 1]), &json_type).await, 413);
    let told = api.refused("POST", &format!("/people/{}/deactivate", api.world.ethan), json!({}), 400).await;
    assert!(told.contains("no body"), "{told}");
    assert!(api.world.state.idp.people().active_user(&api.world.ethan).is_some());
}

#[tokio::test]
async fn what_cant_be_recorded_is_not_done() {
    let api = Administrator::new().await;
    api.world.trail.broken.store(true, Ordering::SeqCst);
    api.refused("POST", "/groups", json!({"display_name": "unseen"}), 503).await;
    api.refused("DELETE", &format!("/people/{}", api.world.ethan), Value::Null, 503).await;
    api.refused("GET", "/people", Value::Null, 503).await;
    api.world.trail.broken.store(false, Ordering::SeqCst);
    let people = api.world.state.idp.people();
    assert!(people.group_by_name("unseen").is_none() && people.user(&api.world.ethan).is_some());
}

#[tokio::test]
async fn every_call_is_recorded_and_no_secret_is() {
    let api = Administrator::new().await;
    let body = json!({"user_name": "olga", "email": "olga@example.com", "password": "a very secret Password 1"});
    let made = api.ok("POST", "/people", body).await;
    let events = api.world.events();
    let [.., asked, done] = events.as_slice() else { panic!("two records") };
    for event in [asked, done] {
        assert_eq!((event.step, event.outcome), (AuditStep::Administration, Outcome::Allowed));
        assert_eq!((event.principal.clone(), event.action.as_str()), (api.principal(), "idp:CreatePerson"));
        assert_eq!((event.target.as_str(), &event.correlation), ("people", &asked.correlation));
    }
    assert_eq!(api.principal().to_string(), format!("idp-token:{}", api.token_id));
    let field = |event: &base::AuditEvent, name: &str| {
        event.fields.iter().find(|(field, _)| *field == name).map(|(_, value)| value.clone())
    };
    assert_eq!(field(asked, "given").as_deref(), Some("email,password,user_name"));
    assert_eq!(field(done, "made"), Some(format!("people/{}", made["id"].as_str().unwrap())));
    let path = format!("/people/{}", made["id"].as_str().unwrap());
    api.ok("GET", &path, Value::Null).await;
    assert_eq!(
        (api.world.last().action.as_str(), api.world.last().target.as_str()),
        ("idp:GetPerson", path.trim_start_matches('/'))
    );
    api.refused("PUT", &format!("{path}/password"), json!({"password": "short"}), 400).await;
    let last = api.world.last();
    assert_eq!((last.action.as_str(), last.outcome), ("idp:SetPassword", Outcome::Failed));
    api.refused("PUT", &format!("{path}/password"), json!({"password": {"a very secret Password 1": 1}}), 400).await;
    let all = format!("{:?}", api.world.events());
    for secret in ["a very secret", "short\"", "olga@example.com", api.token.as_str()] {
        assert!(!all.contains(secret), "{secret} is in the trail");
    }
}
