use base::Secret;
use base::id::DbUserId;
use catalog::{Catalog, PasswordVerifier};
use engine::EngineErrorKind;

use super::OpenByUser;
use crate::testing::{PASSWORD, World, brief, ok, refused, run};
use crate::{Warehouse, WarehouseParts};

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
    assert!(!world.warehouse.cancel_keys.0.lock().unwrap().contains_key(&process_id));
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

#[test]
fn places_are_counted_by_user_and_given_back() {
    let places = OpenByUser::default();
    let (bob, mia) = (DbUserId(100), DbUserId(101));
    let first = places.enter(bob, Some(2)).unwrap();
    let second = places.enter(bob, Some(2)).unwrap();
    assert!(places.enter(bob, Some(2)).is_none());
    let unlimited = places.enter(bob, None).unwrap();
    let other = places.enter(mia, Some(1)).unwrap();
    assert!(places.enter(mia, Some(0)).is_none());
    drop((first, unlimited));
    let third = places.enter(bob, Some(2)).unwrap();
    assert!(places.enter(bob, Some(2)).is_none());
    drop((second, third, other));
    assert!(places.0.lock().unwrap().is_empty());
    assert!(places.enter(bob, Some(0)).is_none());
    assert!(places.0.lock().unwrap().is_empty());
}

/// Another process with the same engine.
async fn reopened(world: &World) -> World {
    let parts = WarehouseParts {
        cluster: world.warehouse.cluster.clone(),
        database: world.warehouse.database.clone(),
        instance: world.warehouse.instance.clone(),
        engine: world.engine.clone(),
        directory: world.directory.clone(),
        tokens: world.tokens.clone(),
        access: world.access.clone(),
        sessions: world.sessions.clone(),
        audit: world.audit.clone(),
        clock: world.clock.clone(),
    };
    let bootstrap =
        Catalog::bootstrap("dev", "other", PasswordVerifier::from_clear(&Secret::from("Other123"), [2; 32])).unwrap();
    let fresh = World::empty().await;
    let warehouse = Warehouse::open(parts, bootstrap).await.unwrap();
    World {
        warehouse,
        engine: world.engine.clone(),
        directory: world.directory.clone(),
        tokens: world.tokens.clone(),
        sessions: world.sessions.clone(),
        access: world.access.clone(),
        audit: world.audit.clone(),
        clock: fresh.clock,
    }
}

#[tokio::test]
async fn a_restart_finds_everything_and_gives_no_id_twice() {
    let world = World::new().await;
    let ethan = world.person("ethan", &["sales"]).await;
    let user = world.sign_in(&ethan).await.current_user;
    world.define(&["CREATE TABLE s.last (a int)"]).await;
    let again = reopened(&world).await;
    let (before, after) = (world.warehouse.catalog.current(), again.warehouse.catalog.current());
    assert_eq!(after.catalog.user_by_name("other"), None, "an engine with a catalog is not bootstrapped");
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
