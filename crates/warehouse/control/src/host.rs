//! The port to what runs warehouses.

use std::fmt;

use base::Secret;
use base::id::{ApplicationArn, WarehouseId};

/// Makes warehouses and removes them, and listens for them. Its calls are repeated after a crash, so each can be.
#[async_trait::async_trait]
pub trait WarehouseHost: Send + Sync + fmt::Debug {
    /// Makes an empty warehouse and opens it; whatever an interrupted attempt left under this id is removed first.
    async fn create(&self, spec: &WarehouseSpec) -> Result<(), HostError>;
    /// Ends its sessions (57P01), closes it, deletes its files. Nothing to do where there is none.
    async fn delete(&self, id: &WarehouseId) -> Result<(), HostError>;
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
    /// The text is for the log.
    #[error("{0}")]
    Failed(String),
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
}
