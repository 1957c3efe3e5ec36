use base::{AuditStep, Principal};
use engine::EngineErrorKind;

use crate::testing::{World, brief, field, ok, refused, run};
use crate::{DbConnection, Literal};

async fn ethan(world: &World) -> DbConnection {
    let ethan = world.person("ethan", &["sales"]).await;
    let connection = world.sign_in(&ethan).await;
    world.forget();
    connection
}

#[tokio::test]
async fn a_denied_statement_never_reaches_the_engine() {
    let world = World::new().await;
    let mut ethan = ethan(&world).await;
    for (text, refusal) in [
        ("SELECT a FROM s.hidden", "42501 permission denied for relation hidden"),
        ("SELECT t.a FROM s.t, s.hidden", "42501 permission denied for relation hidden"),
        ("EXPLAIN SELECT a FROM s.hidden", "42501 permission denied for relation hidden"),
        ("INSERT INTO s.t VALUES (1)", "42501 permission denied for relation t"),
        ("DELETE FROM s.t", "42501 permission denied for relation t"),
        ("UPDATE s.t SET a = 1", "42501 permission denied for relation t"),
        ("TRUNCATE s.t", "42501 permission denied for relation t"),
    ] {
        assert_eq!(refused(&mut ethan, text).await, refusal, "{text}");
        assert_eq!(world.engine.calls(), Vec::<String>::new(), "{text}");
        let records = world.audit.take(AuditStep::Statement);
        assert_eq!(records.len(), 1, "{text}");
        assert_eq!((records[0].outcome.name(), field(&records[0], "sqlstate")), ("denied", "42501"), "{text}");
        assert!(field(&records[0], "detail").contains("issing"), "{records:?}");
    }
    for text in [
        "CREATE TABLE s.u (a int)",
        "DROP TABLE s.t",
        "GRANT SELECT ON TABLE s.t TO PUBLIC",
        "CREATE USER x PASSWORD DISABLE",
    ] {
        assert!(refused(&mut ethan, text).await.starts_with("42501"), "{text}");
        let calls = world.engine.calls();
        assert!(calls.iter().all(|call| call.ends_with("begin") || call.ends_with("rollback")), "{text}: {calls:?}");
        assert_eq!(world.audit.take(AuditStep::Statement)[0].outcome.name(), "denied", "{text}");
    }
}

#[tokio::test]
async fn a_denied_statement_is_not_described_either() {
    let world = World::new().await;
    let mut ethan = ethan(&world).await;
    let prepared = ethan.parse_one("SELECT a FROM s.hidden WHERE a = $1", &[23]).unwrap();
    let error = ethan.describe(&prepared, &[Literal::Null]).await.unwrap_err();
    assert_eq!(brief(&error), "42501 permission denied for relation hidden");
    assert!(world.engine.calls().is_empty());
    assert_eq!(world.audit.brief(AuditStep::Statement), ["denied SELECT"]);
}

#[tokio::test]
async fn an_allowed_description_is_recorded_when_it_runs() {
    let world = World::new().await;
    let mut ethan = ethan(&world).await;
    let prepared = ethan.parse_one("SELECT a FROM s.t", &[]).unwrap();
    let columns = ethan.describe(&prepared, &[]).await.unwrap().unwrap();
    assert_eq!(columns[0].name, "a");
    assert_eq!(world.audit.brief(AuditStep::Statement), Vec::<String>::new());
    crate::testing::execute(&mut ethan, &prepared).await.unwrap();
    assert_eq!(world.audit.brief(AuditStep::Statement), ["allowed SELECT"]);
    let nothing = ethan.parse_one("INSERT INTO s.t VALUES (1)", &[]).unwrap();
    assert!(ethan.describe(&nothing, &[]).await.unwrap().is_none());
}

/// Each statement is decided anew, however long ago it was prepared.
#[tokio::test]
async fn a_prepared_statement_holds_no_decision() {
    let world = World::new().await;
    let mut ethan = ethan(&world).await;
    let prepared = ethan.parse_one("SELECT a FROM s.t", &[]).unwrap();
    crate::testing::execute(&mut ethan, &prepared).await.unwrap();
    world.define(&["REVOKE SELECT ON TABLE s.t FROM ROLE \"awsidc:sales\""]).await;
    let error = ethan.execute(&prepared, &[]).await.unwrap_err();
    assert_eq!(brief(&error), "42501 permission denied for relation t");
}

