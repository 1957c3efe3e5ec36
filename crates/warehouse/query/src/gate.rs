//! The door that the wire knocks at: which warehouse a connection is for, and the one list of cancel keys.

use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;

use base::AuditLog;
use sessions::EndReason;

use crate::cancel::CancelKeys;
use crate::error::QueryError;
use crate::live::Arrival;
use crate::login::{self, PendingLogin, StartupRequest};
use crate::warehouse::Warehouse;

/// The port to the warehouses that this server has.
pub trait Warehouses: Send + Sync + fmt::Debug {
    /// The warehouse of a connection that came in at `port`. `server_name` is the name that the client gave in its TLS handshake
    /// (SNI), in lower case; without TLS, or with an IP address, there is none. `peer` is where it comes from.
    ///
    /// # Errors
    /// Why there is none.
    fn find(&self, server_name: Option<&str>, port: u16, peer: IpAddr) -> Result<Arc<Warehouse>, NoWarehouse>;

    /// The keys of all their sessions: a CancelRequest names a session, not its warehouse.
    fn cancel_keys(&self) -> &CancelKeys;
}

/// Why a connection leads nowhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NoWarehouse {
    /// The server name is that of an endpoint, and there is no such endpoint.
    Unknown { server_name: String },
    /// The server name is that of an endpoint that is being made or deleted.
    NotAvailable { server_name: String },
    /// No endpoint is reached at this port without a name.
    Nothing { port: u16 },
    /// There is one, which isn't publicly accessible, and the connection comes from a public address.
    NotPublic { peer: IpAddr },
    /// There is one, and it can't be used: `name` is the cluster's or the namespace's, `log` the cause, for the log only.
    OutOfService { name: String, log: String },
}

/// One per listener.
#[derive(Debug)]
pub struct Gate {
    warehouses: Arc<dyn Warehouses>,
    audit: Arc<dyn AuditLog>,
    port: u16,
}

impl Gate {
    /// `port` is the listener's. Connections that lead nowhere are recorded in `audit`.
    #[must_use]
    pub const fn new(warehouses: Arc<dyn Warehouses>, audit: Arc<dyn AuditLog>, port: u16) -> Self {
        Self { warehouses, audit, port }
    }

    /// Finds the warehouse and decides how the client must prove itself. `server_name` is the TLS SNI.
    ///
    /// # Errors
    /// All fatal for the connection: 08004 where it leads to no warehouse or to one that takes none from its address, 57P03 where that is out of service, 3D000 for another
    /// database than the warehouse's, 28000 where no proof can be asked for.
    pub async fn begin_login(
        &self,
        startup: StartupRequest,
        server_name: Option<&str>,
    ) -> Result<PendingLogin, QueryError> {
        tracing::debug!(server_name, port = self.port, peer = %startup.peer, "login begins");
        match self.arrive(server_name, startup.peer.ip()) {
            Ok((warehouse, arrival)) => login::begin(&warehouse, arrival, startup).await,
            Err(cause) => Err(login::turn_away(self.audit.as_ref(), &startup, (server_name, self.port), cause).await),
        }
    }

    /// The warehouse, and the moment from which on being sent away concerns this connection. It is found again after that moment:
    /// what took the endpoint away meanwhile has sent away only those who were there.
    fn arrive(
        &self,
        server_name: Option<&str>,
        peer: IpAddr,
    ) -> Result<(Arc<Warehouse>, Result<Arrival, EndReason>), NoWarehouse> {
        let find = || self.warehouses.find(server_name, self.port, peer);
        let mut warehouse = find()?;
        loop {
            let arrival = warehouse.live.arrive();
            let again = find()?;
            if Arc::ptr_eq(&warehouse, &again) {
                return Ok((warehouse, arrival));
            }
            warehouse = again;
        }
    }

    /// CancelRequest: stops the running statement of the session with this key, in whichever warehouse it is. Says nothing, as
    /// PostgreSQL does.
    pub async fn cancel(&self, process_id: i32, secret_key: i32) {
        self.warehouses.cancel_keys().cancel(process_id, secret_key);
    }
}

#[cfg(test)]
mod tests;
