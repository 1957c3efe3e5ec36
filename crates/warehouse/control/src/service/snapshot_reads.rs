//! Operations on snapshots and on the power of clusters, and what is answered of snapshots from memory.

use std::collections::BTreeMap;
use std::ops::Bound;
use std::sync::Arc;

use base::id::ClusterId;

use super::{Control, DESCRIBE_RECORDS_MAX};
use crate::{
    Cluster, ControlError, NewSnapshot, Page, RestoreCluster, Snapshot, SnapshotAttribute, SnapshotFilter, snapshot,
};

/// How far a copy of data is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CopyState {
    pub done_bytes: u64,
    pub total_bytes: u64,
    pub seconds: u32,
    pub completed: bool,
}

impl Control {
    /// Takes a snapshot while statements run. Answers it available; where that takes longer than some seconds, as it is then, and goes
    /// on: a snapshot that fails later is gone.
    ///
    /// # Errors
    /// [`ControlError::Invalid`], [`ControlError::InvalidTag`], [`ControlError::TagLimit`], [`ControlError::ClusterNotFound`],
    /// [`ControlError::InvalidClusterState`], [`ControlError::SnapshotAlreadyExists`], [`ControlError::SnapshotQuota`],
    /// [`ControlError::InvalidRetentionPeriod`], [`ControlError::Host`], [`ControlError::Store`]. Nothing is left.
    pub async fn create_snapshot(&self, mut new: NewSnapshot) -> Result<Arc<Snapshot>, ControlError> {
        new.check()?;
        self.run(|inner| async move { inner.create_snapshot(new).await }).await
    }

    /// Deletes a manual snapshot. `cluster`: the one that it must be of.
    ///
    /// # Errors
    /// [`ControlError::SnapshotNotFound`], [`ControlError::InvalidSnapshotState`], [`ControlError::Host`], [`ControlError::Store`].
    pub async fn delete_snapshot(
        &self,
        identifier: &str,
        cluster: Option<&ClusterId>,
    ) -> Result<Arc<Snapshot>, ControlError> {
        let (identifier, cluster) = (identifier.to_owned(), cluster.cloned());
        self.run(|inner| async move { inner.delete_snapshot(identifier, cluster).await }).await
    }

    /// Another retention for a manual snapshot: `Some(None)` is for ever. One that has ended already is refused, or, with `force`,
    /// deletes the snapshot.
    ///
    /// # Errors
    /// [`ControlError::SnapshotNotFound`], [`ControlError::InvalidSnapshotState`], [`ControlError::InvalidRetentionPeriod`],
    /// [`ControlError::Host`], [`ControlError::Store`].
    pub async fn modify_snapshot(
        &self,
        identifier: &str,
        retention: Option<Option<u16>>,
        force: bool,
    ) -> Result<Arc<Snapshot>, ControlError> {
        snapshot::retention(retention.flatten())?;
        let identifier = identifier.to_owned();
        self.run(|inner| async move { inner.modify_snapshot(identifier, retention, force).await }).await
    }

    /// Makes a manual snapshot of an automated one.
    ///
    /// # Errors
    /// As [`Self::create_snapshot`] and [`Self::delete_snapshot`].
    pub async fn copy_snapshot(
        &self,
        source: &str,
        cluster: Option<&ClusterId>,
        target: &str,
        retention: Option<u16>,
    ) -> Result<Arc<Snapshot>, ControlError> {
        snapshot::retention(retention)?;
        let target = snapshot::identifier("TargetSnapshotIdentifier", target)?;
        let (source, cluster) = (source.to_owned(), cluster.cloned());
        self.run(|inner| async move { inner.copy_snapshot(source, cluster, target, retention).await }).await
    }

    /// Makes a cluster of a snapshot: a warehouse of its own with the data, the users, roles, groups, grants, passwords and identity
    /// providers of that moment. Answers it available, or, where that takes longer than some seconds, as it is then.
    ///
    /// # Errors
    /// As [`Self::create_cluster`]; [`ControlError::SnapshotNotFound`], [`ControlError::InvalidSnapshotState`],
    /// [`ControlError::NoSpace`]. Nothing is left.
    pub async fn restore_cluster(&self, restore: RestoreCluster) -> Result<Arc<Cluster>, ControlError> {
        self.run(|inner| async move { inner.restore_cluster(restore).await }).await
    }

    /// Ends the sessions of a cluster and lets go of its file and its memory. It stays so, also over a restart.
    ///
    /// # Errors
    /// [`ControlError::ClusterNotFound`], [`ControlError::InvalidClusterState`], [`ControlError::Host`], [`ControlError::Store`].
    pub async fn pause_cluster(&self, id: &ClusterId) -> Result<Arc<Cluster>, ControlError> {
        let id = id.clone();
        self.run(|inner| async move { inner.pause_cluster(id).await }).await
    }

