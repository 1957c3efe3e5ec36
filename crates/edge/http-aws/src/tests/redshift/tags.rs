use serde_json::json;

use super::{application_form, call, cluster_form};
use crate::tests::world::World;

const CLUSTER: &str = "arn:aws:redshift:us-east-1:123456789012:cluster:tagged";

#[tokio::test]
async fn tags_are_made_described_and_deleted() {
    let world = World::new().await;
    call(&world, &cluster_form("tagged", "")).await.ok();
    let application = call(&world, &application_form(&world, "app", "").await).await.ok();
    let application = application.element("RedshiftIdcApplicationArn").to_owned();
    let serverless = json!({"namespaceName": "sales", "tags": [{"key": "team", "value": "data"}]});
    world.json("redshift-serverless", "CreateNamespace", &serverless).send().await.ok();
    for arn in [CLUSTER, &application] {
        let tags = "&Tags.Tag.1.Key=team&Tags.Tag.1.Value=data&Tags.Tag.2.Key=stage&Tags.Tag.2.Value=test";
        let made = call(&world, &format!("Action=CreateTags&ResourceName={arn}{tags}")).await.ok();
        assert!(!made.body.contains("Result"));
        assert_eq!(world.last_record().target, arn);
    }
    for (filter, count) in [
        (String::new(), 4),
        (format!("&ResourceName={CLUSTER}"), 2),
        ("&ResourceType=cluster".to_owned(), 2),
        ("&TagKeys.TagKey.1=team".to_owned(), 2),
        ("&TagValues.TagValue.1=none".to_owned(), 0),
        ("&TagKeys.TagKey.1=team&TagValues.TagValue.1=data&ResourceType=Cluster".to_owned(), 1),
    ] {
        let reply = call(&world, &format!("Action=DescribeTags{filter}")).await.ok();
        assert_eq!(reply.body.matches("<TaggedResource>").count(), count, "{filter}: {}", reply.body);
    }
    let one = call(&world, "Action=DescribeTags&ResourceType=Cluster&TagKeys.TagKey.1=team").await.ok();
    assert_eq!(
        one.element("TaggedResource"),
        format!(
            "<Tag><Key>team</Key><Value>data</Value></Tag><ResourceName>{CLUSTER}</ResourceName><ResourceType>Cluster</ResourceType>"
        )
    );
    let delete = format!("Action=DeleteTags&ResourceName={CLUSTER}&TagKeys.TagKey.1=team&TagKeys.TagKey.2=none");
    assert!(!call(&world, &delete).await.ok().body.contains("Result"));
    let left = call(&world, &format!("Action=DescribeTags&ResourceName={CLUSTER}")).await.ok();
    assert_eq!((left.body.matches("<TaggedResource>").count(), left.element("Key")), (1, "stage"));
}

#[tokio::test]
async fn tags_are_paged() {
    let world = World::new().await;
    call(&world, &cluster_form("tagged", "")).await.ok();
    let tags = (1..=11).map(|n| format!("&Tags.Tag.{n}.Key=k{n}&Tags.Tag.{n}.Value=v")).collect::<String>();
    call(&world, &format!("Action=CreateTags&ResourceName={CLUSTER}{tags}")).await.ok();
    let first = call(&world, "Action=DescribeTags&MaxRecords=10").await.ok();
    assert_eq!(first.body.matches("<TaggedResource>").count(), 10);
    let marker = form_urlencoded::byte_serialize(first.element("Marker").as_bytes()).collect::<String>();
    let next = call(&world, &format!("Action=DescribeTags&MaxRecords=10&Marker={marker}")).await.ok();
    assert_eq!(next.body.matches("<TaggedResource>").count(), 1);
    assert!(!next.body.contains("<Marker>"));
    assert!(!first.body.contains(&format!("<Key>{}</Key>", next.element("Key"))));
}

#[tokio::test]
async fn wrong_input_is_refused() {
    let world = World::new().await;
    call(&world, &cluster_form("tagged", "")).await.ok();
    let one = "&Tags.Tag.1.Key=k&Tags.Tag.1.Value=v";
    let none = "arn:aws:redshift:us-east-1:123456789012:cluster:none";
    let serverless = "arn:aws:redshift-serverless:us-east-1:123456789012:namespace/x";
    for arn in [none, serverless, "x", "arn:aws:redshift:us-east-1:123456789012:snapshot:s"] {
        for form in [
            format!("CreateTags&ResourceName={arn}{one}"),
            format!("DeleteTags&ResourceName={arn}&TagKeys.TagKey.1=k"),
            format!("DescribeTags&ResourceName={arn}"),
        ] {
            call(&world, &format!("Action={form}")).await.fails(404, "ResourceNotFoundFault", arn);
        }
    }
    let many = (1..=51).map(|n| format!("&Tags.Tag.{n}.Key=k{n}")).collect::<String>();
    for (form, code, message) in [
        (format!("CreateTags&ResourceName={CLUSTER}"), "MissingParameter", "Tags"),
        (format!("CreateTags{one}"), "MissingParameter", "ResourceName"),
        (format!("DeleteTags&ResourceName={CLUSTER}&TagKeys="), "MissingParameter", "TagKeys"),
        (format!("CreateTags&ResourceName={CLUSTER}&Tags.Tag.1.Key=AWS:x"), "InvalidTagFault", "aws:"),
        (format!("CreateTags&ResourceName={CLUSTER}{many}"), "TagLimitExceededFault", "50"),
        ("DescribeTags&ResourceType=Snapshot".to_owned(), "InvalidParameterValue", "ResourceType"),
        ("DescribeTags&ResourceType=Namespace".to_owned(), "InvalidParameterValue", "ResourceType"),
        (
            format!("DescribeTags&ResourceType=Cluster&ResourceName={CLUSTER}"),
            "InvalidParameterCombination",
            "ResourceType",
        ),
        (format!("DescribeTags&ResourceName={CLUSTER}&Marker=x"), "InvalidParameterCombination", "Marker"),
        ("DescribeTags&MaxRecords=9".to_owned(), "InvalidParameterValue", "from 10 to 100"),
    ] {
        call(&world, &format!("Action={form}")).await.fails(400, code, message);
    }
}
