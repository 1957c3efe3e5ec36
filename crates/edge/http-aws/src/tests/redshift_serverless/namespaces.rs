use serde_json::json;

use super::{call, namespace};
use crate::tests::redshift::{application_form, call as redshift};
use crate::tests::world::World;

const ROLE: &str = "arn:aws:iam::123456789012:role/R";

#[tokio::test]
async fn a_namespace_is_created_got_updated_and_deleted() {
    let world = World::new().await;
    let form = application_form(&world, "app", "&IdentityNamespace=awsidc").await;
    let application = redshift(&world, &form).await.ok().element("RedshiftIdcApplicationArn").to_owned();
    let body = json!({
        "namespaceName": "sales", "adminUsername": "boss", "adminUserPassword": "Passw0rd1", "dbName": "shop",
        "iamRoles": [ROLE], "defaultIamRoleArn": ROLE, "redshiftIdcApplicationArn": application,
        "tags": [{"key": "team", "value": "data"}], "manageAdminPassword": false, "logExports": [],
    });
    let made = call(&world, "CreateNamespace", body).await.ok();
    assert_eq!(world.last_record().target, "arn:aws:redshift-serverless:us-east-1:123456789012:namespace/*");
    assert!(!format!("{}{:?}", made.body, world.last_record()).contains("Passw0rd1"));
    assert_eq!(world.host.calls(), ["create shop boss awsidc"]);
    let shown = made.json()["namespace"].clone();
    assert_eq!((&shown["namespaceName"], &shown["status"]), (&json!("sales"), &json!("AVAILABLE")));
    assert_eq!((&shown["adminUsername"], &shown["dbName"]), (&json!("boss"), &json!("shop")));
    assert_eq!(shown["creationDate"], "2026-02-28T23:59:30.000Z");
    assert_eq!((&shown["defaultIamRoleArn"], &shown["iamRoles"][0]), (&json!(ROLE), &json!(ROLE)));
    let id = shown["namespaceId"].as_str().unwrap();
    let arn = format!("arn:aws:redshift-serverless:us-east-1:123456789012:namespace/{id}");
    assert_eq!(shown["namespaceArn"], arn);

    let got = call(&world, "GetNamespace", json!({"namespaceName": "sales"})).await.ok().json();
    assert_eq!((&got["namespace"], world.last_record().target), (&shown, arn.clone()));
    let body = json!({
        "namespaceName": "sales", "adminUsername": "boss", "adminUserPassword": "Passw0rd2", "iamRoles": [],
        "defaultIamRoleArn": "",
    });
    let updated = call(&world, "UpdateNamespace", body).await.ok().json()["namespace"].clone();
    assert_eq!((&updated["iamRoles"], updated.get("defaultIamRoleArn")), (&json!([]), None));
    assert_eq!(world.host.calls(), ["password boss Passw0rd2"]);
    let deleted = call(&world, "DeleteNamespace", json!({"namespaceName": "sales"})).await.ok().json();
    assert_eq!((&deleted["namespace"]["status"], world.last_record().target), (&json!("DELETING"), arn));
    for operation in ["GetNamespace", "UpdateNamespace", "DeleteNamespace"] {
        let reply = call(&world, operation, json!({"namespaceName": "sales"})).await;
        reply.fails_json(400, "ResourceNotFoundException", "sales");
        assert_eq!(reply.json()["resourceName"], "sales");
        assert_eq!(world.last_record().target, "arn:aws:redshift-serverless:us-east-1:123456789012:namespace/*");
    }
}

#[tokio::test]
async fn namespaces_are_paged() {
    let world = World::new().await;
    for name in ["aaa", "bbb", "ccc"] {
        namespace(&world, name).await;
    }
    let first = call(&world, "ListNamespaces", json!({"maxResults": 2})).await.ok().json();
    assert_eq!(first["namespaces"].as_array().unwrap().len(), 2);
    let next = json!({"maxResults": 2, "nextToken": first["nextToken"]});
    let next = call(&world, "ListNamespaces", next).await.ok().json();
    assert_eq!((next["namespaces"][0]["namespaceName"].as_str(), next.get("nextToken")), (Some("ccc"), None));
    for (body, parameter) in [
        (json!({"maxResults": 0}), "maxResults"),
        (json!({"maxResults": 101}), "maxResults"),
        (json!({"nextToken": "!"}), "nextToken"),
        (json!({"MaxResults": 1}), "MaxResults"),
    ] {
        call(&world, "ListNamespaces", body).await.fails_json(400, "ValidationException", parameter);
    }
}

