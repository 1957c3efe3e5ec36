//! One DuckDB database: how it is opened, and its port.

use std::collections::BTreeMap;
use std::fmt;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, Mutex, PoisonError};

use duckdb::{Config, Connection};
use engine::{CatalogRow, Engine, EngineError, EngineSession};
use tokio::sync::watch;

use crate::fault;
use crate::parser::Parser;
use crate::session::DuckDbSession;

/// The schema that holds Gatehouse's own rows. No text of a client ever reaches it (`check` refuses it by name).
pub(crate) const CATALOG_SCHEMA: &str = "gatehouse";

/// No primary key: DuckDB checks keys eagerly, so that a deletion and an insertion of one key in one transaction fail.
const CREATE_CATALOG: &str = "CREATE SCHEMA IF NOT EXISTS gatehouse; \
    CREATE TABLE IF NOT EXISTS gatehouse.catalog(kind VARCHAR NOT NULL, key VARCHAR NOT NULL, body VARCHAR NOT NULL);";

/// Settings of every session. DuckDB's `explain_output` makes EXPLAIN show the plan as it was bound, for `check`.
const SESSION_SETTINGS: &str = "SET TimeZone = 'UTC'; SET explain_output = 'all'; SET integer_division = true;";

/// How much of the machine DuckDB may take, all sessions together. `None`: all cores, 80 % of the memory, 16 GiB of disk.
/// DuckDB doesn't count long texts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct DuckDbOptions {
    pub threads: Option<u32>,
    pub memory_limit_bytes: Option<u64>,
    /// For what doesn't fit into memory, beside the database's file.
    pub temp_limit_bytes: Option<u64>,
}

/// DuckDB's own choice is nine tenths of the free disk, where the audit trail is written as well.
const TEMP_LIMIT_BYTES: u64 = 16 << 30;

/// An open database. Dropping it, and all its sessions, closes the file.
pub struct DuckDb {
    pub(crate) shared: Arc<Shared>,
}

/// When a database's file is closed; see [`DuckDb::closed`].
#[derive(Debug, Clone)]
pub struct Closed(watch::Receiver<()>);

impl Closed {
    /// Returns when the database and all its sessions are gone, and its file may be opened again.
    pub async fn wait(mut self) {
        // Nothing is ever sent: an error says that the sender is gone, with what it is a part of.
        while self.0.changed().await.is_ok() {}
    }
}

/// What sessions have in common.
pub(crate) struct Shared {
    /// Sessions are cloned from it; it runs nothing but `load_catalog`.
    root: Mutex<Connection>,
    pub(crate) parser: Parser,
    /// DuckDB's own name for the file's database.
    pub(crate) database: String,
    /// Counts changes of what names mean, so that sessions forget the texts that they have checked.
    pub(crate) definitions: AtomicU64,
    pub(crate) path: Option<PathBuf>,
    /// The file, opened by the first copy and kept: closing it would let go of the lock that DuckDB has on it (POSIX `fcntl`).
    pub(crate) copied: Mutex<Option<File>>,
    /// The last field: gone when the file is closed.
    closed: watch::Sender<()>,
}

impl fmt::Debug for DuckDb {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DuckDb").field("database", &self.shared.database).finish_non_exhaustive()
    }
}

impl DuckDb {
    /// Opens or creates the file at `path`.
    ///
    /// Errors with `Internal` where it isn't a DuckDB file, can't be read, or is in use by another process.
    pub async fn open(path: &Path, options: DuckDbOptions) -> Result<Self, EngineError> {
        Self::start(Some(path.to_owned()), options).await
    }

    /// A database that is gone with its last session. For tests.
    pub async fn open_in_memory() -> Result<Self, EngineError> {
        Self::start(None, DuckDbOptions::default()).await
    }

    async fn start(path: Option<PathBuf>, options: DuckDbOptions) -> Result<Self, EngineError> {
        let opened = tokio::task::spawn_blocking(move || Shared::open(path.as_deref(), options)).await;
        let shared = opened.map_err(|join| fault::internal(format!("opening the database: {join}")))??;
        Ok(Self { shared: Arc::new(shared) })
    }

