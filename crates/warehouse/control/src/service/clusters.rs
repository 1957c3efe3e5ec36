//! Clusters.

use std::sync::Arc;

use base::id::{ClusterId, RedshiftIdcApplicationArn, WarehouseId};

use super::inner::{Busy, BusyKey, Inner, Turn, provider, with_role};
use crate::cluster::DEFAULT_DATABASE;
use crate::route::EndpointName;
use crate::{Cluster, ClusterEdit, ClusterStatus, ControlError, ControlWrite, NewCluster, WarehouseSpec, roles};

impl Inner {
    pub(super) async fn create_cluster(self: Arc<Self>, new: NewCluster) -> Result<Arc<Cluster>, ControlError> {
        let (cluster, spec, _busy) = self.record_cluster(new).await?;
        match self.build_cluster(&cluster, &spec).await {
            Ok(made) => Ok(made),
            Err(error) => {
                self.discard_cluster(&cluster).await;
                Err(error)
            }
        }
    }

    /// The first step: the name is taken and a start after a crash knows of it.
    async fn record_cluster(
        self: &Arc<Self>,
        new: NewCluster,
    ) -> Result<(Cluster, WarehouseSpec, Option<Busy>), ControlError> {
        let turn = self.turn().await;
        self.host()?;
        self.check_identifier_free(&turn, &new.identifier)?;
        self.check_quota(&turn)?;
        let application = self.connection(new.idc_application.as_ref())?;
        let iam_roles = with_role(new.iam_roles, application.as_deref());
        let cluster = Cluster {
            identifier: new.identifier,
            warehouse: WarehouseId::new(base::id::uuid()),
            node_type: new.node_type,
            master_username: new.master_username,
            db_name: new.db_name.unwrap_or_else(|| DEFAULT_DATABASE.to_owned()),
            port: new.port.unwrap_or_default(),
            status: ClusterStatus::Creating,
            idc_application: new.idc_application,
            iam_roles,
            default_iam_role: new.default_iam_role,
            publicly_accessible: new.publicly_accessible,
            tags: new.tags,
            created: self.clock.now(),
        };
        let spec = WarehouseSpec {
            id: cluster.warehouse.clone(),
            database: cluster.db_name.clone(),
            admin_username: cluster.master_username.clone(),
            admin_password: new.master_password,
            identity_provider: application.as_deref().map(provider),
        };
        let busy = self.begin(BusyKey::Warehouse(cluster.warehouse.clone()));
        self.commit(&turn, ControlWrite::PutCluster(cluster.clone())).await?;
        Ok((cluster, spec, busy))
    }

    async fn build_cluster(&self, cluster: &Cluster, spec: &WarehouseSpec) -> Result<Arc<Cluster>, ControlError> {
        self.listen(cluster.port).await?;
        self.host()?.create(spec).await?;
        let turn = self.turn().await;
        self.put_cluster(&turn, &cluster.warehouse, |cluster| cluster.status = ClusterStatus::Available).await
    }

    /// Undoes a create. What can't be undone now stays recorded: DeleteCluster or the next start finishes it.
    async fn discard_cluster(&self, cluster: &Cluster) {
        if let Err(error) = self.remove_cluster(cluster).await {
            let cluster = &cluster.identifier;
            tracing::error!(%cluster, %error, "a cluster that could not be made is left; delete it or start anew");
        }
    }

    pub(super) async fn delete_cluster(self: Arc<Self>, id: ClusterId) -> Result<Arc<Cluster>, ControlError> {
        let (cluster, _busy) = {
            let turn = self.turn().await;
            let cluster = self.known_cluster(&id)?;
            let busy = self.begin(BusyKey::Warehouse(cluster.warehouse.clone()));
            let busy = busy.ok_or_else(|| busy_state(&cluster))?;
            self.host()?;
            let deleting = |cluster: &mut Cluster| cluster.status = ClusterStatus::Deleting;
            (self.put_cluster(&turn, &cluster.warehouse, deleting).await?, busy)
        };
        self.remove_cluster(&cluster).await?;
        Ok(cluster)
    }

    /// Data, then port, then record: as long as there is a record, each step can be repeated.
    pub(super) async fn remove_cluster(&self, cluster: &Cluster) -> Result<(), ControlError> {
        self.host()?.delete(&cluster.warehouse).await?;
        self.close_unused(cluster.port, Some(&EndpointName::Cluster(cluster.identifier.clone()))).await;
        let turn = self.turn().await;
        self.commit(&turn, ControlWrite::DeleteCluster(cluster.warehouse.clone())).await
    }

