use engine::{CatalogRow, CatalogWrite, Engine as _, EngineErrorKind, EngineSession as _};

use super::{DuckDb, DuckDbOptions};
use crate::session::tests::{Folder, checked, count, session_with, texts};

fn row(kind: &str, key: &str, body: &str) -> CatalogRow {
    CatalogRow { kind: kind.to_owned(), key: key.to_owned(), body: body.to_owned() }
}

fn put(key: &str, body: &str) -> CatalogWrite {
    CatalogWrite::Put(row("role", key, body))
}

fn delete(key: &str) -> CatalogWrite {
    CatalogWrite::Delete { kind: "role".to_owned(), key: key.to_owned() }
}

#[tokio::test]
async fn catalog_rows_follow_the_transaction() {
    let db = DuckDb::open_in_memory().await.unwrap();
    let mut session = session_with(&db, &[]).await;
    session.write_catalog(&[put("a", "1"), put("b", "1")]).await.unwrap();
    session.begin().await.unwrap();
    session.define("CREATE SCHEMA s").await.unwrap();
    session.write_catalog(&[put("a", "2"), delete("b"), put("b", "3"), delete("b"), put("c", "1")]).await.unwrap();
    assert_eq!(db.load_catalog().await.unwrap(), [row("role", "a", "1"), row("role", "b", "1")]);
    session.rollback().await.unwrap();
    assert_eq!(db.load_catalog().await.unwrap(), [row("role", "a", "1"), row("role", "b", "1")]);
    session.begin().await.unwrap();
    session.write_catalog(&[put("a", "2"), delete("b"), put("c", "1")]).await.unwrap();
    session.commit().await.unwrap();
    assert_eq!(db.load_catalog().await.unwrap(), [row("role", "a", "2"), row("role", "c", "1")]);
}

/// Without a key two transactions can add one key; the later row is the one that counts, and one deletion removes both.
#[tokio::test]
async fn a_key_added_twice_is_one_row() {
    let db = DuckDb::open_in_memory().await.unwrap();
    let (mut one, mut two) = (session_with(&db, &[]).await, session_with(&db, &[]).await);
    one.begin().await.unwrap();
    two.begin().await.unwrap();
    one.write_catalog(&[put("a", "1")]).await.unwrap();
    two.write_catalog(&[put("a", "2")]).await.unwrap();
    one.commit().await.unwrap();
    two.commit().await.unwrap();
    assert_eq!(db.load_catalog().await.unwrap(), [row("role", "a", "2")]);
    one.write_catalog(&[delete("a")]).await.unwrap();
    assert_eq!(db.load_catalog().await.unwrap(), []);
}

#[tokio::test]
async fn what_was_not_committed_is_gone_after_reopening() {
    let folder = Folder::new("reopen");
    let file = folder.0.join("data.duckdb");
    let db = DuckDb::open(
        &file,
        DuckDbOptions { threads: Some(1), memory_limit_bytes: Some(1 << 30), ..DuckDbOptions::default() },
    )
    .await
    .unwrap();
    let mut session =
        session_with(&db, &["CREATE SCHEMA s", "CREATE TABLE s.t(a INTEGER)", "INSERT INTO s.t VALUES (1)"]).await;
    session.write_catalog(&[put("a", "1")]).await.unwrap();
    session.begin().await.unwrap();
    session.define("INSERT INTO s.t VALUES (2)").await.unwrap();
    session.write_catalog(&[put("a", "2")]).await.unwrap();
    // As a kill -9 leaves them: the file and its log, copied while the transaction is open.
    let killed = folder.0.join("killed.duckdb");
    std::fs::copy(&file, &killed).unwrap();
    std::fs::copy(folder.0.join("data.duckdb.wal"), folder.0.join("killed.duckdb.wal")).unwrap();
    session.close().await;
    drop(db);
    for file in [&file, &killed] {
        let db = DuckDb::open(file, DuckDbOptions::default()).await.unwrap();
        let mut session = session_with(&db, &[]).await;
        assert_eq!(count(&mut session, "s", "t").await, 1, "{}", file.display());
        assert_eq!(db.load_catalog().await.unwrap(), [row("role", "a", "1")]);
        session.close().await;
    }
}

#[tokio::test]
async fn not_a_database() {
    let folder = Folder::new("foreign");
    let file = folder.0.join("foreign.duckdb");
    std::fs::write(&file, vec![b'x'; 20_000]).unwrap();
    let error = DuckDb::open(&file, DuckDbOptions::default()).await.unwrap_err();
    assert_eq!(error.kind, EngineErrorKind::Internal);
    assert!(error.log.contains("not a valid DuckDB database"), "{}", error.log);
}

#[tokio::test]
async fn no_file_no_network_no_extension() {
    let folder = Folder::new("outside");
    let secret = folder.0.join("secret.csv");
    std::fs::write(&secret, "a\n1\n").unwrap();
    let file = secret.display();
    let db = DuckDb::open_in_memory().await.unwrap();
    let mut session = session_with(&db, &["CREATE SCHEMA s", "CREATE TABLE s.t(a INTEGER)"]).await;
    for text in [
        format!("SELECT * FROM read_csv('{file}')"),
        format!("SELECT * FROM read_text('{file}')"),
        format!("SELECT * FROM '{file}'"),
        format!("COPY s.t TO '{file}.out'"),
        format!("COPY s.t FROM '{file}'"),
        format!("ATTACH '{file}.db' AS other"),
        "INSTALL httpfs".to_owned(),
        "LOAD httpfs".to_owned(),
        format!("EXPORT DATABASE '{file}.d'"),
        "SET enable_external_access = true".to_owned(),
        "SET autoinstall_known_extensions = true".to_owned(),
        "SET allow_community_extensions = true".to_owned(),
    ] {
        // `query` refuses it by its tables; `define` shows that the settings alone already hold.
        let refused = texts(&mut session, &text, &[]).await.unwrap_err();
        assert!(
            matches!(refused.kind, EngineErrorKind::UnauthorizedTable | EngineErrorKind::InvalidQuery),
            "{refused:?}"
        );
        if !text.starts_with("SET autoinstall") {
            assert!(session.define(&text).await.is_err(), "{text}");
        }
    }
    assert_eq!(std::fs::read_dir(&folder.0).unwrap().count(), 1);
}

#[tokio::test]
async fn what_fits_neither_into_memory_nor_on_the_disk_set_aside_is_refused() {
    let folder = Folder::new("memory");
    let options =
        DuckDbOptions { threads: Some(1), memory_limit_bytes: Some(64 << 20), temp_limit_bytes: Some(1 << 20) };
    let db = DuckDb::open(&folder.0.join("data.duckdb"), options).await.unwrap();
    let mut session = session_with(&db, &[]).await;
    let error = run(&mut session, "SELECT range AS x FROM range(20000000) ORDER BY x % 1000003").await.unwrap_err();
    assert_eq!(error.kind, EngineErrorKind::OutOfMemory, "{error:?}");
    run(&mut session, "SELECT 1").await.unwrap();
}

async fn run(session: &mut crate::session::DuckDbSession, text: &str) -> Result<(), engine::EngineError> {
    let mut stream = session.query(&checked(text, &[])).await?;
    while let Some(batch) = stream.batches.recv().await {
        batch?;
    }
    Ok(())
}
