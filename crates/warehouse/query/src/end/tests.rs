use std::time::Duration;

use base::AuditStep;
use sessions::EndReason;

use crate::testing::{PASSWORD, World, brief, field, ok, refused, run};

#[tokio::test]
async fn the_next_statement_of_a_deactivated_session_is_refused_at_once() {
    let world = World::new().await;
    let ethan = world.person("ethan", &["sales"]).await;
    let mut connection = world.sign_in(&ethan).await;
    world.deactivate(&ethan).await;
    assert_eq!(world.sessions.reevaluate(ethan.id()).await.unwrap().db_sessions, 1);
    world.forget();
    let prepared = connection.parse_one("SELECT a FROM s.t", &[]).unwrap();
    let told = "57P01 terminating connection: user \"ethan\" was deactivated at the identity provider";
    for error in
        [connection.execute(&prepared, &[]).await.unwrap_err(), connection.describe(&prepared, &[]).await.unwrap_err()]
    {
        assert_eq!(brief(&error), told);
        assert!(error.fatal && error.message.hint.is_some());
    }
    assert!(world.engine.calls().is_empty());
    let error = connection.ended().await;
    assert_eq!(brief(&error), told);
    connection.close().await;
    let records = world.audit.take(AuditStep::SessionEnd);
    assert_eq!(field(&records[0], "reason"), "user_disabled");
}

/// Without waiting for the task that watches over the session.
#[tokio::test]
async fn an_ended_session_refuses_before_its_watch_has_had_a_turn() {
    let world = World::new().await;
    let mut bob = world.password("bob", PASSWORD).await.unwrap();
    let prepared = bob.parse_one("SELECT 1", &[]).unwrap();
    assert!(world.sessions.end(bob.backend_key().0, &EndReason::Administrator));
    assert_eq!(bob.execute(&prepared, &[]).await.unwrap_err().sqlstate, "57P01");
}

#[tokio::test]
async fn a_running_statement_is_interrupted_when_its_session_ends() {
    let world = World::new().await;
    let mut bob = world.password("bob", PASSWORD).await.unwrap();
    let (process_id, _) = bob.backend_key();
    world.define(&["GRANT USAGE ON SCHEMA s TO bob", "GRANT SELECT ON TABLE s.t TO bob"]).await;
    world.engine.hang("query");
    let ended = bob.ended();
    let (outcome, ()) = tokio::join!(run(&mut bob, "SELECT a FROM s.t"), async {
        world.engine.is_waiting().await;
        assert!(world.sessions.end(process_id, &EndReason::Administrator));
    });
    let stopped = outcome.unwrap_err();
    assert_eq!(brief(&stopped), "57014 terminating connection due to administrator command");
    assert!(!stopped.fatal, "the connection's last word comes behind it");
    assert_eq!(brief(&ended.await), "57P01 terminating connection due to administrator command");
    assert!(refused(&mut bob, "SELECT 1").await.starts_with("57P01"));
}

/// Paused time runs by itself while everybody waits.
#[tokio::test(start_paused = true)]
async fn a_statement_that_takes_too_long_is_stopped_and_told_why() {
    let world = World::new().await;
    let mut admin = world.admin().await;
    ok(&mut admin, "SET statement_timeout TO 2500").await;
    let begun = tokio::time::Instant::now();
    world.engine.hang("query");
    assert_eq!(refused(&mut admin, "SELECT a FROM s.t").await, "57014 Query cancelled on statement timeout");
    assert_eq!(begun.elapsed(), Duration::from_millis(2500));
    // a definition too, wherever it is, and nothing of it stays
    for call in ["define", "write_catalog"] {
        world.engine.hang(call);
        assert_eq!(
            refused(&mut admin, "CREATE SCHEMA x").await,
            "57014 Query cancelled on statement timeout",
            "{call}"
        );
    }
    ok(&mut admin, "SELECT a FROM s.t").await;
    assert!(refused(&mut admin, "DROP SCHEMA x").await.starts_with("3F000"));
    ok(&mut admin, "SET statement_timeout TO 0").await;
}

