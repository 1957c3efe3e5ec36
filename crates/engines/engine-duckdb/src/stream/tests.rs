use std::time::Duration;

use engine::{EngineErrorKind, EngineSession as _, Value};

use super::BATCH_ROWS_MAX;
use crate::database::{DuckDb, DuckDbOptions};
use crate::session::tests::{Folder, checked, count, drain, session_with, values};

/// More rows than DuckDB's buffer holds, and then none for days.
const ENDLESS: &str = "SELECT r.y FROM range(100000000000000) AS r(y) WHERE r.y < 1000000 OR hash(r.y) = 1";

/// Not even one row for days.
const ENDLESS_COUNT: &str =
    "SELECT count(*) FROM range(10000000) AS a(x), range(10000000) AS b(y) WHERE hash(a.x + b.y) = 1";

/// Rows without end, each at once.
const ENDLESS_ROWS: &str = "SELECT a.x FROM range(10000000) AS a(x), range(10000000) AS b(y)";

/// An interrupted query ends within it, also on a slow machine.
const PATIENCE: Duration = Duration::from_secs(20);

#[tokio::test]
async fn rows_come_in_order_and_in_batches() {
    let db = DuckDb::open_in_memory().await.unwrap();
    let mut session = session_with(&db, &[]).await;
    let mut stream =
        session.query(&checked("SELECT range AS n FROM range(5000) ORDER BY range DESC", &[])).await.unwrap();
    assert_eq!(stream.columns[0].name, "n");
    let mut next = 5000;
    while let Some(batch) = stream.batches.recv().await {
        let batch = batch.unwrap();
        assert!(!batch.is_empty() && batch.len() <= BATCH_ROWS_MAX);
        for row in batch {
            next -= 1;
            assert_eq!(row, [Value::Int8(next)]);
        }
    }
    assert_eq!(next, 0);
}

#[tokio::test]
async fn no_rows_are_an_end() {
    let db = DuckDb::open_in_memory().await.unwrap();
    let mut session = session_with(&db, &[]).await;
    let stream = session.query(&checked("SELECT 1 AS a WHERE false", &[])).await.unwrap();
    assert_eq!(stream.columns.len(), 1);
    assert_eq!(drain(stream).await.unwrap(), Vec::<Vec<Value>>::new());
}

/// 10^14 rows would need far more memory than DuckDB has here; another session works meanwhile.
#[tokio::test]
async fn a_reader_that_does_not_read_holds_only_his_thread() {
    let folder = Folder::new("slow");
    let options = DuckDbOptions { threads: Some(2), memory_limit_bytes: Some(64 << 20), ..DuckDbOptions::default() };
    let db = DuckDb::open(&folder.0.join("data.duckdb"), options).await.unwrap();
    let mut slow =
        session_with(&db, &["CREATE SCHEMA s", "CREATE TABLE s.t(a INTEGER)", "INSERT INTO s.t VALUES (1)"]).await;
    let mut other = session_with(&db, &[]).await;
    let mut stream = slow.query(&checked(ENDLESS_ROWS, &[])).await.unwrap();
    assert_eq!(stream.batches.recv().await.unwrap().unwrap().len(), BATCH_ROWS_MAX);
    for _ in 0..20 {
        assert_eq!(count(&mut other, "s", "t").await, 1);
    }
    assert!(stream.batches.len() <= stream.batches.max_capacity());
    assert!(stream.batches.recv().await.unwrap().is_ok());
    drop(stream);
    assert_eq!(count(&mut slow, "s", "t").await, 1);
    slow.close().await;
    other.close().await;
}

#[tokio::test]
async fn a_dropped_stream_stops_the_query() {
    let db = DuckDb::open_in_memory().await.unwrap();
    let mut session = session_with(&db, &[]).await;
    for endless in [ENDLESS, ENDLESS_ROWS] {
        let mut stream = session.query(&checked(endless, &[])).await.unwrap();
        assert!(!stream.batches.recv().await.unwrap().unwrap().is_empty());
        drop(stream);
        let next = tokio::time::timeout(PATIENCE, values(&mut session, "SELECT 1", &[])).await;
        assert_eq!(next.unwrap().unwrap(), [[Value::Int4(1)]]);
    }
}

