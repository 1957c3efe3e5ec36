//! Everything of identity that listens on HTTP: provisioning, OAuth and the sign-in pages.

mod browser_session;
mod connection;
pub mod oauth;
mod pages;
mod reset;
pub mod scim;
mod signin;
mod state;

pub use connection::Connection;
pub use state::{IdentitySettings, IdentityState};
