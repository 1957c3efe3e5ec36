//! One warehouse: an engine, its catalog, and everything a login and a statement are decided by.

use std::sync::atomic::AtomicU32;
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use aws_lc_rs::hmac;
use base::id::{ApplicationArn, InstanceArn, WarehouseId};
use base::{AuditEvent, AuditLog, Clock, ErrorKind};
use catalog::{Catalog, CatalogError, CatalogOp, Row};
use credentials::Credentials;
use directory::Directory;
use directory::attempts::Attempts;
use engine::{CatalogRow, CatalogWrite, Engine, EngineError};
use oidc::{IssuerKeys, Network};
use sessions::{GroundKey, Sessions};
use tokens::{AccessDecision, Tokens};

use crate::cancel::CancelKeys;
use crate::catalog_cell::CatalogCell;
use crate::connection_log::ConnectionLog;
use crate::engine_link::{EngineHealth, EngineLink};
use crate::error::QueryError;
use crate::idc_permissions::IdcPermissions;
use crate::live::{LiveSessions, OpenByUser};
use crate::settings::WarehouseSettings;

/// What a warehouse is made of.
#[derive(Debug)]
pub struct WarehouseParts {
    pub id: WarehouseId,
    /// The cluster's identifier or the namespace's name, for records, logs and messages.
    pub name: String,
    /// The Identity Center instance whose tokens it trusts.
    pub instance: InstanceArn,
    pub engine: Arc<dyn Engine>,
    pub directory: Arc<Directory>,
    pub tokens: Arc<Tokens>,
    pub access: Arc<dyn AccessDecision>,
    pub sessions: Arc<Sessions>,
    /// Those of all warehouses of the server.
    pub credentials: Arc<Credentials>,
    pub issuers: TokenIssuers,
    pub idc: Arc<dyn IdcPermissions>,
    pub audit: Arc<dyn AuditLog>,
    pub clock: Arc<dyn Clock>,
    /// Those of all warehouses of the server.
    pub cancel_keys: Arc<CancelKeys>,
    pub settings: WarehouseSettings,
}

/// How tokens of identity providers of type azure are verified.
#[derive(Debug, Clone)]
pub struct TokenIssuers {
    /// Those of all warehouses of the server.
    pub keys: Arc<IssuerKeys>,
    /// Where the issuers may be that administrators name.
    pub network: Network,
}

/// An open warehouse.
#[derive(Debug)]
pub struct Warehouse {
    pub(crate) id: WarehouseId,
    name: RwLock<Arc<str>>,
    settings: RwLock<Arc<WarehouseSettings>>,
    pub(crate) database: String,
    pub(crate) instance: InstanceArn,
    pub(crate) engine: Arc<dyn Engine>,
    pub(crate) directory: Arc<Directory>,
    pub(crate) tokens: Arc<Tokens>,
    pub(crate) access: Arc<dyn AccessDecision>,
    pub(crate) sessions: Arc<Sessions>,
    pub(crate) credentials: Arc<Credentials>,
    pub(crate) issuers: TokenIssuers,
    pub(crate) idc: Arc<dyn IdcPermissions>,
    pub(crate) audit: Arc<dyn AuditLog>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) catalog: CatalogCell,
    pub(crate) connection_log: ConnectionLog,
    /// Password attempts at the SQL endpoint. Forgotten at a restart.
    pub(crate) attempts: Mutex<Attempts>,
    /// Makes the salts that unknown users are asked with.
    pub(crate) login_key: hmac::Key,
    pub(crate) cancel_keys: Arc<CancelKeys>,
    pub(crate) open_by_user: OpenByUser,
    pub(crate) live: LiveSessions,
    pub(crate) health: Arc<EngineHealth>,
    /// Ids from here on are free, also of open transactions.
    pub(crate) next_id: AtomicU32,
}

impl Warehouse {
    /// Makes a warehouse in an engine that holds none: `catalog` (see [`crate::NewWarehouse::catalog`]) is stored first.
    ///
    /// # Errors
    /// The engine's, and where it holds a warehouse already.
    pub async fn create(parts: WarehouseParts, catalog: Catalog) -> Result<Arc<Self>, QueryError> {
        if !parts.engine.load_catalog().await?.is_empty() {
            return Err(QueryError::new(ErrorKind::Internal, "XX000", "the engine holds a warehouse already"));
        }
        store_catalog(parts.engine.as_ref(), &catalog).await?;
        Ok(Self::with(parts, catalog))
    }

    /// Opens the warehouse that the engine holds.
    ///
    /// # Errors
    /// The engine's, and where it holds none, or one that can't be read.
    pub async fn open(parts: WarehouseParts) -> Result<Arc<Self>, QueryError> {
        let rows = parts.engine.load_catalog().await?;
        if rows.is_empty() {
            return Err(QueryError::new(ErrorKind::Internal, "XX000", "the engine holds no warehouse"));
        }
        Ok(Self::with(parts, load(rows)?))
    }

