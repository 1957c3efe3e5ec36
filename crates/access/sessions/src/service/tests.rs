mod federated;
mod fixture;
mod grounds;

use base::id::ApplicationArn;
use fixture::Fixture;
use tokens::{Lack, RevokeReason};

use super::*;
use crate::watch::watch_directory;

#[tokio::test]
async fn a_session_is_found_by_its_key_and_gone_when_its_handle_is_dropped() {
    let world = Fixture::new().await;
    let handle = world.open().await.unwrap();
    let (process_id, secret) = handle.context().backend_key();
    assert_eq!(handle.context().db_user(), "awsidc:ethan");
    assert_eq!(handle.context().correlation().as_str(), "way-1");
    assert_eq!(handle.context().application(), Some(&ApplicationArn::new("application-1")));
    assert!(world.sessions.by_backend_key(process_id, secret).is_some());
    assert!(world.sessions.by_backend_key(process_id, secret.wrapping_add(1)).is_none());
    assert_eq!((world.sessions.count(), world.sessions.list().len()), (1, 1));
    drop(handle);
    assert_eq!(world.sessions.count(), 0);
    assert!(world.sessions.by_backend_key(process_id, secret).is_none());
}

#[tokio::test]
async fn a_deactivation_ends_exactly_that_persons_sessions_and_tokens() {
    let world = Fixture::new().await;
    let _watch = watch_directory(Arc::clone(&world.sessions), world.audit.clone());
    let handle = world.open().await.unwrap();
    let (cookie, _) = world.sessions.open_browser(&world.user, CorrelationId::resume("way-1"), None).await.unwrap();
    let other = world.sessions.open_db(fixture::with_password("warehouse-1")).unwrap();
    let claims = world.verified().await;
    world.deactivate().await;
    let reason = handle.ended().await;
    assert_eq!(reason, EndReason::UserDisabled);
    assert_eq!(
        reason.public(handle.context().user_name()).message,
        "terminating connection: user \"ethan\" was deactivated at the identity provider"
    );
    assert!(world.sessions.browser(&cookie).await.is_none());
    // The record is the last thing that the watch does.
    let record = world.audit.next().await;
    assert_eq!(record.target, world.user.id().as_str());
    assert!(record.fields.contains(&("db_sessions", "1".to_owned())), "{:?}", record.fields);
    assert!(!world.sessions.tokens.is_live(&claims.get().grant));
    assert_eq!(other.reason(), None);
}

#[tokio::test]
async fn a_deleted_person_is_told_so() {
    let world = Fixture::new().await;
    let _watch = watch_directory(Arc::clone(&world.sessions), world.audit.clone());
    let handle = world.open().await.unwrap();
    world.directory.delete_user(world.user.id(), None).await.unwrap();
    assert_eq!(handle.ended().await, EndReason::UserDeleted);
}

#[tokio::test]
async fn an_assignment_that_goes_away_ends_database_sessions_and_leaves_the_browser() {
    let world = Fixture::new().await;
    let handle = world.open().await.unwrap();
    let (cookie, _) = world.sessions.open_browser(&world.user, CorrelationId::resume("way-1"), None).await.unwrap();
    let nothing = world.sessions.reevaluate(world.user.id()).await.unwrap();
    assert!(nothing.is_nothing());
    world.access.lose("application-1", Lack::Assignment);
    let ended = world.sessions.reevaluate(world.user.id()).await.unwrap();
    assert_eq!(ended, Ended { db_sessions: 1, browser_sessions: 0, grants: 1 });
    let application = ApplicationArn::new("application-1");
    assert_eq!(handle.reason(), Some(EndReason::AccessRemoved { application }));
    assert!(world.sessions.browser(&cookie).await.is_some());
}

