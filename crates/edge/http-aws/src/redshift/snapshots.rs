//! Snapshots: how they are shown, and what identifies them. One file per group of operations.

mod batch;
mod change;
mod create;
mod describe;
mod parameters;
mod restore;

use base::ErrorKind;
use base::id::ClusterId;
use control::{Snapshot, SnapshotKind, SnapshotStatus};
use sts::Ask;

use self::batch::{BatchDeleteClusterSnapshots, BatchModifyClusterSnapshots};
use self::change::{CopyClusterSnapshot, DeleteClusterSnapshot, ModifyClusterSnapshot};
use self::create::CreateClusterSnapshot;
use self::describe::DescribeClusterSnapshots;
use self::restore::RestoreFromClusterSnapshot;
use super::clusters::NODE_TYPES;
use super::power::{PauseCluster, RebootCluster, ResumeCluster};
use super::tags;
use crate::error::ApiError;
use crate::operation::{Answer, Context, Operation as _, Performed, perform};
use crate::protocol::query::{Fields, QueryParameters, timestamp};
use crate::protocol::xml::Xml;
use crate::state::AwsState;

/// The operations on snapshots and on the power of clusters.
pub(super) async fn dispatch(operation: &str, parameters: QueryParameters, context: &Context<'_>) -> Performed {
    match operation {
        CreateClusterSnapshot::NAME => perform(CreateClusterSnapshot::parse(parameters), context).await,
        DescribeClusterSnapshots::NAME => perform(DescribeClusterSnapshots::parse(parameters), context).await,
        DeleteClusterSnapshot::NAME => perform(DeleteClusterSnapshot::parse(parameters), context).await,
        BatchDeleteClusterSnapshots::NAME => perform(BatchDeleteClusterSnapshots::parse(parameters), context).await,
        ModifyClusterSnapshot::NAME => perform(ModifyClusterSnapshot::parse(parameters), context).await,
        BatchModifyClusterSnapshots::NAME => perform(BatchModifyClusterSnapshots::parse(parameters), context).await,
        CopyClusterSnapshot::NAME => perform(CopyClusterSnapshot::parse(parameters), context).await,
        RestoreFromClusterSnapshot::NAME => perform(RestoreFromClusterSnapshot::parse(parameters), context).await,
        PauseCluster::NAME => perform(PauseCluster::parse(parameters), context).await,
        ResumeCluster::NAME => perform(ResumeCluster::parse(parameters), context).await,
        RebootCluster::NAME => perform(RebootCluster::parse(parameters), context).await,
        other => Performed::unsupported(other),
    }
}

const MEGABYTE: u64 = 1 << 20;
const DAY: time::Duration = time::Duration::days(1);

/// `arn:aws:redshift:REGION:ACCOUNT:snapshot:CLUSTER/SNAPSHOT`; `*` for what isn't known.
fn resource(state: &AwsState, cluster: Option<&ClusterId>, identifier: &str) -> String {
    let known = state.control.snapshot(identifier).map(|snapshot| snapshot.source.identifier.clone());
    let cluster = cluster.cloned().or(known);
    let cluster = cluster.as_ref().map_or("*", ClusterId::as_str);
    state.redshift_arn(&format!("snapshot:{cluster}/{}", identifier.to_ascii_lowercase()))
}

fn ask(state: &AwsState, operation: &str, cluster: Option<&ClusterId>, identifier: &str) -> Ask {
    Ask::new(operation, resource(state, cluster, identifier))
}

/// `<Snapshot>` as the answer of an operation. `status` is what the operation made of it, where that isn't its own.
fn answer(state: &AwsState, snapshot: &Snapshot, status: Option<&str>) -> Answer {
    let status = status.unwrap_or_else(|| shown_status(snapshot));
    Answer::Xml(Some(Xml::fragment(|xml| xml.element("Snapshot", |xml| write(xml, state, snapshot, status)))))
}

/// As DescribeClusterSnapshots writes it: what is being deleted is no longer there for its reader.
const fn shown_status(snapshot: &Snapshot) -> &'static str {
    match snapshot.status {
        SnapshotStatus::Creating => "creating",
        SnapshotStatus::Available => "available",
        SnapshotStatus::Deleting => "deleted",
    }
}

