//! Where a warehouse's data is: `DIR/warehouses/<id>/data.duckdb`, in a folder of its own with everything the engine puts beside it.

use std::fs::{self, DirBuilder, File};
use std::io::{self, ErrorKind};
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use base::id::{SnapshotId, WarehouseId};

/// The engine's file, and its write-ahead log beside it.
const FILE: &str = "data.duckdb";
const LOG_SUFFIX: &str = ".wal";
/// What the engine moves out of memory; it makes it anew.
const SPILLED_SUFFIX: &str = ".tmp";
/// Where the only warehouse was before there were several.
const FIRST_FILE: &str = "gatehouse-data.duckdb";

/// The folders of all warehouses and of all snapshots.
#[derive(Debug, Clone)]
pub(crate) struct WarehouseFiles {
    data: PathBuf,
}

impl WarehouseFiles {
    /// `data` is the data directory.
    pub(crate) const fn below(data: PathBuf) -> Self {
        Self { data }
    }

    pub(crate) fn file(&self, id: &WarehouseId) -> PathBuf {
        self.folder(id).join(FILE)
    }

    /// Makes the folder, mode 0700.
    pub(crate) fn make(&self, id: &WarehouseId) -> io::Result<()> {
        make(id.as_str(), &self.folder(id))
    }

    /// A snapshot's file. It is called as every warehouse's: DuckDB calls its catalog as the file is called.
    pub(crate) fn snapshot(&self, id: &SnapshotId) -> PathBuf {
        self.snapshot_folder(id).join(FILE)
    }

    /// Makes a snapshot's folder, empty, mode 0700; what is in it is removed.
    pub(crate) fn make_snapshot(&self, id: &SnapshotId) -> io::Result<()> {
        self.remove_snapshot(id)?;
        make(id.as_str(), &self.snapshot_folder(id))
    }

    /// Removes a snapshot's folder with all that is in it; nothing to do where there is none.
    pub(crate) fn remove_snapshot(&self, id: &SnapshotId) -> io::Result<()> {
        unless_gone(fs::remove_dir_all(self.snapshot_folder(id)))
    }

    /// Another name for a snapshot's file, which nobody ever changes.
    pub(crate) fn link_snapshot(&self, from: &SnapshotId, to: &SnapshotId) -> io::Result<()> {
        self.make_snapshot(to)?;
        fs::hard_link(self.snapshot(from), self.snapshot(to))?;
        File::open(self.snapshot_folder(to))?.sync_all()
    }

    /// Bytes of a warehouse's file and its log.
    pub(crate) fn bytes(&self, id: &WarehouseId) -> io::Result<u64> {
        let file = self.file(id);
        let log = fs::metadata(with_suffix(&file, LOG_SUFFIX)).map_or(0, |log| log.len());
        Ok(fs::metadata(file)?.len().saturating_add(log))
    }

    /// Bytes that the disk has free.
    pub(crate) fn free(&self) -> io::Result<u64> {
        let disk = rustix::fs::statvfs(&self.data)?;
        Ok(disk.f_bavail.saturating_mul(disk.f_frsize))
    }

    fn snapshot_folder(&self, id: &SnapshotId) -> PathBuf {
        self.data.join("snapshots").join(id.as_str())
    }

    /// Removes what a server that was killed had moved out of its memory: the engine would leave it there. To be called before the
    /// engine opens the file.
    pub(crate) fn remove_spilled(&self, id: &WarehouseId) -> io::Result<()> {
        unless_gone(fs::remove_dir_all(with_suffix(&self.file(id), SPILLED_SUFFIX)))
    }

    /// Removes the folder with all that is in it; nothing to do where there is none.
    pub(crate) fn remove(&self, id: &WarehouseId) -> io::Result<()> {
        unless_gone(fs::remove_dir_all(self.folder(id)))
    }

    /// At the first start after the upgrade: the only file goes to the only warehouse. Its log goes first: while the file itself
    /// is still in its old place, a start that was killed in between begins again here.
    pub(crate) fn adopt_first(&self, warehouses: &[WarehouseId]) -> anyhow::Result<()> {
        let old = self.data.join(FIRST_FILE);
        if !old.exists() {
            return Ok(());
        }
        let mut without: Vec<_> = warehouses.iter().filter(|id| !self.file(id).exists()).collect();
        let (Some(id), true) = (without.pop(), without.is_empty()) else {
            bail!("{} belongs to no cluster that is known here; move it away to start without it", old.display());
        };
        let new = self.file(id);
        let moved = || -> io::Result<()> {
            self.make(id)?;
            let (old_log, new_log) = (with_suffix(&old, LOG_SUFFIX), with_suffix(&new, LOG_SUFFIX));
            if old_log.exists() {
                fs::rename(old_log, new_log)?;
            }
            fs::rename(&old, &new)
        };
        moved().with_context(|| format!("{} can't be moved to {}", old.display(), new.display()))?;
        tracing::info!(from = %old.display(), to = %new.display(), "the first warehouse's file has a new place");
        Ok(())
    }

    fn folder(&self, id: &WarehouseId) -> PathBuf {
        self.data.join("warehouses").join(id.as_str())
    }
}

fn make(id: &str, folder: &Path) -> io::Result<()> {
    let plain = id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    if id.is_empty() || !plain {
        return Err(io::Error::new(ErrorKind::InvalidInput, format!("{id:?} is no name for a folder")));
    }
    DirBuilder::new().mode(0o700).recursive(true).create(folder)
}

fn unless_gone(removed: io::Result<()>) -> io::Result<()> {
    match removed {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        outcome => outcome,
    }
}

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

#[cfg(test)]
mod tests;
