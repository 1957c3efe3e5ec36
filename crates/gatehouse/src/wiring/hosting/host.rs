//! What the control plane asks of the one who runs warehouses.

use std::io;
use std::sync::{Arc, Weak};

use base::id::{InstanceArn, SnapshotId, WarehouseId};
use base::{AuditLog, Clock, ErrorKind, Fault as _, Secret};
use control::reach::reach;
use control::{
    Closing, Control, CopyProgress, HostError, IdentityProviderSpec, WarehouseHost, WarehouseRecord, WarehouseSettings,
    WarehouseSpec,
};
use credentials::Credentials;
use directory::Directory;
use engine_duckdb::{DuckDb, DuckDbOptions};
use query::{
    Gate, IdcPermissions, NewIdentityProvider, NewWarehouse, QueryError, TokenIssuers, Warehouse, WarehouseParts,
};
use sessions::{EndReason, Sessions};
use tokens::{AccessDecision, Tokens};

use super::files::WarehouseFiles;
use super::listeners::{Listeners, SqlServer};
use super::memory;
use super::open::{OpenWarehouses, Opened};
use super::power::{CLOSE_PATIENCE, drop_on_thread};

/// What every warehouse of this server is made with.
#[derive(Debug, Clone)]
pub(crate) struct WarehouseServices {
    pub(crate) instance: InstanceArn,
    pub(crate) directory: Arc<Directory>,
    pub(crate) tokens: Arc<Tokens>,
    pub(crate) access: Arc<dyn AccessDecision>,
    pub(crate) sessions: Arc<Sessions>,
    pub(crate) credentials: Arc<Credentials>,
    pub(crate) issuers: TokenIssuers,
    pub(crate) idc: Arc<dyn IdcPermissions>,
    pub(crate) audit: Arc<dyn AuditLog>,
    pub(crate) clock: Arc<dyn Clock>,
}

/// Runs warehouses in this process: a DuckDB file each, and the listeners they are reached by.
#[derive(Debug)]
pub(crate) struct Host {
    services: WarehouseServices,
    pub(super) files: WarehouseFiles,
    pub(super) open: Arc<OpenWarehouses>,
    listeners: Listeners,
    /// The control plane owns the host.
    control: Weak<Control>,
    pub(super) engine: DuckDbOptions,
}

impl Host {
    pub(crate) fn new(
        services: WarehouseServices,
        files: WarehouseFiles,
        open: &Arc<OpenWarehouses>,
        control: &Arc<Control>,
        server: SqlServer,
    ) -> Self {
        let listeners = Listeners::new(server, control, open, &services.audit);
        let engine = DuckDbOptions { memory_limit_bytes: Some(memory::limit()), ..DuckDbOptions::default() };
        Self { services, files, open: Arc::clone(open), listeners, control: Arc::downgrade(control), engine }
    }

    /// At the start: opens each. One that can't be opened stops no other; whoever asks for it is told.
    pub(crate) async fn open_all(&self, records: Vec<WarehouseRecord>) {
        for record in records {
            match self.open_one(&record).await {
                Ok(opened) => self.open.put(opened),
                Err(cause) => {
                    let (id, name) = (record.id, record.name);
                    tracing::error!(warehouse = name, %id, cause, "a warehouse can't be opened; the others can be used");
                    self.open.put_broken(id, name, cause);
                }
            }
        }
    }

    /// The gate of the listener at this port; `None` while the server is going down.
    pub(crate) fn gate(&self, port: u16) -> Option<Arc<Gate>> {
        self.listeners.gate(port)
    }

    /// Waits for the listeners beside the default one; the server's stop has been said.
    pub(crate) async fn listeners_ended(&self) {
        self.listeners.ended().await;
    }

    pub(super) async fn open_one(&self, record: &WarehouseRecord) -> Result<Opened, String> {
        let (id, name) = (&record.id, &record.name);
        let file = self.files.file(id);
        // The engine would make a new one, and an empty warehouse in the place of a lost one is worse than none.
        if !file.exists() {
            return Err(format!("{} isn't there", file.display()));
        }
        if let Err(error) = self.files.remove_spilled(id) {
            tracing::warn!(warehouse = name, %error, "temporary files of an earlier run are left");
        }
        let engine = DuckDb::open(&file, self.engine).await.map_err(|error| error.log)?;
        let (closed, engine) = (engine.closed(), Arc::new(engine));
        let weak = Arc::downgrade(&engine);
        let warehouse =
            Warehouse::open(self.parts(id, name, engine, &record.settings)).await.map_err(|error| error.log)?;
        Ok(Opened { warehouse, engine: weak, closed })
    }

