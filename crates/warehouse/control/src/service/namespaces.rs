//! Serverless namespaces.

use std::sync::Arc;

use base::id::{NamespaceName, WarehouseId};

use super::inner::{Busy, BusyKey, Inner, Turn, provider, with_role};
use super::options::{Administrator, unknown_password};
use crate::cluster::DEFAULT_DATABASE;
use crate::serverless::DEFAULT_ADMIN;
use crate::{
    ControlError, ControlWrite, MasterPassword, Namespace, NamespaceEdit, NamespaceStatus, NewNamespace,
    WarehouseSettings, WarehouseSpec, roles,
};

impl Inner {
    pub(super) async fn create_namespace(self: Arc<Self>, new: NewNamespace) -> Result<Arc<Namespace>, ControlError> {
        let (namespace, spec, _busy) = self.record_namespace(new).await?;
        match self.build_namespace(&namespace, &spec).await {
            Ok(made) => Ok(made),
            Err(error) => {
                if let Err(second) = self.remove_namespace(&namespace).await {
                    let namespace = &namespace.name;
                    tracing::error!(%namespace, error = %second, "a namespace that could not be made is left; delete it or start anew");
                }
                Err(error)
            }
        }
    }

    async fn record_namespace(
        self: &Arc<Self>,
        new: NewNamespace,
    ) -> Result<(Namespace, WarehouseSpec, Option<Busy>), ControlError> {
        let turn = self.turn().await;
        self.host()?;
        if self.read().namespaces.contains_key(&new.name) {
            return Err(ControlError::NamespaceExists(new.name));
        }
        self.check_quota(&turn)?;
        let application = self.connection(new.idc_application.as_ref())?;
        let admin_username = new.admin_username.unwrap_or_else(|| DEFAULT_ADMIN.to_owned());
        let password = match new.admin_password {
            Some(password) => MasterPassword::Given(password),
            None if new.manage_admin_password => MasterPassword::Managed,
            None => MasterPassword::Given(unknown_password()),
        };
        let (admin_secret, admin_password) = self.admin_password(password, new.name.as_str(), &admin_username)?;
        let namespace = Namespace {
            name: new.name,
            warehouse: WarehouseId::new(base::id::uuid()),
            admin_username,
            db_name: new.db_name.unwrap_or_else(|| DEFAULT_DATABASE.to_owned()),
            idc_application: new.idc_application,
            iam_roles: with_role(new.iam_roles, application.as_deref()),
            default_iam_role: new.default_iam_role,
            tags: new.tags,
            status: NamespaceStatus::Creating,
            created: self.clock.now(),
            admin_secret,
        };
        let spec = WarehouseSpec {
            id: namespace.warehouse.clone(),
            database: namespace.db_name.clone(),
            admin_username: namespace.admin_username.clone(),
            admin_password,
            identity_provider: application.as_deref().map(provider),
            settings: WarehouseSettings::default(),
        };
        let busy = self.begin(BusyKey::Warehouse(namespace.warehouse.clone()));
        self.commit(&turn, ControlWrite::PutNamespace(namespace.clone())).await?;
        Ok((namespace, spec, busy))
    }

    async fn build_namespace(
        &self,
        namespace: &Namespace,
        spec: &WarehouseSpec,
    ) -> Result<Arc<Namespace>, ControlError> {
        self.host()?.create(spec).await?;
        let turn = self.turn().await;
        let available = |namespace: &mut Namespace| namespace.status = NamespaceStatus::Available;
        self.put_namespace(&turn, &namespace.warehouse, available).await
    }

    pub(super) async fn update_namespace(
        self: Arc<Self>,
        name: NamespaceName,
        edit: NamespaceEdit,
    ) -> Result<Arc<Namespace>, ControlError> {
        let (namespace, _busy) = {
            let _turn = self.turn().await;
            let namespace = self.available_namespace(&name)?;
            edited(&namespace, &edit)?;
            let busy = self.begin(BusyKey::Warehouse(namespace.warehouse.clone()));
            (Arc::clone(&namespace), busy.ok_or_else(|| conflict(&namespace))?)
        };
        self.change_namespace_password(&namespace, &edit).await?;
        let turn = self.turn().await;
        let (iam_roles, default) = edited(&namespace, &edit)?;
        self.put_namespace(&turn, &namespace.warehouse, |namespace| {
            namespace.iam_roles = iam_roles;
            namespace.default_iam_role = default;
        })
        .await
    }

