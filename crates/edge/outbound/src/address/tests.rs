use super::*;

fn check(address: &str, expected: Reach) {
    assert_eq!(reach(address.parse().unwrap()), expected, "{address}");
}

#[test]
fn addresses_of_this_machine_are_loopback_however_they_are_written() {
    for address in ["127.0.0.1", "127.255.255.254", "::1", "::ffff:127.0.0.1", "64:ff9b::127.0.0.1"] {
        check(address, Reach::Loopback);
    }
}

#[test]
fn addresses_of_companies_are_private() {
    for address in [
        "10.0.0.1",
        "172.16.0.1",
        "172.31.255.255",
        "192.168.1.1",
        "100.64.0.1",
        "100.127.255.255",
        "fc00::1",
        "fdff::1",
        "::ffff:10.1.2.3",
        "64:ff9b::a00:1",
    ] {
        check(address, Reach::Private);
    }
}

#[test]
fn metadata_link_local_multicast_and_reserved_addresses_are_nobodys() {
    for address in [
        "169.254.169.254",
        "::ffff:169.254.169.254",
        "fe80::1",
        "fd00:ec2::254",
        "100.100.100.200",
        "168.63.129.16",
        "192.0.0.192",
        "0.0.0.0",
        "::",
        "224.0.0.1",
        "255.255.255.255",
        "240.0.0.1",
        "ff02::1",
        "192.0.2.1",
        "198.51.100.7",
        "203.0.113.7",
        "198.18.0.1",
        "192.88.99.1",
        "2001:db8::1",
        "2001::1",
        "2002:a00:1::",
        "3fff::1",
        "fec0::1",
        "64:ff9b:1::1",
        "::127.0.0.1",
    ] {
        check(address, Reach::Never);
    }
}

#[test]
fn other_addresses_are_public() {
    for address in ["1.1.1.1", "172.32.0.1", "100.128.0.1", "192.0.1.1", "2606:4700::1111", "2001:4860:4860::8888"] {
        check(address, Reach::Public);
    }
}

#[test]
fn a_private_network_is_a_choice_and_nobodys_addresses_arent_in_it() {
    for (kind, public, private) in [
        (Reach::Public, true, true),
        (Reach::Loopback, false, true),
        (Reach::Private, false, true),
        (Reach::Never, false, false),
    ] {
        assert_eq!((kind.is_within(Network::Public), kind.is_within(Network::Private)), (public, private), "{kind:?}");
    }
}
