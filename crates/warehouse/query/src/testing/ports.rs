//! The ports beside the engine, in memory.

use std::collections::BTreeSet;
use std::net::IpAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use base::id::ApplicationArn;
use base::{AuditEvent, AuditLog, AuditStep, AuditUnavailable, SecretHash};
use directory::ActiveUser;
use sessions::{BrowserSession, BrowserSessionStore, SessionStoreUnavailable};
use tokens::{
    AccessDecision, CallRefusal, IamCaller, Lack, NoAccess, OAuthApplication, RedirectUri, Scope, StoredTokens,
    TokenStore, TokenStoreUnavailable, TokenWrite,
};

use crate::{
    CancelKeys, Found, IdcDenial, IdcPermissions, IdcQuestion, NetworkRefusal, NoWarehouse, Warehouse, Warehouses,
};

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
        (!application.as_str().ends_with("apl-gone")).then(|| OAuthApplication {
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

    fn may_call(&self, _: &IamCaller<'_>, _: &ApplicationArn) -> Result<(), CallRefusal> {
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
    fn at_port(&self, port: u16, peer: IpAddr) -> Result<(), NoWarehouse> {
        if port == CLOSED_PORT { Err(not_admitted(peer)) } else { Ok(()) }
    }

    fn find(&self, server_name: Option<&str>, port: u16, peer: IpAddr) -> Result<Found, NoWarehouse> {
        let named = server_name.and_then(|name| name.strip_suffix(".redshift.localhost"));
        let found = match named {
            Some("broken") => {
                let (name, log) = ("broken".to_owned(), "not a database file".to_owned());
                return Err(NoWarehouse::OutOfService { name, log });
            }
            Some("private") => return Err(NoWarehouse::NotPublic { peer }),
            Some("closed") => return Err(not_admitted(peer)),
            Some("paused") => return Err(NoWarehouse::Paused { cluster: "paused".to_owned() }),
            Some("new") => return Err(NoWarehouse::NotAvailable { endpoint: "new".to_owned() }),
            Some(name) => self.warehouses.iter().find(|warehouse| *warehouse.name() == *name),
            None => self.warehouses.first(),
        };
        let found = found.cloned().map(|warehouse| Found { warehouse, network_rule: Some(NETWORK_RULE.to_owned()) });
        found.ok_or_else(|| match server_name {
            Some(name) => NoWarehouse::Unknown { server_name: name.to_owned() },
            None => NoWarehouse::Nothing { port },
        })
    }

    fn cancel_keys(&self) -> &CancelKeys {
        &self.cancel_keys
    }
}

/// A port whose warehouses let nobody in.
pub(crate) const CLOSED_PORT: u16 = 5493;
/// What lets everybody else in.
pub(crate) const NETWORK_RULE: &str = "sgr-1 of sg-1: tcp/5439 from 127.0.0.0/8";

fn not_admitted(peer: IpAddr) -> NoWarehouse {
    let mut checks = base::Checks::default();
    checks.note("network rule", "an inbound rule for tcp/5493", "no inbound rule comes near it", false);
    let (reason, mend) = ("No inbound rule of sg-1 admits it.".to_owned(), Some("aws ec2 authorize".to_owned()));
    NoWarehouse::NotAdmitted { name: "closed".to_owned(), refusal: NetworkRefusal { peer, reason, mend, checks } }
}

/// What roles may do in Identity Center: everything, but for those named here.
#[derive(Debug, Default)]
pub(crate) struct Roles {
    asked: Mutex<Vec<IdcQuestion>>,
    denied: Mutex<BTreeSet<String>>,
}

impl Roles {
    pub(crate) fn deny(&self, role: &str) {
        self.denied.lock().unwrap().insert(role.to_owned());
    }

    /// What was asked since the last time.
    pub(crate) fn asked(&self) -> Vec<IdcQuestion> {
        std::mem::take(&mut *self.asked.lock().unwrap())
    }
}

impl IdcPermissions for Roles {
    fn check(&self, question: &IdcQuestion) -> Result<(), IdcDenial> {
        self.asked.lock().unwrap().push(question.clone());
        let role = question.role.clone().unwrap_or_else(|| "default".to_owned());
        if !self.denied.lock().unwrap().contains(&role) {
            return Ok(());
        }
        let mut checks = base::Checks::default();
        checks.note("permission", "sso:DescribeInstance", "not allowed", false);
        let (reason, mend) = ("The role may not sso:DescribeInstance.".to_owned(), "Allow it.".to_owned());
        Err(IdcDenial { role, reason, mend, checks })
    }
}
