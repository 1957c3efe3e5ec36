mod snapshots;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use base::id::{ApplicationArn, ClusterId, DirectoryUserId, WarehouseId};
use control::{
    Cluster, ClusterEdit, ClusterOptions, Control, ControlError, HostError, NewCluster, WarehouseHost as _,
    WarehouseSettings, WarehouseSpec,
};
use http_identity::scim::AccessPreview as _;
use query::{NoWarehouse, Value, Warehouses as _};
use tempfile::TempDir;
use tokio::net::{TcpListener, TcpStream};

use super::open::Routes;
use crate::data_dir::DataDir;
use crate::wiring::testing::{ask, open, password};
use crate::wiring::{CatalogPreview, Gatehouse};

const HERE: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

fn cluster(name: &str) -> NewCluster {
    NewCluster {
        identifier: ClusterId::new(name),
        node_type: "ra3.large".to_owned(),
        master_username: "master".to_owned(),
        master_password: password("Passw0rd1").into(),
        db_name: None,
        port: None,
        idc_application: None,
        iam_roles: Vec::new(),
        default_iam_role: None,
        publicly_accessible: false,
        tags: BTreeMap::new(),
        options: ClusterOptions::default(),
    }
}

fn spec(id: &str) -> WarehouseSpec {
    WarehouseSpec {
        id: WarehouseId::new(id),
        database: "dev".to_owned(),
        admin_username: "master".to_owned(),
        admin_password: password("Passw0rd1"),
        identity_provider: None,
        settings: WarehouseSettings::default(),
    }
}

fn routes(gatehouse: &Gatehouse) -> Routes {
    Routes { control: Arc::clone(&gatehouse.control), open: Arc::clone(&gatehouse.warehouses) }
}

async fn made(control: &Control, name: &str) -> Arc<Cluster> {
    control.create_cluster(cluster(name)).await.unwrap()
}

#[tokio::test]
async fn a_second_cluster_has_its_own_data_and_is_there_after_a_restart() {
    let folder = TempDir::new().unwrap();
    let data = DataDir::open(folder.path()).unwrap();
    let gatehouse = open(&data).await;
    let analytics = made(&gatehouse.control, "analytics").await;
    let first = gatehouse.default_warehouse().unwrap();
    let second = routes(&gatehouse).find(Some("analytics.redshift.localhost"), 5439, HERE).unwrap().warehouse;
    assert_eq!((&*first.name(), &*second.name()), ("testcluster", "analytics"));
    ask(&first, "CREATE TABLE t (a int)").await;
    ask(&second, "CREATE TABLE t (a int); INSERT INTO t VALUES (1), (2)").await;
    assert!(ask(&first, "SELECT a FROM t").await.is_empty());
    drop((first, second));
    gatehouse.close().await;
    let spilled = data.file("warehouses").join(analytics.warehouse.as_str()).join("data.duckdb.tmp");
    fs::create_dir(&spilled).unwrap();

    let gatehouse = open(&data).await;
    assert!(!spilled.exists(), "what a killed server had moved out of memory is left");
    let second = routes(&gatehouse).find(Some("analytics.redshift.localhost"), 5439, HERE).unwrap().warehouse;
    assert_eq!(second.id(), &analytics.warehouse);
    assert_eq!(ask(&second, "SELECT count(*) FROM t").await, [[Value::Int8(2)]]);
    gatehouse
        .control
        .modify_cluster(
            &ClusterId::new("analytics"),
            ClusterEdit { identifier: Some(ClusterId::new("renamed")), ..ClusterEdit::default() },
        )
        .await
        .unwrap();
    let renamed = routes(&gatehouse).find(Some("renamed.redshift.localhost"), 5439, HERE).unwrap().warehouse;
    assert_eq!((renamed.id(), &*renamed.name()), (second.id(), "renamed"));
}

