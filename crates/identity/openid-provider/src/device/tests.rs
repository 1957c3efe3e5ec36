//! User codes, and what a device is told.

use time::macros::datetime;

use super::*;

const NOW: OffsetDateTime = datetime!(2026-01-02 03:04:05 UTC);
const FIRST: Pace = Pace { interval: Duration::seconds(5), last: None };

fn device(state: DeviceState) -> StoredDevice {
    StoredDevice {
        hash: SecretHash::of_text("device"),
        user_code: SecretHash::of_text("BCDFGHJK"),
        application: SsoApplicationId::new("app-1"),
        scopes: BTreeSet::from([Scope::OpenId]),
        created: NOW,
        expires: NOW + Duration::minutes(10),
        state,
    }
}

fn told(state: DeviceState, pace: Pace, seconds: i64) -> (DeviceDecision, Pace) {
    decide(&device(state), pace, &SsoApplicationId::new("app-1"), NOW + Duration::seconds(seconds))
}

#[test]
fn user_codes_have_no_vowels_and_no_look_alikes() {
    let code = user_code().into_exposed();
    let (left, right) = code.split_once('-').unwrap();
    assert_eq!((left.len(), right.len()), (4, 4));
    assert!(ALPHABET.iter().all(|letter| !b"AEIOUY01OI".contains(letter)));
    assert!(20_f64.powi(i32::try_from(LETTERS).unwrap()).log2() > 34.0);
    assert_eq!(normalised(&code), Some(code.replace('-', "")));
    assert_ne!(user_code().into_exposed(), code);
}

#[test]
fn a_user_code_is_read_as_people_type_it() {
    let read = Some("BCDFGHJK".to_owned());
    for typed in ["BCDF-GHJK", "bcdfghjk", " bcdf ghjk ", "BCDF--GHJK"] {
        assert_eq!(normalised(typed), read, "{typed}");
    }
    for typed in ["", "BCDF-GHJ", "BCDF-GHJKL", "ACDF-GHJK", "BCDF-GHJ1", "ßBCDFGH"] {
        assert_eq!(normalised(typed), None, "{typed}");
    }
}

#[test]
fn a_device_that_asks_too_fast_must_slow_down_and_stays_slow() {
    let (told_first, pace) = told(DeviceState::Pending, FIRST, 0);
    assert_eq!(told_first, DeviceDecision::Pending);
    let (too_fast, pace) = told(DeviceState::Pending, pace, 4);
    assert_eq!((too_fast, pace.interval), (DeviceDecision::SlowDown, Duration::seconds(10)));
    let (still, pace) = told(DeviceState::Pending, pace, 13);
    assert_eq!((still, pace.interval), (DeviceDecision::SlowDown, Duration::seconds(15)));
    assert_eq!(told(DeviceState::Pending, pace, 28).0, DeviceDecision::Pending);
}

#[test]
fn a_device_is_told_what_the_person_said() {
    let grant = GrantId::new("g-1");
    assert_eq!(told(DeviceState::Approved(grant.clone()), FIRST, 1).0, DeviceDecision::Issue(grant.clone()));
    assert_eq!(told(DeviceState::Denied, FIRST, 1).0, DeviceDecision::Denied);
    assert_eq!(told(DeviceState::Redeemed(grant.clone()), FIRST, 1).0, DeviceDecision::Replayed(grant));
}

#[test]
fn a_request_that_was_sent_twice_at_once_is_no_theft_and_one_that_comes_later_is() {
    let grant = GrantId::new("g-1");
    let (first, pace) = told(DeviceState::Approved(grant.clone()), FIRST, 1);
    assert_eq!(first, DeviceDecision::Issue(grant.clone()));
    let (twin, pace) = told(DeviceState::Redeemed(grant.clone()), pace, 1);
    assert_eq!(twin, DeviceDecision::SlowDown);
    assert_eq!(told(DeviceState::Redeemed(grant.clone()), pace, 11).0, DeviceDecision::Replayed(grant.clone()));
    assert_eq!(told(DeviceState::Redeemed(grant.clone()), pace, 601).0, DeviceDecision::Replayed(grant));
}

#[test]
fn a_device_code_expires_after_ten_minutes() {
    assert_eq!(told(DeviceState::Pending, FIRST, 600).0, DeviceDecision::Expired);
    assert_eq!(told(DeviceState::Approved(GrantId::new("g-1")), FIRST, 600).0, DeviceDecision::Expired);
}

#[test]
fn a_device_code_is_bound_to_its_client() {
    let approved = device(DeviceState::Approved(GrantId::new("g-1")));
    assert_eq!(decide(&approved, FIRST, &SsoApplicationId::new("app-2"), NOW).0, DeviceDecision::OtherClient);
}

#[test]
fn every_state_is_read_as_it_was_written() {
    let grant = GrantId::new("g-1");
    for state in
        [DeviceState::Pending, DeviceState::Denied, DeviceState::Approved(grant.clone()), DeviceState::Redeemed(grant)]
    {
        assert_eq!(DeviceState::parse(state.name(), state.grant().cloned()), Some(state));
    }
    assert_eq!(DeviceState::parse("approved", None), None);
}
