mod membership;
mod model;
mod naive;
mod origin;
mod secrets;
mod sign_in;

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use base::id::{DirectoryGroupId, DirectoryUserId};
use base::{ErrorKind, Fault, FixedClock, Secret};
use time::{Duration, OffsetDateTime};

use super::*;
use crate::memory::MemoryStore;
use crate::model::{DirectoryUser, NewGroup, NewUser};
use crate::port::StoredDirectory;
use crate::scim_token::ScimTokenRefusal;

/// Keeps the writes, and can fail before or after it has kept them.
#[derive(Debug, Default)]
pub(super) struct FailingStore {
    kept: MemoryStore,
    writes: AtomicUsize,
    fail_before: AtomicBool,
    fail_after: AtomicBool,
}

#[async_trait::async_trait]
impl DirectoryStore for FailingStore {
    async fn load(&self) -> Result<StoredDirectory, DirectoryError> {
        self.kept.load().await
    }

    async fn apply(&self, writes: &[DirectoryWrite]) -> Result<(), DirectoryError> {
        if self.fail_before.swap(false, Ordering::SeqCst) {
            return Err(DirectoryError::Store("disk full".to_owned()));
        }
        self.writes.fetch_add(writes.len(), Ordering::SeqCst);
        self.kept.apply(writes).await?;
        if self.fail_after.swap(false, Ordering::SeqCst) {
            return Err(DirectoryError::Store("connection lost".to_owned()));
        }
        Ok(())
    }

    async fn membership_numbers(
        &self,
        memberships: &[(DirectoryGroupId, DirectoryUserId)],
    ) -> Result<Vec<Option<u64>>, DirectoryError> {
        self.kept.membership_numbers(memberships).await
    }

    async fn membership(&self, number: u64) -> Result<Option<(DirectoryGroupId, DirectoryUserId)>, DirectoryError> {
        self.kept.membership(number).await
    }
}

pub(super) struct World {
    pub(super) directory: Arc<Directory>,
    pub(super) store: Arc<FailingStore>,
    pub(super) clock: Arc<FixedClock>,
}

pub(super) async fn world() -> World {
    let store = Arc::new(FailingStore::default());
    let clock = Arc::new(FixedClock::at(OffsetDateTime::UNIX_EPOCH));
    let directory = Directory::open(store.clone(), clock.clone()).await.unwrap();
    World { directory, store, clock }
}

pub(super) fn person(user_name: &str) -> NewUser {
    NewUser { user_name: user_name.to_owned(), active: true, ..NewUser::default() }
}

fn team(display_name: &str) -> NewGroup {
    NewGroup { display_name: display_name.to_owned(), ..NewGroup::default() }
}

#[tokio::test]
async fn names_are_unique_without_regard_to_case_and_the_holder_is_named() {
    let World { directory, .. } = world().await;
    let ethan = directory.create_user(NewUser { external_id: Some("e1".to_owned()), ..person("Ethan") }).await.unwrap();
    let error = directory.create_user(person("eTHAN")).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Conflict);
    assert!(error.public().message.contains(ethan.id.as_str()), "{}", error.public().message);
    let taken =
        directory.create_user(NewUser { external_id: Some("e1".to_owned()), ..person("other") }).await.unwrap_err();
    assert!(matches!(taken, DirectoryError::ExternalIdTaken { .. }));
    let sales = directory.create_group(team("Sales")).await.unwrap();
    let error = directory.create_group(team("SALES")).await.unwrap_err();
    assert_eq!(error, DirectoryError::DisplayNameTaken { display_name: "SALES".to_owned(), holder: sales.id.clone() });
    assert_eq!(directory.user_by_name("ETHAN").unwrap().id, ethan.id);
    assert_eq!(directory.user_by_external_id("e1").unwrap().id, ethan.id);
    assert!(directory.user_by_external_id("E1").is_none(), "external ids are case-exact");
    assert_eq!(directory.group_by_name("sales").unwrap().display_name, "Sales");
    // the holder may keep and re-case the name
    let renamed = directory.replace_user(&ethan.id, None, person("ETHAN")).await.unwrap();
    assert_eq!(renamed.user_name, "ETHAN");
    assert!(directory.user_by_external_id("e1").is_none());
}

/// A letter's case doesn't depend on its neighbours, and İ, ẞ and K (Kelvin) have small letters.
#[tokio::test]
async fn names_are_unique_without_regard_to_the_case_of_any_letter() {
    let World { directory, .. } = world().await;
    for (first, same) in [("ΟΔΟΣ", "οδοσ"), ("straße", "STRAẞE"), ("İ", "i\u{307}"), ("\u{212a}elvin", "Kelvin")]
    {
        let holder = directory.create_user(person(first)).await.unwrap();
        let error = directory.create_user(person(same)).await.unwrap_err();
        assert!(matches!(error, DirectoryError::UserNameTaken { .. }), "{same}");
        assert_eq!(directory.user_by_name(same).unwrap().id, holder.id, "{same}");
    }
    directory.create_user(person("ı")).await.unwrap();
    directory.create_user(person("i")).await.unwrap();
}

