//! The requests that Okta, Entra and JumpCloud send (reference/standards.md 1.6).

use base::Secret;

use super::*;

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
async fn entra_finds_disables_and_moves_people() {
    let world = world().await;
    let probe = world.get(r#"/Users?filter=externalId eq "a2b7e1c4-none""#).await;
    assert_eq!((probe.status, &probe.body["Resources"]), (200, &json!([])));
    let a = world.user("a").await;
    let group = format!("/Groups/{}", world.group("g", &[&a]).await);
    let found = world.get(r#"/Groups?excludedAttributes=members&filter=displayName eq "G""#).await.body;
    assert_eq!(found["totalResults"], 1);
    assert!(found["Resources"][0].get("members").is_none());
    let add = json!([{"op": "Add", "path": "emails[type eq \"work\"].value", "value": "a@x.y"}, {"op": "Replace", "path": "active", "value": "False"}]);
    let disabled = world.patch(&format!("/Users/{a}?aadOptscim062020"), add).await;
    assert_eq!((disabled.status, &disabled.body["active"]), (200, &json!(false)));
    assert_eq!(world.get(r#"/Users?filter=emails[type eq "work"].value eq "A@X.Y""#).await.body["totalResults"], 1);
    let removed =
        world.patch(&group, json!([{"op": "Remove", "path": "members", "value": [{"$ref": null, "value": a}]}])).await;
    assert_eq!((removed.status, &removed.body["members"]), (200, &json!([])));
}

#[tokio::test]
async fn jumpcloud_tries_and_removes_a_person_and_a_group() {
    let world = world().await;
    let user = json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User", "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"],
        "userName": "test@example.com",
        "externalId": "5f3e1c2a9b8d7e6f5a4b3c2d",
        "phoneNumbers": [{"type": "work", "value": "tel:+1-555-0100"}],
        "active": true,
    });
    let created = world.call("POST", "/Users", user).await;
    assert_eq!(created.status, 201, "{}", created.body);
    let path = format!("/Users/{}", created.id());
    let put = world.call("PUT", &path, json!({"userName": "test@example.com", "emails": null})).await;
    assert_eq!((put.status, put.body.get("phoneNumbers"), &put.body["active"]), (200, None, &json!(true)));
    let (a, b) = (world.user("a").await, world.user("b").await);
    let group = format!("/Groups/{}", world.group("Test", &[&a, &b]).await);
    let left = world.patch(&group, json!([{"op": "remove", "path": "members", "value": [{"value": a}]}])).await;
    assert_eq!(left.body["members"][0]["value"], json!(b), "only the listed one was removed");
    for path in [group, path] {
        assert_eq!(world.call("DELETE", &path, Value::Null).await.status, 204);
        assert_eq!(world.get(&path).await.status, 404);
    }
}

#[tokio::test]
async fn strangers_and_groups_cannot_be_members() {
    let world = world().await;
    let group = world.group("g", &[]).await;
    for stranger in ["5f3e1c2a", group.as_str()] {
        let operations = json!([{"op": "add", "path": "members", "value": [{"value": stranger}]}]);
        let refused = world.patch(&format!("/Groups/{group}"), operations).await;
        assert_eq!((refused.status, refused.body["scimType"].as_str()), (400, Some("invalidValue")));
        assert!(refused.body["detail"].as_str().unwrap().contains(stranger));
    }
}
