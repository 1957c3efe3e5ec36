//! Single logout, both directions (SAML core 3.7, profiles 4.4), over the browser. Always signed.

mod read;
mod send;
#[cfg(test)]
mod tests;

use time::{Duration, OffsetDateTime};

pub use read::{read_request, read_response};
pub use send::{SendRequest, SendResponse, send_request, send_response};

use crate::binding::{Field, Incoming};
use crate::certificate::SigningCertificate;
use crate::name_id::NameId;
use crate::peek::Peeked;

/// What a logout message is checked against.
#[derive(Debug, Clone, Copy)]
pub struct ExpectedLogout<'a> {
    /// The sender's entity ID.
    pub issuer: &'a str,
    pub certificates: &'a [SigningCertificate],
    /// Our own address that the message came to.
    pub destination: &'a str,
    pub now: OffsetDateTime,
    /// At most [`crate::LONGEST_SKEW`] counts.
    pub skew: Duration,
}

/// A request that somebody's sessions be ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogoutRequest {
    pub id: String,
    pub issuer: String,
    pub name_id: NameId,
    /// Which sessions; none: all of this person's.
    pub session_indexes: Vec<String>,
    /// Goes back unchanged with the answer.
    pub relay_state: Option<String>,
    /// Must be carried out once only, until then: later it is refused by itself.
    pub replay_until: OffsetDateTime,
}

/// The answer to a request of ours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogoutAnswer {
    pub id: String,
    pub in_response_to: String,
    pub relay_state: Option<String>,
    /// Whether all sessions were ended, or only some (PartialLogout).
    pub complete: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogoutStatus {
    Success,
    /// Others may still have a session.
    Partial,
    /// Nothing was ended.
    Denied,
}

/// Who sent a LogoutRequest or a LogoutResponse, unverified; `None` if it can't be read.
#[must_use]
pub fn peek(incoming: &Incoming<'_>) -> Option<Peeked> {
    crate::peek::peek(incoming, Field::Request).or_else(|| crate::peek::peek(incoming, Field::Response))
}
