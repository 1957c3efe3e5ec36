use base::{AuditEvent, AuditStep, CorrelationId, Outcome, Principal};
use serde_json::{Value, json};

use super::world::{Reply, World};

async fn lookup(world: &World, body: &Value) -> Reply {
    world.json("cloudtrail", "LookupEvents", body).send().await
}

async fn events(world: &World, key: &str, value: &str) -> Vec<Value> {
    let attributes = json!([{ "AttributeKey": key, "AttributeValue": value }]);
    lookup(world, &json!({ "LookupAttributes": attributes })).await.ok().json()["Events"].as_array().unwrap().clone()
}

fn detail(event: &Value) -> Value {
    serde_json::from_str(event["CloudTrailEvent"].as_str().unwrap()).unwrap()
}

#[tokio::test]
async fn a_call_is_an_event() {
    let world = World::new().await;
    world.json("sso", "ListInstances", &json!({ "MaxResults": 5 })).send().await.ok();
    let found = events(&world, "EventName", "ListInstances").await;
    assert_eq!(found.len(), 1);
    assert_eq!((&found[0]["EventSource"], &found[0]["ReadOnly"]), (&json!("sso.amazonaws.com"), &json!("true")));
    assert_eq!(found[0]["Username"], "root");
    let detail = detail(&found[0]);
    assert_eq!(detail["userIdentity"]["type"], "Root");
    assert_eq!(detail["requestParameters"], json!({ "MaxResults": 5 }));
    assert_eq!((&detail["sourceIPAddress"], &detail["userAgent"]), (&json!("192.0.2.7"), &json!("test/1")));
    assert_eq!(detail["eventID"], found[0]["EventId"]);
    assert_eq!(detail.get("errorCode"), None);
}

#[tokio::test]
async fn a_refusal_tells_its_code_and_reason() {
    let world = World::new().await;
    world.query("redshift", "Action=DescribeClusters&ClusterIdentifier=missing").send().await;
    let detail = detail(&events(&world, "EventName", "DescribeClusters").await[0]);
    assert_eq!(detail["errorCode"], "ClusterNotFound");
    assert!(detail["errorMessage"].as_str().unwrap().contains("missing"));
}

#[tokio::test]
async fn a_strangers_request_is_an_event_without_what_it_asked() {
    let world = World::new().await;
    let mut client = world.json("sso", "ListInstances", &json!({ "MaxResults": 5 }));
    client.sign = false;
    client.send().await;
    let detail = detail(&events(&world, "EventName", "ListInstances").await[0]);
    assert_eq!(detail["userIdentity"], json!({ "type": "Unknown" }));
    assert_eq!(detail["requestParameters"], Value::Null);
    assert_eq!(detail["errorCode"], "MissingAuthenticationTokenException");
}

#[tokio::test]
async fn a_scim_request_shows_names_and_no_values() {
    let world = World::new().await;
    let client = Principal::ScimClient { token_id: "0011".to_owned() };
    let event = AuditEvent::new(AuditStep::ScimRequest, Outcome::Allowed, CorrelationId::fresh(), client)
        .action("PATCH /Users/u-1")
        .target("/Users/u-1")
        .field("client_address", "192.0.2.9")
        .field("changed", "title");
    world.trail.records.lock().unwrap().push(event);
    let found = events(&world, "Username", "0011").await;
    assert_eq!(found[0]["EventName"], "PatchUser");
    assert_eq!(found[0]["Resources"], json!([{ "ResourceType": "AWS::IdentityStore::User", "ResourceName": "u-1" }]));
    let detail = detail(&found[0]);
    assert_eq!(detail["userIdentity"]["type"], "WebIdentityUser");
    assert_eq!(detail["requestParameters"]["httpBody"], "HIDDEN_DUE_TO_SECURITY_REASONS");
    assert_eq!(detail["requestParameters"]["changed"], "title");
}

#[tokio::test]
async fn pages_go_from_the_newest_to_the_oldest() {
    let world = World::new().await;
    for _ in 0..5 {
        world.json("sso", "ListInstances", &json!({})).send().await.ok();
    }
    let attributes = json!([{ "AttributeKey": "EventName", "AttributeValue": "ListInstances" }]);
    let mut body = json!({ "LookupAttributes": attributes, "MaxResults": 2 });
    let mut pages = Vec::new();
    loop {
        let page = lookup(&world, &body).await.ok().json();
        pages.push(page["Events"].as_array().unwrap().len());
        let Some(token) = page.get("NextToken") else { break };
        body["NextToken"] = token.clone();
    }
    assert_eq!(pages, [2, 2, 1]);
}

#[tokio::test]
async fn wrong_input_has_the_name_of_its_fault() {
    let world = World::new().await;
    let attribute = |key: &str, value: &str| json!({ "AttributeKey": key, "AttributeValue": value });
    for (body, code, message) in [
        (
            json!({ "LookupAttributes": [attribute("EventName", "a"), attribute("EventName", "b")] }),
            "InvalidLookupAttributesException",
            "only one",
        ),
        (json!({ "LookupAttributes": [attribute("Colour", "a")] }), "InvalidLookupAttributesException", "Colour"),
        (json!({ "LookupAttributes": [attribute("EventName", "")] }), "InvalidLookupAttributesException", "1 to 2000"),
        (
            json!({ "LookupAttributes": [attribute("ReadOnly", "yes")] }),
            "InvalidLookupAttributesException",
            "true or false",
        ),
        (json!({ "MaxResults": 51 }), "InvalidMaxResultsException", "1 to 50"),
        (json!({ "MaxResults": -1 }), "InvalidMaxResultsException", "1 to 50"),
        (json!({ "NextToken": "!" }), "InvalidNextTokenException", "NextToken"),
        (json!({ "StartTime": 2.0, "EndTime": 1.5 }), "InvalidTimeRangeException", "later"),
        (json!({ "StartTime": 1e300 }), "InvalidTimeRangeException", "StartTime"),
        (json!({ "EventCategory": "insight" }), "InvalidEventCategoryException", "insight"),
        (json!({ "Colour": 1 }), "ValidationException", "Colour"),
    ] {
        lookup(&world, &body).await.fails_json(400, code, message);
    }
    world.json("cloudtrail", "CreateTrail", &json!({})).send().await.fails_json(
        400,
        "UnsupportedOperationException",
        "CreateTrail",
    );
}
