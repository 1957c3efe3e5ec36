//! A rule of a security group.

use std::collections::BTreeMap;
use std::fmt;
use std::net::IpAddr;

use base::id::SecurityGroupId;
use ipnet::{Ipv4Net, Ipv6Net};
use serde::{Deserialize, Serialize};

use crate::{NetworkError, cidr};

/// `sgr-` and 17 hex digits.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RuleId(String);

impl RuleId {
    #[must_use]
    pub fn new(value: impl Into<String>) -> Self {
        Self(value.into())
    }

    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for RuleId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Direction {
    /// Inbound.
    Ingress,
    /// Outbound. It is kept and shown and enforces nothing: a warehouse opens no connections.
    Egress,
}

/// Ports of TCP or UDP, both ends included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct PortRange {
    pub from: u16,
    pub to: u16,
}

impl PortRange {
    pub const ALL: Self = Self { from: 0, to: u16::MAX };

    #[must_use]
    pub const fn contains(self, port: u16) -> bool {
        self.from <= port && port <= self.to
    }
}

impl fmt::Display for PortRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.from == self.to { write!(f, "{}", self.from) } else { write!(f, "{}-{}", self.from, self.to) }
    }
}

/// Which traffic a rule is about (EC2 `IpPermission.IpProtocol`, `FromPort`, `ToPort`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Traffic {
    /// `-1`
    All,
    Tcp(PortRange),
    Udp(PortRange),
    /// Type and code; -1 is every one.
    Icmp {
        kind: i16,
        code: i16,
    },
    Icmpv6 {
        kind: i16,
        code: i16,
    },
    /// Any other protocol number: it has no ports.
    Other(u8),
}

impl Traffic {
    /// Reads `IpProtocol`, `FromPort` and `ToPort`.
    ///
    /// # Errors
    /// [`NetworkError::InvalidValue`].
    pub fn read(protocol: &str, from: Option<i64>, to: Option<i64>) -> Result<Self, NetworkError> {
        match protocol.to_ascii_lowercase().as_str() {
            "-1" | "all" => no_ports(protocol, from, to, Self::All),
            "tcp" | "6" => Ok(Self::Tcp(ports(from, to)?)),
            "udp" | "17" => Ok(Self::Udp(ports(from, to)?)),
            "icmp" | "1" => icmp(from, to).map(|(kind, code)| Self::Icmp { kind, code }),
            "icmpv6" | "58" => match (from, to) {
                (None, None) => Ok(Self::Icmpv6 { kind: -1, code: -1 }),
                _ => icmp(from, to).map(|(kind, code)| Self::Icmpv6 { kind, code }),
            },
            other => match other.parse::<u8>() {
                Ok(number) => no_ports(protocol, from, to, Self::Other(number)),
                Err(_) => Err(NetworkError::InvalidValue(format!(
                    "Invalid value '{protocol}' for IP protocol. Unknown protocol."
                ))),
            },
        }
    }

    /// As DescribeSecurityGroups writes it: `tcp`, `udp`, `icmp`, `icmpv6`, `-1`, or a number.
    #[must_use]
    pub fn protocol(self) -> String {
        match self {
            Self::All => "-1".to_owned(),
            Self::Tcp(_) => "tcp".to_owned(),
            Self::Udp(_) => "udp".to_owned(),
            Self::Icmp { .. } => "icmp".to_owned(),
            Self::Icmpv6 { .. } => "icmpv6".to_owned(),
            Self::Other(number) => number.to_string(),
        }
    }

    /// `FromPort` and `ToPort`; `None` where the protocol has none.
    #[must_use]
    pub fn ports(self) -> Option<(i32, i32)> {
        match self {
            Self::All | Self::Other(_) => None,
            Self::Tcp(PortRange { from, to }) | Self::Udp(PortRange { from, to }) => Some((from.into(), to.into())),
            Self::Icmp { kind, code } | Self::Icmpv6 { kind, code } => Some((kind.into(), code.into())),
        }
    }

    /// Whether a TCP connection to this port is meant.
    #[must_use]
    pub const fn is_tcp_to(self, port: u16) -> bool {
        match self {
            Self::All => true,
            Self::Tcp(range) => range.contains(port),
            Self::Udp(_) | Self::Icmp { .. } | Self::Icmpv6 { .. } | Self::Other(_) => false,
        }
    }
}

impl fmt::Display for Traffic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::All => f.write_str("all traffic"),
            Self::Tcp(range) => write!(f, "tcp/{range}"),
            Self::Udp(range) => write!(f, "udp/{range}"),
            Self::Icmp { .. } => f.write_str("icmp"),
            Self::Icmpv6 { .. } => f.write_str("icmpv6"),
            Self::Other(number) => write!(f, "protocol {number}"),
        }
    }
}

