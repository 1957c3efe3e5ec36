//! The control plane's state.

mod options;
mod row;
mod snapshots;
#[cfg(test)]
mod tests;

use base::id::RedshiftIdcApplicationArn;
use control::{
    Cluster, ClusterStatus, ControlStore, ControlStoreError, ControlWrite, Namespace, ParameterGroup,
    Qev2IdcApplication, RedshiftIdcApplication, StoredControl, Workgroup,
};
use options::{StoredOptions, StoredPlace, StoredSecret};
use serde_json::json;
use sqlx::SqlitePool;
use sqlx::sqlite::SqliteRow;

use crate::{Store, StoreError, timestamp};

/// The milestone after which the first cluster isn't made by itself any more.
const CLUSTER_MADE: &str = "cluster-made";

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
        let made = sqlx::query("SELECT 1 FROM control_milestone WHERE name = ?").bind(CLUSTER_MADE);
        Ok(StoredControl {
            idc_applications: self.all("SELECT * FROM redshift_idc_application", row::idc_application).await?,
            qev2_applications: self.all("SELECT * FROM qev2_idc_application", row::qev2_application).await?,
            clusters: self.all("SELECT * FROM redshift_cluster", row::cluster).await?,
            namespaces: self.all("SELECT * FROM serverless_namespace", row::namespace).await?,
            workgroups: self.all("SELECT * FROM serverless_workgroup", row::workgroup).await?,
            parameter_groups: self.all("SELECT * FROM redshift_parameter_group", row::parameter_group).await?,
            snapshots: self.all("SELECT * FROM redshift_snapshot", snapshots::snapshot).await?,
            restored: self.all("SELECT * FROM redshift_restored", snapshots::restored).await?,
            cluster_made: made.fetch_optional(&self.pool).await?.is_some(),
        })
    }

    async fn all<T>(
        &self,
        text: &'static str,
        read: fn(&SqliteRow) -> Result<T, StoreError>,
    ) -> Result<Vec<T>, StoreError> {
        sqlx::query(text).fetch_all(&self.pool).await?.iter().map(read).collect()
    }

    async fn write(&self, write: ControlWrite) -> Result<(), StoreError> {
        match write {
            ControlWrite::PutIdcApplication(application) => self.put_idc_application(&application).await,
            // Clusters and namespaces are disconnected with it: ON DELETE SET NULL.
            ControlWrite::DeleteIdcApplication(arn) => {
                self.delete("DELETE FROM redshift_idc_application WHERE arn = ?", arn.as_str()).await
            }
            ControlWrite::PutQev2Application(application) => self.put_qev2_application(&application).await,
            ControlWrite::DeleteQev2Application(arn) => {
                self.delete("DELETE FROM qev2_idc_application WHERE arn = ?", arn.as_str()).await
            }
            ControlWrite::PutCluster(cluster) => self.put_cluster(&cluster).await,
            ControlWrite::DeleteCluster(id) => {
                self.delete("DELETE FROM redshift_cluster WHERE warehouse_id = ?", id.as_str()).await
            }
            ControlWrite::PutSnapshot(snapshot) => self.put_snapshot(&snapshot).await,
            ControlWrite::DeleteSnapshot(id) => {
                self.delete("DELETE FROM redshift_snapshot WHERE id = ?", id.as_str()).await
            }
            ControlWrite::PutRestored(restored) => self.put_restored(&restored).await,
            ControlWrite::PutParameterGroup(group) => self.put_parameter_group(&group).await,
            ControlWrite::DeleteParameterGroup(name) => {
                self.delete("DELETE FROM redshift_parameter_group WHERE name = ?", &name).await
            }
            ControlWrite::PutNamespace(namespace) => self.put_namespace(&namespace).await,
            ControlWrite::DeleteNamespace(name) => {
                self.delete("DELETE FROM serverless_namespace WHERE name = ?", name.as_str()).await
            }
            ControlWrite::PutWorkgroup(workgroup) => self.put_workgroup(&workgroup).await,
            ControlWrite::DeleteWorkgroup(name) => {
                self.delete("DELETE FROM serverless_workgroup WHERE name = ?", name.as_str()).await
            }
        }
    }

    async fn delete(&self, text: &'static str, key: &str) -> Result<(), StoreError> {
        sqlx::query(text).bind(key).execute(&self.pool).await.map(drop).map_err(Into::into)
    }

    async fn put_idc_application(&self, application: &RedshiftIdcApplication) -> Result<(), StoreError> {
        // Not a REPLACE, which would delete the row first and with it the connections to it.
        sqlx::query(
            "INSERT INTO redshift_idc_application (arn, name, idc_instance_arn, idc_managed_application_arn, \
             idc_display_name, identity_namespace, iam_role_arn, onboard_status, tags, created) \
             VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (arn) DO UPDATE SET \
             idc_display_name = excluded.idc_display_name, identity_namespace = excluded.identity_namespace, \
             iam_role_arn = excluded.iam_role_arn, onboard_status = excluded.onboard_status, tags = excluded.tags",
        )
        .bind(application.arn.as_str())
        .bind(&application.name)
        .bind(application.idc_instance_arn.as_str())
        .bind(application.idc_managed_application_arn.as_str())
        .bind(&application.idc_display_name)
        .bind(&application.identity_namespace)
        .bind(&application.iam_role_arn)
        .bind(application.onboard_status.name())
        .bind(json!(application.tags).to_string())
        .bind(timestamp::write("redshift_idc_application", application.created)?)
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    async fn put_qev2_application(&self, application: &Qev2IdcApplication) -> Result<(), StoreError> {
        sqlx::query(
            "INSERT INTO qev2_idc_application (arn, name, idc_instance_arn, idc_managed_application_arn, \
             idc_display_name, onboard_status, tags, created) \
             VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (arn) DO UPDATE SET \
             idc_display_name = excluded.idc_display_name, onboard_status = excluded.onboard_status, tags = excluded.tags",
        )
        .bind(application.arn.as_str())
        .bind(&application.name)
        .bind(application.idc_instance_arn.as_str())
        .bind(application.idc_managed_application_arn.as_str())
        .bind(&application.idc_display_name)
        .bind(application.onboard_status.name())
        .bind(json!(application.tags).to_string())
        .bind(timestamp::write("qev2_idc_application", application.created)?)
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    async fn put_cluster(&self, cluster: &Cluster) -> Result<(), StoreError> {
        let mut transaction = self.pool.begin().await?;
        sqlx::query(
            "INSERT INTO redshift_cluster (warehouse_id, identifier, node_type, master_username, db_name, port, status, \
             idc_application_arn, iam_roles, default_iam_role, publicly_accessible, tags, created, options) \
             VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (warehouse_id) DO UPDATE SET \
             identifier = excluded.identifier, node_type = excluded.node_type, port = excluded.port, \
             status = excluded.status, idc_application_arn = excluded.idc_application_arn, \
             iam_roles = excluded.iam_roles, default_iam_role = excluded.default_iam_role, \
             publicly_accessible = excluded.publicly_accessible, tags = excluded.tags, options = excluded.options",
        )
        .bind(cluster.warehouse.as_str())
        .bind(cluster.identifier.as_str())
        .bind(&cluster.node_type)
        .bind(&cluster.master_username)
        .bind(&cluster.db_name)
        .bind(i64::from(cluster.port))
        .bind(cluster.status.name())
        .bind(cluster.idc_application.as_ref().map(RedshiftIdcApplicationArn::as_str))
        .bind(json!(cluster.iam_roles).to_string())
        .bind(&cluster.default_iam_role)
        .bind(cluster.publicly_accessible)
        .bind(json!(cluster.tags).to_string())
        .bind(timestamp::write("redshift_cluster", cluster.created)?)
        .bind(json!(StoredOptions::of(cluster)).to_string())
        .execute(&mut *transaction)
        .await?;
        if cluster.status == ClusterStatus::Available {
            let note =
                sqlx::query("INSERT INTO control_milestone VALUES (?) ON CONFLICT DO NOTHING").bind(CLUSTER_MADE);
            note.execute(&mut *transaction).await?;
        }
        Ok(transaction.commit().await?)
    }

    async fn put_namespace(&self, namespace: &Namespace) -> Result<(), StoreError> {
        sqlx::query(
            "INSERT INTO serverless_namespace (warehouse_id, name, admin_username, db_name, idc_application_arn, \
             iam_roles, default_iam_role, tags, status, created, admin_secret) \
             VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (warehouse_id) DO UPDATE SET \
             idc_application_arn = excluded.idc_application_arn, iam_roles = excluded.iam_roles, \
             default_iam_role = excluded.default_iam_role, tags = excluded.tags, status = excluded.status, \
             admin_secret = excluded.admin_secret",
        )
        .bind(namespace.warehouse.as_str())
        .bind(namespace.name.as_str())
        .bind(&namespace.admin_username)
        .bind(&namespace.db_name)
        .bind(namespace.idc_application.as_ref().map(RedshiftIdcApplicationArn::as_str))
        .bind(json!(namespace.iam_roles).to_string())
        .bind(&namespace.default_iam_role)
        .bind(json!(namespace.tags).to_string())
        .bind(namespace.status.name())
        .bind(timestamp::write("serverless_namespace", namespace.created)?)
        .bind(namespace.admin_secret.as_ref().map(|secret| json!(StoredSecret::of(secret)).to_string()))
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    async fn put_workgroup(&self, workgroup: &Workgroup) -> Result<(), StoreError> {
        sqlx::query(
            "INSERT INTO serverless_workgroup (id, name, namespace_name, port, publicly_accessible, tags, status, created, \
             options) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET port = excluded.port, \
             publicly_accessible = excluded.publicly_accessible, tags = excluded.tags, status = excluded.status, \
             options = excluded.options",
        )
        .bind(&workgroup.id)
        .bind(workgroup.name.as_str())
        .bind(workgroup.namespace.as_str())
        .bind(workgroup.port.map(i64::from))
        .bind(workgroup.publicly_accessible)
        .bind(json!(workgroup.tags).to_string())
        .bind(workgroup.status.name())
        .bind(timestamp::write("serverless_workgroup", workgroup.created)?)
        .bind(json!(StoredPlace::of(workgroup)).to_string())
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    async fn put_parameter_group(&self, group: &ParameterGroup) -> Result<(), StoreError> {
        sqlx::query(
            "INSERT INTO redshift_parameter_group (name, family, description, parameter_values, tags, created) \
             VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (name) DO UPDATE SET description = excluded.description, \
             parameter_values = excluded.parameter_values, tags = excluded.tags",
        )
        .bind(&group.name)
        .bind(group.family.name())
        .bind(&group.description)
        .bind(json!(group.values).to_string())
        .bind(json!(group.tags).to_string())
        .bind(timestamp::write("redshift_parameter_group", group.created)?)
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
