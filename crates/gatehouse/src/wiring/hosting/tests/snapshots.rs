//! Snapshots, pauses and reboots with the real engine.

use std::collections::BTreeMap;
use std::fs;
use std::sync::Arc;

use base::id::{ClusterId, SnapshotId};
use control::{
    Cluster, ClusterStatus, Control, CopyProgress, FinalSnapshot, NewSnapshot, RestoreCluster, WarehouseHost as _,
};
use query::{DbConnection, NoWarehouse, Value, Warehouses as _};
use tempfile::TempDir;

use super::{HERE, made, routes};
use crate::data_dir::DataDir;
use crate::wiring::Gatehouse;
use crate::wiring::testing::{ask, open, password};

fn id(name: &str) -> ClusterId {
    ClusterId::new(name)
}

fn new_snapshot(identifier: &str, cluster: &str) -> NewSnapshot {
    NewSnapshot { identifier: identifier.to_owned(), cluster: id(cluster), retention: None, tags: BTreeMap::new() }
}

fn restored(snapshot: &str, identifier: &str) -> RestoreCluster {
    RestoreCluster::new(snapshot, id(identifier))
}

async fn run(connection: &mut DbConnection, text: &str) {
    for prepared in connection.parse_script(text).unwrap() {
        connection.execute(&prepared, &[]).await.unwrap_or_else(|error| panic!("{text}: {error:?}"));
    }
}

async fn count(gatehouse: &Gatehouse, cluster: &Cluster, from: &str) -> Value {
    let warehouse = gatehouse.warehouses.get(&cluster.warehouse).unwrap();
    ask(&warehouse, &format!("SELECT count(*) FROM {from}")).await[0][0].clone()
}

/// What a connection is told whose session ends while `work` is done.
async fn told<T>(gatehouse: &Gatehouse, cluster: &Cluster, work: impl Future<Output = T>) -> (T, String, String) {
    let warehouse = gatehouse.warehouses.get(&cluster.warehouse).unwrap();
    let session = warehouse.open_as_administrator().await.unwrap();
    drop(warehouse);
    let ended = session.ended();
    let leaving = async {
        let told = ended.await;
        session.close().await;
        told
    };
    let (outcome, told) = tokio::join!(work, leaving);
    (outcome, told.sqlstate.to_owned(), told.message.message)
}

async fn analytics(control: &Control, gatehouse: &Gatehouse) -> Arc<Cluster> {
    let made = made(control, "analytics").await;
    let warehouse = gatehouse.warehouses.get(&made.warehouse).unwrap();
    ask(
        &warehouse,
        "CREATE SCHEMA s; CREATE TABLE s.t (a int DEFAULT 7, b varchar(20) NOT NULL); \
         INSERT INTO s.t (b) VALUES ('x'), ('y'); CREATE TABLE s.made AS SELECT b FROM s.t; \
         CREATE USER ann PASSWORD 'Passw0rd9'; CREATE GROUP readers WITH USER ann; CREATE ROLE analyst; \
         GRANT ROLE analyst TO ann; GRANT USAGE ON SCHEMA s TO GROUP readers; GRANT SELECT ON s.t TO ROLE analyst",
    )
    .await;
    made
}

