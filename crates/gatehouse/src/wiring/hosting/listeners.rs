//! SQL listeners beside the default one: a cluster or workgroup with a port of its own.

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Weak};

use base::AuditLog;
use control::{Control, HostError};
use pgfront::Places;
use query::Gate;
use rustls::ServerConfig;
use tokio::net::TcpListener;
use tokio::sync::{Mutex, watch};
use tokio::task::JoinHandle;

use super::open::{OpenWarehouses, Routes};

/// What every SQL listener of this server has in common.
#[derive(Debug, Clone)]
pub(crate) struct SqlServer {
    /// The address of the default listener; the others are at its IP address.
    pub(crate) default: SocketAddr,
    pub(crate) tls: Arc<ServerConfig>,
    pub(crate) places: Places,
    /// Turns true when the server stops.
    pub(crate) shutdown: watch::Receiver<bool>,
}

/// The listeners beside the default one.
#[derive(Debug)]
pub(crate) struct Listeners {
    server: SqlServer,
    /// The control plane owns the host, which owns this.
    control: Weak<Control>,
    open: Arc<OpenWarehouses>,
    audit: Arc<dyn AuditLog>,
    by_port: Mutex<ByPort>,
}

#[derive(Debug, Default)]
struct ByPort {
    /// Turning it true closes the listener.
    listening: BTreeMap<u16, watch::Sender<bool>>,
    tasks: Vec<JoinHandle<()>>,
}

impl Listeners {
    pub(crate) fn new(
        server: SqlServer,
        control: &Arc<Control>,
        open: &Arc<OpenWarehouses>,
        audit: &Arc<dyn AuditLog>,
    ) -> Self {
        let (control, open, audit) = (Arc::downgrade(control), Arc::clone(open), Arc::clone(audit));
        Self { server, control, open, audit, by_port: Mutex::default() }
    }

    /// The gate of the listener at this port; `None` while the server is going down.
    pub(crate) fn gate(&self, port: u16) -> Option<Arc<Gate>> {
        let routes = Routes { control: self.control.upgrade()?, open: Arc::clone(&self.open) };
        Some(Arc::new(Gate::new(Arc::new(routes), Arc::clone(&self.audit), port)))
    }

    pub(crate) async fn listen(&self, port: u16) -> Result<(), HostError> {
        let mut by_port = self.by_port.lock().await;
        if port == self.server.default.port() || by_port.listening.contains_key(&port) {
            return Ok(());
        }
        let Some(gate) = self.gate(port) else { return Err(HostError::Failed("the server stops".to_owned())) };
        let address = SocketAddr::new(self.ip(), port);
        let listener = TcpListener::bind(address).await;
        let listener = listener.map_err(|error| HostError::PortInUse { port, cause: error.to_string() })?;
        let SqlServer { default: _, tls, places, shutdown } = self.server.clone();
        let (close, closed) = watch::channel(false);
        let task = base::task::spawn("sql", pgfront::serve(listener, tls, gate, places, closed, shutdown));
        by_port.listening.insert(port, close);
        by_port.tasks.retain(|task| !task.is_finished());
        by_port.tasks.push(task);
        tracing::info!(%address, "listening for SQL");
        Ok(())
    }

    /// Returns when the port is free.
    pub(crate) async fn close(&self, port: u16) {
        let mut by_port = self.by_port.lock().await;
        if let Some(close) = by_port.listening.remove(&port) {
            close.send_replace(true);
            close.closed().await;
            tracing::info!(port, "no longer listening for SQL");
        }
    }

    /// Waits for the end of all of them; the server's stop has been said.
    pub(crate) async fn ended(&self) {
        let tasks = std::mem::take(&mut self.by_port.lock().await.tasks);
        for task in tasks {
            if let Err(error) = task.await {
                tracing::error!(%error, "a SQL listener failed");
            }
        }
    }

    const fn ip(&self) -> IpAddr {
        self.server.default.ip()
    }
}