#[tokio::test]
async fn an_interrupt_ends_the_query_and_only_that() {
    let db = DuckDb::open_in_memory().await.unwrap();
    let mut session = session_with(&db, &[]).await;
    let interrupt = session.interrupt_handle();
    // Nothing runs: nothing is stopped, now or later.
    interrupt.interrupt();
    let mut stream = session.query(&checked(ENDLESS, &[])).await.unwrap();
    assert!(!stream.batches.recv().await.unwrap().unwrap().is_empty());
    interrupt.interrupt();
    let error = tokio::time::timeout(PATIENCE, drain(stream)).await.unwrap().unwrap_err();
    assert_eq!((error.kind, error.message.as_str()), (EngineErrorKind::Cancelled, "Query cancelled on user's request"));
    assert_eq!(values(&mut session, "SELECT 1", &[]).await.unwrap(), [[Value::Int4(1)]]);
}

/// Also while the query has nothing to show yet, and while a change runs.
#[tokio::test]
async fn an_interrupt_before_the_first_row() {
    let db = DuckDb::open_in_memory().await.unwrap();
    let mut session = session_with(&db, &["CREATE SCHEMA s", "CREATE TABLE s.t(a BIGINT)"]).await;
    let interrupt = session.interrupt_handle();
    let query = checked(ENDLESS_COUNT, &[]);
    let change = checked(&format!("INSERT INTO s.t {ENDLESS_COUNT}"), &[("s", "t")]);
    for round in 0..2 {
        let running = async {
            if round == 0 { session.query(&query).await.map(|_| ()) } else { session.change(&change).await.map(|_| ()) }
        };
        let again = async {
            loop {
                interrupt.interrupt();
                tokio::task::yield_now().await;
            }
        };
        let error = tokio::time::timeout(PATIENCE, async {
            tokio::select! {
                outcome = running => outcome.unwrap_err(),
                () = again => panic!("it never ends"),
            }
        });
        assert_eq!(error.await.unwrap().kind, EngineErrorKind::Cancelled);
    }
    assert_eq!(count(&mut session, "s", "t").await, 0);
}

/// A call whose caller goes away stops too.
#[tokio::test]
async fn a_forgotten_call_stops() {
    let db = DuckDb::open_in_memory().await.unwrap();
    let mut session = session_with(&db, &["CREATE SCHEMA s", "CREATE TABLE s.t(a BIGINT)"]).await;
    let query = checked(ENDLESS_COUNT, &[]);
    let change = checked(&format!("INSERT INTO s.t {ENDLESS_COUNT}"), &[("s", "t")]);
    // Until the thread has had time to run it: as long as another session takes for some work of its own.
    let mut other = session_with(&db, &[]).await;
    for round in 0..2 {
        let running =
            async { if round == 0 { drop(session.query(&query).await) } else { drop(session.change(&change).await) } };
        tokio::select! {
            () = running => panic!("it never ends"),
            () = async { for _ in 0..20 { count(&mut other, "s", "t").await; } } => {}
        }
        let next = tokio::time::timeout(PATIENCE, values(&mut session, "SELECT 1", &[])).await;
        assert_eq!(next.unwrap().unwrap(), [[Value::Int4(1)]]);
    }
    assert_eq!(count(&mut session, "s", "t").await, 0);
}

#[tokio::test]
async fn a_dropped_session_ends_beside_an_unread_stream() {
    let db = DuckDb::open_in_memory().await.unwrap();
    let mut session = session_with(&db, &[]).await;
    let stream = session.query(&checked(ENDLESS_ROWS, &[])).await.unwrap();
    tokio::time::timeout(PATIENCE, session.close()).await.unwrap();
    // The reader may take what was sent; then the stream ends, perhaps with the cancellation.
    let ended = tokio::time::timeout(PATIENCE, drain(stream)).await.unwrap();
    match ended {
        Ok(rows) => assert!(rows.len() <= 8 * BATCH_ROWS_MAX),
        Err(error) => assert_eq!(error.kind, EngineErrorKind::Cancelled),
    }
}

/// On one thread: with several, DuckDB now and then tells the interruption of the others instead of the error (ARCHITECTURE.md, open).
#[tokio::test]
async fn an_error_after_the_first_rows() {
    let folder = Folder::new("late-error");
    let options = DuckDbOptions { threads: Some(1), ..DuckDbOptions::default() };
    let db = DuckDb::open(&folder.0.join("data.duckdb"), options).await.unwrap();
    let mut session = session_with(&db, &[]).await;
    let text = "SELECT CAST(CASE WHEN range = 900000 THEN 'x' ELSE '1' END AS INTEGER) FROM range(1000000)";
    let stream = session.query(&checked(text, &[])).await.unwrap();
    let error = drain(stream).await.unwrap_err();
    assert_eq!(
        (error.kind, error.message.as_str()),
        (EngineErrorKind::InvalidText, "invalid input syntax for type integer: \"x\"")
    );
}
