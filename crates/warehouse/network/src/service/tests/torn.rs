use std::sync::atomic::{AtomicBool, Ordering};

use super::*;
use crate::{NetworkError, NetworkStore, NetworkStoreError, NetworkWrite, StoredNetwork};

/// Answers an error to what it keeps, once it is told to.
#[derive(Debug, Default)]
struct Torn {
    kept: MemoryStore,
    torn: AtomicBool,
}

#[async_trait::async_trait]
impl NetworkStore for Torn {
    async fn load(&self) -> Result<StoredNetwork, NetworkStoreError> {
        self.kept.load().await
    }

    async fn apply(&self, writes: Vec<NetworkWrite>) -> Result<(), NetworkStoreError> {
        self.kept.apply(writes).await?;
        if self.torn.load(Ordering::Relaxed) { Err(NetworkStoreError("torn".to_owned())) } else { Ok(()) }
    }
}

#[tokio::test]
async fn a_failed_write_is_seen_where_it_reached_the_disk() {
    let store = Arc::<Torn>::default();
    let clock = Arc::new(FixedClock::at(OffsetDateTime::UNIX_EPOCH));
    let network = Network::open(store.clone(), clock, "123456789012", "us-east-1").await.unwrap();
    store.torn.store(true, Ordering::Relaxed);
    let error = network.create_group(new_group("analysts", None)).await.unwrap_err();
    assert!(matches!(error, NetworkError::Store(_)));
    assert!(network.snapshot().groups().any(|group| group.name == "analysts"));
}
