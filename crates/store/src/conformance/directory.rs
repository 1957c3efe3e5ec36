//! The port of the directory.

use std::sync::Arc;

use ::directory::{
    DirectoryError, DirectoryGroup, DirectoryStore, DirectoryUser, DirectoryWrite, Origin, ResetLink, ScimToken,
    StoredDirectory, StoredPassword,
};
use base::Secret;
use base::id::{DirectoryGroupId, DirectoryUserId};
use serde_json::json;
use time::macros::datetime;

fn user(id: &str, user_name: &str) -> DirectoryUser {
    DirectoryUser {
        id: DirectoryUserId::new(id),
        user_name: user_name.to_owned(),
        external_id: Some(format!("external-{id}")),
        active: true,
        display_name: Some("Zoë % _ 'quoted'".to_owned()),
        given_name: None,
        family_name: Some(String::new()),
        email: Some("e@example.com".to_owned()),
        attributes: json!({"emails": [{"value": "e@example.com"}], "active": null}).as_object().unwrap().clone(),
        origin: Origin::Scim,
        version: 3,
        created: datetime!(2026-01-02 03:04:05.678901234 UTC),
        modified: datetime!(2026-02-02 03:04:05 UTC),
    }
}

fn group(id: &str, display_name: &str) -> DirectoryGroup {
    DirectoryGroup {
        id: DirectoryGroupId::new(id),
        display_name: display_name.to_owned(),
        external_id: None,
        attributes: serde_json::Map::new(),
        origin: Origin::Api,
        version: 1,
        created: datetime!(2026-01-02 03:04:05 UTC),
        modified: datetime!(2026-01-02 03:04:05 UTC),
    }
}

fn token() -> ScimToken {
    ScimToken {
        id: "0011223344556677".to_owned(),
        hash: Secret::from("ab"),
        created: datetime!(2026-01-02 03:04:05 UTC),
        expires: datetime!(2027-01-02 03:04:05 UTC),
        revoked: None,
        last_used: None,
    }
}

fn put_user(user: DirectoryUser) -> DirectoryWrite {
    DirectoryWrite::PutUser(Arc::new(user))
}

fn put_group(group: DirectoryGroup) -> DirectoryWrite {
    DirectoryWrite::PutGroup(Arc::new(group))
}

fn member(group: &str, user: &str) -> (DirectoryGroupId, DirectoryUserId) {
    (DirectoryGroupId::new(group), DirectoryUserId::new(user))
}

fn add(group: &str, users: &[&str]) -> DirectoryWrite {
    let users = users.iter().copied().map(DirectoryUserId::new).collect();
    DirectoryWrite::AddMembers { group: DirectoryGroupId::new(group), users }
}

fn password(hash: Option<&str>, must_change: bool) -> StoredPassword {
    let changed = datetime!(2026-03-01 00:00:00.5 UTC);
    StoredPassword { user: DirectoryUserId::new("u1"), hash: hash.map(Secret::from), must_change, changed }
}

fn link(hash: &str) -> ResetLink {
    ResetLink {
        user: DirectoryUserId::new("u1"),
        hash: Secret::from(hash),
        created: datetime!(2026-03-01 00:00:00 UTC),
        expires: datetime!(2026-03-08 00:00:00 UTC),
        ended: None,
    }
}

async fn loaded(store: &dyn DirectoryStore) -> StoredDirectory {
    let mut stored = store.load().await.unwrap();
    stored.users.sort_by(|a, b| a.id.cmp(&b.id));
    stored.groups.sort_by(|a, b| a.id.cmp(&b.id));
    stored.members.sort();
    stored
}

/// Fills an empty store.
pub(crate) async fn write(store: &dyn DirectoryStore) {
    assert!(loaded(store).await.users.is_empty());
    let writes = [
        put_user(user("u1", "Ethan")),
        put_user(user("u2", "fiona")),
        put_group(group("g1", "awssso-sales")),
        put_group(group("g2", "awssso-finance")),
        add("g1", &["u1"]),
        add("g1", &["u2", "u1", "u2"]),
        add("g2", &["u2"]),
        DirectoryWrite::PutPassword(password(Some("$argon2id$1"), true)),
        DirectoryWrite::PutResetLink(link("aa")),
        DirectoryWrite::PutScimToken(token()),
    ];
    store.apply(&writes).await.unwrap();
    replaces(store).await;
    is_all_or_nothing(store).await;
}

/// A put of a row that exists replaces its values and touches nothing that hangs on it.
async fn replaces(store: &dyn DirectoryStore) {
    let changed = DirectoryUser { active: false, version: 4, external_id: None, ..user("u1", "ethan.new") };
    let renamed = DirectoryGroup { version: 2, ..group("g1", "AWSSSO-Sales") };
    let (revoked, last_used) = (Some(datetime!(2026-06-01 00:00:00 UTC)), Some(datetime!(2026-05-01 00:00:00 UTC)));
    let ended = Some(datetime!(2026-03-02 00:00:00 UTC));
    let writes = [
        put_user(changed),
        put_group(renamed),
        DirectoryWrite::PutPassword(password(Some("$argon2id$2"), false)),
        DirectoryWrite::PutResetLink(ResetLink { ended, ..link("bb") }),
        DirectoryWrite::PutScimToken(ScimToken { revoked, last_used, ..token() }),
    ];
    store.apply(&writes).await.unwrap();
}

/// The last of these writes fails, so none is done.
async fn is_all_or_nothing(store: &dyn DirectoryStore) {
    for last in [
        put_user(user("u4", "FIONA")),
        put_group(group("g4", "AWSSSO-FINANCE")),
        add("g1", &["u1", "nobody"]),
        add("none", &["u1"]),
    ] {
        let outcome = store.apply(&[put_user(user("u3", "olivia")), last.clone()]).await;
        assert!(matches!(outcome, Err(DirectoryError::Store(_))), "{last:?}");
        assert_eq!(loaded(store).await.users.len(), 2, "{last:?}");
    }
}

