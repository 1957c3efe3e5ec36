//! The door that the wire knocks at: which warehouse a connection is for, and the one list of cancel keys.

use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use base::{AuditLog, Checks};
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
    fn find(&self, server_name: Option<&str>, port: u16, peer: IpAddr) -> Result<Found, NoWarehouse>;

    /// Before anything is read of a connection: whether it may lead to any warehouse of this port.
    ///
    /// # Errors
    /// [`NoWarehouse::NotAdmitted`].
    fn at_port(&self, port: u16, peer: IpAddr) -> Result<(), NoWarehouse>;

    /// The keys of all their sessions: a CancelRequest names a session, not its warehouse.
    fn cancel_keys(&self) -> &CancelKeys;
}

/// Where a connection leads.
#[derive(Debug, Clone)]
pub struct Found {
    pub warehouse: Arc<Warehouse>,
    /// The network rule that lets it in, in words, for its record.
    pub network_rule: Option<String>,
}

/// Why a connection leads nowhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NoWarehouse {
    /// The server name is that of an endpoint, and there is no such endpoint.
    Unknown { server_name: String },
    /// The endpoint, by its name, is being made, changed or deleted.
    NotAvailable { endpoint: String },
    /// The endpoint's cluster, by its identifier, is paused.
    Paused { cluster: String },
    /// No endpoint is reached at this port without a name.
    Nothing { port: u16 },
    /// There is one, which isn't publicly accessible, and the connection comes from a public address.
    NotPublic { peer: IpAddr },
    /// No network rule admits the address. `name` is the cluster's or the namespace's.
    NotAdmitted { name: String, refusal: NetworkRefusal },
    /// There is one, and it can't be used: `name` is the cluster's or the namespace's, `log` the cause, for the log only.
    OutOfService { name: String, log: String },
}

/// Why the network of a warehouse lets nobody in from an address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NetworkRefusal {
    pub peer: IpAddr,
    /// A full sentence: what is missing, and what there is instead.
    pub reason: String,
    /// The command that would admit the address, where there is one.
    pub mend: Option<String>,
    pub checks: Checks,
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
    /// All fatal for the connection: 08004 where it leads to no warehouse or to one that takes none from its address, 57P03 where that is paused or out of service, 3D000 for another
    /// database than the warehouse's, 28000 where no proof can be asked for.
    pub async fn begin_login(
        &self,
        startup: StartupRequest,
        server_name: Option<&str>,
    ) -> Result<PendingLogin, QueryError> {
        tracing::debug!(server_name, port = self.port, peer = %startup.peer, "login begins");
        match self.arrive(server_name, startup.peer.ip()) {
            Ok((Found { warehouse, network_rule }, arrival)) => {
                login::begin(&warehouse, arrival, StartupRequest { network_rule, ..startup }).await
            }
            Err(cause) => Err(login::turn_away(self.audit.as_ref(), &startup, (server_name, self.port), cause).await),
        }
    }

    /// The warehouse, and the moment from which on being sent away concerns this connection. It is found again after that moment:
    /// what took the endpoint away meanwhile has sent away only those who were there.
    fn arrive(
        &self,
        server_name: Option<&str>,
        peer: IpAddr,
    ) -> Result<(Found, Result<Arrival, EndReason>), NoWarehouse> {
        let find = || self.warehouses.find(server_name, self.port, peer);
        let mut found = find()?;
        loop {
            let arrival = found.warehouse.live.arrive();
            let again = find()?;
            if Arc::ptr_eq(&found.warehouse, &again.warehouse) {
                return Ok((again, arrival));
            }
            found = again;
        }
    }

    /// The first question, before anything is read: whether a network rule of this port's warehouses admits the address. A refusal
    /// is recorded; the client is to be told nothing, as a firewall tells nothing.
    ///
    /// # Errors
    /// What a client that could be told would be told.
    pub async fn at_port(&self, peer: SocketAddr) -> Result<(), QueryError> {
        match self.warehouses.at_port(self.port, peer.ip()) {
            Ok(()) => Ok(()),
            Err(cause) => {
                Err(login::turn_away(self.audit.as_ref(), &nothing_said(peer), (None, self.port), cause).await)
            }
        }
    }

    /// The second question, when a TLS handshake has told its server name and nothing was answered yet. Every other reason why a
    /// connection leads nowhere waits for [`Self::begin_login`], where it can be told.
    ///
    /// # Errors
    /// As [`Self::at_port`].
    pub async fn at_name(&self, server_name: Option<&str>, peer: SocketAddr) -> Result<(), QueryError> {
        match self.warehouses.find(server_name, self.port, peer.ip()) {
            Err(cause @ NoWarehouse::NotAdmitted { .. }) => {
                let place = (server_name, self.port);
                Err(login::turn_away(self.audit.as_ref(), &nothing_said(peer), place, cause).await)
            }
            Ok(_) | Err(_) => Ok(()),
        }
    }

    /// CancelRequest: stops the running statement of the session with this key, in whichever warehouse it is. Says nothing, as
    /// PostgreSQL does.
    pub async fn cancel(&self, process_id: i32, secret_key: i32) {
        self.warehouses.cancel_keys().cancel(process_id, secret_key);
    }
}

/// A client of which nothing is known but where it comes from.
const fn nothing_said(peer: SocketAddr) -> StartupRequest {
    StartupRequest { parameters: Vec::new(), peer, encrypted: false, network_rule: None }
}

#[cfg(test)]
mod tests;
