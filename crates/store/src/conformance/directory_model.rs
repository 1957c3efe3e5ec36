//! The directory's own random operations, on a real store that is closed and opened again.

#[path = "../../../identity/directory/src/service/tests/naive.rs"]
mod naive;

use std::sync::Arc;

use ::directory::{Directory, DirectoryStore};
use base::FixedClock;
use time::OffsetDateTime;

pub(crate) use self::naive::{Model, Operation, operations};

async fn open(store: Arc<dyn DirectoryStore>) -> Arc<Directory> {
    let clock = Arc::new(FixedClock::at(OffsetDateTime::UNIX_EPOCH));
    Directory::open(store, clock).await.unwrap()
}

/// Does the operations on an empty store. Answers what it must hold then.
pub(crate) async fn write(store: Arc<dyn DirectoryStore>, operations: &[Operation]) -> Model {
    let directory = open(store).await;
    let mut model = Model::default();
    for operation in operations {
        naive::step(&directory, &mut model, operation).await;
    }
    naive::agrees(&directory, &model);
    naive::memberships_agree(&directory, &model).await;
    model
}

/// What [`write`] left, after the store was closed and opened again.
pub(crate) async fn read_again(store: Arc<dyn DirectoryStore>, model: &Model) {
    let directory = open(store).await;
    naive::agrees(&directory, model);
    naive::memberships_agree(&directory, model).await;
}
