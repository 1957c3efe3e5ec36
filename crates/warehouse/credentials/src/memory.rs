//! The port in memory, for tests.

use std::sync::{Mutex, PoisonError};

use crate::port::{CredentialStore, CredentialStoreUnavailable, CredentialWrite, StoredCredential, StoredCredentials};

/// Keeps what it is told, until it is told to fail.
#[doc(hidden)]
#[derive(Debug, Default)]
pub struct MemoryCredentials(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    stored: StoredCredentials,
    batches: Vec<usize>,
    broken: bool,
}

impl MemoryCredentials {
    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// From now on every write fails, or none.
    pub fn set_broken(&self, broken: bool) {
        self.state().broken = broken;
    }

    /// What a restart would find.
    pub fn credentials(&self) -> Vec<StoredCredential> {
        self.state().stored.credentials.clone()
    }

    /// How many writes came together, batch by batch.
    pub fn batches(&self) -> Vec<usize> {
        self.state().batches.clone()
    }
}

#[async_trait::async_trait]
impl CredentialStore for MemoryCredentials {
    async fn load(&self) -> Result<StoredCredentials, CredentialStoreUnavailable> {
        Ok(self.state().stored.clone())
    }

    async fn apply(&self, writes: &[CredentialWrite]) -> Result<(), CredentialStoreUnavailable> {
        let mut state = self.state();
        if state.broken {
            return Err(CredentialStoreUnavailable("told to fail".to_owned()));
        }
        state.batches.push(writes.len());
        let StoredCredentials { credentials, profiles } = &mut state.stored;
        for write in writes {
            match write {
                CredentialWrite::Put(credential) => credentials.push(credential.clone()),
                CredentialWrite::Delete(id) => credentials.retain(|kept| kept.id != *id),
                CredentialWrite::DeleteExpired(before) => credentials.retain(|kept| kept.expires >= *before),
                CredentialWrite::PutProfile(profile) => {
                    profiles.retain(|kept| kept.name != profile.name);
                    profiles.push(profile.clone());
                }
                CredentialWrite::DeleteProfile(name) => profiles.retain(|kept| kept.name != *name),
            }
        }
        Ok(())
    }
}