#[tokio::test]
async fn wrong_input_makes_nothing() {
    let world = World::new().await;
    for (body, code, message) in [
        (json!({}), "ValidationException", "namespaceName"),
        (json!({"namespaceName": "ab"}), "ValidationException", "namespaceName"),
        (json!({"namespaceName": 7}), "ValidationException", "namespaceName"),
        (json!({"namespaceName": "abc", "dbName": "1"}), "ValidationException", "dbName"),
        (json!({"namespaceName": "abc", "adminUsername": "public"}), "ValidationException", "adminUsername"),
        (json!({"namespaceName": "abc", "adminUserPassword": "short"}), "ValidationException", "too short"),
        (json!({"namespaceName": "abc", "kmsKeyId": "k"}), "ValidationException", "\"kmsKeyId\""),
        (
            json!({"namespaceName": "abc", "manageAdminPassword": true, "adminUserPassword": "Passw0rd1"}),
            "ValidationException",
            "manageAdminPassword is true",
        ),
        (
            json!({"namespaceName": "abc", "manageAdminPassword": true, "adminPasswordSecretKmsKeyId": "k"}),
            "ValidationException",
            "\"adminPasswordSecretKmsKeyId\"",
        ),
        (json!({"namespaceName": "abc", "logExports": ["userlog"]}), "ValidationException", "LookupEvents"),
        (json!({"namespaceName": "abc", "iamRoles": ["x"]}), "ValidationException", "iamRoles"),
        (json!({"namespaceName": "abc", "defaultIamRoleArn": ROLE}), "ValidationException", "defaultIamRoleArn"),
        (json!({"namespaceName": "abc", "redshiftIdcApplicationArn": "x"}), "ResourceNotFoundException", "x"),
        (json!({"namespaceName": "abc", "tags": [{"key": "aws:k", "value": ""}]}), "ValidationException", "aws:"),
        (
            json!({"namespaceName": "abc", "tags": [{"key": "k", "value": ""}, {"key": "k", "value": ""}]}),
            "ValidationException",
            "\"k\" is given twice",
        ),
        (json!({"namespaceName": "abc", "other": 1}), "ValidationException", "\"other\""),
    ] {
        call(&world, "CreateNamespace", body).await.fails_json(400, code, message);
    }
    // Nothing that stands in a password's place is repeated.
    let reply = call(&world, "CreateNamespace", json!({"namespaceName": "abc", "adminUserPassword": 87_654_321})).await;
    reply.fails_json(400, "ValidationException", "adminUserPassword is not valid: it must be a text");
    assert!(!format!("{}{:?}", reply.body, world.last_record()).contains("87654321"));
    assert_eq!(call(&world, "ListNamespaces", json!({})).await.ok().json(), json!({"namespaces": []}));

    namespace(&world, "abc").await;
    let again = call(&world, "CreateNamespace", json!({"namespaceName": "abc"})).await;
    again.fails_json(400, "ConflictException", "abc");
    let other = json!({"namespaceName": "abc", "adminUsername": "other"});
    let other = call(&world, "UpdateNamespace", other).await;
    other.fails_json(400, "ValidationException", "the namespace's own, admin");
    let snapshot = json!({"namespaceName": "abc", "finalSnapshotName": "last"});
    let snapshot = call(&world, "DeleteNamespace", snapshot).await;
    snapshot.fails_json(400, "ValidationException", "\"finalSnapshotName\"");
    let tags = (0..51).map(|n| json!({"key": format!("k{n}"), "value": ""})).collect::<Vec<_>>();
    let many = call(&world, "CreateNamespace", json!({"namespaceName": "many", "tags": tags})).await;
    many.fails_json(400, "TooManyTagsException", "50");
    for number in 1..control::WAREHOUSES_MAX {
        namespace(&world, &format!("abc{number}")).await;
    }
    let quota = call(&world, "CreateNamespace", json!({"namespaceName": "toomany"})).await;
    quota.fails_json(400, "ServiceQuotaExceededException", "16");
}