#[tokio::test]
async fn a_restored_cluster_is_what_the_other_was_at_that_moment() {
    let folder = TempDir::new().unwrap();
    let data = DataDir::open(folder.path()).unwrap();
    let gatehouse = open(&data).await;
    let one = analytics(&gatehouse.control, &gatehouse).await;
    let warehouse = gatehouse.warehouses.get(&one.warehouse).unwrap();
    // a transaction that is open while the snapshot is taken is not in it, and isn't lost
    let mut writer = warehouse.open_as_administrator().await.unwrap();
    run(&mut writer, "BEGIN; INSERT INTO s.t (b) VALUES ('z'); DROP USER ann").await;
    let taken = gatehouse.control.create_snapshot(new_snapshot("first", "analytics")).await.unwrap();
    run(&mut writer, "INSERT INTO s.t (b) VALUES ('zz'); COMMIT").await;
    let session = warehouse.open_as_administrator().await.unwrap();
    let two = gatehouse.control.restore_cluster(restored("first", "copy")).await.unwrap();
    assert_eq!(two.status, ClusterStatus::Available);
    assert_ne!(two.warehouse, one.warehouse);
    assert_eq!(
        (count(&gatehouse, &one, "s.t").await, count(&gatehouse, &two, "s.t").await),
        (Value::Int8(4), Value::Int8(2))
    );
    let users = "pg_user WHERE usename = 'ann'";
    assert_eq!(
        (count(&gatehouse, &one, users).await, count(&gatehouse, &two, users).await),
        (Value::Int8(0), Value::Int8(1))
    );
    let granted = "svv_user_grants WHERE user_name = 'ann' AND role_name = 'analyst'";
    assert_eq!(count(&gatehouse, &two, granted).await, Value::Int8(1));
    assert_eq!(count(&gatehouse, &two, "s.made").await, Value::Int8(2));
    let copy = gatehouse.warehouses.get(&two.warehouse).unwrap();
    assert!(copy.is_admin_password(&password("Passw0rd1")));
    ask(&copy, "INSERT INTO s.t (b) VALUES ('only here'); ALTER TABLE s.t ADD COLUMN c int DEFAULT 1").await;
    assert_eq!(count(&gatehouse, &one, "s.t").await, Value::Int8(4));
    // the sessions of one are not the other's
    copy.end_sessions(&sessions::EndReason::WarehouseClosed);
    let mut session = session;
    run(&mut session, "INSERT INTO s.t (b) VALUES ('still here')").await;
    session.close().await;
    writer.close().await;
    let file = data.file("snapshots").join(taken.id.as_str());
    assert_eq!(fs::metadata(file.join("data.duckdb")).unwrap().len(), taken.bytes);
    assert_eq!(fs::read_dir(&file).unwrap().count(), 1);
    drop((warehouse, copy));
    gatehouse.close().await;

    let gatehouse = open(&data).await;
    assert_eq!(count(&gatehouse, &two, "s.t").await, Value::Int8(3));
    assert_eq!(gatehouse.control.snapshot("first"), Some(taken));
    gatehouse.control.delete_snapshot("first", None).await.unwrap();
    assert!(!file.exists());
}

#[tokio::test]
async fn a_paused_cluster_lets_go_of_its_file_and_says_how_to_resume() {
    let folder = TempDir::new().unwrap();
    let data = DataDir::open(folder.path()).unwrap();
    let gatehouse = open(&data).await;
    let one = analytics(&gatehouse.control, &gatehouse).await;
    let name = id("analytics");
    let (paused, sqlstate, words) = told(&gatehouse, &one, gatehouse.control.pause_cluster(&name)).await;
    assert_eq!(paused.unwrap().status, ClusterStatus::Paused);
    assert_eq!((sqlstate.as_str(), words.as_str()), ("57P01", "terminating connection: the cluster is paused"));
    let file = data.file("warehouses").join(one.warehouse.as_str()).join("data.duckdb");
    drop(engine_duckdb::DuckDb::open(&file, Default::default()).await.unwrap());
    assert!(gatehouse.warehouses.get(&one.warehouse).is_none());
    assert!(gatehouse.warehouses.out_of_service().is_empty(), "a paused cluster isn't broken");
    gatehouse.close().await;
    // it stays so over a restart
    let gatehouse = open(&data).await;
    let refused = routes(&gatehouse).find(Some("analytics.redshift.localhost"), 5439, HERE).unwrap_err();
    assert_eq!(refused, NoWarehouse::Paused { cluster: "analytics".to_owned() });
    assert!(gatehouse.warehouses.out_of_service().is_empty());
    gatehouse.control.resume_cluster(&name).await.unwrap();
    assert_eq!(count(&gatehouse, &one, "s.t").await, Value::Int8(2));
    routes(&gatehouse).find(Some("analytics.redshift.localhost"), 5439, HERE).unwrap();
}

#[tokio::test]
async fn a_rebooted_cluster_is_opened_anew() {
    let folder = TempDir::new().unwrap();
    let data = DataDir::open(folder.path()).unwrap();
    let gatehouse = open(&data).await;
    let one = analytics(&gatehouse.control, &gatehouse).await;
    let before = Arc::downgrade(&gatehouse.warehouses.get(&one.warehouse).unwrap());
    let (rebooted, sqlstate, words) = told(&gatehouse, &one, gatehouse.control.reboot_cluster(&id("analytics"))).await;
    assert_eq!(rebooted.unwrap().status, ClusterStatus::Available);
    assert_eq!((sqlstate.as_str(), words.as_str()), ("57P01", "terminating connection: the cluster is rebooted"));
    assert!(before.upgrade().is_none());
    assert_eq!(count(&gatehouse, &one, "s.t").await, Value::Int8(2));
}

