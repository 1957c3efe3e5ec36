use engine::{CheckedText, EngineError, EngineErrorKind, EngineSession as _};

use crate::database::DuckDb;
use crate::session::DuckDbSession;
use crate::session::tests::{checked, session_with};

const SET_UP: &[&str] = &[
    "CREATE SCHEMA s",
    "CREATE TABLE s.t(a INTEGER, b VARCHAR)",
    "CREATE TABLE s.u(a INTEGER)",
    "CREATE VIEW s.v AS SELECT a FROM s.u",
    "CREATE SCHEMA \"S \"\".x\"",
    "CREATE TABLE \"S \"\".x\".\"t AS x\"(a INTEGER)",
    "INSERT INTO s.t VALUES (1, 'x')",
    "INSERT INTO s.u VALUES (1)",
];

async fn run(session: &mut DuckDbSession, text: &CheckedText, query: bool) -> Result<(), EngineError> {
    if query {
        session.query(text).await.map(|stream| drop(stream.columns))
    } else {
        session.begin().await.unwrap();
        let outcome = session.change(text).await.map(|_| ());
        session.rollback().await.unwrap();
        outcome
    }
}

/// The text runs with exactly these tables, and with neither one less nor one more.
async fn exact(texts: &[(&str, &[(&str, &str)])], query: bool) {
    let db = DuckDb::open_in_memory().await.unwrap();
    let mut session = session_with(&db, SET_UP).await;
    for (text, tables) in texts {
        run(&mut session, &checked(text, tables), query).await.unwrap_or_else(|error| panic!("{text}: {error:?}"));
        let fewer = tables.split_last().map(|(_, fewer)| fewer.to_vec());
        let more = [tables, &[("zz", "lie")][..]].concat();
        let other = tables.split_last().map(|(_, fewer)| [fewer, &[("s", "lie")]].concat());
        for lie in [fewer, Some(more), other].into_iter().flatten() {
            let error = run(&mut session, &checked(text, &lie), query).await.unwrap_err();
            assert_eq!(error.kind, EngineErrorKind::UnauthorizedTable, "{text} with {lie:?}: {error:?}");
            assert!(!error.message.contains("lie") && !error.message.contains("s.t"), "{}", error.message);
        }
    }
}

#[tokio::test]
async fn queries() {
    let texts: &[(&str, &[(&str, &str)])] = &[
        ("SELECT 1", &[]),
        ("SELECT a FROM (VALUES (1), (2)) AS v(a)", &[]),
        ("SELECT * FROM range(3)", &[]),
        ("SELECT a FROM s.t", &[("s", "t")]),
        ("SELECT A FROM S.T WHERE b = 'x' -- a comment", &[("s", "t")]),
        ("SELECT a FROM \"S \"\".x\".\"t AS x\" AS \"y z\"", &[("S \".x", "t AS x")]),
        ("SELECT a FROM s.v", &[("s", "u")]),
        ("SELECT t.a FROM s.t AS t JOIN s.u AS u ON t.a = u.a", &[("s", "t"), ("s", "u")]),
        ("SELECT (SELECT max(a) FROM s.u) FROM s.t", &[("s", "t"), ("s", "u")]),
        ("SELECT a FROM s.t WHERE EXISTS (SELECT 1 FROM s.u WHERE u.a = t.a)", &[("s", "t"), ("s", "u")]),
        ("SELECT a FROM s.t WHERE false", &[("s", "t")]),
        ("SELECT a FROM s.t UNION ALL SELECT a FROM s.u", &[("s", "t"), ("s", "u")]),
        ("SELECT a FROM s.t EXCEPT SELECT a FROM s.u", &[("s", "t"), ("s", "u")]),
        ("SELECT count(*), sum(a) OVER () FROM s.t GROUP BY a HAVING a > 0 ORDER BY 1 LIMIT 3 OFFSET 1", &[("s", "t")]),
        ("SELECT * FROM s.t, LATERAL (SELECT a AS c FROM s.u WHERE u.a = t.a) AS l", &[("s", "t"), ("s", "u")]),
        ("SELECT * FROM query('SELECT a FROM s.t')", &[("s", "t")]),
        ("FROM s.t", &[("s", "t")]),
    ];
    exact(texts, true).await;
}