    async fn change_namespace_password(&self, namespace: &Namespace, edit: &NamespaceEdit) -> Result<(), ControlError> {
        let is_managed = namespace.admin_secret.is_some();
        if is_managed && edit.admin_password.is_some() && edit.manage_admin_password.is_none() {
            let rule = "the password is managed; give manageAdminPassword=false with it to choose one yourself";
            return Err(ControlError::Invalid { parameter: "adminUserPassword", rule });
        }
        let administrator = Administrator {
            warehouse: &namespace.warehouse,
            owner: namespace.name.as_str(),
            name: &namespace.admin_username,
            secret: namespace.admin_secret.as_ref(),
        };
        let manage = edit.manage_admin_password == Some(true);
        self.change_admin_password(administrator, manage, edit.admin_password.as_ref()).await
    }

    pub(super) async fn delete_namespace(self: Arc<Self>, name: NamespaceName) -> Result<Arc<Namespace>, ControlError> {
        let (namespace, _busy) = {
            let turn = self.turn().await;
            let namespace = self.known_namespace(&name)?;
            let busy = self.begin(BusyKey::Warehouse(namespace.warehouse.clone()));
            let busy = busy.ok_or_else(|| conflict(&namespace))?;
            let workgroup = self.read().workgroup_of(&name).map(|workgroup| workgroup.name.clone());
            if let Some(workgroup) = workgroup {
                let text = format!("Namespace {name} is used by workgroup {workgroup}. Delete the workgroup first.");
                return Err(ControlError::Conflict(text));
            }
            self.host()?;
            let deleting = |namespace: &mut Namespace| namespace.status = NamespaceStatus::Deleting;
            (self.put_namespace(&turn, &namespace.warehouse, deleting).await?, busy)
        };
        self.remove_namespace(&namespace).await?;
        Ok(namespace)
    }

    /// Data, then record: as long as there is a record, the first step can be repeated.
    pub(super) async fn remove_namespace(&self, namespace: &Namespace) -> Result<(), ControlError> {
        self.host()?.delete(&namespace.warehouse).await?;
        let turn = self.turn().await;
        self.commit(&turn, ControlWrite::DeleteNamespace(namespace.name.clone())).await
    }

    /// Changes the record as it is now.
    pub(super) async fn put_namespace(
        &self,
        turn: &Turn<'_>,
        id: &WarehouseId,
        change: impl FnOnce(&mut Namespace),
    ) -> Result<Arc<Namespace>, ControlError> {
        let namespace = self.read().namespace_of(id).cloned();
        let namespace = namespace.ok_or_else(|| ControlError::Host(format!("the record of warehouse {id} is gone")))?;
        let mut namespace = Namespace::clone(&namespace);
        change(&mut namespace);
        self.commit(turn, ControlWrite::PutNamespace(namespace.clone())).await?;
        Ok(Arc::new(namespace))
    }

    pub(super) fn available_namespace(&self, name: &NamespaceName) -> Result<Arc<Namespace>, ControlError> {
        let namespace = self.known_namespace(name)?;
        match namespace.status {
            NamespaceStatus::Available => Ok(namespace),
            NamespaceStatus::Creating | NamespaceStatus::Deleting => Err(conflict(&namespace)),
        }
    }

    fn known_namespace(&self, name: &NamespaceName) -> Result<Arc<Namespace>, ControlError> {
        self.read().namespaces.get(name).cloned().ok_or_else(|| ControlError::NamespaceNotFound(name.clone()))
    }
}

/// The roles and the default that an update leaves.
fn edited(namespace: &Namespace, edit: &NamespaceEdit) -> Result<(Vec<String>, Option<String>), ControlError> {
    let iam_roles = edit.iam_roles.clone().unwrap_or_else(|| namespace.iam_roles.clone());
    let default = match &edit.default_iam_role {
        Some(default) => default.clone(),
        None => namespace.default_iam_role.clone().filter(|role| iam_roles.contains(role)),
    };
    roles::check_default("defaultIamRoleArn", default.as_deref(), &iam_roles)?;
    Ok((iam_roles, default))
}

fn conflict(namespace: &Namespace) -> ControlError {
    let doing = match namespace.status {
        NamespaceStatus::Creating => "made",
        NamespaceStatus::Available => "changed",
        NamespaceStatus::Deleting => "deleted",
    };
    let name = &namespace.name;
    ControlError::Conflict(format!(
        "Namespace {name} is being {doing}. Wait until GetNamespace shows it AVAILABLE or gone, then try again."
    ))
}
