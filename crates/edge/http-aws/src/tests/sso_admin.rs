use base::Outcome;
use base::id::DirectoryUserId;
use center::NewApplication;
use serde_json::json;

use super::world::{ACCOUNT, World};

async fn application(world: &World) -> String {
    let new = NewApplication {
        provider_arn: "arn:aws:sso::aws:applicationProvider/custom".to_owned(),
        name: "app".to_owned(),
        assignment_required: true,
    };
    world.state.center.create_application(new).await.unwrap().arn.to_string()
}

#[tokio::test]
async fn the_instance_is_listed() {
    let world = World::new().await;
    let reply = world.json("sso", "ListInstances", &json!({"MaxResults": 1})).send().await.ok();
    let instance = world.state.center.instance();
    let shown = &reply.json()["Instances"][0];
    assert_eq!(shown["InstanceArn"], instance.arn.as_str());
    assert_eq!(shown["IdentityStoreId"], instance.identity_store_id.as_str());
    assert_eq!((&shown["OwnerAccountId"], &shown["Status"]), (&json!(ACCOUNT), &json!("ACTIVE")));
    assert_eq!(shown["CreatedDate"], 1_772_323_170);
    for (body, parameter) in [(json!({"MaxResults": 0}), "MaxResults"), (json!({"NextToken": "eA"}), "NextToken")] {
        world.json("sso", "ListInstances", &body).send().await.fails_json(400, "ValidationException", parameter);
    }
}

#[tokio::test]
async fn assignments_are_made_listed_and_deleted() {
    let world = World::new().await;
    let arn = application(&world).await;
    let (ethan, sales) = (world.user("ethan").await, world.group("awssso-sales").await);
    let body = |kind: &str, id: &str| json!({"ApplicationArn": arn, "PrincipalType": kind, "PrincipalId": id});
    for (kind, id) in [("GROUP", &sales), ("USER", &ethan)] {
        let reply = world.json("sso", "CreateApplicationAssignment", &body(kind, id)).send().await.ok();
        assert_eq!(reply.json(), json!({}));
        assert_eq!(world.last_record().target, arn);
    }
    let application = base::id::ApplicationArn::new(arn.clone());
    assert!(world.state.center.decide(&application, &DirectoryUserId::new(ethan.clone()), &[]).allowed);
    let first = world.json("sso", "ListApplicationAssignments", &json!({"ApplicationArn": arn, "MaxResults": 1}));
    let first = first.send().await.ok().json();
    assert_eq!(first["ApplicationAssignments"], json!([body("USER", &ethan)]));
    let next = json!({"ApplicationArn": arn, "MaxResults": 1, "NextToken": first["NextToken"]});
    let next = world.json("sso", "ListApplicationAssignments", &next).send().await.ok().json();
    assert_eq!(next, json!({"ApplicationAssignments": [body("GROUP", &sales)]}));

    let again = world.json("sso", "CreateApplicationAssignment", &body("USER", &ethan)).send().await;
    again.fails_json(400, "ConflictException", "already assigned");
    world.json("sso", "DeleteApplicationAssignment", &body("USER", &ethan)).send().await.ok();
    assert!(!world.state.center.decide(&application, &DirectoryUserId::new(ethan.clone()), &[]).allowed);
    let gone = world.json("sso", "DeleteApplicationAssignment", &body("USER", &ethan)).send().await;
    gone.fails_json(400, "ResourceNotFoundException", "not assigned");
    assert_eq!(world.last_record().outcome, Outcome::Failed);
}

#[tokio::test]
async fn assignments_are_refused_for_a_reason() {
    let world = World::new().await;
    let arn = application(&world).await;
    let ethan = world.user("ethan").await;
    let table = [
        (
            json!({"ApplicationArn": arn, "PrincipalType": "GROUP", "PrincipalId": ethan}),
            "ResourceNotFoundException",
            "GROUP",
        ),
        (
            json!({"ApplicationArn": "arn:x", "PrincipalType": "USER", "PrincipalId": ethan}),
            "ResourceNotFoundException",
            "arn:x",
        ),
        (
            json!({"ApplicationArn": arn, "PrincipalType": "ROLE", "PrincipalId": ethan}),
            "ValidationException",
            "USER or GROUP",
        ),
        (json!({"ApplicationArn": arn, "PrincipalType": "USER"}), "ValidationException", "PrincipalId"),
        (
            json!({"ApplicationArn": arn, "PrincipalType": "USER", "PrincipalId": null}),
            "ValidationException",
            "PrincipalId",
        ),
        (
            json!({"ApplicationArn": 1, "PrincipalType": "USER", "PrincipalId": ethan}),
            "ValidationException",
            "ApplicationArn",
        ),
    ];
    for (body, code, message) in table {
        world.json("sso", "CreateApplicationAssignment", &body).send().await.fails_json(400, code, message);
    }
    for token in ["!", "eA", "VVNFUg"] {
        let body = json!({"ApplicationArn": arn, "NextToken": token});
        let reply = world.json("sso", "ListApplicationAssignments", &body).send().await;
        reply.fails_json(400, "ValidationException", "NextToken");
    }
    let reply = world.json("sso", "ListApplicationAssignments", &json!({"ApplicationArn": "arn:x"})).send().await;
    reply.fails_json(400, "ResourceNotFoundException", "arn:x");
}