    fn parts(&self, id: &WarehouseId, name: &str, engine: Arc<DuckDb>, settings: &WarehouseSettings) -> WarehouseParts {
        let WarehouseServices {
            instance,
            directory,
            tokens,
            access,
            sessions,
            credentials,
            issuers,
            idc,
            audit,
            clock,
        } = self.services.clone();
        let (id, name, settings) = (id.clone(), name.to_owned(), session_settings(settings.clone()));
        let cancel_keys = Arc::clone(self.open.cancel_keys());
        WarehouseParts {
            id,
            name,
            instance,
            engine,
            directory,
            tokens,
            access,
            sessions,
            credentials,
            issuers,
            idc,
            audit,
            clock,
            cancel_keys,
            settings,
        }
    }

    async fn make(
        &self,
        id: &WarehouseId,
        catalog: catalog::Catalog,
        settings: &WarehouseSettings,
    ) -> Result<Opened, HostError> {
        let (files, made) = (self.files.clone(), id.clone());
        on_disk(move || files.make(&made)).await?;
        let engine = DuckDb::open(&self.files.file(id), self.engine).await;
        let engine = engine.map_err(|error| HostError::Failed(error.log))?;
        let (closed, engine) = (engine.closed(), Arc::new(engine));
        let weak = Arc::downgrade(&engine);
        // Named like its id only until somebody asks for it: the routes know the name.
        let record = self.control.upgrade().and_then(|control| control.warehouse(id));
        let name = record.map_or_else(|| id.to_string(), |record| record.name);
        let warehouse = Warehouse::create(self.parts(id, &name, engine, settings), catalog).await.map_err(refused)?;
        Ok(Opened { warehouse, engine: weak, closed })
    }

    /// Each is told the rule that would let it in again.
    fn end_refused(&self, id: &WarehouseId) {
        let (Some(warehouse), Some(control)) = (self.open.get(id), self.control.upgrade()) else { return };
        let refused = |peer| {
            let refusal = control.admits_session(id, peer).err()?;
            Some(EndReason::NotAdmitted { reason: refusal.reason(), mend: refusal.mend() })
        };
        // Logins that have begun were let in by the rules of before.
        let reason = "The network rules of the warehouse changed during the login.".to_owned();
        warehouse.end_where(&EndReason::NotAdmitted { reason, mend: None }, refused);
    }

    fn opened(&self, id: &WarehouseId) -> Result<Arc<Warehouse>, HostError> {
        self.open.get(id).ok_or_else(|| HostError::Failed(format!("the warehouse {id} isn't open")))
    }
}

#[async_trait::async_trait]
impl WarehouseHost for Host {
    fn is_in_service(&self, id: &WarehouseId) -> bool {
        self.open.get(id).is_some_and(|warehouse| warehouse.is_usable())
    }

    async fn create(&self, spec: &WarehouseSpec) -> Result<(), HostError> {
        let WarehouseSpec { id, database, admin_username, admin_password, identity_provider, settings } = spec;
        let new = NewWarehouse {
            database: database.clone(),
            admin_user: admin_username.clone(),
            admin_password: admin_password.clone(),
            identity_provider: identity_provider.clone().map(registered),
        };
        // What is wrong with it is found before anything is made.
        let catalog = new.catalog(base::random::bytes()).map_err(refused)?;
        self.delete(id).await?;
        match self.make(id, catalog, settings).await {
            Ok(opened) => {
                self.open.put(opened);
                Ok(())
            }
            Err(error) => {
                let (files, id) = (self.files.clone(), id.clone());
                if let Err(error) = on_disk(move || files.remove(&id)).await {
                    tracing::warn!(%error, "the files of a warehouse that couldn't be made are left");
                }
                Err(error)
            }
        }
    }

    async fn delete(&self, id: &WarehouseId) -> Result<(), HostError> {
        if let Some(warehouse) = self.open.remove(id) {
            warehouse.close(&EndReason::WarehouseDeleted, CLOSE_PATIENCE).await;
            drop_on_thread(warehouse).await?;
        }
        let (files, id) = (self.files.clone(), id.clone());
        on_disk(move || files.remove(&id)).await
    }

