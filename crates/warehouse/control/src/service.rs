//! The operations.

use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard};

use base::Clock;
use base::id::{ApplicationArn, ClusterId, RedshiftIdcApplicationArn};
use center::{Center, CenterError, NewApplication};
use tokio::sync::{Mutex, OwnedMutexGuard};

use crate::cluster::check_identifier;
use crate::state::{State, page};
use crate::{
    Cluster, ClusterStatus, ControlError, ControlStore, ControlStoreError, ControlWrite, DEFAULT_IDENTITY_NAMESPACE,
    NewCluster, NewRedshiftIdcApplication, OnboardStatus, Page, REDSHIFT_PROVIDER_ARN, RedshiftIdcApplication,
};

/// Records of one page of a Describe operation (Redshift API `MaxRecords`).
pub const DESCRIBE_RECORDS_MAX: usize = 100;

/// The control plane. Cheap to read from many tasks; writes take turns.
#[derive(Debug)]
pub struct Control {
    inner: Arc<Inner>,
    writer: Arc<Mutex<()>>,
}

#[derive(Debug)]
struct Inner {
    store: Arc<dyn ControlStore>,
    clock: Arc<dyn Clock>,
    center: Arc<Center>,
    state: RwLock<State>,
}

impl Control {
    /// Reads everything, and removes from Identity Center what an interrupted create left there.
    ///
    /// # Errors
    /// [`ControlError::Store`], [`ControlError::Center`].
    pub async fn open(
        store: Arc<dyn ControlStore>,
        clock: Arc<dyn Clock>,
        center: Arc<Center>,
    ) -> Result<Self, ControlError> {
        let state = State::load(store.load().await?);
        for application in center.applications() {
            if application.provider_arn == REDSHIFT_PROVIDER_ARN && state.by_managed(&application.arn).is_none() {
                tracing::warn!(arn = %application.arn, "removing a managed application that an interrupted call left");
                center.delete_application(&application.arn).await?;
            }
        }
        let inner = Arc::new(Inner { store, clock, center, state: RwLock::new(state) });
        Ok(Self { inner, writer: Arc::default() })
    }

    #[must_use]
    pub fn cluster(&self, id: &ClusterId) -> Option<Arc<Cluster>> {
        self.inner.read().clusters.get(id).cloned()
    }

    /// The oldest cluster: the one for connections that name none.
    #[must_use]
    pub fn default_cluster(&self) -> Option<Arc<Cluster>> {
        self.inner.read().clusters.values().min_by_key(|cluster| cluster.created).cloned()
    }

    /// The clusters that follow `after`, by identifier; at most `records` (1 to [`DESCRIBE_RECORDS_MAX`], outside of it the
    /// nearest).
    #[must_use]
    pub fn clusters(&self, after: Option<&ClusterId>, records: usize) -> Page<Cluster> {
        page(&self.inner.read().clusters, after, records.clamp(1, DESCRIBE_RECORDS_MAX))
    }

    #[must_use]
    pub fn idc_application(&self, arn: &RedshiftIdcApplicationArn) -> Option<Arc<RedshiftIdcApplication>> {
        self.inner.read().idc_applications.get(arn).cloned()
    }

    /// The Redshift application whose managed application in Identity Center this is.
    #[must_use]
    pub fn idc_application_by_managed(&self, arn: &ApplicationArn) -> Option<Arc<RedshiftIdcApplication>> {
        self.inner.read().by_managed(arn).cloned()
    }

    /// The applications that follow `after`, by ARN; at most `records`, as for [`Self::clusters`].
    #[must_use]
    pub fn idc_applications(
        &self,
        after: Option<&RedshiftIdcApplicationArn>,
        records: usize,
    ) -> Page<RedshiftIdcApplication> {
        page(&self.inner.read().idc_applications, after, records.clamp(1, DESCRIBE_RECORDS_MAX))
    }

    /// Makes the application and its managed application in Identity Center, which requires assignments.
    ///
    /// # Errors
    /// [`ControlError::Invalid`], [`ControlError::IdcApplicationExists`], [`ControlError::Center`], [`ControlError::Store`].
    pub async fn create_idc_application(
        &self,
        new: NewRedshiftIdcApplication,
    ) -> Result<Arc<RedshiftIdcApplication>, ControlError> {
        let instance = self.inner.center.instance();
        new.check(&instance.arn, &instance.owner_account)?;
        self.in_turn(|inner| async move { inner.create_idc_application(new).await }).await
    }

    /// Deletes the application, its managed application with all assignments, and every cluster's connection to it.
    ///
    /// # Errors
    /// [`ControlError::IdcApplicationNotFound`], [`ControlError::Center`], [`ControlError::Store`].
    pub async fn delete_idc_application(&self, arn: &RedshiftIdcApplicationArn) -> Result<(), ControlError> {
        let arn = arn.clone();
        self.in_turn(|inner| async move { inner.delete_idc_application(arn).await }).await
    }

    /// Makes the cluster, or gives the existing one this endpoint and node type; its name, users and connection stay.
    ///
    /// # Errors
    /// [`ControlError::Invalid`] for the identifier, or where an existing cluster has another master user or database;
    /// [`ControlError::Store`].
    pub async fn ensure_cluster(&self, new: NewCluster) -> Result<Arc<Cluster>, ControlError> {
        check_identifier(&new.identifier)?;
        self.in_turn(|inner| async move { inner.ensure_cluster(new).await }).await
    }

    /// Connects a cluster to Identity Center, or disconnects it.
    ///
    /// # Errors
    /// [`ControlError::ClusterNotFound`], [`ControlError::IdcApplicationNotFound`], [`ControlError::Store`].
    pub async fn connect_cluster(
        &self,
        id: &ClusterId,
        application: Option<&RedshiftIdcApplicationArn>,
    ) -> Result<(), ControlError> {
        let (id, application) = (id.clone(), application.cloned());
        self.in_turn(|inner| async move { inner.connect_cluster(id, application).await }).await
    }