    /// Tells when the file is closed: when this value is dropped, and all its sessions have ended.
    #[must_use]
    pub fn closed(&self) -> Closed {
        Closed(self.shared.closed.subscribe())
    }

    /// A session of this database, with its thread.
    pub async fn session(&self) -> Result<DuckDbSession, EngineError> {
        let connection = self.shared.connect()?;
        DuckDbSession::start(connection, Arc::clone(&self.shared))
    }
}

impl Shared {
    pub(crate) fn open(path: Option<&Path>, options: DuckDbOptions) -> Result<Self, EngineError> {
        let config = configuration(options).map_err(fault::translate)?;
        let root = match path {
            Some(path) => Connection::open_with_flags(path, config),
            None => Connection::open_in_memory_with_flags(config),
        };
        let root = root.map_err(fault::translate)?;
        // Given when it opens, DuckDB 1.5.5 shows this setting and doesn't heed it.
        let temp_limit = options.temp_limit_bytes.unwrap_or(TEMP_LIMIT_BYTES);
        root.execute_batch(&format!("SET GLOBAL max_temp_directory_size = '{temp_limit}B'"))
            .map_err(fault::translate)?;
        root.execute_batch(CREATE_CATALOG).map_err(fault::translate)?;
        let database = root.query_row("SELECT current_database()", [], |row| row.get(0)).map_err(fault::translate)?;
        let parser = Parser::new().map_err(|words| fault::from_words(&words))?;
        Ok(Self {
            root: Mutex::new(root),
            parser,
            database,
            definitions: AtomicU64::new(0),
            path: path.map(Path::to_owned),
            copied: Mutex::default(),
            closed: watch::Sender::new(()),
        })
    }

    pub(crate) fn connect(&self) -> Result<Connection, EngineError> {
        let connection = self.root.lock().unwrap_or_else(PoisonError::into_inner).try_clone();
        let connection = connection.map_err(fault::translate)?;
        connection.execute_batch(SESSION_SETTINGS).map_err(fault::translate)?;
        Ok(connection)
    }
}

fn configuration(options: DuckDbOptions) -> duckdb::Result<Config> {
    let mut config = Config::default()
        .enable_external_access(false)?
        .enable_autoload_extension(false)?
        .with("allow_community_extensions", "false")?
        .with("allow_unsigned_extensions", "false")?
        .with("allow_persistent_secrets", "false")?;
    if let Some(threads) = options.threads {
        config = config.threads(i64::from(threads))?;
    }
    if let Some(bytes) = options.memory_limit_bytes {
        config = config.max_memory(&format!("{bytes}B"))?;
    }
    Ok(config)
}

/// Of a key that two transactions added at the same time, the later row counts. (Not in SQL: DuckDB 1.5.5 fails with an
/// internal error on `QUALIFY row_number() OVER (… ORDER BY rowid DESC) = 1`.)
pub(crate) fn load(shared: &Shared) -> Result<Vec<CatalogRow>, EngineError> {
    let connection = shared.connect()?;
    let mut statement =
        connection.prepare("SELECT kind, key, body FROM gatehouse.catalog ORDER BY rowid").map_err(fault::translate)?;
    let rows =
        statement.query_map([], |row| Ok(((row.get(0)?, row.get(1)?), row.get(2)?))).map_err(fault::translate)?;
    let latest: BTreeMap<(String, String), String> = rows.collect::<duckdb::Result<_>>().map_err(fault::translate)?;
    Ok(latest.into_iter().map(|((kind, key), body)| CatalogRow { kind, key, body }).collect())
}

#[async_trait::async_trait]
impl Engine for DuckDb {
    async fn connect(&self) -> Result<Box<dyn EngineSession>, EngineError> {
        Ok(Box::new(self.session().await?))
    }

    async fn load_catalog(&self) -> Result<Vec<CatalogRow>, EngineError> {
        let shared = Arc::clone(&self.shared);
        let loaded = tokio::task::spawn_blocking(move || load(&shared)).await;
        loaded.map_err(|join| fault::internal(format!("loading the catalog: {join}")))?
    }
}

#[cfg(test)]
mod tests;
