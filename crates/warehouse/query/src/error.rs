//! One error for the wire: SQLSTATE, first line, DETAIL, HINT, position.

use base::{ErrorKind, Fault, PublicMessage};

#[derive(Debug, Clone, thiserror::Error)]
#[error("{sqlstate} {log}")]
pub struct QueryError {
    pub kind: ErrorKind,
    pub sqlstate: &'static str,
    pub message: PublicMessage,
    /// 1-based, in characters of the statement's text.
    pub position: Option<usize>,
    /// For the log: may name what the client must not see.
    pub log: String,
    /// The connection can't go on: sent as FATAL, then closed.
    pub fatal: bool,
}

impl QueryError {
    #[must_use]
    pub fn new(kind: ErrorKind, sqlstate: &'static str, message: impl Into<String>) -> Self {
        let message = message.into();
        Self {
            kind,
            sqlstate,
            log: message.clone(),
            message: PublicMessage::new(message),
            position: None,
            fatal: false,
        }
    }

    #[must_use]
    pub fn fatal(mut self) -> Self {
        self.fatal = true;
        self
    }

    #[must_use]
    pub fn detail(mut self, detail: impl Into<String>) -> Self {
        self.message = self.message.with_detail(detail);
        self
    }

    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.message = self.message.with_hint(hint);
        self
    }

    #[must_use]
    pub fn log(mut self, log: impl Into<String>) -> Self {
        self.log = log.into();
        self
    }
}

impl Fault for QueryError {
    fn kind(&self) -> ErrorKind {
        self.kind
    }

    fn public(&self) -> PublicMessage {
        self.message.clone()
    }
}
