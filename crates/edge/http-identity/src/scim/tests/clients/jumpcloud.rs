//! What JumpCloud sends.

use super::super::*;

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
async fn jumpcloud_patches_one_attribute_at_a_time_and_puts_photos() {
    let world = world().await;
    let path = format!("/Users/{}", world.user("a").await);
    for (attribute, value) in [("active", json!(false)), ("active", json!(true)), ("title", json!("Agent"))] {
        let patched = world.patch(&path, json!([{"op": "replace", "path": attribute, "value": value}])).await;
        assert_eq!((patched.status, &patched.body[attribute]), (200, &value));
    }
    let whole = json!({
        "schemas": ["urn:ietf:params:scim:schemas:extension:enterprise:2.0:User", "urn:ietf:params:scim:schemas:core:2.0:User"],
        "userName": "a",
        "photos": [{"type": "photo", "value": "https://example.com/a.png"}],
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": {"department": "Sales"},
    });
    let put = world.call("PUT", &path, whole).await;
    assert_eq!((put.status, &put.body["photos"][0]["value"]), (200, &json!("https://example.com/a.png")));
    let group = format!("/Groups/{}", world.group("g", &[]).await);
    let a = path.trim_start_matches("/Users/").to_owned();
    let added = world.patch(&group, json!([{"op": "add", "path": "members", "value": [{"value": a}]}])).await;
    assert_eq!(members(&added.body), [a]);
}
