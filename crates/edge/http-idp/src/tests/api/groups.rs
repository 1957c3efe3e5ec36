use serde_json::{Value, json};

use super::{Administrator, ids};

#[tokio::test]
async fn a_group_is_made_renamed_filled_and_deleted() {
    let api = Administrator::new().await;
    let made = api.ok("POST", "/groups", json!({"display_name": "finance", "external_id": "g-1"})).await;
    let path = format!("/groups/{}", made["id"].as_str().unwrap());
    api.refused("POST", "/groups", json!({"display_name": "Finance"}), 409).await;
    api.refused("POST", "/groups", json!({"display_name": " "}), 400).await;
    let renamed = api.ok("PATCH", &path, json!({"display_name": "money", "external_id": null})).await;
    assert_eq!((&renamed["display_name"], &renamed["external_id"]), (&json!("money"), &json!(null)));
    let nina = api.world.state.idp.people().user_by_name("nina").unwrap().id.to_string();
    let ethan = api.world.ethan.to_string();
    let both = api.ok("POST", &format!("{path}/members"), json!({"add": [nina, ethan]})).await;
    assert_eq!(both["member_count"], 2);
    let members = format!("{path}/members");
    assert_eq!(api.ok("POST", &members, json!({"remove": [ethan]})).await["member_count"], 1);
    assert_eq!(ids(&api.ok("GET", &members, Value::Null).await), [nina.as_str()]);
    let told = api.refused("POST", &members, json!({"add": [nina], "remove": [nina]}), 400).await;
    assert!(told.contains("one request"), "{told}");
    let told = api.refused("POST", &members, json!({"add": ["nobody", ethan]}), 400).await;
    assert!(told.contains("nobody"), "{told}");
    assert_eq!(ids(&api.ok("GET", &members, Value::Null).await), [nina.as_str()], "all or none");
    let many: Vec<String> = (0..501).map(|number| format!("p{number}")).collect();
    assert!(api.refused("POST", &members, json!({ "add": many }), 400).await.contains("500"));
    api.ok("DELETE", &path, Value::Null).await;
    api.refused("GET", &members, Value::Null, 404).await;
}

#[tokio::test]
async fn a_group_is_authorised_from_its_own_side() {
    let api = Administrator::new().await;
    let (mut ids, path) = (Vec::new(), format!("/groups/{}/applications", api.world.sales));
    for label in ["Wiki", "Mail"] {
        let made = api.ok("POST", "/applications", json!({"connector": "saml", "label": label})).await;
        ids.push(made["id"].as_str().unwrap().to_owned());
    }
    let labels = |answer: &Value| -> Vec<String> {
        let all = answer["applications"].as_array().unwrap();
        all.iter().map(|one| one["label"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(labels(&api.ok("PUT", &path, json!({ "applications": ids })).await), ["Mail", "Wiki"]);
    let shown = api.ok("GET", &format!("/applications/{}", ids[0]), Value::Null).await;
    assert_eq!(shown["groups"], json!([api.world.sales.as_str()]));
    assert_eq!(labels(&api.ok("PUT", &path, json!({"applications": [ids[1]]})).await), ["Mail"]);
    api.refused("PUT", &path, json!({"applications": [ids[0], "app-none"]}), 404).await;
    assert_eq!(labels(&api.ok("GET", &path, Value::Null).await), ["Mail"], "all or nothing");
}
