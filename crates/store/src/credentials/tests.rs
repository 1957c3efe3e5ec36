use base::id::WarehouseId;
use credentials::{AuthenticationProfile, CredentialStore as _, CredentialWrite, StoredCredential};
use time::{Duration, OffsetDateTime};

use crate::{SqliteCredentials, Store};

fn stored(id: &str, expires: OffsetDateTime) -> StoredCredential {
    StoredCredential {
        id: id.to_owned(),
        warehouse: WarehouseId::new("w-1"),
        login_name: "IAM:bob".to_owned(),
        expires,
        sealed: format!("sealed {id}"),
    }
}

fn profile(name: &str, content: &str) -> AuthenticationProfile {
    AuthenticationProfile::new(name.to_owned(), content.to_owned()).unwrap()
}

#[tokio::test]
async fn what_was_written_is_there_after_a_restart() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("control.sqlite");
    let at = OffsetDateTime::from_unix_timestamp(1_772_323_170).unwrap();
    let (first, second, third) = (stored("b", at), stored("a", at + Duration::SECOND), stored("c", at));
    {
        let store = Store::open(&path).await.unwrap();
        let port = SqliteCredentials::new(&store);
        let writes = [&first, &second, &third].map(|credential| CredentialWrite::Put(credential.clone()));
        port.apply(&writes).await.unwrap();
        port.apply(&[
            CredentialWrite::Delete("c".to_owned()),
            CredentialWrite::PutProfile(profile("one", "{}")),
            CredentialWrite::PutProfile(profile("two", "{}")),
            CredentialWrite::PutProfile(profile("two", r#"{"a": 1}"#)),
            CredentialWrite::DeleteProfile("one".to_owned()),
        ])
        .await
        .unwrap();
        store.close().await;
    }
    let store = Store::open(&path).await.unwrap();
    let port = SqliteCredentials::new(&store);
    let found = port.load().await.unwrap();
    assert_eq!(found.credentials, [first.clone(), second.clone()]);
    assert_eq!(found.profiles, [profile("two", r#"{"a": 1}"#)]);
    port.apply(&[CredentialWrite::DeleteExpired(at + Duration::SECOND)]).await.unwrap();
    assert_eq!(port.load().await.unwrap().credentials, [second]);
}

#[tokio::test]
async fn a_batch_is_one_transaction() {
    let directory = tempfile::tempdir().unwrap();
    let store = Store::open(&directory.path().join("control.sqlite")).await.unwrap();
    let port = SqliteCredentials::new(&store);
    let at = OffsetDateTime::UNIX_EPOCH;
    // the same id twice
    port.apply(&[CredentialWrite::Put(stored("a", at)), CredentialWrite::Put(stored("a", at))]).await.unwrap_err();
    assert!(port.load().await.unwrap().credentials.is_empty());
}
