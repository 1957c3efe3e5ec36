use std::sync::Arc;

use base::AuditStep;
use engine::EngineErrorKind;

use crate::Warehouse;
use crate::testing::{FakeEngine, PASSWORD, World, brief, field, new_warehouse, ok, refused, run};

#[tokio::test]
async fn a_cancel_key_stops_its_own_session_only() {
    let world = World::new().await;
    let (mut one, two) = (world.admin().await, world.admin().await);
    let ((process_id, secret_key), other) = (one.backend_key(), two.backend_key());
    assert_ne!(process_id, other.0);
    let gate = world.gate();
    world.engine.hang("query");
    let (outcome, ()) = tokio::join!(run(&mut one, "SELECT a FROM s.t"), async {
        world.engine.is_waiting().await;
        // each of these would wake it
        gate.cancel(process_id, secret_key.wrapping_add(1)).await;
        gate.cancel(other.0, secret_key).await;
        gate.cancel(other.0, other.1).await;
        gate.cancel(process_id.wrapping_add(1000), secret_key).await;
        tokio::task::yield_now().await;
        assert_eq!(world.engine.calls().iter().filter(|call| call.contains("SELECT")).count(), 1);
        gate.cancel(process_id, secret_key).await;
    });
    assert_eq!(outcome.unwrap_err().sqlstate, "57014");
    one.close().await;
    gate.cancel(process_id, secret_key).await;
    assert!(!world.cancel_keys.contains(process_id));
}

#[tokio::test]
async fn a_wrong_cancel_key_stops_nothing() {
    let world = World::new().await;
    let mut one = world.admin().await;
    let (process_id, secret_key) = one.backend_key();
    world.engine.hold("query");
    let (outcome, ()) = tokio::join!(run(&mut one, "SELECT a FROM s.t"), async {
        world.engine.is_waiting().await;
        world.gate().cancel(process_id, !secret_key).await;
        world.engine.release();
    });
    outcome.unwrap();
}

/// Another process with the same engine.
async fn reopened(world: &World) -> World {
    let mut again = world.beside("again").await;
    again.warehouse = Warehouse::open(world.parts("testcluster", world.engine.clone())).await.unwrap();
    again.engine = world.engine.clone();
    again
}

#[tokio::test]
async fn a_restart_finds_everything_and_gives_no_id_twice() {
    let world = World::new().await;
    let ethan = world.person("ethan", &["sales"]).await;
    let user = world.sign_in(&ethan).await.current_user;
    world.define(&["CREATE TABLE s.last (a int)"]).await;
    let again = reopened(&world).await;
    let (before, after) = (world.warehouse.catalog.current(), again.warehouse.catalog.current());
    assert_eq!(before.catalog.users().collect::<Vec<_>>(), after.catalog.users().collect::<Vec<_>>());
    let mut connection = again.sign_in(&ethan).await;
    assert_eq!(connection.current_user, user);
    ok(&mut connection, "SELECT a FROM s.t").await;
    let mut admin = again.password("awsuser", PASSWORD).await.unwrap();
    ok(&mut admin, "CREATE TABLE s.next (a int)").await;
    ok(&mut admin, "SELECT next.a FROM s.next, s.last").await;
}

#[tokio::test]
async fn an_engine_that_stopped_takes_nobody_in_and_runs_nothing() {
    let world = World::new().await;
    let ethan = world.person("ethan", &["sales"]).await;
    let token = world.token(&ethan).await;
    let (mut admin, mut bob) = (world.admin().await, world.password("bob", PASSWORD).await.unwrap());
    assert!(world.warehouse.is_usable());
    world.engine.fail("query", 1, EngineErrorKind::Internal);
    world.engine.fail("rollback", 1, EngineErrorKind::Unusable);
    assert!(refused(&mut admin, "SELECT a FROM s.t").await.starts_with("XX000 internal error, reference "));
    assert!(!world.warehouse.is_usable());
    world.forget();
    let told = "57P03 the warehouse is out of service after an internal error";
    for text in ["SELECT a FROM s.t", "SHOW search_path", "BEGIN", "CREATE SCHEMA x"] {
        for connection in [&mut admin, &mut bob] {
            let error = run(connection, text).await.unwrap_err();
            assert_eq!(brief(&error), told, "{text}");
            assert!(error.fatal && error.message.hint.unwrap().contains("restart"));
        }
    }
    assert_eq!(brief(&world.password("bob", PASSWORD).await.unwrap_err()), told);
    assert_eq!(brief(&world.present(token, &[]).await.unwrap_err()), told);
    assert!(world.warehouse.open_as_administrator().await.is_err());
    assert!(world.engine.calls().is_empty());
}

#[tokio::test]
async fn an_engine_holds_one_warehouse_or_none() {
    let world = World::new().await;
    let catalog = || new_warehouse().catalog([3; 32]).unwrap();
    let error = Warehouse::create(world.parts("x", world.engine.clone()), catalog()).await.unwrap_err();
    assert_eq!(error.log, "the engine holds a warehouse already");
    let empty = Arc::<FakeEngine>::default();
    let error = Warehouse::open(world.parts("x", empty.clone())).await.unwrap_err();
    assert_eq!(error.log, "the engine holds no warehouse");
    Warehouse::create(world.parts("x", empty.clone()), catalog()).await.unwrap();
    Warehouse::open(world.parts("x", empty)).await.unwrap();
}

#[tokio::test]
async fn records_name_the_warehouse_by_its_present_name_and_its_id() {
    let world = World::new().await;
    let mut admin = world.admin().await;
    ok(&mut admin, "SELECT a FROM s.t").await;
    world.warehouse.rename("analytics");
    ok(&mut admin, "SELECT a FROM s.t").await;
    let statements = world.audit.take(AuditStep::Statement);
    let named: Vec<_> = statements.iter().map(|event| field(event, "warehouse")).collect();
    assert_eq!(named, ["testcluster", "analytics"]);
    admin.close().await;
    let ended = world.audit.take(AuditStep::SessionEnd);
    let last = ended.last().unwrap();
    assert_eq!((last.target.as_str(), field(last, "warehouse_id")), ("analytics/dev", "w-testcluster"));
}
