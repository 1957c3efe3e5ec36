//! The port of the directory.

use std::sync::Arc;

use ::directory::{
    DirectoryError, DirectoryGroup, DirectoryStore, DirectoryUser, DirectoryWrite, ScimToken, StoredDirectory,
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

fn add(group: &str, user: &str) -> DirectoryWrite {
    let (group, user) = member(group, user);
    DirectoryWrite::AddMember { group, user }
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
    let password = DirectoryWrite::PutPassword { user: DirectoryUserId::new("u1"), hash: Secret::from("$argon2id$1") };
    let writes = [
        put_user(user("u1", "Ethan")),
        put_user(user("u2", "fiona")),
        put_group(group("g1", "awssso-sales")),
        put_group(group("g2", "awssso-finance")),
        add("g1", "u1"),
        add("g1", "u2"),
        add("g1", "u2"),
        add("g2", "u2"),
        password,
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
    let password = DirectoryWrite::PutPassword { user: DirectoryUserId::new("u1"), hash: Secret::from("$argon2id$2") };
    let revoked = ScimToken { revoked: Some(datetime!(2026-06-01 00:00:00 UTC)), ..token() };
    let writes = [put_user(changed), put_group(renamed), password, DirectoryWrite::PutScimToken(revoked)];
    store.apply(&writes).await.unwrap();
}

/// The last of these writes fails, so none is done.
async fn is_all_or_nothing(store: &dyn DirectoryStore) {
    for last in [
        put_user(user("u4", "FIONA")),
        put_group(group("g4", "AWSSSO-FINANCE")),
        add("g1", "nobody"),
        add("none", "u1"),
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
    let passwords: Vec<_> =
        stored.passwords.iter().map(|(user, hash)| (user.as_str(), hash.expose().as_str())).collect();
    assert_eq!(passwords, [("u1", "$argon2id$2")]);
    let tokens: Vec<_> = stored
        .scim_tokens
        .iter()
        .map(|token| (token.id.as_str(), token.hash.expose().as_str(), token.revoked))
        .collect();
    assert_eq!(tokens, [("0011223344556677", "ab", Some(datetime!(2026-06-01 00:00:00 UTC)))]);
    deletes(store).await;
}

async fn deletes(store: &dyn DirectoryStore) {
    let (g1, u2) = member("g1", "u2");
    store.apply(&[DirectoryWrite::RemoveMember { group: g1, user: u2 }]).await.unwrap();
    assert_eq!(loaded(store).await.members, [member("g1", "u1"), member("g2", "u2")]);
    store.apply(&[DirectoryWrite::DeleteGroup(DirectoryGroupId::new("g2"))]).await.unwrap();
    assert_eq!(loaded(store).await.members, [member("g1", "u1")]);
    store.apply(&[DirectoryWrite::DeleteUser(DirectoryUserId::new("u1"))]).await.unwrap();
    let stored = loaded(store).await;
    assert!(stored.members.is_empty(), "memberships go with their person");
    assert!(stored.passwords.is_empty(), "passwords go with their person");
    assert_eq!(stored.users, [user("u2", "fiona")]);
}