    async fn close_warehouse(&self, id: &WarehouseId, why: Closing) -> Result<(), HostError> {
        self.close_one(id, why).await
    }

    async fn open_warehouse(&self, record: &WarehouseRecord) -> Result<(), HostError> {
        self.reopen(record).await
    }

    async fn take_snapshot(
        &self,
        id: &WarehouseId,
        snapshot: &SnapshotId,
        progress: &Arc<CopyProgress>,
    ) -> Result<u64, HostError> {
        self.take(id, snapshot, progress).await
    }

    async fn copy_snapshot(&self, from: &SnapshotId, to: &SnapshotId) -> Result<(), HostError> {
        self.link(from, to).await
    }

    async fn remove_snapshot(&self, id: &SnapshotId) -> Result<(), HostError> {
        self.forget_snapshot(id).await
    }

    async fn restore(
        &self,
        record: &WarehouseRecord,
        snapshot: &SnapshotId,
        progress: &Arc<CopyProgress>,
    ) -> Result<(), HostError> {
        self.make_of(record, snapshot, progress).await
    }

    async fn set_admin_password(
        &self,
        id: &WarehouseId,
        _username: &str,
        password: &Secret<String>,
    ) -> Result<(), HostError> {
        self.opened(id)?.set_admin_password(password).await.map_err(refused)
    }

    async fn end_sessions(&self, id: &WarehouseId) {
        if let Some(warehouse) = self.open.get(id) {
            warehouse.end_sessions(&EndReason::WarehouseClosed);
        }
    }

    async fn end_public_sessions(&self, id: &WarehouseId) {
        if let Some(warehouse) = self.open.get(id) {
            warehouse.end_unreached(&EndReason::WarehousePrivate, |peer| reach(false, peer));
        }
    }

    async fn end_unadmitted(&self, id: &WarehouseId) {
        self.end_refused(id);
    }

    async fn apply_settings(&self, id: &WarehouseId, settings: &WarehouseSettings) {
        if let Some(warehouse) = self.open.get(id) {
            warehouse.set_settings(session_settings(settings.clone()));
        }
    }

    async fn listen(&self, port: u16) -> Result<(), HostError> {
        self.listeners.listen(port).await
    }

    async fn close(&self, port: u16) {
        self.listeners.close(port).await;
    }
}

fn session_settings(settings: WarehouseSettings) -> query::WarehouseSettings {
    let WarehouseSettings { require_ssl, search_path, statement_timeout, query_group } = settings;
    query::WarehouseSettings { require_ssl, search_path, statement_timeout, query_group }
}

fn registered(provider: IdentityProviderSpec) -> NewIdentityProvider {
    let IdentityProviderSpec { name, namespace, application, iam_role } = provider;
    NewIdentityProvider { name, namespace, application, iam_role }
}

pub(super) async fn on_disk<T: Send + 'static>(
    work: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> Result<T, HostError> {
    let done = tokio::task::spawn_blocking(work).await;
    let done = done.map_err(|error| HostError::Failed(error.to_string()))?;
    done.map_err(|error| HostError::Failed(error.to_string()))
}

/// What is wrong with a request is for its sender; everything else is for the log.
fn refused(error: QueryError) -> HostError {
    match error.kind {
        ErrorKind::InvalidInput | ErrorKind::NotFound | ErrorKind::Conflict | ErrorKind::Unsupported => {
            let public = error.public();
            let sentences = [Some(public.message), public.detail, public.hint].into_iter().flatten();
            HostError::Invalid(sentences.map(|text| sentence(&text)).collect::<Vec<_>>().join(" "))
        }
        ErrorKind::Unauthenticated
        | ErrorKind::Denied
        | ErrorKind::LimitExceeded
        | ErrorKind::TimedOut
        | ErrorKind::Cancelled
        | ErrorKind::Unavailable
        | ErrorKind::Internal => HostError::Failed(error.log),
    }
}

/// PostgreSQL's first lines have no full stop.
fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().map(|letter| letter.to_uppercase().to_string()).unwrap_or_default();
    let stop = if text.ends_with(['.', '!', '?', ';']) { "" } else { "." };
    format!("{first}{}{stop}", letters.as_str())
}