#[tokio::test]
async fn unacceptable_names_are_refused() {
    let World { directory, .. } = world().await;
    for name in ["", " ethan", "ethan ", "et\u{0}han", &"x".repeat(129)] {
        let error = directory.create_user(person(name)).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput, "{name:?}");
    }
    assert_eq!(directory.user_count(), 0);
}

#[tokio::test]
async fn a_change_raises_version_and_time_and_no_change_does_not() {
    let World { directory, clock, .. } = world().await;
    let ethan = directory.create_user(person("ethan")).await.unwrap();
    let version = directory.version();
    clock.advance(Duration::HOUR);
    let same = directory.replace_user(&ethan.id, None, person("ethan")).await.unwrap();
    assert_eq!((same.version, same.modified, directory.version()), (1, ethan.modified, version));
    let mut changes = directory.subscribe();
    let changed =
        directory.replace_user(&ethan.id, Some(1), NewUser { active: false, ..person("ethan") }).await.unwrap();
    assert_eq!((changed.version, changed.created), (2, ethan.created));
    assert_eq!(changed.modified, ethan.modified + Duration::HOUR);
    assert_eq!(directory.version(), version + 1);
    assert_eq!(changes.try_recv().unwrap(), DirectoryChange::UserChanged(ethan.id.clone()));
    assert!(directory.active_user(&ethan.id).is_none());
    let stale = directory.replace_user(&ethan.id, Some(1), person("ethan")).await.unwrap_err();
    assert_eq!(stale, DirectoryError::VersionMismatch { expected: 1, found: 2 });
}

#[tokio::test]
async fn membership_is_rows_and_is_announced_for_exactly_those_affected() {
    let World { directory, .. } = world().await;
    let a = directory.create_user(person("a")).await.unwrap();
    let b = directory.create_user(person("b")).await.unwrap();
    let group =
        directory.create_group(NewGroup { members: vec![a.id.clone(), a.id.clone()], ..team("g") }).await.unwrap();
    assert_eq!(directory.members_of(&group.id).len(), 1);
    let mut changes = directory.subscribe();
    let added = directory.change_members(&group.id, &[a.id.clone(), b.id.clone()], &[]).await.unwrap();
    assert_eq!(added.version, 2);
    assert_eq!(
        changes.try_recv().unwrap(),
        DirectoryChange::MembershipChanged { group: group.id.clone(), users: vec![b.id.clone()] }
    );
    let again = directory
        .change_members(&group.id, std::slice::from_ref(&b.id), &[DirectoryUserId::new("stranger")])
        .await
        .unwrap();
    assert_eq!(again.version, 2, "nothing changed");
    let unknown = directory
        .change_members(&group.id, &[DirectoryUserId::new("stranger")], std::slice::from_ref(&a.id))
        .await
        .unwrap_err();
    assert_eq!(unknown.kind(), ErrorKind::InvalidInput);
    assert!(directory.is_member(&group.id, &a.id), "refused as a whole");
    directory.replace_members(&group.id, &[]).await.unwrap();
    assert!(directory.groups_of(&a.id).is_empty());
    directory.change_members(&group.id, std::slice::from_ref(&a.id), &[]).await.unwrap();
    directory.delete_user(&a.id, None).await.unwrap();
    assert!(directory.members_of(&group.id).is_empty());
    assert_eq!(directory.group(&group.id).unwrap().version, 5, "its group changed with the person");
    directory.delete_group(&group.id, None).await.unwrap();
    assert!(directory.group(&group.id).is_none());
    let gone = directory.delete_group(&group.id, None).await.unwrap_err();
    assert_eq!(gone, DirectoryError::UnknownGroup(DirectoryGroupId::new(group.id.as_str())));
}

