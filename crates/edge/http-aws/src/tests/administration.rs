use base::Secret;
use serde_json::{Value, json};
use time::Duration;

use super::world::{Reply, World};

async fn call(world: &World, operation: &str, input: Value) -> Reply {
    world.json("gatehouse", operation, &input).send().await
}

/// The record of the last call has no trace of the secret.
fn unrecorded(world: &World, secret: &str) {
    assert!(secret.len() >= 8);
    let record = format!("{:?}", world.last_record());
    assert!(record.contains("gatehouse:") && !record.contains(secret), "{record}");
}

#[tokio::test]
async fn a_scim_token_is_shown_once_and_ends() {
    let world = World::new().await;
    let made = call(&world, "CreateScimToken", json!({"LifetimeDays": 1})).await.ok().json();
    let (id, text) = (made["TokenId"].as_str().unwrap(), made["BearerToken"].as_str().unwrap());
    unrecorded(&world, text);
    let mut shown = made.clone();
    shown.as_object_mut().unwrap().remove("BearerToken");
    let expires = 1_772_323_170 + 86_400;
    let expected = json!({"TokenId": id, "Status": "ACTIVE", "CreatedAt": 1_772_323_170, "ExpiresAt": expires});
    assert_eq!(shown, expected);
    let listed = call(&world, "ListScimTokens", json!({})).await.ok();
    assert_eq!(listed.json(), json!({"Tokens": [expected]}));
    assert!(!listed.body.contains(text));
    let directory = &world.state.directory;
    assert_eq!(directory.verify_scim_token(&Secret::from(text)).unwrap().token_id(), id);
    assert_eq!(call(&world, "DeleteScimToken", json!({"TokenId": id})).await.ok().json(), json!({}));
    assert!(world.last_record().target.ends_with(&format!("scim-token/{id}")));
    assert!(directory.verify_scim_token(&Secret::from(text)).is_err());
    let listed = call(&world, "ListScimTokens", json!({})).await.ok().json();
    assert_eq!(listed["Tokens"][0]["Status"], "DELETED");
    assert_eq!(listed["Tokens"][0]["DeletedAt"], 1_772_323_170);
    let unknown = call(&world, "DeleteScimToken", json!({"TokenId": "none"})).await;
    unknown.fails_json(400, "ResourceNotFoundException", "none");
}

#[tokio::test]
async fn two_tokens_live_and_the_third_says_which_to_delete() {
    let world = World::new().await;
    let mut ids = Vec::new();
    for _ in 0..2 {
        let made = call(&world, "CreateScimToken", json!({})).await.ok().json();
        assert_eq!(made["ExpiresAt"], 1_772_323_170 + 365 * 86_400);
        ids.push(made["TokenId"].as_str().unwrap().to_owned());
    }
    let third = call(&world, "CreateScimToken", json!({})).await;
    for id in &ids {
        third.fails_json(400, "ServiceQuotaExceededException", id);
    }
    ids.sort();
    let first = call(&world, "ListScimTokens", json!({"MaxResults": 1})).await.ok().json();
    let second = json!({"MaxResults": 1, "NextToken": first["NextToken"]});
    let second = call(&world, "ListScimTokens", second).await.ok().json();
    assert_eq!([&first["Tokens"][0]["TokenId"], &second["Tokens"][0]["TokenId"]], [&json!(ids[0]), &json!(ids[1])]);
    assert_eq!(second.get("NextToken"), None);
    world.clock.advance(Duration::days(366));
    let listed = call(&world, "ListScimTokens", json!({})).await.ok().json();
    assert_eq!(listed["Tokens"][0]["Status"], "EXPIRED");
    call(&world, "CreateScimToken", json!({})).await.ok();
}

