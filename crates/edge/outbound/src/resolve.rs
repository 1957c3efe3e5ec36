//! Names to addresses.

use std::io;
use std::net::IpAddr;

/// Looks a name up.
#[async_trait::async_trait]
pub trait Resolve: Send + Sync + std::fmt::Debug {
    /// Every address of the name, in the order to try them.
    async fn addresses(&self, host: &str) -> io::Result<Vec<IpAddr>>;
}

/// As this machine does it: `/etc/hosts` and DNS.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemResolver;

#[async_trait::async_trait]
impl Resolve for SystemResolver {
    async fn addresses(&self, host: &str) -> io::Result<Vec<IpAddr>> {
        Ok(tokio::net::lookup_host((host, 0)).await?.map(|address| address.ip()).collect())
    }
}
