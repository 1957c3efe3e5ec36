use engine::{EngineError, EngineErrorKind as Kind, EngineSession as _};

use super::from_words;
use crate::database::{DuckDb, DuckDbOptions};
use crate::session::DuckDbSession;
use crate::session::tests::{Folder, checked, drain, session_with};

const SET_UP: &[&str] = &[
    "CREATE SCHEMA s",
    "CREATE TABLE s.t(a INTEGER NOT NULL, b VARCHAR CHECK (strlen(\"b\") <= 20), n DECIMAL(5,2), i SMALLINT)",
    "CREATE TABLE s.u(a INTEGER, secret VARCHAR)",
    "INSERT INTO s.t VALUES (1, 'x', 1, 1)",
];

const QUERY: bool = true;
const CHANGE: bool = false;

async fn fail(session: &mut DuckDbSession, text: &str, query: bool) -> EngineError {
    let tables: Vec<(&str, &str)> =
        [("s", "t"), ("s", "u")].into_iter().filter(|(_, name)| text.contains(&format!("s.{name}"))).collect();
    let text = checked(text, &tables);
    if query {
        match session.query(&text).await {
            Ok(stream) => drain(stream).await.expect_err(&text.text),
            Err(error) => error,
        }
    } else {
        session.change(&text).await.expect_err(&text.text)
    }
}

async fn check(cases: &[(bool, &str, Kind, &str)]) {
    let db = DuckDb::open_in_memory().await.unwrap();
    let mut session = session_with(&db, SET_UP).await;
    for (query, text, kind, message) in cases {
        let error = fail(&mut session, text, *query).await;
        assert_eq!((error.kind, error.message.as_str()), (*kind, *message), "{text}: {}", error.log);
        assert!(error.log.contains("Error: "), "{text}: {}", error.log);
    }
}

#[tokio::test]
async fn names() {
    check(&[
        (QUERY, "SELECT nope FROM s.t", Kind::UndefinedColumn, "column \"nope\" does not exist"),
        (QUERY, "SELECT t.nope FROM (SELECT a FROM s.t) AS t", Kind::UndefinedColumn, "column t.nope does not exist"),
        (QUERY, "SELECT t.nope FROM s.t", Kind::UndefinedColumn, "column \"nope\" of relation \"t\" does not exist"),
        (
            CHANGE,
            "INSERT INTO s.t (nope) VALUES (1)",
            Kind::UndefinedColumn,
            "column \"nope\" of relation \"t\" does not exist",
        ),
        (CHANGE, "UPDATE s.t SET nope = 1", Kind::UndefinedColumn, "column \"nope\" does not exist"),
        (QUERY, "SELECT 1 FROM s.t JOIN s.u USING (nope)", Kind::UndefinedColumn, "column \"nope\" does not exist"),
        (QUERY, "SELECT a FROM s.t, s.u", Kind::AmbiguousColumn, "column reference \"a\" is ambiguous"),
        (QUERY, "SELECT z.a FROM s.t", Kind::UndefinedTable, "missing FROM-clause entry for table \"z\""),
        (QUERY, "SELECT a FROM s.nope", Kind::UndefinedTable, "relation \"nope\" does not exist"),
        (QUERY, "SELECT a FROM nope.t", Kind::UndefinedTable, "relation \"nope.t\" does not exist"),
        (CHANGE, "CREATE TABLE nope.x AS SELECT 1 AS a", Kind::UndefinedTable, "schema \"nope\" does not exist"),
        (CHANGE, "CREATE TABLE s.u AS SELECT 1 AS a FROM s.t", Kind::Duplicate, "relation \"u\" already exists"),
        (QUERY, "SELECT nope(1)", Kind::UndefinedFunction, "function nope does not exist"),
        (QUERY, "SELECT sum(b) FROM s.t", Kind::UndefinedFunction, "function sum(character varying) does not exist"),
        (
            QUERY,
            "SELECT a + b FROM s.t",
            Kind::UndefinedFunction,
            "operator does not exist: integer + character varying",
        ),
        (
            QUERY,
            "SELECT DATE '2020-01-01' + 'x'",
            Kind::UndefinedFunction,
            "operator is not unique: date + character varying",
        ),
    ])
    .await;
}