#[tokio::test]
async fn losing_one_warehouses_application_ends_the_sessions_there_and_not_others_of_the_same_token() {
    let world = Fixture::new().await;
    let _watch = watch_directory(Arc::clone(&world.sessions), world.audit.clone());
    let claims = world.verified().await;
    let first = world.open_in("warehouse-1", "application-1", &claims).unwrap();
    let second = world.open_in("warehouse-2", "application-2", &claims).unwrap();
    assert_eq!(second.context().warehouse().as_str(), "warehouse-2");
    world.access.lose("application-2", Lack::Assignment);
    assert_eq!(world.sessions.reevaluate(world.user.id()).await.unwrap().db_sessions, 1);
    assert_eq!(second.reason().unwrap().name(), "access_removed");
    assert_eq!(first.reason(), None);
    // And the other way round: the token's own application goes, and with it the token; the session elsewhere stays.
    let claims = world.verified().await;
    let third = world.open_in("warehouse-3", "application-3", &claims).unwrap();
    world.access.lose("application-1", Lack::Assignment);
    let ended = world.sessions.reevaluate(world.user.id()).await.unwrap();
    assert_eq!((ended.db_sessions, ended.grants), (1, 2));
    assert_eq!(first.ended().await.name(), "access_removed");
    let grant = third.context().grant().unwrap();
    assert_eq!(world.sessions.end_grant(grant), 0);
    assert_eq!(third.reason(), None);
}

#[tokio::test]
async fn a_closed_application_ends_its_sessions_with_the_call_that_opens_it_again() {
    let world = Fixture::new().await;
    let claims = world.verified().await;
    let own = world.open_in("warehouse-1", "application-1", &claims).unwrap();
    let other = world.open_in("warehouse-2", "application-2", &claims).unwrap();
    world.access.lose("application-1", Lack::Disabled);
    let application = ApplicationArn::new("application-1");
    let ended = world.sessions.reevaluate_application(&application).await.unwrap();
    assert_eq!(ended, Ended { db_sessions: 1, browser_sessions: 0, grants: 1 });
    let reason = own.reason().unwrap();
    assert_eq!(reason, EndReason::ApplicationClosed { application, reason: "It is lost.".into(), hint: "Ask.".into() });
    let public = reason.public("ethan");
    assert_eq!((public.detail.as_deref(), public.hint.as_deref()), (Some("It is lost."), Some("Ask.")));
    assert_eq!(other.reason(), None);
    let refused = world.open_in("warehouse-1", "application-1", &claims).unwrap_err();
    assert!(
        matches!(refused, SessionError::Refused { reason: EndReason::ApplicationClosed { .. }, .. }),
        "{refused:?}"
    );
}

#[tokio::test]
async fn a_deleted_warehouse_ends_its_sessions_and_no_others() {
    let world = Fixture::new().await;
    let claims = world.verified().await;
    let person = world.open_in("warehouse-1", "application-1", &claims).unwrap();
    let administrator = world.sessions.open_db(fixture::with_password("warehouse-1")).unwrap();
    let elsewhere = world.open_in("warehouse-2", "application-1", &claims).unwrap();
    let warehouse = person.context().warehouse().clone();
    assert_eq!(world.sessions.of_warehouse(&warehouse).len(), 2);
    assert_eq!(world.sessions.end_warehouse(&warehouse, &EndReason::WarehouseDeleted), 2);
    assert_eq!(administrator.ended().await, EndReason::WarehouseDeleted);
    assert_eq!((person.reason(), elsewhere.reason()), (Some(EndReason::WarehouseDeleted), None));
    drop((person, administrator));
    assert!(world.sessions.of_warehouse(&warehouse).is_empty());
    assert_eq!(world.sessions.end_warehouse(&warehouse, &EndReason::WarehouseDeleted), 0);
}

#[tokio::test]
async fn a_session_outlives_the_memory_of_its_grant() {
    let world = Fixture::new().await;
    let handle = world.open().await.unwrap();
    world.clock.advance(Duration::days(3));
    world.sessions.tokens.sweep().await.unwrap();
    assert!(!world.sessions.tokens.is_live(handle.context().grant().unwrap()));
    assert!(world.sessions.reevaluate(world.user.id()).await.unwrap().is_nothing());
    assert_eq!(handle.reason(), None);
}

#[tokio::test]
async fn whoever_holds_tokens_only_is_concerned_too() {
    let world = Fixture::new().await;
    assert!(world.sessions.people().is_empty());
    world.verified().await;
    assert!(world.sessions.people().contains(world.user.id()));
}

