use serde_json::json;

use super::{call, namespace};
use crate::tests::redshift::{call as redshift, cluster_form};
use crate::tests::world::World;

#[tokio::test]
async fn tags_are_put_listed_and_removed() {
    let world = World::new().await;
    let of_namespace = namespace(&world, "sales").await;
    let made = call(&world, "CreateWorkgroup", json!({"workgroupName": "wg-1", "namespaceName": "sales"})).await.ok();
    let of_workgroup = made.json()["workgroup"]["workgroupArn"].as_str().unwrap().to_owned();
    for arn in [of_namespace, of_workgroup] {
        let tags = json!([{"key": "stage", "value": ""}, {"key": "team", "value": "data"}]);
        let put = call(&world, "TagResource", json!({"resourceArn": arn, "tags": tags})).await.ok();
        assert_eq!((put.json(), world.last_record().target), (json!({}), arn.clone()));
        let list = json!({"resourceArn": arn});
        let listed = call(&world, "ListTagsForResource", list.clone()).await.ok().json();
        assert_eq!(listed, json!({"tags": tags}));
        let removed = json!({"resourceArn": arn, "tagKeys": ["stage", "none"]});
        assert_eq!(call(&world, "UntagResource", removed).await.ok().json(), json!({}));
        let listed = call(&world, "ListTagsForResource", list).await.ok().json();
        assert_eq!(listed, json!({"tags": [{"key": "team", "value": "data"}]}));
    }
}

#[tokio::test]
async fn wrong_input_is_refused() {
    let world = World::new().await;
    let own = namespace(&world, "sales").await;
    redshift(&world, &cluster_form("tagged", "")).await.ok();
    let absent = "arn:aws:redshift-serverless:us-east-1:123456789012:namespace/none";
    for arn in [absent, "x", "arn:aws:redshift:us-east-1:123456789012:cluster:tagged"] {
        for (operation, more) in [
            ("TagResource", json!({"tags": [{"key": "k", "value": "v"}]})),
            ("UntagResource", json!({"tagKeys": ["k"]})),
            ("ListTagsForResource", json!({})),
        ] {
            let mut body = json!({"resourceArn": arn});
            body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            call(&world, operation, body).await.fails_json(400, "ResourceNotFoundException", arn);
        }
    }
    let many = (0..51).map(|n| json!({"key": format!("k{n}"), "value": ""})).collect::<Vec<_>>();
    for (operation, body, code, message) in [
        ("TagResource", json!({"resourceArn": own, "tags": many}), "TooManyTagsException", "50"),
        ("TagResource", json!({"resourceArn": own}), "ValidationException", "tags"),
        ("TagResource", json!({"resourceArn": own, "tags": [{"key": "k"}]}), "ValidationException", "value"),
        ("UntagResource", json!({"resourceArn": own}), "ValidationException", "tagKeys"),
        ("ListTagsForResource", json!({}), "ValidationException", "resourceArn"),
    ] {
        call(&world, operation, body).await.fails_json(400, code, message);
    }
    let none = call(&world, "ListTagsForResource", json!({"resourceArn": own})).await.ok().json();
    assert_eq!(none, json!({"tags": []}));
}
