//! OpenID Connect relying party for an upstream provider: discovery, authorization code with PKCE, ID token, logout.
//!
//! Requests go through the port [`Fetch`]. Signatures are jsonwebtoken's on aws-lc; every other check is here, and each one is
//! written down in [`base::Checks`].

mod callback;
mod claims;
mod discovery;
mod error;
mod fetch;
mod flow;
mod id_token;
mod issuer_keys;
mod jwks;
mod jws;
mod logout;
mod provider;
mod refusal;
mod relying_party;
mod token_endpoint;
mod userinfo;
mod verify;
mod web_address;

pub use callback::state_of;
pub use discovery::Discovery;
pub use error::OidcError;
#[doc(hidden)]
pub use fetch::NobodyThere;
pub use fetch::{Fetch, FetchError, Fetched, LARGEST_DOCUMENT, Network};
pub use flow::{Begun, Flow};
pub use id_token::ValidatedIdToken;
pub use issuer_keys::{IdentityToken, IssuerKeys, issuer_of};
pub use logout::{LogoutToken, logout_location};
pub use provider::Provider;
pub use refusal::{Check, OidcRefusal, Verdict};
pub use relying_party::RelyingParty;
