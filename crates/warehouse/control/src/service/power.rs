//! Clusters that are paused, resumed and rebooted.

use std::sync::Arc;

use base::id::ClusterId;

use super::inner::{Busy, BusyKey, Inner};
use crate::{Closing, Cluster, ClusterStatus, ControlError, WarehouseRecord};

impl Inner {
    /// Sessions, then file, then record. A pause that failed or was interrupted can be repeated.
    pub(super) async fn pause_cluster(self: Arc<Self>, id: ClusterId) -> Result<Arc<Cluster>, ControlError> {
        let from = [ClusterStatus::Available, ClusterStatus::Pausing];
        let (cluster, _busy) = self.begin_power(&id, &from, ClusterStatus::Pausing).await?;
        self.host()?.close_warehouse(&cluster.warehouse, Closing::Paused).await?;
        self.end_power(&cluster, ClusterStatus::Paused).await
    }

    pub(super) async fn resume_cluster(self: Arc<Self>, id: ClusterId) -> Result<Arc<Cluster>, ControlError> {
        let (cluster, _busy) = self.begin_power(&id, &[ClusterStatus::Paused], ClusterStatus::Resuming).await?;
        match self.open_recorded(&cluster).await {
            Ok(()) => self.end_power(&cluster, ClusterStatus::Available).await,
            Err(error) => {
                self.end_power(&cluster, ClusterStatus::Paused).await?;
                Err(error)
            }
        }
    }

    /// The cluster is available afterwards also where its file can't be opened: out of service, as after a start of the server.
    pub(super) async fn reboot_cluster(self: Arc<Self>, id: ClusterId) -> Result<Arc<Cluster>, ControlError> {
        let from = [ClusterStatus::Available, ClusterStatus::Rebooting];
        let (cluster, _busy) = self.begin_power(&id, &from, ClusterStatus::Rebooting).await?;
        self.host()?.close_warehouse(&cluster.warehouse, Closing::Rebooted).await?;
        let opened = self.open_recorded(&cluster).await;
        let cluster = self.end_power(&cluster, ClusterStatus::Available).await?;
        opened.map(|()| cluster)
    }

    /// The step is on disk; so are the parameters that waited for it, since the engine is opened again at the latest by the next start.
    async fn begin_power(
        self: &Arc<Self>,
        id: &ClusterId,
        from: &[ClusterStatus],
        step: ClusterStatus,
    ) -> Result<(Arc<Cluster>, Busy), ControlError> {
        let turn = self.turn().await;
        let cluster = self.known_cluster(id)?;
        let busy = self.begin(BusyKey::Warehouse(cluster.warehouse.clone()));
        let busy = busy.ok_or_else(|| super::clusters::busy_state(&cluster))?;
        if !from.contains(&cluster.status) {
            return Err(ControlError::InvalidClusterState { id: id.clone(), state: cluster.status.name() });
        }
        self.host()?;
        let cluster = self.put_cluster(&turn, &cluster.warehouse, |cluster| cluster.status = step).await?;
        match step {
            ClusterStatus::Resuming | ClusterStatus::Rebooting => {
                Ok((self.apply_pending(&turn, &cluster.warehouse).await?, busy))
            }
            ClusterStatus::Creating
            | ClusterStatus::Available
            | ClusterStatus::Pausing
            | ClusterStatus::Paused
            | ClusterStatus::FinalSnapshot
            | ClusterStatus::Deleting => Ok((cluster, busy)),
        }
    }

    async fn end_power(&self, cluster: &Cluster, status: ClusterStatus) -> Result<Arc<Cluster>, ControlError> {
        let turn = self.turn().await;
        self.put_cluster(&turn, &cluster.warehouse, |cluster| cluster.status = status).await
    }

    pub(super) async fn open_recorded(&self, cluster: &Cluster) -> Result<(), ControlError> {
        let record = self.recorded(cluster)?;
        Ok(self.host()?.open_warehouse(&record).await?)
    }

    pub(super) fn recorded(&self, cluster: &Cluster) -> Result<WarehouseRecord, ControlError> {
        let record = super::reads::record(&self.read(), &cluster.warehouse);
        let gone = || ControlError::Host(format!("the record of warehouse {} is gone", cluster.warehouse));
        record.map(|(_, record)| record).ok_or_else(gone)
    }
}
