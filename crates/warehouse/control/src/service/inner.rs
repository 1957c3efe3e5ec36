//! What every write uses: the turn to write, what is busy, the ports, the host.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, OnceLock, PoisonError, RwLock, RwLockReadGuard};

use base::id::{ClusterId, RedshiftIdcApplicationArn, SnapshotId, WarehouseId};
use base::{Clock, Sealer};
use center::Center;
use network::Network;
use tokio::sync::{Mutex as AsyncMutex, MutexGuard};

use super::copies::Copies;
use crate::arn::ArnSpace;
use crate::route::EndpointName;
use crate::state::State;
use crate::{
    ControlError, ControlParts, ControlStore, ControlWrite, IdentityProviderSpec, RedshiftIdcApplication, SqlEndpoints,
    WAREHOUSES_MAX, WarehouseHost,
};

/// Locks are taken in the order `applications`, `ports`, `writer`, and only `ports` is held over the host's work: the short work of
/// opening and closing a listener.
#[derive(Debug)]
pub(super) struct Inner {
    store: Arc<dyn ControlStore>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) center: Arc<Center>,
    pub(super) network: Arc<Network>,
    pub(super) sealer: Arc<Sealer>,
    pub(super) endpoints: SqlEndpoints,
    pub(super) arns: ArnSpace,
    host: OnceLock<Arc<dyn WarehouseHost>>,
    state: RwLock<State>,
    writer: AsyncMutex<Writer>,
    /// Held by what writes to Identity Center and here, so that names stay unique in between.
    pub(super) applications: AsyncMutex<()>,
    /// Those that the host listens on for us.
    ports: AsyncMutex<BTreeSet<u16>>,
    busy: Mutex<BTreeSet<BusyKey>>,
    pub(super) copies: Copies,
}

/// The right to write. What is checked under it is still so when it is written.
pub(super) type Turn<'a> = MutexGuard<'a, Writer>;

/// What a [`Turn`] holds: there is one.
#[derive(Debug)]
pub(super) struct Writer;

/// What a longer write has to itself.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum BusyKey {
    Warehouse(WarehouseId),
    /// By its UUID.
    Workgroup(String),
    /// The identifier that a cluster is about to get.
    Identifier(ClusterId),
    /// One that is removed.
    Snapshot(SnapshotId),
    /// One that is read, by whom: several may, and none while it is removed.
    Reader(SnapshotId, String),
}

impl BusyKey {
    /// Whether both can't be at once.
    fn excludes(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Snapshot(one), Self::Reader(other, _)) | (Self::Reader(one, _), Self::Snapshot(other)) => {
                one == other
            }
            (
                Self::Warehouse(_) | Self::Workgroup(_) | Self::Identifier(_) | Self::Snapshot(_) | Self::Reader(..),
                _,
            ) => self == other,
        }
    }
}

/// Free again when it is dropped, also by a panic.
#[derive(Debug)]
pub(super) struct Busy {
    inner: Arc<Inner>,
    key: BusyKey,
}

impl Drop for Busy {
    fn drop(&mut self) {
        self.inner.busy.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.key);
    }
}

impl Inner {
    pub(super) fn new(parts: ControlParts, arns: ArnSpace, state: RwLock<State>) -> Self {
        let ControlParts { store, clock, center, network, sealer, endpoints } = parts;
        Self {
            store,
            clock,
            center,
            network,
            sealer,
            endpoints,
            arns,
            host: OnceLock::new(),
            state,
            writer: AsyncMutex::new(Writer),
            applications: AsyncMutex::default(),
            ports: AsyncMutex::default(),
            busy: Mutex::default(),
            copies: Copies::default(),
        }
    }

    pub(super) fn attach(&self, host: Arc<dyn WarehouseHost>) -> Result<(), ControlError> {
        self.host.set(host).map_err(|_| ControlError::Host("a host is attached already".to_owned()))
    }

    pub(super) fn host(&self) -> Result<&Arc<dyn WarehouseHost>, ControlError> {
        self.host.get().ok_or_else(|| ControlError::Host("no host is attached yet".to_owned()))
    }

