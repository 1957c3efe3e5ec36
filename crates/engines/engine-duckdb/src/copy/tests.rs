use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};

use engine::{CatalogRow, CatalogWrite, Engine as _, EngineErrorKind, EngineSession as _, Value};

use crate::database::{DuckDb, DuckDbOptions};
use crate::session::tests::{Folder, count, session_with, values};

const SMALL: DuckDbOptions =
    DuckDbOptions { threads: Some(1), memory_limit_bytes: Some(512 << 20), temp_limit_bytes: None };

async fn warehouse(folder: &Folder) -> DuckDb {
    let db = DuckDb::open(&folder.0.join("data.duckdb"), SMALL).await.unwrap();
    let mut session = session_with(&db, &["CREATE SCHEMA s"]).await;
    let row = CatalogRow { kind: "role".to_owned(), key: "a".to_owned(), body: "1".to_owned() };
    session.write_catalog(&[CatalogWrite::Put(row)]).await.unwrap();
    session.close().await;
    db
}

fn target(folder: &Folder, name: &str) -> PathBuf {
    let copy = folder.0.join(name);
    fs::create_dir(&copy).unwrap();
    copy.join("data.duckdb")
}

async fn sum(db: &DuckDb, table: &str) -> (Value, Value) {
    let mut session = session_with(db, &[]).await;
    let text = format!("SELECT count(*), coalesce(sum(a), 0)::BIGINT FROM s.{table}");
    let rows = values(&mut session, &text, &[("s", table)]).await.unwrap();
    session.close().await;
    (rows[0][0].clone(), rows[0][1].clone())
}

#[tokio::test]
async fn a_copy_has_what_was_committed_and_nothing_else() {
    let folder = Folder::new("copy");
    let db = warehouse(&folder).await;
    let mut session =
        session_with(&db, &["CREATE TABLE s.t(a INTEGER DEFAULT 7)", "CREATE VIEW s.v AS SELECT a FROM s.t"]).await;
    session.define("INSERT INTO s.t SELECT range FROM range(500000)").await.unwrap();
    session.begin().await.unwrap();
    session.define("INSERT INTO s.t VALUES (1000)").await.unwrap();
    let file = target(&folder, "one");
    let told = Arc::new(AtomicU64::new(0));
    let note = Arc::clone(&told);
    let bytes = db.copy(file.clone(), SMALL, move |done, _| note.store(done, Ordering::SeqCst)).await.unwrap();
    // the transaction that was open while the copy was made goes on
    session.define("INSERT INTO s.t VALUES (1001)").await.unwrap();
    session.commit().await.unwrap();
    assert_eq!(count(&mut session, "s", "t").await, 500_002);
    session.close().await;

    assert_eq!(bytes, fs::metadata(&file).unwrap().len());
    assert!(told.load(Ordering::SeqCst) > 0);
    let names: Vec<_> = fs::read_dir(folder.0.join("one")).unwrap().map(|one| one.unwrap().file_name()).collect();
    assert_eq!(names, ["data.duckdb"]);
    let copy = DuckDb::open(&file, SMALL).await.unwrap();
    let mut session = session_with(&copy, &["INSERT INTO s.t(a) VALUES (DEFAULT)"]).await;
    assert_eq!(count(&mut session, "s", "t").await, 500_001);
    let viewed = values(&mut session, "SELECT count(*) FROM s.v", &[("s", "t")]).await.unwrap();
    assert_eq!(viewed, [[Value::Int8(500_001)]]);
    assert_eq!(copy.load_catalog().await.unwrap().len(), 1);
    session.close().await;
    // and what holds checkpoints off is in neither
    for db in [&db, &copy] {
        let mut session = session_with(db, &[]).await;
        session.define("CREATE VIEW gatehouse.being_copied AS SELECT 1 AS one").await.unwrap();
        session.close().await;
    }
}

/// Of a copy that began after `before` commits. Answers how many of the tables that come and go it has.
async fn assert_whole(file: &Path, before: u32, number: u32) -> u32 {
    let copy = DuckDb::open(file, SMALL).await.unwrap();
    let (rows, ones) = sum(&copy, "one").await;
    assert_eq!(ones, sum(&copy, "two").await.1, "{number}");
    let (Value::Int8(rows), Value::Int8(ones)) = (rows, ones) else { panic!("no numbers") };
    assert!(rows == ones + 1 && ones >= i64::from(before), "{number}: {rows} {ones} {before}");
    let mut session = session_with(&copy, &[]).await;
    let mut seen = 0;
    for table in ["bulk0", "bulk1", "bulk2"] {
        let text = format!("SELECT count(*), count(DISTINCT text), min(a) = max(a) FROM s.{table}");
        let Ok(rows) = values(&mut session, &text, &[("s", table)]).await else { continue };
        assert_eq!(rows[0], [Value::Int8(400_000), Value::Int8(400_000), Value::Bool(true)], "{number}");
        seen += 1;
    }
    session.close().await;
    seen
}

