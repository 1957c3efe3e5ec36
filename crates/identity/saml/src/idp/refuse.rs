//! The Response that says no.

use time::OffsetDateTime;

use super::issue::{IssuedResponse, response};
use crate::binding::may_go;
use crate::error::SamlError;
use crate::key::SigningKey;
use crate::signature::{Part, enveloped};
use crate::status;

/// Why, in the words of SAML core 3.2.2.2.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RefuseStatus {
    /// The person couldn't prove who they are, or gave up.
    AuthnFailed,
    /// A page would have been needed.
    NoPassive,
    /// The person may not open the application.
    RequestDenied,
    /// The name id that was asked for can't be given.
    InvalidNameIdPolicy,
    /// The person didn't sign in as it was asked for.
    NoAuthnContext,
    UnsupportedBinding,
    /// The request is wrong.
    Requester,
    /// We can't.
    Responder,
}

impl RefuseStatus {
    const fn codes(self) -> &'static [&'static str] {
        match self {
            Self::AuthnFailed => &["Responder", "AuthnFailed"],
            Self::NoPassive => &["Responder", "NoPassive"],
            Self::RequestDenied => &["Responder", "RequestDenied"],
            Self::InvalidNameIdPolicy => &["Requester", "InvalidNameIDPolicy"],
            Self::NoAuthnContext => &["Responder", "NoAuthnContext"],
            Self::UnsupportedBinding => &["Requester", "UnsupportedBinding"],
            Self::Requester => &["Requester"],
            Self::Responder => &["Responder"],
        }
    }
}

/// Who says no to what.
#[derive(Debug, Clone, Copy)]
pub struct Refuse<'a> {
    pub issuer: &'a str,
    /// The assertion consumer service, out of a request that was checked.
    pub destination: &'a str,
    pub in_response_to: Option<&'a str>,
    pub response_id: &'a str,
    pub status: RefuseStatus,
    pub message: Option<&'a str>,
    pub now: OffsetDateTime,
}

/// Makes and signs a Response without an assertion.
///
/// # Errors
/// [`SamlError`] if a value can't stand in it, or signing fails.
pub fn refuse(refuse: &Refuse<'_>, key: &SigningKey) -> Result<IssuedResponse, SamlError> {
    may_go(refuse.destination, None)?;
    let message = response(refuse.issuer, refuse.destination, refuse.in_response_to, (refuse.response_id, refuse.now))
        .child(status::element(refuse.status.codes(), refuse.message));
    let xml = enveloped(&message, &[Part::Message], key)?;
    Ok(IssuedResponse { xml, assertion_id: String::new() })
}
