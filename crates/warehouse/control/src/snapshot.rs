//! Snapshots of clusters: what they are, how long they are kept, when the next automated one is due, which a filter selects.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};

use base::id::{ClusterId, RedshiftIdcApplicationArn, SnapshotId, WarehouseId};
use time::{Duration, OffsetDateTime};

use crate::{Cluster, ClusterStatus, ControlError, check, tags};

/// Manual snapshots of this server (Redshift quota "Manual snapshots per Region").
pub const MANUAL_SNAPSHOTS_MAX: usize = 700;
/// Days that a manual snapshot may be kept, where not for ever (Redshift `ManualSnapshotRetentionPeriod`).
pub const RETENTION_DAYS_MAX: u16 = 3653;
/// Between two automated snapshots of a cluster (Redshift "Automated snapshots").
const AUTOMATED_EVERY: Duration = Duration::hours(8);

/// Who made a snapshot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SnapshotKind {
    /// Somebody. It stays when its cluster is deleted.
    Manual,
    /// The cluster's schedule. It goes with its cluster.
    Automated,
}

impl SnapshotKind {
    /// Redshift API `SnapshotType`, and as it is stored.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Manual => "manual",
            Self::Automated => "automated",
        }
    }

    /// The inverse of [`Self::name`].
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Manual, Self::Automated].into_iter().find(|kind| kind.name() == name)
    }
}

/// `Creating` and `Deleting` are on disk before the first step, so that a start after a crash removes what is half there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SnapshotStatus {
    Creating,
    Available,
    Deleting,
}

impl SnapshotStatus {
    /// As it is stored, and as DescribeClusterSnapshots writes the first two.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Creating => "creating",
            Self::Available => "available",
            Self::Deleting => "deleting",
        }
    }

    /// The inverse of [`Self::name`].
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Creating, Self::Available, Self::Deleting].into_iter().find(|status| status.name() == name)
    }
}

/// What the cluster was when its snapshot was taken. What isn't here comes with the data: users, roles, grants, groups, password
/// verifiers, identity providers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SnapshotSource {
    pub identifier: ClusterId,
    pub warehouse: WarehouseId,
    pub node_type: String,
    pub node_count: u32,
    pub master_username: String,
    pub db_name: String,
    /// 0 is the default listener's.
    pub port: u16,
    pub availability_zone: Option<String>,
    pub idc_application: Option<RedshiftIdcApplicationArn>,
    pub maintenance_window: String,
    /// Days; 0 is off.
    pub automated_retention: u8,
    /// Of the cluster.
    pub created: OffsetDateTime,
}

impl SnapshotSource {
    pub(crate) fn of(cluster: &Cluster) -> Self {
        Self {
            identifier: cluster.identifier.clone(),
            warehouse: cluster.warehouse.clone(),
            node_type: cluster.node_type.clone(),
            node_count: cluster.node_count,
            master_username: cluster.master_username.clone(),
            db_name: cluster.db_name.clone(),
            port: cluster.port,
            availability_zone: cluster.availability_zone.clone(),
            idc_application: cluster.idc_application.clone(),
            maintenance_window: cluster.maintenance_window.clone(),
            automated_retention: cluster.automated_retention,
            created: cluster.created,
        }
    }
}

/// A copy of a cluster's data as it was committed at one moment, with what is needed to make a cluster of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Snapshot {
    pub id: SnapshotId,
    /// In lower case; unique among all snapshots.
    pub identifier: String,
    pub kind: SnapshotKind,
    /// Taken by DeleteCluster.
    pub is_final: bool,
    pub status: SnapshotStatus,
    pub source: SnapshotSource,
    /// 0 until it is available.
    pub bytes: u64,
    /// How long it took; 0 until it is available.
    pub seconds: u32,
    /// The moment that the data is of, also in a copy of a snapshot.
    pub created: OffsetDateTime,
    /// From when its retention counts.
    pub retained_since: OffsetDateTime,
    /// Days that a manual one is kept; `None` is for ever. An automated one is kept as its cluster says.
    pub retention: Option<u16>,
    pub tags: BTreeMap<String, String>,
}

/// What CreateClusterSnapshot is told.
#[derive(Debug, Clone)]
pub struct NewSnapshot {
    pub identifier: String,
    pub cluster: ClusterId,
    /// The cluster's own manual retention where it isn't given. `Some(None)` is for ever.
    pub retention: Option<Option<u16>>,
    pub tags: BTreeMap<String, String>,
}

impl NewSnapshot {
    pub(crate) fn check(&mut self) -> Result<(), ControlError> {
        self.identifier = identifier("SnapshotIdentifier", &self.identifier)?;
        retention(self.retention.flatten())?;
        tags::check(&self.tags)
    }
}

/// Which snapshots (DescribeClusterSnapshots). Everything given must hold.
#[derive(Debug, Clone, Default)]
pub struct SnapshotFilter {
    pub cluster: Option<ClusterId>,
    pub identifier: Option<String>,
    pub kind: Option<SnapshotKind>,
    pub from: Option<OffsetDateTime>,
    pub until: Option<OffsetDateTime>,
    /// Whether the cluster that it is of is still there.
    pub cluster_exists: Option<bool>,
    pub tag_keys: Vec<String>,
    pub tag_values: Vec<String>,
    pub order: SnapshotOrder,
}