#[tokio::test]
async fn concurrent_membership_changes_are_all_kept() {
    let World { directory, .. } = world().await;
    let group = directory.create_group(team("g")).await.unwrap();
    let mut people = Vec::new();
    for number in 0..20 {
        people.push(directory.create_user(person(&format!("p{number}"))).await.unwrap().id.clone());
    }
    let tasks: Vec<_> = people
        .iter()
        .map(|id| {
            let (directory, group, id) = (Arc::clone(&directory), group.id.clone(), id.clone());
            base::task::spawn(
                "add a member",
                async move { directory.change_members(&group, &[id], &[]).await.unwrap() },
            )
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    assert_eq!(directory.members_of(&group.id).len(), 20);
    assert_eq!(directory.group(&group.id).unwrap().version, 21);
}

#[tokio::test]
async fn a_write_that_fails_changes_nothing_and_one_whose_outcome_is_unknown_is_read_again() {
    let World { directory, store, .. } = world().await;
    store.fail_before.store(true, Ordering::SeqCst);
    assert_eq!(directory.create_user(person("a")).await.unwrap_err().kind(), ErrorKind::Unavailable);
    assert!(directory.user_by_name("a").is_none());
    let mut changes = directory.subscribe();
    store.fail_after.store(true, Ordering::SeqCst);
    assert_eq!(directory.create_user(person("b")).await.unwrap_err().kind(), ErrorKind::Unavailable);
    let b = directory.user_by_name("b").expect("memory follows the store");
    assert_eq!(changes.try_recv().unwrap(), DirectoryChange::UserChanged(b.id.clone()));
}

#[tokio::test]
async fn a_caller_that_leaves_does_not_tear_store_and_memory_apart() {
    let World { directory, store, .. } = world().await;
    let mut changes = directory.subscribe();
    {
        let mut write = Box::pin(directory.create_user(person("a")));
        // polled once: the commit is on its way
        assert!(
            std::future::Future::poll(write.as_mut(), &mut std::task::Context::from_waker(std::task::Waker::noop()))
                .is_pending()
        );
    }
    changes.recv().await.unwrap();
    assert_eq!(directory.user_count(), 1);
    assert_eq!(store.writes.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn a_receiver_that_lags_is_told() {
    let World { directory, .. } = world().await;
    let mut changes = directory.subscribe();
    let a = directory.create_user(person("a")).await.unwrap();
    for number in 0..=ANNOUNCEMENTS {
        directory
            .replace_user(&a.id, None, NewUser { display_name: Some(number.to_string()), ..person("a") })
            .await
            .unwrap();
    }
    assert!(matches!(changes.recv().await, Err(broadcast::error::RecvError::Lagged(_))));
}

#[tokio::test]
async fn pages_are_ordered_by_id_and_continue_behind_a_deleted_one() {
    let World { directory, .. } = world().await;
    for number in 0..25 {
        directory.create_user(person(&format!("p{number}"))).await.unwrap();
    }
    let (all, total) = directory.users_at(0, 100);
    assert_eq!((all.len(), total), (25, 25));
    assert!(all.is_sorted_by(|a, b| a.id < b.id));
    assert_eq!(directory.users_at(20, 10).0, all[20..]);
    assert_eq!(directory.users(Some(&all[9].id), 5), all[10..15]);
    directory.delete_user(&all[9].id, None).await.unwrap();
    assert_eq!(directory.users(Some(&all[9].id), 5), all[10..15]);
    assert!(directory.users_at(usize::MAX, 10).0.is_empty());
}

#[tokio::test]
async fn scim_tokens_are_two_at_most_and_end() {
    let World { directory, clock, store } = world().await;
    let (first, text) = directory.create_scim_token(Duration::days(365)).await.unwrap();
    assert!(text.expose().starts_with(&format!("gh_scim_{first}_")));
    assert_eq!(directory.verify_scim_token(&text).unwrap().token_id(), first);
    let (second, other) = directory.create_scim_token(Duration::days(30)).await.unwrap();
    let error = directory.create_scim_token(Duration::days(30)).await.unwrap_err();
    assert!(error.public().hint.unwrap().contains(&first));
    // another secret under a known id, and other texts
    let forged = Secret::new(other.expose().replace(&second, &first));
    assert_eq!(directory.verify_scim_token(&forged), Err(ScimTokenRefusal::Unknown));
    for wrong in ["", "gh_scim_", "gh_scim_x", "Bearer", "gh_scim_ffffffffffffffff_x"] {
        assert!(directory.verify_scim_token(&Secret::from(wrong)).is_err(), "{wrong}");
    }
    clock.advance(Duration::days(30));
    assert!(matches!(directory.verify_scim_token(&other), Err(ScimTokenRefusal::Expired { .. })));
    let (third, _) = directory.create_scim_token(Duration::days(30)).await.expect("an expired one doesn't count");
    directory.delete_scim_token(&first).await.unwrap();
    assert!(matches!(directory.verify_scim_token(&text), Err(ScimTokenRefusal::Revoked { .. })));
    assert_eq!(directory.delete_scim_token("nope").await.unwrap_err().kind(), ErrorKind::NotFound);
    let mut ids: Vec<_> = directory.scim_tokens().into_iter().map(|token| token.id).collect();
    ids.sort();
    let mut expected = vec![first, second, third];
    expected.sort();
    assert_eq!(ids, expected);
    let kept = format!("{:?}", store.load().await.unwrap().scim_tokens);
    let secret = text.expose().rsplit_once('_').unwrap().1;
    assert!(!kept.contains(secret));
}
