use std::collections::{BTreeMap, BTreeSet};

use base::id::{DirectoryGroupId, DirectoryUserId, PushTargetId, SsoApplicationId};
use proptest::prelude::*;
use push::target::{Assigned, Deprovision, Target};
use push::{Failed, MemoryStore, Object, PushStore, PushWrite, PushedGroup, PushedUser};
use serde_json::json;
use time::OffsetDateTime;

use crate::{SqlitePush, Store};

fn target(id: &str, assigned: Assigned) -> Target {
    Target {
        id: PushTargetId::new(id),
        name: format!("a 'quoted' name of {id}"),
        url: "https://scim.example.com/v2".to_owned(),
        sealed_token: "sealed".to_owned(),
        private_network: true,
        assigned,
        pushed_groups: [DirectoryGroupId::new("g'1")].into(),
        deprovision: Deprovision::Delete,
        enabled: true,
        paused: Some("The token is wrong.".to_owned()),
        version: 7,
        created: OffsetDateTime::UNIX_EPOCH,
        modified: OffsetDateTime::UNIX_EPOCH + time::Duration::nanoseconds(1),
    }
}

fn user(of: &str, user: &str, remote: &str) -> PushedUser {
    let sent = json!({"userName": user, "active": true}).as_object().unwrap().clone();
    PushedUser { target: PushTargetId::new(of), user: DirectoryUserId::new(user), remote: remote.to_owned(), sent }
}

fn group(of: &str, group: &str, created: bool) -> PushedGroup {
    PushedGroup {
        target: PushTargetId::new(of),
        group: DirectoryGroupId::new(group),
        remote: format!("remote-{group}"),
        display_name: group.to_uppercase(),
        created,
    }
}

fn failed(of: &str, object: Object, attempts: u32) -> Failed {
    Failed {
        target: PushTargetId::new(of),
        name: object.id().to_uppercase(),
        object,
        message: "The server answers 400.".to_owned(),
        attempts,
        since: OffsetDateTime::UNIX_EPOCH,
        next_retry: OffsetDateTime::UNIX_EPOCH + time::Duration::HOUR,
    }
}

#[tokio::test]
async fn everything_survives_a_restart() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("idp.sqlite");
    let store = Store::open_idp(&path).await.unwrap();
    let targets = [
        target("pst-1", Assigned::Groups([DirectoryGroupId::new("a"), DirectoryGroupId::new("b")].into())),
        target("pst-2", Assigned::Application(SsoApplicationId::new("app-1"))),
    ];
    let failure = failed("pst-1", Object::Group(DirectoryGroupId::new("g1")), 3);
    let mut writes: Vec<PushWrite> = targets.iter().cloned().map(PushWrite::PutTarget).collect();
    writes.push(PushWrite::PutUser(user("pst-1", "ethan", "r1")));
    writes.push(PushWrite::PutGroup(group("pst-1", "g1", true)));
    writes.push(PushWrite::PutFailed(failure.clone()));
    SqlitePush::new(&store).apply(&writes).await.unwrap();
    store.close().await;

    let store = Store::open_idp(&path).await.unwrap();
    let push = SqlitePush::new(&store);
    let id = PushTargetId::new("pst-1");
    assert_eq!(push.targets().await.unwrap(), targets);
    assert_eq!(push.user(&id, &DirectoryUserId::new("ethan")).await.unwrap(), Some(user("pst-1", "ethan", "r1")));
    assert_eq!(push.groups(&id).await.unwrap(), [group("pst-1", "g1", true)]);
    assert_eq!(push.failed_after(&id, None, 10).await.unwrap(), [failure]);
    push.apply(&[PushWrite::DeleteTarget(id.clone())]).await.unwrap();
    assert_eq!((push.targets().await.unwrap().len(), push.totals(&id).await.unwrap().users), (1, 0));
}

#[tokio::test]
async fn a_transaction_is_whole_or_nothing() {
    let directory = tempfile::tempdir().unwrap();
    let store = Store::open_idp(&directory.path().join("idp.sqlite")).await.unwrap();
    let push = SqlitePush::new(&store);
    let id = PushTargetId::new("pst-1");
    push.apply(&[PushWrite::PutTarget(target("pst-1", Assigned::Groups(BTreeSet::new())))]).await.unwrap();
    let half = [PushWrite::PutUser(user("pst-1", "ethan", "r1")), PushWrite::PutUser(user("pst-gone", "ethan", "r1"))];
    push.apply(&half).await.unwrap_err();
    assert_eq!(push.totals(&id).await.unwrap().users, 0);
}

const TARGETS: [&str; 2] = ["pst-1", "pst-2"];

