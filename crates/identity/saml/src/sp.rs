//! The service provider's side: asking an identity provider to sign somebody in, and checking what it says.

mod assertion;
mod attributes;
mod request;
mod response;
mod subject;
#[cfg(test)]
mod tests;
mod validated;

use time::{Duration, OffsetDateTime};

pub use request::{AuthnRequest, send};
pub use validated::ValidatedAssertion;

use crate::binding::{Field, Incoming};
use crate::certificate::SigningCertificate;
use crate::check::{Story, Verdict};
use crate::peek::Peeked;

/// What a Response must answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InResponseTo<'a> {
    /// The id of a request of the same browser.
    Request(&'a str),
    /// No request: begun at the identity provider.
    Unsolicited,
}

/// What a Response is checked against.
#[derive(Debug, Clone, Copy)]
pub struct Expected<'a> {
    pub idp_entity_id: &'a str,
    /// The identity provider's keys; several while it changes them.
    pub certificates: &'a [SigningCertificate],
    /// The audience that every restriction must name.
    pub sp_entity_id: &'a str,
    /// Recipient and destination.
    pub acs_url: &'a str,
    pub in_response_to: InResponseTo<'a>,
    pub now: OffsetDateTime,
    /// How far the clocks may be apart; at most [`crate::LONGEST_SKEW`] counts.
    pub skew: Duration,
    /// With ForceAuthn: when the request was sent; the person must have signed in since.
    pub force_authn_since: Option<OffsetDateTime>,
}

/// Checks the form value `SAMLResponse`: what is checked is in [`crate::Check::ALL`], and in the verdict up to the first check
/// that failed. Whether the assertion was used before is the caller's to know
/// ([`ValidatedAssertion::assertion_id`] and [`ValidatedAssertion::replay_until`]).
#[must_use]
pub fn validate(saml_response: &str, expected: &Expected<'_>) -> Verdict<ValidatedAssertion> {
    let mut story = Story::default();
    let outcome = response::check(&mut story, saml_response, expected);
    story.verdict(outcome)
}

/// What a Response says of itself, unverified; `None` if it can't be read.
#[must_use]
pub fn peek(saml_response: &str) -> Option<Peeked> {
    crate::peek::peek(&Incoming::Post { message: saml_response, relay_state: None }, Field::Response)
}
