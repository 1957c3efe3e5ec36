//! The port to what runs warehouses.

use std::fmt;
use std::sync::Arc;

use base::Secret;
use base::id::{ApplicationArn, SnapshotId, WarehouseId};

use crate::{CopyProgress, WarehouseSettings};

/// Makes warehouses and removes them, and listens for them. Its calls are repeated after a crash, so each can be.
#[async_trait::async_trait]
pub trait WarehouseHost: Send + Sync + fmt::Debug {
    /// Makes an empty warehouse and opens it; whatever an interrupted attempt left under this id is removed first.
    async fn create(&self, spec: &WarehouseSpec) -> Result<(), HostError>;
    /// Ends its sessions (57P01), closes it, deletes its files. Nothing to do where there is none.
    async fn delete(&self, id: &WarehouseId) -> Result<(), HostError>;
    /// Ends its sessions (57P01) and lets go of its file and its memory. Nothing to do where it isn't open. Fails where a session
    /// doesn't end; nobody comes in any more then, and it can be tried again.
    async fn close_warehouse(&self, id: &WarehouseId, why: Closing) -> Result<(), HostError>;
    /// Opens what was closed, or couldn't be opened before. Nothing to do where it is open. Where it fails, the warehouse is out of
    /// service.
    async fn open_warehouse(&self, record: &WarehouseRecord) -> Result<(), HostError>;
    /// Copies what is committed in a warehouse, open or closed, into a snapshot's files, and answers their bytes. Statements go on. The
    /// copy is durable and has been opened once. What an interrupted attempt left is removed first; a failed one leaves nothing.
    async fn take_snapshot(
        &self,
        id: &WarehouseId,
        snapshot: &SnapshotId,
        progress: &Arc<CopyProgress>,
    ) -> Result<u64, HostError>;
    /// Another snapshot with the same data.
    async fn copy_snapshot(&self, from: &SnapshotId, to: &SnapshotId) -> Result<(), HostError>;
    /// Deletes a snapshot's files. Nothing to do where there are none.
    async fn remove_snapshot(&self, id: &SnapshotId) -> Result<(), HostError>;
    /// Makes the warehouse of a snapshot's data and opens it; whatever an interrupted attempt left under its id is removed first.
    async fn restore(
        &self,
        record: &WarehouseRecord,
        snapshot: &SnapshotId,
        progress: &Arc<CopyProgress>,
    ) -> Result<(), HostError>;
    /// Gives the administrator another password, as `ALTER USER … PASSWORD` would.
    async fn set_admin_password(
        &self,
        id: &WarehouseId,
        username: &str,
        password: &Secret<String>,
    ) -> Result<(), HostError>;
    /// Ends the sessions of a warehouse that loses its endpoint.
    async fn end_sessions(&self, id: &WarehouseId);
    /// Ends the sessions from addresses that don't reach a warehouse which isn't publicly accessible ([`crate::reach::reach`]).
    async fn end_public_sessions(&self, id: &WarehouseId);
    /// Ends the sessions from addresses that the warehouse's security groups don't admit any more.
    async fn end_unadmitted(&self, id: &WarehouseId);
    /// Sessions from now on begin with these, and connections from now on must be as they ask. Nothing to do where the warehouse
    /// isn't open: it is opened with them.
    async fn apply_settings(&self, id: &WarehouseId, settings: &WarehouseSettings);
    /// Whether it takes logins now: `false` where its engine's file couldn't be opened, or broke.
    fn is_in_service(&self, id: &WarehouseId) -> bool;
    /// Starts to listen on a port beside the default one. Nothing to do where it listens already.
    async fn listen(&self, port: u16) -> Result<(), HostError>;
    /// Stops listening on it. Sessions that came in by it stay.
    async fn close(&self, port: u16);
}

/// Why the host could not.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HostError {
    /// Somebody else listens on this port. `cause` is for the log.
    #[error("port {port} can't be listened on: {cause}")]
    PortInUse { port: u16, cause: String },
    /// What was asked breaks a rule that the host checks, such as the password's. The text is for the client.
    #[error("{0}")]
    Invalid(String),
    /// The disk has no room for a copy. Bytes.
    #[error("{needed} bytes are needed, and {free} are free")]
    NoSpace { needed: u64, free: u64 },
    /// The text is for the log.
    #[error("{0}")]
    Failed(String),
}

/// Why a warehouse is closed, for those whose sessions end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Closing {
    Paused,
    Rebooted,
    Deleted,
}

/// A warehouse to make.
#[derive(Debug, Clone)]
pub struct WarehouseSpec {
    pub id: WarehouseId,
    pub database: String,
    pub admin_username: String,
    pub admin_password: Secret<String>,
    /// Registered in the new warehouse already (seed 000: a new warehouse with a connection needs no SQL).
    pub identity_provider: Option<IdentityProviderSpec>,
    pub settings: WarehouseSettings,
}

/// What `CREATE IDENTITY PROVIDER name TYPE AWSIDC …` would say: the application's settings at this moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdentityProviderSpec {
    pub name: String,
    pub namespace: String,
    /// The managed application in Identity Center.
    pub application: ApplicationArn,
    pub iam_role: String,
}

/// A warehouse that should be open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WarehouseRecord {
    pub id: WarehouseId,
    /// The cluster's identifier or the namespace's name: for audit and logs.
    pub name: String,
    pub database: String,
    pub admin_username: String,
    pub settings: WarehouseSettings,
}
