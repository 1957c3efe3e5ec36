//! What can go wrong on the wire, and its one mapping to SQLSTATE and message.

use std::fmt;

use base::{ErrorKind, Fault, PublicMessage};
use query::QueryError;

/// How much of a refused parameter goes back to the client, in characters.
const SHOWN_VALUE: usize = 100;

/// A failure of a connection or of one of its messages. `Display` is the first line for the client; it holds no value.
#[derive(Debug, thiserror::Error)]
pub enum WireError {
    /// A message whose frame is whole and whose body is not. The connection can go on.
    #[error("{0}")]
    Protocol(String),
    /// Bytes after which the next message can't be found, or a message that has no place here. The connection ends.
    #[error("{0}")]
    Framing(String),
    /// A start-up packet of another protocol version.
    #[error("unsupported frontend protocol {major}.{minor}: server supports 3.0")]
    UnsupportedProtocol { major: u16, minor: u16 },
    /// Understood, and not carried out. The text says what, by name.
    #[error("{0} is not supported")]
    Unsupported(String),
    /// Text that isn't UTF-8, or has a zero byte.
    #[error("invalid byte sequence for encoding \"UTF8\" in {0}")]
    NotUtf8(&'static str),
    /// A parameter's text that its declared type doesn't take. The value is the client's own and goes back to it only.
    #[error("invalid input syntax for type {type_name}")]
    InvalidText { type_name: &'static str, value: String },
    /// A parameter's binary form that is not of its declared type.
    #[error("incorrect binary data format for a parameter of type {0}")]
    InvalidBinary(&'static str),
    /// A number that its type can't hold.
    #[error("value out of range for type {0}")]
    OutOfRange(&'static str),
    /// A date or time that the binary format can't hold.
    #[error("{0} out of range")]
    DatetimeOverflow(&'static str),
    /// The engine's value is not of its column's type.
    #[error("internal error: column \"{column}\" holds a value of another type than announced")]
    ValueMismatch { column: String },
    /// A formatter or a length failed; can't happen with sane sizes.
    #[error("internal error: the answer can't be encoded: {0}")]
    Encoding(&'static str),
    /// `$1` in a simple query.
    #[error("there is no parameter $1")]
    NoParameters,
    /// No such prepared statement. Empty: the unnamed one.
    #[error("{} does not exist", if .0.is_empty() { "unnamed prepared statement".to_owned() } else { format!("prepared statement \"{}\"", .0) })]
    UndefinedStatement(String),
    /// A named prepared statement must be closed before its name is used again.
    #[error("prepared statement \"{0}\" already exists")]
    DuplicateStatement(String),
    /// No such portal.
    #[error("portal \"{0}\" does not exist")]
    UndefinedPortal(String),
    /// A named portal must be closed before its name is used again.
    #[error("portal \"{0}\" already exists")]
    DuplicatePortal(String),
    /// A suspended portal whose rows were given up because another statement ran.
    #[error("portal \"{0}\" does not exist")]
    PortalLost(String),
    /// A portal without rows, executed twice.
    #[error("portal \"{0}\" cannot be run")]
    PortalDone(String),
    /// The columns differ from the ones that were described to the client.
    #[error("cached plan must not change result type")]
    ResultTypeChanged,
    /// One of the connection's limits.
    #[error("too many {what} in this session: at most {limit}")]
    TooMany { what: &'static str, limit: usize },
    /// The server's connection limit.
    #[error("too many connections")]
    TooManyConnections,
    /// The login took longer than [`crate::Limits::login_timeout`].
    #[error("canceling authentication due to timeout")]
    LoginTimeout,
    /// The server is stopping, or the session was ended (57P01).
    #[error("session ended: {0}")]
    Ended(Box<QueryError>),
    /// A statement that didn't stop in time after its session was ended.
    #[error("canceling statement because its session was ended")]
    Abandoned,
    /// What the query layer answered.
    #[error(transparent)]
    Query(Box<QueryError>),
    /// The client closed the connection without a word, or in the middle of a message.
    #[error("the client disconnected")]
    Disconnected,
    /// The client reads nothing, for longer than [`crate::Limits::write_stall_timeout`] or beyond its session's end.
    #[error("the client doesn't read")]
    Stalled,
    /// The transport failed.
    #[error("transport: {0}")]
    Io(#[from] std::io::Error),
}

impl From<QueryError> for WireError {
    fn from(error: QueryError) -> Self {
        Self::Query(Box::new(error))
    }
}

impl From<fmt::Error> for WireError {
    fn from(_: fmt::Error) -> Self {
        Self::Encoding("a value could not be written")
    }
}

impl WireError {
    /// The SQLSTATE that the client is told (PostgreSQL, appendix A).
    #[must_use]
    pub fn sqlstate(&self) -> &'static str {
        match self {
            Self::Protocol(_) | Self::Framing(_) => "08P01",
            Self::UnsupportedProtocol { .. } | Self::Unsupported(_) | Self::ResultTypeChanged => "0A000",
            Self::NotUtf8(_) => "22021",
            Self::InvalidText { .. } => "22P02",
            Self::InvalidBinary(_) => "22P03",
            Self::OutOfRange(_) => "22003",
            Self::DatetimeOverflow(_) => "22008",
            Self::ValueMismatch { .. } | Self::Encoding(_) => "XX000",
            Self::NoParameters => "42P02",
            Self::UndefinedStatement(_) => "26000",
            Self::DuplicateStatement(_) => "42P05",
            Self::UndefinedPortal(_) | Self::PortalLost(_) => "34000",
            Self::DuplicatePortal(_) => "42P03",
            Self::PortalDone(_) => "55000",
            Self::TooMany { .. } => "54000",
            Self::TooManyConnections => "53300",
            Self::LoginTimeout | Self::Abandoned => "57014",
            Self::Ended(error) | Self::Query(error) => error.sqlstate,
            Self::Disconnected | Self::Stalled | Self::Io(_) => "08006",
        }
    }

    /// Whether the connection ends with it (severity FATAL).
    #[must_use]
    pub fn is_fatal(&self) -> bool {
        match self {
            Self::Framing(_)
            | Self::UnsupportedProtocol { .. }
            | Self::TooManyConnections
            | Self::LoginTimeout
            | Self::Ended(_)
            | Self::Disconnected
            | Self::Stalled
            | Self::Io(_) => true,
            Self::Query(error) => error.fatal,
            Self::Protocol(_)
            | Self::Unsupported(_)
            | Self::NotUtf8(_)
            | Self::InvalidText { .. }
            | Self::InvalidBinary(_)
            | Self::OutOfRange(_)
            | Self::DatetimeOverflow(_)
            | Self::ValueMismatch { .. }
            | Self::Encoding(_)
            | Self::NoParameters
            | Self::UndefinedStatement(_)
            | Self::DuplicateStatement(_)
            | Self::UndefinedPortal(_)
            | Self::DuplicatePortal(_)
            | Self::PortalLost(_)
            | Self::PortalDone(_)
            | Self::ResultTypeChanged
            | Self::TooMany { .. }
            | Self::Abandoned => false,
        }
    }

    /// Whether there is nobody left to tell.
    pub(crate) fn is_silent(&self) -> bool {
        matches!(self, Self::Disconnected | Self::Stalled | Self::Io(_))
    }

    /// 1-based position in the statement's text, in characters, where it is known.
    pub(crate) fn position(&self) -> Option<usize> {
        if let Self::Query(error) = self { error.position } else { None }
    }
}

impl Fault for WireError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::Query(error) | Self::Ended(error) => error.kind,
            Self::UnsupportedProtocol { .. } | Self::Unsupported(_) => ErrorKind::Unsupported,
            Self::ValueMismatch { .. } | Self::Encoding(_) => ErrorKind::Internal,
            Self::UndefinedStatement(_) | Self::UndefinedPortal(_) | Self::PortalLost(_) => ErrorKind::NotFound,
            Self::DuplicateStatement(_) | Self::DuplicatePortal(_) | Self::PortalDone(_) | Self::ResultTypeChanged => {
                ErrorKind::Conflict
            }
            Self::TooMany { .. } | Self::TooManyConnections => ErrorKind::LimitExceeded,
            Self::LoginTimeout | Self::Stalled => ErrorKind::TimedOut,
            Self::Abandoned => ErrorKind::Cancelled,
            Self::Disconnected | Self::Io(_) => ErrorKind::Unavailable,
            Self::Protocol(_)
            | Self::Framing(_)
            | Self::NotUtf8(_)
            | Self::InvalidText { .. }
            | Self::InvalidBinary(_)
            | Self::OutOfRange(_)
            | Self::DatetimeOverflow(_)
            | Self::NoParameters => ErrorKind::InvalidInput,
        }
    }

    fn public(&self) -> PublicMessage {
        if let Self::Query(error) | Self::Ended(error) = self {
            return error.public();
        }
        let mut message = PublicMessage::new(self.to_string());
        if let Self::InvalidText { value, .. } = self {
            let shown: String = value.chars().take(SHOWN_VALUE).collect();
            message.message = format!("{}: \"{shown}\"", message.message);
        }
        message.detail = self.detail().map(str::to_owned);
        message.hint = self.hint().map(str::to_owned);
        message
    }
}

impl WireError {
    fn detail(&self) -> Option<&'static str> {
        if let Self::PortalLost(_) = self {
            Some("It was closed with rows left when the session ran another statement.")
        } else if let Self::ResultTypeChanged = self {
            Some("The columns that you may read have changed since the statement was described.")
        } else {
            None
        }
    }

    fn hint(&self) -> Option<&'static str> {
        match self {
            Self::UnsupportedProtocol { .. } => {
                Some("Connect with protocol version 3.0 (libpq: max_protocol_version=3.0).")
            }
            Self::TooManyConnections => Some("Close a connection, or try again later."),
            Self::DatetimeOverflow(_) => Some("Ask for the column as text, or cast it to varchar."),
            Self::DuplicateStatement(_) | Self::DuplicatePortal(_) => Some("Close it first, or use another name."),
            Self::UndefinedPortal(_) => Some("A portal ends with its transaction."),
            Self::PortalLost(_) => {
                Some("Read a result to its end before the next statement, or use a second connection.")
            }
            Self::PortalDone(_) => Some("Bind it again to run the statement again."),
            Self::ResultTypeChanged => Some("Prepare the statement again."),
            Self::TooMany { .. } => Some("Close the ones that are no longer used."),
            Self::Protocol(_)
            | Self::Framing(_)
            | Self::Unsupported(_)
            | Self::NotUtf8(_)
            | Self::InvalidText { .. }
            | Self::InvalidBinary(_)
            | Self::OutOfRange(_)
            | Self::ValueMismatch { .. }
            | Self::Encoding(_)
            | Self::NoParameters
            | Self::UndefinedStatement(_)
            | Self::LoginTimeout
            | Self::Ended(_)
            | Self::Abandoned
            | Self::Query(_)
            | Self::Disconnected
            | Self::Stalled
            | Self::Io(_) => None,
        }
    }
}

#[cfg(test)]
mod tests;
