//! STS: temporary credentials, who they belong to, what they may do; and the authorisation of every AWS call.
//!
//! A credential is found with its caller ([`Sts`] is a [`sigv4::CredentialLookup`]); a caller's questions are answered by the policies as they
//! are at that moment ([`Sts::authorize`]). A temporary credential carries its session in a sealed token; nothing is kept of it but what
//! was revoked, and it never outlives what it came from.

mod alive;
mod ask;
mod assume_role;
mod attempt;
mod caller;
mod decide;
mod error;
mod federation;
mod grounds;
mod memory;
mod message;
mod parameters;
mod peer;
mod port;
mod revocations;
mod saml;
mod service;
mod session;
mod session_token;
mod strangers;
#[cfg(test)]
mod tests;
mod token;
mod trust;
mod web_identity;

pub use alive::Ended;
pub use ask::Ask;
pub use assume_role::AssumeRoleRequest;
pub use attempt::Attempt;
pub use caller::{Caller, CallerIdentity, Life, SealedCaller};
pub use decide::{AuthDecision, Denied, REDSHIFT};
pub use error::{StsCode, StsError};
pub use federation::SessionRequest;
pub use grounds::Grounds;
#[doc(hidden)]
pub use memory::MemoryStsStore;
pub use peer::Peer;
pub use port::{Revocation, StsStore, StsStoreUnavailable};
pub use saml::SamlRequest;
pub use service::{Issued, Revoked, Sts, StsParts};
pub use session::{Federated, FederationKind, Origin, RoleSession, SessionPolicies};
pub use web_identity::WebIdentityRequest;
