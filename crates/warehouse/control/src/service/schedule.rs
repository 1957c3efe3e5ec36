//! Automated snapshots, and the end of those that were kept long enough.

use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinHandle;

use super::Control;
use super::inner::Inner;
use crate::snapshot::{due, expires};
use crate::{ControlError, Snapshot, SnapshotKind, SnapshotStatus};

/// Between two looks at what is due.
const EVERY: Duration = Duration::from_secs(60);

impl Control {
    /// Takes the automated snapshots that are due and deletes the snapshots that are over, one after the other. What fails is logged
    /// and tried again by the next call.
    pub async fn tend_snapshots(&self) {
        let tended = self.run(|inner| async move {
            inner.delete_expired().await;
            inner.take_due().await;
            Ok(())
        });
        if let Err(error) = tended.await {
            tracing::error!(%error, "snapshots are not tended");
        }
    }

    /// Starts the task that does so every minute, as long as the control plane is there.
    pub fn keep_snapshots(self: &Arc<Self>) -> JoinHandle<()> {
        let control = Arc::downgrade(self);
        base::task::spawn("snapshots", async move {
            loop {
                tokio::time::sleep(EVERY).await;
                let Some(control) = control.upgrade() else { return };
                control.tend_snapshots().await;
            }
        })
    }
}

impl Inner {
    async fn delete_expired(self: &Arc<Self>) {
        let now = self.clock.now();
        let over: Vec<Arc<Snapshot>> = {
            let state = self.read();
            let kept =
                |snapshot: &Snapshot| state.cluster_of(&snapshot.source.warehouse).map(|one| one.automated_retention);
            let available = state.snapshots.values().filter(|one| one.status == SnapshotStatus::Available);
            available.filter(|one| expires(one, kept(one)).is_some_and(|end| end <= now)).cloned().collect()
        };
        for snapshot in over {
            match self.erase(&snapshot).await {
                Ok(()) => tracing::info!(snapshot = snapshot.identifier, "a snapshot was kept long enough"),
                Err(error) => tracing::warn!(snapshot = snapshot.identifier, %error, "an expired snapshot is left"),
            }
        }
    }

    async fn take_due(self: &Arc<Self>) {
        let now = self.clock.now();
        let clusters: Vec<_> = self.read().clusters.values().cloned().collect();
        for cluster in clusters {
            let latest = self.automated_of(&cluster.warehouse).iter().map(|one| one.created).max();
            if due(&cluster, latest).is_some_and(|due| due <= now)
                && let Err(error) = self.create_automated(&cluster.identifier).await
            {
                tracing::warn!(cluster = %cluster.identifier, %error, "an automated snapshot was not taken");
            }
        }
    }

    fn automated_of(&self, warehouse: &base::id::WarehouseId) -> Vec<Arc<Snapshot>> {
        let state = self.read();
        let automated = state.snapshots.values().filter(|one| one.kind == SnapshotKind::Automated);
        automated.filter(|one| one.source.warehouse == *warehouse).cloned().collect()
    }

    /// They go with their cluster. One that is being restored or copied goes when it is over: it belongs to no cluster any more.
    pub(super) async fn delete_automated_of(
        self: &Arc<Self>,
        warehouse: &base::id::WarehouseId,
    ) -> Result<(), ControlError> {
        for snapshot in self.automated_of(warehouse) {
            match self.erase(&snapshot).await {
                Ok(()) | Err(ControlError::InvalidSnapshotState(_) | ControlError::SnapshotNotFound(_)) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }
}
