use serde_json::json;

use super::super::world::World;
use super::{call, conflicts, not_found};

const NOTHING: &str = "00000000-0000-4000-8000-000000000000";

#[tokio::test]
async fn a_group_lives_and_ends() {
    let world = World::new().await;
    let store = &world.state.center.instance().identity_store_id;
    let made =
        call(&world, "CreateGroup", json!({"DisplayName": "sales", "Description": "They sell."})).await.ok().json();
    let id = made["GroupId"].as_str().unwrap();
    let arn = format!("arn:aws:identitystore:::group/{id}");
    assert_eq!(made, json!({"IdentityStoreId": store, "GroupId": id, "GroupArn": arn, "Revision": "1"}));
    let expected = json!({
        "IdentityStoreId": store, "GroupId": id, "GroupArn": arn, "Revision": "1", "DisplayName": "sales",
        "Description": "They sell.", "CreatedAt": 1_772_323_170, "UpdatedAt": 1_772_323_170,
    });
    for name in [id, &arn] {
        assert_eq!(call(&world, "DescribeGroup", json!({"GroupId": name})).await.ok().json(), expected);
        assert_eq!(world.last_record().target, arn);
    }

    let operations = json!([
        {"AttributePath": "displayName", "AttributeValue": "Sales"},
        {"AttributePath": "Description"},
    ]);
    let update = json!({"GroupId": id, "Operations": operations, "Revision": "1"});
    assert_eq!(call(&world, "UpdateGroup", update.clone()).await.ok().json()["Revision"], "2");
    conflicts(&call(&world, "UpdateGroup", update).await, "CONCURRENT_MODIFICATION", "version 1 was expected");
    let shown = call(&world, "DescribeGroup", json!({"GroupId": id})).await.ok().json();
    assert_eq!((&shown["DisplayName"], shown.get("Description")), (&json!("Sales"), None));

    let delete = |revision: &str| json!({"GroupId": id, "Revision": revision});
    conflicts(&call(&world, "DeleteGroup", delete("1")).await, "CONCURRENT_MODIFICATION", "version 1");
    assert_eq!(call(&world, "DeleteGroup", delete("2")).await.ok().json(), json!({}));
    not_found(&call(&world, "DeleteGroup", json!({"GroupId": id})).await, "GROUP");
}

#[tokio::test]
async fn groups_are_refused_for_a_reason() {
    let world = World::new().await;
    let sales = world.group("sales").await;
    world.group("finance").await;
    conflicts(
        &call(&world, "CreateGroup", json!({"DisplayName": "SALES"})).await,
        "UNIQUENESS_CONSTRAINT_VIOLATION",
        "Duplicate GroupDisplayName",
    );
    let rename = |value: &str| {
        let operation = json!({"AttributePath": "displayName", "AttributeValue": value});
        json!({"GroupId": sales, "Operations": [operation]})
    };
    conflicts(
        &call(&world, "UpdateGroup", rename("Finance")).await,
        "UNIQUENESS_CONSTRAINT_VIOLATION",
        "Duplicate GroupDisplayName",
    );
    let operations = |path: &str| json!({"GroupId": sales, "Operations": [{"AttributePath": path}]});
    let table = [
        ("CreateGroup", json!({}), "displayname: The attribute displayname is required"),
        ("CreateGroup", json!({"DisplayName": "administrator"}), "reserved name"),
        ("CreateGroup", json!({"DisplayName": "x".repeat(1025)}), "1 to 1024 characters"),
        ("CreateGroup", json!({"DisplayName": "x", "Members": []}), "\"Members\" of CreateGroup"),
        ("UpdateGroup", rename("AWSAdministrators"), "reserved name"),
        ("UpdateGroup", operations("displayName"), "displayname: The attribute displayname is required"),
        ("UpdateGroup", operations("members"), "\"members\" is not supported"),
        ("DescribeGroup", json!({"GroupId": "sales"}), "GroupId"),
    ];
    for (operation, input, message) in table {
        call(&world, operation, input).await.fails_json(400, "ValidationException", message);
    }
    for (operation, mut input) in
        [("DescribeGroup", json!({})), ("DeleteGroup", json!({})), ("UpdateGroup", rename("x"))]
    {
        input["GroupId"] = json!(NOTHING);
        not_found(&call(&world, operation, input).await, "GROUP");
    }
}

#[tokio::test]
async fn an_update_keeps_the_members() {
    let world = World::new().await;
    let (group, user) = (world.group("sales").await, world.user("ethan").await);
    call(&world, "CreateGroupMembership", json!({"GroupId": group, "MemberId": {"UserId": user}})).await.ok();
    let operations = json!([{"AttributePath": "description", "AttributeValue": "x"}]);
    call(&world, "UpdateGroup", json!({"GroupId": group, "Operations": operations})).await.ok();
    let list = call(&world, "ListGroupMemberships", json!({"GroupId": group})).await.ok().json();
    assert_eq!(list["GroupMemberships"][0]["MemberId"]["UserId"], user.as_str());
}
