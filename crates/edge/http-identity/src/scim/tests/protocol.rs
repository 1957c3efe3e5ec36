//! What holds for every request: tokens, methods, media types, limits, records.

use std::sync::atomic::AtomicUsize;

use futures_util::StreamExt as _;

use super::*;

#[tokio::test]
async fn nothing_is_answered_without_a_valid_token() {
    let world = world().await;
    let token = world.token.clone();
    for path in ["/Users", "/Users/x", "/Groups", "/Schemas", "/ServiceProviderConfig", "/Bulk", "/nothing", "/", ""] {
        for header in [None, Some("Bearer wrong"), Some("Basic eDp5"), Some(token.as_str()), Some("Bearer ")] {
            let mut request = axum::http::Request::builder().uri(format!("/scim/v2{path}"));
            if let Some(header) = header {
                request = request.header("authorization", header);
            }
            let answer = world.send(request.body(Body::empty()).unwrap()).await;
            assert_eq!((answer.status, answer.body["status"].as_str()), (401, Some("401")), "{path} {header:?}");
            assert!(answer.header("www-authenticate").starts_with("Bearer"));
        }
    }
    let event = world.last_event();
    assert_eq!((event.outcome, event.principal), (Outcome::Denied, Principal::Anonymous));
    assert_eq!(world.get("/Users").await.status, 200);
    world.clock.advance(Duration::days(365));
    assert_eq!(world.get("/Users").await.status, 401);
}

#[tokio::test]
async fn two_authorization_headers_are_refused() {
    let world = world().await;
    let request = world.request("GET", "/Users").header("authorization", "Bearer x").body(Body::empty()).unwrap();
    assert_eq!(world.send(request).await.status, 401);
}

#[tokio::test]
async fn paths_and_methods() {
    let world = world().await;
    for (method, path, status) in [
        ("GET", "/Users/", 200),
        ("GET", "/Users?aadOptscim062020", 200),
        ("GET", "/ServiceProviderConfig/", 200),
        ("GET", "/ResourceTypes/User", 200),
        ("GET", "/ResourceTypes/Robot", 404),
        ("GET", "/Schemas/urn:ietf:params:scim:schemas:core:2.0:Group", 200),
        ("GET", "/Schemas/urn%3Aietf%3Aparams%3Ascim%3Aschemas%3Acore%3A2.0%3AUser", 200),
        ("GET", "/Schemas?filter=id%20pr", 403),
        ("POST", "/Schemas", 405),
        ("DELETE", "/Users", 405),
        ("POST", "/Users/x", 405),
        ("PUT", "/ServiceProviderConfig", 405),
        ("OPTIONS", "/Users", 405),
        ("GET", "/Users/x", 404),
        ("PUT", "/Users/x", 404),
        ("PATCH", "/Groups/x", 404),
        ("DELETE", "/Groups/x", 404),
        ("GET", "/", 404),
        ("GET", "", 404),
        ("GET", "/anything", 404),
        ("GET", "/Users/a/b", 404),
        ("POST", "/Bulk", 400),
        ("GET", "/Bulk", 405),
        ("GET", "/Me", 501),
        ("POST", "/Me", 501),
        ("POST", "/.search", 200),
        ("POST", "/Users/.search/", 200),
        ("GET", "/Groups/.search", 405),
        ("GET", "/Users?sortBy=userName", 200),
        ("GET", "/Users?cursor=", 200),
        ("GET", "/Users?cursor=x", 400),
        ("GET", "/Users?count=x", 400),
    ] {
        let answer = world.call(method, path, json!({"userName": "a"})).await;
        assert_eq!(answer.status, status, "{method} {path}: {}", answer.body);
        if status >= 400 {
            assert_eq!(
                answer.body["schemas"],
                json!(["urn:ietf:params:scim:api:messages:2.0:Error"]),
                "{method} {path}"
            );
            assert_eq!(answer.body["status"], status.to_string());
            assert!(answer.body["detail"].as_str().is_some_and(|detail| !detail.is_empty()));
        }
        if status == 405 {
            assert!(answer.header("allow").contains("GET") || answer.header("allow") == "POST");
        }
    }
}

