//! The ports beside the engine, in memory.

use std::collections::BTreeSet;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

use base::id::ApplicationArn;
use base::{AuditEvent, AuditLog, AuditStep, AuditUnavailable};
use directory::{ActiveUser, DirectoryError, DirectoryStore, DirectoryWrite, StoredDirectory};
use sessions::{BrowserSession, BrowserSessionStore, SessionStoreUnavailable};
use tokens::{AccessDecision, NotAssigned, StoredTokens, TokenHash, TokenStore, TokenStoreUnavailable, TokenWrite};

/// Keeps nothing: what is read is in the services' memory.
#[derive(Debug)]
pub(crate) struct Nowhere;

#[async_trait::async_trait]
impl DirectoryStore for Nowhere {
    async fn load(&self) -> Result<StoredDirectory, DirectoryError> {
        Ok(StoredDirectory::default())
    }

    async fn apply(&self, _: &[DirectoryWrite]) -> Result<(), DirectoryError> {
        Ok(())
    }
}

#[async_trait::async_trait]
impl TokenStore for Nowhere {
    async fn load(&self) -> Result<StoredTokens, TokenStoreUnavailable> {
        Ok(StoredTokens::default())
    }

    async fn apply(&self, _: &[TokenWrite]) -> Result<(), TokenStoreUnavailable> {
        Ok(())
    }
}

#[async_trait::async_trait]
impl BrowserSessionStore for Nowhere {
    async fn load(&self) -> Result<Vec<BrowserSession>, SessionStoreUnavailable> {
        Ok(Vec::new())
    }

    async fn put(&self, _: &BrowserSession) -> Result<(), SessionStoreUnavailable> {
        Ok(())
    }

    async fn delete(&self, _: &[TokenHash]) -> Result<(), SessionStoreUnavailable> {
        Ok(())
    }
}

/// Everybody is assigned to the one application who isn't named here.
#[derive(Debug)]
pub(crate) struct Assignments {
    application: ApplicationArn,
    unassigned: Mutex<BTreeSet<String>>,
}

impl Assignments {
    pub(crate) fn to(application: &str) -> Self {
        Self { application: ApplicationArn::new(application), unassigned: Mutex::default() }
    }

    pub(crate) fn take_from(&self, user_name: &str) {
        self.unassigned.lock().unwrap().insert(user_name.to_owned());
    }
}

impl AccessDecision for Assignments {
    fn redshift_application_for(&self, user: &ActiveUser) -> Result<ApplicationArn, NotAssigned> {
        self.may_use(user, &self.application).map(|()| self.application.clone())
    }

    fn may_use(&self, user: &ActiveUser, application: &ApplicationArn) -> Result<(), NotAssigned> {
        if !self.unassigned.lock().unwrap().contains(user.user_name()) {
            return Ok(());
        }
        let reason = format!("User \"{}\" is not assigned.", user.user_name());
        Err(NotAssigned { application: Some(application.clone()), reason, hint: "Ask for it.".to_owned() })
    }
}

/// An audit trail that can be read, and that can break down.
#[derive(Debug, Default)]
pub(crate) struct Records {
    events: Mutex<Vec<AuditEvent>>,
    broken: AtomicBool,
}

impl Records {
    pub(crate) fn break_down(&self, broken: bool) {
        self.broken.store(broken, Ordering::SeqCst);
    }

    /// The records of this step since the last time; those of other steps are forgotten.
    pub(crate) fn take(&self, step: AuditStep) -> Vec<AuditEvent> {
        let events = std::mem::take(&mut *self.events.lock().unwrap());
        events.into_iter().filter(|event| event.step == step).collect()
    }

    /// As `outcome action`.
    pub(crate) fn brief(&self, step: AuditStep) -> Vec<String> {
        let events = self.take(step);
        events.iter().map(|event| format!("{} {}", event.outcome.name(), event.action)).collect()
    }
}

#[async_trait::async_trait]
impl AuditLog for Records {
    async fn record(&self, event: AuditEvent) -> Result<(), AuditUnavailable> {
        if self.broken.load(Ordering::SeqCst) {
            return Err(AuditUnavailable("disk full".to_owned()));
        }
        self.events.lock().unwrap().push(event);
        Ok(())
    }
}

/// A field of a record.
#[track_caller]
pub(crate) fn field<'e>(event: &'e AuditEvent, name: &str) -> &'e str {
    let found = event.fields.iter().find(|(key, _)| *key == name);
    found.map(|(_, value)| value.as_str()).unwrap_or_else(|| panic!("no {name} in {event:?}"))
}
