use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::Arc;

use base::id::{SecurityGroupId, VpcId};
use proptest::prelude::*;
use time::OffsetDateTime;

use super::{Admission, Nearest, admits};
use crate::{Direction, Permission, PortRange, Rule, RuleId, SecurityGroup, Source, Traffic};

fn group(rules: Vec<Rule>) -> Arc<SecurityGroup> {
    Arc::new(SecurityGroup {
        id: SecurityGroupId::new("sg-1"),
        vpc: VpcId::new("vpc-1"),
        name: "vpn".to_owned(),
        description: "vpn".to_owned(),
        rules: rules.into_iter().map(Arc::new).collect(),
        tags: BTreeMap::new(),
        created: OffsetDateTime::UNIX_EPOCH,
    })
}

fn rule(direction: Direction, traffic: Traffic, source: &str) -> Rule {
    let permission = Permission { traffic, source: Source::try_from(source.to_owned()).unwrap() };
    Rule { id: RuleId::new("sgr-1"), direction, permission, description: None, tags: BTreeMap::new() }
}

const REDSHIFT: Traffic = Traffic::Tcp(PortRange { from: 5439, to: 5439 });

fn inbound(traffic: Traffic, source: &str) -> Rule {
    rule(Direction::Ingress, traffic, source)
}

#[track_caller]
fn check(rules: Vec<Rule>, port: u16, peer: &str) -> bool {
    matches!(admits(&[group(rules)], port, peer.parse().unwrap()), Admission::Admitted { .. })
}

#[test]
fn a_rule_admits_its_addresses_on_its_ports() {
    for (source, peer, expected) in [
        ("10.8.0.0/16", "10.8.200.1", true),
        ("10.8.0.0/16", "10.9.0.1", false),
        ("192.0.2.7/32", "192.0.2.7", true),
        ("192.0.2.7/32", "192.0.2.8", false),
        ("0.0.0.0/0", "203.0.113.9", true),
        ("2001:db8::/32", "2001:db8:1::1", true),
        ("2001:db8::/32", "2001:db9::1", false),
        ("::/0", "2600:1f18::1", true),
    ] {
        assert_eq!(check(vec![inbound(REDSHIFT, source)], 5439, peer), expected, "{source} {peer}");
        assert!(!check(vec![inbound(REDSHIFT, source)], 5493, peer), "{source} {peer}");
        assert!(!check(vec![rule(Direction::Egress, REDSHIFT, source)], 5439, peer), "outbound {source}");
    }
}

#[test]
fn an_ipv4_address_is_ipv4_however_it_is_written() {
    assert!(check(vec![inbound(REDSHIFT, "10.0.0.0/8")], 5439, "::ffff:10.1.2.3"));
    assert!(!check(vec![inbound(REDSHIFT, "::/0")], 5439, "::ffff:10.1.2.3"));
    assert!(!check(vec![inbound(REDSHIFT, "::/0")], 5439, "10.1.2.3"));
    assert!(!check(vec![inbound(REDSHIFT, "0.0.0.0/0")], 5439, "2001:db8::1"));
    // An IPv4 address inside of others is none: a translator (NAT64, 6to4) stands between.
    assert!(!check(vec![inbound(REDSHIFT, "10.0.0.0/8")], 5439, "64:ff9b::a00:1"));
}

#[test]
fn nobody_is_admitted_by_nothing() {
    assert!(!check(Vec::new(), 5439, "127.0.0.1"));
    let Admission::Refused(refusal) = admits(&[], 5439, Ipv4Addr::LOCALHOST.into()) else { panic!("admitted") };
    assert_eq!(refusal.mend(), None);
    assert_eq!(refusal.reason(), "No security group admits 127.0.0.1 on port 5439: there is none.");
}

#[test]
fn members_of_a_group_are_no_database_clients() {
    for peer in ["127.0.0.1", "172.31.0.5", "::1"] {
        assert!(!check(vec![inbound(Traffic::All, "sg-1")], 5439, peer));
    }
    let refused = admits(&[group(vec![inbound(REDSHIFT, "sg-2")])], 5439, Ipv4Addr::LOCALHOST.into());
    assert_eq!(
        refused.explanation(),
        "rule sgr-1 of sg-1 admits the port, but to members of sg-2 only, and a database client is in no security group"
    );
}

#[test]
fn the_rule_of_the_walkthrough_is_for_another_port_than_its_cluster_and_the_refusal_says_so() {
    let groups = [group(vec![inbound(REDSHIFT, "10.8.0.0/16")])];
    let Admission::Refused(refusal) = admits(&groups, 5493, "10.8.0.9".parse().unwrap()) else { panic!("admitted") };
    assert_eq!(
        refusal.reason(),
        "No inbound rule of sg-1 admits 10.8.0.9 on port 5493: rule sgr-1 of sg-1 admits 10.8.0.0/16, but tcp/5439 only."
    );
    assert_eq!(
        refusal.mend().unwrap(),
        "aws ec2 authorize-security-group-ingress --group-id sg-1 --protocol tcp --port 5493 --cidr 10.8.0.9/32"
    );
    let checks = refusal.checks();
    let failed = checks.failed().unwrap();
    assert_eq!(
        (failed.check.as_str(), failed.expected.as_str()),
        ("network rule", "an inbound rule for tcp/5493 from 10.8.0.9")
    );
}