fn write() -> impl Strategy<Value = PushWrite> {
    let of = || proptest::sample::select(&TARGETS[..]);
    let id = |of: &str| PushTargetId::new(of);
    let members = || proptest::collection::vec("r[1-4]", 0..4);
    prop_oneof![
        (of(), "[a-d]").prop_map(|(of, name)| PushWrite::PutUser(user(of, &name, &format!("r-{name}")))),
        (of(), "[a-d]", "r[1-4]").prop_map(|(of, name, remote)| PushWrite::PutUser(user(of, &name, &remote))),
        (of(), "[a-d]")
            .prop_map(move |(of, user)| PushWrite::DeleteUser { target: id(of), user: DirectoryUserId::new(user) }),
        (of(), "[x-z]", any::<bool>()).prop_map(|(of, name, created)| PushWrite::PutGroup(group(of, &name, created))),
        (of(), "[x-z]").prop_map(move |(of, group)| PushWrite::DeleteGroup {
            target: id(of),
            group: DirectoryGroupId::new(group)
        }),
        (of(), "[x-z]", members()).prop_map(move |(of, group, members)| PushWrite::AddMembers {
            target: id(of),
            group: DirectoryGroupId::new(group),
            members
        }),
        (of(), "[x-z]", members()).prop_map(move |(of, group, members)| PushWrite::RemoveMembers {
            target: id(of),
            group: DirectoryGroupId::new(group),
            members
        }),
        (of(), "[a-d]", 1_u32..9).prop_map(|(of, name, attempts)| {
            PushWrite::PutFailed(failed(of, Object::User(DirectoryUserId::new(name)), attempts))
        }),
        (of(), "[x-z]", 1_u32..9).prop_map(|(of, name, attempts)| {
            PushWrite::PutFailed(failed(of, Object::Group(DirectoryGroupId::new(name)), attempts))
        }),
        (of(), "[a-d]").prop_map(move |(of, name)| PushWrite::DeleteFailed {
            target: id(of),
            object: Object::User(DirectoryUserId::new(name))
        }),
        (of(), "[a-d]").prop_map(move |(of, name)| PushWrite::Begin {
            target: id(of),
            object: Object::User(DirectoryUserId::new(name))
        }),
        (of(), "[x-z]").prop_map(move |(of, name)| PushWrite::Begin {
            target: id(of),
            object: Object::Group(DirectoryGroupId::new(name))
        }),
        (of(), "[a-d]").prop_map(move |(of, name)| PushWrite::End {
            target: id(of),
            object: Object::User(DirectoryUserId::new(name))
        }),
        of().prop_map(move |of| PushWrite::Forget(id(of))),
    ]
}

/// Everything that can be asked, in words.
async fn asked(store: &dyn PushStore) -> Vec<String> {
    let mut said = Vec::new();
    let remotes: Vec<String> = (1..5).map(|number| format!("r{number}")).collect();
    let people: Vec<DirectoryUserId> = ["a", "b", "c", "d"].into_iter().map(DirectoryUserId::new).collect();
    for id in TARGETS.map(PushTargetId::new) {
        said.push(format!("{:?}", store.users_after(&id, None, 10).await));
        said.push(format!("{:?}", store.users_after(&id, Some(&DirectoryUserId::new("b")), 1).await));
        said.push(format!("{:?}", store.user(&id, &DirectoryUserId::new("a")).await));
        said.push(format!("{:?}", store.remote_ids(&id, &people[1..3]).await));
        said.push(format!("{:?}", store.ours(&id, &remotes).await));
        said.push(format!("{:?}", store.groups(&id).await));
        said.push(format!("{:?}", store.totals(&id).await));
        let begun: BTreeSet<Object> = store.begun(&id).await.unwrap().into_iter().collect();
        said.push(format!("{begun:?}"));
        said.push(format!("{:?}", store.failed_after(&id, None, 3).await));
        let after = Object::User(DirectoryUserId::new("b"));
        said.push(format!("{:?}", store.failed_after(&id, Some(&after), 10).await));
        for group in ["x", "y", "z"].map(DirectoryGroupId::new) {
            said.push(format!("{:?}", store.group(&id, &group).await));
            said.push(format!("{:?}", store.members(&id, &group).await));
            said.push(format!("{:?}", store.members_among(&id, &group, &remotes[..2]).await));
        }
        for remote in &remotes {
            let mut groups = store.groups_of(&id, remote).await.unwrap();
            groups.sort();
            said.push(format!("{groups:?}"));
        }
    }
    said
}

#[test]
fn both_stores_answer_the_same() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let config = ProptestConfig { cases: 48, ..ProptestConfig::default() };
    proptest!(config, |(writes in proptest::collection::vec(write(), 1..30))| {
        let (sqlite, memory) = runtime.block_on(async {
            let directory = tempfile::tempdir().unwrap();
            let store = Store::open_idp(&directory.path().join("idp.sqlite")).await.unwrap();
            let (sqlite, memory) = (SqlitePush::new(&store), MemoryStore::default());
            for of in TARGETS {
                let put = PushWrite::PutTarget(target(of, Assigned::Groups(BTreeSet::new())));
                sqlite.apply(std::slice::from_ref(&put)).await.unwrap();
                memory.apply(&[put]).await.unwrap();
            }
            let mut outcomes = BTreeMap::new();
            for (number, write) in writes.iter().enumerate() {
                let both = (
                    sqlite.apply(std::slice::from_ref(write)).await.is_ok(),
                    memory.apply(std::slice::from_ref(write)).await.is_ok(),
                );
                outcomes.insert(number, both);
            }
            assert!(outcomes.values().all(|(one, other)| one == other), "{outcomes:?}");
            let said = (asked(&sqlite).await, asked(&memory).await);
            store.close().await;
            said
        });
        prop_assert_eq!(sqlite, memory);
    });
}
