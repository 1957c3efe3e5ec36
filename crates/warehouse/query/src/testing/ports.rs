//! The ports beside the engine, in memory.

use std::collections::BTreeSet;
use std::net::IpAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use base::id::ApplicationArn;
use base::{AuditEvent, AuditLog, AuditStep, AuditUnavailable, Principal, SecretHash};
use directory::ActiveUser;
use sessions::{BrowserSession, BrowserSessionStore, SessionStoreUnavailable};
use tokens::{
    AccessDecision, CallRefusal, Lack, NoAccess, OAuthApplication, RedirectUri, Scope, StoredTokens, TokenStore,
    TokenStoreUnavailable, TokenWrite,
};

use crate::{CancelKeys, NoWarehouse, Warehouse, Warehouses};

/// Keeps nothing: what is read is in the services' memory.
#[derive(Debug)]
pub(crate) struct Nowhere;

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

    async fn delete(&self, _: &[SecretHash]) -> Result<(), SessionStoreUnavailable> {
        Ok(())
    }
}

/// An application that everybody may use and that isn't Redshift's.
pub(crate) const EDITOR: &str = "arn:aws:sso::123456789012:application/ssoins-7223a1b2c3d4e5f6/apl-ed17";

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
    fn redshift_application_for(&self, user: &ActiveUser) -> Result<ApplicationArn, NoAccess> {
        self.may_use(user, &self.application).map(|()| self.application.clone())
    }

    fn may_use(&self, user: &ActiveUser, application: &ApplicationArn) -> Result<(), NoAccess> {
        let taken = self.unassigned.lock().unwrap().contains(user.user_name());
        if application.as_str() == EDITOR || !taken && *application == self.application {
            return Ok(());
        }
        let reason = format!("User \"{}\" is not assigned.", user.user_name());
        let hint = "Ask for it.".to_owned();
        Err(NoAccess { application: Some(application.clone()), lack: Lack::Assignment, reason, hint })
    }

    fn application(&self, application: &ApplicationArn) -> Option<OAuthApplication> {
        Some(OAuthApplication {
            arn: application.clone(),
            name: "Redshift".to_owned(),
            enabled: true,
            redshift: *application == self.application,
            code_redirects: Some(vec!["http://127.0.0.1/".to_owned()]),
            refresh_token: true,
            token_exchange: false,
            scopes: BTreeSet::from([Scope::RedshiftConnect]),
        })
    }

    fn reaches(&self, _: &ApplicationArn, _: Scope, _: &ApplicationArn) -> bool {
        false
    }

    fn lists_redirect(&self, _: &RedirectUri) -> bool {
        false
    }

    fn may_call(&self, _: &Principal, _: &ApplicationArn) -> Result<(), CallRefusal> {
        Err(CallRefusal::UnknownApplication)
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

/// Warehouses at `NAME.redshift.localhost`; without a name, the first one.
#[derive(Debug)]
pub(crate) struct Routes {
    pub(crate) warehouses: Vec<Arc<Warehouse>>,
    pub(crate) cancel_keys: Arc<CancelKeys>,
}

impl Warehouses for Routes {
    fn find(&self, server_name: Option<&str>, port: u16, peer: IpAddr) -> Result<Arc<Warehouse>, NoWarehouse> {
        let named = server_name.and_then(|name| name.strip_suffix(".redshift.localhost"));
        let found = match named {
            Some("broken") => {
                let (name, log) = ("broken".to_owned(), "not a database file".to_owned());
                return Err(NoWarehouse::OutOfService { name, log });
            }
            Some("private") => return Err(NoWarehouse::NotPublic { peer }),
            Some("new") => return Err(NoWarehouse::NotAvailable { server_name: "new.redshift.localhost".to_owned() }),
            Some(name) => self.warehouses.iter().find(|warehouse| *warehouse.name() == *name),
            None => self.warehouses.first(),
        };
        found.cloned().ok_or_else(|| match server_name {
            Some(name) => NoWarehouse::Unknown { server_name: name.to_owned() },
            None => NoWarehouse::Nothing { port },
        })
    }

    fn cancel_keys(&self) -> &CancelKeys {
        &self.cancel_keys
    }
}
