use std::sync::Arc;
use std::sync::atomic::Ordering;

use base::id::{ApplicationArn, DirectoryGroupId, DirectoryUserId};

use super::fake::{MemoryStore, application, center, clock, group, new_application, people, user};
use crate::{AssignedPrincipal, Center, CenterChange, CenterError};

fn is_hex(text: &str, length: usize) -> bool {
    text.len() == length && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

#[tokio::test]
async fn the_instance_is_made_once() {
    let store = Arc::new(MemoryStore::default());
    let first = center(&store).await;
    let instance = first.instance();
    assert!(is_hex(instance.arn.as_str().strip_prefix("arn:aws:sso:::instance/ssoins-").unwrap(), 16));
    assert!(is_hex(instance.identity_store_id.strip_prefix("d-").unwrap(), 10));
    let again = center(&store).await;
    assert_eq!(again.instance(), instance);
    let other = Center::open(store.clone(), clock(), "999999999999", "us-east-1").await;
    assert!(matches!(other, Err(CenterError::Invalid { field: "account", .. })));
}

#[tokio::test]
async fn application_arns_have_the_modelled_shape() {
    let center = center(&Arc::new(MemoryStore::default())).await;
    let application = application(&center).await;
    let prefix = format!("arn:aws:sso::123456789012:application/{}/apl-", center.instance().id());
    assert!(is_hex(application.arn.as_str().strip_prefix(prefix.as_str()).unwrap(), 16));
    for name in [String::new(), "x".repeat(101)] {
        let error = center.create_application(new_application(&name)).await.unwrap_err();
        assert!(matches!(error, CenterError::Invalid { field: "Name", .. }));
    }
}

#[tokio::test]
async fn assignments_decide_who_gets_in_and_survive_a_restart() {
    let store = Arc::new(MemoryStore::default());
    let first = center(&store).await;
    let arn = application(&first).await.arn.clone();
    let (ethan, sales) = (DirectoryUserId::new("ethan"), DirectoryGroupId::new("sales"));
    assert!(!first.decide(&arn, &ethan, std::slice::from_ref(&sales)).allowed);
    first.create_assignment(&arn, &group("sales"), &people(&["sales"])).await.unwrap();
    for center in [&first, &center(&store).await] {
        assert!(center.decide(&arn, &ethan, std::slice::from_ref(&sales)).allowed);
        assert!(!center.decide(&arn, &ethan, &[]).allowed);
    }
    first.delete_assignment(&arn, &group("sales")).await.unwrap();
    assert!(!first.decide(&arn, &ethan, &[sales]).allowed);
}

#[tokio::test]
async fn assignments_are_refused_for_a_reason() {
    let center = center(&Arc::new(MemoryStore::default())).await;
    let arn = application(&center).await.arn.clone();
    let everybody = people(&["ethan"]);
    let unknown = ApplicationArn::new("arn:aws:sso::123456789012:application/x/apl-x");
    let error = center.create_assignment(&unknown, &user("ethan"), &everybody).await.unwrap_err();
    assert_eq!(error, CenterError::ApplicationNotFound(unknown.clone()));
    let error = center.create_assignment(&arn, &user("nobody"), &everybody).await.unwrap_err();
    assert_eq!(error, CenterError::PrincipalNotFound(user("nobody")));
    center.create_assignment(&arn, &user("ethan"), &everybody).await.unwrap();
    let error = center.create_assignment(&arn, &user("ethan"), &everybody).await.unwrap_err();
    assert_eq!(error, CenterError::AssignmentExists { application: arn.clone(), principal: user("ethan") });
    let error = center.delete_assignment(&arn, &group("ethan")).await.unwrap_err();
    assert_eq!(error, CenterError::AssignmentNotFound { application: arn, principal: group("ethan") });
    assert_eq!(center.assignments(&unknown, None, 10).unwrap_err(), CenterError::ApplicationNotFound(unknown));
}

#[tokio::test]
async fn deleting_an_application_deletes_its_assignments() {
    let store = Arc::new(MemoryStore::default());
    let center = center(&store).await;
    let (one, other) = (application(&center).await.arn.clone(), application(&center).await.arn.clone());
    for arn in [&one, &other] {
        center.create_assignment(arn, &user("ethan"), &people(&["ethan"])).await.unwrap();
    }
    center.delete_application(&one).await.unwrap();
    assert_eq!(center.delete_application(&one).await, Err(CenterError::ApplicationNotFound(one.clone())));
    assert!(!center.decide(&one, &DirectoryUserId::new("ethan"), &[]).allowed);
    assert!(center.decide(&other, &DirectoryUserId::new("ethan"), &[]).allowed);
    assert_eq!(store.stored.lock().unwrap().assignments, [(other, user("ethan"))]);
}

#[tokio::test]
async fn lists_are_paged_in_order() {
    let center = center(&Arc::new(MemoryStore::default())).await;
    let arn = application(&center).await.arn.clone();
    let all: Vec<_> = ["b", "a", "c"].iter().flat_map(|id| [group(id), user(id)]).collect();
    for principal in &all {
        center.create_assignment(&arn, principal, &people(&["a", "b", "c"])).await.unwrap();
    }
    let mut expected = all.clone();
    expected.sort();
    for records in 1..=7 {
        let mut seen: Vec<AssignedPrincipal> = Vec::new();
        let mut after = None;
        loop {
            let page = center.assignments(&arn, after.as_ref(), records).unwrap();
            assert!(page.items.len() <= records);
            seen.extend(page.items);
            after = page.next;
            if after.is_none() {
                break;
            }
        }
        assert_eq!(seen, expected, "{records} a page");
    }
}

#[tokio::test]
async fn changes_are_announced() {
    let center = center(&Arc::new(MemoryStore::default())).await;
    let mut changes = center.subscribe();
    let arn = application(&center).await.arn.clone();
    center.create_assignment(&arn, &user("ethan"), &people(&["ethan"])).await.unwrap();
    center.forget_principal(&user("ethan")).await.unwrap();
    center.forget_principal(&user("ethan")).await.unwrap();
    center.delete_application(&arn).await.unwrap();
    let assignment = CenterChange::AssignmentChanged { application: arn.clone(), principal: user("ethan") };
    let application = CenterChange::ApplicationChanged(arn);
    for expected in [&application, &assignment, &assignment, &application] {
        assert_eq!(changes.try_recv().as_ref(), Ok(expected));
    }
    assert!(changes.try_recv().is_err());
}

#[tokio::test]
async fn what_could_not_be_stored_is_not_done() {
    let store = Arc::new(MemoryStore::default());
    let center = center(&store).await;
    let arn = application(&center).await.arn.clone();
    store.broken.store(true, Ordering::Relaxed);
    let error = center.create_assignment(&arn, &user("ethan"), &people(&["ethan"])).await.unwrap_err();
    assert!(matches!(error, CenterError::Store(_)));
    assert!(center.delete_application(&arn).await.is_err());
    assert!(center.application(&arn).is_some());
    assert!(!center.decide(&arn, &DirectoryUserId::new("ethan"), &[]).allowed);
}

#[tokio::test]
async fn a_failed_write_is_seen_and_announced_where_it_reached_the_disk() {
    let store = Arc::new(MemoryStore::default());
    let center = center(&store).await;
    let arn = application(&center).await.arn.clone();
    let mut changes = center.subscribe();
    store.torn.store(true, Ordering::Relaxed);
    let error = center.create_assignment(&arn, &user("ethan"), &people(&["ethan"])).await.unwrap_err();
    assert!(matches!(error, CenterError::Store(_)));
    assert!(center.decide(&arn, &DirectoryUserId::new("ethan"), &[]).allowed);
    let change = CenterChange::AssignmentChanged { application: arn, principal: user("ethan") };
    assert_eq!(changes.try_recv(), Ok(change));
}
