//! Serverless workgroups.

use std::sync::Arc;

use base::id::{WarehouseId, WorkgroupName};

use super::inner::{BusyKey, Inner, Turn};
use crate::route::EndpointName;
use crate::{ControlError, ControlWrite, NewWorkgroup, Workgroup, WorkgroupEdit, WorkgroupStatus};

impl Inner {
    pub(super) async fn create_workgroup(self: Arc<Self>, new: NewWorkgroup) -> Result<Arc<Workgroup>, ControlError> {
        let (workgroup, _busy) = {
            let turn = self.turn().await;
            self.host()?;
            let pinned = self.network.pin().await;
            let workgroup = self.new_workgroup(new)?;
            self.check_place(&pinned, &workgroup.attachment(), None)?;
            let busy = self.begin(BusyKey::Workgroup(workgroup.id.clone()));
            self.commit(&turn, ControlWrite::PutWorkgroup(workgroup.clone())).await?;
            (workgroup, busy)
        };
        match self.open_workgroup(&workgroup).await {
            Ok(made) => Ok(made),
            Err(error) => {
                if let Err(second) = self.remove_workgroup(&workgroup).await {
                    let workgroup = &workgroup.name;
                    tracing::error!(%workgroup, error = %second, "a workgroup that could not be made is left; delete it or start anew");
                }
                Err(error)
            }
        }
    }

    /// Under a turn.
    fn new_workgroup(&self, new: NewWorkgroup) -> Result<Workgroup, ControlError> {
        if self.read().workgroups.contains_key(&new.name) {
            return Err(ControlError::WorkgroupExists(new.name));
        }
        self.available_namespace(&new.namespace)?;
        if let Some(other) = self.read().workgroup_of(&new.namespace) {
            return Err(ControlError::Conflict(format!(
                "Namespace {} has the workgroup {} already. Delete that one first, or create another namespace.",
                new.namespace, other.name
            )));
        }
        Ok(Workgroup {
            name: new.name,
            id: base::id::uuid(),
            namespace: new.namespace,
            port: new.port,
            publicly_accessible: new.publicly_accessible,
            tags: new.tags,
            status: WorkgroupStatus::Creating,
            created: self.clock.now(),
            security_group_ids: new.security_group_ids,
            subnet_ids: new.subnet_ids,
            config: new.config,
        })
    }

    async fn open_workgroup(&self, workgroup: &Workgroup) -> Result<Arc<Workgroup>, ControlError> {
        self.listen(workgroup.port.unwrap_or_default()).await?;
        // Before anybody can come in.
        if let Some(warehouse) = self.warehouse_behind(workgroup) {
            let settings = self.read().settings_of(&warehouse);
            self.host()?.apply_settings(&warehouse, &settings).await;
        }
        let turn = self.turn().await;
        self.put_workgroup(&turn, &workgroup.name, |workgroup| workgroup.status = WorkgroupStatus::Available).await
    }

