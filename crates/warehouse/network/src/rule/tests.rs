use base::id::SecurityGroupId;

use super::{Direction, Permission, PortRange, Rule, RuleId, Source, Traffic};

#[test]
fn protocols_are_read_by_name_and_by_number() {
    let redshift = Traffic::Tcp(PortRange { from: 5439, to: 5439 });
    for (protocol, from, to, expected) in [
        ("tcp", Some(5439), Some(5439), redshift),
        ("6", Some(5439), Some(5439), redshift),
        ("TCP", Some(0), Some(65535), Traffic::Tcp(PortRange::ALL)),
        ("17", Some(53), Some(53), Traffic::Udp(PortRange { from: 53, to: 53 })),
        ("-1", None, None, Traffic::All),
        ("-1", Some(-1), Some(-1), Traffic::All),
        ("icmp", Some(-1), Some(-1), Traffic::Icmp { kind: -1, code: -1 }),
        ("icmpv6", None, None, Traffic::Icmpv6 { kind: -1, code: -1 }),
        ("50", None, None, Traffic::Other(50)),
    ] {
        assert_eq!(Traffic::read(protocol, from, to).unwrap(), expected, "{protocol}");
    }
}

#[test]
fn what_would_be_ignored_or_never_match_is_refused() {
    for (protocol, from, to) in [
        ("tcp", None, None),
        ("tcp", Some(5439), None),
        ("tcp", Some(5440), Some(5439)),
        ("tcp", Some(-1), Some(-1)),
        ("udp", Some(0), Some(65536)),
        ("-1", Some(5439), Some(5439)),
        ("50", Some(1), Some(2)),
        ("icmp", None, None),
        ("icmp", Some(-1), Some(3)),
        ("icmp", Some(256), Some(0)),
        ("256", None, None),
        ("redshift", Some(5439), Some(5439)),
        ("", None, None),
    ] {
        assert!(Traffic::read(protocol, from, to).is_err(), "{protocol} {from:?} {to:?}");
    }
}

#[test]
fn only_tcp_and_all_traffic_reach_a_port() {
    let range = PortRange { from: 5439, to: 5440 };
    for (traffic, port, expected) in [
        (Traffic::All, 1, true),
        (Traffic::Tcp(range), 5439, true),
        (Traffic::Tcp(range), 5440, true),
        (Traffic::Tcp(range), 5441, false),
        (Traffic::Udp(range), 5439, false),
        (Traffic::Icmp { kind: -1, code: -1 }, 5439, false),
        (Traffic::Other(47), 5439, false),
    ] {
        assert_eq!(traffic.is_tcp_to(port), expected, "{traffic} {port}");
    }
}

#[test]
fn a_rule_is_stored_and_read_back() {
    for source in [
        Source::v4("10.0.0.0/8").unwrap(),
        Source::v6("2001:db8::/32").unwrap(),
        Source::Group(SecurityGroupId::new("sg-0123456789abcdef0")),
    ] {
        let rule = Rule {
            id: RuleId::new("sgr-1"),
            direction: Direction::Ingress,
            permission: Permission { traffic: Traffic::Tcp(PortRange { from: 5439, to: 5439 }), source },
            description: Some("VPN".to_owned()),
            tags: [("team".to_owned(), "data".to_owned())].into(),
        };
        let text = serde_json::to_string(&rule).unwrap();
        assert_eq!(serde_json::from_str::<Rule>(&text).unwrap(), rule, "{text}");
    }
}

#[test]
fn a_permission_is_shown_in_ec2s_words() {
    let source = Source::v4("10.0.0.0/8").unwrap();
    let permission = Permission { traffic: Traffic::Tcp(PortRange { from: 5439, to: 5439 }), source: source.clone() };
    assert_eq!(permission.to_string(), "peer: 10.0.0.0/8, TCP, from port: 5439, to port: 5439, ALLOW");
    assert_eq!(Permission { traffic: Traffic::All, source }.to_string(), "peer: 10.0.0.0/8, ALL, ALLOW");
}
