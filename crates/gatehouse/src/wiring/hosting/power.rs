//! Warehouses that are closed and opened while the server runs.

use std::sync::Arc;
use std::time::Duration;

use base::id::WarehouseId;
use control::{Closing, HostError, WarehouseRecord};
use sessions::EndReason;

use super::host::Host;

/// How long a warehouse that is closed waits for its sessions, and then for its file.
pub(super) const CLOSE_PATIENCE: Duration = Duration::from_secs(20);

impl Host {
    /// The engine's memory is free and its file closed when this returns.
    pub(super) async fn close_one(&self, id: &WarehouseId, why: Closing) -> Result<(), HostError> {
        let Some((warehouse, closed)) = self.open.begin_close(id) else { return Ok(()) };
        if let Some(warehouse) = warehouse {
            warehouse.close(&reason(why), CLOSE_PATIENCE).await;
            drop_on_thread(warehouse).await?;
        }
        if tokio::time::timeout(CLOSE_PATIENCE, closed.wait()).await.is_err() {
            return Err(HostError::Failed(format!("a session of the warehouse {id} goes on and holds its file open")));
        }
        drop(self.open.remove(id));
        Ok(())
    }

    pub(super) async fn reopen(&self, record: &WarehouseRecord) -> Result<(), HostError> {
        if self.open.get(&record.id).is_some_and(|warehouse| warehouse.is_usable()) {
            return Ok(());
        }
        // The engine would open the file a second time, and both would write to it.
        if self.open.has_file(&record.id) {
            return Err(HostError::Failed(format!("the file of the warehouse {} isn't closed yet", record.id)));
        }
        match self.open_one(record).await {
            Ok(opened) => {
                self.open.put(opened);
                Ok(())
            }
            Err(cause) => {
                self.open.put_broken(record.id.clone(), record.name.clone(), cause.clone());
                Err(HostError::Failed(cause))
            }
        }
    }
}

const fn reason(why: Closing) -> EndReason {
    match why {
        Closing::Paused => EndReason::WarehousePaused,
        Closing::Rebooted => EndReason::WarehouseRebooted,
        Closing::Deleted => EndReason::WarehouseDeleted,
    }
}

/// The engine writes its file before it closes.
pub(super) async fn drop_on_thread<T: Send + Sync + 'static>(last: Arc<T>) -> Result<(), HostError> {
    let dropped = tokio::task::spawn_blocking(move || drop(last)).await;
    dropped.map_err(|error| HostError::Failed(error.to_string()))
}
