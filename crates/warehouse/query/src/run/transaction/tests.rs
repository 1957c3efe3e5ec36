use engine::EngineErrorKind;

use crate::testing::{World, brief, execute, ok, refused, run};
use crate::{DbConnection, TransactionStatus};

/// The tag and the notices' SQLSTATEs.
async fn told(connection: &mut DbConnection, text: &str) -> (String, Vec<&'static str>) {
    let prepared = connection.parse_one(text, &[]).unwrap();
    let (tag, reply) = execute(connection, &prepared).await.unwrap();
    (tag, reply.notices.iter().map(|notice| notice.sqlstate).collect())
}

#[tokio::test]
async fn begin_twice_and_ends_without_a_beginning_warn() {
    let world = World::new().await;
    let mut admin = world.admin().await;
    world.forget();
    assert_eq!(told(&mut admin, "COMMIT").await, ("COMMIT".to_owned(), vec!["25P01"]));
    assert_eq!(told(&mut admin, "ROLLBACK").await, ("ROLLBACK".to_owned(), vec!["25P01"]));
    assert!(world.engine.calls().is_empty());
    assert_eq!(told(&mut admin, "BEGIN").await, ("BEGIN".to_owned(), vec![]));
    assert_eq!(told(&mut admin, "BEGIN").await, ("BEGIN".to_owned(), vec!["25001"]));
    assert_eq!(told(&mut admin, "COMMIT").await, ("COMMIT".to_owned(), vec![]));
    assert_eq!(admin.transaction_status(), TransactionStatus::Idle);
}

#[tokio::test]
async fn an_error_fails_the_transaction_and_its_commit_rolls_back() {
    let world = World::new().await;
    let mut admin = world.admin().await;
    run(&mut admin, "BEGIN; CREATE GROUP g").await.unwrap();
    assert_eq!(refused(&mut admin, "SELECT nothing FROM s.t").await.split(' ').next(), Some("42703"));
    assert_eq!(admin.transaction_status(), TransactionStatus::Failed);
    let aborted = "25P02 current transaction is aborted, commands ignored until end of transaction block";
    assert_eq!(refused(&mut admin, "SELECT a FROM s.t").await, aborted);
    assert_eq!(refused(&mut admin, "BEGIN").await, aborted);
    let prepared = admin.parse_one("SELECT a FROM s.t", &[]).unwrap();
    assert_eq!(brief(&admin.describe(&prepared, &[]).await.unwrap_err()), aborted);
    assert_eq!(ok(&mut admin, "COMMIT").await, "ROLLBACK");
    assert_eq!(admin.transaction_status(), TransactionStatus::Idle);
    assert!(world.engine.stored("group").is_empty());
    ok(&mut admin, "CREATE GROUP g").await;
}

#[tokio::test]
async fn a_text_that_cannot_be_parsed_fails_the_transaction_too() {
    let world = World::new().await;
    let mut admin = world.admin().await;
    run(&mut admin, "BEGIN; CREATE GROUP g").await.unwrap();
    assert_eq!(admin.parse_one("SELEC 1", &[]).unwrap_err().sqlstate, "42601");
    assert_eq!(admin.transaction_status(), TransactionStatus::Failed);
    assert_eq!(ok(&mut admin, "COMMIT").await, "ROLLBACK");
    assert!(world.engine.stored("group").is_empty());
    // outside a transaction it fails nothing
    assert_eq!(admin.parse_one("SELEC 1", &[]).unwrap_err().sqlstate, "42601");
    assert_eq!(admin.transaction_status(), TransactionStatus::Idle);
    ok(&mut admin, "SELECT a FROM s.t").await;
}

#[tokio::test]
async fn a_single_statement_needs_no_transaction_of_the_engine() {
    let world = World::new().await;
    let mut admin = world.admin().await;
    world.forget();
    assert_eq!(ok(&mut admin, "SELECT a FROM s.t").await, "SELECT 1");
    assert_eq!(ok(&mut admin, "INSERT INTO s.t VALUES (1)").await, "INSERT 0 1");
    let calls = world.engine.calls();
    assert_eq!(calls.len(), 2, "{calls:?}");
}

