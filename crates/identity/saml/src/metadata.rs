//! Metadata: what two parties tell each other before they speak (SAML metadata 2.4).
//!
//! It is trusted because an administrator hands it over (or names the address that it is read from): a signature in it proves
//! nothing more, and is passed over.

mod read;
mod refusal;
#[cfg(test)]
mod tests;
mod write;

use time::OffsetDateTime;

pub use read::{read_idp, read_sp};
pub use refusal::MetadataRefusal;
pub use write::{IdpDescription, Organisation, SpDescription, write_idp, write_sp};

use crate::binding::Endpoint;
use crate::certificate::SigningCertificate;

/// The longest document in characters, as AWS takes it.
pub const LONGEST: usize = 75_000;

/// An identity provider's description of itself. Bindings other than Redirect and POST are passed over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdpMetadata {
    pub entity_id: String,
    /// At least one.
    pub single_sign_on: Vec<Endpoint>,
    pub single_logout: Vec<Endpoint>,
    /// For signing, each once; at least one.
    pub certificates: Vec<SigningCertificate>,
    pub wants_signed_requests: bool,
    pub name_id_formats: Vec<String>,
    /// The metadata itself is good until then.
    pub valid_until: Option<OffsetDateTime>,
    /// Certificates that can't be used, and why: full sentences.
    pub left_out: Vec<String>,
}

/// A service provider's description of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SpMetadata {
    pub entity_id: String,
    /// For HTTP-POST; the default first, then by index. At least one.
    pub assertion_consumers: Vec<AssertionConsumer>,
    pub single_logout: Vec<Endpoint>,
    /// For signing; none if it signs nothing.
    pub certificates: Vec<SigningCertificate>,
    pub signs_requests: bool,
    pub wants_signed_assertions: bool,
    pub name_id_formats: Vec<String>,
    pub valid_until: Option<OffsetDateTime>,
    /// Certificates that can't be used, and why: full sentences.
    pub left_out: Vec<String>,
}

/// Where assertions are posted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AssertionConsumer {
    pub location: String,
    pub index: u16,
    pub is_default: bool,
}
