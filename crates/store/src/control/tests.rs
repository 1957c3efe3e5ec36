use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use base::id::{ClusterId, NamespaceName, SnapshotId, WarehouseId, WorkgroupName};
use base::{FixedClock, Sealer, Secret};
use center::Center;
use control::{
    Closing, ClusterEdit, ClusterOptions, Control, ControlParts, ControlStore as _, ControlWrite, CopyProgress, Family,
    HostError, MasterPassword, NamespaceEdit, NewCluster, NewNamespace, NewParameterGroup, NewQev2IdcApplication,
    NewRedshiftIdcApplication, NewSnapshot, NewWorkgroup, RestoreCluster, SnapshotFilter, SqlEndpoints, WarehouseHost,
    WarehouseRecord, WarehouseSettings, WarehouseSpec,
};
use sqlx::sqlite::{SqliteConnectOptions, SqlitePool};
use time::OffsetDateTime;

use crate::{SqliteCenter, SqliteControl, Store};

/// Runs nothing.
#[derive(Debug)]
struct NoHost;

#[async_trait::async_trait]
impl WarehouseHost for NoHost {
    fn is_in_service(&self, _: &WarehouseId) -> bool {
        true
    }

    async fn create(&self, _: &WarehouseSpec) -> Result<(), HostError> {
        Ok(())
    }

    async fn delete(&self, _: &WarehouseId) -> Result<(), HostError> {
        Ok(())
    }

    async fn close_warehouse(&self, _: &WarehouseId, _: Closing) -> Result<(), HostError> {
        Ok(())
    }

    async fn open_warehouse(&self, _: &WarehouseRecord) -> Result<(), HostError> {
        Ok(())
    }

    async fn take_snapshot(&self, _: &WarehouseId, _: &SnapshotId, _: &Arc<CopyProgress>) -> Result<u64, HostError> {
        Ok(u64::from(u32::MAX) + 1)
    }

    async fn copy_snapshot(&self, _: &SnapshotId, _: &SnapshotId) -> Result<(), HostError> {
        Ok(())
    }

    async fn remove_snapshot(&self, _: &SnapshotId) -> Result<(), HostError> {
        Ok(())
    }

    async fn restore(&self, _: &WarehouseRecord, _: &SnapshotId, _: &Arc<CopyProgress>) -> Result<(), HostError> {
        Ok(())
    }

    async fn set_admin_password(&self, _: &WarehouseId, _: &str, _: &Secret<String>) -> Result<(), HostError> {
        Ok(())
    }

    async fn end_sessions(&self, _: &WarehouseId) {}

    async fn end_public_sessions(&self, _: &WarehouseId) {}

    async fn end_unadmitted(&self, _: &WarehouseId) {}

    async fn apply_settings(&self, _: &WarehouseId, _: &WarehouseSettings) {}

    async fn listen(&self, _: u16) -> Result<(), HostError> {
        Ok(())
    }

    async fn close(&self, _: u16) {}
}

async fn control(store: &Store) -> (Control, Arc<Center>) {
    let clock = Arc::new(FixedClock::at(OffsetDateTime::from_unix_timestamp(1_772_323_170).unwrap()));
    let port = Arc::new(SqliteCenter::new(store));
    let center = Arc::new(Center::open(port, clock.clone(), "123456789012", "us-east-1").await.unwrap());
    let endpoints = SqlEndpoints { host: "127.0.0.1".to_owned(), port: 5439, domain: "localhost".to_owned() };
    let port = Arc::new(SqliteControl::new(store));
    let network = Arc::<network::MemoryStore>::default();
    let network = network::Network::open(network, clock.clone(), "123456789012", "us-east-1").await.unwrap();
    let parts = ControlParts {
        store: port,
        clock,
        center: Arc::clone(&center),
        network: Arc::new(network),
        sealer: Arc::new(Sealer::new(&Secret::new(vec![7; 32])).unwrap()),
        endpoints,
    };
    let control = Control::open(parts).await.unwrap();
    control.attach(Arc::new(NoHost)).await.unwrap();
    (control, center)
}

fn role(name: &str) -> String {
    format!("arn:aws:iam::123456789012:role/{name}")
}

fn tags() -> BTreeMap<String, String> {
    BTreeMap::from([("team".to_owned(), "@data é".to_owned())])
}

fn new_application(center: &Center, name: &str) -> NewRedshiftIdcApplication {
    NewRedshiftIdcApplication {
        name: name.to_owned(),
        idc_instance_arn: center.instance().arn.clone(),
        idc_display_name: "Redshift".to_owned(),
        identity_namespace: Some("awsidc".to_owned()),
        iam_role_arn: role("r"),
        redshift_connect: None,
        tags: tags(),
    }
}

