//! What OneLogin, Ping and Google's syncer (ssosync) send.

use super::super::*;

#[tokio::test]
async fn onelogin_sends_a_lone_object_for_its_emails() {
    let world = world().await;
    let created = world.call("POST", "/Users", json!({"userName": "a", "emails": {"value": "a@x.y"}})).await;
    assert_eq!((created.status, &created.body["emails"][0]["value"]), (201, &json!("a@x.y")));
    let path = format!("/Users/{}", created.id());
    let put = world.call("PUT", &path, json!({"userName": "a", "emails": {"value": "b@x.y", "type": "work"}})).await;
    assert_eq!((put.status, &put.body["emails"]), (200, &json!([{"value": "b@x.y", "type": "work"}])));
    let group = format!("/Groups/{}", world.group("g", &[]).await);
    let a = created.id();
    let added = world.patch(&group, json!([{"op": "add", "path": "members", "value": [{"value": a}]}])).await;
    assert_eq!(members(&added.body), [a]);
}

#[tokio::test]
async fn ping_matches_by_user_name_and_changes_members_by_name() {
    let world = world().await;
    let (a, b) = (world.user("a").await, world.user("b").await);
    assert_eq!(world.get(r#"/Users?filter=userName eq "a"&startIndex=1&count=1"#).await.body["totalResults"], 1);
    let group = format!("/Groups/{}", world.group("g", &[&a]).await);
    let operations = json!([
        {"op": "add", "path": "members", "value": [{"value": b}]},
        {"op": "remove", "path": format!("members[value eq \"{a}\"]")},
    ]);
    assert_eq!(members(&world.patch(&group, operations).await.body), [b]);
}

#[tokio::test]
async fn ssosync_finds_puts_and_changes_members_in_chunks() {
    let world = world().await;
    let user = json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
        "userName": "ethan@example.com",
        "name": {"familyName": "Hunt", "givenName": "Ethan"},
        "displayName": "Ethan Hunt",
        "active": true,
        "emails": [{"value": "ethan@example.com", "type": "work", "primary": true}],
        "addresses": [{"type": "work"}],
    });
    let created = world.call("POST", "/Users", user.clone()).await;
    assert_eq!((created.status, &created.body["addresses"]), (201, &json!([{"type": "work"}])));
    let found = world.get(r#"/Users?filter=userName eq "ethan@example.com""#).await.body;
    assert_eq!((&found["totalResults"], &found["Resources"][0]["id"]), (&json!(1), &json!(created.id())));
    let mut changed = user;
    changed["displayName"] = json!("Ethan M. Hunt");
    let put = world.call("PUT", &format!("/Users/{}", created.id()), changed).await;
    assert_eq!((put.status, &put.body["displayName"]), (200, &json!("Ethan M. Hunt")));
    let mut people = Vec::new();
    for number in 0..150 {
        people.push(world.user(&format!("user{number}")).await);
    }
    let group = format!("/Groups/{}", world.group("google@example.com", &[]).await);
    let renamed = json!([
        {"op": "replace", "path": "displayName", "value": "sales@example.com"},
        {"op": "replace", "path": "externalId", "value": "01abc"},
    ]);
    let renamed = world.patch(&group, renamed).await.body;
    assert_eq!((&renamed["displayName"], &renamed["externalId"]), (&json!("sales@example.com"), &json!("01abc")));
    for (op, chunk, left) in
        [("add", 0..100, 100), ("add", 100..150, 150), ("remove", 0..100, 50), ("remove", 100..150, 0)]
    {
        let value: Vec<Value> = people[chunk].iter().map(|id| json!({"value": id})).collect();
        let answer = world.patch(&group, json!([{"op": op, "path": "members", "value": value}])).await;
        assert_eq!((answer.status, members(&answer.body).len()), (200, left));
    }
    assert_eq!(world.get(r#"/Groups?filter=displayName eq "SALES@example.com""#).await.body["totalResults"], 1);
}
