//! What a start finds that an earlier run left half done.

use std::sync::Arc;

use base::id::WarehouseId;
use center::Center;

use super::inner::Inner;
use crate::state::State;
use crate::{
    Cluster, ClusterStatus, ControlError, Lifecycle, QEV2_PROVIDER_ARN, REDSHIFT_PROVIDER_ARN, SnapshotStatus,
};

/// Removes managed applications that no application of ours has: their create was interrupted.
pub(super) async fn remove_orphans(center: &Center, state: &State) -> Result<(), ControlError> {
    for application in center.applications() {
        let ours = [REDSHIFT_PROVIDER_ARN, QEV2_PROVIDER_ARN].contains(&application.provider_arn.as_str());
        if ours && !state.manages(&application.arn) {
            tracing::warn!(arn = %application.arn, "removing a managed application that an interrupted call left");
            center.delete_application(&application.arn).await?;
        }
    }
    Ok(())
}

impl Inner {
    pub(super) async fn recover(self: Arc<Self>) -> Result<(), ControlError> {
        let unfinished = |status| matches!(status, Lifecycle::Creating | Lifecycle::Deleting);
        let workgroups: Vec<_> = self.read().workgroups.values().cloned().collect();
        for workgroup in workgroups.into_iter().filter(|workgroup| unfinished(workgroup.status)) {
            tracing::warn!(workgroup = %workgroup.name, "removing a workgroup whose making or deleting was interrupted");
            unless_host(self.remove_workgroup(&workgroup).await)?;
        }
        let clusters: Vec<_> = self.read().clusters.values().cloned().collect();
        for cluster in clusters {
            unless_host(self.recover_cluster(&cluster).await)?;
        }
        let snapshots: Vec<_> = self.read().snapshots.values().cloned().collect();
        for snapshot in snapshots.into_iter().filter(|snapshot| snapshot.status != SnapshotStatus::Available) {
            tracing::warn!(
                snapshot = snapshot.identifier,
                "removing a snapshot whose taking or deleting was interrupted"
            );
            unless_host(self.discard_snapshot(&snapshot).await)?;
        }
        let namespaces: Vec<_> = self.read().namespaces.values().cloned().collect();
        for namespace in namespaces.into_iter().filter(|namespace| unfinished(namespace.status)) {
            tracing::warn!(namespace = %namespace.name, "removing a namespace whose making or deleting was interrupted");
            unless_host(self.remove_namespace(&namespace).await)?;
        }
        for finished in self.finish_rotations().await {
            unless_host(finished)?;
        }
        let ports: Vec<u16> = self.read().endpoints.ports().collect();
        for port in ports {
            unless_host(self.listen(port).await)?;
        }
        Ok(())
    }
}

impl Inner {
    async fn recover_cluster(self: &Arc<Self>, cluster: &Cluster) -> Result<(), ControlError> {
        let settled = match cluster.status {
            ClusterStatus::Available | ClusterStatus::Paused => return Ok(()),
            // A start has opened those already.
            ClusterStatus::Resuming | ClusterStatus::Rebooting => ClusterStatus::Available,
            ClusterStatus::Pausing => ClusterStatus::Paused,
            ClusterStatus::FinalSnapshot if !self.is_kept(&cluster.warehouse) => return self.reopen(cluster).await,
            ClusterStatus::Creating | ClusterStatus::FinalSnapshot | ClusterStatus::Deleting => {
                let status = cluster.status.name();
                tracing::warn!(cluster = %cluster.identifier, status, "removing a cluster that an interrupted operation left");
                return self.remove_cluster(cluster).await;
            }
        };
        let turn = self.turn().await;
        self.put_cluster(&turn, &cluster.warehouse, |cluster| cluster.status = settled).await.map(drop)
    }

    /// Whether its final snapshot is whole.
    fn is_kept(&self, warehouse: &WarehouseId) -> bool {
        let state = self.read();
        let mut last = state.snapshots.values().filter(|one| one.is_final && one.source.warehouse == *warehouse);
        last.any(|one| one.status == SnapshotStatus::Available)
    }
}

/// What the host can't do now must not keep the other warehouses from starting: the record stays, and is tried again.
fn unless_host(outcome: Result<(), ControlError>) -> Result<(), ControlError> {
    match outcome {
        Err(error @ (ControlError::Host(_) | ControlError::PortInUse { .. } | ControlError::Rejected(_))) => {
            tracing::error!(%error, "left as it is until the next start");
            Ok(())
        }
        other => other,
    }
}