/// What [`write`] left, after the store was closed and opened again.
pub(crate) async fn read_again(store: &dyn DirectoryStore) {
    let stored = loaded(store).await;
    let changed = DirectoryUser { active: false, version: 4, external_id: None, ..user("u1", "ethan.new") };
    assert_eq!(stored.users, [changed, user("u2", "fiona")]);
    assert_eq!(
        stored.groups,
        [DirectoryGroup { version: 2, ..group("g1", "AWSSSO-Sales") }, group("g2", "awssso-finance")]
    );
    assert_eq!(stored.members, [member("g1", "u1"), member("g1", "u2"), member("g2", "u2")]);
    let [kept] = stored.passwords.as_slice() else { panic!("{:?}", stored.passwords) };
    assert!(kept.hash.as_ref().unwrap().matches(b"$argon2id$2"));
    assert_eq!((kept.user.as_str(), kept.must_change, kept.changed), ("u1", false, password(None, false).changed));
    let [kept] = stored.reset_links.as_slice() else { panic!("{:?}", stored.reset_links) };
    assert!(kept.user.as_str() == "u1" && kept.hash.matches(b"bb"), "one link a person");
    assert_eq!((kept.expires, kept.ended), (link("").expires, Some(datetime!(2026-03-02 00:00:00 UTC))));
    let tokens: Vec<_> = stored
        .scim_tokens
        .iter()
        .map(|token| (token.id.as_str(), token.hash.expose().as_str(), token.revoked, token.last_used))
        .collect();
    let (revoked, used) = (datetime!(2026-06-01 00:00:00 UTC), datetime!(2026-05-01 00:00:00 UTC));
    assert_eq!(tokens, [("0011223344556677", "ab", Some(revoked), Some(used))]);
    assert!(stored.membership_salt.expose().len() >= 32);
    numbers_stay(store).await;
    deletes(store).await;
}

/// A membership keeps its number, is found by it, and leaves it to nobody.
async fn numbers_stay(store: &dyn DirectoryStore) {
    let asked = [member("g2", "u2"), member("g2", "u1"), member("none", "u1"), member("g1", "u2"), member("g2", "u2")];
    let numbers = store.membership_numbers(&asked).await.unwrap();
    let [Some(first), None, None, Some(second), Some(again)] = numbers.as_slice() else { panic!("{numbers:?}") };
    assert!(first == again && first != second);
    assert_eq!(store.membership(*first).await.unwrap(), Some(member("g2", "u2")));
    store.apply(&[add("g2", &["u2", "u1"])]).await.unwrap();
    assert_eq!(store.membership_numbers(&asked[..1]).await.unwrap(), [Some(*first)]);
    let (group, users) = (DirectoryGroupId::new("g2"), vec![DirectoryUserId::new("u2"), DirectoryUserId::new("u1")]);
    store.apply(&[DirectoryWrite::RemoveMembers { group, users }, add("g2", &["u2"])]).await.unwrap();
    let new = store.membership_numbers(&asked[..2]).await.unwrap();
    assert!(new[0].is_some_and(|new| new > *first) && new[1].is_none(), "{new:?} after {first}");
    for nobody in [*first, 0, u64::MAX] {
        assert_eq!(store.membership(nobody).await.unwrap(), None);
    }
    assert!(store.membership_numbers(&[]).await.unwrap().is_empty());
}

async fn deletes(store: &dyn DirectoryStore) {
    let (group, u2) = member("g1", "u2");
    let users = vec![u2, DirectoryUserId::new("nobody")];
    store.apply(&[DirectoryWrite::RemoveMembers { group, users }]).await.unwrap();
    assert_eq!(loaded(store).await.members, [member("g1", "u1"), member("g2", "u2")]);
    store.apply(&[DirectoryWrite::DeleteGroup(DirectoryGroupId::new("g2"))]).await.unwrap();
    assert_eq!(loaded(store).await.members, [member("g1", "u1")]);
    store.apply(&[DirectoryWrite::DeleteUser(DirectoryUserId::new("u1"))]).await.unwrap();
    let stored = loaded(store).await;
    assert!(stored.members.is_empty(), "memberships go with their person");
    assert!(stored.passwords.is_empty() && stored.reset_links.is_empty(), "passwords and links go with their person");
    assert_eq!(stored.users, [user("u2", "fiona")]);
}

/// More people than one statement takes.
pub(crate) async fn takes_many_members(store: &dyn DirectoryStore) {
    let ids: Vec<String> = (0..5_001).map(|number| format!("many{number:05}")).collect();
    let mut writes: Vec<_> =
        ids.iter().map(|id| put_user(DirectoryUser { external_id: None, ..user(id, id) })).collect();
    writes.push(put_group(group("many", "many")));
    let users: Vec<DirectoryUserId> = ids.iter().map(|id| DirectoryUserId::new(id.as_str())).collect();
    writes.push(DirectoryWrite::AddMembers { group: DirectoryGroupId::new("many"), users: users.clone() });
    store.apply(&writes).await.unwrap();
    assert_eq!(loaded(store).await.members.len(), 5_001);
    let leaving = users.iter().skip(1).cloned().collect();
    store
        .apply(&[DirectoryWrite::RemoveMembers { group: DirectoryGroupId::new("many"), users: leaving }])
        .await
        .unwrap();
    assert_eq!(loaded(store).await.members, [member("many", "many00000")]);
}
