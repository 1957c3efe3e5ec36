use std::sync::Arc;

use base::{AuditEvent, AuditLog as _, AuditStep, CorrelationId, Outcome, Principal, SystemClock};

use super::{ChainBreak, SqliteAudit, verify};
use crate::Store;

async fn trail(records: usize) -> (tempfile::TempDir, Store) {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(&folder.path().join("control.sqlite")).await.unwrap();
    let audit = SqliteAudit::open(&store, Arc::new(SystemClock)).await.unwrap();
    for number in 0..records {
        let event = AuditEvent::new(AuditStep::Statement, Outcome::Allowed, CorrelationId::fresh(), Principal::System)
            .action("SELECT")
            .field("number", number.to_string());
        audit.record(event).await.unwrap();
    }
    (folder, store)
}

async fn after(tampering: &str) -> Result<i64, ChainBreak> {
    let (_folder, store) = trail(5).await;
    sqlx::raw_sql(sqlx::AssertSqlSafe(tampering.to_owned())).execute(store.pool()).await.unwrap();
    verify(&store).await.unwrap().map(|head| head.sequence)
}

#[tokio::test]
async fn an_untouched_trail_verifies_up_to_its_head() {
    assert_eq!(after("SELECT 1").await, Ok(5));
}

#[tokio::test]
async fn a_changed_record_breaks_the_chain_where_it_stands() {
    assert_eq!(after("UPDATE audit SET principal = 'somebody else' WHERE sequence = 3").await.unwrap_err().sequence, 3);
}

#[tokio::test]
async fn a_removed_record_is_missed() {
    assert_eq!(after("DELETE FROM audit WHERE sequence = 2").await.unwrap_err().sequence, 2);
}

#[tokio::test]
async fn text_moved_between_columns_is_seen() {
    let moved = "UPDATE audit SET action = action || target, target = '' WHERE sequence = 4;
                 UPDATE audit SET action = 'SEL', target = 'ECT' WHERE sequence = 4";
    assert_eq!(after(moved).await.unwrap_err().sequence, 4);
}

#[tokio::test]
async fn a_reopened_trail_goes_on_with_the_chain() {
    let (folder, store) = trail(2).await;
    store.close().await;
    let store = Store::open(&folder.path().join("control.sqlite")).await.unwrap();
    let audit = SqliteAudit::open(&store, Arc::new(SystemClock)).await.unwrap();
    let event = AuditEvent::new(AuditStep::SignIn, Outcome::Denied, CorrelationId::fresh(), Principal::Anonymous);
    audit.record(event).await.unwrap();
    assert_eq!(verify(&store).await.unwrap().map(|head| head.sequence), Ok(3));
}
