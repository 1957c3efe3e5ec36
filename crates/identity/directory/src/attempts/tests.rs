use std::net::Ipv4Addr;

use super::*;

const START: OffsetDateTime = OffsetDateTime::UNIX_EPOCH;

fn after(failures: u32, seconds: i64) -> AttemptDecision {
    let history = AttemptHistory { failures, last_failure: START };
    decide(&ACCOUNT, Some(&history), START + Duration::seconds(seconds))
}

fn wait(seconds: u64) -> AttemptDecision {
    AttemptDecision::Wait { retry_after_seconds: seconds }
}

#[test]
fn the_delay_doubles_up_to_its_cap_and_ends() {
    let cases = [
        (0, 0, AttemptDecision::Proceed),
        (9, 0, AttemptDecision::Proceed),
        (10, 0, wait(1)),
        (10, 1, AttemptDecision::Proceed),
        (11, 0, wait(2)),
        (14, 6, wait(10)),
        (18, 0, wait(256)),
        (19, 0, wait(300)),
        (u32::MAX, 0, wait(300)),
        (u32::MAX, 299, wait(1)),
        (u32::MAX, 300, AttemptDecision::Proceed),
    ];
    for (failures, seconds, expected) in cases {
        assert_eq!(after(failures, seconds), expected, "{failures} failures, {seconds} s later");
    }
    assert_eq!(decide(&ACCOUNT, None, START), AttemptDecision::Proceed);
}

#[test]
fn a_clock_set_back_does_not_lengthen_the_delay() {
    assert_eq!(after(u32::MAX, -100_000), wait(300));
}

#[test]
fn attempts_at_once_are_counted_before_their_outcome_is_known() {
    let mut attempts = Attempts::new(START);
    let attempt = Attempt::new("Ethan", IpAddr::V4(Ipv4Addr::LOCALHOST));
    for _ in 0..ACCOUNT.free_failures {
        assert_eq!(attempts.admit(&attempt, START), AttemptDecision::Proceed);
    }
    assert_eq!(attempts.admit(&attempt, START), wait(1));
    // the same account in other letters, from elsewhere
    let elsewhere = Attempt::new("eTHAN", IpAddr::V4(Ipv4Addr::new(192, 0, 2, 9)));
    assert_eq!(attempts.admit(&elsewhere, START), wait(1));
}

#[test]
fn a_success_frees_the_account_but_not_the_source() {
    let mut attempts = Attempts::new(START);
    let source = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1));
    for number in 0..SOURCE.free_failures {
        let victim = Attempt::new(&format!("victim{number}"), source);
        assert_eq!(attempts.admit(&victim, START), AttemptDecision::Proceed);
    }
    let own = Attempt::new("guesser", source);
    assert_eq!(attempts.admit(&own, START), wait(1));
    let later = START + Duration::SECOND;
    assert_eq!(attempts.admit(&own, later), AttemptDecision::Proceed);
    attempts.succeeded(&own);
    assert_eq!(attempts.accounts.history(&"guesser".to_owned()), None);
    assert_eq!(attempts.sources.history(&source).map(|history| history.failures), Some(SOURCE.free_failures));
}

#[test]
fn one_ipv6_network_is_one_source() {
    let a = Attempt::new("x", "2001:db8:1:2:3::4".parse().unwrap());
    let b = Attempt::new("x", "2001:db8:1:2:ffff::1".parse().unwrap());
    let c = Attempt::new("x", "2001:db8:1:3::1".parse().unwrap());
    assert_eq!(a.source, b.source);
    assert_ne!(a.source, c.source);
    assert_eq!(Attempt::new("x", "::ffff:192.0.2.1".parse().unwrap()).source, "192.0.2.1".parse::<IpAddr>().unwrap());
}

#[test]
fn the_memory_is_bounded_and_forgetting_is_by_generation() {
    let mut ledger = Ledger::new(SOURCE, START);
    for number in 0..=GENERATION {
        ledger.add_failure(&number, START);
    }
    assert_eq!(ledger.current.len(), 1);
    assert!(ledger.history(&0).is_some(), "the previous generation is still known");
    ledger.add_failure(&0, START);
    assert_eq!(ledger.history(&0).map(|history| history.failures), Some(2));
}
