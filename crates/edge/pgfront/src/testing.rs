//! A scripted door and session, a client that speaks bytes, and a certificate.

mod client;
mod fake;

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio::sync::{Semaphore, watch};
use tokio_rustls::{TlsAcceptor, TlsConnector};

pub(crate) use client::{Client, error_fields, framed};
pub(crate) use fake::FakeDoor;

use crate::connection::{Shared, converse};
use crate::server::{Limits, Newcomers};

pub(crate) const PEER: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 40_000);

/// A server's and a client's side of TLS for `db.test`.
pub(crate) fn tls() -> (TlsAcceptor, TlsConnector) {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let made = rcgen::generate_simple_self_signed(vec!["db.test".to_owned()]).unwrap();
    let certificate: CertificateDer<'static> = made.cert.der().clone();
    let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(made.signing_key.serialize_der()));
    let server = rustls::ServerConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.clone()], key)
        .unwrap();
    let mut roots = rustls::RootCertStore::empty();
    roots.add(certificate).unwrap();
    let client = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    (TlsAcceptor::from(Arc::new(server)), TlsConnector::from(Arc::new(client)))
}

/// One connection over a pipe of `pipe` bytes, with the server's task.
pub(crate) struct Running {
    pub(crate) client: Client,
    pub(crate) door: Arc<FakeDoor>,
    pub(crate) stop: watch::Sender<bool>,
    pub(crate) connector: TlsConnector,
    task: tokio::task::JoinHandle<()>,
}

impl Running {
    pub(crate) fn start(door: FakeDoor) -> Self {
        Self::start_with(door, 64 * 1024, true)
    }

    pub(crate) fn start_with(door: FakeDoor, pipe: usize, room: bool) -> Self {
        let (near, far) = tokio::io::duplex(pipe);
        let (acceptor, connector) = tls();
        let (stop, shutdown) = watch::channel(false);
        let door = Arc::new(door);
        let shared = Shared { door: Arc::clone(&door), tls: acceptor, limits: Limits::default(), shutdown };
        let task = base::task::spawn("test connection", async move {
            let slots = Arc::new(Semaphore::new(usize::from(room)));
            converse(Box::new(far), PEER, &shared, &slots, Newcomers::new(1).enter()).await;
        });
        Self { client: Client::new(Box::new(near)), door, stop, connector, task }
    }

    /// A logged-in session, past its first ReadyForQuery.
    pub(crate) async fn logged_in(door: FakeDoor) -> Self {
        Self::start(door).log_in().await
    }

    pub(crate) async fn log_in(mut self) -> Self {
        self.client.startup(&[("user", "ethan"), ("database", "dev")]).await;
        assert_eq!(self.client.message().await, (b'R', 3_i32.to_be_bytes().to_vec()));
        self.client.send(b'p', b"secret\0").await;
        self.client.until_ready().await;
        self
    }

    /// Waits for the server's task; nothing more may come from it.
    pub(crate) async fn finished(mut self) -> Arc<FakeDoor> {
        self.client.expect_end().await;
        self.task.await.unwrap();
        self.door
    }
}
