//! A membership is ended by its id: one that is made anew meanwhile is another one.

use super::*;
use crate::membership::MembershipId;

/// Tells that a membership was looked up, and lets others go on before it answers.
#[derive(Debug)]
struct Watched {
    kept: MemoryStore,
    looked_up: tokio::sync::Notify,
}

#[async_trait::async_trait]
impl DirectoryStore for Watched {
    async fn load(&self) -> Result<StoredDirectory, DirectoryError> {
        self.kept.load().await
    }

    async fn apply(&self, writes: &[DirectoryWrite]) -> Result<(), DirectoryError> {
        self.kept.apply(writes).await
    }

    async fn membership_numbers(
        &self,
        memberships: &[(DirectoryGroupId, DirectoryUserId)],
    ) -> Result<Vec<Option<u64>>, DirectoryError> {
        self.kept.membership_numbers(memberships).await
    }

    async fn membership(&self, number: u64) -> Result<Option<(DirectoryGroupId, DirectoryUserId)>, DirectoryError> {
        let found = self.kept.membership(number).await;
        self.looked_up.notify_one();
        for _ in 0..100 {
            tokio::task::yield_now().await;
        }
        found
    }
}

#[tokio::test]
async fn a_membership_that_is_made_anew_meanwhile_stays() {
    let store = Arc::new(Watched { kept: MemoryStore::default(), looked_up: tokio::sync::Notify::new() });
    let clock = Arc::new(FixedClock::at(OffsetDateTime::UNIX_EPOCH));
    let directory = Directory::open(store.clone(), clock).await.unwrap();
    let new = NewUser { user_name: "ethan".to_owned(), active: true, ..NewUser::default() };
    let user = directory.create_user(new).await.unwrap().id.clone();
    let new = NewGroup { display_name: "sales".to_owned(), ..NewGroup::default() };
    let group = directory.create_group(new).await.unwrap().id.clone();
    let one = std::slice::from_ref(&user);
    directory.change_members(&group, one, &[]).await.unwrap();
    let first = directory.membership_id(&group, &user).await.unwrap().unwrap();

    let again = async {
        store.looked_up.notified().await;
        directory.change_members(&group, &[], one).await.unwrap();
        directory.change_members(&group, one, &[]).await.unwrap();
    };
    let (ended, ()) = tokio::join!(directory.end_membership(&first), again);
    assert!(ended.unwrap());
    assert!(directory.is_member(&group, &user));
    assert_ne!(directory.membership_id(&group, &user).await.unwrap(), Some(first.clone()));

    assert!(!directory.end_membership(&first).await.unwrap());
    assert!(!directory.end_membership(&MembershipId::new("x")).await.unwrap());
    assert!(directory.is_member(&group, &user));
}

#[tokio::test]
async fn a_persons_groups_change_together_or_not_at_all() {
    let World { directory, store, .. } = world().await;
    let ethan = directory.create_user(person("ethan")).await.unwrap();
    let groups: Vec<_> = {
        let mut ids = Vec::new();
        for name in ["a", "b", "c"] {
            let noted = DirectoryGroupId::new(base::id::uuid());
            let made = directory.create_group_as(noted.clone(), team(name)).await.unwrap();
            assert_eq!(made.id, noted);
            ids.push(noted);
        }
        ids
    };
    directory.change_groups_of(&ethan.id, &groups[..2], &[]).await.unwrap();
    let mut changes = directory.subscribe();
    directory.change_groups_of(&ethan.id, &groups, &groups[1..2]).await.unwrap();
    let is_in = |group: &DirectoryGroupId| directory.is_member(group, &ethan.id);
    assert_eq!(groups.iter().map(is_in).collect::<Vec<_>>(), [true, false, true], "in both lists: left");
    let users = vec![ethan.id.clone()];
    for group in [&groups[2], &groups[1]] {
        let expected = DirectoryChange::MembershipChanged { group: group.clone(), users: users.clone() };
        assert_eq!(changes.try_recv().unwrap(), expected);
    }
    assert!(changes.try_recv().is_err(), "who is in already doesn't join");
    let writes = store.writes.load(Ordering::SeqCst);
    directory.change_groups_of(&ethan.id, &groups[..1], &groups[1..2]).await.unwrap();
    assert_eq!(store.writes.load(Ordering::SeqCst), writes);
    let unknown = DirectoryGroupId::new("nowhere");
    let lost = directory.change_groups_of(&ethan.id, &[groups[1].clone(), unknown], &groups[..1]).await.unwrap_err();
    assert!(matches!(lost, DirectoryError::UnknownGroup(_)) && is_in(&groups[0]) && !is_in(&groups[1]));
    let gone = directory.change_groups_of(&DirectoryUserId::new("nobody"), &groups, &[]).await.unwrap_err();
    assert!(matches!(gone, DirectoryError::UnknownMembers(_)));
}
