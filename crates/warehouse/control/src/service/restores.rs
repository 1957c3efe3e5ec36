//! Clusters made of snapshots, and clusters that are copied once more before they are deleted.

use std::sync::Arc;

use base::id::ClusterId;

use super::inner::{Busy, BusyKey, Inner};
use super::snapshots::{in_use, patiently, seconds, usable};
use crate::{
    Closing, Cluster, ClusterStatus, ControlError, ControlWrite, FinalSnapshot, MasterPassword, RestoreCluster,
    Restored, Snapshot, SnapshotKind, WarehouseSpec,
};

impl Inner {
    pub(super) async fn restore_cluster(
        self: Arc<Self>,
        restore: RestoreCluster,
    ) -> Result<Arc<Cluster>, ControlError> {
        let snapshot = self.known_snapshot(&restore.snapshot, restore.snapshot_cluster.as_ref())?;
        let held = self.begin(BusyKey::Reader(snapshot.id.clone(), base::id::uuid()));
        let held = held.ok_or_else(|| in_use(&snapshot))?;
        // Asked once more: it is ours from here on.
        let snapshot = self.known_snapshot(&snapshot.identifier, None)?;
        usable(&snapshot)?;
        let mut new = restore.new_cluster(&snapshot.source);
        // An application that was deleted since is no connection any more.
        new.idc_application.take_if(|application| !self.read().idc_applications.contains_key(application));
        new.check(&self.arns.account)?;
        let password = matches!(new.master_password, MasterPassword::Managed);
        let (cluster, spec, busy) = self.record_cluster(new).await?;
        let cluster = Arc::new(cluster);
        let inner = Arc::clone(&self);
        let recorded = Arc::clone(&cluster);
        let restoring = base::task::spawn("restore", async move {
            let _held = (held, busy);
            match inner.build_restored(&recorded, &spec, &snapshot, password).await {
                Ok(made) => Ok(made),
                Err(error) => {
                    tracing::warn!(cluster = %recorded.identifier, %error, "a snapshot could not be restored");
                    inner.discard_cluster(&recorded).await;
                    Err(error)
                }
            }
        });
        patiently(restoring, || Ok(self.read().clusters.get(&cluster.identifier).cloned().unwrap_or(cluster))).await
    }

    async fn build_restored(
        &self,
        cluster: &Cluster,
        spec: &WarehouseSpec,
        snapshot: &Snapshot,
        password: bool,
    ) -> Result<Arc<Cluster>, ControlError> {
        let began = self.clock.now();
        self.listen(cluster.port).await?;
        let record = self.recorded(cluster)?;
        let copy = self.copies.begin(cluster.warehouse.as_str());
        self.host()?.restore(&record, &snapshot.id, copy.progress()).await?;
        if password {
            let host = self.host()?;
            host.set_admin_password(&cluster.warehouse, &cluster.master_username, &spec.admin_password).await?;
        }
        let turn = self.turn().await;
        let restored = Restored {
            warehouse: cluster.warehouse.clone(),
            snapshot: snapshot.identifier.clone(),
            bytes: snapshot.bytes,
            seconds: seconds(self.clock.now() - began),
        };
        self.commit(&turn, ControlWrite::PutRestored(restored)).await?;
        self.put_cluster(&turn, &cluster.warehouse, |cluster| cluster.status = ClusterStatus::Available).await
    }

    /// Closed, then copied, then deleted: nothing can be written after the copy. Where it can't be copied it is opened again.
    pub(super) async fn delete_after_snapshot(
        self: Arc<Self>,
        id: ClusterId,
        last: FinalSnapshot,
    ) -> Result<Arc<Cluster>, ControlError> {
        let (cluster, snapshot, busy) = {
            let turn = self.turn().await;
            let cluster = self.known_cluster(&id)?;
            let taken = matches!(cluster.status, ClusterStatus::Available | ClusterStatus::Paused);
            let busy = self.begin(BusyKey::Warehouse(cluster.warehouse.clone())).filter(|_| taken);
            let busy = busy.ok_or_else(|| super::clusters::busy_state(&cluster))?;
            self.check_snapshot_free(&turn, &last.identifier)?;
            self.host()?;
            let snapshot = self.new_snapshot(&cluster, last.identifier, SnapshotKind::Manual);
            let snapshot = Snapshot { retention: last.retention, is_final: true, ..snapshot };
            self.commit(&turn, ControlWrite::PutSnapshot(snapshot.clone())).await?;
            // A paused one is closed anyway, and stays paused where this is interrupted.
            if cluster.status == ClusterStatus::Available {
                let copied = |cluster: &mut Cluster| cluster.status = ClusterStatus::FinalSnapshot;
                self.put_cluster(&turn, &cluster.warehouse, copied).await?;
            }
            (cluster, Arc::new(snapshot), busy)
        };
        let last = async {
            self.host()?.close_warehouse(&cluster.warehouse, Closing::Deleted).await?;
            self.copy_data(&snapshot).await
        };
        if let Err(error) = last.await {
            self.undo_final(&cluster, &snapshot).await;
            return Err(error);
        }
        self.delete_held(&cluster, &busy).await
    }

    /// As it was before. What can't be undone now is undone by the next start.
    async fn undo_final(&self, before: &Cluster, snapshot: &Snapshot) {
        let undone = async {
            self.discard_snapshot(snapshot).await?;
            self.reopen(before).await
        };
        if let Err(error) = undone.await {
            let cluster = &before.identifier;
            tracing::error!(%cluster, %error, "a cluster is closed for a final snapshot that couldn't be taken; start anew");
        }
    }

    /// Opens a cluster that was closed for its final snapshot, unless it was paused.
    pub(super) async fn reopen(&self, before: &Cluster) -> Result<(), ControlError> {
        let status = match before.status {
            ClusterStatus::Paused => ClusterStatus::Paused,
            ClusterStatus::Available
            | ClusterStatus::Creating
            | ClusterStatus::Pausing
            | ClusterStatus::Resuming
            | ClusterStatus::Rebooting
            | ClusterStatus::FinalSnapshot
            | ClusterStatus::Deleting => ClusterStatus::Available,
        };
        if status == ClusterStatus::Available
            && let Err(error) = self.open_recorded(before).await
        {
            tracing::error!(cluster = %before.identifier, %error, "it is out of service");
        }
        let turn = self.turn().await;
        self.put_cluster(&turn, &before.warehouse, |cluster| cluster.status = status).await.map(drop)
    }

    async fn delete_held(self: &Arc<Self>, cluster: &Cluster, _busy: &Busy) -> Result<Arc<Cluster>, ControlError> {
        let cluster = {
            let turn = self.turn().await;
            let deleting = |cluster: &mut Cluster| cluster.status = ClusterStatus::Deleting;
            self.put_cluster(&turn, &cluster.warehouse, deleting).await?
        };
        self.remove_cluster(&cluster).await?;
        Ok(cluster)
    }
}
