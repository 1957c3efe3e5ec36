use std::sync::Arc;

use engine::{CheckedText, EngineErrorKind};

use super::{EngineHealth, EngineLink};
use crate::testing::FakeEngine;

struct Bench {
    engine: FakeEngine,
    health: Arc<EngineHealth>,
    link: EngineLink,
}

async fn bench() -> Bench {
    let (engine, health) = (FakeEngine::default(), Arc::new(EngineHealth::of(base::id::WarehouseId::new("w-1"))));
    let link = EngineLink::open(&engine, &health).await.unwrap();
    Bench { engine, health, link }
}

fn text() -> CheckedText {
    CheckedText { text: "SELECT 1".to_owned(), tables: Vec::new() }
}

#[tokio::test]
async fn a_failed_commit_leaves_no_transaction() {
    let mut bench = bench().await;
    bench.link.begin().await.unwrap();
    bench.engine.fail("commit", 1, EngineErrorKind::Cancelled);
    assert_eq!(bench.link.commit().await.unwrap_err().kind, EngineErrorKind::Cancelled);
    bench.link.begin().await.unwrap();
    bench.link.commit().await.unwrap();
    assert_eq!(bench.engine.calls(), ["1 begin", "1 commit", "1 rollback", "1 begin", "1 commit"]);
}

#[tokio::test]
async fn an_interrupted_rollback_is_tried_again() {
    let mut bench = bench().await;
    bench.link.begin().await.unwrap();
    bench.engine.fail("rollback", 1, EngineErrorKind::Cancelled);
    bench.link.rollback().await.unwrap();
    bench.link.begin().await.unwrap();
    assert_eq!(bench.engine.calls(), ["1 begin", "1 rollback", "1 rollback", "1 begin"]);
}

#[tokio::test]
async fn a_rollback_of_nothing_succeeds() {
    let mut bench = bench().await;
    bench.link.rollback().await.unwrap();
    bench.link.begin().await.unwrap();
}

#[tokio::test]
async fn a_session_whose_rollback_fails_is_given_up() {
    let mut bench = bench().await;
    bench.link.begin().await.unwrap();
    bench.engine.fail("rollback", 1, EngineErrorKind::OutOfMemory);
    assert_eq!(bench.link.rollback().await.unwrap_err().kind, EngineErrorKind::OutOfMemory);
    bench.engine.calls();
    assert_eq!(bench.link.query(&text()).await.unwrap_err().kind, EngineErrorKind::Internal);
    assert!(bench.engine.calls().is_empty());
    assert!(bench.health.is_usable(), "that is one session's trouble");
}

#[tokio::test]
async fn an_unusable_engine_is_asked_nothing_more_by_anybody() {
    let mut bench = bench().await;
    let mut other = EngineLink::open(&bench.engine, &bench.health).await.unwrap();
    bench.engine.fail("query", 1, EngineErrorKind::Unusable);
    assert_eq!(bench.link.query(&text()).await.unwrap_err().kind, EngineErrorKind::Unusable);
    assert!(!bench.health.is_usable());
    bench.engine.calls();
    assert_eq!(other.begin().await.unwrap_err().kind, EngineErrorKind::Unusable);
    assert_eq!(EngineLink::open(&bench.engine, &bench.health).await.unwrap_err().kind, EngineErrorKind::Unusable);
    assert!(bench.engine.calls().is_empty());
}

/// DuckDB says so only to the next who asks.
#[tokio::test]
async fn after_a_defect_the_engine_is_asked_whether_it_still_answers() {
    for (after, usable) in [(EngineErrorKind::Unusable, false), (EngineErrorKind::InvalidQuery, true)] {
        let mut bench = bench().await;
        bench.engine.fail("query", 1, EngineErrorKind::Internal);
        bench.engine.fail("rollback", 1, after);
        assert_eq!(bench.link.query(&text()).await.unwrap_err().kind, EngineErrorKind::Internal);
        assert_eq!(bench.health.is_usable(), usable);
    }
}

#[tokio::test]
async fn what_was_taken_is_gone_from_here() {
    let mut bench = bench().await;
    let mut taken = bench.link.take();
    taken.begin().await.unwrap();
    assert_eq!(bench.link.begin().await.unwrap_err().kind, EngineErrorKind::Internal);
}
