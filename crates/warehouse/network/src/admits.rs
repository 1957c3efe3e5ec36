//! Whether a connection is admitted by the security groups of a warehouse.

use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;

use base::Checks;
use base::id::SecurityGroupId;

use crate::{Direction, Rule, RuleId, SecurityGroup, Source, Traffic};

/// The decision, with its reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Admission {
    /// By the first rule that admits it.
    Admitted {
        group: SecurityGroupId,
        rule: RuleId,
        traffic: Traffic,
        source: Source,
    },
    Refused(Refusal),
}

/// Why not. Everybody is refused whom no rule admits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// Canonical: IPv4 is never written as IPv6.
    pub peer: IpAddr,
    /// The cluster's or workgroup's.
    pub port: u16,
    /// Those that were asked.
    pub groups: Vec<SecurityGroupId>,
    pub nearest: Nearest,
}

/// The inbound rule that comes nearest to admitting the connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Nearest {
    /// It admits the address, on other ports.
    OtherPorts { group: SecurityGroupId, rule: RuleId, traffic: Traffic, source: Source },
    /// It admits the port, from other addresses.
    OtherAddresses { group: SecurityGroupId, rule: RuleId, source: Source },
    /// It admits the port, from the members of a security group: a client of a database is in none.
    Members { group: SecurityGroupId, rule: RuleId, of: SecurityGroupId },
    /// There is none.
    Nothing,
}

/// Decides: an inbound rule of one of the groups must admit TCP to this port from this address. `port` is the endpoint's, whichever
/// listener the connection came in at. An IPv4 address that is written as IPv6 (`::ffff:10.0.0.1`) is what it is as IPv4.
#[must_use]
pub fn admits(groups: &[Arc<SecurityGroup>], port: u16, peer: IpAddr) -> Admission {
    let peer = peer.to_canonical();
    let mut nearest = Nearest::Nothing;
    for (group, rule) in groups.iter().flat_map(|group| group.rules.iter().map(move |rule| (&group.id, rule))) {
        match rule.direction {
            Direction::Ingress => {}
            Direction::Egress => continue,
        }
        let (traffic, source) = (rule.permission.traffic, rule.permission.source.clone());
        let (group, id) = (group.clone(), rule.id.clone());
        if traffic.is_tcp_to(port) && source.contains(peer) {
            return Admission::Admitted { group, rule: id, traffic, source };
        }
        let candidate = near(group, rule, port, peer);
        if candidate.rank() > nearest.rank() {
            nearest = candidate;
        }
    }
    let groups = groups.iter().map(|group| group.id.clone()).collect();
    Admission::Refused(Refusal { peer, port, groups, nearest })
}

fn near(group: SecurityGroupId, rule: &Rule, port: u16, peer: IpAddr) -> Nearest {
    let (traffic, source, rule) = (rule.permission.traffic, rule.permission.source.clone(), rule.id.clone());
    if source.contains(peer) {
        return Nearest::OtherPorts { group, rule, traffic, source };
    }
    match source {
        Source::Group(of) if traffic.is_tcp_to(port) => Nearest::Members { group, rule, of },
        Source::V4(_) | Source::V6(_) if traffic.is_tcp_to(port) => Nearest::OtherAddresses { group, rule, source },
        Source::V4(_) | Source::V6(_) | Source::Group(_) => Nearest::Nothing,
    }
}

impl Nearest {
    const fn rank(&self) -> u8 {
        match self {
            Self::OtherPorts { traffic: Traffic::Tcp(_), .. } => 4,
            Self::OtherPorts { .. } => 3,
            Self::OtherAddresses { .. } => 2,
            Self::Members { .. } => 1,
            Self::Nothing => 0,
        }
    }
}

impl fmt::Display for Nearest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::OtherPorts { group, rule, traffic, source } => {
                write!(f, "rule {rule} of {group} admits {source}, but {traffic} only")
            }
            Self::OtherAddresses { group, rule, source } => {
                write!(f, "rule {rule} of {group} admits the port, but from {source} only")
            }
            Self::Members { group, rule, of } => write!(
                f,
                "rule {rule} of {group} admits the port, but to members of {of} only, and a database client is in no security \
                 group"
            ),
            Self::Nothing => f.write_str("no inbound rule comes near it"),
        }
    }
}

impl Refusal {
    /// Two sentences for people: what is missing, and what there is instead.
    #[must_use]
    pub fn reason(&self) -> String {
        let Self { peer, port, nearest, .. } = self;
        match self.groups.as_slice() {
            [] => format!("No security group admits {peer} on port {port}: there is none."),
            groups => {
                let groups = groups.iter().map(SecurityGroupId::as_str).collect::<Vec<_>>().join(", ");
                format!("No inbound rule of {groups} admits {peer} on port {port}: {nearest}.")
            }
        }
    }

    /// The check as `gatehouse explain` shows it.
    #[must_use]
    pub fn checks(&self) -> Checks {
        let mut checks = Checks::default();
        let expected = format!("an inbound rule for tcp/{} from {}", self.port, self.peer);
        checks.note("network rule", &expected, &self.nearest.to_string(), false);
        checks
    }

    /// The command that would admit this address. `None` where there is no group to put a rule into.
    #[must_use]
    pub fn mend(&self) -> Option<String> {
        let group = self.groups.first()?;
        let port = self.port;
        let authorize = format!("aws ec2 authorize-security-group-ingress --group-id {group}");
        Some(match self.peer {
            IpAddr::V4(peer) => format!("{authorize} --protocol tcp --port {port} --cidr {peer}/32"),
            IpAddr::V6(peer) => format!(
                "{authorize} --ip-permissions 'IpProtocol=tcp,FromPort={port},ToPort={port},Ipv6Ranges=[{{CidrIpv6={peer}/128}}]'"
            ),
        })
    }
}

impl Admission {
    /// Which rule admits it, for the record of the connection; or why it is refused.
    #[must_use]
    pub fn explanation(&self) -> String {
        match self {
            Self::Admitted { group, rule, traffic, source } => format!("{rule} of {group}: {traffic} from {source}"),
            Self::Refused(refusal) => refusal.nearest.to_string(),
        }
    }
}

#[cfg(test)]
mod tests;
