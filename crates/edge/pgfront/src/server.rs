//! The listener: one task per connection, a bound on how many, and a stop that waits a bounded time.

mod newcomers;

use std::net::SocketAddr;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt as _;
use query::Gate;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio_rustls::TlsAcceptor;

use crate::connection::{Shared, Wire, converse, stopped};
use crate::session::Door;
pub(crate) use newcomers::{Newcomer, Newcomers};

/// How long to wait after `accept` failed, e.g. for want of file descriptors.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// Bounds of the server. None of them is per user: that is the query layer's.
#[derive(Debug, Clone)]
pub struct Limits {
    /// Sessions at the same time. One more is refused with 53300.
    pub max_connections: u32,
    /// Connections that have not logged in yet, at the same time. One more, and the oldest of them is closed.
    pub max_logins: u32,
    /// From the first byte (TLS handshake included) to the open session.
    pub login_timeout: Duration,
    /// How long a client may leave its answer unread before its connection is dropped.
    pub write_stall_timeout: Duration,
    /// How long a statement may take to stop after its session has ended.
    pub end_grace: Duration,
    /// How long a stopping server waits for its sessions.
    pub stop_timeout: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            max_connections: 500,
            max_logins: 200,
            login_timeout: Duration::from_secs(60),
            write_stall_timeout: Duration::from_secs(60),
            end_grace: Duration::from_secs(10),
            stop_timeout: Duration::from_secs(20),
        }
    }
}

/// The places of a server: what [`Limits::max_connections`] and [`Limits::max_logins`] allow, over all its listeners together.
#[derive(Debug, Clone)]
pub struct Places {
    limits: Limits,
    sessions: Arc<Semaphore>,
    newcomers: Arc<Newcomers>,
}

impl Places {
    #[must_use]
    pub fn new(limits: Limits) -> Self {
        let size = |limit: u32| usize::try_from(limit).unwrap_or(Semaphore::MAX_PERMITS).min(Semaphore::MAX_PERMITS);
        let sessions = Arc::new(Semaphore::new(size(limits.max_connections)));
        let newcomers = Newcomers::new(size(limits.max_logins));
        Self { limits, sessions, newcomers }
    }
}

/// Serves `gate` on `listener` until `close` or `shutdown` turns true (or its sender is gone).
///
/// After `close` no connection is accepted and the port is free, which the sender of `close` learns by its receiver being gone;
/// the call returns when the sessions that came in here are over. After `shutdown` they end with 57P01, and the call returns when
/// they have, at the latest after [`Limits::stop_timeout`].
pub async fn serve(
    listener: TcpListener,
    tls: Arc<rustls::ServerConfig>,
    gate: Arc<Gate>,
    places: Places,
    close: watch::Receiver<bool>,
    shutdown: watch::Receiver<bool>,
) {
    let limits = places.limits.clone();
    serve_door(listener, places, close, Shared { door: gate, tls: TlsAcceptor::from(tls), limits, shutdown }).await;
}

/// [`serve`] for any door.
pub(crate) async fn serve_door<D: Door>(
    listener: TcpListener,
    places: Places,
    mut close: watch::Receiver<bool>,
    shared: Shared<D>,
) {
    let mut shutdown = shared.shutdown.clone();
    let shared = Arc::new(shared);
    // dropped at the end: what is still running then stops
    let (abandon, abandoned) = watch::channel(false);
    loop {
        let accepted = tokio::select! {
            biased;
            () = stopped(&mut shutdown) => break,
            () = stopped(&mut close) => break,
            accepted = listener.accept() => accepted,
        };
        let (stream, peer) = match accepted {
            Ok((stream, peer)) => (stream, plain(peer)),
            Err(error) => {
                tracing::warn!(%error, "accept failed");
                tokio::time::sleep(ACCEPT_PAUSE).await;
                continue;
            }
        };
        metrics::counter!("pg_connections_total").increment(1);
        base::task::spawn(
            "pg connection",
            connection(stream, peer, Arc::clone(&shared), places.clone(), abandoned.clone()),
        );
    }
    drop((listener, close, abandoned));
    // Every connection of this listener holds a receiver of `abandon`.
    tokio::select! {
        () = abandon.closed() => return,
        () = stopped(&mut shutdown) => {}
    }
    if tokio::time::timeout(shared.limits.stop_timeout, abandon.closed()).await.is_err() {
        tracing::warn!("connections were still open at the end of the stop time-out");
    }
    drop(abandon);
}

/// A listener for IPv6 and IPv4 writes IPv4 addresses as IPv6 ones: `::ffff:127.0.0.1` is this machine.
fn plain(peer: SocketAddr) -> SocketAddr {
    SocketAddr::new(peer.ip().to_canonical(), peer.port())
}

async fn connection<D: Door>(
    stream: TcpStream,
    peer: SocketAddr,
    shared: Arc<Shared<D>>,
    places: Places,
    mut abandoned: watch::Receiver<bool>,
) {
    // Before it takes a place: who isn't admitted must not push out those who are.
    if let Err(error) = shared.door.at_port(peer).await {
        metrics::counter!("pg_login_failures_total", "sqlstate" => error.sqlstate()).increment(1);
        tracing::info!(%peer, "a connection was closed by a network rule");
        return;
    }
    let newcomer = places.newcomers.enter();
    // answers are written whole: there is nothing to gather
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "TCP_NODELAY was refused");
    }
    let active = metrics::gauge!("pg_connections_active");
    active.increment(1.0);
    let wire: Wire = Box::new(stream);
    let conversation = AssertUnwindSafe(converse(wire, peer, &shared, &places.sessions, newcomer)).catch_unwind();
    tokio::select! {
        done = conversation => {
            if done.is_err() {
                metrics::counter!("pg_connection_panics_total").increment(1);
                tracing::error!(%peer, "a connection's task panicked; the connection was dropped");
            }
        }
        () = stopped(&mut abandoned) => {}
    }
    active.decrement(1.0);
}

#[cfg(test)]
mod tests;