    fn with(parts: WarehouseParts, catalog: Catalog) -> Arc<Self> {
        let WarehouseParts {
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
        } = parts;
        let key: [u8; 32] = base::random::bytes();
        let now = clock.now();
        Arc::new(Self {
            health: Arc::new(EngineHealth::of(id.clone())),
            id,
            name: RwLock::new(name.into()),
            settings: RwLock::new(Arc::new(settings)),
            database: catalog.database().name.clone(),
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
            next_id: AtomicU32::new(catalog.next_id()),
            catalog: CatalogCell::new(catalog),
            connection_log: ConnectionLog::default(),
            attempts: Mutex::new(Attempts::new(now)),
            login_key: hmac::Key::new(hmac::HMAC_SHA256, &key),
            cancel_keys,
            open_by_user: OpenByUser::default(),
            live: LiveSessions::default(),
        })
    }

    #[must_use]
    pub const fn id(&self) -> &WarehouseId {
        &self.id
    }

    /// The cluster's identifier or the namespace's name.
    #[must_use]
    pub fn name(&self) -> Arc<str> {
        Arc::clone(&self.name.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// A cluster can be given another identifier. What is recorded from now on has it. Cheap where nothing changes, so that every
    /// login may say it.
    pub fn rename(&self, name: &str) {
        if *self.name() != *name {
            *self.name.write().unwrap_or_else(PoisonError::into_inner) = name.into();
        }
    }

    /// What new sessions begin with.
    #[must_use]
    pub fn settings(&self) -> Arc<WarehouseSettings> {
        Arc::clone(&self.settings.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Sessions and connections from now on have these; open sessions stay as they are.
    pub fn set_settings(&self, settings: WarehouseSettings) {
        *self.settings.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(settings);
    }

    /// The applications of Identity Center whose tokens it takes: those of its enabled identity providers.
    #[must_use]
    pub fn applications(&self) -> Vec<ApplicationArn> {
        let snapshot = self.catalog.current();
        let enabled = snapshot.catalog.providers().filter(|provider| provider.enabled);
        enabled.filter_map(|provider| provider.application_arn().map(ApplicationArn::new)).collect()
    }

    /// Whether it takes logins and statements. After a defect that the engine doesn't survive it never does again: the server
    /// must be restarted.
    #[must_use]
    pub fn is_usable(&self) -> bool {
        self.health.is_usable()
    }

    pub(crate) async fn connect_engine(&self) -> Result<EngineLink, EngineError> {
        EngineLink::open(self.engine.as_ref(), &self.health).await
    }

    /// Says which warehouse a record is about: the name that it was last found by, and the id that it keeps.
    pub(crate) fn mark(&self, event: AuditEvent) -> AuditEvent {
        event.field("warehouse", self.name().as_ref()).field("warehouse_id", self.id.as_str())
    }

    /// Commits the engine's transaction and then shows its catalog operations to everybody; `engine` is in no transaction
    /// afterwards, whatever the outcome.
    ///
    /// # Errors
    /// 40001 where others committed something that the operations don't fit; the engine's errors.
    pub(crate) async fn commit(&self, engine: &mut EngineLink, ops: &[CatalogOp]) -> Result<(), QueryError> {
        let committing = match self.catalog.commit(ops).await {
            Ok(committing) => committing,
            Err(error) => {
                engine.rollback().await?;
                return Err(conflict(&error));
            }
        };
        engine.commit().await?;
        committing.publish();
        self.end_of_providers(ops);
        Ok(())
    }

    /// Ends the sessions whose identity provider was dropped, disabled, or no longer stands for their tokens.
    fn end_of_providers(&self, ops: &[CatalogOp]) {
        let changed = ops.iter().filter_map(|op| {
            let put = if let CatalogOp::PutProvider(provider) = op { Some(provider.id) } else { None };
            put.or(if let CatalogOp::RemoveProvider(id) = op { Some(*id) } else { None })
        });
        for provider in changed {
            // Each session's own end is recorded with the reason.
            drop(self.sessions.reevaluate_grounds(Some(&GroundKey::DbProvider(self.id.clone(), provider))));
        }
    }
}

fn load(rows: Vec<CatalogRow>) -> Result<Catalog, CatalogError> {
    catalog::rows::load(rows.into_iter().map(|CatalogRow { kind, key, body }| Row { kind, key, body }).collect())
}

async fn store_catalog(engine: &dyn Engine, catalog: &Catalog) -> Result<(), QueryError> {
    let writes: Vec<_> = catalog::rows::all(catalog)?
        .into_iter()
        .map(|Row { kind, key, body }| CatalogWrite::Put(CatalogRow { kind, key, body }))
        .collect();
    let mut session = engine.connect().await?;
    session.begin().await?;
    for schema in catalog.schemas() {
        if schema.id != catalog::PG_CATALOG_SCHEMA {
            session.define(&sql::render::create_schema(&schema.name)).await?;
        }
    }
    session.write_catalog(&writes).await?;
    session.commit().await?;
    Ok(())
}

pub(crate) const CONFLICT: &str = "could not complete because of conflict with concurrent transaction";

/// A transaction that lost against another one.
pub(crate) fn conflict(cause: &CatalogError) -> QueryError {
    QueryError::new(ErrorKind::Conflict, "40001", CONFLICT)
        .detail(format!("Another transaction committed first: {}.", base::Fault::public(cause).message))
        .hint("Run the transaction again.")
}

#[cfg(test)]
mod tests;
