//! A copy of a database's file while statements run.
//!
//! DuckDB 1.5.5 writes over blocks of its file in a checkpoint alone; what bulk inserts write before their commit goes to blocks that
//! are free, and only the log refers to them. So a transaction of our own holds checkpoints off (any transaction that defines something
//! does), and keeps alive what others drop meanwhile, so that its blocks aren't free again. Then the log is copied, up to where it ends
//! at that moment, and after it the file, which has every block that this log refers to. Nobody waits for anything but a checkpoint
//! that is under way; the log grows for as long as the copy takes.

use std::fs::File;
use std::io::{self, Read as _, Seek as _};
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError};

use duckdb::Connection;
use engine::EngineError;

use crate::database::{DuckDb, DuckDbOptions, Shared, load};
use crate::fault;

/// Defined by the transaction that holds checkpoints off, which is always rolled back.
const HOLD: &str = "BEGIN TRANSACTION; CREATE VIEW gatehouse.being_copied AS SELECT 1 AS one";
/// Bytes between two reports.
const STEP_BYTES: u64 = 16 << 20;

impl DuckDb {
    /// Copies what is committed at a moment of this call to `target`, a name in an empty folder, and answers the copy's bytes. The
    /// copy is on the disk's platter, has been opened once, and has no log beside it. `note` is told how many bytes of how many are
    /// copied. One copy of a database at a time; others wait.
    ///
    /// The file's stem must be that of the database's own file: DuckDB calls its catalog so, and views and defaults refer to it.
    ///
    /// # Errors
    /// `Internal`: the disk is full, or the copy can't be opened. What is in the folder then is of no use.
    pub async fn copy(
        &self,
        target: PathBuf,
        options: DuckDbOptions,
        note: impl Fn(u64, u64) + Send + 'static,
    ) -> Result<u64, EngineError> {
        let shared = Arc::clone(&self.shared);
        let copied = tokio::task::spawn_blocking(move || {
            shared.copy(&target, &note)?;
            drop(shared);
            settle(&target, options)
        });
        copied.await.map_err(|join| fault::internal(format!("copying the database: {join}")))?
    }
}

impl Shared {
    fn copy(&self, target: &Path, note: &dyn Fn(u64, u64)) -> Result<(), EngineError> {
        let source =
            self.path.as_deref().ok_or_else(|| fault::internal("a database in memory has no file".to_owned()))?;
        let mut kept = self.copied.lock().unwrap_or_else(PoisonError::into_inner);
        let connection = self.connect()?;
        connection.execute_batch(HOLD).map_err(fault::translate)?;
        let copied = copy_files(source, &mut kept, target, note);
        release(&connection)?;
        copied.map_err(|error| fault::internal(format!("copying {}: {error}", source.display())))
    }
}

fn release(connection: &Connection) -> Result<(), EngineError> {
    connection.execute_batch("ROLLBACK").map_err(fault::translate)
}

fn copy_files(source: &Path, kept: &mut Option<File>, target: &Path, note: &dyn Fn(u64, u64)) -> io::Result<()> {
    let log = match File::open(log_of(source)) {
        Ok(log) => Some((log.metadata()?.len(), log)),
        // Nothing was committed since the last checkpoint.
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        Err(error) => return Err(error),
    };
    let log_bytes = log.as_ref().map_or(0, |(bytes, _)| *bytes);
    if let Some((bytes, log)) = &log {
        copy_some(log, *bytes, &log_of(target), &|_| ())?;
    }
    if kept.is_none() {
        *kept = Some(File::open(source)?);
    }
    let Some(file) = kept.as_mut() else { return Err(io::ErrorKind::NotFound.into()) };
    file.rewind()?;
    let bytes = file.metadata()?.len();
    let total = bytes.saturating_add(log_bytes);
    copy_some(file, bytes, target, &|done| note(done.saturating_add(log_bytes), total))
}

/// The first `bytes` of a file that may grow meanwhile.
fn copy_some(from: &File, bytes: u64, to: &Path, note: &dyn Fn(u64)) -> io::Result<()> {
    let mut target = File::create_new(to)?;
    let mut done = 0;
    while done < bytes {
        let step = io::copy(&mut from.take(STEP_BYTES.min(bytes - done)), &mut target)?;
        if step == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        done += step;
        note(done);
    }
    target.sync_all()
}

/// Opens a copied file, puts its log into it and closes it. Answers its bytes.
fn settle(file: &Path, options: DuckDbOptions) -> Result<u64, EngineError> {
    let database = Shared::open(Some(file), options)?;
    if load(&database)?.is_empty() {
        return Err(fault::internal(format!("{} has no warehouse in it", file.display())));
    }
    database.connect()?.execute_batch("CHECKPOINT").map_err(fault::translate)?;
    drop(database);
    on_platter(file).map_err(|error| fault::internal(format!("{}: {error}", file.display())))
}

fn on_platter(file: &Path) -> io::Result<u64> {
    if log_of(file).exists() {
        return Err(io::Error::other("its log was not put into it"));
    }
    let copy = File::open(file)?;
    copy.sync_all()?;
    if let Some(folder) = file.parent() {
        File::open(folder)?.sync_all()?;
    }
    Ok(copy.metadata()?.len())
}

fn log_of(file: &Path) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(".wal");
    PathBuf::from(name)
}

#[cfg(test)]
mod tests;
