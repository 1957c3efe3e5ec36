use serde_json::{Value, json};

use super::super::world::World;
use super::{application, needs_an_application, ok, refused, with};

fn policy() -> Value {
    json!({"Version": "2012-10-17", "Statement": [{
        "Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::123456789012:role/App"},
        "Action": "sso-oauth:CreateTokenWithIAM", "Resource": "*",
    }]})
}

#[tokio::test]
async fn the_actor_policy_is_put_got_listed_and_deleted() {
    let world = World::new().await;
    let arn = application(&world).await;
    let named = json!({"ApplicationArn": arn, "AuthenticationMethodType": "IAM"});
    let list = json!({"ApplicationArn": arn});
    let (get, delete) = ("GetApplicationAuthenticationMethod", "DeleteApplicationAuthenticationMethod");
    let methods = "ListApplicationAuthenticationMethods";
    refused(&world, get, &named, "ResourceNotFoundException", "authentication method IAM").await;
    assert_eq!(ok(&world, methods, &list).await, json!({"AuthenticationMethods": []}));
    let method = json!({"Iam": {"ActorPolicy": policy()}});
    let put = with(&named, "AuthenticationMethod", method.clone());
    assert_eq!(ok(&world, "PutApplicationAuthenticationMethod", &put).await, json!({}));
    assert_eq!(ok(&world, get, &named).await, json!({ "AuthenticationMethod": method }));
    let listed =
        json!({"AuthenticationMethods": [{"AuthenticationMethodType": "IAM", "AuthenticationMethod": method}]});
    assert_eq!(ok(&world, methods, &list).await, listed);
    assert_eq!(ok(&world, delete, &named).await, json!({}));
    refused(&world, delete, &named, "ResourceNotFoundException", "authentication method IAM").await;
    assert_eq!(ok(&world, methods, &list).await, json!({"AuthenticationMethods": []}));
    for operation in [get, delete] {
        needs_an_application(&world, operation, &json!({"AuthenticationMethodType": "IAM"})).await;
        let other = with(&named, "AuthenticationMethodType", json!("PASSWORD"));
        refused(&world, operation, &other, "ValidationException", "AuthenticationMethodType").await;
    }
    needs_an_application(&world, methods, &json!({})).await;
}

#[tokio::test]
async fn actor_policies_are_refused_for_a_reason() {
    let world = World::new().await;
    let arn = application(&world).await;
    let mut conditional = policy();
    conditional["Statement"][0]["Condition"] = json!({"StringMatches": {}});
    for (method, message) in [
        (json!({"Iam": {"ActorPolicy": conditional}}), "\"StringMatches\" is not a condition operator"),
        (json!({"Iam": {"ActorPolicy": policy().to_string()}}), "JSON object"),
        (json!({"Iam": {"ActorPolicy": {}}}), "Statement is missing"),
        (json!({"Iam": {}}), "ActorPolicy"),
        (json!({"Iam": {"ActorPolicy": policy(), "More": 1}}), "More"),
        (json!({}), "Iam"),
        (Value::Null, "AuthenticationMethod"),
    ] {
        let body = json!({"ApplicationArn": arn, "AuthenticationMethodType": "IAM", "AuthenticationMethod": method});
        refused(&world, "PutApplicationAuthenticationMethod", &body, "ValidationException", message).await;
    }
    assert_eq!(super::stored(&world, &arn).authentication, None);
    let put = json!({"AuthenticationMethodType": "IAM", "AuthenticationMethod": {"Iam": {"ActorPolicy": policy()}}});
    needs_an_application(&world, "PutApplicationAuthenticationMethod", &put).await;
}

#[tokio::test]
async fn a_policy_that_says_something_twice_is_refused() {
    let world = World::new().await;
    let arn = application(&world).await;
    let put = json!({
        "ApplicationArn": arn, "AuthenticationMethodType": "IAM", "AuthenticationMethod": {"Iam": {"ActorPolicy": policy()}},
    });
    let once = "\"Effect\":\"Allow\"";
    let mut call = world.json("sso", "PutApplicationAuthenticationMethod", &put);
    assert!(call.body.contains(once));
    call.body = call.body.replace(once, "\"Effect\":\"Deny\",\"Effect\":\"Allow\"");
    call.send().await.fails_json(400, "SerializationException", "\"Effect\" is given twice");
    assert_eq!(super::stored(&world, &arn).authentication, None);
}