#[tokio::test]
async fn changes() {
    let texts: &[(&str, &[(&str, &str)])] = &[
        ("INSERT INTO \"s\".\"t\" (\"a\") VALUES (1)", &[("s", "t")]),
        ("INSERT INTO \"s\".\"u\" (\"a\") SELECT a FROM s.t", &[("s", "t"), ("s", "u")]),
        ("INSERT INTO s.u SELECT a FROM s.u", &[("s", "u")]),
        ("INSERT INTO \"S \"\".x\".\"t AS x\" SELECT 1", &[("S \".x", "t AS x")]),
        ("UPDATE s.t SET b = 'y'", &[("s", "t")]),
        ("UPDATE s.t SET b = 'y' FROM s.u WHERE u.a = t.a", &[("s", "t"), ("s", "u")]),
        ("UPDATE s.t SET a = (SELECT max(a) FROM s.u)", &[("s", "t"), ("s", "u")]),
        ("DELETE FROM s.t", &[("s", "t")]),
        ("DELETE FROM s.t WHERE a IN (SELECT a FROM s.u)", &[("s", "t"), ("s", "u")]),
        ("DELETE FROM s.t USING s.u WHERE u.a = t.a", &[("s", "t"), ("s", "u")]),
        ("CREATE TABLE \"s\".\"new\" AS SELECT a FROM s.t", &[("s", "t")]),
        ("CREATE TABLE IF NOT EXISTS \"s\".\"new\" AS SELECT 1 AS a", &[]),
    ];
    exact(texts, false).await;
}

/// DuckDB doesn't bind an expression that nobody reads: its tables may be authorised and not found. Never the reverse.
#[tokio::test]
async fn common_table_expressions() {
    let db = DuckDb::open_in_memory().await.unwrap();
    let mut session = session_with(&db, SET_UP).await;
    let tables = [("s", "t"), ("s", "u")];
    for (text, query) in [
        ("WITH x AS (SELECT a FROM s.t), y AS (SELECT a FROM s.u) SELECT a FROM x", true),
        ("WITH t AS (SELECT a FROM s.t) SELECT t.a FROM t JOIN s.u ON u.a = t.a", true),
        (
            "WITH RECURSIVE r AS (SELECT a FROM s.t UNION ALL SELECT r.a + 1 FROM r, s.u WHERE r.a < 3) SELECT a FROM r",
            true,
        ),
        ("CREATE TABLE \"s\".\"new\" AS WITH x AS (SELECT a FROM s.u) SELECT x.a FROM x, s.t", false),
        ("INSERT INTO \"s\".\"u\" WITH x AS (SELECT a FROM s.t) SELECT a FROM x", false),
        ("WITH x AS (SELECT a FROM s.u) UPDATE s.t SET b = 'y' FROM x WHERE x.a = t.a", false),
        ("WITH x AS (SELECT a FROM s.u), y AS (SELECT a FROM x) DELETE FROM s.t USING x, y WHERE x.a = y.a", false),
        ("WITH x AS MATERIALIZED (SELECT a FROM s.u) DELETE FROM s.t WHERE a IN (SELECT a FROM x)", false),
    ] {
        run(&mut session, &checked(text, &tables), query).await.unwrap_or_else(|error| panic!("{text}: {error:?}"));
        let error = run(&mut session, &checked(text, &[("s", "u")]), query).await.unwrap_err();
        assert_eq!(error.kind, EngineErrorKind::UnauthorizedTable, "{text}: {error:?}");
    }
}

