//! From where an endpoint is reached.

use std::net::{IpAddr, Ipv4Addr};

/// Whether an endpoint takes connections from this address: from every one where it is publicly accessible (Redshift
/// `PubliclyAccessible`), else only from those that the internet doesn't route: private (RFC 1918), loopback, link-local, shared
/// (100.64.0.0/10, RFC 6598) and unique-local (RFC 4193) ones. An IPv4 address that is written as IPv6 (`::ffff:10.0.0.1`) is what
/// it is as IPv4.
#[must_use]
pub fn reach(publicly_accessible: bool, peer: IpAddr) -> bool {
    publicly_accessible
        || match peer.to_canonical() {
            IpAddr::V4(address) => {
                address.is_private() || address.is_loopback() || address.is_link_local() || is_shared(address)
            }
            IpAddr::V6(address) => {
                address.is_loopback() || address.is_unique_local() || address.is_unicast_link_local()
            }
        }
}

fn is_shared(address: Ipv4Addr) -> bool {
    matches!(address.octets(), [100, 64..=127, _, _])
}
