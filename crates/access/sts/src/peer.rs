//! Where a call came from.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};

/// The client's end of a connection: `aws:SourceIp` and `aws:SecureTransport`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Peer {
    /// `None` where it isn't known: then no condition on it holds.
    pub address: Option<IpAddr>,
    /// The call came over TLS.
    pub secure: bool,
}