#[test]
fn the_nearest_rule_is_told() {
    let peer: IpAddr = "10.8.0.9".parse().unwrap();
    let nearest = |rules: Vec<Rule>| match admits(&[group(rules)], 5439, peer) {
        Admission::Refused(refusal) => refusal.nearest,
        Admission::Admitted { .. } => panic!("admitted"),
    };
    let other_port = || inbound(Traffic::Tcp(PortRange { from: 22, to: 22 }), "10.0.0.0/8");
    let other_address = || inbound(REDSHIFT, "192.0.2.0/24");
    assert!(matches!(nearest(vec![other_address(), other_port()]), Nearest::OtherPorts { .. }));
    assert!(matches!(nearest(vec![inbound(REDSHIFT, "sg-2"), other_address()]), Nearest::OtherAddresses { .. }));
    assert_eq!(nearest(vec![rule(Direction::Egress, REDSHIFT, "10.0.0.0/8")]), Nearest::Nothing);
}

#[test]
fn the_mend_for_an_ipv6_address_is_a_permission() {
    let Admission::Refused(refusal) = admits(&[group(Vec::new())], 5439, "2001:db8::1".parse().unwrap()) else {
        panic!("admitted")
    };
    let mend = refusal.mend().unwrap();
    assert!(
        mend.ends_with("'IpProtocol=tcp,FromPort=5439,ToPort=5439,Ipv6Ranges=[{CidrIpv6=2001:db8::1/128}]'"),
        "{mend}"
    );
}

/// Bit by bit: the first `prefix` bits of both are the same.
fn same_bits(one: &[u8], other: &[u8], prefix: u8) -> bool {
    let bit = |bytes: &[u8], at: usize| bytes[at / 8] >> (7 - at % 8) & 1;
    (0..usize::from(prefix)).all(|at| bit(one, at) == bit(other, at))
}

/// An independent decision over plain numbers.
fn naive(rules: &[(bool, (u16, u16), IpAddr, u8)], port: u16, peer: IpAddr) -> bool {
    let mut peer = peer;
    if let IpAddr::V6(v6) = peer
        && v6.octets()[..12] == [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff]
    {
        let [.., a, b, c, d] = v6.octets();
        peer = IpAddr::from([a, b, c, d]);
    }
    rules.iter().any(|(ingress, (from, to), address, prefix)| {
        let within = match (address, peer) {
            (IpAddr::V4(address), IpAddr::V4(peer)) => same_bits(&address.octets(), &peer.octets(), *prefix),
            (IpAddr::V6(address), IpAddr::V6(peer)) => same_bits(&address.octets(), &peer.octets(), *prefix),
            (IpAddr::V4(_), IpAddr::V6(_)) | (IpAddr::V6(_), IpAddr::V4(_)) => false,
        };
        *ingress && *from <= port && port <= *to && within
    })
}

/// Addresses that differ in few bits, so that prefixes of every length decide.
fn address() -> impl Strategy<Value = IpAddr> {
    let near_v4 = (0_u32..32, any::<bool>()).prop_map(|(bit, flip)| {
        let base = u32::from(Ipv4Addr::new(10, 8, 0, 9));
        IpAddr::V4(Ipv4Addr::from(if flip { base ^ (1 << bit) } else { base }))
    });
    let near_v6 = (0_u32..128, any::<bool>()).prop_map(|(bit, flip)| {
        let base = u128::from(Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 9));
        IpAddr::V6(Ipv6Addr::from(if flip { base ^ (1 << bit) } else { base }))
    });
    let mapped = near_v4.clone().prop_map(|address| match address {
        IpAddr::V4(v4) => IpAddr::V6(v4.to_ipv6_mapped()),
        IpAddr::V6(_) => address,
    });
    prop_oneof![near_v4, near_v6, mapped]
}

fn a_rule() -> impl Strategy<Value = (bool, (u16, u16), IpAddr, u8)> {
    let source = address().prop_flat_map(|address| {
        let address = address.to_canonical();
        (Just(address), 0..=(if address.is_ipv4() { 32_u8 } else { 128 }))
    });
    (any::<bool>(), 5437_u16..5442, 0_u16..3, source)
        .prop_map(|(ingress, from, more, (address, prefix))| (ingress, (from, from + more), address, prefix))
}

proptest! {
    #[test]
    fn admits_agrees_with_a_naive_decision(
        rules in prop::collection::vec(a_rule(), 0..6),
        port in 5437_u16..5444,
        peer in address(),
    ) {
        let made = rules.iter().map(|(ingress, (from, to), address, prefix)| {
            let direction = if *ingress { Direction::Ingress } else { Direction::Egress };
            rule(direction, Traffic::Tcp(PortRange { from: *from, to: *to }), &format!("{address}/{prefix}"))
        });
        let decision = admits(&[group(made.collect())], port, peer);
        let admitted = matches!(decision, Admission::Admitted { .. });
        prop_assert_eq!(admitted, naive(&rules, port, peer), "{:?}", decision);
    }
}
