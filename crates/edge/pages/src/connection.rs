//! What the listener knows of a request's connection.

use std::net::SocketAddr;

use axum::extract::FromRequestParts;
use axum::http::StatusCode;
use axum::http::request::Parts;

/// An extension that the listener puts into every request. Without it a request is refused: the limits on sign-in attempts need
/// the address, and the cookies need to know whether the way is encrypted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Connection {
    pub peer: SocketAddr,
    /// TLS ends at this server.
    pub encrypted: bool,
}

impl<S: Send + Sync> FromRequestParts<S> for Connection {
    type Rejection = StatusCode;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        parts.extensions.get::<Self>().copied().ok_or_else(|| {
            tracing::error!("the listener didn't say where the request came from");
            StatusCode::INTERNAL_SERVER_ERROR
        })
    }
}
