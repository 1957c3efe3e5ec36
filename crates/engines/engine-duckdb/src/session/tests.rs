use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};

use engine::{CheckedText, EngineError, EngineErrorKind, EngineSession as _, ResultStream, Value};

use super::DuckDbSession;
use crate::database::DuckDb;

/// A folder that is gone with the test.
pub(crate) struct Folder(pub(crate) PathBuf);

impl Folder {
    pub(crate) fn new(name: &str) -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let folder = std::env::temp_dir().join(format!("gatehouse-{name}-{}-{number}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        Self(folder)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        std::fs::remove_dir_all(&self.0).unwrap();
    }
}

pub(crate) fn checked(text: &str, tables: &[(&str, &str)]) -> CheckedText {
    let tables = tables.iter().map(|&(schema, name)| (schema.to_owned(), name.to_owned())).collect();
    CheckedText { text: text.to_owned(), tables }
}

pub(crate) async fn session_with(db: &DuckDb, definitions: &[&str]) -> DuckDbSession {
    let mut session = db.session().await.unwrap();
    for definition in definitions {
        session.define(definition).await.unwrap();
    }
    session
}

pub(crate) async fn drain(mut stream: ResultStream) -> Result<Vec<Vec<Value>>, EngineError> {
    let mut rows = Vec::new();
    while let Some(batch) = stream.batches.recv().await {
        rows.extend(batch?);
    }
    Ok(rows)
}

pub(crate) async fn values(
    session: &mut DuckDbSession,
    text: &str,
    tables: &[(&str, &str)],
) -> Result<Vec<Vec<Value>>, EngineError> {
    drain(session.query(&checked(text, tables)).await?).await
}

/// The first column's texts.
pub(crate) async fn texts(
    session: &mut DuckDbSession,
    text: &str,
    tables: &[(&str, &str)],
) -> Result<Vec<String>, EngineError> {
    let rows = values(session, text, tables).await?;
    Ok(rows.into_iter().map(|row| format!("{:?}", row[0])).collect())
}

pub(crate) async fn count(session: &mut DuckDbSession, schema: &str, name: &str) -> i64 {
    let text = format!("SELECT count(*) FROM \"{schema}\".\"{name}\"");
    let rows = values(session, &text, &[(schema, name)]).await.unwrap();
    let Value::Int8(count) = rows[0][0] else { panic!("{rows:?}") };
    count
}

const TABLE: &[&str] = &["CREATE SCHEMA s", "CREATE TABLE s.t(a INTEGER)", "INSERT INTO s.t VALUES (1), (2)"];

#[tokio::test]
async fn changes_answer_their_rows() {
    let db = DuckDb::open_in_memory().await.unwrap();
    let mut session = session_with(&db, TABLE).await;
    for (text, rows) in [
        ("INSERT INTO s.t VALUES (3), (4), (5)", 3),
        ("UPDATE s.t SET a = a + 1 WHERE a > 3", 2),
        ("DELETE FROM s.t WHERE a = 1", 1),
        ("DELETE FROM s.t WHERE a = 99", 0),
        ("CREATE TABLE \"s\".\"n\" AS SELECT a FROM s.t", 4),
    ] {
        assert_eq!(session.change(&checked(text, &[("s", "t")])).await.unwrap(), rows, "{text}");
    }
    assert_eq!(count(&mut session, "s", "n").await, 4);
}

#[tokio::test]
async fn a_transaction_is_seen_when_it_is_committed() {
    let db = DuckDb::open_in_memory().await.unwrap();
    let (mut one, mut two) = (session_with(&db, TABLE).await, session_with(&db, &[]).await);
    one.begin().await.unwrap();
    two.begin().await.unwrap();
    one.change(&checked("DELETE FROM s.t WHERE a = 1", &[("s", "t")])).await.unwrap();
    one.define("CREATE TABLE s.n(a INTEGER)").await.unwrap();
    assert_eq!(count(&mut one, "s", "t").await, 1);
    assert_eq!(count(&mut two, "s", "t").await, 2);
    let unseen = values(&mut two, "SELECT a FROM s.n", &[("s", "n")]).await.unwrap_err();
    assert_eq!(unseen.kind, EngineErrorKind::UndefinedTable);
    one.commit().await.unwrap();
    two.rollback().await.unwrap();
    assert_eq!(count(&mut two, "s", "t").await, 1);
    assert_eq!(count(&mut two, "s", "n").await, 0);
    two.begin().await.unwrap();
    two.define("DROP TABLE s.n").await.unwrap();
    two.rollback().await.unwrap();
    assert_eq!(count(&mut one, "s", "n").await, 0);
}

#[tokio::test]
async fn two_changes_of_one_row() {
    let db = DuckDb::open_in_memory().await.unwrap();
    let (mut one, mut two) = (session_with(&db, TABLE).await, session_with(&db, &[]).await);
    let change = checked("UPDATE s.t SET a = 7 WHERE a = 1", &[("s", "t")]);
    one.begin().await.unwrap();
    two.begin().await.unwrap();
    one.change(&change).await.unwrap();
    let error = two.change(&change).await.unwrap_err();
    assert_eq!(error.kind, EngineErrorKind::Conflict, "{error:?}");
    assert_eq!(error.message, "could not complete because of conflict with concurrent transaction");
    let after = values(&mut two, "SELECT a FROM s.t", &[("s", "t")]).await.unwrap_err();
    assert_eq!(after.kind, EngineErrorKind::TransactionAborted, "{after:?}");
    two.rollback().await.unwrap();
    one.commit().await.unwrap();
    assert_eq!(count(&mut two, "s", "t").await, 2);
}

#[tokio::test]
async fn a_dropped_session_rolls_back() {
    let db = DuckDb::open_in_memory().await.unwrap();
    let (mut one, mut two) = (session_with(&db, TABLE).await, session_with(&db, &[]).await);
    one.begin().await.unwrap();
    one.change(&checked("DELETE FROM s.t", &[("s", "t")])).await.unwrap();
    one.close().await;
    assert_eq!(count(&mut two, "s", "t").await, 2);
    two.change(&checked("DELETE FROM s.t", &[("s", "t")])).await.unwrap();
}

#[tokio::test]
async fn settings_of_a_session() {
    let db = DuckDb::open_in_memory().await.unwrap();
    let mut session = session_with(&db, &[]).await;
    let row = values(&mut session, "SELECT 7 / 2, current_setting('TimeZone')", &[]).await.unwrap();
    assert_eq!(row, [[Value::Int4(3), Value::Text("UTC".to_owned())]]);
}

#[tokio::test]
async fn explain_shows_the_plan() {
    let db = DuckDb::open_in_memory().await.unwrap();
    let mut session = session_with(&db, TABLE).await;
    let lines = session.explain(&checked("SELECT a FROM s.t WHERE a > 1", &[("s", "t")])).await.unwrap();
    assert!(lines.len() > 2 && lines.iter().any(|line| line.contains("SEQ_SCAN")), "{lines:#?}");
}
