//! The identity provider's side: reading requests, issuing assertions, refusing.

mod issue;
mod refuse;
mod request;
#[cfg(test)]
mod tests;

pub use issue::{Attribute, AttributeFormat, Issue, IssuedResponse, issue};
pub use refuse::{Refuse, RefuseStatus, refuse};
pub use request::{ExpectedRequest, ReceivedRequest, read_request};

use crate::binding::{Field, Incoming};
use crate::peek::Peeked;

/// Signed in with a password, over TLS (SAML authn context 3.4.20).
pub const CONTEXT_PASSWORD: &str = "urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport";
/// With a second factor (REFEDS MFA profile).
pub const CONTEXT_MFA: &str = "https://refeds.org/profile/mfa";
/// Somehow.
pub const CONTEXT_UNSPECIFIED: &str = "urn:oasis:names:tc:SAML:2.0:ac:classes:unspecified";

/// Whose request it is, unverified; `None` if it can't be read.
#[must_use]
pub fn peek(incoming: &Incoming<'_>) -> Option<Peeked> {
    crate::peek::peek(incoming, Field::Request)
}