#[tokio::test]
async fn other_statements_are_refused() {
    let db = DuckDb::open_in_memory().await.unwrap();
    let mut session = session_with(&db, SET_UP).await;
    session.define("CREATE TEMP TABLE tmp(a INTEGER)").await.unwrap();
    let all = [("s", "t"), ("s", "u"), ("main", "tmp"), ("gatehouse", "catalog")];
    for text in [
        "",
        "-- nothing",
        "SELECT 1; SELECT 2",
        "SELECT a FROM s.t; DROP TABLE s.t",
        "DROP TABLE s.t; SELECT 1",
        "SET threads = 1",
        "RESET threads",
        "PRAGMA database_list",
        "CALL duckdb_tables()",
        "CHECKPOINT",
        "VACUUM s.t",
        "ANALYZE",
        "BEGIN",
        "COMMIT",
        "DROP TABLE s.t",
        "TRUNCATE s.v",
        "ALTER TABLE s.t RENAME TO x",
        "CREATE TABLE s.x(a INTEGER)",
        "CREATE VIEW s.x AS SELECT 1",
        "CREATE OR REPLACE TABLE s.t AS SELECT 1 AS a",
        "CREATE TEMP TABLE s.x AS SELECT 1",
        "CREATE MACRO s.x() AS 1",
        "CREATE TABLE gatehouse.x AS SELECT 1 AS a",
        "CREATE TABLE memory.x AS SELECT 1 AS a",
        "CREATE TABLE temp.x AS SELECT 1 AS a",
        "EXPLAIN SELECT 1",
        "EXPLAIN ANALYZE SELECT 1",
        "ANALYZE SELECT 1",
        "DESCRIBE s.t",
        "SUMMARIZE s.t",
        "SHOW TABLES",
        "COPY s.t TO '/tmp/gatehouse-copy'",
        "EXPORT DATABASE '/tmp/gatehouse-export'",
        "ATTACH ':memory:' AS other",
        "USE s",
        "LOAD json",
        "PREPARE p AS SELECT 1",
        "MERGE INTO s.t USING s.u ON t.a = u.a WHEN MATCHED THEN DELETE",
        "INSERT INTO s.t VALUES (1, 'x') RETURNING a",
        "INSERT INTO gatehouse.catalog VALUES ('a', 'b', 'c')",
        "INSERT INTO tmp VALUES (1)",
        "DELETE FROM gatehouse.catalog",
        "SELECT body FROM gatehouse.catalog",
        "SELECT a FROM tmp",
        "SELECT * FROM duckdb_tables()",
        "SELECT * FROM duckdb_settings()",
        "SELECT * FROM information_schema.tables",
        "SELECT * FROM pg_catalog.pg_class",
        "SELECT * FROM sniff_csv('x')",
        "SELECT * FROM glob('*')",
        "SELECT a FROM s.t WHERE a = $1",
        "SELECT a FROM s.nothing",
        "PIVOT s.t ON a USING count(*)",
    ] {
        for query in [true, false] {
            let error = run(&mut session, &checked(text, &all), query).await.expect_err(text);
            let stopped = matches!(
                error.kind,
                EngineErrorKind::UnauthorizedTable | EngineErrorKind::InvalidQuery | EngineErrorKind::UndefinedTable
            );
            assert!(stopped, "{text}: {error:?}");
            assert!(!error.message.contains("gatehouse"), "{text}: {}", error.message);
        }
    }
}

#[tokio::test]
async fn kinds_are_not_mixed() {
    let db = DuckDb::open_in_memory().await.unwrap();
    let mut session = session_with(&db, SET_UP).await;
    let query = checked("SELECT a FROM s.t", &[("s", "t")]);
    let change = checked("DELETE FROM s.t", &[("s", "t")]);
    assert_eq!(session.change(&query).await.unwrap_err().kind, EngineErrorKind::UnauthorizedTable);
    for error in [
        session.query(&change).await.unwrap_err(),
        session.describe(&change).await.unwrap_err(),
        session.explain(&change).await.unwrap_err(),
    ] {
        assert_eq!(error.kind, EngineErrorKind::UnauthorizedTable);
    }
    session.change(&change).await.unwrap();
    assert_eq!(session.query(&change).await.unwrap_err().kind, EngineErrorKind::UnauthorizedTable);
}

/// A text that passed is looked at again when its name means something else, in this session or another.
#[tokio::test]
async fn a_changed_name_is_found() {
    let db = DuckDb::open_in_memory().await.unwrap();
    let (mut session, mut other) = (session_with(&db, SET_UP).await, session_with(&db, &[]).await);
    let query = checked("SELECT a FROM s.u", &[("s", "u")]);
    run(&mut session, &query, true).await.unwrap();
    other.define("ALTER TABLE s.u RENAME TO u2").await.unwrap();
    other.define("CREATE VIEW s.u AS SELECT a FROM s.t").await.unwrap();
    let error = run(&mut session, &query, true).await.unwrap_err();
    assert_eq!(error.kind, EngineErrorKind::UnauthorizedTable);
}
