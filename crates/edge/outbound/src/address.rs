//! Which addresses a request may go to.

#[cfg(test)]
mod tests;

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Where an administrator lets a request go.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Network {
    /// Public addresses, by https only.
    #[default]
    Public,
    /// Those of this machine and of the company's own networks too, and http to this machine.
    Private,
}

/// What kind of address it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    Public,
    /// This machine's own.
    Loopback,
    /// A company's network: RFC 1918, RFC 6598 (shared by a carrier), RFC 4193 (unique local).
    Private,
    /// Nobody's server: link-local, multicast, unspecified, reserved, for documentation, or a cloud's metadata service.
    Never,
}

impl Reach {
    /// Whether a request that may go to this network may go there.
    #[must_use]
    pub const fn is_within(self, network: Network) -> bool {
        match (self, network) {
            (Self::Public, Network::Public | Network::Private) | (Self::Loopback | Self::Private, Network::Private) => {
                true
            }
            (Self::Loopback | Self::Private, Network::Public) | (Self::Never, _) => false,
        }
    }
}

/// Cloud services that hand credentials to whoever asks from inside, at addresses that look public or private: Azure's, Alibaba's,
/// and Amazon's over IPv6. Others are link-local.
const METADATA: [IpAddr; 3] = [
    IpAddr::V4(Ipv4Addr::new(168, 63, 129, 16)),
    IpAddr::V4(Ipv4Addr::new(100, 100, 100, 200)),
    IpAddr::V6(Ipv6Addr::new(0xfd00, 0x0ec2, 0, 0, 0, 0, 0, 0x0254)),
];

/// What kind of address it is, by IANA's special-purpose registries. An IPv6 address that carries an IPv4 address is judged by that.
#[must_use]
pub fn reach(address: IpAddr) -> Reach {
    if METADATA.contains(&address) {
        return Reach::Never;
    }
    match address {
        IpAddr::V4(address) => reach_v4(address),
        IpAddr::V6(address) => match embedded(address) {
            Some(inner) => reach(IpAddr::V4(inner)),
            None => reach_v6(address),
        },
    }
}

const fn reach_v4(address: Ipv4Addr) -> Reach {
    let [a, b, c, _] = address.octets();
    match (a, b, c) {
        (127, _, _) => Reach::Loopback,
        (10, _, _) | (172, 16..=31, _) | (192, 168, _) | (100, 64..=127, _) => Reach::Private,
        (0 | 224..=255, _, _)
        | (169, 254, _)
        | (192, 0, 0 | 2)
        | (192, 88, 99)
        | (198, 18 | 19, _)
        | (198, 51, 100)
        | (203, 0, 113) => Reach::Never,
        (_, _, _) => Reach::Public,
    }
}

fn reach_v6(address: Ipv6Addr) -> Reach {
    let [first, second, ..] = address.segments();
    match (first, second) {
        _ if address == Ipv6Addr::LOCALHOST => Reach::Loopback,
        (0xfc00..=0xfdff, _) => Reach::Private,
        // protocol assignments (Teredo, ORCHID), documentation, and 6to4, whose relays are anybody's
        (0x2001, 0x0000..=0x01ff | 0x0db8) | (0x2002, _) | (0x3fff, 0x0000..=0x0fff) => Reach::Never,
        (0x2000..=0x3fff, _) => Reach::Public,
        (_, _) => Reach::Never,
    }
}

/// The IPv4 address in a mapped (`::ffff:a.b.c.d`) or translated (`64:ff9b::a.b.c.d`, RFC 6052) one.
fn embedded(address: Ipv6Addr) -> Option<Ipv4Addr> {
    let translated = match address.segments() {
        [0x0064, 0xff9b, 0, 0, 0, 0, high, low] => {
            let ([a, b], [c, d]) = (high.to_be_bytes(), low.to_be_bytes());
            Some(Ipv4Addr::new(a, b, c, d))
        }
        _ => None,
    };
    address.to_ipv4_mapped().or(translated)
}