#[tokio::test]
async fn a_deleted_cluster_ends_its_sessions_and_leaves_nothing() {
    let folder = TempDir::new().unwrap();
    let data = DataDir::open(folder.path()).unwrap();
    let gatehouse = open(&data).await;
    let analytics = made(&gatehouse.control, "analytics").await;
    let files = data.file("warehouses").join(analytics.warehouse.as_str());
    assert!(files.join("data.duckdb").exists());
    let warehouse = gatehouse.warehouses.get(&analytics.warehouse).unwrap();
    let session = warehouse.open_as_administrator().await.unwrap();
    let ended = session.ended();
    let leaving = async {
        let told = ended.await;
        session.close().await;
        told
    };
    let id = ClusterId::new("analytics");
    let (deleted, told) = tokio::join!(gatehouse.control.delete_cluster(&id), leaving);
    deleted.unwrap();
    assert_eq!((told.sqlstate, told.message.message.contains("was deleted")), ("57P01", true));
    assert!(!files.exists());
    let gone = routes(&gatehouse).find(Some("analytics.redshift.localhost"), 5439, HERE).unwrap_err();
    assert_eq!(gone, NoWarehouse::Unknown { server_name: "analytics.redshift.localhost".to_owned() });
    // the name is free again
    made(&gatehouse.control, "analytics").await;
}

#[tokio::test]
async fn the_first_cluster_does_not_come_back_once_it_was_deleted() {
    let folder = TempDir::new().unwrap();
    let data = DataDir::open(folder.path()).unwrap();
    let gatehouse = open(&data).await;
    let (user, secret) = gatehouse.first_administrator(&data).unwrap().unwrap();
    assert_eq!(user, "awsuser");
    let testcluster = ClusterId::new("testcluster");
    let other = ClusterEdit { master_password: Some(password("Other1234")), ..ClusterEdit::default() };
    gatehouse.control.modify_cluster(&testcluster, other).await.unwrap();
    assert!(gatehouse.first_administrator(&data).unwrap().is_none(), "the password was changed");
    let back = ClusterEdit { master_password: Some(secret), ..ClusterEdit::default() };
    gatehouse.control.modify_cluster(&testcluster, back).await.unwrap();
    assert!(gatehouse.first_administrator(&data).unwrap().is_some());
    gatehouse.control.delete_cluster(&testcluster).await.unwrap();
    assert!(gatehouse.first_administrator(&data).unwrap().is_none());
    gatehouse.close().await;
    let gatehouse = open(&data).await;
    assert!(gatehouse.control.cluster(&testcluster).is_none() && gatehouse.default_warehouse().is_none());
    assert_eq!(routes(&gatehouse).find(None, 5439, HERE).unwrap_err(), NoWarehouse::Nothing { port: 5439 });
}

#[tokio::test]
async fn what_an_interrupted_attempt_left_is_removed_before_a_warehouse_is_made() {
    let folder = TempDir::new().unwrap();
    let data = DataDir::open(folder.path()).unwrap();
    let gatehouse = open(&data).await;
    let left = data.file("warehouses").join("w-1");
    fs::create_dir(&left).unwrap();
    fs::write(left.join("data.duckdb"), "half a file").unwrap();
    gatehouse.host.create(&spec("w-1")).await.unwrap();
    let id = WarehouseId::new("w-1");
    assert_eq!(ask(&gatehouse.warehouses.get(&id).unwrap(), "SELECT 1").await.len(), 1);
    gatehouse.host.delete(&id).await.unwrap();
    gatehouse.host.delete(&id).await.unwrap();
    assert!(!left.exists());
}

#[tokio::test]
async fn what_breaks_a_rule_is_refused_in_words_for_its_sender_and_makes_nothing() {
    let folder = TempDir::new().unwrap();
    let data = DataDir::open(folder.path()).unwrap();
    let gatehouse = open(&data).await;
    let weak = WarehouseSpec { admin_password: password("short"), ..spec("w-1") };
    let refused = gatehouse.host.create(&weak).await.unwrap_err();
    let HostError::Invalid(text) = &refused else { panic!("{refused:?}") };
    assert!(text.starts_with("Password must contain at least 8 characters. A password has "), "{text}");
    assert!(!data.file("warehouses").join("w-1").exists());
    let weak = NewCluster { master_password: password("short").into(), ..cluster("analytics") };
    let error = gatehouse.control.create_cluster(weak).await.unwrap_err();
    assert!(matches!(error, ControlError::Rejected(_)), "{error:?}");
    assert!(gatehouse.control.cluster(&ClusterId::new("analytics")).is_none());
    assert_eq!(fs::read_dir(data.file("warehouses")).unwrap().count(), 1);
    let id = WarehouseId::new("nowhere");
    let error = gatehouse.host.set_admin_password(&id, "master", &password("Passw0rd1")).await.unwrap_err();
    assert!(matches!(error, HostError::Failed(_)), "{error:?}");
}

