use serde_json::{Value, json};

use super::world::World;

fn body(world: &World, more: &Value) -> Value {
    let mut body = json!({"IdentityStoreId": world.state.center.instance().identity_store_id});
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    body
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
        "IdentityStoreId": store, "UserId": id, "UserName": "ethan", "UserStatus": "ENABLED", "DisplayName": "ethan",
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
            Some(id) => assert_eq!(&reply.ok().json()[member], id, "{identifier}"),
            None => {
                let kind = if operation == "GetUserId" { "USER" } else { "GROUP" };
                reply.fails_json(400, "ResourceNotFoundException", kind);
                assert_eq!(reply.json()["ResourceType"], kind);
            }
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
        ("ListUsers", json!({"Extensions": ["aws:identitystore:enterprise"]}), "\"Extensions\" of ListUsers"),
        ("ListUsers", json!({"Filters": [filter("DisplayName")]}), "UserName"),
        ("ListGroups", json!({"Filters": [filter("UserName")]}), "DisplayName"),
        ("ListGroups", json!({"Filters": [filter("DisplayName"), filter("DisplayName")]}), "at most one"),
        ("ListUsers", json!({"Filters": [{"AttributePath": "UserName", "AttributeValue": "x", "More": 1}]}), "More"),
        ("GetUserId", unique("emails.value"), "emails.value"),
        ("GetGroupId", unique("userName"), "userName"),
        ("GetUserId", json!({"AlternateIdentifier": {}}), "ExternalId or UniqueAttribute"),
        ("GetUserId", json!({}), "AlternateIdentifier"),
        ("ListUsers", json!({"MaxResults": 101}), "MaxResults"),
    ];
    for (operation, more, message) in table {
        let reply = world.json("identitystore", operation, &body(&world, &more)).send().await;
        reply.fails_json(400, "ValidationException", message);
    }
    let other = json!({"IdentityStoreId": "d-0000000000"});
    for operation in ["ListUsers", "ListGroups"] {
        let reply = world.json("identitystore", operation, &other).send().await;
        reply.fails_json(400, "ResourceNotFoundException", "IDENTITY_STORE");
        assert_eq!(reply.json()["ResourceId"], "d-0000000000");
    }
    let reply = world.json("identitystore", "CreateUser", &other).send().await;
    reply.fails_json(400, "UnsupportedOperationException", "CreateUser");
}