    /// Opens a paused cluster, with the parameters that waited for it. Where it can't be opened it stays paused.
    ///
    /// # Errors
    /// As [`Self::pause_cluster`].
    pub async fn resume_cluster(&self, id: &ClusterId) -> Result<Arc<Cluster>, ControlError> {
        let id = id.clone();
        self.run(|inner| async move { inner.resume_cluster(id).await }).await
    }

    /// Ends the sessions of a cluster, closes it, and opens it with the parameters that waited for it.
    ///
    /// # Errors
    /// As [`Self::pause_cluster`].
    pub async fn reboot_cluster(&self, id: &ClusterId) -> Result<Arc<Cluster>, ControlError> {
        let id = id.clone();
        self.run(|inner| async move { inner.reboot_cluster(id).await }).await
    }

    /// By its identifier, in any case.
    #[must_use]
    pub fn snapshot(&self, identifier: &str) -> Option<Arc<Snapshot>> {
        self.inner.read().snapshots.get(&identifier.to_ascii_lowercase()).cloned()
    }

    /// The snapshots that are selected, in the order that the filter says, that follow `after`, the `next` of the page before; at most
    /// `records` (1 to [`DESCRIBE_RECORDS_MAX`], outside of it the nearest).
    #[must_use]
    pub fn snapshots(&self, filter: &SnapshotFilter, after: Option<&str>, records: usize) -> Page<Snapshot> {
        let state = self.inner.read();
        let selected = state.snapshots.values().filter(|one| filter.matches(one, |id| state.cluster_of(id).is_some()));
        let mut ordered: BTreeMap<(i128, &str), &Arc<Snapshot>> = BTreeMap::new();
        let after = after.and_then(|after| after.split_once('/'));
        let after = after.and_then(|(value, identifier)| Some((value.parse::<i128>().ok()?, identifier)));
        for snapshot in selected {
            let value = match filter.order.attribute {
                None => 0,
                Some(SnapshotAttribute::SourceType) => i128::from(snapshot.kind.name() == "manual"),
                Some(SnapshotAttribute::TotalSize) => i128::from(snapshot.bytes),
                Some(SnapshotAttribute::CreateTime) => snapshot.created.unix_timestamp_nanos(),
            };
            ordered.insert((if filter.order.descending { -value } else { value }, &snapshot.identifier), snapshot);
        }
        let mut following = ordered.range((after.map_or(Bound::Unbounded, Bound::Excluded), Bound::Unbounded));
        let some: Vec<_> = following.by_ref().take(records.clamp(1, DESCRIBE_RECORDS_MAX)).collect();
        let last = some.last().map(|((value, identifier), _)| format!("{value}/{identifier}"));
        let next = following.next().and(last);
        Page { items: some.into_iter().map(|(_, snapshot)| Arc::clone(snapshot)).collect(), next }
    }

    /// `arn:aws:redshift:REGION:ACCOUNT:snapshot:CLUSTER/SNAPSHOT`
    #[must_use]
    pub fn snapshot_arn(&self, snapshot: &Snapshot) -> String {
        self.inner.arns.snapshot(snapshot)
    }

    /// How far the copy of a snapshot is.
    #[must_use]
    pub fn snapshot_copy(&self, snapshot: &Snapshot) -> CopyState {
        match self.inner.copies.get(snapshot.id.as_str()) {
            Some(progress) => self.under_way(progress.get(), snapshot.created),
            None => CopyState {
                done_bytes: snapshot.bytes,
                total_bytes: snapshot.bytes,
                seconds: snapshot.seconds,
                completed: true,
            },
        }
    }

    /// How far the restore of a cluster is; `None` for one that wasn't made of a snapshot.
    #[must_use]
    pub fn restore_copy(&self, cluster: &Cluster) -> Option<CopyState> {
        if let Some(progress) = self.inner.copies.get(cluster.warehouse.as_str()) {
            return Some(self.under_way(progress.get(), cluster.created));
        }
        let restored = self.inner.read().restored.get(&cluster.warehouse).cloned()?;
        let (bytes, seconds) = (restored.bytes, restored.seconds);
        Some(CopyState { done_bytes: bytes, total_bytes: bytes, seconds, completed: true })
    }

    fn under_way(&self, (done_bytes, total_bytes): (u64, u64), since: time::OffsetDateTime) -> CopyState {
        let seconds = super::snapshots::seconds(self.inner.clock.now() - since);
        CopyState { done_bytes, total_bytes, seconds, completed: false }
    }
}