#[tokio::test]
async fn a_warehouse_that_cannot_be_opened_stops_no_other() {
    let folder = TempDir::new().unwrap();
    let data = DataDir::open(folder.path()).unwrap();
    let gatehouse = open(&data).await;
    let (torn, lost) = (made(&gatehouse.control, "torn").await, made(&gatehouse.control, "lost").await);
    gatehouse.close().await;
    let file = |cluster: &Cluster| data.file("warehouses").join(cluster.warehouse.as_str()).join("data.duckdb");
    fs::write(file(&torn), "this is no database").unwrap();
    fs::remove_file(file(&lost)).unwrap();

    let gatehouse = open(&data).await;
    assert_eq!(ask(&gatehouse.default_warehouse().unwrap(), "SELECT 1").await.len(), 1);
    let lines = gatehouse.warehouses.out_of_service();
    assert_eq!(lines, ["the warehouse lost can't be opened", "the warehouse torn can't be opened"]);
    assert!(!gatehouse.control.is_in_service(&torn.warehouse) && !gatehouse.control.is_in_service(&lost.warehouse));
    for name in ["torn", "lost"] {
        let refused = routes(&gatehouse).find(Some(&format!("{name}.redshift.localhost")), 5439, HERE).unwrap_err();
        assert!(matches!(&refused, NoWarehouse::OutOfService { name: told, .. } if told == name), "{refused:?}");
    }
    // nothing was made in the place of what was lost, and both can be deleted
    assert!(!file(&lost).exists() && fs::read_to_string(file(&torn)).unwrap() == "this is no database");
    for name in ["torn", "lost"] {
        gatehouse.control.delete_cluster(&ClusterId::new(name)).await.unwrap();
    }
    assert!(gatehouse.warehouses.out_of_service().is_empty());
}

/// DuckDB calls a database as its file is called; the file of the first warehouse gets another name when it moves.
#[tokio::test]
async fn the_first_warehouses_file_keeps_all_it_had_under_its_new_name() {
    let folder = TempDir::new().unwrap();
    let data = DataDir::open(folder.path()).unwrap();
    let gatehouse = open(&data).await;
    let warehouse = gatehouse.default_warehouse().unwrap();
    let id = warehouse.id().clone();
    ask(
        &warehouse,
        "CREATE SCHEMA s; CREATE TABLE s.t (a int DEFAULT 7, b varchar(20) NOT NULL, c timestamp DEFAULT getdate()); \
         INSERT INTO s.t (b) VALUES ('x'); ALTER TABLE s.t ADD COLUMN d numeric(10,2) DEFAULT 1.5",
    )
    .await;
    drop(warehouse);
    gatehouse.close().await;
    let file = data.file("warehouses").join(id.as_str()).join("data.duckdb");
    // as the old version had it: opened under its old name, written to, and killed with a log beside it
    let old = data.file("gatehouse-data.duckdb");
    let before = folder.path().join("before");
    fs::create_dir(&before).unwrap();
    fs::rename(&file, before.join("gatehouse-data.duckdb")).unwrap();
    {
        let engine =
            engine_duckdb::DuckDb::open(&before.join("gatehouse-data.duckdb"), Default::default()).await.unwrap();
        let mut session = engine::Engine::connect(&engine).await.unwrap();
        session.begin().await.unwrap();
        session.define("CREATE TABLE s.late (a INTEGER DEFAULT 5)").await.unwrap();
        session.commit().await.unwrap();
        for name in ["gatehouse-data.duckdb", "gatehouse-data.duckdb.wal"] {
            fs::copy(before.join(name), data.file(name)).unwrap();
        }
    }
    assert!(fs::metadata(data.file("gatehouse-data.duckdb.wal")).unwrap().len() > 0);

    let gatehouse = open(&data).await;
    assert!(!old.exists() && !data.file("gatehouse-data.duckdb.wal").exists());
    let warehouse = gatehouse.default_warehouse().unwrap();
    assert_eq!(warehouse.id(), &id);
    ask(&warehouse, "INSERT INTO s.t (b) VALUES ('y'); UPDATE s.t SET a = a + 1 WHERE b = 'y'").await;
    let rows = ask(&warehouse, "SELECT a, b, d FROM s.t ORDER BY b").await;
    assert_eq!((rows.len(), &rows[0][0], &rows[1][0]), (2, &Value::Int4(7), &Value::Int4(8)));
    // the engine's own table came with the log
    ask(&warehouse, "ALTER TABLE s.t RENAME TO kept; DROP TABLE s.kept").await;
    drop(warehouse);
    gatehouse.close().await;
    let engine = engine_duckdb::DuckDb::open(&file, Default::default()).await.unwrap();
    let mut session = engine::Engine::connect(&engine).await.unwrap();
    session.begin().await.unwrap();
    session.define("DROP TABLE s.late").await.unwrap();
}

