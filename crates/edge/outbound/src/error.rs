//! Why a request has no answer.

use std::net::IpAddr;

use base::{ErrorKind, Fault, PublicMessage};

/// A request wasn't sent, or nothing usable came back. `Display` is a sentence without a full stop, with the next step where there
/// is one; no secret is in it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OutboundError {
    #[error("{url} is no address that can be asked: {cause}")]
    BadUrl { url: String, cause: String },
    #[error(
        "{url} isn't encrypted; give its https address (http is taken to this machine only, with --private-network)"
    )]
    NotHttps { url: String },
    #[error("{host} resolves to {address}, which isn't a public address; add --private-network if that is meant")]
    NotPublic { host: String, address: IpAddr },
    #[error(
        "{host} resolves to {address}, which is reserved or a cloud's metadata service; no server can be asked there"
    )]
    Reserved { host: String, address: IpAddr },
    #[error("{host} can't be resolved ({cause}); check the name, and this machine's DNS")]
    Unresolved { host: String, cause: String },
    #[error("{host} can't be reached at {address} ({cause}); check that it runs, and the firewall between")]
    Unreachable { host: String, address: String, cause: String },
    #[error(
        "{host} doesn't prove who it is ({cause}); if its certificate is of a private authority, let this machine trust that one (or name its file in SSL_CERT_FILE), and start Gatehouse anew"
    )]
    Untrusted { host: String, cause: String },
    #[error("{host} hasn't answered within {seconds} s; try again, and check that it isn't overloaded")]
    TimedOut { host: String, seconds: u64 },
    #[error("{host} answers with more than {limit} bytes")]
    TooLarge { host: String, limit: usize },
    #[error("{host} broke the connection before its answer was whole ({cause})")]
    Broken { host: String, cause: String },
    #[error("the header {name} can't be sent: it has characters that headers can't have")]
    BadHeader { name: String },
    /// At start, not in a request.
    #[error("{what} has no certificate that can be trusted: {cause}")]
    BadTrust { what: String, cause: String },
}

impl OutboundError {
    /// Whether the same request may succeed later without anybody changing a setting here.
    #[must_use]
    pub const fn is_passing(&self) -> bool {
        match self {
            Self::Unresolved { .. } | Self::Unreachable { .. } | Self::TimedOut { .. } | Self::Broken { .. } => true,
            Self::BadUrl { .. }
            | Self::NotHttps { .. }
            | Self::NotPublic { .. }
            | Self::Reserved { .. }
            | Self::Untrusted { .. }
            | Self::TooLarge { .. }
            | Self::BadHeader { .. }
            | Self::BadTrust { .. } => false,
        }
    }
}

impl Fault for OutboundError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::BadUrl { .. } | Self::NotHttps { .. } | Self::BadHeader { .. } | Self::BadTrust { .. } => {
                ErrorKind::InvalidInput
            }
            Self::NotPublic { .. } | Self::Reserved { .. } => ErrorKind::Denied,
            Self::TimedOut { .. } => ErrorKind::TimedOut,
            Self::TooLarge { .. } => ErrorKind::LimitExceeded,
            Self::Unresolved { .. } | Self::Unreachable { .. } | Self::Untrusted { .. } | Self::Broken { .. } => {
                ErrorKind::Unavailable
            }
        }
    }

    fn public(&self) -> PublicMessage {
        PublicMessage::new(format!("{self}."))
    }
}
