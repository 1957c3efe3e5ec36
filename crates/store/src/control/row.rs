//! Rows of the control plane's tables, read back. A row that can't be read stops the start.

use std::collections::BTreeMap;

use base::id::{
    ApplicationArn, ClusterId, InstanceArn, NamespaceName, Qev2IdcApplicationArn, RedshiftIdcApplicationArn,
    WarehouseId, WorkgroupName,
};
use control::{
    AppliedParameters, Cluster, ClusterOptions, ClusterStatus, Family, Lifecycle, Namespace, OnboardStatus,
    ParameterGroup, Qev2IdcApplication, RedshiftIdcApplication, Workgroup,
};
use serde::de::DeserializeOwned;
use sqlx::Row as _;
use sqlx::sqlite::SqliteRow;

use super::options::{StoredOptions, StoredPlace, StoredSecret};
use crate::{StoreError, timestamp};

/// A row on its way back: its table and its key, for what can't be read.
struct Read<'a> {
    row: &'a SqliteRow,
    table: &'static str,
    key: String,
}

impl<'a> Read<'a> {
    fn new(row: &'a SqliteRow, table: &'static str, key: &str) -> Result<Self, StoreError> {
        Ok(Self { row, table, key: row.try_get(key)? })
    }

    fn text(&self, column: &str) -> Result<String, StoreError> {
        Ok(self.row.try_get(column)?)
    }

    fn optional(&self, column: &str) -> Result<Option<String>, StoreError> {
        Ok(self.row.try_get(column)?)
    }

    fn json<T: DeserializeOwned>(&self, column: &str) -> Result<T, StoreError> {
        serde_json::from_str(&self.text(column)?).map_err(|error| self.broken(error.to_string()))
    }

    fn port(&self) -> Result<Option<u16>, StoreError> {
        let port: Option<i64> = self.row.try_get("port")?;
        port.map(u16::try_from).transpose().map_err(|error| self.broken(error.to_string()))
    }

    fn status(&self) -> Result<Lifecycle, StoreError> {
        let status = self.text("status")?;
        Lifecycle::from_name(&status).ok_or_else(|| self.broken(format!("unknown status {status}")))
    }

    fn cluster_status(&self) -> Result<ClusterStatus, StoreError> {
        let status = self.text("status")?;
        ClusterStatus::from_name(&status).ok_or_else(|| self.broken(format!("unknown status {status}")))
    }

    fn onboard_status(&self) -> Result<OnboardStatus, StoreError> {
        let status = self.text("onboard_status")?;
        OnboardStatus::from_name(&status).ok_or_else(|| self.broken(format!("unknown status {status}")))
    }

    fn created(&self) -> Result<time::OffsetDateTime, StoreError> {
        timestamp::read(self.table, self.row.try_get("created")?)
    }

    fn broken(&self, cause: String) -> StoreError {
        StoreError::Row { table: self.table, key: self.key.clone(), cause }
    }
}

pub(super) fn idc_application(row: &SqliteRow) -> Result<RedshiftIdcApplication, StoreError> {
    let read = Read::new(row, "redshift_idc_application", "arn")?;
    Ok(RedshiftIdcApplication {
        name: read.text("name")?,
        idc_instance_arn: InstanceArn::new(read.text("idc_instance_arn")?),
        idc_managed_application_arn: ApplicationArn::new(read.text("idc_managed_application_arn")?),
        idc_display_name: read.text("idc_display_name")?,
        identity_namespace: read.text("identity_namespace")?,
        iam_role_arn: read.text("iam_role_arn")?,
        onboard_status: read.onboard_status()?,
        tags: read.json("tags")?,
        created: read.created()?,
        arn: RedshiftIdcApplicationArn::new(read.key),
    })
}

