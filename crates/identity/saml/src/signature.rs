//! XML signatures, by saml-rs (an engine that is not trusted to choose what it verifies).
//!
//! A received element is read into our own tree, the form of its signature is checked there, and then the tree is written
//! out again and that text is what saml-rs verifies: what was verified is what values are taken from, whatever two parsers
//! make of the bytes that came in. Were our reading another than the signer's, the digest would differ.

mod form;
mod make;
mod query;
mod verify;

pub(crate) use make::{Part, checked, enveloped, of_query};
pub(crate) use query::verify_query;
pub(crate) use verify::{verify, verify_any};

/// The signatures that are taken (RFC 6931 2.3), beside the hash of each.
pub(crate) const ALGORITHMS: [&str; 5] = [
    RSA_SHA256,
    "http://www.w3.org/2001/04/xmldsig-more#rsa-sha384",
    "http://www.w3.org/2001/04/xmldsig-more#rsa-sha512",
    "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256",
    "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha384",
];
pub(crate) const RSA_SHA256: &str = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256";

const DIGESTS: [&str; 3] = [
    "http://www.w3.org/2001/04/xmlenc#sha256",
    "http://www.w3.org/2001/04/xmldsig-more#sha384",
    "http://www.w3.org/2001/04/xmlenc#sha512",
];
const ENVELOPED: &str = "http://www.w3.org/2000/09/xmldsig#enveloped-signature";

/// What the checks of algorithms say is expected.
pub(crate) const ALLOWED: &str = "RSA or ECDSA with SHA-256, SHA-384 (RSA also SHA-512)";