#[tokio::test]
async fn a_revoked_grant_ends_the_sessions_that_it_opened() {
    let world = Fixture::new().await;
    let _watch = watch_directory(Arc::clone(&world.sessions), world.audit.clone());
    let handle = world.open().await.unwrap();
    let grant = handle.context().grant().unwrap().clone();
    world.sessions.tokens.revoke_grant(&grant, RevokeReason::Administrator).await.unwrap();
    assert_eq!(handle.ended().await, EndReason::TokenRevoked);
}

#[tokio::test]
async fn no_session_opens_for_who_lost_access_after_the_token_was_checked() {
    let world = Fixture::new().await;
    let claims = world.verified().await;
    let opening = || fixture::opening(&world.user, "warehouse-1", "application-1", &claims).unwrap();
    world.sessions.tokens.revoke_grant(&claims.get().grant, RevokeReason::Administrator).await.unwrap();
    let refused = world.sessions.open_db(opening()).unwrap_err();
    assert_eq!(refused, SessionError::Refused { user: "ethan".into(), reason: EndReason::TokenRevoked });
    world.deactivate().await;
    let refused = world.sessions.open_db(opening()).unwrap_err();
    assert_eq!(refused, SessionError::Refused { user: "ethan".into(), reason: EndReason::UserDisabled });
    assert_eq!(world.sessions.count(), 0);
}

#[tokio::test]
async fn a_token_opens_no_session_for_another_person() {
    let world = Fixture::new().await;
    let claims = world.verified().await;
    let fiona = world.another("fiona").await;
    let refused = fixture::opening(&fiona, "warehouse-1", "application-1", &claims).unwrap_err();
    assert_eq!(refused, SessionError::OtherPerson);
}

#[tokio::test]
async fn the_first_reason_to_end_stays() {
    let world = Fixture::new().await;
    let handle = world.open().await.unwrap();
    let process_id = handle.context().id().process_id;
    assert!(world.sessions.end(process_id, &EndReason::Administrator));
    assert!(!world.sessions.end(process_id, &EndReason::Shutdown));
    assert_eq!(handle.ended().await, EndReason::Administrator);
    assert_eq!(world.sessions.end_all(&EndReason::Shutdown), 0);
}

#[tokio::test]
async fn a_browser_session_ends_idle_absolutely_and_at_sign_out() {
    let world = Fixture::new().await;
    let open = || world.sessions.open_browser(&world.user, CorrelationId::resume("way-1"), None);
    let (cookie, live) = open().await.unwrap();
    assert_eq!(live.session.correlation.as_str(), "way-1");
    for _ in 0..9 {
        world.clock.advance(Duration::minutes(50));
        assert!(world.sessions.browser(&cookie).await.is_some());
    }
    world.clock.advance(Duration::minutes(30));
    assert!(world.sessions.browser(&cookie).await.is_none(), "eight hours are over");
    let (idle, _) = open().await.unwrap();
    world.clock.advance(Duration::HOUR);
    assert!(world.sessions.browser(&idle).await.is_none(), "an hour without use");
    let (left, _) = open().await.unwrap();
    assert!(world.sessions.end_browser(&left).await.unwrap().is_some());
    assert!(world.sessions.browser(&left).await.is_none());
    world.sessions.sweep().await.unwrap();
    assert_eq!(world.store.stored(), 0);
}

#[tokio::test]
async fn nobody_signs_in_who_was_deactivated_meanwhile() {
    let world = Fixture::new().await;
    world.deactivate().await;
    assert!(world.sessions.open_browser(&world.user, CorrelationId::fresh(), None).await.is_err());
    assert_eq!(world.store.stored(), 0);
}

#[tokio::test]
async fn a_changed_password_ends_the_browser_sessions_before_it() {
    let world = Fixture::new().await;
    let open = || world.sessions.open_browser(&world.user, CorrelationId::fresh(), None);
    let (before, _) = open().await.unwrap();
    world.clock.advance(Duration::SECOND);
    world.directory.set_password(world.user.id(), Secret::from("correct horse")).await.unwrap();
    let (after, _) = open().await.unwrap();
    assert!(world.sessions.browser(&before).await.is_none(), "at once");
    assert!(world.sessions.browser(&after).await.is_some());
    let ended = world.sessions.reevaluate(world.user.id()).await.unwrap();
    assert_eq!((ended.browser_sessions, world.store.stored()), (1, 1));
    assert!(world.sessions.browser(&after).await.is_some());
}
