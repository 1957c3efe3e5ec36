//! A directory to try something in.

use base::id::{DirectoryGroupId, DirectoryUserId};

use super::*;
use crate::port::StoredDirectory;

/// Takes every write and keeps none. Memberships have the numbers of the real store; those of the sandbox have none.
#[derive(Debug)]
struct Sandbox {
    real: Arc<dyn DirectoryStore>,
}

#[async_trait::async_trait]
impl DirectoryStore for Sandbox {
    async fn load(&self) -> Result<StoredDirectory, DirectoryError> {
        self.real.load().await
    }

    async fn apply(&self, _: &[DirectoryWrite]) -> Result<(), DirectoryError> {
        Ok(())
    }

    async fn membership_numbers(
        &self,
        memberships: &[(DirectoryGroupId, DirectoryUserId)],
    ) -> Result<Vec<Option<u64>>, DirectoryError> {
        self.real.membership_numbers(memberships).await
    }

    async fn membership(&self, number: u64) -> Result<Option<(DirectoryGroupId, DirectoryUserId)>, DirectoryError> {
        self.real.membership(number).await
    }
}

impl Directory {
    /// A copy in memory as of now, made at once: what is written there is seen there only, is kept nowhere, and is announced to
    /// nobody who listens here. Passwords are hashed and attempts counted together with this one.
    #[must_use]
    pub fn sandbox(&self) -> Arc<Self> {
        let sandbox = Sandbox { real: Arc::clone(&self.inner.kept.backing().0) };
        let inner = Inner {
            kept: Kept::new(Store(Arc::new(sandbox)), self.state(), 1),
            clock: Arc::clone(&self.inner.clock),
            passwords: Arc::clone(&self.inner.passwords),
            attempts: Arc::clone(&self.inner.attempts),
            membership_ids: Arc::clone(&self.inner.membership_ids),
            token_uses: Mutex::default(),
        };
        Arc::new(Self { inner: Arc::new(inner) })
    }
}
