use iam::{Holder, KeyHolder, NewUser, Taggable, Tags};
use serde_json::{Value, json};

use crate::tests::world::{Client, Reply, World};

/// The workgroup `sales`, and the user alice who may get credentials for workgroups with the tag `team=data`.
async fn world() -> World {
    let world = World::new().await;
    for (operation, body) in [
        ("CreateNamespace", json!({"namespaceName": "sales"})),
        (
            "CreateWorkgroup",
            json!({"workgroupName": "sales", "namespaceName": "sales", "tags": [{"key": "team", "value": "data"}]}),
        ),
        ("CreateNamespace", json!({"namespaceName": "other"})),
        ("CreateWorkgroup", json!({"workgroupName": "other", "namespaceName": "other"})),
    ] {
        world.json("redshift-serverless", operation, &body).send().await.ok();
    }
    let iam = &world.state.iam;
    iam.create_user(NewUser { name: "alice".to_owned(), ..NewUser::default() }).await.unwrap();
    let policy = json!({"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "redshift-serverless:GetCredentials",
        "Resource": "*", "Condition": {"StringEquals": {"aws:ResourceTag/team": "data"}}}});
    iam.put_policy(Holder::User("alice"), "own", &policy.to_string()).await.unwrap();
    iam.create_access_key(KeyHolder::User("alice")).await.unwrap();
    world
}

async fn get(world: &World, body: &Value) -> Reply {
    let alice = world.state.iam.user("alice").unwrap();
    let key = world.state.iam.access_keys_of(&iam::KeyOwner::User(alice.id.clone())).remove(0);
    let client = world.json("redshift-serverless", "GetCredentials", body);
    Client { key: key.id.clone(), secret: key.secret.clone(), ..client }.send().await
}

#[tokio::test]
async fn credentials_of_a_workgroup() {
    let world = world().await;
    let tags = Tags::read([("RedshiftDbRoles".to_owned(), "a:b".to_owned())]).unwrap();
    world.state.iam.tag(Taggable::User("alice"), tags).await.unwrap();
    let body = json!({"workgroupName": "sales", "dbName": "dev", "durationSeconds": 3600});
    let reply = get(&world, &body).await.ok().json();
    assert_eq!(reply["dbUser"], "IAM:alice");
    assert_eq!(reply["expiration"], 1_772_323_170 + 3600);
    assert!(reply["nextRefreshTime"].is_number());
    let namespace = world.state.control.namespace(&base::id::NamespaceName::new("sales")).unwrap();
    let kept = world.state.credentials.candidates(&namespace.warehouse, "IAM:alice").remove(0);
    assert!(kept.password().matches(reply["dbPassword"].as_str().unwrap().as_bytes()));
    assert_eq!((kept.roles(), kept.db_name()), (&["a".to_owned(), "b".to_owned()][..], Some("dev")));
}

#[tokio::test]
async fn what_is_wrong_is_told() {
    let world = world().await;
    let reply = get(&world, &json!({"workgroupName": "other"})).await;
    reply.fails_json(400, "AccessDeniedException", "redshift-serverless:GetCredentials");
    for (body, code, message) in [
        (json!({"workgroupName": "sales", "durationSeconds": 899}), "ValidationException", "900 to 3600"),
        (json!({"workgroupName": "sales", "durationSeconds": 3601}), "ValidationException", "900 to 3600"),
        (json!({"workgroupName": "sales", "dbName": "a/b"}), "ValidationException", "dbName"),
        (json!({"workgroupName": "sales", "customDomainName": "a.b"}), "ValidationException", "customDomainName"),
        (json!({"customDomainName": "a.b"}), "ResourceNotFoundException", "Give workgroupName"),
        (json!({"dbName": "dev"}), "ValidationException", "workgroupName"),
    ] {
        get(&world, &body).await.fails_json(400, code, message);
    }
    let root = world.json("redshift-serverless", "GetCredentials", &json!({"workgroupName": "sales"}));
    root.send().await.fails_json(400, "ValidationException", "root has no database user");
    let unknown = world.json("redshift-serverless", "GetCredentials", &json!({"workgroupName": "none"}));
    unknown.send().await.fails_json(400, "ResourceNotFoundException", "none");
}