/// Redshift `SnapshotAttributeToSortBy`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SnapshotAttribute {
    SourceType,
    TotalSize,
    CreateTime,
}

/// By which attribute, and whether backwards; where they are equal, and without any, by identifier.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct SnapshotOrder {
    pub attribute: Option<SnapshotAttribute>,
    pub descending: bool,
}

impl SnapshotFilter {
    /// Whether a snapshot is selected. `present` tells whether the warehouse that it is of is still a cluster's.
    pub(crate) fn matches(&self, snapshot: &Snapshot, present: impl Fn(&WarehouseId) -> bool) -> bool {
        let tagged = |(key, value): (&String, &String)| {
            (self.tag_keys.is_empty() || self.tag_keys.contains(key))
                && (self.tag_values.is_empty() || self.tag_values.contains(value))
        };
        let untagged = self.tag_keys.is_empty() && self.tag_values.is_empty();
        snapshot.status != SnapshotStatus::Deleting
            && self.cluster.as_ref().is_none_or(|cluster| *cluster == snapshot.source.identifier)
            && self.identifier.as_ref().is_none_or(|one| one.eq_ignore_ascii_case(&snapshot.identifier))
            && self.kind.is_none_or(|kind| kind == snapshot.kind)
            && self.from.is_none_or(|from| snapshot.created >= from)
            && self.until.is_none_or(|until| snapshot.created <= until)
            && self.cluster_exists.is_none_or(|exists| exists == present(&snapshot.source.warehouse))
            && (untagged || snapshot.tags.iter().any(tagged))
    }
}

/// How far a copy is, in bytes. Written by whoever copies.
#[derive(Debug, Default)]
pub struct CopyProgress {
    done: AtomicU64,
    total: AtomicU64,
}

impl CopyProgress {
    pub fn note(&self, done: u64, total: u64) {
        self.done.store(done, Ordering::Relaxed);
        self.total.store(total, Ordering::Relaxed);
    }

    /// Bytes that are done, and bytes there are.
    #[must_use]
    pub fn get(&self) -> (u64, u64) {
        (self.done.load(Ordering::Relaxed), self.total.load(Ordering::Relaxed))
    }
}

/// When a snapshot is over; `None` is never. `kept_days` is the automated retention of the cluster that it is of, where that is still
/// there: an automated snapshot goes with its cluster, and with the retention that is switched off.
#[must_use]
pub fn expires(snapshot: &Snapshot, kept_days: Option<u8>) -> Option<OffsetDateTime> {
    let days = match snapshot.kind {
        SnapshotKind::Manual => i64::from(snapshot.retention?),
        SnapshotKind::Automated => i64::from(kept_days.unwrap_or(0)),
    };
    snapshot.retained_since.checked_add(Duration::days(days))
}

/// When the next automated snapshot of a cluster is due; `None` where there is none to take. `latest` is when the latest was taken.
#[must_use]
pub fn due(cluster: &Cluster, latest: Option<OffsetDateTime>) -> Option<OffsetDateTime> {
    let takes = cluster.status == ClusterStatus::Available && cluster.automated_retention > 0;
    takes.then(|| latest.unwrap_or(cluster.created).checked_add(AUTOMATED_EVERY)).flatten()
}

/// `rs:<cluster>-YYYY-MM-DD-HH-MM-SS`, as Redshift calls automated snapshots.
pub(crate) fn automated_identifier(cluster: &ClusterId, now: OffsetDateTime) -> String {
    let (date, time) = (now.date(), now.time());
    format!(
        "rs:{cluster}-{:04}-{:02}-{:02}-{:02}-{:02}-{:02}",
        date.year(),
        u8::from(date.month()),
        date.day(),
        time.hour(),
        time.minute(),
        time.second()
    )
}

/// In lower case: 1 to 255 letters, digits and hyphens, first a letter, no hyphen at the end or beside another (Redshift "Naming
/// constraints").
pub(crate) fn identifier(parameter: &'static str, given: &str) -> Result<String, ControlError> {
    let lower = given.to_ascii_lowercase();
    let legal = lower.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-'));
    let begins = lower.bytes().next().is_some_and(|byte| byte.is_ascii_lowercase());
    let regular = lower.len() <= 255 && !lower.ends_with('-') && !lower.contains("--");
    let rule = "it has 1 to 255 letters, digits and hyphens, begins with a letter, and has no hyphen at its end or beside another";
    check::must(legal && begins && regular, parameter, rule)?;
    Ok(lower)
}

/// 1 to 3653 days, where it isn't for ever.
pub(crate) fn retention(days: Option<u16>) -> Result<(), ControlError> {
    if days.is_none_or(|days| (1..=RETENTION_DAYS_MAX).contains(&days)) {
        return Ok(());
    }
    Err(ControlError::InvalidRetentionPeriod(format!(
        "The retention period of a manual snapshot is -1, for ever, or 1 to {RETENTION_DAYS_MAX} days."
    )))
}

#[cfg(test)]
mod tests;
