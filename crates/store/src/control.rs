//! The control plane's state.

#[cfg(test)]
mod tests;

use base::id::{ApplicationArn, ClusterId, InstanceArn, RedshiftIdcApplicationArn};
use control::{
    Cluster, ClusterStatus, ControlStore, ControlStoreError, ControlWrite, OnboardStatus, RedshiftIdcApplication,
    StoredControl,
};
use sqlx::sqlite::SqliteRow;
use sqlx::{Row as _, SqlitePool};

use crate::{Store, StoreError, timestamp};

/// [`ControlStore`] on SQLite.
#[derive(Debug, Clone)]
pub struct SqliteControl {
    pool: SqlitePool,
}

impl SqliteControl {
    #[must_use]
    pub fn new(store: &Store) -> Self {
        Self { pool: store.pool().clone() }
    }

    async fn read(&self) -> Result<StoredControl, StoreError> {
        let applications = sqlx::query("SELECT * FROM redshift_idc_application").fetch_all(&self.pool).await?;
        let clusters = sqlx::query("SELECT * FROM cluster").fetch_all(&self.pool).await?;
        Ok(StoredControl {
            idc_applications: applications.iter().map(application_of).collect::<Result<_, _>>()?,
            clusters: clusters.iter().map(cluster_of).collect::<Result<_, _>>()?,
        })
    }

    async fn write(&self, write: ControlWrite) -> Result<(), StoreError> {
        match write {
            ControlWrite::CreateIdcApplication(application) => self.insert_application(&application).await,
            ControlWrite::DeleteIdcApplication(arn) => {
                // Clusters are disconnected with it: ON DELETE SET NULL.
                let delete = sqlx::query("DELETE FROM redshift_idc_application WHERE arn = ?").bind(arn.as_str());
                delete.execute(&self.pool).await.map(drop).map_err(Into::into)
            }
            ControlWrite::PutCluster(cluster) => self.put_cluster(&cluster).await,
        }
    }

    async fn insert_application(&self, application: &RedshiftIdcApplication) -> Result<(), StoreError> {
        sqlx::query("INSERT INTO redshift_idc_application VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)")
            .bind(application.arn.as_str())
            .bind(&application.name)
            .bind(application.idc_instance_arn.as_str())
            .bind(application.idc_managed_application_arn.as_str())
            .bind(&application.idc_display_name)
            .bind(&application.identity_namespace)
            .bind(&application.iam_role_arn)
            .bind(application.onboard_status.name())
            .bind(timestamp::write("redshift_idc_application", application.created)?)
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    async fn put_cluster(&self, cluster: &Cluster) -> Result<(), StoreError> {
        sqlx::query(
            "INSERT INTO cluster VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (identifier) DO UPDATE SET \
             node_type = excluded.node_type, master_username = excluded.master_username, db_name = excluded.db_name, \
             endpoint_address = excluded.endpoint_address, endpoint_port = excluded.endpoint_port, \
             status = excluded.status, idc_application_arn = excluded.idc_application_arn, \
             namespace_arn = excluded.namespace_arn, created = excluded.created",
        )
        .bind(cluster.identifier.as_str())
        .bind(&cluster.node_type)
        .bind(&cluster.master_username)
        .bind(&cluster.db_name)
        .bind(&cluster.endpoint_address)
        .bind(i64::from(cluster.endpoint_port))
        .bind(cluster.status.name())
        .bind(cluster.idc_application.as_ref().map(RedshiftIdcApplicationArn::as_str))
        .bind(&cluster.namespace_arn)
        .bind(timestamp::write("cluster", cluster.created)?)
        .execute(&self.pool)
        .await?;
        Ok(())
    }
}

#[async_trait::async_trait]
impl ControlStore for SqliteControl {
    async fn load(&self) -> Result<StoredControl, ControlStoreError> {
        self.read().await.map_err(|error| ControlStoreError(error.to_string()))
    }

    async fn apply(&self, write: ControlWrite) -> Result<(), ControlStoreError> {
        self.write(write).await.map_err(|error| ControlStoreError(error.to_string()))
    }
}

fn application_of(row: &SqliteRow) -> Result<RedshiftIdcApplication, StoreError> {
    let table = "redshift_idc_application";
    let arn: String = row.try_get("arn")?;
    let status: String = row.try_get("onboard_status")?;
    let unknown = || StoreError::Row { table, key: arn.clone(), cause: format!("unknown status {status}") };
    Ok(RedshiftIdcApplication {
        onboard_status: OnboardStatus::from_name(&status).ok_or_else(unknown)?,
        name: row.try_get("name")?,
        idc_instance_arn: InstanceArn::new(row.try_get::<String, _>("idc_instance_arn")?),
        idc_managed_application_arn: ApplicationArn::new(row.try_get::<String, _>("idc_managed_application_arn")?),
        idc_display_name: row.try_get("idc_display_name")?,
        identity_namespace: row.try_get("identity_namespace")?,
        iam_role_arn: row.try_get("iam_role_arn")?,
        created: timestamp::read(table, row.try_get("created")?)?,
        arn: RedshiftIdcApplicationArn::new(arn),
    })
}

fn cluster_of(row: &SqliteRow) -> Result<Cluster, StoreError> {
    let table = "cluster";
    let identifier: String = row.try_get("identifier")?;
    let status: String = row.try_get("status")?;
    let bad = |cause: String| StoreError::Row { table, key: identifier.clone(), cause };
    Ok(Cluster {
        node_type: row.try_get("node_type")?,
        master_username: row.try_get("master_username")?,
        db_name: row.try_get("db_name")?,
        endpoint_address: row.try_get("endpoint_address")?,
        endpoint_port: u16::try_from(row.try_get::<i64, _>("endpoint_port")?)
            .map_err(|error| bad(error.to_string()))?,
        status: ClusterStatus::from_name(&status).ok_or_else(|| bad(format!("unknown status {status}")))?,
        idc_application: row.try_get::<Option<String>, _>("idc_application_arn")?.map(RedshiftIdcApplicationArn::new),
        namespace_arn: row.try_get("namespace_arn")?,
        created: timestamp::read(table, row.try_get("created")?)?,
        identifier: ClusterId::new(identifier),
    })
}
