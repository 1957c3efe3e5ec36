use serde_json::{Value, json};

use super::super::world::World;
use super::{MISSING, MISSING_INSTANCE, application, instance, ok, refused, with};

#[tokio::test]
async fn resources_are_tagged_listed_and_untagged() {
    let world = World::new().await;
    for arn in [application(&world).await, instance(&world)] {
        let resource = json!({"ResourceArn": arn});
        assert_eq!(ok(&world, "ListTagsForResource", &resource).await, json!({"Tags": []}));
        let tags = json!([{"Key": "b", "Value": ""}, {"Key": "a", "Value": "1"}]);
        assert_eq!(ok(&world, "TagResource", &with(&resource, "Tags", tags)).await, json!({}));
        assert_eq!(world.last_record().target, arn);
        let more = with(&resource, "InstanceArn", json!(instance(&world)));
        ok(&world, "TagResource", &with(&more, "Tags", json!([{"Key": "a", "Value": "2"}]))).await;
        let listed = json!({"Tags": [{"Key": "a", "Value": "2"}, {"Key": "b", "Value": ""}]});
        assert_eq!(ok(&world, "ListTagsForResource", &more).await, listed);
        assert_eq!(ok(&world, "UntagResource", &with(&resource, "TagKeys", json!(["b", "none"]))).await, json!({}));
        let listed = json!({"Tags": [{"Key": "a", "Value": "2"}]});
        assert_eq!(ok(&world, "ListTagsForResource", &resource).await, listed);
    }
}

#[tokio::test]
async fn tags_are_refused_for_a_reason() {
    let world = World::new().await;
    let arn = application(&world).await;
    let permission_set = "arn:aws:sso:::permissionSet/ssoins-0123456789abcdef/ps-0123456789abcdef";
    let issuer =
        "arn:aws:sso::123456789012:trustedTokenIssuer/ssoins-0123456789abcdef/tti-00000000-0000-0000-0000-000000000000";
    for (operation, more) in [
        ("TagResource", json!({"Tags": [{"Key": "k", "Value": "v"}]})),
        ("UntagResource", json!({"TagKeys": ["k"]})),
        ("ListTagsForResource", json!({})),
    ] {
        for missing in [MISSING, MISSING_INSTANCE, permission_set, issuer] {
            let body = with(&more, "ResourceArn", json!(missing));
            refused(&world, operation, &body, "ResourceNotFoundException", missing).await;
        }
        for wrong in [json!("arn:x"), json!("arn:aws:s3:::bucket"), Value::Null] {
            refused(&world, operation, &with(&more, "ResourceArn", wrong), "ValidationException", "ResourceArn").await;
        }
        let right = with(&more, "ResourceArn", json!(arn));
        let other = with(&right, "InstanceArn", json!(MISSING_INSTANCE));
        refused(&world, operation, &other, "ResourceNotFoundException", MISSING_INSTANCE).await;
        refused(&world, operation, &with(&right, "InstanceArn", json!("x")), "ValidationException", "InstanceArn")
            .await;
    }
    let resource = json!({"ResourceArn": arn});
    for tags in
        [json!([{"Key": ""}]), json!([{"Key": "", "Value": ""}]), json!([{"Key": "aws:k", "Value": ""}]), Value::Null]
    {
        refused(&world, "TagResource", &with(&resource, "Tags", tags), "ValidationException", "").await;
    }
    let many = |range: std::ops::Range<u32>| {
        json!(range.map(|number| json!({"Key": format!("k{number}"), "Value": ""})).collect::<Vec<_>>())
    };
    refused(&world, "TagResource", &with(&resource, "Tags", many(0..76)), "ValidationException", "75").await;
    ok(&world, "TagResource", &with(&resource, "Tags", many(0..50))).await;
    let one_more = with(&resource, "Tags", many(50..51));
    refused(&world, "TagResource", &one_more, "ServiceQuotaExceededException", "50").await;
    refused(&world, "UntagResource", &with(&resource, "TagKeys", json!([])), "ValidationException", "TagKeys").await;
    let body = with(&resource, "NextToken", json!("eA"));
    refused(&world, "ListTagsForResource", &body, "ValidationException", "NextToken").await;
}
