use std::sync::Arc;

use base::FixedClock;
use center::AccessKeys;
use time::OffsetDateTime;

use crate::{SqliteAccessKeys, Store};

#[tokio::test]
async fn the_root_key_survives_a_restart() {
    let directory = tempfile::tempdir().unwrap();
    let store = Store::open(&directory.path().join("control.db")).await.unwrap();
    let clock = FixedClock::at(OffsetDateTime::UNIX_EPOCH);
    let first = AccessKeys::open(Arc::new(SqliteAccessKeys::new(&store)), &clock, "123456789012").await.unwrap();
    let second = AccessKeys::open(Arc::new(SqliteAccessKeys::new(&store)), &clock, "123456789012").await.unwrap();
    assert_eq!(first.root().id, second.root().id);
    assert_eq!(first.root().secret.expose(), second.root().secret.expose());
}
