//! The operations.

mod applications;
mod clusters;
mod copies;
mod idc_applications;
mod inner;
mod namespaces;
mod networks;
mod options;
mod parameter_groups;
mod power;
mod qev2_applications;
mod reads;
mod recovery;
mod restores;
mod schedule;
mod secrets;
mod snapshot_reads;
mod snapshots;
mod tags;
mod workgroups;

use std::sync::{Arc, RwLock};

use base::id::{ClusterId, NamespaceName, Qev2IdcApplicationArn, RedshiftIdcApplicationArn, WorkgroupName};
use base::{Clock, Sealer};
use center::Center;
use network::{Network, NetworkUsers};

use crate::arn::ArnSpace;
use crate::state::State;
use crate::{
    Cluster, ClusterEdit, ControlError, ControlStore, ControlStoreError, FinalSnapshot, Namespace, NamespaceEdit,
    NewCluster, NewNamespace, NewQev2IdcApplication, NewRedshiftIdcApplication, NewWorkgroup, Qev2IdcApplication,
    RedshiftIdcApplication, RedshiftIdcApplicationEdit, SqlEndpoints, WarehouseHost, Workgroup, WorkgroupEdit,
};
use inner::Inner;
pub use networks::Admitted;
pub use snapshot_reads::CopyState;

/// Records of one page of a Describe operation (Redshift API `MaxRecords`).
pub const DESCRIBE_RECORDS_MAX: usize = 100;
/// Clusters and namespaces together: each is an open engine with memory of its own.
pub const WAREHOUSES_MAX: usize = 16;

/// What the control plane works with.
#[derive(Debug)]
pub struct ControlParts {
    pub store: Arc<dyn ControlStore>,
    pub clock: Arc<dyn Clock>,
    pub center: Arc<Center>,
    pub network: Arc<Network>,
    /// Seals the passwords that are made here.
    pub sealer: Arc<Sealer>,
    pub endpoints: SqlEndpoints,
}

/// The control plane. Cheap to read from many tasks, also while a warehouse is being made.
///
/// Each write runs in a task of its own, so that a caller who goes away can't leave it half done. Writes of one cluster, namespace
/// or workgroup that need the host exclude each other: the second is refused, as AWS refuses it.
#[derive(Debug)]
pub struct Control {
    inner: Arc<Inner>,
}

impl Control {
    /// Reads everything, and removes from Identity Center what an interrupted create left there.
    ///
    /// # Errors
    /// [`ControlError::Store`], [`ControlError::Center`].
    pub async fn open(parts: ControlParts) -> Result<Self, ControlError> {
        let state = State::load(parts.store.load().await?, &parts.endpoints);
        recovery::remove_orphans(&parts.center, &state).await?;
        let (region, account) = (parts.center.region().to_owned(), parts.center.instance().owner_account.clone());
        let arns = ArnSpace { region, account };
        let inner = Arc::new(Inner::new(parts, arns, RwLock::new(state)));
        let users: Arc<dyn NetworkUsers> = Arc::<Inner>::clone(&inner);
        inner.network.attach_users(Arc::downgrade(&users));
        Ok(Self { inner })
    }

    /// Once, after [`Self::open`], with what runs the warehouses: finishes what a crash interrupted (what was `creating` is removed
    /// with its files and its name is free again; what was `deleting` is deleted) and listens on every port in use. A port that
    /// somebody else has, or files that can't be removed, are logged and don't keep the rest from starting.
    ///
    /// # Errors
    /// [`ControlError::Store`]; [`ControlError::Host`] where a host is attached already.
    pub async fn attach(&self, host: Arc<dyn WarehouseHost>) -> Result<(), ControlError> {
        self.inner.attach(host)?;
        networks::watch(&self.inner);
        self.run(|inner| async move { inner.recover().await }).await
    }

    /// Makes a warehouse and its endpoint; the answer is available.
    ///
    /// # Errors
    /// [`ControlError::Invalid`], [`ControlError::InvalidTag`], [`ControlError::TagLimit`], [`ControlError::Rejected`],
    /// [`ControlError::ClusterAlreadyExists`], [`ControlError::RedshiftIdcApplicationNotExists`], [`ControlError::PortInUse`],
    /// [`ControlError::Quota`], [`ControlError::Host`], [`ControlError::Store`]. Nothing is left, and the identifier is free again.
    pub async fn create_cluster(&self, new: NewCluster) -> Result<Arc<Cluster>, ControlError> {
        new.check(&self.inner.arns.account)?;
        self.run(|inner| async move { inner.create_cluster(new).await }).await
    }

    /// # Errors
    /// [`ControlError::Invalid`], [`ControlError::Rejected`], [`ControlError::ClusterNotFound`],
    /// [`ControlError::ClusterAlreadyExists`], [`ControlError::InvalidClusterState`], [`ControlError::PortInUse`],
    /// [`ControlError::Host`], [`ControlError::Store`]. A password that the host has taken stays where only the store failed.
    pub async fn modify_cluster(&self, id: &ClusterId, edit: ClusterEdit) -> Result<Arc<Cluster>, ControlError> {
        edit.check()?;
        let id = id.clone();
        self.run(|inner| async move { inner.modify_cluster(id, edit).await }).await
    }