#[tokio::test]
async fn several_statements_of_a_query_are_one_transaction() {
    let world = World::new().await;
    let mut admin = world.admin().await;
    let words = |calls: Vec<String>| -> Vec<String> {
        calls.iter().filter_map(|call| call.split(' ').nth(1).map(str::to_owned)).collect()
    };
    world.forget();
    run(&mut admin, "INSERT INTO s.t VALUES (1); INSERT INTO s.t VALUES (2)").await.unwrap();
    assert_eq!(words(world.engine.calls()), ["begin", "change", "change", "commit"]);
    // a failure takes all of it back and leaves no failed transaction
    let text = "INSERT INTO s.t VALUES (1); SELECT a FROM s.nothing; INSERT INTO s.t VALUES (2)";
    assert_eq!(run(&mut admin, text).await.unwrap_err().sqlstate, "42P01");
    assert_eq!(words(world.engine.calls()), ["begin", "change", "rollback"]);
    assert_eq!(admin.transaction_status(), TransactionStatus::Idle);
    // BEGIN makes it the client's
    run(&mut admin, "INSERT INTO s.t VALUES (1); BEGIN; INSERT INTO s.t VALUES (2)").await.unwrap();
    assert_eq!(admin.transaction_status(), TransactionStatus::InTransaction);
    ok(&mut admin, "COMMIT").await;
    assert_eq!(words(world.engine.calls()), ["begin", "change", "change", "commit"]);
}

#[tokio::test]
async fn definitions_and_grants_are_gone_with_their_transaction() {
    let world = World::new().await;
    let ethan = world.person("ethan", &["sales"]).await;
    let mut ethan = world.sign_in(&ethan).await;
    let mut admin = world.admin().await;
    let kinds = ["schema", "relation", "grants", "role", "user"];
    let stored = || kinds.map(|kind| world.engine.stored(kind));
    let before = stored();
    assert!(!before[0].is_empty() && !before[1].is_empty(), "{before:?}");
    run(&mut admin, "BEGIN; CREATE SCHEMA x; CREATE TABLE x.u (a int); GRANT SELECT ON TABLE s.hidden TO PUBLIC")
        .await
        .unwrap();
    assert_eq!(ok(&mut admin, "SELECT a FROM x.u").await, "SELECT 1", "its own work is seen");
    assert_eq!(refused(&mut ethan, "SELECT a FROM s.hidden").await, "42501 permission denied for relation hidden");
    assert!(refused(&mut ethan, "SELECT a FROM x.u").await.contains("\"x\""));
    ok(&mut admin, "ROLLBACK").await;
    assert_eq!(stored(), before);
    assert!(refused(&mut admin, "SELECT a FROM x.u").await.starts_with("3F000"));
    assert_eq!(refused(&mut ethan, "SELECT a FROM s.hidden").await, "42501 permission denied for relation hidden");
    run(&mut admin, "BEGIN; GRANT SELECT ON TABLE s.hidden TO ROLE \"awsidc:sales\"; COMMIT").await.unwrap();
    ok(&mut ethan, "SELECT a FROM s.hidden").await;
}

#[tokio::test]
async fn of_two_who_make_the_same_the_second_is_told_to_run_again() {
    let world = World::new().await;
    let (mut one, mut two) = (world.admin().await, world.admin().await);
    run(&mut one, "BEGIN; CREATE ROLE r").await.unwrap();
    run(&mut two, "BEGIN; CREATE ROLE r; GRANT USAGE ON SCHEMA s TO ROLE r").await.unwrap();
    ok(&mut one, "COMMIT").await;
    let error = run(&mut two, "COMMIT").await.unwrap_err();
    assert_eq!(brief(&error), "40001 could not complete because of conflict with concurrent transaction");
    assert!(error.message.detail.unwrap().contains("role \"r\" already exists"));
    assert_eq!(two.transaction_status(), TransactionStatus::Idle);
    assert_eq!(world.engine.stored("role").len(), 2);
    // and it is seen by the next statement of an open transaction, not only by COMMIT
    run(&mut two, "BEGIN; CREATE ROLE r2").await.unwrap();
    ok(&mut one, "CREATE ROLE r2").await;
    assert!(refused(&mut two, "SELECT a FROM s.t").await.starts_with("40001"));
    assert_eq!(two.transaction_status(), TransactionStatus::Failed);
}

#[tokio::test]
async fn of_two_who_change_the_same_row_the_engine_refuses_the_second() {
    let world = World::new().await;
    let (mut one, mut two) = (world.admin().await, world.admin().await);
    run(&mut one, "BEGIN; ALTER USER bob CREATEDB").await.unwrap();
    assert!(refused(&mut two, "ALTER USER bob CREATEUSER").await.starts_with("40001"));
    assert_eq!(two.transaction_status(), TransactionStatus::Idle);
    ok(&mut one, "COMMIT").await;
    ok(&mut two, "ALTER USER bob CREATEUSER").await;
}