/// EC2 ignores ports with such a protocol; here what would be ignored is refused.
fn no_ports(protocol: &str, from: Option<i64>, to: Option<i64>, traffic: Traffic) -> Result<Traffic, NetworkError> {
    match (from, to) {
        (None, None) | (Some(-1 | 0), Some(-1 | 65535)) => Ok(traffic),
        _ => Err(NetworkError::InvalidValue(format!(
            "Protocol {protocol} has no ports: a rule for it is for all of its traffic. Leave out FromPort and ToPort."
        ))),
    }
}

fn ports(from: Option<i64>, to: Option<i64>) -> Result<PortRange, NetworkError> {
    let (Some(from), Some(to)) = (from, to) else {
        let text = "Invalid value 'Must specify both from and to ports with TCP/UDP.' for portRange.";
        return Err(NetworkError::InvalidValue(text.to_owned()));
    };
    let port = |number: i64| {
        u16::try_from(number).map_err(|_| NetworkError::InvalidValue(format!("Invalid TCP/UDP port number ({number})")))
    };
    let range = PortRange { from: port(from)?, to: port(to)? };
    if range.from > range.to {
        return Err(NetworkError::InvalidValue(format!("Invalid TCP/UDP port range ({from}:{to})")));
    }
    Ok(range)
}

fn icmp(kind: Option<i64>, code: Option<i64>) -> Result<(i16, i16), NetworkError> {
    let (Some(kind), Some(code)) = (kind, code) else {
        let text = "Invalid value 'Must specify both type and code with ICMP.' for icmpTypeCode.";
        return Err(NetworkError::InvalidValue(text.to_owned()));
    };
    let legal = (-1..=255).contains(&kind) && (-1..=255).contains(&code) && (kind >= 0 || code < 0);
    let read = i16::try_from(kind).ok().zip(i16::try_from(code).ok()).filter(|_| legal);
    read.ok_or_else(|| NetworkError::InvalidValue(format!("ICMP type {kind} and code {code} are not valid")))
}

/// Whom a rule is for (of an inbound rule: where the traffic comes from).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub enum Source {
    V4(Ipv4Net),
    V6(Ipv6Net),
    /// Members of a security group. A database client has none, so such a rule admits nobody who connects.
    Group(SecurityGroupId),
}

impl Source {
    /// # Errors
    /// [`NetworkError::InvalidValue`] where it is no IPv4 block.
    pub fn v4(text: &str) -> Result<Self, NetworkError> {
        cidr::ipv4(text).map(Self::V4)
    }

    /// # Errors
    /// [`NetworkError::InvalidValue`] where it is no IPv6 block.
    pub fn v6(text: &str) -> Result<Self, NetworkError> {
        cidr::ipv6(text).map(Self::V6)
    }

    /// Whether this address is meant. `address` is canonical: IPv4 is never written as IPv6.
    #[must_use]
    pub fn contains(&self, address: IpAddr) -> bool {
        match (self, address) {
            (Self::V4(net), IpAddr::V4(address)) => net.contains(&address),
            (Self::V6(net), IpAddr::V6(address)) => net.contains(&address),
            (Self::V4(_), IpAddr::V6(_)) | (Self::V6(_), IpAddr::V4(_)) | (Self::Group(_), _) => false,
        }
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::V4(net) => net.fmt(f),
            Self::V6(net) => net.fmt(f),
            Self::Group(group) => group.fmt(f),
        }
    }
}

impl From<Source> for String {
    fn from(source: Source) -> Self {
        source.to_string()
    }
}

impl TryFrom<String> for Source {
    type Error = NetworkError;

    fn try_from(text: String) -> Result<Self, NetworkError> {
        if text.starts_with("sg-") {
            return Ok(Self::Group(SecurityGroupId::new(text)));
        }
        if text.contains(':') { Self::v6(&text) } else { Self::v4(&text) }
    }
}

/// What a rule permits. A group has each at most once in a direction.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Permission {
    pub traffic: Traffic,
    pub source: Source,
}

impl fmt::Display for Permission {
    /// In the words of EC2's `InvalidPermission.Duplicate`: `peer: 10.0.0.0/8, TCP, from port: 5439, to port: 5439, ALLOW`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "peer: {}, ", self.source)?;
        if self.traffic == Traffic::All {
            return f.write_str("ALL, ALLOW");
        }
        write!(f, "{}", self.traffic.protocol().to_ascii_uppercase())?;
        if let Some((from, to)) = self.traffic.ports() {
            write!(f, ", from port: {from}, to port: {to}")?;
        }
        f.write_str(", ALLOW")
    }
}

/// A rule that there is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rule {
    pub id: RuleId,
    pub direction: Direction,
    pub permission: Permission,
    pub description: Option<String>,
    #[serde(default)]
    pub tags: BTreeMap<String, String>,
}

/// A rule to make.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewRule {
    pub permission: Permission,
    pub description: Option<String>,
}

#[cfg(test)]
mod tests;
