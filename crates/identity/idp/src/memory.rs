//! A store that forgets everything when it is dropped.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use base::id::{DirectoryUserId, SsoApplicationId};

use crate::api_token::ApiToken;
use crate::application::Application;
use crate::error::IdpError;
use crate::factors::{MfaPolicy, PersonFactors};
use crate::key::StoredKey;
use crate::password_only::FormPlugins;
use crate::port::{IdpStore, IdpWrite, StoredIdp};
use crate::session::{SessionId, StoredSession};

/// Keeps the provider's state in memory: for tests, and wherever it needn't outlive the process.
#[derive(Debug, Default)]
pub struct MemoryStore {
    kept: Mutex<Kept>,
}

#[derive(Debug, Default)]
struct Kept {
    policy: MfaPolicy,
    form_plugins: FormPlugins,
    applications: BTreeMap<SsoApplicationId, Application>,
    factors: BTreeMap<DirectoryUserId, PersonFactors>,
    keys: BTreeMap<String, StoredKey>,
    api_tokens: BTreeMap<String, ApiToken>,
    sessions: BTreeMap<SessionId, StoredSession>,
}

impl MemoryStore {
    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Kept {
    fn apply(&mut self, write: &IdpWrite) {
        match write {
            IdpWrite::PutApplication(application) => {
                self.applications.insert(application.id.clone(), Application::clone(application));
            }
            IdpWrite::DeleteApplication(id) => {
                self.applications.remove(id);
            }
            IdpWrite::PutFactors(factors) => {
                self.factors.insert(factors.user.clone(), PersonFactors::clone(factors));
            }
            IdpWrite::DeleteFactors(user) => {
                self.factors.remove(user);
            }
            IdpWrite::PutPolicy(policy) => self.policy = *policy,
            IdpWrite::PutFormPlugins(wanted) => self.form_plugins = *wanted,
            IdpWrite::PutKey(key) => {
                self.keys.insert(key.id.clone(), StoredKey::clone(key));
            }
            IdpWrite::DeleteKey(id) => {
                self.keys.remove(id);
            }
            IdpWrite::PutApiToken(token) => {
                self.api_tokens.insert(token.id.clone(), ApiToken::clone(token));
            }
            IdpWrite::PutSession(session) => {
                self.sessions.insert(session.id.clone(), StoredSession::clone(session));
            }
            IdpWrite::DeleteSessions(ids) => {
                for id in ids {
                    self.sessions.remove(id);
                }
            }
        }
    }
}

#[async_trait::async_trait]
impl IdpStore for MemoryStore {
    async fn load(&self) -> Result<StoredIdp, IdpError> {
        let kept = self.kept();
        Ok(StoredIdp {
            policy: kept.policy,
            form_plugins: kept.form_plugins,
            applications: kept.applications.values().cloned().collect(),
            factors: kept.factors.values().cloned().collect(),
            keys: kept.keys.values().cloned().collect(),
            api_tokens: kept.api_tokens.values().cloned().collect(),
            sessions: kept.sessions.values().cloned().collect(),
        })
    }

    async fn apply(&self, writes: &[IdpWrite]) -> Result<(), IdpError> {
        let mut kept = self.kept();
        for write in writes {
            kept.apply(write);
        }
        Ok(())
    }
}
