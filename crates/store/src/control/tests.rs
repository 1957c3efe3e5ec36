use std::sync::Arc;

use base::FixedClock;
use base::id::ClusterId;
use center::Center;
use control::{Control, NewCluster, NewRedshiftIdcApplication};
use time::OffsetDateTime;

use crate::{SqliteCenter, SqliteControl, Store};

async fn control(store: &Store) -> (Control, Arc<Center>) {
    let clock = Arc::new(FixedClock::at(OffsetDateTime::from_unix_timestamp(1_772_323_170).unwrap()));
    let port = Arc::new(SqliteCenter::new(store));
    let center = Arc::new(Center::open(port, clock.clone(), "123456789012", "us-east-1").await.unwrap());
    (Control::open(Arc::new(SqliteControl::new(store)), clock, Arc::clone(&center)).await.unwrap(), center)
}

#[tokio::test]
async fn everything_survives_a_restart() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("control.db");
    let store = Store::open(&path).await.unwrap();
    let (first, center) = control(&store).await;
    let new = |name: &str| NewRedshiftIdcApplication {
        name: name.to_owned(),
        idc_instance_arn: center.instance().arn.clone(),
        idc_display_name: "Redshift".to_owned(),
        identity_namespace: Some("awsidc".to_owned()),
        iam_role_arn: "arn:aws:iam::123456789012:role/r".to_owned(),
    };
    let kept = first.create_idc_application(new("kept")).await.unwrap();
    let gone = first.create_idc_application(new("gone")).await.unwrap();
    for (identifier, port) in [("one", 65_535), ("two", 2), ("two", 3)] {
        let new = NewCluster {
            identifier: ClusterId::new(identifier),
            node_type: "ra3.large".to_owned(),
            master_username: "awsuser".to_owned(),
            db_name: "dev".to_owned(),
            endpoint_address: "localhost".to_owned(),
            endpoint_port: port,
        };
        first.ensure_cluster(new).await.unwrap();
    }
    first.connect_cluster(&ClusterId::new("one"), Some(&kept.arn)).await.unwrap();
    first.connect_cluster(&ClusterId::new("two"), Some(&gone.arn)).await.unwrap();
    first.delete_idc_application(&gone.arn).await.unwrap();
    let before = first.clusters(None, 100);
    store.close().await;

    let store = Store::open(&path).await.unwrap();
    let (second, _) = control(&store).await;
    assert_eq!(second.idc_applications(None, 100).items, [Arc::clone(&kept)]);
    assert_eq!(second.clusters(None, 100), before);
    let connections: Vec<_> = before.items.iter().map(|cluster| cluster.idc_application.clone()).collect();
    assert_eq!(connections, [Some(kept.arn.clone()), None]);
    assert_eq!(before.items[1].endpoint_port, 3);
}
