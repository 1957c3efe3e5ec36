use std::sync::Arc;

use proptest::prelude::*;
use sqlx::Row as _;

use super::*;
use crate::conformance::{directory, directory_model};

#[tokio::test]
async fn conforms() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("control.db");
    let store = Store::open(&path).await.unwrap();
    directory::write(&SqliteDirectory::new(&store)).await;
    store.close().await;
    drop(store);
    directory::read_again(&SqliteDirectory::new(&Store::open(&path).await.unwrap())).await;
}

#[tokio::test]
async fn takes_many_members() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(&folder.path().join("control.db")).await.unwrap();
    directory::takes_many_members(&SqliteDirectory::new(&store)).await;
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(8))]
    #[test]
    fn random_operations_survive_a_restart(operations in directory_model::operations(300)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("control.db");
            let store = Store::open(&path).await.unwrap();
            let model = directory_model::write(Arc::new(SqliteDirectory::new(&store)), &operations).await;
            store.close().await;
            let store = Store::open(&path).await.unwrap();
            directory_model::read_again(Arc::new(SqliteDirectory::new(&store)), &model).await;
        });
    }
}

/// A database of before memberships had numbers.
#[tokio::test]
async fn an_older_database_keeps_everything() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("control.db");
    let store = Store::open(&path).await.unwrap();
    let back = "
        DROP TABLE directory_members; DROP TABLE directory_passwords; DROP TABLE directory_reset_links;
        DROP TABLE directory_settings; DROP TABLE directory_users; DROP TABLE directory_groups;
        DROP TABLE directory_scim_tokens; DELETE FROM migrations WHERE name = '0011_directory_provisioning';";
    let old = include_str!("../../migrations/0010_directory.sql");
    let rows = "
        INSERT INTO directory_users VALUES
            ('u1', 'Ethan', 'ethan', 'e1', TRUE, NULL, NULL, NULL, NULL, '{}', 2, '2026-01-02T03:04:05Z', '2026-01-02T03:04:05Z'),
            ('u2', 'fiona', 'fiona', NULL, TRUE, NULL, NULL, NULL, NULL, '{}', 1, '2026-01-02T03:04:05Z', '2026-01-02T03:04:05Z');
        INSERT INTO directory_groups VALUES
            ('g1', 'sales', 'sales', 'x', '{}', 1, '2026-01-02T03:04:05Z', '2026-01-02T03:04:05Z');
        INSERT INTO directory_members VALUES ('g1', 'u2'), ('g1', 'u1');
        INSERT INTO directory_passwords VALUES ('u1', '$argon2id$1');";
    for text in [back, old, rows] {
        sqlx::raw_sql(text).execute(store.pool()).await.unwrap();
    }
    store.close().await;
    let store = Store::open(&path).await.unwrap();
    let directory = SqliteDirectory::new(&store);
    let stored = directory.load().await.unwrap();
    let origins: Vec<_> = stored.users.iter().map(|user| (user.user_name.as_str(), user.origin.name())).collect();
    assert_eq!(origins, [("Ethan", "scim"), ("fiona", "api")]);
    assert_eq!((stored.groups.len(), stored.members.len()), (1, 2));
    assert!(stored.passwords[0].hash.as_ref().unwrap().matches(b"$argon2id$1") && !stored.passwords[0].must_change);
    let numbers = directory.membership_numbers(&stored.members).await.unwrap();
    assert_eq!(numbers, [Some(1), Some(2)]);
    let broken = sqlx::query("PRAGMA foreign_key_check").fetch_all(store.pool()).await.unwrap();
    assert!(broken.is_empty(), "{:?}", broken.first().map(|row| row.try_get::<String, _>(0)));
}