    /// Runs a write in a task of its own, so that a caller who goes away can't leave it half done.
    async fn in_turn<T, F>(&self, write: impl FnOnce(Arc<Inner>) -> F + Send + 'static) -> Result<T, ControlError>
    where
        T: Send + 'static,
        F: Future<Output = Result<T, ControlError>> + Send + 'static,
    {
        let turn: OwnedMutexGuard<()> = Arc::clone(&self.writer).lock_owned().await;
        let writing = write(Arc::clone(&self.inner));
        let task = base::task::spawn("control write", async move {
            let outcome = writing.await;
            drop(turn);
            outcome
        });
        task.await.unwrap_or_else(|error| Err(ControlStoreError(error.to_string()).into()))
    }
}

impl Inner {
    async fn create_idc_application(
        &self,
        new: NewRedshiftIdcApplication,
    ) -> Result<Arc<RedshiftIdcApplication>, ControlError> {
        if self.read().has_name(&new.name) {
            return Err(ControlError::IdcApplicationExists { name: new.name });
        }
        let managed = NewApplication {
            provider_arn: REDSHIFT_PROVIDER_ARN.to_owned(),
            // An Identity Center name is shorter than a display name may be.
            name: new.idc_display_name.chars().take(100).collect(),
            assignment_required: true,
        };
        let managed = self.center.create_application(managed).await?;
        let (region, account) = (self.center.region(), &self.center.instance().owner_account);
        let id = base::id::uuid();
        let arn = format!("arn:aws:redshift:{region}:{account}:redshiftidcapplication:{id}");
        let application = RedshiftIdcApplication {
            arn: RedshiftIdcApplicationArn::new(arn),
            name: new.name,
            idc_instance_arn: new.idc_instance_arn,
            idc_managed_application_arn: managed.arn.clone(),
            idc_display_name: new.idc_display_name,
            identity_namespace: new.identity_namespace.unwrap_or_else(|| DEFAULT_IDENTITY_NAMESPACE.to_owned()),
            iam_role_arn: new.iam_role_arn,
            onboard_status: OnboardStatus::Completed,
            created: self.clock.now(),
        };
        let written = self.commit(ControlWrite::CreateIdcApplication(application.clone())).await;
        if let Err(error) = written {
            if let Err(second) = self.center.delete_application(&managed.arn).await {
                tracing::warn!(arn = %managed.arn, error = %second, "the next start removes this managed application");
            }
            return Err(error);
        }
        Ok(Arc::new(application))
    }

    async fn delete_idc_application(&self, arn: RedshiftIdcApplicationArn) -> Result<(), ControlError> {
        let application = self.read().idc_applications.get(&arn).cloned();
        let application = application.ok_or_else(|| ControlError::IdcApplicationNotFound(arn.clone()))?;
        // Access ends first: a second attempt finds the record and goes on from there.
        match self.center.delete_application(&application.idc_managed_application_arn).await {
            Ok(()) | Err(CenterError::ApplicationNotFound(_)) => {}
            Err(error) => return Err(error.into()),
        }
        self.commit(ControlWrite::DeleteIdcApplication(arn)).await
    }

    async fn ensure_cluster(&self, new: NewCluster) -> Result<Arc<Cluster>, ControlError> {
        let existing = self.read().clusters.get(&new.identifier).cloned();
        let cluster = match existing {
            Some(cluster) => {
                if cluster.master_username != new.master_username || cluster.db_name != new.db_name {
                    let rule = "the cluster exists with another master user or database; those can't be changed";
                    return Err(ControlError::Invalid { parameter: "ClusterIdentifier", rule });
                }
                Cluster {
                    node_type: new.node_type,
                    endpoint_address: new.endpoint_address,
                    endpoint_port: new.endpoint_port,
                    ..Cluster::clone(&cluster)
                }
            }
            None => {
                let (region, account) = (self.center.region(), &self.center.instance().owner_account);
                Cluster {
                    identifier: new.identifier,
                    node_type: new.node_type,
                    master_username: new.master_username,
                    db_name: new.db_name,
                    endpoint_address: new.endpoint_address,
                    endpoint_port: new.endpoint_port,
                    status: ClusterStatus::Available,
                    idc_application: None,
                    namespace_arn: format!("arn:aws:redshift:{region}:{account}:namespace:{}", base::id::uuid()),
                    created: self.clock.now(),
                }
            }
        };
        self.commit(ControlWrite::PutCluster(cluster.clone())).await?;
        Ok(Arc::new(cluster))
    }

    async fn connect_cluster(
        &self,
        id: ClusterId,
        application: Option<RedshiftIdcApplicationArn>,
    ) -> Result<(), ControlError> {
        let cluster = self.read().clusters.get(&id).cloned().ok_or(ControlError::ClusterNotFound(id))?;
        if let Some(arn) = application.as_ref().filter(|arn| !self.read().idc_applications.contains_key(*arn)) {
            return Err(ControlError::IdcApplicationNotFound(arn.clone()));
        }
        self.commit(ControlWrite::PutCluster(Cluster { idc_application: application, ..Cluster::clone(&cluster) }))
            .await
    }

    /// Durable, then visible. The caller holds the writer's turn.
    async fn commit(&self, write: ControlWrite) -> Result<(), ControlError> {
        self.store.apply(write.clone()).await?;
        self.state.write().unwrap_or_else(PoisonError::into_inner).apply(&write);
        Ok(())
    }

    fn read(&self) -> RwLockReadGuard<'_, State> {
        self.state.read().unwrap_or_else(PoisonError::into_inner)
    }
}
