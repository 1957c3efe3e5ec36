//! What there is before anybody made anything: the default virtual network with its subnets and its security group.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, Ipv6Addr};
use std::sync::Arc;

use base::id::{SecurityGroupId, SubnetId, VpcId};
use ipnet::{Ipv4Net, Ipv6Net};
use time::OffsetDateTime;

use crate::model::DEFAULT_GROUP;
use crate::{
    Direction, NetworkError, NetworkWrite, Permission, PortRange, Rule, RuleId, SecurityGroup, Source, Subnet, Traffic,
    Vpc, Zone,
};

/// What the internet doesn't route: whoever is there is in one's own network. The same addresses reach a cluster that isn't
/// publicly accessible (`control::reach`).
const PRIVATE: [(&str, &str); 9] = [
    ("127.0.0.0/8", "this machine"),
    ("10.0.0.0/8", "private network (RFC 1918)"),
    ("172.16.0.0/12", "private network (RFC 1918)"),
    ("192.168.0.0/16", "private network (RFC 1918)"),
    ("169.254.0.0/16", "link-local (RFC 3927)"),
    ("100.64.0.0/10", "shared address space (RFC 6598)"),
    ("::1/128", "this machine"),
    ("fc00::/7", "private network (RFC 4193)"),
    ("fe80::/10", "link-local (RFC 4291)"),
];

/// `vpc-`, `subnet-`, `sg-` or `sgr-` and 17 hex digits.
pub(crate) fn id(prefix: &str) -> String {
    let digits: String = base::random::hex::<9>().chars().take(17).collect();
    format!("{prefix}-{digits}")
}

/// A unique-local /56 that nobody else has (RFC 4193 3.2).
pub(crate) fn unique_local() -> Result<Ipv6Net, NetworkError> {
    let [a, b, c, d, e, f] = base::random::bytes::<6>();
    let address = Ipv6Addr::from([0xfd, a, b, c, d, e, f, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    Ipv6Net::new(address, 56).map_err(|error| NetworkError::InvalidValue(error.to_string()))
}

/// The default network and everything in it.
pub(crate) fn everything(zones: &[Zone], now: OffsetDateTime) -> Result<Vec<NetworkWrite>, NetworkError> {
    let vpc = Vpc {
        id: VpcId::new(id("vpc")),
        cidr: net(Ipv4Addr::new(172, 31, 0, 0), 16)?,
        ipv6: Some(unique_local()?),
        is_default: true,
        tags: BTreeMap::new(),
        created: now,
    };
    let mut writes = vec![NetworkWrite::PutVpc(vpc.clone())];
    for (number, zone) in (0_u8..).zip(zones) {
        writes.push(NetworkWrite::PutSubnet(Subnet {
            id: SubnetId::new(id("subnet")),
            vpc: vpc.id.clone(),
            cidr: net(Ipv4Addr::new(172, 31, number.saturating_mul(16), 0), 20)?,
            ipv6: vpc.ipv6.and_then(|block| nth_subnet(block, number)),
            zone: zone.name.clone(),
            default_for_zone: true,
            tags: BTreeMap::new(),
            created: now,
        }));
    }
    let mut group = default_group(&vpc.id, vpc.ipv6.is_some(), now)?;
    group.rules.extend(private()?.into_iter().map(Arc::new));
    writes.push(NetworkWrite::PutGroup(group));
    Ok(writes)
}

/// The security group that a new network comes with: its members reach each other, and it lets everything out (EC2 "Default
/// security groups").
pub(crate) fn default_group(vpc: &VpcId, ipv6: bool, now: OffsetDateTime) -> Result<SecurityGroup, NetworkError> {
    let group = SecurityGroupId::new(id("sg"));
    let members = Permission { traffic: Traffic::All, source: Source::Group(group.clone()) };
    let mut rules = vec![Arc::new(rule(Direction::Ingress, members, None))];
    rules.extend(outbound(ipv6)?.into_iter().map(Arc::new));
    Ok(SecurityGroup {
        id: group,
        vpc: vpc.clone(),
        name: DEFAULT_GROUP.to_owned(),
        description: "default VPC security group".to_owned(),
        rules,
        tags: BTreeMap::new(),
        created: now,
    })
}

/// The outbound rules that a new group begins with.
pub(crate) fn outbound(ipv6: bool) -> Result<Vec<Rule>, NetworkError> {
    let mut sources = vec![Source::v4("0.0.0.0/0")?];
    if ipv6 {
        sources.push(Source::v6("::/0")?);
    }
    let everything = |source| rule(Direction::Egress, Permission { traffic: Traffic::All, source }, None);
    Ok(sources.into_iter().map(everything).collect())
}

fn private() -> Result<Vec<Rule>, NetworkError> {
    let read = |(cidr, whose): (&str, &str)| {
        let permission =
            Permission { traffic: Traffic::Tcp(PortRange::ALL), source: Source::try_from(cidr.to_owned())? };
        Ok(rule(Direction::Ingress, permission, Some(format!("Made by Gatehouse: {whose}"))))
    };
    PRIVATE.into_iter().map(read).collect()
}

fn rule(direction: Direction, permission: Permission, description: Option<String>) -> Rule {
    Rule { id: RuleId::new(id("sgr")), direction, permission, description, tags: BTreeMap::new() }
}

fn net(address: Ipv4Addr, prefix: u8) -> Result<Ipv4Net, NetworkError> {
    Ipv4Net::new(address, prefix).map_err(|error| NetworkError::InvalidValue(error.to_string()))
}

/// A /64 of a /56.
fn nth_subnet(block: Ipv6Net, number: u8) -> Option<Ipv6Net> {
    block.subnets(64).ok()?.nth(usize::from(number))
}
