//! One warehouse: an engine, its catalog, and everything a login and a statement are decided by.

use std::collections::HashMap;
use std::sync::atomic::AtomicU32;
use std::sync::{Arc, Mutex, PoisonError};

use aws_lc_rs::hmac;
use base::id::{ClusterId, DbUserId, InstanceArn};
use base::{AuditLog, Clock, ErrorKind};
use catalog::{Catalog, CatalogError, CatalogOp, Row};
use directory::Directory;
use directory::attempts::Attempts;
use engine::{CatalogRow, CatalogWrite, Engine, EngineError};
use sessions::Sessions;
use tokens::{AccessDecision, Tokens};

use crate::catalog_cell::CatalogCell;
use crate::engine_link::{EngineHealth, EngineLink};
use crate::error::QueryError;

/// What a warehouse is made of.
#[derive(Debug)]
pub struct WarehouseParts {
    pub cluster: ClusterId,
    pub database: String,
    /// The Identity Center instance whose tokens it trusts.
    pub instance: InstanceArn,
    pub engine: Arc<dyn Engine>,
    pub directory: Arc<Directory>,
    pub tokens: Arc<Tokens>,
    pub access: Arc<dyn AccessDecision>,
    pub sessions: Arc<Sessions>,
    pub audit: Arc<dyn AuditLog>,
    pub clock: Arc<dyn Clock>,
}

/// An open warehouse.
#[derive(Debug)]
pub struct Warehouse {
    pub(crate) cluster: ClusterId,
    pub(crate) database: String,
    pub(crate) instance: InstanceArn,
    pub(crate) engine: Arc<dyn Engine>,
    pub(crate) directory: Arc<Directory>,
    pub(crate) tokens: Arc<Tokens>,
    pub(crate) access: Arc<dyn AccessDecision>,
    pub(crate) sessions: Arc<Sessions>,
    pub(crate) audit: Arc<dyn AuditLog>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) catalog: CatalogCell,
    /// Password attempts at the SQL endpoint. Forgotten at a restart.
    pub(crate) attempts: Mutex<Attempts>,
    /// Makes the salts that unknown users are asked with.
    pub(crate) login_key: hmac::Key,
    pub(crate) cancel_keys: CancelKeys,
    pub(crate) open_by_user: OpenByUser,
    pub(crate) health: Arc<EngineHealth>,
    /// Ids from here on are free, also of open transactions.
    pub(crate) next_id: AtomicU32,
}

impl Warehouse {
    /// Opens the warehouse with the catalog that its engine holds; an engine without one begins with `bootstrap`.
    pub async fn open(parts: WarehouseParts, bootstrap: Catalog) -> Result<Arc<Self>, QueryError> {
        let rows = parts.engine.load_catalog().await?;
        let catalog = if rows.is_empty() {
            store_bootstrap(parts.engine.as_ref(), &bootstrap).await?;
            bootstrap
        } else {
            load(rows)?
        };
        let key: [u8; 32] = base::random::bytes();
        let WarehouseParts { cluster, database, instance, engine, directory, tokens, access, sessions, audit, clock } =
            parts;
        let now = clock.now();
        Ok(Arc::new(Self {
            cluster,
            database,
            instance,
            engine,
            directory,
            tokens,
            access,
            sessions,
            audit,
            clock,
            next_id: AtomicU32::new(catalog.next_id()),
            catalog: CatalogCell::new(catalog),
            attempts: Mutex::new(Attempts::new(now)),
            login_key: hmac::Key::new(hmac::HMAC_SHA256, &key),
            cancel_keys: CancelKeys::default(),
            open_by_user: OpenByUser::default(),
            health: Arc::default(),
        }))
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
        Ok(())
    }
}

fn load(rows: Vec<CatalogRow>) -> Result<Catalog, CatalogError> {
    catalog::rows::load(rows.into_iter().map(|CatalogRow { kind, key, body }| Row { kind, key, body }).collect())
}

async fn store_bootstrap(engine: &dyn Engine, bootstrap: &Catalog) -> Result<(), QueryError> {
    let writes: Vec<_> = catalog::rows::all(bootstrap)?
        .into_iter()
        .map(|Row { kind, key, body }| CatalogWrite::Put(CatalogRow { kind, key, body }))
        .collect();
    let mut session = engine.connect().await?;
    session.begin().await?;
    for schema in bootstrap.schemas() {
        if schema.id != catalog::PG_CATALOG_SCHEMA {
            session.define(&sql::render::create_schema(&schema.name)).await?;
        }
    }
    session.write_catalog(&writes).await?;
    session.commit().await?;
    Ok(())
}

/// Which running session a cancel key stops: by process id, the secret and the session's interrupt.
#[derive(Debug, Default)]
pub(crate) struct CancelKeys(Mutex<HashMap<i32, Cancellable>>);

type Cancellable = (i32, Arc<dyn engine::Interrupt>);

impl CancelKeys {
    pub(crate) fn put(&self, process_id: i32, secret_key: i32, interrupt: Arc<dyn engine::Interrupt>) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(process_id, (secret_key, interrupt));
    }

    pub(crate) fn remove(&self, process_id: i32) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&process_id);
    }

    /// Says nothing about whether the key fits, as PostgreSQL does.
    pub(crate) fn cancel(&self, process_id: i32, secret_key: i32) {
        let found = self.0.lock().unwrap_or_else(PoisonError::into_inner).get(&process_id).cloned();
        if let Some((expected, interrupt)) = found
            && base::Secret::new(expected.to_be_bytes()).matches(&secret_key.to_be_bytes())
        {
            interrupt.interrupt();
        }
    }
}

/// How many sessions each database user has open, for CONNECTION LIMIT.
#[derive(Debug, Default, Clone)]
pub(crate) struct OpenByUser(Arc<Mutex<HashMap<DbUserId, u32>>>);

impl OpenByUser {
    /// Takes a place; `None` where the limit is reached.
    pub(crate) fn enter(&self, user: DbUserId, limit: Option<u32>) -> Option<OpenPlace> {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let count = counts.get(&user).copied().unwrap_or(0);
        if limit.is_some_and(|limit| count >= limit) {
            return None;
        }
        counts.insert(user, count + 1);
        Some(OpenPlace { places: self.clone(), user })
    }
}

/// One session's place; given back when dropped.
#[derive(Debug)]
pub(crate) struct OpenPlace {
    places: OpenByUser,
    user: DbUserId,
}

impl Drop for OpenPlace {
    fn drop(&mut self) {
        let mut counts = self.places.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = counts.get_mut(&self.user) {
            *count -= 1;
            if *count == 0 {
                counts.remove(&self.user);
            }
        }
    }
}

/// The door that the wire knocks at. One per server.
#[derive(Debug)]
pub struct Gate {
    default: Arc<Warehouse>,
}

impl Gate {
    #[must_use]
    pub const fn new(default: Arc<Warehouse>) -> Self {
        Self { default }
    }

    /// Decides how the client must prove itself. `server_name` is the TLS SNI; there is one warehouse, so it decides nothing yet.
    pub async fn begin_login(
        &self,
        startup: crate::StartupRequest,
        server_name: Option<&str>,
    ) -> Result<crate::PendingLogin, QueryError> {
        tracing::debug!(server_name, peer = %startup.peer, "login begins");
        crate::login::begin(&self.default, startup).await
    }

    /// CancelRequest: stops the running statement of the session with this key. Says nothing, as PostgreSQL does.
    pub async fn cancel(&self, process_id: i32, secret_key: i32) {
        self.default.cancel_keys.cancel(process_id, secret_key);
    }
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