#[tokio::test]
async fn a_reset_link_opens_the_persons_password() {
    let world = World::new().await;
    let id = world.user("ethan").await;
    for who in [json!({"UserName": "ETHAN"}), json!({"UserId": id})] {
        let made = call(&world, "CreatePasswordResetLink", who).await.ok().json();
        let token = made["Path"].as_str().unwrap().strip_prefix("/reset/").unwrap();
        unrecorded(&world, token);
        assert_eq!(world.last_record().target, format!("arn:aws:identitystore:::user/{id}"));
        let expected = json!({
            "UserId": id, "UserName": "ethan", "Path": made["Path"], "ExpiresAt": 1_772_323_170 + 86_400,
        });
        assert_eq!(made, expected);
        assert_eq!(world.state.directory.reset_link(&Secret::from(token)).unwrap().id().as_str(), id);
    }
    let short = call(&world, "CreatePasswordResetLink", json!({"UserId": id, "LifetimeMinutes": 1})).await.ok().json();
    assert_eq!(short["ExpiresAt"], 1_772_323_170 + 60);
    let token = short["Path"].as_str().unwrap().strip_prefix("/reset/").unwrap();
    world.clock.advance(Duration::minutes(1));
    assert!(world.state.directory.reset_link(&Secret::from(token)).is_err());
}

#[tokio::test]
async fn a_one_time_password_is_shown_once() {
    let world = World::new().await;
    let id = world.user("ethan").await;
    let made = call(&world, "SetOneTimePassword", json!({"UserName": "ethan"})).await.ok().json();
    let password = made["OneTimePassword"].as_str().unwrap();
    unrecorded(&world, password);
    assert_eq!((&made["UserId"], &made["UserName"]), (&json!(id), &json!("ethan")));
    let source = std::net::IpAddr::from([127, 0, 0, 1]);
    let refusal = world.state.directory.verify_password("ethan", &Secret::from(password), source).await.unwrap_err();
    assert!(matches!(refusal, directory::SignInRefusal::MustChange { .. }), "{refusal:?}");
}

#[tokio::test]
async fn wrong_input_is_refused_by_name() {
    let world = World::new().await;
    let id = world.user("ethan").await;
    let table = [
        ("CreateScimToken", json!({"LifetimeDays": 0}), "LifetimeDays is not valid: it must be a number from 1 to 365"),
        ("CreateScimToken", json!({"LifetimeDays": 366}), "LifetimeDays"),
        ("CreateScimToken", json!({"Name": "okta"}), "\"Name\" of CreateScimToken"),
        ("ListScimTokens", json!({"MaxResults": 0}), "MaxResults"),
        ("DeleteScimToken", json!({}), "TokenId"),
        ("CreatePasswordResetLink", json!({}), "requires the parameter UserName"),
        ("CreatePasswordResetLink", json!({"UserName": "ethan", "UserId": id}), "either UserName or UserId"),
        ("CreatePasswordResetLink", json!({"UserId": id, "LifetimeMinutes": 10_081}), "from 1 to 10080"),
        ("SetOneTimePassword", json!({"UserId": id, "Password": "p"}), "\"Password\" of SetOneTimePassword"),
    ];
    for (operation, input, message) in table {
        call(&world, operation, input).await.fails_json(400, "ValidationException", message);
    }
    for operation in ["CreatePasswordResetLink", "SetOneTimePassword"] {
        for who in [json!({"UserName": "nobody"}), json!({"UserId": "nobody"})] {
            call(&world, operation, who).await.fails_json(400, "ResourceNotFoundException", "USER not found.");
        }
    }
    call(&world, "Reboot", json!({})).await.fails_json(400, "UnsupportedOperationException", "Reboot");
}

#[tokio::test]
async fn nobody_else_administers() {
    let world = World::new().await;
    let mut unsigned = world.json("gatehouse", "CreateScimToken", &json!({}));
    unsigned.sign = false;
    unsigned.send().await.fails_json(403, "MissingAuthenticationTokenException", "Signature Version 4");
    let mut wrong = world.json("gatehouse", "CreateScimToken", &json!({}));
    wrong.secret = Secret::from("another");
    wrong.send().await.fails_json(403, "InvalidSignatureException", "does not match");
    assert!(world.state.directory.scim_tokens().is_empty());
}
