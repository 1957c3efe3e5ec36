//! The closed list of what can go wrong, and the two messages that every error carries.

/// What kind of failure this is. Each edge maps the kinds to its protocol in one file, without `_`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ErrorKind {
    /// The request can't be understood or breaks a stated rule.
    InvalidInput,
    /// Nobody, or not provably somebody.
    Unauthenticated,
    /// Somebody, who may not.
    Denied,
    NotFound,
    /// Exists already, is in use, or was changed meanwhile.
    Conflict,
    LimitExceeded,
    /// Understood, and not carried out by this server.
    Unsupported,
    Cancelled,
    TimedOut,
    /// Try again later.
    Unavailable,
    /// Our own defect. Its public message is a reference, not the cause.
    Internal,
}

impl ErrorKind {
    /// A stable name for metrics and logs.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::InvalidInput => "invalid_input",
            Self::Unauthenticated => "unauthenticated",
            Self::Denied => "denied",
            Self::NotFound => "not_found",
            Self::Conflict => "conflict",
            Self::LimitExceeded => "limit_exceeded",
            Self::Unsupported => "unsupported",
            Self::Cancelled => "cancelled",
            Self::TimedOut => "timed_out",
            Self::Unavailable => "unavailable",
            Self::Internal => "internal",
        }
    }
}

/// What the client is told: what is wrong and what to do. `detail` and `hint` are full sentences.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicMessage {
    pub message: String,
    pub detail: Option<String>,
    pub hint: Option<String>,
}

impl PublicMessage {
    #[must_use]
    pub fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), detail: None, hint: None }
    }

    #[must_use]
    pub fn with_detail(mut self, detail: impl Into<String>) -> Self {
        self.detail = Some(detail.into());
        self
    }

    #[must_use]
    pub fn with_hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

/// Every error type of a crate: its kind, and the message for the client. `Display` is the message for the log.
pub trait Fault: std::error::Error {
    fn kind(&self) -> ErrorKind;
    fn public(&self) -> PublicMessage;
}