    pub(super) async fn update_workgroup(
        self: Arc<Self>,
        name: WorkgroupName,
        edit: WorkgroupEdit,
    ) -> Result<Arc<Workgroup>, ControlError> {
        let (workgroup, _busy) = {
            let _turn = self.turn().await;
            let workgroup = self.known_workgroup(&name)?;
            let busy = self.begin(BusyKey::Workgroup(workgroup.id.clone()));
            match workgroup.status {
                WorkgroupStatus::Available => (Arc::clone(&workgroup), busy.ok_or_else(|| conflict(&workgroup))?),
                WorkgroupStatus::Creating | WorkgroupStatus::Deleting => return Err(conflict(&workgroup)),
            }
        };
        let mut edited = Workgroup::clone(&workgroup);
        edit.clone().record(&mut edited)?;
        let ports = (workgroup.port.unwrap_or_default(), edited.port.unwrap_or_default());
        let withdrawn = workgroup.publicly_accessible && !edited.publicly_accessible;
        let regrouped = workgroup.attachment() != edited.attachment();
        let modified = self.moving(ports, async {
            let turn = self.turn().await;
            let pinned = self.network.pin().await;
            self.check_place(&pinned, &edited.attachment(), None)?;
            self.put_workgroup(&turn, &workgroup.name, |workgroup| {
                // The tags may have changed since.
                *workgroup = Workgroup { tags: std::mem::take(&mut workgroup.tags), ..edited };
            })
            .await
        });
        let modified = modified.await?;
        let Some(warehouse) = self.warehouse_behind(&modified) else { return Ok(modified) };
        if workgroup.config != modified.config {
            let settings = self.read().settings_of(&warehouse);
            self.host()?.apply_settings(&warehouse, &settings).await;
        }
        if withdrawn {
            self.host()?.end_public_sessions(&warehouse).await;
        }
        if regrouped {
            self.host()?.end_unadmitted(&warehouse).await;
        }
        Ok(modified)
    }

    pub(super) async fn delete_workgroup(self: Arc<Self>, name: WorkgroupName) -> Result<Arc<Workgroup>, ControlError> {
        let (workgroup, _busy) = {
            let turn = self.turn().await;
            let workgroup = self.known_workgroup(&name)?;
            let busy = self.begin(BusyKey::Workgroup(workgroup.id.clone()));
            let busy = busy.ok_or_else(|| conflict(&workgroup))?;
            self.host()?;
            let deleting = |workgroup: &mut Workgroup| workgroup.status = WorkgroupStatus::Deleting;
            (self.put_workgroup(&turn, &name, deleting).await?, busy)
        };
        self.remove_workgroup(&workgroup).await?;
        Ok(workgroup)
    }

    /// Sessions, then port, then record. No new session comes in: the endpoint isn't available any more.
    pub(super) async fn remove_workgroup(&self, workgroup: &Workgroup) -> Result<(), ControlError> {
        if let Some(warehouse) = self.warehouse_behind(workgroup) {
            self.host()?.end_sessions(&warehouse).await;
        }
        let endpoint = EndpointName::Workgroup(workgroup.name.clone());
        self.close_unused(workgroup.port.unwrap_or_default(), Some(&endpoint)).await;
        let turn = self.turn().await;
        self.commit(&turn, ControlWrite::DeleteWorkgroup(workgroup.name.clone())).await
    }

    fn warehouse_behind(&self, workgroup: &Workgroup) -> Option<WarehouseId> {
        self.read().namespaces.get(&workgroup.namespace).map(|namespace| namespace.warehouse.clone())
    }

    /// Changes the record as it is now.
    pub(super) async fn put_workgroup(
        &self,
        turn: &Turn<'_>,
        name: &WorkgroupName,
        change: impl FnOnce(&mut Workgroup),
    ) -> Result<Arc<Workgroup>, ControlError> {
        let mut workgroup = Workgroup::clone(&*self.known_workgroup(name)?);
        change(&mut workgroup);
        self.commit(turn, ControlWrite::PutWorkgroup(workgroup.clone())).await?;
        Ok(Arc::new(workgroup))
    }

    fn known_workgroup(&self, name: &WorkgroupName) -> Result<Arc<Workgroup>, ControlError> {
        self.read().workgroups.get(name).cloned().ok_or_else(|| ControlError::WorkgroupNotFound(name.clone()))
    }
}

fn conflict(workgroup: &Workgroup) -> ControlError {
    let doing = match workgroup.status {
        WorkgroupStatus::Creating => "made",
        WorkgroupStatus::Available => "changed",
        WorkgroupStatus::Deleting => "deleted",
    };
    let name = &workgroup.name;
    ControlError::Conflict(format!(
        "Workgroup {name} is being {doing}. Wait until GetWorkgroup shows it AVAILABLE or gone, then try again."
    ))
}