fn new_cluster(identifier: &str) -> NewCluster {
    NewCluster {
        identifier: ClusterId::new(identifier),
        node_type: "ra3.large".to_owned(),
        master_username: "awsuser".to_owned(),
        master_password: Secret::from("Passw0rd").into(),
        db_name: None,
        port: Some(65_535),
        idc_application: None,
        iam_roles: vec![role("a"), role("b")],
        default_iam_role: Some(role("b")),
        publicly_accessible: true,
        tags: tags(),
        options: ClusterOptions { automated_retention: 35, node_count: 2, ..ClusterOptions::default() },
    }
}

#[tokio::test]
async fn everything_survives_a_restart() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("control.db");
    let store = Store::open(&path).await.unwrap();
    let (first, center) = control(&store).await;
    let kept = first.create_idc_application(new_application(&center, "kept")).await.unwrap();
    let gone = first.create_idc_application(new_application(&center, "gone")).await.unwrap();
    for (identifier, application) in [("one", &kept), ("two", &gone), ("three", &kept)] {
        let new = NewCluster { idc_application: Some(application.arn.clone()), ..new_cluster(identifier) };
        first.create_cluster(new).await.unwrap();
    }
    let edit = ClusterEdit { identifier: Some(ClusterId::new("uno")), port: Some(5450), ..ClusterEdit::default() };
    first.modify_cluster(&ClusterId::new("one"), edit).await.unwrap();
    first.delete_cluster(&ClusterId::new("three")).await.unwrap();
    for name in ["sales", "lost"] {
        let new = NewNamespace {
            name: NamespaceName::new(name),
            admin_username: None,
            admin_password: None,
            db_name: None,
            idc_application: Some(gone.arn.clone()),
            iam_roles: Vec::new(),
            default_iam_role: None,
            manage_admin_password: name == "sales",
            tags: tags(),
        };
        first.create_namespace(new).await.unwrap();
        let new = NewWorkgroup {
            name: WorkgroupName::new(format!("{name}-wg")),
            namespace: NamespaceName::new(name),
            port: (name == "sales").then_some(5451),
            publicly_accessible: true,
            security_group_ids: Vec::new(),
            subnet_ids: Vec::new(),
            config: BTreeMap::from([("require_ssl".to_owned(), "true".to_owned())]),
            tags: tags(),
        };
        first.create_workgroup(new).await.unwrap();
    }
    let edit = NamespaceEdit { default_iam_role: Some(Some(role("r"))), ..NamespaceEdit::default() };
    first.update_namespace(&NamespaceName::new("sales"), edit).await.unwrap();
    first.delete_workgroup(&WorkgroupName::new("lost-wg")).await.unwrap();
    first.delete_namespace(&NamespaceName::new("lost")).await.unwrap();
    let qev2 = NewQev2IdcApplication {
        name: "qev2".to_owned(),
        idc_instance_arn: center.instance().arn.clone(),
        idc_display_name: "Editor".to_owned(),
        tags: tags(),
    };
    let qev2 = first.create_qev2_application(qev2).await.unwrap();
    // An edit replaces the row without the connections to it.
    first.tag(kept.arn.as_str(), BTreeMap::from([("k".to_owned(), String::new())])).await.unwrap();
    first.delete_idc_application(&gone.arn).await.unwrap();
    store.close().await;

    let store = Store::open(&path).await.unwrap();
    let (second, _) = control(&store).await;
    assert_eq!(second.idc_applications(None, 100), first.idc_applications(None, 100));
    assert_eq!(second.idc_application(&kept.arn).unwrap().tags.len(), 2);
    assert_eq!(second.qev2_applications(None, 100).items, [qev2]);
    assert_eq!(second.clusters(None, 100), first.clusters(None, 100));
    let clusters = second.clusters(None, 100).items;
    let shown: Vec<_> =
        clusters.iter().map(|one| (one.identifier.as_str(), one.port, one.idc_application.clone())).collect();
    assert_eq!(shown, [("two", 65_535, None), ("uno", 5450, Some(kept.arn.clone()))]);
    assert_eq!((clusters[0].iam_roles.len(), &clusters[0].default_iam_role), (3, &Some(role("b"))));
    assert_eq!(clusters[0].tags, tags());
    assert_eq!(second.namespaces(None, 100), first.namespaces(None, 100));
    assert_eq!(second.namespaces(None, 100).items[0].idc_application, None);
    assert_eq!(second.workgroups(None, 100), first.workgroups(None, 100));
    assert_eq!(second.workgroups(None, 100).items[0].port, Some(5451));
}