#[tokio::test]
async fn a_port_of_its_own_is_listened_on_and_closed() {
    let folder = TempDir::new().unwrap();
    let data = DataDir::open(folder.path()).unwrap();
    let gatehouse = open(&data).await;
    let taken = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = taken.local_addr().unwrap().port();
    let refused = gatehouse.host.listen(port).await.unwrap_err();
    assert!(matches!(refused, HostError::PortInUse { port: told, .. } if told == port), "{refused:?}");
    drop(taken);
    for _ in 0..2 {
        gatehouse.host.listen(port).await.unwrap();
    }
    TcpStream::connect(("127.0.0.1", port)).await.unwrap();
    for _ in 0..2 {
        gatehouse.host.close(port).await;
    }
    assert!(TcpStream::connect(("127.0.0.1", port)).await.is_err());
    gatehouse.host.listen(port).await.unwrap();
    // the default one is not the host's to open or close
    gatehouse.host.listen(5439).await.unwrap();
    gatehouse.host.close(5439).await;
}

#[tokio::test]
async fn the_preview_asks_every_open_warehouse_for_those_who_may_sign_in() {
    let folder = TempDir::new().unwrap();
    let data = DataDir::open(folder.path()).unwrap();
    let gatehouse = open(&data).await;
    crate::demo::ensure(&gatehouse, &data).await.unwrap();
    let preview = CatalogPreview {
        center: Arc::clone(&gatehouse.center),
        access: Arc::clone(&gatehouse.access),
        open: Arc::clone(&gatehouse.warehouses),
    };
    let ethan = gatehouse.directory.user_by_name("ethan").unwrap();
    let groups = gatehouse.directory.groups_of(&ethan.id);
    let tables = |id: &DirectoryUserId, name: &str, active, groups: &[_]| -> BTreeSet<(String, String)> {
        let found = preview.tables(id, name, active, groups);
        found.into_iter().map(|access| (access.warehouse, access.table)).collect()
    };
    let both = |table: &str| {
        BTreeSet::from(["default", "testcluster"].map(|warehouse| (warehouse.to_owned(), table.to_owned())))
    };
    assert_eq!(tables(&ethan.id, "ethan", true, &groups), both("sales_schema.store_sales"));
    assert!(tables(&ethan.id, "ethan", false, &groups).is_empty());
    assert!(tables(&ethan.id, "ethan", true, &[]).is_empty(), "in no group, so not assigned");
    let newcomer = DirectoryUserId::new("not-there-yet");
    let finance = gatehouse.directory.group_by_name("awssso-finance").unwrap();
    assert_eq!(tables(&newcomer, "zoe", true, &[finance]), both("finance_schema.revenue"));
    // whoever may not use the application sees nothing, whatever the roles say
    let application = gatehouse.control.idc_applications(None, 1).items.remove(0);
    let arn: ApplicationArn = application.idc_managed_application_arn.clone();
    let principal = center::AssignedPrincipal::Group(groups[0].id.clone());
    gatehouse.center.delete_assignment(&arn, &principal).await.unwrap();
    assert!(tables(&ethan.id, "ethan", true, &groups).is_empty());
}
