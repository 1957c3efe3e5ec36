//! What Okta sends: OIN applications (PATCH) and custom ones (PUT), people and Group Push.

use base::Secret;

use super::super::*;

const LOOPBACK: std::net::IpAddr = std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST);

#[tokio::test]
async fn okta_provisions_a_person_and_deactivates_them() {
    let world = world().await;
    let probe = world.get(r#"/Users?filter=userName eq "ethan"&startIndex=1&count=100"#).await;
    assert_eq!((probe.status, &probe.body["totalResults"]), (200, &json!(0)));
    let create = json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
        "userName": "ethan",
        "name": {"givenName": "Ethan", "familyName": "Hunt"},
        "emails": [{"primary": true, "value": "ethan@example.com", "type": "work"}],
        "displayName": "Ethan Hunt",
        "locale": "en-US",
        "externalId": "00ujl29u0le5T6Aj10h7",
        "groups": [],
        "password": "1mz050nq",
        "active": true,
    });
    let created = world.call("POST", "/Users", create.clone()).await;
    assert_eq!(created.status, 201);
    let path = format!("/Users/{}", created.id());
    assert_eq!(created.header("location"), format!("http://x/scim/v2{path}"));
    assert_eq!(created.header("location"), created.body["meta"]["location"]);
    assert!(created.body.get("password").is_none());
    let again = world.call("POST", "/Users", create).await;
    assert_eq!((again.status, again.body["scimType"].as_str()), (409, Some("uniqueness")));
    assert!(again.body["detail"].as_str().unwrap().contains(&created.id()));
    let signed_in = world.directory.verify_password("ethan", &Secret::from("1mz050nq"), LOOPBACK).await;
    assert_eq!(signed_in.unwrap().user_name(), "ethan");
    // the profile is read and put back whole, with what Okta didn't understand
    let mut whole = world.get(&path).await.body;
    whole["title"] = json!("Agent");
    let put = world.call("PUT", &path, whole).await;
    assert_eq!((put.status, &put.body["title"], &put.body["locale"]), (200, &json!("Agent"), &json!("en-US")));
    let off = world.patch(&path, json!([{"op": "replace", "value": {"active": false}}])).await;
    assert_eq!((off.status, &off.body["active"]), (200, &json!(false)));
    assert!(world.directory.verify_password("ethan", &Secret::from("1mz050nq"), LOOPBACK).await.is_err());
    assert_eq!(world.get("/Users").await.body["totalResults"], 1, "disabled people are still listed");
    let on = world.call("PUT", &path, json!({"userName": "ethan", "active": true})).await;
    assert_eq!(on.body["active"], json!(true));
}

#[tokio::test]
async fn okta_pushes_a_group() {
    let world = world().await;
    let (a, b) = (world.user("a").await, world.user("b").await);
    let create = json!({"schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"], "displayName": "awssso-sales", "members": []});
    let group = format!("/Groups/{}", world.call("POST", "/Groups", create).await.id());
    let renamed = world
        .patch(&group, json!([{"op": "replace", "value": {"id": "another", "displayName": "awssso-sales2"}}]))
        .await;
    assert_eq!((renamed.status, &renamed.body["displayName"]), (200, &json!("awssso-sales2")));
    let both = json!([{"value": a, "display": "a"}, {"value": b, "display": "b"}]);
    let pushed = world.patch(&group, json!([{"op": "replace", "path": "members", "value": both}])).await;
    assert_eq!(pushed.body["members"].as_array().unwrap().len(), 2);
    let mixed = world.patch(
        &group,
        json!([
            {"op": "remove", "path": format!("members[value eq \"{a}\"]")},
            {"op": "add", "path": "members", "value": [{"value": b, "display": "b"}]},
        ]),
    );
    let mixed = mixed.await;
    assert_eq!(mixed.body["members"].as_array().unwrap().len(), 1);
    assert_eq!(mixed.body["members"][0]["value"], json!(b));
    assert_eq!(world.get(&format!("/Users/{b}")).await.body["groups"][0]["display"], "awssso-sales2");
    let emptied = world.patch(&group, json!([{"op": "replace", "path": "members", "value": []}])).await;
    assert_eq!((emptied.status, &emptied.body["members"]), (200, &json!([])));
    assert_eq!(world.call("DELETE", &group, Value::Null).await.status, 204);
    assert_eq!(world.get(&group).await.status, 404);
}

#[tokio::test]
async fn okta_puts_a_person_back_with_fields_of_its_own_and_turns_them_off_by_put() {
    let world = world().await;
    let path = format!("/Users/{}", world.user("ethan").await);
    let whole = json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User", "urn:okta:custom:user:1.0:Hunt"],
        "id": "00u-okta",
        "userName": "ethan",
        "displayName": "Ethan",
        "active": false,
        "groups": [],
        "shoeSize": 43,
        "urn:okta:custom:user:1.0:Hunt": {"team": "IMF"},
        "meta": {"resourceType": "User"},
    });
    let put = world.call("PUT", &path, whole).await;
    assert_eq!((put.status, &put.body["active"], &put.body["shoeSize"]), (200, &json!(false), &json!(43)));
    assert_eq!(put.body["urn:okta:custom:user:1.0:Hunt"]["team"], "IMF");
    assert!(path.ends_with(put.body["id"].as_str().unwrap()), "the id is ours");
}

#[tokio::test]
async fn okta_puts_groups_of_custom_applications() {
    let world = world().await;
    let (a, b) = (world.user("a").await, world.user("b").await);
    let group = format!("/Groups/{}", world.group("Sales", &[&a]).await);
    let body = json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"],
        "displayName": "Sales 2",
        "members": [{"value": b, "display": "b"}],
    });
    let put = world.call("PUT", &group, body).await;
    assert_eq!((put.status, &put.body["displayName"]), (200, &json!("Sales 2")));
    assert_eq!(members(&put.body), [b]);
}

#[tokio::test]
async fn okta_imports_by_pages_of_a_hundred() {
    let world = world().await;
    for number in 0..103 {
        world.user(&format!("user{number}")).await;
    }
    let first = world.get("/Users?startIndex=1&count=100").await.body;
    assert!(first["totalResults"].is_u64() && first["startIndex"].is_u64() && first["itemsPerPage"].is_u64());
    let second = world.get("/Users?startIndex=101&count=100").await.body;
    assert_eq!((first["itemsPerPage"].as_u64(), second["itemsPerPage"].as_u64()), (Some(100), Some(3)));
    let mut all = ids(&first);
    all.extend(ids(&second));
    all.dedup();
    assert_eq!(all.len(), 103);
}
