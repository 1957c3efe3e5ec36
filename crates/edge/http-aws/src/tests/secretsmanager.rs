//! Passwords that Redshift manages.

use serde_json::{Value, json};

use super::authorize::{signed, user};
use super::redshift::{call as redshift, cluster_form};
use super::world::{Reply, World};

async fn call(world: &World, operation: &str, body: Value) -> Reply {
    world.json("secretsmanager", operation, &body).send().await
}

fn managed(name: &str) -> String {
    cluster_form(name, "&ManageMasterPassword=true").replace("&MasterUserPassword=Passw0rd1", "")
}

fn password(value: &Value) -> String {
    let secret: Value = serde_json::from_str(value["SecretString"].as_str().unwrap()).unwrap();
    assert_eq!(secret["username"], "awsuser");
    secret["password"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_managed_password_is_shown_and_rotated() {
    let world = World::new().await;
    let made = redshift(&world, &managed("one")).await.ok();
    let arn = made.element("MasterPasswordSecretArn").to_owned();
    assert!(arn.starts_with("arn:aws:secretsmanager:us-east-1:123456789012:secret:redshift!one-awsuser-"), "{arn}");
    let value = call(&world, "GetSecretValue", json!({"SecretId": arn})).await.ok();
    assert_eq!(world.last_record().target, arn);
    let (shown, first) = (value.json(), password(&value.json()));
    assert_eq!((&shown["ARN"], &shown["Name"]), (&json!(arn), &json!("redshift!one-awsuser")));
    assert!(first.len() > 20 && !format!("{:?}", world.trail.records.lock().unwrap()).contains(&first));
    let by_name =
        json!({"SecretId": "redshift!one-awsuser", "VersionStage": "AWSCURRENT", "VersionId": shown["VersionId"]});
    assert_eq!(call(&world, "GetSecretValue", by_name).await.ok().json(), shown);

    world.host.calls();
    let rotated = call(&world, "RotateSecret", json!({"SecretId": arn})).await.ok().json();
    let value = call(&world, "GetSecretValue", json!({"SecretId": arn})).await.ok().json();
    assert_eq!(rotated["VersionId"], value["VersionId"]);
    assert_eq!(world.host.calls(), [format!("password awsuser {}", password(&value))]);
    assert!(password(&value) != first);
    let old = json!({"SecretId": arn, "VersionId": shown["VersionId"]});
    call(&world, "GetSecretValue", old).await.fails_json(400, "ResourceNotFoundException", "VersionId");
    let described = call(&world, "DescribeSecret", json!({"SecretId": arn})).await.ok().json();
    assert_eq!(described["VersionIdsToStages"][rotated["VersionId"].as_str().unwrap()], json!(["AWSCURRENT"]));
    assert_eq!((&described["OwningService"], &described["RotationEnabled"]), (&json!("redshift"), &json!(false)));

    let back = "Action=ModifyCluster&ClusterIdentifier=one&ManageMasterPassword=false&MasterUserPassword=Passw0rd2";
    assert!(!redshift(&world, back).await.ok().body.contains("MasterPasswordSecretArn"));
    let gone = call(&world, "GetSecretValue", json!({"SecretId": arn})).await;
    gone.fails_json(400, "ResourceNotFoundException", "can't find the specified secret");
}

/// boto3 and the aws CLI send a `ClientRequestToken` with every rotation.
#[tokio::test]
async fn a_rotation_is_called_as_the_client_says_and_happens_once() {
    let world = World::new().await;
    redshift(&world, &managed("one")).await.ok();
    let token = "8f3c1c4e-9a0b-4d6e-8a51-2f7d3f0b9c11";
    let body = json!({"SecretId": "redshift!one-awsuser", "ClientRequestToken": token});
    let first = call(&world, "RotateSecret", body.clone()).await.ok().json();
    assert_eq!(first["VersionId"], token);
    let shown = json!({"SecretId": "redshift!one-awsuser", "VersionId": token});
    let value = call(&world, "GetSecretValue", shown.clone()).await.ok().json();
    world.host.calls();
    assert_eq!(call(&world, "RotateSecret", body).await.ok().json(), first);
    assert!(world.host.calls().is_empty());
    assert_eq!(password(&call(&world, "GetSecretValue", shown).await.ok().json()), password(&value));
}

#[tokio::test]
async fn secrets_are_listed_in_pages() {
    let world = World::new().await;
    for name in ["a", "b", "c"] {
        redshift(&world, &managed(name)).await.ok();
    }
    let first = call(&world, "ListSecrets", json!({"MaxResults": 2})).await.ok().json();
    assert_eq!(first["SecretList"].as_array().unwrap().len(), 2);
    let next = call(&world, "ListSecrets", json!({"NextToken": first["NextToken"]})).await.ok().json();
    assert_eq!((next["SecretList"][0]["Name"].as_str(), next.get("NextToken")), (Some("redshift!c-awsuser"), None));
    assert!(!first.to_string().contains("SecretString"));
}

#[tokio::test]
async fn what_is_not_carried_out_is_refused_by_name() {
    let world = World::new().await;
    redshift(&world, &managed("one")).await.ok();
    for (operation, body, code, message) in [
        ("GetSecretValue", json!({}), "ValidationException", "SecretId"),
        ("GetSecretValue", json!({"SecretId": "none"}), "ResourceNotFoundException", "can't find"),
        (
            "GetSecretValue",
            json!({"SecretId": "redshift!one-awsuser", "VersionStage": "AWSPREVIOUS"}),
            "ResourceNotFoundException",
            "AWSPREVIOUS",
        ),
        ("RotateSecret", json!({"SecretId": "none"}), "ResourceNotFoundException", "can't find"),
        (
            "RotateSecret",
            json!({"SecretId": "redshift!one-awsuser", "RotateImmediately": false}),
            "ValidationException",
            "RotateImmediately",
        ),
        (
            "RotateSecret",
            json!({"SecretId": "redshift!one-awsuser", "ClientRequestToken": "short"}),
            "ValidationException",
            "ClientRequestToken",
        ),
        (
            "RotateSecret",
            json!({"SecretId": "redshift!one-awsuser", "RotationLambdaARN": "x"}),
            "ValidationException",
            "RotationLambdaARN",
        ),
        ("ListSecrets", json!({"SortOrder": "desc"}), "ValidationException", "SortOrder"),
        ("ListSecrets", json!({"Filters": []}), "ValidationException", "Filters"),
        ("CreateSecret", json!({"Name": "x"}), "UnsupportedOperationException", "CreateSecret"),
        ("PutSecretValue", json!({"SecretId": "x"}), "UnsupportedOperationException", "PutSecretValue"),
        ("DeleteSecret", json!({"SecretId": "x"}), "UnsupportedOperationException", "DeleteSecret"),
    ] {
        call(&world, operation, body).await.fails_json(400, code, message);
    }
}

/// As Redshift's administrators allow secrets: by the cluster that they are of.
#[tokio::test]
async fn a_policy_may_say_whose_secrets_are_read() {
    let world = World::new().await;
    for name in ["one", "two"] {
        redshift(&world, &managed(name)).await.ok();
    }
    let bob = user(&world, "bob").await;
    let document = json!({"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "secretsmanager:GetSecretValue",
        "Resource": "*", "Condition": {"StringEquals": {
            "secretsmanager:ResourceTag/aws:redshift:primaryClusterArn": "arn:aws:redshift:us-east-1:123456789012:cluster:one"}}}});
    world.state.iam.put_policy(iam::Holder::User("bob"), "p", &document.to_string()).await.unwrap();
    let get = |name: &str| world.json("secretsmanager", "GetSecretValue", &json!({"SecretId": name}));
    signed(get("redshift!one-awsuser"), &bob).send().await.ok();
    signed(get("redshift!two-awsuser"), &bob).send().await.fails_json(400, "AccessDeniedException", "GetSecretValue");
}