    pub(super) async fn modify_cluster(
        self: Arc<Self>,
        id: ClusterId,
        edit: ClusterEdit,
    ) -> Result<Arc<Cluster>, ControlError> {
        let (cluster, _busy, _identifier) = {
            let turn = self.turn().await;
            let cluster = self.available_cluster(&id)?;
            let identifier = match edit.identifier.clone().filter(|identifier| *identifier != id) {
                Some(identifier) => {
                    self.check_identifier_free(&turn, &identifier)?;
                    self.begin(BusyKey::Identifier(identifier))
                }
                None => None,
            };
            let busy = self.begin(BusyKey::Warehouse(cluster.warehouse.clone()));
            (Arc::clone(&cluster), busy.ok_or_else(|| busy_state(&cluster))?, identifier)
        };
        let ports = (cluster.port, edit.port.unwrap_or(cluster.port));
        let withdrawn = cluster.publicly_accessible && edit.publicly_accessible == Some(false);
        let modified = self.moving(ports, async {
            if let Some(password) = &edit.master_password {
                self.host()?.set_admin_password(&cluster.warehouse, &cluster.master_username, password).await?;
            }
            let turn = self.turn().await;
            self.put_cluster(&turn, &cluster.warehouse, |cluster| {
                cluster.identifier = edit.identifier.unwrap_or_else(|| cluster.identifier.clone());
                cluster.port = ports.1;
                cluster.publicly_accessible = edit.publicly_accessible.unwrap_or(cluster.publicly_accessible);
            })
            .await
        });
        let modified = modified.await?;
        if withdrawn {
            self.host()?.end_public_sessions(&modified.warehouse).await;
        }
        Ok(modified)
    }

    pub(super) async fn modify_cluster_iam_roles(
        self: Arc<Self>,
        id: ClusterId,
        add: &[String],
        remove: &[String],
        default: Option<String>,
    ) -> Result<Arc<Cluster>, ControlError> {
        let turn = self.turn().await;
        let cluster = self.available_cluster(&id)?;
        let edited = roles::edited(&cluster.iam_roles, add, remove)?;
        roles::check_default("DefaultIamRoleArn", default.as_deref(), &edited)?;
        let kept = cluster.default_iam_role.clone().filter(|role| edited.contains(role));
        self.put_cluster(&turn, &cluster.warehouse, |cluster| {
            cluster.iam_roles = edited;
            cluster.default_iam_role = default.or(kept);
        })
        .await
    }

    pub(super) async fn connect_cluster(
        self: Arc<Self>,
        id: ClusterId,
        application: Option<RedshiftIdcApplicationArn>,
    ) -> Result<(), ControlError> {
        let turn = self.turn().await;
        let cluster = self.known_cluster(&id)?;
        self.connection(application.as_ref())?;
        self.put_cluster(&turn, &cluster.warehouse, |cluster| cluster.idc_application = application).await?;
        Ok(())
    }

    /// Changes the record as it is now: tags and connection may have changed since a longer write began.
    pub(super) async fn put_cluster(
        &self,
        turn: &Turn<'_>,
        id: &WarehouseId,
        change: impl FnOnce(&mut Cluster),
    ) -> Result<Arc<Cluster>, ControlError> {
        let cluster = self.read().cluster_of(id).cloned();
        let cluster = cluster.ok_or_else(|| ControlError::Host(format!("the record of warehouse {id} is gone")))?;
        let mut cluster = Cluster::clone(&cluster);
        change(&mut cluster);
        self.commit(turn, ControlWrite::PutCluster(cluster.clone())).await?;
        Ok(Arc::new(cluster))
    }

    fn check_identifier_free(&self, _turn: &Turn<'_>, identifier: &ClusterId) -> Result<(), ControlError> {
        let taken = self.read().clusters.contains_key(identifier);
        if taken || self.is_busy(&BusyKey::Identifier(identifier.clone())) {
            return Err(ControlError::ClusterAlreadyExists(identifier.clone()));
        }
        Ok(())
    }

    fn known_cluster(&self, id: &ClusterId) -> Result<Arc<Cluster>, ControlError> {
        self.read().clusters.get(id).cloned().ok_or_else(|| ControlError::ClusterNotFound(id.clone()))
    }

    fn available_cluster(&self, id: &ClusterId) -> Result<Arc<Cluster>, ControlError> {
        let cluster = self.known_cluster(id)?;
        match cluster.status {
            ClusterStatus::Available => Ok(cluster),
            ClusterStatus::Creating | ClusterStatus::Deleting => Err(busy_state(&cluster)),
        }
    }
}

fn busy_state(cluster: &Cluster) -> ControlError {
    let state = match cluster.status {
        ClusterStatus::Available => "modifying",
        ClusterStatus::Creating | ClusterStatus::Deleting => cluster.status.name(),
    };
    ControlError::InvalidClusterState { id: cluster.identifier.clone(), state }
}