#[tokio::test]
async fn transactions_that_have_nothing_in_common_both_commit() {
    let world = World::new().await;
    let (mut one, mut two) = (world.admin().await, world.admin().await);
    run(&mut one, "BEGIN; CREATE TABLE s.one (a int)").await.unwrap();
    run(&mut two, "BEGIN; CREATE TABLE s.two (a int)").await.unwrap();
    ok(&mut two, "COMMIT").await;
    ok(&mut one, "COMMIT").await;
    ok(&mut one, "SELECT a FROM s.two").await;
    ok(&mut two, "SELECT a FROM s.one").await;
}

#[tokio::test]
async fn a_privilege_revoked_by_others_is_gone_inside_an_open_transaction() {
    let world = World::new().await;
    let ethan = world.person("ethan", &["sales"]).await;
    let mut ethan = world.sign_in(&ethan).await;
    run(&mut ethan, "BEGIN; SELECT a FROM s.t").await.unwrap();
    world.define(&["REVOKE SELECT ON TABLE s.t FROM ROLE \"awsidc:sales\""]).await;
    assert_eq!(refused(&mut ethan, "SELECT a FROM s.t").await, "42501 permission denied for relation t");
}

/// The engine still reads the old table: who may read the new one must not get at the old one's rows by waiting.
#[tokio::test]
async fn a_table_that_others_replaced_is_out_of_reach_of_an_older_transaction() {
    let world = World::new().await;
    let ethan = world.person("ethan", &["sales"]).await;
    let mut ethan = world.sign_in(&ethan).await;
    let text = "SELECT a FROM s.hidden";
    for replace in [
        &["DROP TABLE s.hidden", "CREATE TABLE s.hidden (a int)", "GRANT SELECT ON TABLE s.hidden TO PUBLIC"][..],
        &["ALTER TABLE s.hidden RENAME TO former", "ALTER TABLE s.t RENAME TO hidden"],
        &["ALTER TABLE s.hidden DROP COLUMN b", "ALTER TABLE s.hidden ADD COLUMN b bigint"],
    ] {
        world.define(&["ALTER TABLE s.hidden ADD COLUMN b int"]).await;
        run(&mut ethan, "BEGIN; SELECT 1").await.unwrap();
        world.define(replace).await;
        world.forget();
        let error = run(&mut ethan, text).await.unwrap_err();
        assert_eq!(
            brief(&error),
            "40001 could not complete because of conflict with concurrent transaction",
            "{replace:?}"
        );
        assert!(!world.engine.calls().iter().any(|call| call.contains("query")));
        ok(&mut ethan, "ROLLBACK").await;
        ok(&mut ethan, text).await;
    }
}

/// A commit that fails shows nothing to anybody, and the session goes on.
#[tokio::test]
async fn what_the_engine_did_not_commit_is_not_shown() {
    let world = World::new().await;
    let mut admin = world.admin().await;
    for text in ["CREATE GROUP g", "BEGIN; CREATE GROUP g; COMMIT"] {
        world.engine.fail("commit", 1, EngineErrorKind::Conflict);
        assert_eq!(run(&mut admin, text).await.unwrap_err().sqlstate, "40001");
        assert_eq!(admin.transaction_status(), TransactionStatus::Idle);
        assert!(world.engine.stored("group").is_empty());
        assert!(refused(&mut admin, "DROP GROUP g").await.starts_with("42704"));
    }
    ok(&mut admin, "CREATE GROUP g").await;
    ok(&mut admin, "DROP GROUP g").await;
}

/// The wire drops a call when its client goes away. What the engine commits all the same must count.
#[tokio::test]
async fn a_client_that_leaves_during_its_commit_tears_nothing_apart() {
    let world = World::new().await;
    let ethan = world.person("ethan", &["sales"]).await;
    let mut ethan = world.sign_in(&ethan).await;
    let mut admin = world.admin().await;
    run(&mut admin, "BEGIN; REVOKE SELECT ON TABLE s.t FROM ROLE \"awsidc:sales\"").await.unwrap();
    world.engine.hold("commit");
    {
        let commit = run(&mut admin, "COMMIT");
        tokio::pin!(commit);
        tokio::select! {
            _ = &mut commit => panic!("the commit is held"),
            () = world.engine.is_waiting() => {}
        }
    }
    admin.close().await;
    world.engine.release();
    // waits for its turn behind that commit
    world.define(&["CREATE GROUP g"]).await;
    assert_eq!(refused(&mut ethan, "SELECT a FROM s.t").await, "42501 permission denied for relation t");
}

#[tokio::test]
async fn the_end_of_a_session_rolls_back() {
    let world = World::new().await;
    let mut admin = world.admin().await;
    run(&mut admin, "BEGIN; CREATE GROUP g").await.unwrap();
    world.forget();
    admin.close().await;
    assert_eq!(world.engine.calls().len(), 1);
    assert!(world.engine.stored("group").is_empty());
}
