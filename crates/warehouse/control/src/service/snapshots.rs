//! Snapshots: taken, changed, copied, deleted.

use std::sync::Arc;
use std::time::Duration;

use base::id::{ClusterId, SnapshotId};
use tokio::task::JoinHandle;

use super::inner::{Busy, BusyKey, Inner, Turn};
use crate::snapshot::{MANUAL_SNAPSHOTS_MAX, automated_identifier, expires};
use crate::{
    Cluster, ControlError, ControlStoreError, ControlWrite, HostError, NewSnapshot, Snapshot, SnapshotKind,
    SnapshotSource, SnapshotStatus,
};

/// How long an operation that copies data waits to answer that it is done; then it answers how far it is.
pub(super) const PATIENCE: Duration = Duration::from_secs(20);

impl Inner {
    pub(super) async fn create_snapshot(self: Arc<Self>, new: NewSnapshot) -> Result<Arc<Snapshot>, ControlError> {
        let (snapshot, busy) = {
            let turn = self.turn().await;
            let cluster = self.available_cluster(&new.cluster)?;
            self.check_snapshot_free(&turn, &new.identifier)?;
            let retention = new.retention.unwrap_or_else(|| u16::try_from(cluster.manual_retention).ok());
            let snapshot = self.new_snapshot(&cluster, new.identifier, SnapshotKind::Manual);
            let snapshot = Snapshot { retention, tags: new.tags, ..snapshot };
            self.record_snapshot(&turn, &cluster, snapshot).await?
        };
        let snapshot = Arc::new(snapshot);
        let taking = base::task::spawn("snapshot", Arc::clone(&self).take(Arc::clone(&snapshot), busy));
        patiently(taking, || Ok(self.read().snapshots.get(&snapshot.identifier).cloned().unwrap_or(snapshot))).await
    }

    /// One that a cluster's schedule wants.
    pub(super) async fn create_automated(self: &Arc<Self>, id: &ClusterId) -> Result<Arc<Snapshot>, ControlError> {
        let (snapshot, busy) = {
            let turn = self.turn().await;
            let cluster = self.available_cluster(id)?;
            let identifier = automated_identifier(id, self.clock.now());
            self.check_snapshot_free(&turn, &identifier)?;
            let snapshot = self.new_snapshot(&cluster, identifier, SnapshotKind::Automated);
            self.record_snapshot(&turn, &cluster, snapshot).await?
        };
        Arc::clone(self).take(Arc::new(snapshot), busy).await
    }

    pub(super) fn new_snapshot(&self, cluster: &Cluster, identifier: String, kind: SnapshotKind) -> Snapshot {
        let now = self.clock.now();
        Snapshot {
            id: SnapshotId::new(base::id::uuid()),
            identifier,
            kind,
            is_final: false,
            status: SnapshotStatus::Creating,
            source: SnapshotSource::of(cluster),
            bytes: 0,
            seconds: 0,
            created: now,
            retained_since: now,
            retention: None,
            tags: std::collections::BTreeMap::new(),
        }
    }

    async fn record_snapshot(
        self: &Arc<Self>,
        turn: &Turn<'_>,
        cluster: &Cluster,
        snapshot: Snapshot,
    ) -> Result<(Snapshot, Busy), ControlError> {
        self.host()?;
        let busy = self.begin(BusyKey::Warehouse(cluster.warehouse.clone()));
        let busy = busy.ok_or_else(|| super::clusters::busy_state(cluster))?;
        self.commit(turn, ControlWrite::PutSnapshot(snapshot.clone())).await?;
        Ok((snapshot, busy))
    }

    /// Copies the data of a recorded snapshot. Where it can't, nothing of the snapshot is left.
    pub(super) async fn take(
        self: Arc<Self>,
        snapshot: Arc<Snapshot>,
        _busy: Busy,
    ) -> Result<Arc<Snapshot>, ControlError> {
        match self.copy_data(&snapshot).await {
            Ok(taken) => Ok(taken),
            Err(error) => {
                tracing::warn!(snapshot = snapshot.identifier, %error, "a snapshot could not be taken");
                if let Err(second) = self.discard_snapshot(&snapshot).await {
                    let snapshot = &snapshot.identifier;
                    tracing::error!(snapshot, error = %second, "what is left of it is removed by the next start");
                }
                Err(error)
            }
        }
    }

