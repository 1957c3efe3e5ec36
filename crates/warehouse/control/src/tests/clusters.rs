use std::sync::Arc;

use base::id::{ClusterId, RedshiftIdcApplicationArn};
use time::Duration;

use super::fake::World;
use crate::{ClusterStatus, ControlError, NewCluster, NewRedshiftIdcApplication};

fn new(identifier: &str, port: u16) -> NewCluster {
    NewCluster {
        identifier: ClusterId::new(identifier),
        node_type: "ra3.large".to_owned(),
        master_username: "awsuser".to_owned(),
        db_name: "dev".to_owned(),
        endpoint_address: "127.0.0.1".to_owned(),
        endpoint_port: port,
    }
}

#[tokio::test]
async fn a_cluster_is_made_once_and_moves_with_its_endpoint() {
    let world = World::new().await;
    assert!(world.control.default_cluster().is_none());
    let made = world.control.ensure_cluster(new("testcluster", 5439)).await.unwrap();
    assert_eq!(made.status, ClusterStatus::Available);
    assert!(made.namespace_arn.starts_with("arn:aws:redshift:us-east-1:123456789012:namespace:"));
    world.clock.advance(Duration::hours(1));
    let restarted = World::on(Arc::clone(&world.store)).await.unwrap();
    let moved = restarted.control.ensure_cluster(new("testcluster", 40_001)).await.unwrap();
    assert_eq!((moved.endpoint_port, &moved.namespace_arn, moved.created), (40_001, &made.namespace_arn, made.created));
    assert_eq!(restarted.control.cluster(&ClusterId::new("testcluster")), Some(moved));
    assert!(restarted.control.cluster(&ClusterId::new("Testcluster")).is_none());
    let other = NewCluster { db_name: "prod".to_owned(), ..new("testcluster", 1) };
    assert!(matches!(restarted.control.ensure_cluster(other).await, Err(ControlError::Invalid { .. })));
}

#[tokio::test]
async fn the_oldest_cluster_is_the_default() {
    let world = World::new().await;
    world.control.ensure_cluster(new("second-letter", 1)).await.unwrap();
    world.clock.advance(Duration::seconds(1));
    world.control.ensure_cluster(new("a-later-one", 2)).await.unwrap();
    assert_eq!(world.control.default_cluster().unwrap().identifier.as_str(), "second-letter");
    let page = world.control.clusters(None, 1);
    assert_eq!((page.items[0].identifier.as_str(), page.next.as_deref()), ("a-later-one", Some("a-later-one")));
}

#[tokio::test]
async fn identifiers_are_checked() {
    let world = World::new().await;
    for identifier in ["", "1a", "A", "a_b", "a-", "a--b", "-a", &"a".repeat(64)] {
        let error = world.control.ensure_cluster(new(identifier, 1)).await.unwrap_err();
        assert!(matches!(error, ControlError::Invalid { parameter: "ClusterIdentifier", .. }), "{identifier:?}");
    }
}

#[tokio::test]
async fn a_cluster_is_connected_to_an_application_that_exists() {
    let world = World::new().await;
    let cluster = world.control.ensure_cluster(new("testcluster", 1)).await.unwrap();
    let missing = RedshiftIdcApplicationArn::new("arn:aws:redshift:us-east-1:123456789012:redshiftidcapplication:x");
    let error = world.control.connect_cluster(&cluster.identifier, Some(&missing)).await.unwrap_err();
    assert_eq!(error, ControlError::IdcApplicationNotFound(missing.clone()));
    let nowhere = ClusterId::new("nowhere");
    let error = world.control.connect_cluster(&nowhere, None).await.unwrap_err();
    assert_eq!(error, ControlError::ClusterNotFound(nowhere));
    let application = NewRedshiftIdcApplication {
        name: "app".to_owned(),
        idc_instance_arn: world.center.instance().arn.clone(),
        idc_display_name: "App".to_owned(),
        identity_namespace: None,
        iam_role_arn: "arn:aws:iam::123456789012:role/r".to_owned(),
    };
    let application = world.control.create_idc_application(application).await.unwrap();
    world.control.connect_cluster(&cluster.identifier, Some(&application.arn)).await.unwrap();
    let connection = |world: &World| world.control.cluster(&cluster.identifier).unwrap().idc_application.clone();
    assert_eq!(connection(&world), Some(application.arn.clone()));
    world.control.delete_idc_application(&application.arn).await.unwrap();
    assert_eq!(connection(&world), None);
    assert_eq!(connection(&World::on(Arc::clone(&world.store)).await.unwrap()), None);
}
