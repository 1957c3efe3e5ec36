//! Everything of identity that listens on HTTP: provisioning, OAuth and the sign-in pages.

mod cookies;
mod federation;
mod markup;
pub mod oauth;
mod reset;
pub mod scim;
mod shared;
mod signin;
mod signout;
mod state;

pub use pages::Connection;
pub use state::{IdentitySettings, IdentityState};
