//! Signing in with an external identity provider, as a browser sees it.

pub(super) mod network;
mod oidc;
mod refusals;
mod saml;
mod sign_in_page;
mod sign_out;
