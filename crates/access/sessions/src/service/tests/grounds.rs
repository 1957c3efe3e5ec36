use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use base::CorrelationId;
use base::id::WarehouseId;

use super::fixture::{Fixture, PEER};
use super::*;
use crate::context::WithCredential;
use crate::grounds::Grounds;

/// Stands on its keys until it is told to fall; counts how often it is asked.
#[derive(Debug)]
struct Ground {
    keys: Vec<GroundKey>,
    fallen: AtomicBool,
    asked: AtomicUsize,
}

impl Grounds for Ground {
    fn keys(&self) -> &[GroundKey] {
        &self.keys
    }

    fn ended(&self) -> Option<GroundsEnded> {
        self.asked.fetch_add(1, Ordering::Relaxed);
        let ended = || GroundsEnded { reason: "The role is deleted.".to_owned(), mend: "Assume another.".to_owned() };
        self.fallen.load(Ordering::Relaxed).then(ended)
    }
}

fn ground(keys: &[GroundKey]) -> Arc<Ground> {
    Arc::new(Ground { keys: keys.to_vec(), fallen: AtomicBool::new(false), asked: AtomicUsize::new(0) })
}

fn opening(ground: &Arc<Ground>) -> OpenDb {
    let proven = WithCredential {
        principal: base::Principal::RoleSession {
            account: "123456789012".to_owned(),
            role_name: "Analysts".to_owned(),
            session_name: "ethan@example.com".to_owned(),
        },
        person: Some("ethan@example.com".to_owned()),
        access_key_id: "ASIA1".to_owned(),
        grounds: Arc::<Ground>::clone(ground),
        correlation: CorrelationId::resume("way-1"),
    };
    OpenDb::with_credential(&WarehouseId::new("w-1"), "bob", proven, PEER)
}

fn role(id: &str) -> GroundKey {
    GroundKey::IamRole(id.to_owned())
}

fn user(id: &str) -> GroundKey {
    GroundKey::IamUser(id.to_owned())
}

#[tokio::test]
async fn exactly_the_sessions_that_stand_on_it_are_asked_and_end() {
    let fixture = Fixture::new().await;
    let (first, second) = (ground(&[role("r1"), user("u1")]), ground(&[role("r2"), user("u1")]));
    let kept = fixture.sessions.open_db(opening(&first)).unwrap();
    let other = fixture.sessions.open_db(opening(&second)).unwrap();
    let by_password = fixture.sessions.open_db(super::fixture::with_password("w-1")).unwrap();
    assert_eq!((kept.context().person(), kept.context().access_key_id()), (Some("ethan@example.com"), Some("ASIA1")));
    assert_eq!(kept.context().user_name(), "bob");

    assert!(fixture.sessions.reevaluate_grounds(Some(&role("r1"))).is_empty(), "its ground is there");
    first.fallen.store(true, Ordering::Relaxed);
    second.fallen.store(true, Ordering::Relaxed);
    assert!(fixture.sessions.reevaluate_grounds(Some(&GroundKey::IamRole("u1".to_owned()))).is_empty());
    let ended = fixture.sessions.reevaluate_grounds(Some(&role("r1")));
    assert_eq!(ended.len(), 1);
    assert_eq!(ended[0].0.correlation().as_str(), "way-1");
    let reason = kept.reason().unwrap();
    assert_eq!(reason.name(), "not_allowed");
    let told = reason.public("bob");
    assert_eq!(told.message, "terminating connection: IAM no longer allows what user \"bob\" connected with");
    assert_eq!((told.detail.as_deref(), told.hint.as_deref()), (Some("The role is deleted."), Some("Assume another.")));
    assert!(other.reason().is_none() && by_password.reason().is_none());
    // asked once when it was opened, and never for another's role
    assert_eq!(second.asked.load(Ordering::Relaxed), 1);

    assert!(fixture.sessions.reevaluate_grounds(Some(&role("r1"))).is_empty(), "it was told already");
    assert_eq!(fixture.sessions.reevaluate_grounds(None).len(), 1, "the other one; passwords stand on nothing");
    assert!(by_password.reason().is_none());
}

#[tokio::test]
async fn nothing_opens_on_a_ground_that_is_gone() {
    let fixture = Fixture::new().await;
    let gone = ground(&[role("r1")]);
    gone.fallen.store(true, Ordering::Relaxed);
    let refused = fixture.sessions.open_db(opening(&gone)).unwrap_err();
    assert!(matches!(refused, SessionError::Refused { reason: EndReason::NotAllowed(_), .. }), "{refused:?}");
    assert_eq!(fixture.sessions.count(), 0);
}

#[tokio::test]
async fn a_closed_session_is_forgotten() {
    let fixture = Fixture::new().await;
    let there = ground(&[role("r1")]);
    drop(fixture.sessions.open_db(opening(&there)).unwrap());
    there.fallen.store(true, Ordering::Relaxed);
    assert!(fixture.sessions.reevaluate_grounds(Some(&role("r1"))).is_empty());
    assert!(fixture.sessions.reevaluate_grounds(None).is_empty());
    assert_eq!(there.asked.load(Ordering::Relaxed), 1);
}
