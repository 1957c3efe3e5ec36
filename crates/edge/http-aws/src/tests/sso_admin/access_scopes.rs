use serde_json::{Value, json};

use super::super::world::World;
use super::{MISSING, application, instance, needs_an_application, ok, refused, stored, with};

#[tokio::test]
async fn scopes_are_put_got_listed_and_deleted() {
    let world = World::new().await;
    let (arn, target) = (application(&world).await, application(&world).await);
    let named = json!({"ApplicationArn": arn, "Scope": "redshift:connect"});
    let list = json!({"ApplicationArn": arn, "MaxResults": 1});
    refused(&world, "GetApplicationAccessScope", &named, "ResourceNotFoundException", "redshift:connect").await;
    assert_eq!(ok(&world, "ListApplicationAccessScopes", &list).await, json!({"Scopes": []}));
    assert_eq!(ok(&world, "PutApplicationAccessScope", &named).await, json!({}));
    assert_eq!(ok(&world, "GetApplicationAccessScope", &named).await, json!({"Scope": "redshift:connect"}));
    let put = with(&named, "AuthorizedTargets", json!([target, instance(&world)]));
    ok(&world, "PutApplicationAccessScope", &put).await;
    let shown = json!({"Scope": "redshift:connect", "AuthorizedTargets": [target, instance(&world)]});
    let mut got = ok(&world, "GetApplicationAccessScope", &named).await;
    let listed = ok(&world, "ListApplicationAccessScopes", &list).await;
    assert_eq!(listed, json!({ "Scopes": [got] }));
    got["AuthorizedTargets"].as_array_mut().unwrap().sort_by_key(|target| target.as_str() == Some(&instance(&world)));
    assert_eq!(got, shown);
    assert_eq!(ok(&world, "DeleteApplicationAccessScope", &named).await, json!({}));
    refused(&world, "DeleteApplicationAccessScope", &named, "ResourceNotFoundException", "redshift:connect").await;
    assert!(stored(&world, &arn).scopes.is_empty());
}

#[tokio::test]
async fn scopes_are_refused_for_a_reason() {
    let world = World::new().await;
    let arn = application(&world).await;
    let (invalid, missing) = ("ValidationException", "ResourceNotFoundException");
    let eleven = json!((0..11).map(|n| MISSING.replace("apl-0", &format!("apl-{n:x}"))).collect::<Vec<_>>());
    for (scope, targets, code, message) in [
        (json!("s3:access_grants:read_write"), Value::Null, invalid, "no service of this server checks this scope"),
        (json!("redshift:"), Value::Null, invalid, "parts"),
        (Value::Null, Value::Null, invalid, "Scope"),
        (json!("redshift:connect"), json!([]), invalid, "AuthorizedTargets"),
        (json!("redshift:connect"), json!(["arn:x"]), invalid, "AuthorizedTargets"),
        (json!("redshift:connect"), json!([MISSING]), missing, MISSING),
        (json!("redshift:connect"), eleven, invalid, "at most 10 targets"),
    ] {
        let body = json!({"ApplicationArn": arn, "Scope": scope, "AuthorizedTargets": targets});
        refused(&world, "PutApplicationAccessScope", &body, code, message).await;
    }
    assert!(stored(&world, &arn).scopes.is_empty());
    let scope = json!({"Scope": "redshift:connect"});
    for operation in ["PutApplicationAccessScope", "GetApplicationAccessScope", "DeleteApplicationAccessScope"] {
        needs_an_application(&world, operation, &scope).await;
    }
    for operation in ["GetApplicationAccessScope", "DeleteApplicationAccessScope"] {
        for (scope, code) in [("a b", invalid), ("s3:read", missing)] {
            refused(&world, operation, &json!({"ApplicationArn": arn, "Scope": scope}), code, "cope").await;
        }
    }
    needs_an_application(&world, "ListApplicationAccessScopes", &json!({})).await;
    for records in [0, 11] {
        let body = json!({"ApplicationArn": arn, "MaxResults": records});
        refused(&world, "ListApplicationAccessScopes", &body, invalid, "1 to 10").await;
    }
}
