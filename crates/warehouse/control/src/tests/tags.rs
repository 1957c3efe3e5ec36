use std::collections::BTreeMap;

use super::fake::{World, new_cluster, new_namespace, new_workgroup, tags};
use crate::{ControlError, NewQev2IdcApplication, TAGS_MAX, TagFilter, TaggedType};

/// One of each kind, by its ARN.
async fn everything(world: &World) -> Vec<(TaggedType, String)> {
    let control = &world.control;
    let cluster = control.create_cluster(new_cluster("one")).await.unwrap();
    let namespace = control.create_namespace(new_namespace("sales")).await.unwrap();
    let workgroup = control.create_workgroup(new_workgroup("sales-wg", "sales")).await.unwrap();
    let application = world.application("app").await;
    let qev2 = NewQev2IdcApplication {
        name: "qev2".to_owned(),
        idc_instance_arn: world.center.instance().arn.clone(),
        idc_display_name: "Editor".to_owned(),
        tags: BTreeMap::new(),
    };
    let qev2 = control.create_qev2_application(qev2).await.unwrap();
    vec![
        (TaggedType::Cluster, control.cluster_arn(&cluster)),
        (TaggedType::Namespace, control.namespace_arn(&namespace)),
        (TaggedType::Workgroup, control.workgroup_arn(&workgroup)),
        (TaggedType::RedshiftIdcApplication, application.arn.to_string()),
        (TaggedType::Qev2IdcApplication, qev2.arn.to_string()),
    ]
}

#[tokio::test]
async fn everything_with_an_arn_has_tags() {
    let world = World::new().await;
    let all = everything(&world).await;
    for (_, arn) in &all {
        assert_eq!(world.control.tags(arn), Ok(BTreeMap::new()));
        world.control.tag(arn, tags(&[("a", "1"), ("b", "")])).await.unwrap();
        world.control.tag(arn, tags(&[("a", "2")])).await.unwrap();
        world.control.untag(arn, &["b".to_owned(), "c".to_owned()]).await.unwrap();
    }
    let restarted = world.restarted().await;
    for (_, arn) in &all {
        assert_eq!(restarted.control.tags(arn), Ok(tags(&[("a", "2")])), "{arn}");
    }
}

#[tokio::test]
async fn what_is_not_here_has_none() {
    let world = World::new().await;
    let all = everything(&world).await;
    let mut unknown: Vec<String> = all.iter().map(|(_, arn)| format!("{arn}x")).collect();
    unknown.extend(all.iter().map(|(_, arn)| arn.replace("us-east-1", "eu-west-1")));
    unknown.extend(["", "arn:aws:redshift:us-east-1:123456789012:snapshot:x", "one"].map(str::to_owned));
    for arn in unknown {
        let missing = ControlError::ResourceNotFound(arn.clone());
        assert_eq!(world.control.tags(&arn).unwrap_err(), missing);
        assert_eq!(world.control.tag(&arn, tags(&[("a", "")])).await.unwrap_err(), missing);
        assert_eq!(world.control.untag(&arn, &[]).await.unwrap_err(), missing);
    }
}

#[tokio::test]
async fn tags_are_checked() {
    let world = World::new().await;
    let arn = everything(&world).await.remove(0).1;
    let long = "k".repeat(129);
    let value = "v".repeat(257);
    for (key, value) in [("", ""), ("aws:x", ""), ("AWS:x", ""), (&long, ""), ("k", &value), ("k\u{0}", ""), ("k", "<")]
    {
        let error = world.control.tag(&arn, tags(&[(key, value)])).await.unwrap_err();
        assert!(matches!(error, ControlError::InvalidTag { .. }), "{key:?}={value:?}: {error}");
    }
    world.control.tag(&arn, tags(&[(&"k".repeat(128), &"v".repeat(256)), ("é a_.:/=+-@%", "ü")])).await.unwrap();
    let many: BTreeMap<String, String> = (0..TAGS_MAX - 2).map(|n| (format!("t{n}"), String::new())).collect();
    world.control.tag(&arn, many).await.unwrap();
    assert_eq!(world.control.tag(&arn, tags(&[("one-more", "")])).await.unwrap_err(), ControlError::TagLimit);
    world.control.tag(&arn, tags(&[("t0", "again")])).await.unwrap();
    assert_eq!(world.control.tags(&arn).unwrap().len(), TAGS_MAX);
}

#[tokio::test]
async fn tags_are_found_and_paged() {
    let world = World::new().await;
    let all = everything(&world).await;
    for (_, arn) in &all {
        world.control.tag(arn, tags(&[("team", "a"), ("stage name", "b")])).await.unwrap();
    }
    let count = |filter: TagFilter| world.control.tagged(&filter, None, 100).items.len();
    assert_eq!(count(TagFilter::default()), 10);
    for (resource_type, arn) in &all {
        assert_eq!(count(TagFilter { resource_type: Some(*resource_type), ..TagFilter::default() }), 2);
        assert_eq!(count(TagFilter { arn: Some(arn.clone()), ..TagFilter::default() }), 2);
        assert_eq!(TaggedType::from_name(&resource_type.name().to_ascii_lowercase()), Some(*resource_type));
    }
    assert_eq!(count(TagFilter { keys: vec!["team".to_owned(), "x".to_owned()], ..TagFilter::default() }), 5);
    assert_eq!(count(TagFilter { values: vec!["b".to_owned()], ..TagFilter::default() }), 5);
    let crossed = TagFilter { keys: vec!["team".to_owned()], values: vec!["b".to_owned()], ..TagFilter::default() };
    assert_eq!(count(crossed), 0);
    for records in 1..=11 {
        let (mut seen, mut after) = (Vec::new(), None::<String>);
        loop {
            let page = world.control.tagged(&TagFilter::default(), after.as_deref(), records);
            assert!(page.items.len() <= records);
            seen.extend(page.items.iter().map(|tag| (tag.arn.clone(), tag.key.clone())));
            after = page.next;
            if after.is_none() {
                break;
            }
        }
        assert!(seen.is_sorted() && seen.len() == 10, "{records}");
    }
}
