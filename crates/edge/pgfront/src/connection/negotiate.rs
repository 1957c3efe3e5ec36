//! Before the login: encryption, cancel requests, and the start-up packet.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::BytesMut;
use query::StartupRequest;
use rustls::server::Acceptor;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio_rustls::{LazyConfigAcceptor, TlsAcceptor};

use super::Wire;
use crate::error::WireError;
use crate::message::startup::StartupPacket;
use crate::message::{MAX_STARTUP_PACKET, backend};
use crate::session::Door;

/// Length word and request code.
const MIN_PACKET: usize = 8;
/// A TLS record with the fatal alert access_denied (RFC 8446 6).
const ACCESS_DENIED: [u8; 7] = [21, 3, 3, 0, 2, 2, 49];
/// How long a refusal may take to be written.
const REFUSAL_TIME: Duration = Duration::from_secs(5);

/// What a client wants.
pub(super) enum Opening {
    Startup {
        parameters: Vec<(String, String)>,
    },
    Cancel {
        process_id: i32,
        secret_key: i32,
    },
    /// It closed without a word (a port check).
    Nothing,
}

/// A wire that nobody has introduced himself on.
pub(super) struct Doorstep {
    /// `None` only while, or after, a TLS handshake failed.
    wire: Option<Wire>,
    encrypted: bool,
    server_name: Option<String>,
}

impl Doorstep {
    pub(super) fn new(wire: Wire) -> Self {
        Self { wire: Some(wire), encrypted: false, server_name: None }
    }

    /// Reads packets to the start-up packet or the cancel request. Nothing is read beyond a packet, so that bytes sent in
    /// clear behind an SSLRequest end up in the TLS handshake, which refuses them (CVE-2021-23214).
    pub(super) async fn open<D: Door>(
        &mut self,
        tls: &TlsAcceptor,
        door: &D,
        peer: SocketAddr,
    ) -> Result<Opening, WireError> {
        let mut gss_asked = false;
        loop {
            let Some(packet) = self.packet().await? else { return Ok(Opening::Nothing) };
            match packet {
                StartupPacket::SslRequest if !self.encrypted => self.encrypt(tls, door, peer).await?,
                StartupPacket::GssEncRequest if !self.encrypted && !gss_asked => {
                    gss_asked = true;
                    self.reply(b'N').await?;
                }
                StartupPacket::SslRequest | StartupPacket::GssEncRequest => {
                    return Err(WireError::Framing("unexpected encryption request".into()));
                }
                StartupPacket::CancelRequest { process_id, secret_key } => {
                    return Ok(Opening::Cancel { process_id, secret_key });
                }
                StartupPacket::Startup { parameters } => return Ok(Opening::Startup { parameters }),
            }
        }
    }

    async fn packet(&mut self) -> Result<Option<StartupPacket>, WireError> {
        let wire = self.wire.as_mut().ok_or(WireError::Disconnected)?;
        let mut length = [0_u8; 4];
        if wire.read(length.get_mut(..1).unwrap_or_default()).await? == 0 {
            return Ok(None);
        }
        wire.read_exact(length.get_mut(1..).unwrap_or_default()).await?;
        let size = usize::try_from(u32::from_be_bytes(length)).unwrap_or(usize::MAX);
        if !(MIN_PACKET..=MAX_STARTUP_PACKET).contains(&size) {
            return Err(WireError::Framing("invalid length of startup packet".into()));
        }
        let mut body = vec![0_u8; size - length.len()];
        wire.read_exact(&mut body).await?;
        StartupPacket::decode(&body).map(Some)
    }

    async fn reply(&mut self, byte: u8) -> Result<(), WireError> {
        let wire = self.wire.as_mut().ok_or(WireError::Disconnected)?;
        wire.write_all(&[byte]).await?;
        Ok(wire.flush().await?)
    }

    /// Goes on with a handshake only where the door takes its server name from this address: before that, nothing is answered.
    async fn encrypt<D: Door>(&mut self, tls: &TlsAcceptor, door: &D, peer: SocketAddr) -> Result<(), WireError> {
        self.reply(b'S').await?;
        let wire = self.wire.take().ok_or(WireError::Disconnected)?;
        let mut start = LazyConfigAcceptor::new(Acceptor::default(), wire).await?;
        let server_name = start.client_hello().server_name().map(str::to_ascii_lowercase);
        if let Err(error) = door.at_name(server_name.as_deref(), peer).await {
            decline(&mut start.io).await;
            return Err(error);
        }
        let stream = start.into_stream(Arc::clone(tls.config())).await?;
        self.server_name = stream.get_ref().1.server_name().map(str::to_owned);
        self.encrypted = true;
        self.wire = Some(Box::new(stream));
        Ok(())
    }

    /// The request for the gate, the TLS server name, and the wire.
    pub(super) fn into_startup(
        self,
        parameters: Vec<(String, String)>,
        peer: SocketAddr,
    ) -> (StartupRequest, Option<String>, Option<Wire>) {
        (
            StartupRequest { parameters, peer, encrypted: self.encrypted, network_rule: None },
            self.server_name,
            self.wire,
        )
    }

    /// Closes without a word, but so that TLS says goodbye: libpq takes anything else for a failure of its cancel request.
    pub(super) async fn leave(self) {
        let Some(mut wire) = self.wire else { return };
        if !matches!(tokio::time::timeout(REFUSAL_TIME, wire.shutdown()).await, Ok(Ok(()))) {
            tracing::debug!("a client that cancelled didn't take the end of the connection");
        }
    }

    /// FATAL, where there is a wire to write it on.
    pub(super) async fn refuse(self, error: &WireError) {
        let mut out = BytesMut::new();
        let Some(mut wire) = self.wire else { return };
        if error.is_silent() || backend::error_response(&mut out, error, true).is_err() {
            return;
        }
        let last_words = async {
            wire.write_all(&out).await?;
            wire.shutdown().await
        };
        if !matches!(tokio::time::timeout(REFUSAL_TIME, last_words).await, Ok(Ok(()))) {
            tracing::debug!("a refused client didn't take the reason");
        }
    }
}

/// Ends a handshake that isn't answered. Who is refused learns that, and not from whom.
async fn decline(wire: &mut Wire) {
    let last_words = async {
        wire.write_all(&ACCESS_DENIED).await?;
        wire.shutdown().await
    };
    if !matches!(tokio::time::timeout(REFUSAL_TIME, last_words).await, Ok(Ok(()))) {
        tracing::debug!("a refused client didn't take the end of the handshake");
    }
}
