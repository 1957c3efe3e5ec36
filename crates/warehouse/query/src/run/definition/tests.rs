use base::AuditStep;
use engine::EngineErrorKind;

use crate::testing::{World, brief, execute, field, ok, refused, run};
use crate::{Literal, TransactionStatus};

fn words(calls: &[String]) -> Vec<&str> {
    calls.iter().filter_map(|call| call.split(' ').nth(1)).collect()
}

#[tokio::test]
async fn a_definition_is_one_transaction_of_the_engine() {
    let world = World::new().await;
    let mut admin = world.admin().await;
    world.forget();
    assert_eq!(ok(&mut admin, "CREATE TABLE s.u (a int)").await, "CREATE TABLE");
    assert_eq!(words(&world.engine.calls()), ["begin", "define", "write_catalog", "commit"]);
    assert_eq!(ok(&mut admin, "GRANT SELECT ON TABLE s.u TO bob").await, "GRANT");
    assert_eq!(words(&world.engine.calls()), ["begin", "write_catalog", "commit"]);
}

#[tokio::test]
async fn what_is_there_already_changes_nothing_and_says_so() {
    let world = World::new().await;
    let mut admin = world.admin().await;
    world.forget();
    let prepared = admin.parse_one("CREATE SCHEMA IF NOT EXISTS s", &[]).unwrap();
    let (tag, reply) = execute(&mut admin, &prepared).await.unwrap();
    assert_eq!(tag, "CREATE SCHEMA");
    assert_eq!(reply.notices[0].message.message, "Schema \"s\" already exists and will be skipped.");
    assert_eq!(words(&world.engine.calls()), ["begin", "commit"]);
}

#[tokio::test]
async fn a_failure_at_any_step_leaves_nothing() {
    let world = World::new().await;
    let mut admin = world.admin().await;
    let relations = world.engine.stored("relation");
    for call in ["begin", "define", "write_catalog", "commit"] {
        world.engine.fail(call, 1, EngineErrorKind::OutOfMemory);
        assert_eq!(refused(&mut admin, "CREATE TABLE s.u (a int)").await, "53200 OutOfMemory to the client", "{call}");
        assert_eq!(admin.transaction_status(), TransactionStatus::Idle);
        assert_eq!(world.engine.stored("relation"), relations);
        assert!(refused(&mut admin, "SELECT a FROM s.u").await.starts_with("42P01"), "{call}");
    }
    ok(&mut admin, "CREATE TABLE s.u (a int)").await;
}

#[tokio::test]
async fn the_first_failure_is_told_also_where_the_rollback_fails() {
    let world = World::new().await;
    let mut admin = world.admin().await;
    world.engine.fail("define", 1, EngineErrorKind::Duplicate);
    world.engine.fail("rollback", 1, EngineErrorKind::OutOfMemory);
    assert_eq!(refused(&mut admin, "CREATE TABLE s.u (a int)").await, "42P07 Duplicate to the client");
    // the session has no connection that it could trust
    assert!(refused(&mut admin, "SELECT a FROM s.t").await.starts_with("XX000 internal error, reference "));
}

#[tokio::test]
async fn create_table_as_needs_the_right_to_read_and_is_one_record() {
    let world = World::new().await;
    world
        .define(&[
            "GRANT CREATE ON SCHEMA s TO bob",
            "GRANT USAGE ON SCHEMA s TO bob",
            "GRANT SELECT ON TABLE s.t TO bob",
        ])
        .await;
    let mut bob = world.password("bob", crate::testing::PASSWORD).await.unwrap();
    world.forget();
    assert_eq!(
        refused(&mut bob, "CREATE TABLE s.u AS SELECT a FROM s.hidden").await,
        "42501 permission denied for relation hidden"
    );
    assert_eq!(words(&world.engine.calls()), ["begin", "rollback"]);
    assert_eq!(world.audit.brief(AuditStep::Statement), ["denied SELECT"]);
    assert_eq!(ok(&mut bob, "CREATE TABLE s.u AS SELECT a FROM s.t").await, "SELECT 1");
    assert_eq!(words(&world.engine.calls()), ["begin", "describe", "change", "write_catalog", "commit"]);
    assert_eq!(world.audit.brief(AuditStep::Statement), ["allowed SELECT"]);
    world.define(&["REVOKE CREATE ON SCHEMA s FROM bob"]).await;
    world.forget();
    assert_eq!(
        refused(&mut bob, "CREATE TABLE s.v AS SELECT a FROM s.t").await,
        "42501 permission denied for schema s"
    );
    assert_eq!(world.audit.brief(AuditStep::Statement), ["denied SELECT"]);
    assert!(!words(&world.engine.calls()).contains(&"change"));
}

#[tokio::test]
async fn parameters_have_no_place_in_a_definition() {
    let world = World::new().await;
    let mut admin = world.admin().await;
    let prepared = admin.parse_one("CREATE TABLE s.u (a int DEFAULT $1)", &[23]);
    let error = match prepared {
        Ok(prepared) => admin.execute(&prepared, &[Literal::Int(1)]).await.unwrap_err(),
        Err(error) => error,
    };
    assert_eq!(error.sqlstate, "0A000", "{error:?}");
    assert!(refused(&mut admin, "SELECT a FROM s.u").await.starts_with("42P01"));
}

#[tokio::test]
async fn a_password_is_stored_as_a_verifier_and_told_to_nobody() {
    let world = World::new().await;
    let mut admin = world.admin().await;
    world.forget();
    for text in ["CREATE USER mia PASSWORD 'Secret123'", "ALTER USER mia PASSWORD 'Secret123'"] {
        ok(&mut admin, text).await;
    }
    // refused, for a failure of another kind
    assert_eq!(
        brief(&run(&mut admin, "CREATE USER mia PASSWORD 'Secret123'").await.unwrap_err()).split(' ').next(),
        Some("42710")
    );
    let calls = world.engine.calls();
    let records = world.audit.take(AuditStep::Statement);
    assert_eq!(records.len(), 3);
    assert_eq!(field(&records[0], "text"), "CREATE USER mia PASSWORD '***'");
    for text in [format!("{calls:?}"), format!("{records:?}"), world.engine.stored("user").concat()] {
        assert!(!text.contains("Secret123"), "{text}");
    }
    world.password("mia", "Secret123").await.unwrap();
}

/// Two users made with one password have nothing in common in what is stored.
#[tokio::test]
async fn every_password_has_its_own_salt() {
    let world = World::new().await;
    world.define(&["CREATE USER mia PASSWORD 'Secret123'", "CREATE USER max PASSWORD 'Secret123'"]).await;
    let snapshot = world.warehouse.catalog.current();
    let verifier = |name| snapshot.catalog.user_by_name(name).unwrap().password.clone().unwrap();
    assert_ne!(verifier("mia"), verifier("max"));
}
