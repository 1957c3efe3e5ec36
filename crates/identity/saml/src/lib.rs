//! SAML 2.0, both roles: a strict reading of our own, signatures by saml-rs. No I/O, no clock.
//!
//! Everything that comes in is a stranger's. A message is read strictly ([`xml`]), the form of its signature is checked, the
//! signature is verified over what was read, and only then is it asked what the message says. Each check is noted, so that a
//! refusal tells what was expected and what came ([`Verdict`]).

mod binding;
mod certificate;
mod check;
mod envelope;
mod error;
pub mod idp;
mod instant;
mod key;
pub mod logout;
mod message;
pub mod metadata;
mod name_id;
mod peek;
mod signature;
pub mod sp;
mod status;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;
pub mod xml;

pub use binding::{Binding, Endpoint, Incoming, LONGEST_RELAY_STATE, Outgoing};
pub use certificate::{CertificateRefusal, KeyKind, SigningCertificate};
pub use check::{Check, Refusal, Verdict};
pub use error::SamlError;
pub use instant::LONGEST_SKEW;
pub use key::SigningKey;
pub use name_id::{NAME_ID_EMAIL, NAME_ID_PERSISTENT, NAME_ID_TRANSIENT, NAME_ID_UNSPECIFIED, NameId};
pub use peek::Peeked;

/// A new id of a message or an assertion: an NCName with 128 random bits (SAML core 1.3.4).
#[must_use]
pub fn message_id() -> String {
    format!("_{}", base::random::hex::<16>())
}
