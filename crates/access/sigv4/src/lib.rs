//! AWS Signature Version 4: verifying requests, and signing them.
//!
//! Pure: the time, the secrets and what the signature must be scoped to are arguments. [`VerifiedRequest`] can only be made by
//! [`verify`], so a function that takes one knows that its caller held the secret of a live access key.

mod authorization;
mod canonical;
mod error;
mod hash;
mod request;
mod sign;
#[cfg(test)]
mod tests;
mod timestamp;
mod verify;

pub use authorization::Scope;
pub use canonical::query_pairs;
pub use error::SigV4Error;
pub use request::Request;
pub use sign::{Signature, SigningKey, sign};
pub use verify::{
    CLOCK_SKEW_MAX, Credential, CredentialLookup, EXPIRES_SECONDS_MAX, Expected, VerifiedRequest, verify,
};

/// The one algorithm that is understood. SigV4a (`AWS4-ECDSA-P256-SHA256`) is refused.
pub const ALGORITHM: &str = "AWS4-HMAC-SHA256";
/// What every credential scope ends in.
pub const TERMINATOR: &str = "aws4_request";
