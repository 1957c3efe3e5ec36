use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use time::{Duration, OffsetDateTime};

use super::{ADDRESSES_MAX, REFUSED_MAX, Strangers, Tries, WINDOW, decide};

const NOW: OffsetDateTime = OffsetDateTime::UNIX_EPOCH;

fn address(text: &str) -> IpAddr {
    text.parse().unwrap()
}

fn exhaust(strangers: &Strangers, address: IpAddr, now: OffsetDateTime) {
    for _ in 0..REFUSED_MAX {
        assert!(strangers.admit(address, now));
    }
    assert!(!strangers.admit(address, now));
}

#[test]
fn the_rule() {
    let known = |count| Some(Tries { began: NOW, count });
    let (within, after) = (NOW + WINDOW - Duration::SECOND, NOW + WINDOW);
    for (tries, now, admitted, count) in [
        (None, NOW, true, 1),
        (known(1), within, true, 2),
        (known(REFUSED_MAX - 1), within, true, REFUSED_MAX),
        (known(REFUSED_MAX), within, false, REFUSED_MAX),
        (known(REFUSED_MAX), after, true, 1),
        (known(REFUSED_MAX), NOW - Duration::SECOND, true, 1),
    ] {
        let (decided, next) = decide(tries, now);
        assert_eq!((decided, next.count), (admitted, count), "{tries:?} at {now}");
    }
}

#[test]
fn an_address_that_is_refused_too_often_waits_and_no_other_does() {
    let strangers = Strangers::default();
    exhaust(&strangers, address("192.0.2.1"), NOW);
    assert!(!strangers.admit(address("::ffff:192.0.2.1"), NOW));
    assert!(strangers.admit(address("192.0.2.2"), NOW));
    assert!(strangers.admit(address("192.0.2.1"), NOW + WINDOW));
    exhaust(&strangers, address("2001:db8::1"), NOW);
    assert!(!strangers.admit(address("2001:db8::2"), NOW));
    assert!(strangers.admit(address("2001:db8:0:1::1"), NOW));
}

#[test]
fn what_is_not_refused_does_not_count() {
    let strangers = Strangers::default();
    for _ in 0..REFUSED_MAX * 2 {
        assert!(strangers.admit(address("192.0.2.1"), NOW));
        strangers.forgive(address("192.0.2.1"));
    }
    assert!(strangers.kept().tries.is_empty());
    strangers.forgive(address("192.0.2.1"));
}

#[test]
fn many_addresses_fill_no_memory_and_keep_nobody_out() {
    let strangers = Strangers::default();
    let nth = |number: u32| IpAddr::V4(Ipv4Addr::from_bits(number));
    let all = u32::try_from(ADDRESSES_MAX).unwrap();
    for number in 0..all {
        assert!(strangers.admit(nth(number), NOW));
    }
    let another = IpAddr::V6(Ipv6Addr::LOCALHOST);
    for _ in 0..REFUSED_MAX * 2 {
        assert!(strangers.admit(another, NOW));
    }
    assert_eq!(strangers.kept().tries.len(), ADDRESSES_MAX);
    exhaust(&strangers, another, NOW + WINDOW);
    assert_eq!(strangers.kept().tries.len(), 1);
}
