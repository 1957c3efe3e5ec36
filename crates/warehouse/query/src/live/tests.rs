use std::time::Duration;

use base::AuditStep;
use base::id::DbUserId;
use sessions::EndReason;

use super::OpenByUser;
use crate::testing::{PASSWORD, World, brief, field, ok, startup};
use crate::{ChallengeAnswer, Gate};

#[test]
fn places_are_counted_by_user_and_given_back() {
    let places = OpenByUser::default();
    let (bob, mia) = (DbUserId(100), DbUserId(101));
    let first = places.enter(bob, Some(2)).unwrap();
    let second = places.enter(bob, Some(2)).unwrap();
    assert!(places.enter(bob, Some(2)).is_none());
    let unlimited = places.enter(bob, None).unwrap();
    let other = places.enter(mia, Some(1)).unwrap();
    assert!(places.enter(mia, Some(0)).is_none());
    drop((first, unlimited));
    let third = places.enter(bob, Some(2)).unwrap();
    assert!(places.enter(bob, Some(2)).is_none());
    drop((second, third, other));
    assert!(places.0.lock().unwrap().is_empty());
    assert!(places.enter(bob, Some(0)).is_none());
    assert!(places.0.lock().unwrap().is_empty());
}

async fn knock(gate: &Gate) -> crate::PendingLogin {
    gate.begin_login(startup(&[("user", "bob")]), None).await.unwrap()
}

#[tokio::test]
async fn a_warehouse_that_loses_its_endpoint_sends_everybody_away_and_takes_others_in_later() {
    let world = World::new().await;
    let other = world.beside("other").await;
    let (bob, mut stranger) = (world.password("bob", PASSWORD).await.unwrap(), other.admin().await);
    let (gate, answer) = (world.gate(), || ChallengeAnswer::Cleartext(base::Secret::from(PASSWORD)));
    let waiting = knock(&gate).await;
    assert_eq!(world.warehouse.end_sessions(&EndReason::WarehouseClosed), 1);
    assert_eq!(bob.ended().await.sqlstate, "57P01");
    // who had begun to log in doesn't slip through
    let error = waiting.finish(answer()).await.unwrap_err();
    assert!(error.fatal && error.sqlstate == "57P01", "{error:?}");
    knock(&gate).await.finish(answer()).await.unwrap();
    ok(&mut stranger, "SELECT 1").await;
}

#[tokio::test]
async fn those_whom_a_warehouse_is_no_longer_for_are_sent_away_and_the_others_stay() {
    let world = World::new().await;
    let (near, mut far) = (world.password("bob", PASSWORD).await.unwrap(), startup(&[("user", "bob")]));
    far.peer = "203.0.113.9:40000".parse().unwrap();
    let gate = world.gate();
    let answer = || ChallengeAnswer::Cleartext(base::Secret::from(PASSWORD));
    let far = gate.begin_login(far, None).await.unwrap().finish(answer()).await.unwrap();
    let waiting = knock(&gate).await;
    let told = world.warehouse.end_unreached(&EndReason::WarehousePrivate, |peer| peer.is_loopback());
    assert_eq!((told, far.ended().await.sqlstate), (1, "57P01"));
    // who had begun to log in begins again
    assert_eq!(waiting.finish(answer()).await.unwrap_err().sqlstate, "57P01");
    let mut near = near;
    ok(&mut near, "SELECT 1").await;
}

#[tokio::test]
async fn whom_a_network_rule_lost_is_told_which_one_is_missing() {
    let world = World::new().await;
    let mut far = startup(&[("user", "bob")]);
    far.peer = "203.0.113.9:40000".parse().unwrap();
    let gate = world.gate();
    let answer = || ChallengeAnswer::Cleartext(base::Secret::from(PASSWORD));
    let mut near = world.password("bob", PASSWORD).await.unwrap();
    let far = gate.begin_login(far, None).await.unwrap().finish(answer()).await.unwrap();
    let waiting = knock(&gate).await;
    let logins = EndReason::NotAdmitted { reason: "The network rules changed.".to_owned(), mend: None };
    let told = world.warehouse.end_where(&logins, |peer| {
        let (reason, mend) = (format!("No rule admits {peer}."), Some("aws ec2 authorize".to_owned()));
        (!peer.is_loopback()).then_some(EndReason::NotAdmitted { reason, mend })
    });
    assert_eq!(told, 1);
    let ended = far.ended().await;
    assert_eq!((ended.sqlstate, ended.message.detail.as_deref()), ("57P01", Some("No rule admits 203.0.113.9.")));
    assert!(ended.message.hint.unwrap().ends_with("aws ec2 authorize"));
    world.audit.take(AuditStep::SessionEnd);
    far.close().await;
    let records = world.audit.take(AuditStep::SessionEnd);
    assert_eq!((records.len(), field(&records[0], "reason")), (1, "not_admitted"));
    assert_eq!(field(&records[0], "detail"), "No rule admits 203.0.113.9.");
    assert!(field(&records[0], "mend").contains("aws ec2 authorize"));
    assert_eq!(waiting.finish(answer()).await.unwrap_err().sqlstate, "57P01");
    ok(&mut near, "SELECT 1").await;
}

#[tokio::test]
async fn a_closed_warehouse_waits_for_its_sessions_and_stays_closed() {
    let world = World::new().await;
    let bob = world.password("bob", PASSWORD).await.unwrap();
    let gate = world.gate();
    let waiting = knock(&gate).await;
    let ended = bob.ended();
    let closing = world.warehouse.close(&EndReason::WarehouseDeleted, Duration::from_secs(3600));
    let leaving = async move {
        let told = ended.await;
        bob.close().await;
        told
    };
    let ((), told) = tokio::join!(closing, leaving);
    assert_eq!(told.sqlstate, "57P01");
    assert!(told.message.message.contains("deleted"), "{told:?}");
    let refused = [
        waiting.finish(ChallengeAnswer::Cleartext(base::Secret::from(PASSWORD))).await.unwrap_err(),
        gate.begin_login(startup(&[("user", "bob")]), None).await.unwrap_err(),
        world.warehouse.open_as_administrator().await.unwrap_err(),
    ];
    for error in refused {
        assert_eq!(brief(&error), brief(&told));
        assert!(error.fatal);
    }
    assert_eq!(world.sessions.count(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_session_that_stays_holds_up_the_close_for_a_while_only() {
    let world = World::new().await;
    let _bob = world.password("bob", PASSWORD).await.unwrap();
    let begun = tokio::time::Instant::now();
    world.warehouse.close(&EndReason::WarehouseDeleted, Duration::from_secs(10)).await;
    assert_eq!(begun.elapsed(), Duration::from_secs(10));
}