    pub(super) fn read(&self) -> RwLockReadGuard<'_, State> {
        self.state.read().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) async fn turn(&self) -> Turn<'_> {
        self.writer.lock().await
    }

    /// Durable, then visible.
    pub(super) async fn commit(&self, _turn: &Turn<'_>, write: ControlWrite) -> Result<(), ControlError> {
        self.store.apply(write.clone()).await?;
        self.state.write().unwrap_or_else(PoisonError::into_inner).apply(write);
        Ok(())
    }

    /// `None` where another write has it.
    pub(super) fn begin(self: &Arc<Self>, key: BusyKey) -> Option<Busy> {
        let mut busy = self.busy.lock().unwrap_or_else(PoisonError::into_inner);
        if busy.iter().any(|other| key.excludes(other)) {
            return None;
        }
        busy.insert(key.clone());
        Some(Busy { inner: Arc::clone(self), key })
    }

    pub(super) fn is_busy(&self, key: &BusyKey) -> bool {
        self.busy.lock().unwrap_or_else(PoisonError::into_inner).contains(key)
    }

    /// Under a turn, so that the place is still free when it is taken.
    pub(super) fn check_quota(&self, _turn: &Turn<'_>) -> Result<(), ControlError> {
        if self.read().owners.len() < WAREHOUSES_MAX { Ok(()) } else { Err(ControlError::Quota) }
    }

    /// The application that a new warehouse is connected to.
    pub(super) fn connection(
        &self,
        arn: Option<&RedshiftIdcApplicationArn>,
    ) -> Result<Option<Arc<RedshiftIdcApplication>>, ControlError> {
        let Some(arn) = arn else { return Ok(None) };
        let application = self.read().idc_applications.get(arn).cloned();
        application.map(Some).ok_or_else(|| ControlError::RedshiftIdcApplicationNotExists(arn.clone()))
    }

    /// Listens on a stored port. Its endpoint is recorded already, so that nobody closes it again.
    pub(super) async fn listen(&self, port: u16) -> Result<(), ControlError> {
        let mut ports = self.ports.lock().await;
        self.listen_here(&mut ports, port).await
    }

    /// Stops listening on a stored port that no endpoint but `but` has.
    pub(super) async fn close_unused(&self, port: u16, but: Option<&EndpointName>) {
        let mut ports = self.ports.lock().await;
        self.close_unused_here(&mut ports, port, but).await;
    }

    /// Does `work`, which records that an endpoint moves from one stored port to another, while both are listened on.
    pub(super) async fn moving<T>(
        &self,
        (from, to): (u16, u16),
        work: impl Future<Output = Result<T, ControlError>>,
    ) -> Result<T, ControlError> {
        if from == to {
            return work.await;
        }
        let mut ports = self.ports.lock().await;
        self.listen_here(&mut ports, to).await?;
        let outcome = work.await;
        for port in [from, to] {
            self.close_unused_here(&mut ports, port, None).await;
        }
        outcome
    }

    async fn listen_here(&self, ports: &mut BTreeSet<u16>, port: u16) -> Result<(), ControlError> {
        if !self.is_default(port) && !ports.contains(&port) {
            self.host()?.listen(port).await?;
            ports.insert(port);
        }
        Ok(())
    }

    async fn close_unused_here(&self, ports: &mut BTreeSet<u16>, port: u16, but: Option<&EndpointName>) {
        if !self.read().endpoints.has_port(port, but)
            && ports.remove(&port)
            && let Ok(host) = self.host()
        {
            host.close(port).await;
        }
    }

    /// Whether the default listener has it, which is not ours to open or close.
    fn is_default(&self, port: u16) -> bool {
        self.read().listened(port) == self.endpoints.port
    }
}

/// What a new warehouse's identity provider is: the application as it is at this moment.
pub(super) fn provider(application: &RedshiftIdcApplication) -> IdentityProviderSpec {
    IdentityProviderSpec {
        name: application.name.clone(),
        namespace: application.identity_namespace.clone(),
        application: application.idc_managed_application_arn.clone(),
        iam_role: application.iam_role_arn.clone(),
    }
}

/// The roles of a new warehouse: those given, and its application's (seed 000: "automatically attached").
pub(super) fn with_role(mut roles: Vec<String>, application: Option<&RedshiftIdcApplication>) -> Vec<String> {
    if let Some(role) = application.map(|application| &application.iam_role_arn).filter(|role| !roles.contains(role)) {
        roles.push(role.clone());
    }
    roles
}
