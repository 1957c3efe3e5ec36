use super::*;
use crate::conformance::directory;

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