fn write(xml: &mut Xml, state: &AwsState, snapshot: &Snapshot, status: &str) {
    let source = &snapshot.source;
    xml.text("SnapshotIdentifier", &snapshot.identifier);
    xml.text("ClusterIdentifier", source.identifier.as_str());
    xml.text("SnapshotCreateTime", &timestamp(snapshot.created));
    xml.text("Status", status);
    let port = if source.port == 0 { state.control.sql_endpoints().port } else { source.port };
    xml.text("Port", &port.to_string());
    if let Some(zone) = &source.availability_zone {
        xml.text("AvailabilityZone", zone);
    }
    xml.text("ClusterCreateTime", &timestamp(source.created));
    xml.text("MasterUsername", &source.master_username);
    xml.text("ClusterVersion", "1.0");
    xml.text("SnapshotType", snapshot.kind.name());
    xml.text("NodeType", &source.node_type);
    xml.text("NumberOfNodes", &source.node_count.to_string());
    xml.text("DBName", &source.db_name);
    xml.text("Encrypted", "false");
    xml.text("EncryptedWithHSM", "false");
    xml.element("AccountsWithRestoreAccess", |_| {});
    xml.text("OwnerAccount", state.account());
    write_progress(xml, state, snapshot);
    tags::write(xml, &snapshot.tags);
    xml.element("RestorableNodeTypes", |xml| {
        for node_type in NODE_TYPES {
            xml.text("NodeType", node_type);
        }
    });
    xml.text("EnhancedVpcRouting", "false");
    xml.text("MaintenanceTrackName", "current");
    if snapshot.kind == SnapshotKind::Manual {
        write_retention(xml, state, snapshot);
    }
    xml.text("SnapshotRetentionStartTime", &timestamp(snapshot.retained_since));
    xml.text("SnapshotArn", &state.control.snapshot_arn(snapshot));
}

/// Every snapshot is a whole copy: the incremental size is the size.
fn write_progress(xml: &mut Xml, state: &AwsState, snapshot: &Snapshot) {
    let copy = state.control.snapshot_copy(snapshot);
    let (rate, left) = rate(copy.done_bytes, copy.total_bytes, copy.seconds);
    xml.text("TotalBackupSizeInMegaBytes", &megabytes(copy.total_bytes));
    xml.text("ActualIncrementalBackupSizeInMegaBytes", &megabytes(copy.total_bytes));
    xml.text("BackupProgressInMegaBytes", &megabytes(copy.done_bytes));
    let (rate, left) = if copy.completed { (0, 0) } else { (rate, left) };
    xml.text("CurrentBackupRateInMegaBytesPerSecond", &megabytes(rate));
    xml.text("EstimatedSecondsToCompletion", &left.to_string());
    xml.text("ElapsedTimeInSeconds", &copy.seconds.to_string());
}

fn write_retention(xml: &mut Xml, state: &AwsState, snapshot: &Snapshot) {
    let Some(days) = snapshot.retention else {
        return xml.text("ManualSnapshotRetentionPeriod", "-1");
    };
    xml.text("ManualSnapshotRetentionPeriod", &days.to_string());
    let left = snapshot.retained_since + DAY * i32::from(days) - state.clock.now();
    // A day that has begun counts.
    let remaining = left.whole_seconds().max(0).saturating_add(DAY.whole_seconds() - 1) / DAY.whole_seconds();
    xml.text("ManualSnapshotRemainingDays", &remaining.to_string());
}

/// Bytes in a second, and the seconds that are left at that pace.
pub(super) fn rate(done: u64, total: u64, seconds: u32) -> (u64, u64) {
    let rate = done.checked_div(u64::from(seconds)).unwrap_or(0);
    (rate, total.saturating_sub(done).checked_div(rate).unwrap_or(0))
}

/// With two digits behind the point.
fn megabytes(bytes: u64) -> String {
    let hundredths = bytes.saturating_mul(100) / MEGABYTE;
    format!("{}.{:02}", hundredths / 100, hundredths % 100)
}

/// `-1` is for ever, `Some(None)`; else days. `None` where it isn't given.
pub(super) fn retention(fields: &mut Fields<'_>, parameter: &'static str) -> Result<Option<Option<u16>>, ApiError> {
    let Some(text) = fields.optional(parameter) else { return Ok(None) };
    if text == "-1" {
        return Ok(Some(None));
    }
    let days = text.parse().ok().filter(|days| (1..=control::RETENTION_DAYS_MAX).contains(days));
    days.map(|days| Some(Some(days))).ok_or_else(|| ApiError::Named {
        kind: ErrorKind::InvalidInput,
        status: 400,
        code: "InvalidRetentionPeriodFault",
        message: format!("{parameter} is -1, for ever, or 1 to {} days.", control::RETENTION_DAYS_MAX),
        members: Vec::new(),
    })
}

#[cfg(test)]
mod tests;
