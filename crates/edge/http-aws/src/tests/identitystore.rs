use serde_json::{Value, json};

use super::world::{ACCOUNT, Reply, World};

mod groups;
mod memberships;
mod users;

fn body(world: &World, more: &Value) -> Value {
    let mut body = json!({"IdentityStoreId": world.state.center.instance().identity_store_id});
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    body
}

/// Calls an operation on the world's identity store.
async fn call(world: &World, operation: &str, more: Value) -> Reply {
    world.json("identitystore", operation, &body(world, &more)).send().await
}

/// A conflict for this reason.
fn conflicts(reply: &Reply, reason: &str, message: &str) {
    reply.fails_json(400, "ConflictException", message);
    assert_eq!(reply.json()["Reason"], reason);
}

/// Something isn't there, and the error says what.
fn not_found(reply: &Reply, kind: &str) {
    reply.fails_json(400, "ResourceNotFoundException", &format!("{kind} not found."));
    assert_eq!(reply.json()["ResourceType"], kind);
}

#[tokio::test]
async fn people_are_listed_in_pages() {
    let world = World::new().await;
    let mut ids = Vec::new();
    for name in ["ethan", "fiona", "olivia"] {
        ids.push(world.user(name).await);
    }
    ids.sort();
    for records in 1..=4 {
        let (mut seen, mut token) = (Vec::new(), Value::Null);
        loop {
            let body = body(&world, &json!({"MaxResults": records, "NextToken": token}));
            let page = world.json("identitystore", "ListUsers", &body).send().await.ok().json();
            let users = page["Users"].as_array().unwrap();
            assert!(users.len() <= records);
            seen.extend(users.iter().map(|user| user["UserId"].as_str().unwrap().to_owned()));
            token = page["NextToken"].clone();
            if token.is_null() {
                break;
            }
        }
        assert_eq!(seen, ids, "{records} a page");
    }
}

#[tokio::test]
async fn a_person_is_shown_whole() {
    let world = World::new().await;
    let id = world.user("ethan").await;
    let store = &world.state.center.instance().identity_store_id;
    let filter = json!({"Filters": [{"AttributePath": "UserName", "AttributeValue": "ETHAN"}]});
    let reply = world.json("identitystore", "ListUsers", &body(&world, &filter)).send().await.ok();
    let expected = json!({"Users": [{
        "IdentityStoreId": store, "UserId": id, "UserArn": format!("arn:aws:identitystore:::user/{id}"), "Revision": "1",
        "UserName": "ethan", "UserStatus": "ENABLED", "DisplayName": "ethan",
        "Name": {"GivenName": "Given", "FamilyName": "Family"},
        "Emails": [{"Value": "ethan@example.com", "Primary": true}],
        "ExternalIds": [{"Issuer": format!("https://scim.aws.com/{store}"), "Id": "ext-ethan"}],
        "CreatedAt": 1_772_323_170, "UpdatedAt": 1_772_323_170,
    }]});
    assert_eq!(reply.json(), expected);
    let nobody = json!({"Filters": [{"AttributePath": "UserName", "AttributeValue": "nobody"}]});
    let reply = world.json("identitystore", "ListUsers", &body(&world, &nobody)).send().await.ok();
    assert_eq!(reply.json(), json!({"Users": []}));
}

#[tokio::test]
async fn ids_are_found_by_other_names() {
    let world = World::new().await;
    let (ethan, sales) = (world.user("ethan").await, world.group("awssso-sales").await);
    let issuer = format!("https://scim.aws.com/{}", world.state.center.instance().identity_store_id);
    let unique = |path: &str, value: &str| json!({"UniqueAttribute": {"AttributePath": path, "AttributeValue": value}});
    let external = |issuer: &str, id: &str| json!({"ExternalId": {"Issuer": issuer, "Id": id}});
    let table = [
        ("GetUserId", unique("userName", "Ethan"), "UserId", Some(&ethan)),
        ("GetUserId", external(&issuer, "ext-ethan"), "UserId", Some(&ethan)),
        ("GetUserId", external("https://other", "ext-ethan"), "UserId", None),
        ("GetUserId", unique("userName", "nobody"), "UserId", None),
        ("GetUserId", unique("emails.value", "ETHAN@example.com"), "UserId", Some(&ethan)),
        ("GetUserId", unique("emails.value", "nobody@example.com"), "UserId", None),
        ("GetGroupId", unique("displayName", "AWSSSO-sales"), "GroupId", Some(&sales)),
        ("GetGroupId", unique("displayName", "none"), "GroupId", None),
        ("GetGroupId", external(&issuer, "none"), "GroupId", None),
    ];
    for (operation, identifier, member, expected) in table {
        let reply = world
            .json("identitystore", operation, &body(&world, &json!({"AlternateIdentifier": identifier})))
            .send()
            .await;
        match expected {
            Some(id) => {
                let answer = reply.ok().json();
                assert_eq!(&answer[member], id, "{identifier}");
                assert!(answer[member.replace("Id", "Arn")].as_str().unwrap().ends_with(&format!("/{id}")), "{answer}");
            }
            None => not_found(&reply, if operation == "GetUserId" { "USER" } else { "GROUP" }),
        }
    }
}

