//! POST /Bulk over HTTP.

use super::*;

const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

async fn bulk(world: &World, operations: Value) -> Answer {
    let body = json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"], "Operations": operations});
    world.call("POST", "/Bulk", body).await
}

fn post(path: &str, bulk_id: &str, data: Value) -> Value {
    json!({"method": "POST", "path": path, "bulkId": bulk_id, "data": data})
}

/// The statuses in the order of the answer.
fn statuses(answer: &Answer) -> Vec<&str> {
    assert_eq!(answer.status, 200, "{}", answer.body);
    answer.body["Operations"].as_array().unwrap().iter().map(|one| one["status"].as_str().unwrap()).collect()
}

fn id_of(operation: &Value) -> String {
    operation["location"].as_str().unwrap().rsplit('/').next().unwrap().to_owned()
}

#[tokio::test]
async fn references_point_back_and_forward_and_each_operation_is_recorded() {
    let world = world().await;
    let answer = bulk(
        &world,
        json!([
            post("/Groups", "g", json!({"displayName": "team", "members": [{"value": "bulkId:a"}, {"value": "bulkId:b"}]})),
            post("/Users", "a", json!({"userName": "a"})),
            post("/Users", "b", json!({"userName": "b", (ENTERPRISE): {"manager": {"value": "bulkId:a"}}})),
            {"method": "PATCH", "path": "/Users/bulkId:a", "data": {"Operations": [{"op": "add", "path": "title", "value": "Head"}]}},
        ]),
    )
    .await;
    assert_eq!(answer.body["schemas"], json!(["urn:ietf:params:scim:api:messages:2.0:BulkResponse"]));
    assert_eq!(statuses(&answer), ["201", "201", "201", "200"]);
    let operations = answer.body["Operations"].as_array().unwrap().clone();
    let named: Vec<&Value> = operations.iter().map(|one| &one["bulkId"]).collect();
    assert_eq!(named, [&json!("g"), &json!("a"), &json!("b"), &Value::Null], "in the order of the request");
    let (a, b) = (id_of(&operations[1]), id_of(&operations[2]));
    let group = world.get(&format!("/Groups/{}", id_of(&operations[0]))).await.body;
    let mut expected = vec![a.clone(), b.clone()];
    expected.sort();
    assert_eq!(members(&group), expected);
    assert_eq!(operations[0]["version"], group["meta"]["version"]);
    assert_eq!(world.get(&format!("/Users/{b}")).await.body[ENTERPRISE]["manager"]["value"], json!(a));
    assert_eq!((id_of(&operations[3]), &operations[3]["version"]), (a, &json!("W/\"2\"")));
    let events = world.audit.events.lock().unwrap();
    let recorded: Vec<&str> = events.iter().take(5).map(|event| event.action.as_str()).collect();
    assert_eq!(recorded[..3], ["POST /Users", "POST /Users", "POST /Groups"], "what is referred to comes first");
    assert!(recorded[3].starts_with("PATCH /Users/"));
    assert_eq!((recorded[4], field(&events[4], "operations_begun")), ("POST /Bulk", "4".to_owned()));
    assert!(
        events
            .iter()
            .take(5)
            .all(|event| event.correlation == events[0].correlation && event.principal == events[4].principal)
    );
    assert_eq!(field(&events[1], "changed"), format!("active,{ENTERPRISE},userName"));
}

#[tokio::test]
async fn operations_that_refer_to_each_other_are_both_carried_out() {
    let world = world().await;
    let managed = |name: &str, manager: &str| {
        post(
            "/Users",
            name,
            json!({"userName": name, (ENTERPRISE): {"department": name, "manager": {"value": format!("bulkId:{manager}")}}}),
        )
    };
    let answer = bulk(&world, json!([managed("a", "b"), managed("b", "a"), managed("c", "c")])).await;
    assert_eq!(statuses(&answer), ["201", "201", "201"]);
    let operations = answer.body["Operations"].as_array().unwrap();
    for (at, manager) in [(0, 1), (1, 0), (2, 2)] {
        let user = world.get(&format!("/Users/{}", id_of(&operations[at]))).await.body;
        assert_eq!(user[ENTERPRISE]["manager"]["value"], json!(id_of(&operations[manager])), "{at}");
        assert_eq!(user["meta"]["version"], operations[at]["version"]);
    }
}

