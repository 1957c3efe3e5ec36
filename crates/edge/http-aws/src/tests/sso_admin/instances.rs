use serde_json::{Value, json};

use super::super::world::{ACCOUNT, World};
use super::{MISSING_INSTANCE, instance, ok, refused, with};

#[tokio::test]
async fn the_instance_is_listed_and_described() {
    let world = World::new().await;
    let instance = world.state.center.instance();
    let described = ok(&world, "DescribeInstance", &json!({"InstanceArn": instance.arn.as_str()})).await;
    for body in [json!({"MaxResults": 1}), json!({"RegionScope": "ALL_REGIONS"}), json!({})] {
        assert_eq!(ok(&world, "ListInstances", &body).await, json!({ "Instances": [described] }));
    }
    let store = instance.identity_store_id.as_str();
    assert_eq!(described["InstanceArn"], instance.arn.as_str());
    assert_eq!(described["IdentityStoreId"], store);
    assert_eq!(described["IdentityStoreArn"], format!("arn:aws:identitystore::{ACCOUNT}:identitystore/{store}"));
    assert_eq!((&described["OwnerAccountId"], &described["Status"]), (&json!(ACCOUNT), &json!("ACTIVE")));
    assert_eq!((&described["CreatedDate"], &described["Name"]), (&json!(1_772_323_170), &Value::Null));
    assert_eq!(described["Regions"][0]["RegionName"], "us-east-1");
    for (body, parameter) in [
        (json!({"MaxResults": 0}), "MaxResults"),
        (json!({"NextToken": "eA"}), "NextToken"),
        (json!({"RegionScope": "x"}), "RegionScope"),
    ] {
        refused(&world, "ListInstances", &body, "ValidationException", parameter).await;
    }
}

#[tokio::test]
async fn an_instance_that_is_not_there_is_refused() {
    let world = World::new().await;
    for (arn, code) in [(MISSING_INSTANCE, "AccessDeniedException"), ("arn:x", "ValidationException")] {
        refused(&world, "DescribeInstance", &json!({"InstanceArn": arn}), code, "").await;
        refused(&world, "ListApplications", &json!({"InstanceArn": arn}), code, "").await;
    }
    let update = json!({"InstanceArn": MISSING_INSTANCE, "Name": "x"});
    refused(&world, "UpdateInstance", &update, "ResourceNotFoundException", MISSING_INSTANCE).await;
    let near = instance(&world).replace("arn:aws:", "arn:aws-cn:");
    refused(&world, "DescribeInstance", &json!({"InstanceArn": near}), "AccessDeniedException", &near).await;
}

#[tokio::test]
async fn the_instance_is_renamed() {
    let world = World::new().await;
    let named = json!({"InstanceArn": instance(&world), "Name": "main"});
    assert_eq!(ok(&world, "UpdateInstance", &named).await, json!({}));
    let described = ok(&world, "DescribeInstance", &json!({"InstanceArn": instance(&world)})).await;
    assert_eq!(described["Name"], "main");
    for (name, message) in [(json!(""), "1 to 255"), (json!("a b"), "1 to 255"), (Value::Null, "Name")] {
        refused(&world, "UpdateInstance", &with(&named, "Name", name), "ValidationException", message).await;
    }
    for parameter in ["EncryptionConfiguration", "PermissionSetsEnabled", "NetworkConfiguration"] {
        let message = format!("\"{parameter}\" of UpdateInstance is not supported");
        refused(&world, "UpdateInstance", &with(&named, parameter, json!({})), "ValidationException", &message).await;
    }
}
