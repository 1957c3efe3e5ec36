use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use base::FixedClock;

use super::fixture::{ACCOUNT, at, refused, sealer};
use crate::{
    Iam, IamChange, IamStore, IamStoreUnavailable, IamWrite, KeyHolder, MemoryStore, NewUser, StoredIam, StoredUse,
};

/// Answers an error to what it keeps, once it is told to.
#[derive(Debug, Default)]
struct Torn {
    kept: MemoryStore,
    torn: AtomicBool,
}

#[async_trait::async_trait]
impl IamStore for Torn {
    async fn load(&self, account: &str) -> Result<StoredIam, IamStoreUnavailable> {
        self.kept.load(account).await
    }

    async fn apply(&self, writes: &[IamWrite]) -> Result<(), IamStoreUnavailable> {
        self.kept.apply(writes).await?;
        if self.torn.load(Ordering::Relaxed) { Err(IamStoreUnavailable("torn".to_owned())) } else { Ok(()) }
    }

    async fn put_used(&self, used: &[StoredUse]) -> Result<(), IamStoreUnavailable> {
        self.kept.put_used(used).await
    }
}

#[tokio::test]
async fn a_failed_write_is_seen_and_told_where_it_reached_the_disk_and_uses_stay_noted() {
    let store = Arc::<Torn>::default();
    let iam = Iam::open(store.clone(), sealer(), Arc::new(FixedClock::at(at())), ACCOUNT).await.unwrap();
    let key = iam.create_access_key(KeyHolder::Root).await.unwrap();
    iam.note_key_used(&key.id, "redshift", "us-east-1");
    let noted = iam.key_last_used(&key.id);
    assert!(noted.is_some());
    let mut receiver = iam.subscribe();
    store.torn.store(true, Ordering::Relaxed);
    let eve = NewUser { name: "eve".to_owned(), ..NewUser::default() };
    refused(iam.create_user(eve).await, "ServiceFailure", "torn");
    let eve = iam.user("eve").unwrap();
    assert!(matches!(receiver.try_recv(), Ok(IamChange::UserChanged(id)) if id == eve.id));
    assert_eq!(iam.key_last_used(&key.id), noted);
    iam.check_indexes();
}
