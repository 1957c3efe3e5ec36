//! The sockets, and the loop that serves HTTP on them with or without TLS.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, bail};
use axum::Router;
use axum::extract::ConnectInfo;
use axum::http::StatusCode;
use axum::http::header::CONNECTION;
use axum::response::{IntoResponse as _, Response};
use http_identity::Connection;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use rustls::ServerConfig;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio_rustls::TlsAcceptor;
use tower::ServiceExt as _;

use crate::options::UpOptions;

/// Open HTTP connections on one listener; further ones wait in the kernel's queue.
const HTTP_CONNECTIONS_MAX: usize = 1024;
const HEADER_READ_TIMEOUT: Duration = Duration::from_secs(10);
const TLS_HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(10);
/// From the last header to the answer's head. It bounds how long a client may take to send a body, before anybody knows who it is.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(60);
const DRAIN_TIMEOUT: Duration = Duration::from_secs(5);

#[derive(Debug)]
pub(crate) struct Listeners {
    pub(crate) http: TcpListener,
    pub(crate) https: TcpListener,
    pub(crate) sql: TcpListener,
}

impl Listeners {
    pub(crate) async fn bind(options: &UpOptions) -> anyhow::Result<Self> {
        if !options.http.ip().is_loopback() {
            bail!(
                "--http {} isn't a loopback address; plain HTTP stays on this machine, use --https for others",
                options.http
            );
        }
        Ok(Self {
            http: bind("--http", options.http).await?,
            https: bind("--https", options.https).await?,
            sql: bind("--sql", options.sql).await?,
        })
    }
}

async fn bind(option: &str, address: SocketAddr) -> anyhow::Result<TcpListener> {
    let listener = TcpListener::bind(address).await;
    listener.with_context(|| {
        format!("{address} can't be listened on; choose another with {option} (port 0 picks a free one)")
    })
}

/// Serves until `stop` turns true, then lets running requests finish for a bounded time.
pub(crate) async fn serve_http(
    listener: TcpListener,
    tls: Option<Arc<ServerConfig>>,
    router: Router,
    mut stop: watch::Receiver<bool>,
) {
    let acceptor = tls.map(TlsAcceptor::from);
    let places = Arc::new(Semaphore::new(HTTP_CONNECTIONS_MAX));
    let graceful = GracefulShutdown::new();
    loop {
        let Ok(place) = Arc::clone(&places).acquire_owned().await else { break };
        let (stream, peer) = tokio::select! {
            () = stopped(&mut stop) => break,
            accepted = listener.accept() => match accepted {
                Ok(accepted) => accepted,
                Err(error) => {
                    tracing::warn!(%error, "a connection can't be accepted");
                    tokio::time::sleep(Duration::from_millis(50)).await;
                    continue;
                }
            },
        };
        let (router, acceptor, watcher) = (router.clone(), acceptor.clone(), graceful.watcher());
        base::task::spawn("http connection", async move {
            serve_connection(stream, peer, acceptor, router, watcher).await;
            drop(place);
        });
    }
    if tokio::time::timeout(DRAIN_TIMEOUT, graceful.shutdown()).await.is_err() {
        tracing::warn!("some requests were still running and were cut off");
    }
}

/// Completes when the server stops, also when whoever could say so is gone.
async fn stopped(stop: &mut watch::Receiver<bool>) {
    let _ = stop.wait_for(|stop| *stop).await;
}

async fn serve_connection(
    stream: TcpStream,
    peer: SocketAddr,
    acceptor: Option<TlsAcceptor>,
    router: Router,
    watcher: hyper_util::server::graceful::Watcher,
) {
    // Small answers go out at once; failing to set it only costs latency.
    let _ = stream.set_nodelay(true);
    let Some(acceptor) = acceptor else {
        return serve_stream(stream, Connection { peer, encrypted: false }, router, watcher).await;
    };
    match tokio::time::timeout(TLS_HANDSHAKE_TIMEOUT, acceptor.accept(stream)).await {
        Ok(Ok(stream)) => serve_stream(stream, Connection { peer, encrypted: true }, router, watcher).await,
        Ok(Err(error)) => tracing::debug!(%peer, %error, "TLS handshake failed"),
        Err(_) => tracing::debug!(%peer, "TLS handshake timed out"),
    }
}

async fn serve_stream<S>(
    stream: S,
    connection: Connection,
    router: Router,
    watcher: hyper_util::server::graceful::Watcher,
) where
    S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
{
    let peer = connection.peer;
    let service = service_fn(move |mut request: hyper::Request<Incoming>| {
        request.extensions_mut().insert(ConnectInfo(connection.peer));
        request.extensions_mut().insert(connection);
        let answer = tokio::time::timeout(REQUEST_TIMEOUT, router.clone().oneshot(request));
        async move { answer.await.unwrap_or_else(|_| Ok(too_slow())) }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADER_READ_TIMEOUT)
        .serve_connection(TokioIo::new(stream), service);
    if let Err(error) = watcher.watch(connection).await {
        tracing::debug!(%peer, %error, "connection ended early");
    }
}

fn too_slow() -> Response {
    (StatusCode::REQUEST_TIMEOUT, [(CONNECTION, "close")]).into_response()
}