#[tokio::test]
async fn groups_that_hold_each_other_leave_nothing_behind() {
    let world = world().await;
    let group = |name: &str, member: &str| {
        post("/Groups", name, json!({"displayName": name, "members": [{"value": format!("bulkId:{member}")}]}))
    };
    let answer = bulk(&world, json!([group("a", "b"), group("b", "a")])).await;
    assert_eq!(statuses(&answer), ["400", "409"], "groups in groups are not supported: {}", answer.body);
    assert_eq!(world.directory.group_count(), 0, "nothing is half done");
}

#[tokio::test]
async fn a_failure_fails_what_refers_to_it_and_nothing_else() {
    let world = world().await;
    world.user("taken").await;
    let answer = bulk(
        &world,
        json!([
            post("/Users", "x", json!({"userName": "TAKEN"})),
            post("/Groups", "g", json!({"displayName": "g", "members": [{"value": "bulkId:x"}]})),
            post("/Groups", "h", json!({"displayName": "h", "members": [{"value": "bulkId:nobody"}]})),
            post("/Users", "y", json!({"userName": "y"})),
            {"method": "DELETE", "path": "/Users/nobody"},
            {"method": "GET", "path": "/Users"},
            {"method": "POST", "path": "/Bulk", "bulkId": "z", "data": {}},
            {"method": "DELETE", "path": "/Users"},
        ]),
    )
    .await;
    assert_eq!(statuses(&answer), ["409", "409", "400", "201", "404", "400", "400", "405"]);
    let first = &answer.body["Operations"][0];
    assert_eq!((first["response"]["scimType"].as_str(), first.get("location")), (Some("uniqueness"), None));
    assert_eq!(answer.body["Operations"][4]["location"], "http://x/scim/v2/Users/nobody");
    assert_eq!((world.directory.user_count(), world.directory.group_count()), (2, 0));
    assert_eq!(field(&world.last_event(), "operations_failed"), "7");
}

#[tokio::test]
async fn fail_on_errors_stops_and_answers_what_was_begun() {
    let world = world().await;
    let body = json!({"failOnErrors": 2, "Operations": [
        {"method": "DELETE", "path": "/Users/1"},
        post("/Users", "a", json!({"userName": "a"})),
        {"method": "DELETE", "path": "/Users/2"},
        post("/Users", "b", json!({"userName": "b"})),
    ]});
    let answer = world.call("POST", "/Bulk", body).await;
    assert_eq!(statuses(&answer), ["404", "201", "404"]);
    assert_eq!(world.directory.user_count(), 1);
}

#[tokio::test]
async fn versions_and_limits() {
    let world = world().await;
    let a = world.user("a").await;
    let path = format!("/Users/{a}");
    let answer = bulk(
        &world,
        json!([
            {"method": "PUT", "path": path, "version": "W/\"9\"", "data": {"userName": "a", "title": "x"}},
            {"method": "PUT", "path": path, "version": "W/\"1\"", "data": {"userName": "a", "title": "x"}},
            {"method": "DELETE", "path": path, "version": "W/\"2\""},
        ]),
    )
    .await;
    assert_eq!(statuses(&answer), ["412", "200", "204"]);
    let many = bulk(&world, Value::Array(vec![json!({"method": "DELETE", "path": "/Users/1"}); 1001])).await;
    assert_eq!((many.status, world.directory.user_count()), (413, 0));
    assert!(many.body["detail"].as_str().unwrap().contains("1000"));
    let request = world.request("POST", "/Bulk").header("content-type", "application/scim+json");
    let large = format!("{{\"x\": \"{}\"}}", "x".repeat(16 * 1024 * 1024));
    assert_eq!(world.send(request.body(Body::from(large)).unwrap()).await.status, 413);
    assert_eq!(bulk(&world, json!([])).await.status, 400);
}

#[tokio::test]
async fn a_bulk_request_that_cannot_be_recorded_ends() {
    let world = world().await;
    world.audit.broken.store(true, Ordering::SeqCst);
    let answer = bulk(
        &world,
        json!([post("/Users", "a", json!({"userName": "a"})), post("/Users", "b", json!({"userName": "b"}))]),
    )
    .await;
    assert_eq!((answer.status, world.directory.user_count()), (503, 1), "the second is not begun");
}