    pub(super) async fn copy_data(&self, snapshot: &Snapshot) -> Result<Arc<Snapshot>, ControlError> {
        let began = self.clock.now();
        let progress = self.copies.begin(snapshot.id.as_str());
        let copied = self.host()?.take_snapshot(&snapshot.source.warehouse, &snapshot.id, progress.progress()).await;
        let bytes = copied.map_err(full)?;
        let turn = self.turn().await;
        let seconds = seconds(self.clock.now() - began);
        self.put_snapshot(&turn, &snapshot.identifier, |snapshot| {
            snapshot.status = SnapshotStatus::Available;
            (snapshot.bytes, snapshot.seconds) = (bytes, seconds);
        })
        .await
    }

    pub(super) async fn delete_snapshot(
        self: Arc<Self>,
        identifier: String,
        cluster: Option<ClusterId>,
    ) -> Result<Arc<Snapshot>, ControlError> {
        let snapshot = self.known_snapshot(&identifier, cluster.as_ref())?;
        self.manual(&snapshot, "It is deleted with its retention period or with its cluster.")?;
        self.erase(&snapshot).await?;
        Ok(snapshot)
    }

    /// Deletes a snapshot that is no longer wanted: record, files, record. What is interrupted is finished by the next start.
    pub(super) async fn erase(self: &Arc<Self>, snapshot: &Snapshot) -> Result<(), ControlError> {
        let _busy = {
            let turn = self.turn().await;
            let snapshot = self.known_snapshot(&snapshot.identifier, None)?;
            let busy = self.begin(BusyKey::Snapshot(snapshot.id.clone())).ok_or_else(|| in_use(&snapshot))?;
            self.host()?;
            match snapshot.status {
                SnapshotStatus::Available | SnapshotStatus::Deleting => {}
                SnapshotStatus::Creating => return Err(in_use(&snapshot)),
            }
            let deleting = |snapshot: &mut Snapshot| snapshot.status = SnapshotStatus::Deleting;
            self.put_snapshot(&turn, &snapshot.identifier, deleting).await?;
            busy
        };
        self.discard_snapshot(snapshot).await
    }

    /// Files, then record.
    pub(super) async fn discard_snapshot(&self, snapshot: &Snapshot) -> Result<(), ControlError> {
        self.host()?.remove_snapshot(&snapshot.id).await?;
        let turn = self.turn().await;
        self.commit(&turn, ControlWrite::DeleteSnapshot(snapshot.id.clone())).await
    }

    /// `retention`: `Some(None)` is for ever. `force` deletes a snapshot that the new retention has ended already.
    pub(super) async fn modify_snapshot(
        self: Arc<Self>,
        identifier: String,
        retention: Option<Option<u16>>,
        force: bool,
    ) -> Result<Arc<Snapshot>, ControlError> {
        let ended = {
            let turn = self.turn().await;
            let snapshot = self.known_snapshot(&identifier, None)?;
            self.manual(&snapshot, "Its retention is its cluster's AutomatedSnapshotRetentionPeriod.")?;
            usable(&snapshot)?;
            let Some(retention) = retention else { return Ok(snapshot) };
            let changed = Snapshot { retention, ..Snapshot::clone(&snapshot) };
            if expires(&changed, None).is_none_or(|end| end > self.clock.now()) {
                let set = |snapshot: &mut Snapshot| snapshot.retention = retention;
                return self.put_snapshot(&turn, &identifier, set).await;
            }
            changed
        };
        if !force {
            return Err(ControlError::InvalidRetentionPeriod(format!(
                "Snapshot {identifier} is older than the new retention period. Give a longer one, or Force=true, which deletes the \
                 snapshot."
            )));
        }
        self.erase(&ended).await?;
        Ok(Arc::new(ended))
    }

    pub(super) async fn copy_snapshot(
        self: Arc<Self>,
        source: String,
        cluster: Option<ClusterId>,
        target: String,
        retention: Option<u16>,
    ) -> Result<Arc<Snapshot>, ControlError> {
        let (copy, from, _busy) = {
            let turn = self.turn().await;
            let from = self.known_snapshot(&source, cluster.as_ref())?;
            if from.kind == SnapshotKind::Manual {
                return Err(state(&from, "a manual snapshot; only an automated one is copied"));
            }
            usable(&from)?;
            self.check_snapshot_free(&turn, &target)?;
            self.host()?;
            let busy = self.begin(BusyKey::Reader(from.id.clone(), base::id::uuid()));
            let busy = busy.ok_or_else(|| in_use(&from))?;
            let copy = Snapshot {
                id: SnapshotId::new(base::id::uuid()),
                identifier: target,
                kind: SnapshotKind::Manual,
                status: SnapshotStatus::Creating,
                retained_since: self.clock.now(),
                retention,
                tags: std::collections::BTreeMap::new(),
                ..Snapshot::clone(&from)
            };
            self.commit(&turn, ControlWrite::PutSnapshot(copy.clone())).await?;
            (copy, from, busy)
        };
        if let Err(error) = self.host()?.copy_snapshot(&from.id, &copy.id).await {
            self.discard_snapshot(&copy).await?;
            return Err(full(error));
        }
        let turn = self.turn().await;
        self.put_snapshot(&turn, &copy.identifier, |copy| copy.status = SnapshotStatus::Available).await
    }