/// An interrupt between two calls of the engine is lost; the time limit holds all the same.
#[tokio::test(start_paused = true)]
async fn a_time_limit_that_passes_between_two_calls_still_counts() {
    let world = World::new().await;
    let mut admin = world.admin().await;
    ok(&mut admin, "SET statement_timeout TO 1000").await;
    world.engine.hold("define");
    world.engine.hang("write_catalog");
    let run = tokio::time::timeout(Duration::from_secs(60), run(&mut admin, "CREATE SCHEMA x"));
    let (outcome, ()) = tokio::join!(run, async {
        world.engine.is_waiting().await;
        // the time limit has its turn, and its interrupt meets nobody
        let nothing = std::future::pending::<()>();
        tokio::time::timeout(Duration::from_millis(1010), nothing).await.unwrap_err();
        world.engine.release();
    });
    assert_eq!(brief(&outcome.unwrap().unwrap_err()), "57014 Query cancelled on statement timeout");
}

/// The clock runs while rows are read, and stops with them.
#[tokio::test(start_paused = true)]
async fn the_time_limit_of_a_statement_ends_with_its_rows() {
    let world = World::new().await;
    let mut admin = world.admin().await;
    ok(&mut admin, "SET statement_timeout TO 1000").await;
    for text in ["SELECT a FROM s.t", "SHOW search_path", "INSERT INTO s.t VALUES (1)"] {
        ok(&mut admin, text).await;
    }
    tokio::time::advance(Duration::from_secs(5)).await;
    world.engine.hang("query");
    let (process_id, secret_key) = admin.backend_key();
    let (outcome, ()) = tokio::join!(run(&mut admin, "SELECT a FROM s.t"), async {
        world.engine.is_waiting().await;
        world.gate().cancel(process_id, secret_key).await;
    });
    assert!(
        brief(&outcome.unwrap_err()).starts_with("57014 Cancelled"),
        "cancelled by the client, not by an old time limit"
    );
}

#[tokio::test(start_paused = true)]
async fn an_idle_session_ends_after_its_users_time_out() {
    let world = World::new().await;
    world
        .define(&[
            "ALTER USER bob SESSION TIMEOUT 60",
            "GRANT USAGE ON SCHEMA s TO bob",
            "GRANT SELECT ON TABLE s.t TO bob",
        ])
        .await;
    let mut bob = world.password("bob", PASSWORD).await.unwrap();
    tokio::time::advance(Duration::from_secs(40)).await;
    ok(&mut bob, "SELECT 1").await;
    // work is not idleness, however long it takes
    world.engine.hang("query");
    let (process_id, secret_key) = bob.backend_key();
    let (outcome, ()) = tokio::join!(run(&mut bob, "SELECT a FROM s.t"), async {
        world.engine.is_waiting().await;
        tokio::time::advance(Duration::from_secs(300)).await;
        world.gate().cancel(process_id, secret_key).await;
    });
    assert_eq!(outcome.unwrap_err().sqlstate, "57014");
    ok(&mut bob, "SELECT 1").await;
    let idle_since = tokio::time::Instant::now();
    assert_eq!(brief(&bob.ended().await), "57P01 terminating connection due to idle-session timeout");
    assert!((60..61).contains(&idle_since.elapsed().as_secs()), "{:?}", idle_since.elapsed());
    assert!(refused(&mut bob, "SELECT 1").await.starts_with("57P01"));
}

#[tokio::test(start_paused = true)]
async fn a_session_without_a_time_out_stays() {
    let world = World::new().await;
    let mut bob = world.password("bob", PASSWORD).await.unwrap();
    let waited = tokio::time::timeout(Duration::from_secs(1_000_000), bob.ended()).await;
    assert!(waited.is_err());
    ok(&mut bob, "SELECT 1").await;
}

#[tokio::test]
async fn shutdown_ends_everybody() {
    let world = World::new().await;
    let bob = world.password("bob", PASSWORD).await.unwrap();
    let admin = world.admin().await;
    assert_eq!(world.sessions.end_all(&EndReason::Shutdown), 2);
    for connection in [bob, admin] {
        assert_eq!(connection.ended().await.sqlstate, "57P01");
    }
}