pub(super) fn qev2_application(row: &SqliteRow) -> Result<Qev2IdcApplication, StoreError> {
    let read = Read::new(row, "qev2_idc_application", "arn")?;
    Ok(Qev2IdcApplication {
        name: read.text("name")?,
        idc_instance_arn: InstanceArn::new(read.text("idc_instance_arn")?),
        idc_managed_application_arn: ApplicationArn::new(read.text("idc_managed_application_arn")?),
        idc_display_name: read.text("idc_display_name")?,
        onboard_status: read.onboard_status()?,
        tags: read.json("tags")?,
        created: read.created()?,
        arn: Qev2IdcApplicationArn::new(read.key),
    })
}

pub(super) fn cluster(row: &SqliteRow) -> Result<Cluster, StoreError> {
    let read = Read::new(row, "redshift_cluster", "identifier")?;
    let options: StoredOptions = read.json("options")?;
    let unknown = read.broken("the options have an unknown parameter group family or time".to_owned());
    let ClusterOptions { node_count, automated_retention, manual_retention, .. } = ClusterOptions::default();
    let cluster = Cluster {
        warehouse: WarehouseId::new(read.text("warehouse_id")?),
        node_type: read.text("node_type")?,
        master_username: read.text("master_username")?,
        db_name: read.text("db_name")?,
        port: read.port()?.unwrap_or_default(),
        status: read.cluster_status()?,
        idc_application: read.optional("idc_application_arn")?.map(RedshiftIdcApplicationArn::new),
        iam_roles: read.json("iam_roles")?,
        default_iam_role: read.optional("default_iam_role")?,
        publicly_accessible: row.try_get("publicly_accessible")?,
        tags: read.json("tags")?,
        created: read.created()?,
        identifier: ClusterId::new(read.key),
        node_count,
        vpc_security_groups: Vec::new(),
        subnet_group: None,
        availability_zone: None,
        parameter_group: String::new(),
        applied: AppliedParameters::default(),
        maintenance_window: String::new(),
        automated_retention,
        manual_retention,
        master_secret: None,
    };
    options.fill(cluster).ok_or(unknown)
}

pub(super) fn parameter_group(row: &SqliteRow) -> Result<ParameterGroup, StoreError> {
    let read = Read::new(row, "redshift_parameter_group", "name")?;
    let family = read.text("family")?;
    Ok(ParameterGroup {
        family: Family::from_name(&family).ok_or_else(|| read.broken(format!("unknown family {family}")))?,
        description: read.text("description")?,
        values: read.json("parameter_values")?,
        tags: read.json("tags")?,
        created: read.created()?,
        name: read.key,
    })
}

pub(super) fn namespace(row: &SqliteRow) -> Result<Namespace, StoreError> {
    let read = Read::new(row, "serverless_namespace", "name")?;
    let admin_secret = match read.optional("admin_secret")? {
        None => None,
        Some(_) => {
            let secret: StoredSecret = read.json("admin_secret")?;
            Some(secret.read().ok_or_else(|| read.broken("unknown time of a password".to_owned()))?)
        }
    };
    Ok(Namespace {
        warehouse: WarehouseId::new(read.text("warehouse_id")?),
        admin_username: read.text("admin_username")?,
        db_name: read.text("db_name")?,
        idc_application: read.optional("idc_application_arn")?.map(RedshiftIdcApplicationArn::new),
        iam_roles: read.json("iam_roles")?,
        default_iam_role: read.optional("default_iam_role")?,
        tags: read.json("tags")?,
        status: read.status()?,
        created: read.created()?,
        admin_secret,
        name: NamespaceName::new(read.key),
    })
}

pub(super) fn workgroup(row: &SqliteRow) -> Result<Workgroup, StoreError> {
    let read = Read::new(row, "serverless_workgroup", "name")?;
    let place: StoredPlace = read.json("options")?;
    Ok(place.fill(Workgroup {
        id: read.text("id")?,
        namespace: NamespaceName::new(read.text("namespace_name")?),
        port: read.port()?,
        publicly_accessible: row.try_get("publicly_accessible")?,
        tags: read.json("tags")?,
        status: read.status()?,
        created: read.created()?,
        name: WorkgroupName::new(read.key),
        security_group_ids: Vec::new(),
        subnet_ids: Vec::new(),
        config: BTreeMap::new(),
    }))
}