    /// Changes the record as it is now.
    pub(super) async fn put_snapshot(
        &self,
        turn: &Turn<'_>,
        identifier: &str,
        change: impl FnOnce(&mut Snapshot),
    ) -> Result<Arc<Snapshot>, ControlError> {
        let mut snapshot = Snapshot::clone(&*self.known_snapshot(identifier, None)?);
        change(&mut snapshot);
        self.commit(turn, ControlWrite::PutSnapshot(snapshot.clone())).await?;
        Ok(Arc::new(snapshot))
    }

    pub(super) fn known_snapshot(
        &self,
        identifier: &str,
        cluster: Option<&ClusterId>,
    ) -> Result<Arc<Snapshot>, ControlError> {
        let snapshot = self.read().snapshots.get(&identifier.to_ascii_lowercase()).cloned();
        let snapshot = snapshot.filter(|one| cluster.is_none_or(|cluster| *cluster == one.source.identifier));
        snapshot.ok_or_else(|| ControlError::SnapshotNotFound(identifier.to_owned()))
    }

    pub(super) fn check_snapshot_free(&self, _turn: &Turn<'_>, identifier: &str) -> Result<(), ControlError> {
        let state = self.read();
        if state.snapshots.contains_key(identifier) {
            return Err(ControlError::SnapshotAlreadyExists(identifier.to_owned()));
        }
        let manual = state.snapshots.values().filter(|one| one.kind == SnapshotKind::Manual).count();
        if manual < MANUAL_SNAPSHOTS_MAX || identifier.starts_with("rs:") {
            return Ok(());
        }
        let text = format!("This server holds at most {MANUAL_SNAPSHOTS_MAX} manual snapshots. Delete some first.");
        Err(ControlError::SnapshotQuota(text))
    }

    fn manual(&self, snapshot: &Snapshot, instead: &str) -> Result<(), ControlError> {
        match snapshot.kind {
            SnapshotKind::Manual => Ok(()),
            SnapshotKind::Automated => Err(state(
                snapshot,
                &format!("automated. {instead} Copy it (CopyClusterSnapshot) to have one of your own"),
            )),
        }
    }
}

/// Answers when `task` is done, or after [`PATIENCE`] with what `meanwhile` says; the task goes on.
pub(super) async fn patiently<T>(
    task: JoinHandle<Result<T, ControlError>>,
    meanwhile: impl FnOnce() -> Result<T, ControlError>,
) -> Result<T, ControlError> {
    match tokio::time::timeout(PATIENCE, task).await {
        Ok(Ok(outcome)) => outcome,
        Ok(Err(error)) => Err(ControlStoreError(error.to_string()).into()),
        Err(_) => meanwhile(),
    }
}

pub(super) fn seconds(took: time::Duration) -> u32 {
    u32::try_from(took.whole_seconds()).unwrap_or(0)
}

/// Whether its data can be used.
pub(super) fn usable(snapshot: &Snapshot) -> Result<(), ControlError> {
    match snapshot.status {
        SnapshotStatus::Available => Ok(()),
        SnapshotStatus::Creating => {
            Err(state(snapshot, "being taken; wait until DescribeClusterSnapshots shows it available"))
        }
        SnapshotStatus::Deleting => Err(state(snapshot, "being deleted")),
    }
}

pub(super) fn in_use(snapshot: &Snapshot) -> ControlError {
    usable(snapshot)
        .err()
        .unwrap_or_else(|| state(snapshot, "being restored, copied or deleted; try again when that is done"))
}

fn state(snapshot: &Snapshot, is: &str) -> ControlError {
    ControlError::InvalidSnapshotState(format!("Snapshot {} is {is}.", snapshot.identifier))
}

/// A full disk is the limit of what may be kept.
fn full(error: HostError) -> ControlError {
    match error {
        HostError::NoSpace { needed, free } => ControlError::SnapshotQuota(format!(
            "The server's disk has {} MB free, and the snapshot needs {} MB. Delete snapshots or make room.",
            free >> 20,
            needed >> 20
        )),
        HostError::PortInUse { .. } | HostError::Invalid(_) | HostError::Failed(_) => error.into(),
    }
}