#[tokio::test]
async fn what_cannot_be_recorded_is_not_run() {
    let world = World::new().await;
    let mut admin = world.admin().await;
    world.forget();
    world.audit.break_down(true);
    for text in [
        "SELECT a FROM s.t",
        "INSERT INTO s.t VALUES (1)",
        "CREATE SCHEMA x",
        "DROP TABLE s.t",
        "SET application_name TO x",
        "SHOW search_path",
        "BEGIN",
        "SET SESSION AUTHORIZATION bob",
        "DESC IDENTITY PROVIDER idp",
        "CREATE TABLE s.u AS SELECT a FROM s.t",
    ] {
        assert_eq!(refused(&mut admin, text).await, "58030 the statement can't be recorded, so it isn't run", "{text}");
        let calls = world.engine.calls();
        let harmless = |call: &String| {
            ["begin", "rollback"].iter().any(|word| call.ends_with(word)) || call.contains(" describe ")
        };
        assert!(calls.iter().all(harmless), "{text}: {calls:?}");
    }
    assert_eq!(admin.current_user(), "awsuser");
    // nor is a denial told without a record
    world.audit.break_down(false);
    let mut ethan = ethan(&world).await;
    world.audit.break_down(true);
    assert!(refused(&mut ethan, "SELECT a FROM s.hidden").await.starts_with("58030"));
    world.audit.break_down(false);
    ok(&mut admin, "SHOW search_path").await;
}

#[tokio::test]
async fn each_statement_is_one_record_with_its_outcome_and_its_way() {
    let world = World::new().await;
    let mut ethan = ethan(&world).await;
    run(&mut ethan, "BEGIN; SELECT a FROM s.t; SET application_name TO 'dbt'; COMMIT; SHOW search_path").await.unwrap();
    for text in
        ["SELECT nothing FROM s.t", "SELECT a FROM s.nothing", "SET memory_limit TO 5", "SET LOCAL search_path TO s"]
    {
        run(&mut ethan, text).await.unwrap_err();
    }
    let id = world.directory.user_by_name("ethan").unwrap().id.clone();
    let records = world.audit.take(AuditStep::Statement);
    let brief: Vec<_> = records.iter().map(|record| format!("{} {}", record.outcome.name(), record.action)).collect();
    assert_eq!(
        brief,
        [
            "allowed BEGIN",
            "allowed SELECT",
            "allowed SET",
            "allowed COMMIT",
            "allowed SHOW",
            "failed SELECT",
            "failed SELECT",
            "failed SET",
            "failed SET",
        ]
    );
    assert_eq!(records[1].target, "table s.t");
    assert_eq!(field(&records[1], "text"), "SELECT a FROM s.t");
    for record in &records {
        assert_eq!(record.correlation.as_str(), "way-ethan");
        assert_eq!(field(record, "db_user"), "awsidc:ethan");
        assert_eq!(record.principal, Principal::DirectoryUser { id: id.to_string(), user_name: "ethan".to_owned() });
    }
}

/// Decided, recorded, and then it failed: the record is of the decision.
#[tokio::test]
async fn a_failure_of_the_engine_is_not_a_second_record() {
    let world = World::new().await;
    let mut ethan = ethan(&world).await;
    world.engine.fail("query", 1, EngineErrorKind::DivisionByZero);
    assert_eq!(refused(&mut ethan, "SELECT a FROM s.t").await, "22012 DivisionByZero to the client");
    world.engine.answer(Err(EngineErrorKind::OutOfRange));
    assert_eq!(refused(&mut ethan, "SELECT a FROM s.t").await, "22003 OutOfRange to the client");
    assert_eq!(world.audit.brief(AuditStep::Statement), ["allowed SELECT", "allowed SELECT"]);
}

#[tokio::test]
async fn what_the_engine_says_to_the_log_stays_there() {
    let world = World::new().await;
    let mut ethan = ethan(&world).await;
    for kind in [EngineErrorKind::Internal, EngineErrorKind::UnauthorizedTable] {
        world.engine.fail("query", 1, kind);
        let error = run(&mut ethan, "SELECT a FROM s.t").await.unwrap_err();
        assert!(error.message.message.starts_with("internal error, reference "), "{error:?}");
        assert!(!format!("{:?}", error.message).contains(&format!("{kind:?}")), "{error:?}");
        assert!(error.log.contains("to the log"));
    }
}

/// The text names only what its reader may see, and the tables that the engine is to find in it.
#[tokio::test]
async fn the_engine_gets_its_own_text() {
    let world = World::new().await;
    let mut ethan = ethan(&world).await;
    ok(&mut ethan, "select /* hint */ A from S.T where a = 'x''y' limit 3").await;
    let calls = world.engine.calls();
    assert_eq!(calls.len(), 1);
    assert!(!calls[0].contains("hint") && calls[0].contains("'x''y'"), "{calls:?}");
}
