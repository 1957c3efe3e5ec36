use serde_json::json;

use super::{call, namespace};
use crate::tests::host::PORT_IN_USE;
use crate::tests::world::World;

#[tokio::test]
async fn a_workgroup_is_created_got_updated_and_deleted() {
    let world = World::new().await;
    namespace(&world, "sales").await;
    namespace(&world, "other").await;
    world.host.calls();
    let body = json!({
        "workgroupName": "wg-1", "namespaceName": "sales", "port": 5440, "publiclyAccessible": true,
        "enhancedVpcRouting": false, "securityGroupIds": [], "subnetIds": [], "ipAddressType": "ipv4", "trackName": "current",
        "pricePerformanceTarget": {"status": "DISABLED"}, "extraComputeForAutomaticOptimization": false,
        "configParameters": [{"parameterKey": "search_path", "parameterValue": "$user, public"}],
        "tags": [{"key": "team", "value": "data"}],
    });
    let made = call(&world, "CreateWorkgroup", body).await.ok().json()["workgroup"].clone();
    assert_eq!(world.last_record().target, "arn:aws:redshift-serverless:us-east-1:123456789012:workgroup/*");
    let calls = world.host.calls();
    assert_eq!((calls.len(), calls[0].as_str()), (2, "listen 5440"));
    assert!(calls[1].starts_with("settings WarehouseSettings { require_ssl: false"), "{calls:?}");
    assert_eq!((&made["workgroupName"], &made["namespaceName"]), (&json!("wg-1"), &json!("sales")));
    assert_eq!(made["endpoint"], json!({"address": "127.0.0.1", "port": 5440, "vpcEndpoints": []}));
    assert_eq!((&made["port"], &made["publiclyAccessible"]), (&json!(5440), &json!(true)));
    assert_eq!((&made["status"], &made["creationDate"]), (&json!("AVAILABLE"), &json!("2026-02-28T23:59:30.000Z")));
    let id = made["workgroupId"].as_str().unwrap();
    let arn = format!("arn:aws:redshift-serverless:us-east-1:123456789012:workgroup/{id}");
    assert_eq!(made["workgroupArn"], arn);

    let got = call(&world, "GetWorkgroup", json!({"workgroupName": "wg-1"})).await.ok().json();
    assert_eq!((&got["workgroup"], world.last_record().target), (&made, arn.clone()));
    let body = json!({"workgroupName": "wg-1", "port": 5441, "publiclyAccessible": false});
    let updated = call(&world, "UpdateWorkgroup", body).await.ok().json()["workgroup"].clone();
    assert_eq!((&updated["endpoint"]["port"], &updated["publiclyAccessible"]), (&json!(5441), &json!(false)));
    assert!(world.host.calls().contains(&"listen 5441".to_owned()));

    let config = json!([{"parameterKey": "require_ssl", "parameterValue": "true"}]);
    let body = json!({"workgroupName": "wg-1", "configParameters": config});
    let updated = call(&world, "UpdateWorkgroup", body).await.ok().json()["workgroup"].clone();
    assert!(updated["configParameters"].as_array().unwrap().contains(&config[0]));
    assert!(world.host.calls()[0].starts_with("settings WarehouseSettings { require_ssl: true"));
    assert!(updated["securityGroupIds"][0].as_str().unwrap().starts_with("sg-"));

    let busy = call(&world, "DeleteNamespace", json!({"namespaceName": "sales"})).await;
    busy.fails_json(400, "ConflictException", "wg-1");
    let second = json!({"workgroupName": "wg-2", "namespaceName": "sales"});
    call(&world, "CreateWorkgroup", second).await.fails_json(400, "ConflictException", "");
    let again = json!({"workgroupName": "wg-1", "namespaceName": "other"});
    call(&world, "CreateWorkgroup", again).await.fails_json(400, "ConflictException", "wg-1");

    let deleted = call(&world, "DeleteWorkgroup", json!({"workgroupName": "wg-1"})).await.ok().json();
    assert_eq!((&deleted["workgroup"]["status"], world.last_record().target), (&json!("DELETING"), arn));
    assert!(world.host.calls().contains(&"end sessions".to_owned()));
    for operation in ["GetWorkgroup", "UpdateWorkgroup", "DeleteWorkgroup"] {
        let reply = call(&world, operation, json!({"workgroupName": "wg-1"})).await;
        reply.fails_json(400, "ResourceNotFoundException", "wg-1");
    }
    call(&world, "DeleteNamespace", json!({"namespaceName": "sales"})).await.ok();
}

#[tokio::test]
async fn workgroups_are_paged() {
    let world = World::new().await;
    for name in ["aaa", "bbb", "ccc"] {
        namespace(&world, name).await;
        call(&world, "CreateWorkgroup", json!({"workgroupName": name, "namespaceName": name})).await.ok();
    }
    let first =
        call(&world, "ListWorkgroups", json!({"maxResults": 2, "ownerAccount": "123456789012"})).await.ok().json();
    assert_eq!(first["workgroups"].as_array().unwrap().len(), 2);
    assert_eq!(first["workgroups"][1]["endpoint"]["address"], "bbb.redshift-serverless.localhost");
    let next = call(&world, "ListWorkgroups", json!({"nextToken": first["nextToken"]})).await.ok().json();
    assert_eq!((next["workgroups"][0]["workgroupName"].as_str(), next.get("nextToken")), (Some("ccc"), None));
    let other = call(&world, "ListWorkgroups", json!({"ownerAccount": "999999999999"})).await;
    other.fails_json(400, "ValidationException", "ownerAccount");
}

#[tokio::test]
async fn wrong_input_makes_nothing() {
    let world = World::new().await;
    namespace(&world, "sales").await;
    for (more, code, message) in [
        (json!({"workgroupName": "w"}), "ValidationException", "workgroupName"),
        (json!({"namespaceName": "none"}), "ResourceNotFoundException", "none"),
        (json!({"namespaceName": null}), "ValidationException", "namespaceName"),
        (json!({"port": 80}), "ValidationException", "port"),
        (json!({"port": 70000}), "ValidationException", "port"),
        (json!({"port": PORT_IN_USE}), "ConflictException", "5999"),
        (json!({"baseCapacity": 8}), "ValidationException", "\"baseCapacity\""),
        (json!({"maxCapacity": 8}), "ValidationException", "\"maxCapacity\""),
        (json!({"pricePerformanceTarget": {"status": "ENABLED"}}), "ValidationException", "\"pricePerformanceTarget\""),
        (json!({"subnetIds": ["subnet-1"]}), "ValidationException", "subnet-1"),
        (json!({"securityGroupIds": ["sg-1"]}), "ValidationException", "sg-1"),
        (
            json!({"configParameters": [{"parameterKey": "require_ssl", "parameterValue": "on"}]}),
            "ValidationException",
            "true or false",
        ),
        (
            json!({"configParameters": [{"parameterKey": "max_query_execution_time", "parameterValue": "1"}]}),
            "ValidationException",
            "max_query_execution_time",
        ),
    ] {
        let mut body = json!({"workgroupName": "wg-1", "namespaceName": "sales"});
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        call(&world, "CreateWorkgroup", body).await.fails_json(400, code, message);
    }
    assert_eq!(call(&world, "ListWorkgroups", json!({})).await.ok().json(), json!({"workgroups": []}));
}