#[tokio::test]
async fn definitions() {
    let db = DuckDb::open_in_memory().await.unwrap();
    let mut session = session_with(&db, SET_UP).await;
    for (text, kind, message) in [
        ("CREATE SCHEMA s", Kind::Duplicate, "schema \"s\" already exists"),
        ("CREATE TABLE s.t(a INTEGER)", Kind::Duplicate, "relation \"t\" already exists"),
        ("CREATE TABLE s.x(a INTEGER, a INTEGER)", Kind::Duplicate, "column \"a\" already exists"),
        ("ALTER TABLE s.t ADD COLUMN a INTEGER", Kind::Duplicate, "column \"a\" already exists"),
        ("ALTER TABLE s.t DROP COLUMN nope", Kind::UndefinedColumn, "column \"nope\" of relation \"t\" does not exist"),
        ("DROP TABLE s.nope", Kind::UndefinedTable, "relation \"nope\" does not exist"),
        ("DROP SCHEMA nope", Kind::UndefinedTable, "schema \"nope\" does not exist"),
        ("DROP SCHEMA s", Kind::InvalidQuery, "cannot drop it because other objects depend on it"),
        ("SELEC 1", Kind::InvalidQuery, "syntax error: the engine can't read the statement"),
    ] {
        let error = session.define(text).await.unwrap_err();
        assert_eq!((error.kind, error.message.as_str()), (kind, message), "{text}: {}", error.log);
    }
    for (outcome, message) in [
        (session.commit().await, "there is no transaction in progress"),
        (session.rollback().await, "there is no transaction in progress"),
    ] {
        let error = outcome.unwrap_err();
        assert_eq!((error.kind, error.message.as_str()), (Kind::InvalidQuery, message));
    }
    session.begin().await.unwrap();
    let again = session.begin().await.unwrap_err();
    assert_eq!(
        (again.kind, again.message.as_str()),
        (Kind::InvalidQuery, "there is already a transaction in progress")
    );
}

#[tokio::test]
async fn values() {
    check(&[
        (QUERY, "SELECT CAST('abc' AS INTEGER)", Kind::InvalidText, "invalid input syntax for type integer: \"abc\""),
        (
            QUERY,
            "SELECT CAST('it''s to x' AS BOOLEAN)",
            Kind::InvalidText,
            "invalid input syntax for type boolean: \"it's to x\"",
        ),
        (QUERY, "SELECT b FROM s.t WHERE a = b", Kind::InvalidText, "invalid input syntax for type integer: \"x\""),
        (QUERY, "SELECT CAST(a + 70000 AS SMALLINT) FROM s.t", Kind::OutOfRange, "smallint out of range"),
        (QUERY, "SELECT CAST('' AS DOUBLE)", Kind::InvalidText, "invalid input syntax for type double precision: \"\""),
        (
            QUERY,
            "SELECT CAST('abc' AS DECIMAL(5,2))",
            Kind::InvalidText,
            "invalid input syntax for type numeric: \"abc\"",
        ),
        (QUERY, "SELECT CAST('abc' AS DATE)", Kind::InvalidText, "invalid input syntax for type date: \"abc\""),
        (
            QUERY,
            "SELECT CAST('abc' AS TIMESTAMP)",
            Kind::InvalidText,
            "invalid input syntax for type timestamp without time zone: \"abc\"",
        ),
        (QUERY, "SELECT date_trunc('nope', DATE '2020-01-01')", Kind::InvalidText, "unit \"nope\" not recognized"),
        (QUERY, "SELECT now() AT TIME ZONE 'Nope/X'", Kind::InvalidText, "time zone \"Nope/X\" not recognized"),
        (QUERY, "SELECT regexp_replace('a', '(', 'b')", Kind::InvalidText, "invalid argument of a function"),
    ])
    .await;
}