#[tokio::test]
async fn groups_and_managed_passwords_survive_a_restart() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("control.db");
    let store = Store::open(&path).await.unwrap();
    let (first, _) = control(&store).await;
    for name in ["mine", "gone"] {
        let (name, description) = (name.to_owned(), "é".to_owned());
        let new = NewParameterGroup { name, family: Family::Redshift2, description, tags: tags() };
        first.create_parameter_group(new).await.unwrap();
    }
    first.modify_parameter_group("mine", vec![("query_group".to_owned(), "a".to_owned())]).await.unwrap();
    first.delete_parameter_group("gone").await.unwrap();
    let options = ClusterOptions { parameter_group: Some("mine".to_owned()), ..ClusterOptions::default() };
    let new = NewCluster { master_password: MasterPassword::Managed, options, ..new_cluster("one") };
    let made = first.create_cluster(new).await.unwrap();
    first.modify_parameter_group("mine", vec![("query_group".to_owned(), "b".to_owned())]).await.unwrap();
    let (_, password) = first.secret_value("redshift!one-awsuser").unwrap();
    store.close().await;
    let bytes = std::fs::read(&path).unwrap();
    let seen = bytes.windows(password.expose().len()).any(|window| window == password.expose().as_bytes());
    assert!(!seen, "the password is sealed on disk");

    let store = Store::open(&path).await.unwrap();
    let (second, _) = control(&store).await;
    assert_eq!(second.parameter_groups(None, 100), first.parameter_groups(None, 100));
    assert_eq!(second.cluster(&made.identifier), Some(made.clone()));
    assert_eq!(second.pending_parameters(&made), ["query_group"]);
    assert_eq!(second.settings_of(&made.warehouse).query_group, "a");
    assert_eq!(second.secret_value("redshift!one-awsuser").unwrap().1.expose(), password.expose());
}

#[tokio::test]
async fn a_cluster_that_was_deleted_was_there() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("control.db");
    let store = Store::open(&path).await.unwrap();
    let (first, _) = control(&store).await;
    assert!(first.is_new());
    first.create_cluster(new_cluster("one")).await.unwrap();
    first.delete_cluster(&ClusterId::new("one")).await.unwrap();
    store.close().await;
    let store = Store::open(&path).await.unwrap();
    let (second, _) = control(&store).await;
    assert!(!second.is_new() && second.clusters(None, 100).items.is_empty());
}

#[tokio::test]
async fn a_name_is_taken_once_and_a_namespace_stays_under_its_workgroup() {
    let directory = tempfile::tempdir().unwrap();
    let store = Store::open(&directory.path().join("control.db")).await.unwrap();
    let (first, _) = control(&store).await;
    let made = first.create_cluster(new_cluster("one")).await.unwrap();
    let port = SqliteControl::new(&store);
    let twin = control::Cluster { warehouse: WarehouseId::new("another"), ..control::Cluster::clone(&made) };
    port.apply(ControlWrite::PutCluster(Box::new(twin))).await.unwrap_err();
    let orphan = control::Workgroup {
        name: WorkgroupName::new("orphan"),
        id: "id".to_owned(),
        namespace: NamespaceName::new("nowhere"),
        port: None,
        publicly_accessible: false,
        security_group_ids: Vec::new(),
        subnet_ids: Vec::new(),
        config: BTreeMap::new(),
        tags: BTreeMap::new(),
        status: control::Lifecycle::Available,
        created: made.created,
    };
    port.apply(ControlWrite::PutWorkgroup(orphan)).await.unwrap_err();
    let stored = port.load().await.unwrap();
    assert_eq!((stored.clusters, stored.workgroups.len()), (vec![control::Cluster::clone(&made)], 0));
}

