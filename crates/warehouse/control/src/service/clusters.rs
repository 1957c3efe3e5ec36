//! Clusters.

use std::sync::Arc;

use base::id::{ClusterId, RedshiftIdcApplicationArn, WarehouseId};
use network::Attachment;

use super::inner::{Busy, BusyKey, Inner, Turn, provider, with_role};
use super::options::Administrator;
use crate::cluster::DEFAULT_DATABASE;
use crate::options::DEFAULT_WINDOW;
use crate::parameter_group::DEFAULT_GROUP;
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
    pub(super) async fn record_cluster(
        self: &Arc<Self>,
        new: NewCluster,
    ) -> Result<(Cluster, WarehouseSpec, Option<Busy>), ControlError> {
        let turn = self.turn().await;
        self.host()?;
        self.check_identifier_free(&turn, &new.identifier)?;
        self.check_quota(&turn)?;
        let application = self.connection(new.idc_application.as_ref())?;
        let iam_roles = with_role(new.iam_roles, application.as_deref());
        let options = new.options;
        let group = self.parameter_group_named(options.parameter_group.as_deref().unwrap_or(DEFAULT_GROUP))?;
        let (master_secret, admin_password) =
            self.admin_password(new.master_password, new.identifier.as_str(), &new.master_username)?;
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
            node_count: options.node_count,
            vpc_security_groups: options.vpc_security_groups,
            subnet_group: options.subnet_group,
            availability_zone: options.availability_zone,
            parameter_group: group.name.clone(),
            applied: group.applied(),
            maintenance_window: options.maintenance_window.unwrap_or_else(|| DEFAULT_WINDOW.to_owned()),
            automated_retention: options.automated_retention,
            manual_retention: options.manual_retention,
            master_secret,
        };
        let spec = WarehouseSpec {
            id: cluster.warehouse.clone(),
            database: cluster.db_name.clone(),
            admin_username: cluster.master_username.clone(),
            admin_password,
            identity_provider: application.as_deref().map(provider),
            settings: cluster.applied.settings(),
        };
        let pinned = self.network.pin().await;
        self.check_place(&pinned, &cluster.attachment(), cluster.availability_zone.as_deref())?;
        let busy = self.begin(BusyKey::Warehouse(cluster.warehouse.clone()));
        self.commit(&turn, ControlWrite::PutCluster(Box::new(cluster.clone()))).await?;
        Ok((cluster, spec, busy))
    }

    async fn build_cluster(&self, cluster: &Cluster, spec: &WarehouseSpec) -> Result<Arc<Cluster>, ControlError> {
        self.listen(cluster.port).await?;
        self.host()?.create(spec).await?;
        let turn = self.turn().await;
        self.put_cluster(&turn, &cluster.warehouse, |cluster| cluster.status = ClusterStatus::Available).await
    }

    /// Undoes a create. What can't be undone now stays recorded: DeleteCluster or the next start finishes it.
    pub(super) async fn discard_cluster(self: &Arc<Self>, cluster: &Cluster) {
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

    /// Data, then automated snapshots, then port, then record: as long as there is a record, each step can be repeated.
    pub(super) async fn remove_cluster(self: &Arc<Self>, cluster: &Cluster) -> Result<(), ControlError> {
        self.host()?.delete(&cluster.warehouse).await?;
        self.delete_automated_of(&cluster.warehouse).await?;
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
            // Before anything is changed; and once more when it is recorded.
            let pinned = self.network.pin().await;
            self.check_place(&pinned, &edited_place(&cluster, &edit), edit.availability_zone.as_deref())?;
            if let Some(group) = &edit.parameter_group {
                self.parameter_group_named(group)?;
            }
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
        let regrouped = edit.vpc_security_groups.as_ref().is_some_and(|groups| *groups != cluster.vpc_security_groups);
        let modified = self.moving(ports, async {
            self.change_password(&cluster, &edit).await?;
            let turn = self.turn().await;
            let group = edit.parameter_group.as_deref().map(|name| self.parameter_group_named(name)).transpose()?;
            let pinned = self.network.pin().await;
            self.check_place(&pinned, &edited_place(&cluster, &edit), edit.availability_zone.as_deref())?;
            self.put_cluster(&turn, &cluster.warehouse, |cluster| {
                let edit = ClusterEdit { parameter_group: group.map(|group| group.name.clone()), ..edit };
                edit.record(cluster);
            })
            .await
        });
        let modified = modified.await?;
        if withdrawn {
            self.host()?.end_public_sessions(&modified.warehouse).await;
        }
        if regrouped {
            self.host()?.end_unadmitted(&modified.warehouse).await;
        }
        Ok(modified)
    }

    async fn change_password(&self, cluster: &Cluster, edit: &ClusterEdit) -> Result<(), ControlError> {
        let is_managed = cluster.master_secret.is_some();
        if is_managed && edit.master_password.is_some() && edit.manage_master_password.is_none() {
            let rule = "the password is managed; give ManageMasterPassword=false with it to choose one yourself";
            return Err(ControlError::Invalid { parameter: "MasterUserPassword", rule });
        }
        let administrator = Administrator {
            warehouse: &cluster.warehouse,
            owner: cluster.identifier.as_str(),
            name: &cluster.master_username,
            secret: cluster.master_secret.as_ref(),
        };
        let manage = edit.manage_master_password == Some(true);
        self.change_admin_password(administrator, manage, edit.master_password.as_ref()).await
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
        self.commit(turn, ControlWrite::PutCluster(Box::new(cluster.clone()))).await?;
        Ok(Arc::new(cluster))
    }

    fn check_identifier_free(&self, _turn: &Turn<'_>, identifier: &ClusterId) -> Result<(), ControlError> {
        let taken = self.read().clusters.contains_key(identifier);
        if taken || self.is_busy(&BusyKey::Identifier(identifier.clone())) {
            return Err(ControlError::ClusterAlreadyExists(identifier.clone()));
        }
        Ok(())
    }

    pub(super) fn known_cluster(&self, id: &ClusterId) -> Result<Arc<Cluster>, ControlError> {
        self.read().clusters.get(id).cloned().ok_or_else(|| ControlError::ClusterNotFound(id.clone()))
    }

    pub(super) fn available_cluster(&self, id: &ClusterId) -> Result<Arc<Cluster>, ControlError> {
        let cluster = self.known_cluster(id)?;
        if cluster.status == ClusterStatus::Available { Ok(cluster) } else { Err(busy_state(&cluster)) }
    }
}

fn edited_place(cluster: &Cluster, edit: &ClusterEdit) -> Attachment {
    let place = cluster.attachment();
    Attachment { groups: edit.vpc_security_groups.clone().unwrap_or(place.groups), ..place }
}

pub(super) fn busy_state(cluster: &Cluster) -> ControlError {
    let state = if cluster.status == ClusterStatus::Available { "modifying" } else { cluster.status.name() };
    ControlError::InvalidClusterState { id: cluster.identifier.clone(), state }
}