    /// Attaches and detaches IAM roles. A default that is detached is none any more; `default` makes one of the roles the default.
    ///
    /// # Errors
    /// [`ControlError::Invalid`], [`ControlError::ClusterNotFound`], [`ControlError::InvalidClusterState`], [`ControlError::Store`].
    pub async fn modify_cluster_iam_roles(
        &self,
        id: &ClusterId,
        add: Vec<String>,
        remove: Vec<String>,
        default: Option<String>,
    ) -> Result<Arc<Cluster>, ControlError> {
        crate::roles::check("AddIamRoles", &add, &self.inner.arns.account)?;
        let id = id.clone();
        self.run(|inner| async move { inner.modify_cluster_iam_roles(id, &add, &remove, default).await }).await
    }

    /// Notes that a cluster is connected to an application, or to none. A cluster that exists gets its identity provider by SQL
    /// (seed 000); this is what DescribeClusters and the choice of a sign-in's application go by.
    ///
    /// # Errors
    /// [`ControlError::ClusterNotFound`], [`ControlError::RedshiftIdcApplicationNotExists`], [`ControlError::Store`].
    pub async fn connect_cluster(
        &self,
        id: &ClusterId,
        application: Option<&RedshiftIdcApplicationArn>,
    ) -> Result<(), ControlError> {
        let (id, application) = (id.clone(), application.cloned());
        self.run(|inner| async move { inner.connect_cluster(id, application).await }).await
    }

    /// Deletes the cluster and its data; its sessions end. The answer shows it `deleting`; it is gone when this returns. A delete that
    /// failed or was interrupted can be repeated, and is completed by the next start.
    ///
    /// # Errors
    /// [`ControlError::ClusterNotFound`], [`ControlError::InvalidClusterState`], [`ControlError::Host`], [`ControlError::Store`].
    pub async fn delete_cluster(&self, id: &ClusterId) -> Result<Arc<Cluster>, ControlError> {
        let id = id.clone();
        self.run(|inner| async move { inner.delete_cluster(id).await }).await
    }

    /// [`Self::delete_cluster`], after a snapshot of it: its sessions end before, so that nothing is written after it. Where the
    /// snapshot can't be taken, the cluster stays.
    ///
    /// # Errors
    /// As [`Self::delete_cluster`] and [`Self::create_snapshot`].
    pub async fn delete_cluster_after_snapshot(
        &self,
        id: &ClusterId,
        mut last: FinalSnapshot,
    ) -> Result<Arc<Cluster>, ControlError> {
        last.check()?;
        let id = id.clone();
        self.run(|inner| async move { inner.delete_after_snapshot(id, last).await }).await
    }

    /// Makes a warehouse without an endpoint; the answer is available.
    ///
    /// # Errors
    /// As [`Self::create_cluster`], with [`ControlError::NamespaceExists`].
    pub async fn create_namespace(&self, new: NewNamespace) -> Result<Arc<Namespace>, ControlError> {
        new.check(&self.inner.arns.account)?;
        self.run(|inner| async move { inner.create_namespace(new).await }).await
    }

    /// # Errors
    /// [`ControlError::Invalid`], [`ControlError::Rejected`], [`ControlError::NamespaceNotFound`], [`ControlError::Conflict`],
    /// [`ControlError::Host`], [`ControlError::Store`].
    pub async fn update_namespace(
        &self,
        name: &NamespaceName,
        edit: NamespaceEdit,
    ) -> Result<Arc<Namespace>, ControlError> {
        edit.check()?;
        if let Some(roles) = &edit.iam_roles {
            crate::roles::check("iamRoles", roles, &self.inner.arns.account)?;
        }
        let name = name.clone();
        self.run(|inner| async move { inner.update_namespace(name, edit).await }).await
    }

    /// Deletes the namespace and its data, as [`Self::delete_cluster`] does.
    ///
    /// # Errors
    /// [`ControlError::NamespaceNotFound`]; [`ControlError::Conflict`] where it has a workgroup; [`ControlError::Host`],
    /// [`ControlError::Store`].
    pub async fn delete_namespace(&self, name: &NamespaceName) -> Result<Arc<Namespace>, ControlError> {
        let name = name.clone();
        self.run(|inner| async move { inner.delete_namespace(name).await }).await
    }

    /// Makes the endpoint of a namespace; the answer is available.
    ///
    /// # Errors
    /// [`ControlError::Invalid`], [`ControlError::InvalidTag`], [`ControlError::TagLimit`], [`ControlError::WorkgroupExists`],
    /// [`ControlError::NamespaceNotFound`]; [`ControlError::Conflict`] where the namespace has a workgroup;
    /// [`ControlError::PortInUse`], [`ControlError::Host`], [`ControlError::Store`].
    pub async fn create_workgroup(&self, new: NewWorkgroup) -> Result<Arc<Workgroup>, ControlError> {
        let new = new.checked()?;
        self.run(|inner| async move { inner.create_workgroup(new).await }).await
    }

