//! The AWS APIs behind one address: sts, ec2, redshift, redshift-serverless, sso-admin, identitystore, organizations, cloudtrail,
//! and what AWS has in its console only (`administration`).
//!
//! Every call goes the same way ([`router`]): recognised, its signature verified, authorised, performed, recorded, answered. One
//! file per group of operations; an operation or a parameter that isn't carried out is refused by its name.

mod administration;
mod authorize;
mod cloudtrail;
mod ec2;
mod error;
mod handler;
mod iam;
mod identitystore;
mod operation;
mod organizations;
mod pass_role;
mod protocol;
mod recognise;
mod recorded;
mod redshift;
mod redshift_serverless;
mod resource_tags;
mod secretsmanager;
mod service;
mod sso_admin;
mod state;
mod sts;
#[cfg(test)]
mod tests;

use axum::Router;
use axum::routing::get;
pub use iam::service_provider_router;
pub use state::AwsState;

/// Bytes of a request body. The largest operation that is carried out needs a fraction of it.
pub const BODY_BYTES_MAX: usize = 1 << 20;

/// `POST /` for every service, and `GET /` for requests of the Query protocol, presigned ones among them.
///
/// The client's address is taken from an extension `axum::extract::ConnectInfo<SocketAddr>`, where there is one.
pub fn router(state: AwsState) -> Router {
    Router::new().route("/", get(handler::handle).post(handler::handle)).with_state(state)
}
