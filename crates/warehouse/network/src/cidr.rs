//! Blocks of addresses, as a request writes them.

use std::net::{Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

use ipnet::{Ipv4Net, Ipv6Net};

use crate::NetworkError;

/// `a.b.c.d/n`, canonical: bits behind the prefix become 0, as EC2 does it (`IpRange.CidrIp`: 100.68.0.18/18 is 100.68.0.0/18).
pub(crate) fn ipv4(text: &str) -> Result<Ipv4Net, NetworkError> {
    let (address, prefix) = split::<Ipv4Addr>(text)?;
    Ipv4Net::new(address, prefix).map(|net| net.trunc()).map_err(|_| malformed(text))
}

/// As [`ipv4`]. IPv4 written as IPv6 (`::ffff:0:0/96`) is refused: a peer's address is what it is as IPv4, so it would never match.
pub(crate) fn ipv6(text: &str) -> Result<Ipv6Net, NetworkError> {
    let (address, prefix) = split::<Ipv6Addr>(text)?;
    if address.to_ipv4_mapped().is_some() && prefix >= 96 {
        let rule = format!("CIDR block {text} holds IPv4 addresses; write it as an IPv4 block");
        return Err(NetworkError::InvalidValue(rule));
    }
    Ipv6Net::new(address, prefix).map(|net| net.trunc()).map_err(|_| malformed(text))
}

fn split<A: FromStr>(text: &str) -> Result<(A, u8), NetworkError> {
    let (address, prefix) = text.split_once('/').ok_or_else(|| malformed(text))?;
    let number = prefix.parse::<u8>().ok().filter(|number| number.to_string() == prefix);
    address.parse().ok().zip(number).ok_or_else(|| malformed(text))
}

fn malformed(text: &str) -> NetworkError {
    NetworkError::InvalidValue(format!("CIDR block {text} is malformed"))
}

#[cfg(test)]
mod tests;