#[tokio::test]
async fn values_out_of_range() {
    check(&[
        (
            QUERY,
            "SELECT CAST('2020-13-01' AS DATE)",
            Kind::DatetimeOverflow,
            "date/time field value out of range: \"2020-13-01\"",
        ),
        (
            QUERY,
            "SELECT CAST('99999999999' AS INTEGER)",
            Kind::OutOfRange,
            "value \"99999999999\" is out of range for type integer",
        ),
        (QUERY, "SELECT CAST(99999999999 AS INTEGER)", Kind::OutOfRange, "integer out of range"),
        (CHANGE, "INSERT INTO s.t (a, i) VALUES (1, 70000)", Kind::OutOfRange, "smallint out of range"),
        (QUERY, "SELECT 9223372036854775807 + a FROM s.t", Kind::OutOfRange, "bigint out of range"),
        (QUERY, "SELECT CAST(1e300 AS REAL)", Kind::OutOfRange, "real out of range"),
        (QUERY, "SELECT CAST(12345.6 AS DECIMAL(5,2))", Kind::OutOfRange, "numeric field overflow"),
        (QUERY, "SELECT CAST('12345.6' AS DECIMAL(5,2))", Kind::OutOfRange, "numeric field overflow"),
        (
            QUERY,
            "SELECT CAST(340282366920938463463374607431768211455 AS UHUGEINT)",
            Kind::OutOfRange,
            "numeric field overflow",
        ),
        (
            QUERY,
            "SELECT CAST(repeat('9', 38) AS DECIMAL(38,0)) + a FROM s.t",
            Kind::OutOfRange,
            "numeric field overflow",
        ),
        (QUERY, "SELECT sqrt(-a) FROM s.t", Kind::OutOfRange, "cannot take square root of a negative number"),
        (QUERY, "SELECT ln(a - 1) FROM s.t", Kind::OutOfRange, "cannot take logarithm of zero"),
        (QUERY, "SELECT ln(-a) FROM s.t", Kind::OutOfRange, "cannot take logarithm of a negative number"),
        (QUERY, "SELECT repeat('x', 100000000000)", Kind::OutOfRange, "requested length too large"),
        (
            QUERY,
            "SELECT CASE WHEN a = 1 THEN error('division by zero') ELSE 1 / a END FROM s.t",
            Kind::DivisionByZero,
            "division by zero",
        ),
        (
            QUERY,
            "SELECT error('value too long for type character varying(3)')",
            Kind::TooLong,
            "value too long for type character varying(3)",
        ),
    ])
    .await;
}

#[tokio::test]
async fn constraints() {
    let too_long = "value too long for type character varying(20)";
    let null = "null value in column \"a\" violates not-null constraint";
    check(&[
        (CHANGE, "INSERT INTO s.t (b) VALUES ('x')", Kind::NotNull, null),
        (CHANGE, "UPDATE s.t SET a = NULL", Kind::NotNull, null),
        (CHANGE, "INSERT INTO s.t (a, b) VALUES (1, repeat('x', 21))", Kind::TooLong, too_long),
        (CHANGE, "UPDATE s.t SET b = repeat('ü', 11)", Kind::TooLong, too_long),
    ])
    .await;
}

