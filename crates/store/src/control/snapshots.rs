//! Snapshots, and what clusters were made of.

use base::id::{ClusterId, RedshiftIdcApplicationArn, SnapshotId, WarehouseId};
use control::{Restored, Snapshot, SnapshotKind, SnapshotSource, SnapshotStatus};
use serde::{Deserialize, Serialize};
use serde_json::json;
use sqlx::Row as _;
use sqlx::sqlite::SqliteRow;

use super::SqliteControl;
use crate::{StoreError, timestamp};

const SNAPSHOT: &str = "redshift_snapshot";
const RESTORED: &str = "redshift_restored";

/// [`SnapshotSource`] as JSON.
#[derive(Debug, Serialize, Deserialize)]
struct Source {
    identifier: String,
    warehouse: String,
    node_type: String,
    node_count: u32,
    master_username: String,
    db_name: String,
    port: u16,
    availability_zone: Option<String>,
    idc_application: Option<String>,
    maintenance_window: String,
    automated_retention: u8,
    created: String,
}

impl SqliteControl {
    pub(super) async fn put_snapshot(&self, snapshot: &Snapshot) -> Result<(), StoreError> {
        sqlx::query(
            "INSERT INTO redshift_snapshot (id, identifier, kind, is_final, status, source, bytes, seconds, created, \
             retained_since, retention_days, tags) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET \
             status = excluded.status, bytes = excluded.bytes, seconds = excluded.seconds, \
             retention_days = excluded.retention_days, tags = excluded.tags",
        )
        .bind(snapshot.id.as_str())
        .bind(&snapshot.identifier)
        .bind(snapshot.kind.name())
        .bind(snapshot.is_final)
        .bind(snapshot.status.name())
        .bind(source(&snapshot.source)?)
        .bind(i64::try_from(snapshot.bytes).unwrap_or(i64::MAX))
        .bind(snapshot.seconds)
        .bind(timestamp::write(SNAPSHOT, snapshot.created)?)
        .bind(timestamp::write(SNAPSHOT, snapshot.retained_since)?)
        .bind(snapshot.retention)
        .bind(json!(snapshot.tags).to_string())
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    pub(super) async fn put_restored(&self, restored: &Restored) -> Result<(), StoreError> {
        sqlx::query(
            "INSERT OR REPLACE INTO redshift_restored (warehouse_id, snapshot, bytes, seconds) VALUES (?, ?, ?, ?)",
        )
        .bind(restored.warehouse.as_str())
        .bind(&restored.snapshot)
        .bind(i64::try_from(restored.bytes).unwrap_or(i64::MAX))
        .bind(restored.seconds)
        .execute(&self.pool)
        .await?;
        Ok(())
    }
}

fn source(source: &SnapshotSource) -> Result<String, StoreError> {
    let stored = Source {
        identifier: source.identifier.to_string(),
        warehouse: source.warehouse.to_string(),
        node_type: source.node_type.clone(),
        node_count: source.node_count,
        master_username: source.master_username.clone(),
        db_name: source.db_name.clone(),
        port: source.port,
        availability_zone: source.availability_zone.clone(),
        idc_application: source.idc_application.as_ref().map(ToString::to_string),
        maintenance_window: source.maintenance_window.clone(),
        automated_retention: source.automated_retention,
        created: timestamp::write(SNAPSHOT, source.created)?,
    };
    Ok(json!(stored).to_string())
}

pub(super) fn snapshot(row: &SqliteRow) -> Result<Snapshot, StoreError> {
    let id: String = row.try_get("id")?;
    let broken = |cause: String| StoreError::Row { table: SNAPSHOT, key: id.clone(), cause };
    let json = |column: &str| row.try_get::<String, _>(column);
    let kind: String = row.try_get("kind")?;
    let status: String = row.try_get("status")?;
    let stored: Source = serde_json::from_str(&json("source")?).map_err(|error| broken(error.to_string()))?;
    Ok(Snapshot {
        identifier: row.try_get("identifier")?,
        kind: SnapshotKind::from_name(&kind).ok_or_else(|| broken(format!("unknown kind {kind}")))?,
        is_final: row.try_get("is_final")?,
        status: SnapshotStatus::from_name(&status).ok_or_else(|| broken(format!("unknown status {status}")))?,
        source: SnapshotSource {
            identifier: ClusterId::new(stored.identifier),
            warehouse: WarehouseId::new(stored.warehouse),
            node_type: stored.node_type,
            node_count: stored.node_count,
            master_username: stored.master_username,
            db_name: stored.db_name,
            port: stored.port,
            availability_zone: stored.availability_zone,
            idc_application: stored.idc_application.map(RedshiftIdcApplicationArn::new),
            maintenance_window: stored.maintenance_window,
            automated_retention: stored.automated_retention,
            created: timestamp::read(SNAPSHOT, &stored.created)?,
        },
        bytes: number(row, "bytes", &broken)?,
        seconds: row.try_get("seconds")?,
        created: timestamp::read(SNAPSHOT, row.try_get("created")?)?,
        retained_since: timestamp::read(SNAPSHOT, row.try_get("retained_since")?)?,
        retention: row.try_get("retention_days")?,
        tags: serde_json::from_str(&json("tags")?).map_err(|error| broken(error.to_string()))?,
        id: SnapshotId::new(id.as_str()),
    })
}

pub(super) fn restored(row: &SqliteRow) -> Result<Restored, StoreError> {
    let id: String = row.try_get("warehouse_id")?;
    let broken = |cause: String| StoreError::Row { table: RESTORED, key: id.clone(), cause };
    Ok(Restored {
        snapshot: row.try_get("snapshot")?,
        bytes: number(row, "bytes", &broken)?,
        seconds: row.try_get("seconds")?,
        warehouse: WarehouseId::new(id.as_str()),
    })
}

fn number(row: &SqliteRow, column: &str, broken: &impl Fn(String) -> StoreError) -> Result<u64, StoreError> {
    let bytes: i64 = row.try_get(column)?;
    u64::try_from(bytes).map_err(|error| broken(error.to_string()))
}