/// Tables that change together, bulk inserts that go to the file before they are committed, drops that free their blocks, and
/// checkpoints, while copies are made one after the other.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn copies_are_whole_while_everything_is_written() {
    let folder = Folder::new("copies");
    let db = warehouse(&folder).await;
    let tables = ["CREATE TABLE s.one(a BIGINT)", "CREATE TABLE s.two(a BIGINT)", "INSERT INTO s.one VALUES (0)"];
    session_with(&db, &tables).await.close().await;
    let stop = AtomicBool::new(false);
    let committed = AtomicU32::new(0);
    let together = async {
        let mut session = session_with(&db, &["INSERT INTO s.two VALUES (0)"]).await;
        while !stop.load(Ordering::SeqCst) {
            session.begin().await.unwrap();
            session.define("INSERT INTO s.one VALUES (1)").await.unwrap();
            session.define("UPDATE s.two SET a = a + 1").await.unwrap();
            session.commit().await.unwrap();
            committed.fetch_add(1, Ordering::SeqCst);
        }
        session.close().await;
    };
    let bulk = async {
        let mut session = session_with(&db, &[]).await;
        // The file grows with each, while a copy holds checkpoints off.
        for round in 0..80 {
            if stop.load(Ordering::SeqCst) {
                break;
            }
            let table = format!("bulk{}", round % 3);
            session.define(&format!("DROP TABLE IF EXISTS s.{table}")).await.unwrap();
            let make = format!(
                "CREATE TABLE s.{table} AS SELECT {round} AS a, hash(range)::VARCHAR AS text FROM range(400000)"
            );
            session.define(&make).await.unwrap();
            if round % 4 == 3 {
                // refused while a copy holds it off
                drop(session.define("CHECKPOINT").await);
            }
        }
        session.close().await;
    };
    let copies = async {
        let mut seen = 0;
        for number in 0..8 {
            let file = target(&folder, &format!("copy{number}"));
            let before = committed.load(Ordering::SeqCst);
            db.copy(file.clone(), SMALL, |_, _| ()).await.unwrap();
            seen += assert_whole(&file, before, number).await;
            fs::remove_dir_all(file.parent().unwrap()).unwrap();
        }
        stop.store(true, Ordering::SeqCst);
        seen
    };
    let ((), (), seen) = tokio::join!(together, bulk, copies);
    assert!(seen > 0, "no copy had a table that was made meanwhile");
    // the database itself is what it was
    let ones = sum(&db, "one").await.1;
    let closed = db.closed();
    drop(db);
    closed.wait().await;
    let db = DuckDb::open(&folder.0.join("data.duckdb"), SMALL).await.unwrap();
    assert_eq!((sum(&db, "one").await.1, sum(&db, "two").await.1), (ones.clone(), ones));
}

#[tokio::test]
async fn what_cannot_be_copied_is_an_error_and_holds_nothing_off() {
    let folder = Folder::new("nocopy");
    let db = warehouse(&folder).await;
    let nowhere = folder.0.join("nowhere").join("data.duckdb");
    let error = db.copy(nowhere, SMALL, |_, _| ()).await.unwrap_err();
    assert!(error.kind == EngineErrorKind::Internal && error.log.contains("No such file"), "{error:?}");
    let taken = target(&folder, "taken");
    fs::write(&taken, "somebody else's").unwrap();
    db.copy(taken.clone(), SMALL, |_, _| ()).await.unwrap_err();
    assert_eq!(fs::read_to_string(&taken).unwrap(), "somebody else's");
    let mut session = session_with(&db, &["CREATE TABLE s.t(a INTEGER)"]).await;
    session.define("CHECKPOINT").await.unwrap();
    session.close().await;
    db.copy(target(&folder, "fine"), SMALL, |_, _| ()).await.unwrap();
    let memory = DuckDb::open_in_memory().await.unwrap();
    assert!(memory.copy(target(&folder, "memory"), SMALL, |_, _| ()).await.unwrap_err().log.contains("in memory"));
}

#[tokio::test]
async fn a_database_says_when_its_file_is_closed() {
    let folder = Folder::new("closed");
    let db = warehouse(&folder).await;
    let session = db.session().await.unwrap();
    let closed = db.closed();
    drop(db);
    let mut waiting = std::pin::pin!(closed.clone().wait());
    let early = std::future::poll_fn(|context| std::task::Poll::Ready(waiting.as_mut().poll(context).is_ready())).await;
    assert!(!early, "a session is still open");
    session.close().await;
    closed.wait().await;
    DuckDb::open(&folder.0.join("data.duckdb"), SMALL).await.unwrap();
}
