//! What the control plane asks of the one who runs warehouses.

use std::io;
use std::sync::{Arc, Weak};
use std::time::Duration;

use base::id::{InstanceArn, WarehouseId};
use base::{AuditLog, Clock, ErrorKind, Fault as _, Secret};
use control::reach::reach;
use control::{Control, HostError, IdentityProviderSpec, WarehouseHost, WarehouseRecord, WarehouseSpec};
use directory::Directory;
use engine_duckdb::{DuckDb, DuckDbOptions};
use query::{Gate, NewIdentityProvider, NewWarehouse, QueryError, Warehouse, WarehouseParts};
use sessions::{EndReason, Sessions};
use tokens::{AccessDecision, Tokens};

use super::files::WarehouseFiles;
use super::listeners::{Listeners, SqlServer};
use super::memory;
use super::open::OpenWarehouses;

/// How long a warehouse that is deleted waits for its sessions.
const CLOSE_PATIENCE: Duration = Duration::from_secs(20);

/// What every warehouse of this server is made with.
#[derive(Debug, Clone)]
pub(crate) struct WarehouseServices {
    pub(crate) instance: InstanceArn,
    pub(crate) directory: Arc<Directory>,
    pub(crate) tokens: Arc<Tokens>,
    pub(crate) access: Arc<dyn AccessDecision>,
    pub(crate) sessions: Arc<Sessions>,
    pub(crate) audit: Arc<dyn AuditLog>,
    pub(crate) clock: Arc<dyn Clock>,
}

/// Runs warehouses in this process: a DuckDB file each, and the listeners they are reached by.
#[derive(Debug)]
pub(crate) struct Host {
    services: WarehouseServices,
    files: WarehouseFiles,
    open: Arc<OpenWarehouses>,
    listeners: Listeners,
    /// The control plane owns the host.
    control: Weak<Control>,
    engine: DuckDbOptions,
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
        for WarehouseRecord { id, name, database: _, admin_username: _ } in records {
            match self.open_one(&id, &name).await {
                Ok(warehouse) => self.open.put(warehouse),
                Err(cause) => {
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

    async fn open_one(&self, id: &WarehouseId, name: &str) -> Result<Arc<Warehouse>, String> {
        let file = self.files.file(id);
        // The engine would make a new one, and an empty warehouse in the place of a lost one is worse than none.
        if !file.exists() {
            return Err(format!("{} isn't there", file.display()));
        }
        if let Err(error) = self.files.remove_spilled(id) {
            tracing::warn!(warehouse = name, %error, "temporary files of an earlier run are left");
        }
        let engine = DuckDb::open(&file, self.engine).await.map_err(|error| error.log)?;
        Warehouse::open(self.parts(id, name, engine)).await.map_err(|error| error.log)
    }

    fn parts(&self, id: &WarehouseId, name: &str, engine: DuckDb) -> WarehouseParts {
        let WarehouseServices { instance, directory, tokens, access, sessions, audit, clock } = self.services.clone();
        let (id, name, engine) = (id.clone(), name.to_owned(), Arc::new(engine));
        let cancel_keys = Arc::clone(self.open.cancel_keys());
        WarehouseParts { id, name, instance, engine, directory, tokens, access, sessions, audit, clock, cancel_keys }
    }

    async fn make(&self, id: &WarehouseId, catalog: catalog::Catalog) -> Result<Arc<Warehouse>, HostError> {
        let (files, made) = (self.files.clone(), id.clone());
        on_disk(move || files.make(&made)).await?;
        let engine = DuckDb::open(&self.files.file(id), self.engine).await;
        let engine = engine.map_err(|error| HostError::Failed(error.log))?;
        // Named like its id only until somebody asks for it: the routes know the name.
        let record = self.control.upgrade().and_then(|control| control.warehouse(id));
        let name = record.map_or_else(|| id.to_string(), |record| record.name);
        Warehouse::create(self.parts(id, &name, engine), catalog).await.map_err(refused)
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
        let WarehouseSpec { id, database, admin_username, admin_password, identity_provider } = spec;
        let new = NewWarehouse {
            database: database.clone(),
            admin_user: admin_username.clone(),
            admin_password: admin_password.clone(),
            identity_provider: identity_provider.clone().map(registered),
        };
        // What is wrong with it is found before anything is made.
        let catalog = new.catalog(base::random::bytes()).map_err(refused)?;
        self.delete(id).await?;
        match self.make(id, catalog).await {
            Ok(warehouse) => {
                self.open.put(warehouse);
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
            // The engine writes its file before it closes.
            let closed = tokio::task::spawn_blocking(move || drop(warehouse)).await;
            closed.map_err(|error| HostError::Failed(error.to_string()))?;
        }
        let (files, id) = (self.files.clone(), id.clone());
        on_disk(move || files.remove(&id)).await
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

    async fn listen(&self, port: u16) -> Result<(), HostError> {
        self.listeners.listen(port).await
    }

    async fn close(&self, port: u16) {
        self.listeners.close(port).await;
    }
}

fn registered(provider: IdentityProviderSpec) -> NewIdentityProvider {
    let IdentityProviderSpec { name, namespace, application, iam_role } = provider;
    NewIdentityProvider { name, namespace, application, iam_role }
}

async fn on_disk(work: impl FnOnce() -> io::Result<()> + Send + 'static) -> Result<(), HostError> {
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