#[tokio::test]
async fn forms() {
    check(&[
        (
            QUERY,
            "SELECT a, sum(n) FROM s.t",
            Kind::Grouping,
            "column \"a\" must appear in the GROUP BY clause or be used in an aggregate function",
        ),
        (QUERY, "SELECT a FROM s.t WHERE sum(a) > 1", Kind::Grouping, "aggregate functions are not allowed in WHERE"),
        (QUERY, "SELECT sum(sum(a)) FROM s.t", Kind::Grouping, "aggregate function calls cannot be nested"),
        (QUERY, "SELECT a FROM s.t LIMIT -1", Kind::InvalidQuery, "LIMIT and OFFSET must not be negative"),
        (QUERY, "SELECT a FROM s.t ORDER BY 7", Kind::InvalidQuery, "ORDER BY position is not in select list"),
        (QUERY, "SELECT a FROM s.t GROUP BY 9", Kind::InvalidQuery, "GROUP BY position is not in select list"),
        (
            CHANGE,
            "INSERT INTO s.u (a) SELECT 1, 2",
            Kind::InvalidQuery,
            "INSERT has more or fewer expressions than target columns",
        ),
        (
            QUERY,
            "SELECT 1 UNION SELECT 1, 2",
            Kind::InvalidQuery,
            "each query of a set operation must have the same number of columns",
        ),
        (
            QUERY,
            "SELECT (SELECT x FROM range(2) AS r(x))",
            Kind::InvalidQuery,
            "more than one row returned by a subquery used as an expression",
        ),
        (
            QUERY,
            "SELECT CASE WHEN a = 1 THEN 1 ELSE DATE '2020-01-01' END FROM s.t",
            Kind::DatatypeMismatch,
            "types date and integer cannot be matched",
        ),
        (QUERY, "SELECT DATE '2020-01-01' = 1", Kind::DatatypeMismatch, "cannot cast type integer to date"),
        (
            QUERY,
            "SELECT CAST([1] AS STRUCT(a INTEGER))",
            Kind::DatatypeMismatch,
            "cannot cast type integer[] to struct",
        ),
    ])
    .await;
}

#[tokio::test]
async fn memory() {
    let folder = Folder::new("memory");
    let options = DuckDbOptions { threads: Some(1), memory_limit_bytes: Some(16 << 20), ..DuckDbOptions::default() };
    let db = DuckDb::open(&folder.0.join("data.duckdb"), options).await.unwrap();
    let mut session = session_with(&db, &[]).await;
    let error = fail(&mut session, "SELECT list(repeat('x', 1000) || range) FROM range(1000000)", QUERY).await;
    assert_eq!((error.kind, error.message.as_str()), (Kind::OutOfMemory, "out of memory"), "{}", error.log);
    session.close().await;
}

/// What DuckDB says of tables, columns and the text itself stays in the log.
#[tokio::test]
async fn nothing_outside_the_cage_is_told() {
    let db = DuckDb::open_in_memory().await.unwrap();
    let mut session = session_with(&db, SET_UP).await;
    for text in [
        "SELECT secre FROM s.u",
        "SELECT * FROM (SELECT a FROM s.u) AS q WHERE q.secre = 'literal'",
        "SELECT secre FROM (SELECT a FROM s.u) AS q",
        "SELECT a FROM s.uu",
        "SELECT a FROM gatehouse.catalo",
    ] {
        let error = fail(&mut session, text, QUERY).await;
        for hidden in ["secret", "LINE", "SELECT", "Candidate", "Did you mean", "gatehouse.", "literal"] {
            assert!(!error.message.contains(hidden), "{text}: {}", error.message);
        }
    }
}

#[test]
fn unknown_words_are_internal() {
    for words in ["FATAL Error: gone", "IO Error: disk", "no class at all", "TransactionContext Error: other"] {
        let error = from_words(words);
        assert_eq!((error.kind, error.log.as_str()), (Kind::Internal, words));
        assert_eq!(error.message, "the engine failed; the server's log says why");
    }
}

/// DuckDB 1.5.5's own texts (`strings libduckdb.so`): after a fatal error, and after a checkpoint that failed.
#[test]
fn an_invalidated_database_is_unusable() {
    for words in [
        "FATAL Error: Failed: database has been invalidated because of a previous fatal error. The database must be restarted \
         prior to being used again.\nOriginal error: \"Attempted to access index 3 within vector of size 3\"",
        "TransactionContext Error: Failed to commit: Database \"x\" has been invalidated because checkpointing failed.",
    ] {
        let error = super::from_words(words);
        assert_eq!((error.kind, error.log.as_str()), (Kind::Unusable, words));
        assert!(!error.message.contains("index 3"));
    }
}
