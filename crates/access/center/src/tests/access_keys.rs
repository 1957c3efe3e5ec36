use std::sync::Arc;

use base::Principal;

use super::fake::{ACCOUNT, MemoryStore, clock};
use crate::AccessKeys;

#[tokio::test]
async fn the_root_key_is_made_once() {
    let store = Arc::new(MemoryStore::default());
    let open = async || AccessKeys::open(store.clone(), clock().as_ref(), ACCOUNT).await.unwrap();
    let keys = open().await;
    let root = keys.root();
    assert_eq!((root.id.len(), root.secret.expose().len()), (20, 40));
    assert!(root.id.starts_with("AKIA"));
    assert!(!format!("{root:?}").contains(root.secret.expose()));
    let again = open().await;
    let (secret, principal) = again.find(&root.id).unwrap();
    assert_eq!(secret.expose(), root.secret.expose());
    assert_eq!(principal, Principal::Root { account: ACCOUNT.to_owned() });
    assert!(again.find("AKIA0000000000000000").is_none());
    assert!(again.find("").is_none());
}