#[tokio::test]
async fn groups_are_listed() {
    let world = World::new().await;
    let sales = world.group("awssso-sales").await;
    world.group("awssso-finance").await;
    let all = world.json("identitystore", "ListGroups", &body(&world, &json!({}))).send().await.ok();
    assert_eq!(all.json()["Groups"].as_array().unwrap().len(), 2);
    let filter = json!({"Filters": [{"AttributePath": "DisplayName", "AttributeValue": "awssso-sales"}]});
    let one = world.json("identitystore", "ListGroups", &body(&world, &filter)).send().await.ok();
    assert_eq!(one.json()["Groups"][0]["GroupId"], sales.as_str());
    assert_eq!(one.json()["Groups"].as_array().unwrap().len(), 1);
    assert!(world.last_record().target.ends_with(&world.state.center.instance().identity_store_id));
}

#[tokio::test]
async fn what_is_not_carried_out_is_refused_by_name() {
    let world = World::new().await;
    let filter = |path: &str| json!({"AttributePath": path, "AttributeValue": "x"});
    let unique = |path: &str| json!({"AlternateIdentifier": {"UniqueAttribute": filter(path)}});
    let table = [
        ("ListUsers", json!({"Extensions": ["aws:identitystore:other"]}), "aws:identitystore:enterprise"),
        ("ListUsers", json!({"SortBy": "UserName"}), "\"SortBy\" of ListUsers"),
        ("ListUsers", json!({"Filters": [filter("DisplayName")]}), "UserName"),
        ("ListGroups", json!({"Filters": [filter("UserName")]}), "DisplayName"),
        ("ListGroups", json!({"Filters": [filter("DisplayName"), filter("DisplayName")]}), "at most one"),
        ("ListUsers", json!({"Filters": [{"AttributePath": "UserName", "AttributeValue": "x", "More": 1}]}), "More"),
        ("GetUserId", unique("displayName"), "The attribute displayName is not a unique attribute"),
        ("GetGroupId", unique("userName"), "The attribute userName is not a unique attribute"),
        ("GetUserId", json!({"AlternateIdentifier": {}}), "ExternalId or UniqueAttribute"),
        ("GetUserId", json!({}), "AlternateIdentifier"),
        ("ListUsers", json!({"MaxResults": 101}), "MaxResults"),
    ];
    for (operation, more, message) in table {
        let reply = world.json("identitystore", operation, &body(&world, &more)).send().await;
        reply.fails_json(400, "ValidationException", message);
    }
    let rules = json!({"NetworkConfiguration": {"VpceAccessRequired": true}});
    let reply = call(&world, "UpdateIdentityStore", rules).await;
    reply.fails_json(400, "UnsupportedOperationException", "UpdateIdentityStore");
}

#[tokio::test]
async fn there_is_one_store() {
    let world = World::new().await;
    let id = &world.state.center.instance().identity_store_id;
    let arn = format!("arn:aws:identitystore::{ACCOUNT}:identitystore/{id}");
    let shown = json!({"IdentityStoreId": id, "IdentityStoreArn": arn});
    let list = world.json("identitystore", "ListIdentityStores", &json!({"MaxResults": 1})).send().await.ok();
    assert_eq!(list.json(), json!({"IdentityStores": [shown]}));
    for name in [id, &arn] {
        let given = json!({"IdentityStoreId": name});
        let reply = world.json("identitystore", "DescribeIdentityStore", &given).send().await.ok();
        assert_eq!(reply.json(), shown);
        world.json("identitystore", "ListUsers", &given).send().await.ok();
        assert_eq!(world.last_record().target, arn);
    }
    let elsewhere = arn.replace(ACCOUNT, "999999999999");
    for operation in ["ListUsers", "ListGroups", "DescribeIdentityStore"] {
        let reply = world.json("identitystore", operation, &json!({"IdentityStoreId": "d-0000000000"})).send().await;
        not_found(&reply, "IDENTITY_STORE");
        assert_eq!(reply.json()["ResourceId"], "d-0000000000");
        let reply = world.json("identitystore", operation, &json!({"IdentityStoreId": elsewhere})).send().await;
        reply.fails_json(400, "AccessDeniedException", "no resource-based policy allows");
    }
    let token = world.json("identitystore", "ListIdentityStores", &json!({"NextToken": "eA"})).send().await;
    token.fails_json(400, "ValidationException", "NextToken");
}

#[tokio::test]
async fn a_page_goes_on_only_where_it_began() {
    let world = World::new().await;
    for name in ["a", "b"] {
        world.user(name).await;
        world.group(name).await;
    }
    let page = call(&world, "ListUsers", json!({"MaxResults": 1})).await.ok().json();
    let token = page["NextToken"].clone();
    call(&world, "ListUsers", json!({"NextToken": token})).await.ok();
    let other = call(&world, "ListGroups", json!({"NextToken": token})).await;
    other.fails_json(400, "ValidationException", "not a token of this operation");
}

#[tokio::test]
async fn a_refusal_repeats_no_value() {
    let world = World::new().await;
    let refused = call(&world, "ListUsers", json!({"Filters": "hunter2"})).await;
    refused.fails_json(400, "ValidationException", "Filters");
    assert!(!format!("{:?}", world.last_record()).contains("hunter2"));
    let refused = world.json("gatehouse", "CreatePasswordResetLink", &json!({"UserName": 271_828_182})).send().await;
    refused.fails_json(400, "ValidationException", "it must be a string");
    assert!(!format!("{:?}", world.last_record()).contains("271828182"));
}