/// Most clients send all of a body before they read: they would see a broken connection instead of the reason.
#[tokio::test]
async fn a_body_that_is_too_large_is_read_and_thrown_away() {
    let world = world().await;
    let read = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&read);
    let parts = futures_util::stream::iter(0..3).map(move |_| {
        counter.fetch_add(1, Ordering::SeqCst);
        Ok::<_, std::convert::Infallible>("x".repeat(1024 * 1024))
    });
    let request = world.request("POST", "/Users").header("content-type", "application/scim+json");
    let request = request.header("content-length", 3 * 1024 * 1024).body(Body::from_stream(parts)).unwrap();
    assert_eq!((world.send(request).await.status, read.load(Ordering::SeqCst)), (413, 3));
}

#[tokio::test]
async fn bodies_are_checked() {
    let world = world().await;
    let post = |content_type: &str, body: String| {
        let request = world.request("POST", "/Users").header("content-type", content_type);
        world.send(request.body(Body::from(body)).unwrap())
    };
    assert_eq!(post("application/json", r#"{"userName": "a"}"#.to_owned()).await.status, 201);
    assert_eq!(post("text/plain", r#"{"userName": "b"}"#.to_owned()).await.status, 415);
    for body in ["", "{", "[]", "{\"password\": \"tops3cret\", x}"] {
        let answer = post("application/scim+json", body.to_owned()).await;
        assert_eq!((answer.status, answer.body["scimType"].as_str()), (400, Some("invalidSyntax")), "{body}");
        assert!(!answer.body.to_string().contains("tops3cret"));
    }
    let large = format!(r#"{{"userName": "c", "title": "{}"}}"#, "x".repeat(1024 * 1024));
    let many: Vec<Value> = (0..1001).map(|at| json!({"value": format!("{at}@x.y")})).collect();
    let answer = post("application/scim+json", json!({"userName": "c", "emails": many}).to_string()).await;
    assert_eq!((answer.status, answer.body["scimType"].as_str()), (400, Some("invalidValue")));
    assert_eq!(post("application/scim+json", large).await.status, 413);
    assert_eq!(world.directory.user_count(), 1);
}

#[tokio::test]
async fn each_request_is_recorded_once_with_names_and_without_values() {
    let world = world().await;
    let body = json!({"userName": "ethan", "title": "Agent 7", "password": "t3stPassw0rd"});
    let ethan = world.call("POST", "/Users", body).await.id();
    let event = world.last_event();
    assert_eq!(event.principal, Principal::ScimClient { token_id: world.token_id.clone() });
    assert_eq!(
        (event.outcome, event.action.as_str(), event.target.as_str()),
        (Outcome::Allowed, "POST /Users", "/Users")
    );
    assert_eq!((field(&event, "status"), field(&event, "created")), ("201".to_owned(), ethan.clone()));
    assert_eq!(field(&event, "changed"), "active,title,userName,password");
    let group = world.group("g", &[]).await;
    world
        .patch(&format!("/Groups/{group}"), json!([{"op": "add", "path": "members", "value": [{"value": ethan}]}]))
        .await;
    let event = world.last_event();
    assert_eq!((field(&event, "changed"), field(&event, "members_added")), ("members".to_owned(), ethan.clone()));
    let refused =
        world.patch(&format!("/Users/{ethan}"), json!([{"op": "replace", "path": "password", "value": "short"}])).await;
    assert_eq!(refused.status, 400);
    let event = world.last_event();
    assert_eq!((event.outcome, field(&event, "scim_type")), (Outcome::Failed, "invalidValue".to_owned()));
    assert_eq!(world.events(), 4);
    let all = format!("{:?}", world.audit.events.lock().unwrap());
    assert!(!all.contains("t3stPassw0rd") && !all.contains("short") && !all.contains("Agent 7"), "{all}");
}

#[tokio::test]
async fn what_cannot_be_recorded_is_not_answered() {
    let world = world().await;
    world.audit.broken.store(true, Ordering::SeqCst);
    let answer = world.get("/Users").await;
    assert_eq!((answer.status, answer.body["status"].as_str()), (503, Some("503")));
    assert!(!answer.header("retry-after").is_empty());
}

#[tokio::test]
async fn etags() {
    let world = world().await;
    let ethan = format!("/Users/{}", world.user("ethan").await);
    let answer = world.get(&ethan).await;
    assert_eq!((answer.header("etag"), answer.body["meta"]["version"].as_str()), ("W/\"1\"", Some("W/\"1\"")));
    let conditional = async |method: &str, header: &str, tag: &str, body: Value| {
        let request = world.request(method, &ethan).header(header, tag).header("content-type", "application/scim+json");
        world.send(request.body(Body::from(body.to_string())).unwrap()).await
    };
    let unchanged = conditional("GET", "if-none-match", "W/\"1\"", Value::Null).await;
    assert_eq!((unchanged.status, unchanged.header("etag")), (304, "W/\"1\""));
    let body = json!({"userName": "ethan", "title": "x"});
    assert_eq!(conditional("PUT", "if-match", "W/\"9\"", body.clone()).await.status, 412);
    let updated = conditional("PUT", "if-match", "W/\"1\"", body.clone()).await;
    assert_eq!((updated.status, updated.header("etag")), (200, "W/\"2\""));
    let same = conditional("PUT", "if-match", "*", body).await;
    assert_eq!((same.status, same.header("etag")), (200, "W/\"2\""), "an unchanged value has the same version");
    assert_eq!(conditional("GET", "if-none-match", "W/\"1\"", Value::Null).await.status, 200);
    assert_eq!(conditional("DELETE", "if-match", "W/\"1\"", Value::Null).await.status, 412);
    assert_eq!(conditional("DELETE", "if-match", "W/\"2\"", Value::Null).await.status, 204);
}

#[tokio::test]
async fn lists_are_paged_filtered_and_projected() {
    let world = world().await;
    let mut ids = Vec::new();
    for number in 0..7 {
        ids.push(world.user(&format!("user{number}")).await);
    }
    let group = world.group("g", &[&ids[2], &ids[5]]).await;
    ids.sort();
    let page = world.get("/Users?startIndex=3&count=2&attributes=userName").await.body;
    assert_eq!((&page["totalResults"], &page["startIndex"], &page["itemsPerPage"]), (&json!(7), &json!(3), &json!(2)));
    let found: Vec<&str> =
        page["Resources"].as_array().unwrap().iter().map(|one| one["id"].as_str().unwrap()).collect();
    assert_eq!(found, ids[2..4]);
    assert!(page["Resources"][0].get("active").is_none());
    assert_eq!(world.get("/Users?count=0").await.body["Resources"], json!([]));
    for (path, total) in [
        (r#"/Users?filter=userName eq "USER3""#.to_owned(), 1),
        (r#"/Users?filter=userName eq "nobody""#.to_owned(), 0),
        (r#"/Users?filter=userName eq "user3" and active eq false"#.to_owned(), 0),
        (r#"/Users?filter=userName sw "user" and not (userName ew "3")"#.to_owned(), 6),
        (format!(r#"/Users?filter=id eq "{}" and userName sw "user""#, ids[0]), 1),
        (format!(r#"/Users?filter=groups.value eq "{group}""#), 2),
        (r#"/Users?filter=groups.display eq "g""#.to_owned(), 2),
        (r#"/Groups?filter=displayName eq "G""#.to_owned(), 1),
        (
            format!(
                r#"/Groups?filter=members eq "{}" and displayName eq "g""#,
                world.directory.user_by_name("user2").unwrap().id
            ),
            1,
        ),
        (format!(r#"/Groups?filter=id eq "{group}" and members eq "nobody""#), 0),
        (r#"/Groups?filter=members.display co "user5""#.to_owned(), 1),
    ] {
        let answer = world.get(&path).await;
        assert_eq!((answer.status, &answer.body["totalResults"]), (200, &json!(total)), "{path}: {}", answer.body);
    }
    let bad = world.get("/Users?filter=userName").await;
    assert_eq!((bad.status, bad.body["scimType"].as_str()), (400, Some("invalidFilter")));
    let without = world.get(&format!("/Groups/{group}?excludedAttributes=members")).await.body;
    assert!(without.get("members").is_none());
    assert_eq!(world.get(&format!("/Groups/{group}")).await.body["members"].as_array().unwrap().len(), 2);
}

#[test]
fn the_status_of_an_error_is_one_of_http() {
    let error = ScimError::TooMany(String::new());
    assert_eq!(StatusCode::from_u16(error.status()).unwrap(), StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn the_address_of_a_tenant_is_another_door() {
    let world = world().await;
    let a = world.user("a").await;
    let ask = async |path: String, token: &str| {
        let request = axum::http::Request::builder().uri(path).header("authorization", format!("Bearer {token}"));
        world.send(request.body(Body::empty()).unwrap()).await
    };
    let found = ask(format!("/{TENANT}/scim/v2/Users/{a}"), &world.token).await;
    assert_eq!(found.body["meta"]["location"], format!("http://x/{TENANT}/scim/v2/Users/{a}"));
    assert_eq!(world.get(&format!("/Users/{a}")).await.body["meta"]["location"], format!("http://x/scim/v2/Users/{a}"));
    for path in ["/Users/", "/Users", "//Users"] {
        assert_eq!(ask(format!("/{TENANT}/scim/v2{path}"), &world.token).await.status, 200, "{path}");
    }
    assert_eq!(ask(format!("/{TENANT}/scim/v2/"), &world.token).await.status, 404);
    assert_eq!(ask(format!("/{TENANT}/scim/v2"), &world.token).await.status, 404);
    for (path, token) in [
        ("/d-0000000000/scim/v2/Users".to_owned(), world.token.as_str()),
        ("/scim/scim/v2/Users".to_owned(), world.token.as_str()),
        (format!("/{TENANT}/scim/v2/Users"), "wrong"),
    ] {
        let refused = ask(path.clone(), token).await;
        assert_eq!((refused.status, refused.body["status"].as_str()), (401, Some("401")), "{path}");
        assert_eq!(refused.body["detail"], ask("/scim/v2/Users".to_owned(), "wrong").await.body["detail"]);
    }
}

#[tokio::test]
async fn who_is_there_is_adopted_and_never_taken_over() {
    let world = world().await;
    let new = directory::NewUser { user_name: "ethan".to_owned(), active: true, ..directory::NewUser::default() };
    let ethan = world.directory.create_user(new).await.unwrap();
    let body = json!({"userName": "Ethan", "externalId": "00u1", "active": true});
    let refused = world.call("POST", "/Users", body.clone()).await;
    assert_eq!((refused.status, refused.body["scimType"].as_str()), (409, Some("uniqueness")));
    let detail = refused.body["detail"].as_str().unwrap();
    assert!(detail.contains(r#"GET /Users?filter=userName eq "Ethan""#) && detail.contains("externalId"), "{detail}");
    let found = world.get(r#"/Users?filter=userName eq "Ethan""#).await.body;
    assert_eq!(ids(&found), [ethan.id.to_string()]);
    let adopted = world.call("PUT", &format!("/Users/{}", ethan.id), body).await;
    assert_eq!((adopted.status, adopted.body["externalId"].as_str()), (200, Some("00u1")));
    assert_eq!(world.directory.user(&ethan.id).unwrap().origin, directory::Origin::Scim);
    world.group("team", &[]).await;
    let group = world.call("POST", "/Groups", json!({"displayName": "TEAM"})).await;
    assert_eq!(group.status, 409);
    assert!(group.body["detail"].as_str().unwrap().contains(r#"GET /Groups?filter=displayName eq "TEAM""#));
    let same = world.call("POST", "/Users", json!({"userName": "other", "externalId": "00u1"})).await;
    assert_eq!(same.status, 409);
    assert!(same.body["detail"].as_str().unwrap().contains(r#"externalId eq "00u1""#));
}
