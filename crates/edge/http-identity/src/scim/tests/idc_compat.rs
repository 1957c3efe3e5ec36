//! The endpoint under Identity Center's profile.

use super::*;

fn complete(user_name: &str) -> Value {
    json!({
        "userName": user_name,
        "name": {"givenName": "G", "familyName": "F"},
        "displayName": "G F",
        "emails": [{"value": format!("{user_name}@example.com"), "type": "work", "primary": true}],
    })
}

async fn idc() -> World {
    world_of(Profile::IdcCompat).await
}

#[tokio::test]
async fn groups_never_list_their_members_which_are_asked_for_by_filter() {
    let world = idc().await;
    let a = world.call("POST", "/Users", complete("a")).await.id();
    let created = world.call("POST", "/Groups", json!({"displayName": "g", "members": [{"value": a}]})).await;
    assert_eq!((created.status, &created.body["members"]), (201, &json!([])));
    let group = created.id();
    assert_eq!(world.get(&format!("/Groups/{group}")).await.body["members"], json!([]));
    assert_eq!(world.get("/Groups").await.body["Resources"][0]["members"], json!([]));
    for (filter, total) in [
        (format!(r#"id eq "{group}" and members eq "{a}""#), 1),
        (format!(r#"members eq "nobody" and id eq "{group}""#), 0),
    ] {
        assert_eq!(world.get(&format!("/Groups?filter={filter}")).await.body["totalResults"], total, "{filter}");
    }
    assert_eq!(world.get(&format!(r#"/Users?filter=groups.value eq "{group}""#)).await.body["totalResults"], 1);
}

#[tokio::test]
async fn a_group_is_patched_with_204_and_within_its_limits() {
    let world = idc().await;
    let a = world.call("POST", "/Users", complete("a")).await.id();
    let group = format!("/Groups/{}", world.group("g", &[]).await);
    let added = world.patch(&group, json!([{"op": "add", "path": "members", "value": [{"value": a}]}])).await;
    assert_eq!((added.status, &added.body), (204, &Value::Null));
    let emptied = world.patch(&group, json!([{"op": "replace", "path": "members", "value": []}])).await;
    assert_eq!(emptied.status, 400);
    assert!(emptied.body["detail"].as_str().unwrap().starts_with("ValidationException: "));
    assert_eq!(emptied.header("x-amzn-errortype"), "ValidationException");
    assert_eq!(world.directory.member_count(&base::id::DirectoryGroupId::new(group.trim_start_matches("/Groups/"))), 1);
}

#[tokio::test]
async fn people_are_complete_single_valued_and_unique_by_email() {
    let world = idc().await;
    let a = world.call("POST", "/Users", complete("a")).await;
    assert_eq!(a.status, 201);
    assert_eq!(world.call("POST", "/Users", json!({"userName": "b"})).await.status, 400);
    let mut same = complete("b");
    same["emails"][0]["value"] = json!("A@example.com");
    let taken = world.call("POST", "/Users", same).await;
    assert_eq!((taken.status, taken.header("x-amzn-errortype")), (409, "ConflictException"));
    // a name that is taken too can be adopted: that is what the client has to know
    let again = world.call("POST", "/Users", complete("A")).await;
    assert!(again.body["detail"].as_str().unwrap().contains("To adopt"), "{}", again.body);
    let path = format!("/Users/{}", a.id());
    let second = json!([{"op": "add", "path": "emails", "value": [{"value": "x@y.z", "type": "home"}]}]);
    assert_eq!(world.patch(&path, second).await.status, 400);
    let title = world.patch(&path, json!([{"op": "add", "path": "title", "value": "Agent"}])).await;
    assert_eq!((title.status, &title.body["title"]), (200, &json!("Agent")));
    let mut put = complete("a");
    put["photos"] = json!([{"value": "https://x.y/z"}]);
    assert_eq!(world.call("PUT", &path, put).await.status, 400);
    assert_eq!(world.call("PUT", &path, complete("a")).await.status, 200);
}

#[tokio::test]
async fn what_identity_center_does_not_have() {
    let world = idc().await;
    let group = world.group("g", &[]).await;
    for (method, path) in [
        ("POST", "/Bulk".to_owned()),
        ("POST", "/.search".to_owned()),
        ("POST", "/Users/.search".to_owned()),
        ("PUT", format!("/Groups/{group}")),
        ("GET", "/Me".to_owned()),
    ] {
        assert_eq!(world.call(method, &path, json!({"displayName": "g"})).await.status, 501, "{path}");
    }
    for path in [r#"/Users?filter=userName sw "a""#, "/Users?sortBy=userName", "/Users?startIndex=2"] {
        let refused = world.get(path).await;
        assert_eq!((refused.status, refused.header("x-amzn-errortype")), (400, "ValidationException"), "{path}");
        assert_eq!(refused.body["schema"], refused.body["schemas"]);
    }
    let missing = world.get("/Users/x").await;
    assert_eq!((missing.status, missing.header("x-amzn-errortype")), (404, "ResourceNotFoundException"));
    let page = world.get("/Users?cursor&count=10").await.body;
    assert!(page.get("totalResults").is_none() && page.get("startIndex").is_none());
}

#[tokio::test]
async fn a_patch_without_a_user_agent_is_blocked() {
    let world = idc().await;
    let group = world.group("g", &[]).await;
    let mut request = world
        .request("PATCH", &format!("/Groups/{group}"))
        .header("content-type", "application/scim+json")
        .body(Body::from(json!({"Operations": [{"op": "replace", "path": "displayName", "value": "h"}]}).to_string()))
        .unwrap();
    request.headers_mut().remove("user-agent");
    let blocked = world.send(request).await;
    assert_eq!((blocked.status, blocked.header("x-amzn-errortype")), (403, "AccessDeniedException"));
}

#[tokio::test]
async fn an_address_that_is_shared_already_is_taken_too_and_who_shares_it_can_be_disabled() {
    let world = idc().await;
    for name in ["a", "b"] {
        let new = directory::NewUser {
            user_name: name.to_owned(),
            email: Some("Shared@example.com".to_owned()),
            active: true,
            ..directory::NewUser::default()
        };
        world.directory.create_user(new).await.unwrap();
    }
    let mut same = complete("c");
    same["emails"][0]["value"] = json!("shared@example.com");
    assert_eq!(world.call("POST", "/Users", same).await.status, 409);
    let path = format!("/Users/{}", world.directory.user_by_name("a").unwrap().id);
    let disabled = world.patch(&path, json!([{"op": "replace", "path": "active", "value": false}])).await;
    assert_eq!((disabled.status, &disabled.body["active"]), (200, &json!(false)));
}

#[tokio::test]
async fn one_of_many_who_come_at_once_with_the_same_address_gets_it() {
    let world = Arc::new(idc().await);
    let calls = (0..8).map(|at| {
        let (world, mut body) = (Arc::clone(&world), complete(&format!("u{at}")));
        body["emails"][0]["value"] = json!("shared@example.com");
        async move { world.call("POST", "/Users", body).await.status }
    });
    let mut statuses = futures_util::future::join_all(calls).await;
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 409, 409, 409, 409, 409, 409, 409]);
}