#[tokio::test]
async fn a_reboot_brings_back_what_could_not_be_opened() {
    let folder = TempDir::new().unwrap();
    let data = DataDir::open(folder.path()).unwrap();
    let gatehouse = open(&data).await;
    let one = analytics(&gatehouse.control, &gatehouse).await;
    gatehouse.close().await;
    let file = data.file("warehouses").join(one.warehouse.as_str()).join("data.duckdb");
    fs::rename(&file, data.file("elsewhere")).unwrap();
    let gatehouse = open(&data).await;
    assert_eq!(gatehouse.warehouses.out_of_service(), ["the warehouse analytics can't be opened"]);
    gatehouse.control.reboot_cluster(&id("analytics")).await.unwrap_err();
    assert_eq!(gatehouse.warehouses.out_of_service().len(), 1);
    fs::rename(data.file("elsewhere"), &file).unwrap();
    gatehouse.control.reboot_cluster(&id("analytics")).await.unwrap();
    assert!(gatehouse.warehouses.out_of_service().is_empty());
    assert_eq!(count(&gatehouse, &one, "s.t").await, Value::Int8(2));
}

#[tokio::test]
async fn the_last_snapshot_has_everything_that_was_committed() {
    let folder = TempDir::new().unwrap();
    let data = DataDir::open(folder.path()).unwrap();
    let gatehouse = open(&data).await;
    let one = analytics(&gatehouse.control, &gatehouse).await;
    let last = FinalSnapshot { identifier: "last".to_owned(), retention: None };
    let deleting = gatehouse.control.delete_cluster_after_snapshot(&one.identifier, last);
    let (deleted, sqlstate, words) = told(&gatehouse, &one, deleting).await;
    deleted.unwrap();
    assert_eq!((sqlstate.as_str(), words.as_str()), ("57P01", "terminating connection: the warehouse was deleted"));
    assert!(!data.file("warehouses").join(one.warehouse.as_str()).exists());
    let again = gatehouse.control.restore_cluster(restored("last", "analytics")).await.unwrap();
    assert_eq!(count(&gatehouse, &again, "s.t").await, Value::Int8(2));
}

#[tokio::test]
async fn half_a_copy_of_an_earlier_attempt_is_no_part_of_the_next() {
    let folder = TempDir::new().unwrap();
    let data = DataDir::open(folder.path()).unwrap();
    let gatehouse = open(&data).await;
    let one = analytics(&gatehouse.control, &gatehouse).await;
    let (snapshot, copy) = (SnapshotId::new("snap-1"), SnapshotId::new("snap-2"));
    let left = data.file("snapshots").join("snap-1");
    fs::create_dir_all(&left).unwrap();
    for name in ["data.duckdb", "data.duckdb.wal", "other"] {
        fs::write(left.join(name), "half a file").unwrap();
    }
    let progress = Arc::<CopyProgress>::default();
    let bytes = gatehouse.host.take_snapshot(&one.warehouse, &snapshot, &progress).await.unwrap();
    assert_eq!(fs::read_dir(&left).unwrap().count(), 1);
    let (done, total) = progress.get();
    assert!(done == total && done > 0 && bytes > 0);
    gatehouse.host.copy_snapshot(&snapshot, &copy).await.unwrap();
    gatehouse.host.remove_snapshot(&snapshot).await.unwrap();
    gatehouse.host.remove_snapshot(&snapshot).await.unwrap();
    assert_eq!(fs::metadata(data.file("snapshots").join("snap-2/data.duckdb")).unwrap().len(), bytes);
    // what isn't there is no snapshot, and leaves nothing
    let nowhere = base::id::WarehouseId::new("nowhere");
    gatehouse.host.take_snapshot(&nowhere, &snapshot, &progress).await.unwrap_err();
    assert!(!left.exists());
    gatehouse.host.copy_snapshot(&snapshot, &SnapshotId::new("snap-3")).await.unwrap_err();
    assert!(!data.file("snapshots").join("snap-3").exists());
}
