use base::Secret;
use time::Duration;

use super::fixture::{Fixture, at, refused};
use crate::{KeyHolder, KeyOwner, LegacyRootKey, MemoryStore};

#[tokio::test]
async fn a_key_has_aws_shape_and_its_owner() {
    let fixture = Fixture::new().await;
    fixture.user("bob").await;
    let key = fixture.iam.create_access_key(KeyHolder::User("bob")).await.unwrap();
    assert!(key.id.starts_with("AKIA") && key.id.len() == 20, "{}", key.id);
    assert_eq!(key.secret.expose().len(), 40);
    assert_eq!(key.owner, KeyOwner::User(fixture.iam.user("bob").unwrap().id.clone()));
    assert!(!format!("{key:?}").contains(key.secret.expose()));
    assert_eq!(fixture.iam.access_keys_of(&key.owner).len(), 1);
}

#[tokio::test]
async fn a_key_is_made_inactive_and_active_by_its_owner_alone() {
    let fixture = Fixture::new().await;
    let iam = &fixture.iam;
    fixture.user("bob").await;
    fixture.user("eve").await;
    let key = iam.create_access_key(KeyHolder::User("bob")).await.unwrap();
    for stranger in [KeyHolder::User("eve"), KeyHolder::Root] {
        let words = format!("The Access Key with id {} cannot be found.", key.id);
        refused(iam.set_access_key_active(stranger, &key.id, false).await, "NoSuchEntity", &words);
        refused(iam.delete_access_key(stranger, &key.id).await, "NoSuchEntity", &words);
    }
    iam.set_access_key_active(KeyHolder::User("bob"), &key.id, false).await.unwrap();
    assert!(!iam.access_key(&key.id).unwrap().active);
    assert!(!fixture.reopened().await.access_key(&key.id).unwrap().active);
    iam.set_access_key_active(KeyHolder::User("bob"), &key.id, true).await.unwrap();
    assert!(iam.access_key(&key.id).unwrap().active);
    iam.delete_access_key(KeyHolder::User("bob"), &key.id).await.unwrap();
    assert!(iam.access_key(&key.id).is_none());
    refused(iam.create_access_key(KeyHolder::User("none")).await, "NoSuchEntity", "The user with name none");
}

#[tokio::test]
async fn roots_last_active_key_stays() {
    let fixture = Fixture::new().await;
    let iam = &fixture.iam;
    let first = iam.root();
    refused(iam.delete_access_key(KeyHolder::Root, &first.id).await, "DeleteConflict", "root's last active access key");
    refused(iam.set_access_key_active(KeyHolder::Root, &first.id, false).await, "DeleteConflict", "last active");
    fixture.clock.advance(Duration::HOUR);
    let second = iam.create_access_key(KeyHolder::Root).await.unwrap();
    assert_eq!(iam.root().id, first.id);
    iam.set_access_key_active(KeyHolder::Root, &first.id, false).await.unwrap();
    assert_eq!(iam.root().id, second.id);
    refused(iam.delete_access_key(KeyHolder::Root, &second.id).await, "DeleteConflict", "last active");
    iam.delete_access_key(KeyHolder::Root, &first.id).await.unwrap();
    assert_eq!(fixture.reopened().await.root().id, second.id);
}

#[tokio::test]
async fn roots_key_of_an_older_data_directory_is_taken_over() {
    let old = LegacyRootKey { id: "AKIAOLD".to_owned(), secret: Secret::from("old"), created: at() };
    let fixture = Fixture::over(MemoryStore::with_legacy_root_key(old)).await;
    assert_eq!((fixture.iam.root().id.as_str(), fixture.iam.root().secret.expose().as_str()), ("AKIAOLD", "old"));
    let reopened = fixture.reopened().await;
    assert_eq!(reopened.root().id, "AKIAOLD");
    assert_eq!(reopened.summary().root_keys, 1);
}

#[tokio::test]
async fn when_a_key_was_last_used_is_told_to_the_minute() {
    let fixture = Fixture::new().await;
    let iam = &fixture.iam;
    let root = iam.root().id.clone();
    assert_eq!(iam.key_last_used(&root), None);
    iam.note_key_used(&root, "sts", "us-east-1");
    fixture.clock.advance(Duration::seconds(30));
    iam.note_key_used(&root, "sts", "us-east-1");
    assert_eq!(iam.key_last_used(&root).unwrap().at, at());
    iam.note_key_used(&root, "redshift", "eu-west-1");
    let used = iam.key_last_used(&root).unwrap();
    assert_eq!(
        (used.at, used.service.as_str(), used.region.as_str()),
        (at() + Duration::seconds(30), "redshift", "eu-west-1")
    );
    fixture.clock.advance(Duration::MINUTE);
    iam.note_key_used(&root, "redshift", "eu-west-1");
    assert_eq!(iam.key_last_used(&root).unwrap().at, at() + Duration::seconds(90));
    iam.note_key_used("AKIASTRANGER", "sts", "us-east-1");
    assert_eq!(iam.key_last_used("AKIASTRANGER"), None);
    iam.flush_used().await.unwrap();
    assert_eq!(fixture.reopened().await.key_last_used(&root), iam.key_last_used(&root));
}

#[tokio::test]
async fn a_use_that_couldnt_be_written_is_written_later() {
    let fixture = Fixture::new().await;
    let root = fixture.iam.root().id.clone();
    fixture.iam.note_key_used(&root, "sts", "us-east-1");
    fixture.store.set_broken(true);
    refused(fixture.iam.flush_used().await, "ServiceFailure", "broken on purpose");
    fixture.store.set_broken(false);
    fixture.iam.flush_used().await.unwrap();
    assert!(fixture.reopened().await.key_last_used(&root).is_some());
}