    /// # Errors
    /// [`ControlError::Invalid`], [`ControlError::WorkgroupNotFound`], [`ControlError::Conflict`], [`ControlError::PortInUse`],
    /// [`ControlError::Host`], [`ControlError::Store`].
    pub async fn update_workgroup(
        &self,
        name: &WorkgroupName,
        edit: WorkgroupEdit,
    ) -> Result<Arc<Workgroup>, ControlError> {
        edit.check()?;
        let name = name.clone();
        self.run(|inner| async move { inner.update_workgroup(name, edit).await }).await
    }

    /// Deletes the endpoint; sessions of the namespace end, its data stays.
    ///
    /// # Errors
    /// [`ControlError::WorkgroupNotFound`], [`ControlError::Conflict`], [`ControlError::Host`], [`ControlError::Store`].
    pub async fn delete_workgroup(&self, name: &WorkgroupName) -> Result<Arc<Workgroup>, ControlError> {
        let name = name.clone();
        self.run(|inner| async move { inner.delete_workgroup(name).await }).await
    }

    /// Makes the application and its managed application in Identity Center, which requires assignments.
    ///
    /// # Errors
    /// [`ControlError::Invalid`], [`ControlError::InvalidTag`], [`ControlError::TagLimit`],
    /// [`ControlError::RedshiftIdcApplicationAlreadyExists`], [`ControlError::Center`], [`ControlError::Store`].
    pub async fn create_idc_application(
        &self,
        new: NewRedshiftIdcApplication,
    ) -> Result<Arc<RedshiftIdcApplication>, ControlError> {
        new.check(&self.inner.center.instance().arn, &self.inner.arns.account)?;
        self.run(|inner| async move { inner.create_idc_application(new).await }).await
    }

    /// # Errors
    /// [`ControlError::Invalid`], [`ControlError::RedshiftIdcApplicationNotExists`], [`ControlError::Center`],
    /// [`ControlError::Store`].
    pub async fn modify_idc_application(
        &self,
        arn: &RedshiftIdcApplicationArn,
        edit: RedshiftIdcApplicationEdit,
    ) -> Result<Arc<RedshiftIdcApplication>, ControlError> {
        edit.check(&self.inner.arns.account)?;
        let arn = arn.clone();
        self.run(|inner| async move { inner.modify_idc_application(arn, edit).await }).await
    }

    /// Deletes the application, its managed application with all assignments, and the connection of every cluster and namespace to
    /// it.
    ///
    /// # Errors
    /// [`ControlError::RedshiftIdcApplicationNotExists`], [`ControlError::Center`], [`ControlError::Store`].
    pub async fn delete_idc_application(&self, arn: &RedshiftIdcApplicationArn) -> Result<(), ControlError> {
        let arn = arn.clone();
        self.run(|inner| async move { inner.delete_idc_application(arn).await }).await
    }

    /// Makes the query editor's application and its managed application in Identity Center.
    ///
    /// # Errors
    /// As [`Self::create_idc_application`], with [`ControlError::Qev2IdcApplicationAlreadyExists`].
    pub async fn create_qev2_application(
        &self,
        new: NewQev2IdcApplication,
    ) -> Result<Arc<Qev2IdcApplication>, ControlError> {
        new.check(&self.inner.center.instance().arn)?;
        self.run(|inner| async move { inner.create_qev2_application(new).await }).await
    }

    /// Another display name, also of the managed application.
    ///
    /// # Errors
    /// [`ControlError::Invalid`], [`ControlError::Qev2IdcApplicationNotExists`], [`ControlError::Center`], [`ControlError::Store`].
    pub async fn modify_qev2_application(
        &self,
        arn: &Qev2IdcApplicationArn,
        idc_display_name: Option<String>,
    ) -> Result<Arc<Qev2IdcApplication>, ControlError> {
        idc_display_name.as_deref().map_or(Ok(()), crate::check::display_name)?;
        let arn = arn.clone();
        self.run(|inner| async move { inner.modify_qev2_application(arn, idc_display_name).await }).await
    }

    /// Deletes the application and its managed application with all assignments.
    ///
    /// # Errors
    /// [`ControlError::Qev2IdcApplicationNotExists`], [`ControlError::Center`], [`ControlError::Store`].
    pub async fn delete_qev2_application(&self, arn: &Qev2IdcApplicationArn) -> Result<(), ControlError> {
        let arn = arn.clone();
        self.run(|inner| async move { inner.delete_qev2_application(arn).await }).await
    }

    /// Runs a write in a task of its own, so that a caller who goes away can't leave it half done.
    async fn run<T, F>(&self, write: impl FnOnce(Arc<Inner>) -> F) -> Result<T, ControlError>
    where
        T: Send + 'static,
        F: Future<Output = Result<T, ControlError>> + Send + 'static,
    {
        let task = base::task::spawn("control write", write(Arc::clone(&self.inner)));
        task.await.unwrap_or_else(|error| Err(ControlStoreError(error.to_string()).into()))
    }
}
