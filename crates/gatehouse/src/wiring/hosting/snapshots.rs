//! Copies of warehouses' files: snapshots, and warehouses made of them.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;
use std::sync::Arc;

use base::id::{SnapshotId, WarehouseId};
use control::{CopyProgress, HostError, WarehouseRecord};
use engine_duckdb::{DuckDb, DuckDbOptions};

use super::host::{Host, on_disk};
use super::memory;

/// Stays free on the disk beside a copy: the audit trail and the logs are written there as well.
const LEFT_FREE: u64 = 256 << 20;
/// Bytes between two reports.
const STEP_BYTES: u64 = 16 << 20;

impl Host {
    pub(super) async fn take(
        &self,
        id: &WarehouseId,
        snapshot: &SnapshotId,
        progress: &Arc<CopyProgress>,
    ) -> Result<u64, HostError> {
        let (files, warehouse, taken) = (self.files.clone(), id.clone(), snapshot.clone());
        let needed = on_disk(move || {
            files.make_snapshot(&taken)?;
            files.bytes(&warehouse)
        });
        let copied = async {
            let needed = needed.await?;
            self.check_space(needed)?;
            let outcome = self.copy(id, snapshot, progress).await;
            outcome.map_err(|error| self.check_space(needed).err().unwrap_or(error))
        };
        let copied = copied.await;
        if copied.is_err() {
            self.clear(snapshot).await;
        }
        copied
    }

    async fn copy(
        &self,
        id: &WarehouseId,
        snapshot: &SnapshotId,
        progress: &Arc<CopyProgress>,
    ) -> Result<u64, HostError> {
        let engine = match self.open.engine(id) {
            Some(engine) => engine,
            None => self.closed_engine(id).await?,
        };
        let (closed, is_open) = (engine.closed(), self.open.engine(id).is_some());
        // A copy is opened once, to put its log into it.
        let small = DuckDbOptions { threads: Some(1), memory_limit_bytes: Some(memory::LEAST), temp_limit_bytes: None };
        let progress = Arc::clone(progress);
        let copied = engine.copy(self.files.snapshot(snapshot), small, move |done, total| progress.note(done, total));
        let copied = copied.await.map_err(|error| HostError::Failed(error.log));
        super::power::drop_on_thread(engine).await?;
        if !is_open {
            closed.wait().await;
        }
        copied
    }

    /// Of a paused warehouse, or of one that is about to be deleted.
    async fn closed_engine(&self, id: &WarehouseId) -> Result<Arc<DuckDb>, HostError> {
        let file = self.files.file(id);
        if self.open.has_file(id) || !file.exists() {
            return Err(HostError::Failed(format!("{} is not closed, or isn't there", file.display())));
        }
        let engine = DuckDb::open(&file, self.engine).await;
        engine.map(Arc::new).map_err(|error| HostError::Failed(error.log))
    }

    pub(super) async fn link(&self, from: &SnapshotId, to: &SnapshotId) -> Result<(), HostError> {
        let (files, source, target) = (self.files.clone(), from.clone(), to.clone());
        let linked = on_disk(move || files.link_snapshot(&source, &target)).await;
        if linked.is_err() {
            self.clear(to).await;
        }
        linked
    }

    /// After a failure, which is what is told.
    async fn clear(&self, id: &SnapshotId) {
        if let Err(error) = self.forget_snapshot(id).await {
            tracing::warn!(%error, "the files of a snapshot that couldn't be taken are left");
        }
    }

    pub(super) async fn forget_snapshot(&self, id: &SnapshotId) -> Result<(), HostError> {
        let (files, id) = (self.files.clone(), id.clone());
        on_disk(move || files.remove_snapshot(&id)).await
    }

    pub(super) async fn make_of(
        &self,
        record: &WarehouseRecord,
        snapshot: &SnapshotId,
        progress: &Arc<CopyProgress>,
    ) -> Result<(), HostError> {
        let (files, id, source) = (self.files.clone(), record.id.clone(), self.files.snapshot(snapshot));
        let needed = std::fs::metadata(&source).map_err(|error| HostError::Failed(error.to_string()))?.len();
        self.check_space(needed)?;
        let noted = Arc::clone(progress);
        let made = async {
            on_disk(move || {
                files.remove(&id)?;
                files.make(&id)?;
                copy_file(&source, &files.file(&id), &noted)
            })
            .await?;
            let opened = self.open_one(record).await.map_err(HostError::Failed)?;
            self.open.put(opened);
            Ok(())
        };
        let made = made.await;
        let (files, id) = (self.files.clone(), record.id.clone());
        if made.is_err()
            && let Err(error) = on_disk(move || files.remove(&id)).await
        {
            tracing::warn!(%error, "the files of a warehouse that couldn't be restored are left");
        }
        made.map_err(|error| self.check_space(needed).err().unwrap_or(error))
    }

    fn check_space(&self, needed: u64) -> Result<(), HostError> {
        let free = self.files.free().map_err(|error| HostError::Failed(error.to_string()))?;
        room(needed, free)
    }
}

/// Whether a copy of so many bytes fits on a disk that has so many free.
fn room(needed: u64, free: u64) -> Result<(), HostError> {
    let needed = needed.saturating_add(LEFT_FREE);
    if needed <= free { Ok(()) } else { Err(HostError::NoSpace { needed, free }) }
}

fn copy_file(from: &Path, to: &Path, progress: &CopyProgress) -> io::Result<()> {
    let (mut source, mut target) = (File::open(from)?, File::create_new(to)?);
    let total = source.metadata()?.len();
    let mut done = 0;
    loop {
        let step = io::copy(&mut (&mut source).take(STEP_BYTES), &mut target)?;
        if step == 0 {
            break;
        }
        done += step;
        progress.note(done, total);
    }
    target.sync_all()?;
    to.parent().map_or(Ok(()), |folder| File::open(folder)?.sync_all())
}

#[cfg(test)]
mod tests;