/// A control database as it was when there was one cluster, the default listener's.
async fn old_database(path: &Path, with_cluster: bool) {
    let options = SqliteConnectOptions::new().filename(path).create_if_missing(true);
    let pool = SqlitePool::connect_with(options).await.unwrap();
    sqlx::raw_sql("CREATE TABLE migrations (name TEXT PRIMARY KEY, text TEXT NOT NULL)").execute(&pool).await.unwrap();
    for (name, text) in [
        ("0020_center", include_str!("../../migrations/0020_center.sql")),
        ("0021_control", include_str!("../../migrations/0021_control.sql")),
    ] {
        sqlx::raw_sql(text).execute(&pool).await.unwrap();
        sqlx::query("INSERT INTO migrations VALUES (?, ?)").bind(name).bind(text).execute(&pool).await.unwrap();
    }
    sqlx::raw_sql(
        "INSERT INTO center_instance VALUES ('arn:aws:sso:::instance/ssoins-1', 'd-1', '123456789012', NULL, '2026-01-01T00:00:00Z');
         INSERT INTO center_application VALUES ('arn:m', 'arn:aws:sso::aws:applicationProvider/redshift', 'r', 'ENABLED', 1, '2026-01-01T00:00:00Z');
         INSERT INTO redshift_idc_application VALUES ('arn:r', 'app', 'arn:aws:sso:::instance/ssoins-1', 'arn:m', 'App', 'awsidc',
             'arn:aws:iam::123456789012:role/r', 'Completed', '2026-01-01T00:00:00Z');",
    )
    .execute(&pool)
    .await
    .unwrap();
    if with_cluster {
        sqlx::raw_sql(
            "INSERT INTO cluster VALUES ('testcluster', 'ra3.large', 'awsuser', 'dev', 'localhost', 40001, 'available', 'arn:r',
                 'arn:aws:redshift:us-east-1:123456789012:namespace:0b4e1f6a-8d0e-4f0e-9a1c-2d9d1f3b5c77', '2026-01-02T00:00:00Z');",
        )
        .execute(&pool)
        .await
        .unwrap();
    }
    pool.close().await;
}

#[tokio::test]
async fn an_old_cluster_keeps_its_warehouse_and_is_the_default_listener_s() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("control.db");
    old_database(&path, true).await;
    for _ in 0..2 {
        let store = Store::open(&path).await.unwrap();
        let (control, _) = control(&store).await;
        let cluster = control.cluster(&ClusterId::new("testcluster")).unwrap();
        assert_eq!(cluster.warehouse.as_str(), "0b4e1f6a-8d0e-4f0e-9a1c-2d9d1f3b5c77");
        assert_eq!((cluster.port, control.endpoint_of_cluster(&cluster).port), (0, 5439));
        assert_eq!(control.default_warehouse(5439), Some(cluster.warehouse.clone()));
        let application = control.idc_application_of(&cluster.warehouse).unwrap();
        assert_eq!((application.name.as_str(), application.tags.len()), ("app", 0));
        assert!(control.redshift_connect(&application));
        assert!(cluster.iam_roles.is_empty() && cluster.tags.is_empty() && !control.is_new());
        assert_eq!((cluster.node_count, cluster.automated_retention, cluster.manual_retention), (1, 0, -1));
        assert_eq!((cluster.parameter_group.as_str(), &cluster.applied), ("default.redshift-1.0", &Default::default()));
        assert!(cluster.vpc_security_groups.is_empty() && cluster.master_secret.is_none());
        store.close().await;
    }
}

#[tokio::test]
async fn an_old_database_without_a_cluster_still_gets_its_first() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("control.db");
    old_database(&path, false).await;
    let store = Store::open(&path).await.unwrap();
    assert!(control(&store).await.0.is_new());
}

#[tokio::test]
async fn snapshots_and_what_was_made_of_them_survive_a_restart() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("control.db");
    let store = Store::open(&path).await.unwrap();
    let (first, center) = control(&store).await;
    let application = first.create_idc_application(new_application(&center, "kept")).await.unwrap();
    let new = NewCluster { idc_application: Some(application.arn.clone()), ..new_cluster("one") };
    first.create_cluster(new).await.unwrap();
    for (identifier, retention) in [("a", Some(Some(7))), ("b", Some(None)), ("gone", None)] {
        let cluster = ClusterId::new("one");
        let new = NewSnapshot { identifier: identifier.to_owned(), cluster, retention, tags: tags() };
        first.create_snapshot(new).await.unwrap();
    }
    first.delete_snapshot("gone", None).await.unwrap();
    first.modify_snapshot("b", Some(Some(9)), false).await.unwrap();
    for identifier in ["two", "three"] {
        first.restore_cluster(RestoreCluster::new("a", ClusterId::new(identifier))).await.unwrap();
    }
    first.delete_cluster(&ClusterId::new("three")).await.unwrap();
    first.pause_cluster(&ClusterId::new("one")).await.unwrap();
    let shown = |control: &Control| {
        let clusters = control.clusters(None, 100).items;
        let restored: Vec<_> = clusters.iter().map(|cluster| control.restore_copy(cluster)).collect();
        (control.snapshots(&SnapshotFilter::default(), None, 100).items, clusters, restored)
    };
    let before = shown(&first);
    assert_eq!((before.0.len(), before.1.len()), (2, 2));
    assert_eq!(before.2.iter().map(Option::is_some).collect::<Vec<_>>(), [false, true]);
    drop(first);
    store.close().await;
    let store = Store::open(&path).await.unwrap();
    assert_eq!(shown(&control(&store).await.0), before);
}
