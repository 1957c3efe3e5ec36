//! A connection to an address that was judged.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use hyper::Uri;
use hyper::rt::{Read, ReadBufCursor, Write};
use hyper_util::client::legacy::connect::{Connected, Connection};
use hyper_util::rt::TokioIo;
use rustls_pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use crate::address::{Network, Reach, reach};
use crate::error::OutboundError;
use crate::resolve::Resolve;

/// So long one address is tried before the next one of the same name.
const ONE_ADDRESS: Duration = Duration::from_secs(3);

trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Stream for T {}

/// An open connection, with TLS or without.
pub(crate) struct Link(TokioIo<Box<dyn Stream>>);

impl Connection for Link {
    fn connected(&self) -> Connected {
        Connected::new()
    }
}

impl Read for Link {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: ReadBufCursor<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_read(cx, buf)
    }
}

impl Write for Link {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(cx)
    }
}

/// Connects within one network.
#[derive(Clone)]
pub(crate) struct Connector {
    pub(crate) network: Network,
    pub(crate) resolver: Arc<dyn Resolve>,
    pub(crate) tls: TlsConnector,
}

impl Connector {
    pub(crate) async fn connect(self, uri: Uri) -> Result<Link, OutboundError> {
        let is_plain = uri.scheme_str() == Some("http");
        let host = uri.host().unwrap_or_default().trim_start_matches('[').trim_end_matches(']').to_owned();
        let port = uri.port_u16().unwrap_or(if is_plain { 80 } else { 443 });
        let addresses = self.permitted(&uri, &host, is_plain).await?;
        let stream = open(&host, port, &addresses).await?;
        if is_plain {
            return Ok(Link(TokioIo::new(Box::new(stream))));
        }
        let untrusted = |cause: String| OutboundError::Untrusted { host: host.clone(), cause };
        let name = ServerName::try_from(host.clone()).map_err(|error| untrusted(error.to_string()))?;
        let stream = self.tls.connect(name, stream).await.map_err(|error| {
            let is_tls = error.get_ref().is_some_and(|cause| cause.is::<rustls::Error>());
            if is_tls {
                untrusted(error.to_string())
            } else {
                OutboundError::Broken { host: host.clone(), cause: error.to_string() }
            }
        })?;
        Ok(Link(TokioIo::new(Box::new(stream))))
    }

    /// The addresses of the host that may be connected to.
    async fn permitted(&self, uri: &Uri, host: &str, is_plain: bool) -> Result<Vec<IpAddr>, OutboundError> {
        let found = match host.parse::<IpAddr>() {
            Ok(address) => vec![address],
            Err(_) => self
                .resolver
                .addresses(host)
                .await
                .map_err(|error| OutboundError::Unresolved { host: host.to_owned(), cause: error.to_string() })?,
        };
        let is_permitted = |address: &IpAddr| {
            let reach = reach(*address);
            reach.is_within(self.network) && (!is_plain || reach == Reach::Loopback)
        };
        let permitted: Vec<IpAddr> = found.iter().copied().filter(is_permitted).collect();
        if !permitted.is_empty() {
            return Ok(permitted);
        }
        let Some(address) = found.first().copied() else {
            let cause = "the name has no address".to_owned();
            return Err(OutboundError::Unresolved { host: host.to_owned(), cause });
        };
        Err(match reach(address) {
            Reach::Never => OutboundError::Reserved { host: host.to_owned(), address },
            Reach::Loopback | Reach::Private if self.network == Network::Public => {
                OutboundError::NotPublic { host: host.to_owned(), address }
            }
            Reach::Public | Reach::Loopback | Reach::Private => OutboundError::NotHttps { url: uri.to_string() },
        })
    }
}

async fn open(host: &str, port: u16, addresses: &[IpAddr]) -> Result<TcpStream, OutboundError> {
    let mut failed = None;
    for address in addresses {
        let address = SocketAddr::new(*address, port);
        let cause = match tokio::time::timeout(ONE_ADDRESS, TcpStream::connect(address)).await {
            Ok(Ok(stream)) => {
                // Requests are small and wait for their answers.
                drop(stream.set_nodelay(true));
                return Ok(stream);
            }
            Ok(Err(error)) => error.to_string(),
            Err(_) => format!("nothing for {} s", ONE_ADDRESS.as_secs()),
        };
        failed.get_or_insert((address, cause));
    }
    let (address, cause) =
        failed.map_or_else(|| (String::new(), String::new()), |(address, cause)| (address.to_string(), cause));
    Err(OutboundError::Unreachable { host: host.to_owned(), address, cause })
}
