use push::Progress;
use serde_json::{Value, json};

use super::{Administrator, ids};

fn target(api: &Administrator, more: Value) -> Value {
    let mut body = json!({
        "name": "Center", "url": "https://scim.example/v2/", "token": "a-secret-token", "assigned_groups": [api.world.sales.as_str()],
        "pushed_groups": [api.world.sales.as_str()], "enabled": false,
    });
    for (name, value) in more.as_object().unwrap() {
        body[name] = value.clone();
    }
    body
}

fn path(target: &Value, rest: &str) -> String {
    format!("/push-targets/{}{rest}", target["id"].as_str().unwrap())
}

#[tokio::test]
async fn a_target_is_made_changed_and_deleted_and_its_token_never_shown() {
    let api = Administrator::new().await;
    let made = api.ok("POST", "/push-targets", target(&api, json!({}))).await;
    assert_eq!(
        (&made["url"], &made["deprovision"], &made["application"]),
        (&json!("https://scim.example/v2"), &json!("deactivate"), &json!(null))
    );
    assert!(!made.to_string().contains("a-secret-token"), "{made}");
    api.refused("POST", "/push-targets", target(&api, json!({"name": "CENTER"})), 409).await;
    let application = api.ok("POST", "/applications", json!({"connector": "saml", "label": "Wiki"})).await;
    let change = json!({"application": application["id"], "deprovision": "delete", "token": "another"});
    let changed = api.ok("PATCH", &path(&made, ""), change).await;
    assert_eq!((&changed["application"], &changed["assigned_groups"]), (&application["id"], &json!(null)));
    assert_eq!(ids(&api.ok("GET", "/push-targets", Value::Null).await), [made["id"].as_str().unwrap()]);
    api.ok("DELETE", &path(&made, ""), Value::Null).await;
    for rest in ["", "/status", "/sync", "/failures"] {
        api.refused("GET", &path(&made, rest), Value::Null, 404).await;
    }
}

#[tokio::test]
async fn what_a_target_cant_be_makes_none() {
    let api = Administrator::new().await;
    for (more, word) in [
        (json!({"url": "http://scim.example"}), "https"),
        (json!({"url": "https://scim.example/Users"}), "/Users"),
        (json!({"token": ""}), "token"),
        (json!({"application": "app-none"}), "not both"),
        (json!({"assigned_groups": ["nowhere"]}), "nowhere"),
        (json!({"pushed_groups": ["nowhere"]}), "nowhere"),
        (json!({"deprovision": "forget"}), "forget"),
    ] {
        let told = api.refused("POST", "/push-targets", target(&api, more.clone()), 400).await;
        assert!(told.contains(word), "{more}: {told}");
    }
    let mut nobody = target(&api, json!({}));
    nobody.as_object_mut().unwrap().remove("assigned_groups");
    assert!(api.refused("POST", "/push-targets", nobody, 400).await.contains("whose people"));
    assert!(api.world.state.pusher.targets().is_empty());
}

#[tokio::test]
async fn a_dry_run_says_who_would_be_pushed_by_name() {
    let api = Administrator::new().await;
    let made = api.ok("POST", "/push-targets", target(&api, json!({}))).await;
    let plan = api.ok("POST", &path(&made, "/dry-run"), Value::Null).await;
    assert_eq!((&plan["counts"]["users_created"], &plan["counts"]["groups_created"]), (&json!(1), &json!(1)));
    let lines = plan["lines"].as_array().unwrap();
    assert!(lines.iter().any(|line| line["action"] == "create user" && line["name"] == "ethan"), "{plan}");
    assert_eq!(api.ok("GET", &path(&made, "/status"), Value::Null).await["users"], 0);
}

#[tokio::test]
async fn a_sync_pushes_and_failures_are_listed_by_name() {
    let api = Administrator::new().await;
    let people = api.world.state.idp.people();
    let nina = people.user_by_name("nina").unwrap().id.clone();
    people.change_members(&api.world.sales, &[nina], &[]).await.unwrap();
    let made = api.ok("POST", "/push-targets", target(&api, json!({"pushed_groups": []}))).await;
    api.refused("POST", &path(&made, "/sync"), Value::Null, 409).await;
    api.ok("PATCH", &path(&made, ""), json!({"enabled": true})).await;
    api.ok("POST", &path(&made, "/sync"), Value::Null).await;
    let id = base::id::PushTargetId::new(made["id"].as_str().unwrap());
    let mut progress = api.world.state.pusher.progress(&id).unwrap();
    progress.wait_for(|progress: &Progress| !progress.running).await.unwrap();
    let ended = api.ok("GET", &path(&made, "/sync"), Value::Null).await;
    assert_eq!((&ended["running"], &ended["done"], &ended["errors"]), (&json!(false), &json!(2), &json!(1)), "{ended}");
    let status = api.ok("GET", &path(&made, "/status"), Value::Null).await;
    assert_eq!((&status["users"], &status["failed"]), (&json!(1), &json!(1)), "{status}");
    let failures = api.ok("GET", &path(&made, "/failures?limit=1"), Value::Null).await;
    let failure = &failures["items"][0];
    assert_eq!((&failure["name"], &failure["kind"], &failures["next"]), (&json!("nina"), &json!("user"), &json!(null)));
    assert!(failure["message"].as_str().unwrap().contains("isn't wanted"), "{failure}");
    api.refused("GET", &path(&made, "/failures?next=odd"), Value::Null, 400).await;
    api.ok("POST", &path(&made, "/retry"), Value::Null).await;
}
