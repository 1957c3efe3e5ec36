use proptest::prelude::*;

use super::{Decimal, address, binary, boolean, date, network};

#[test]
fn numbers_have_digits_and_perhaps_a_point() {
    for text in ["", "-", "+", ".", ".5", "5.", "1e3", " 5", "5 ", "0x5", "--5", "1.2.3", "٥", "1_000", "NaN"] {
        assert_eq!(Decimal::parse(text), None, "{text}");
    }
    let ordered = ["-100", "-2.50", "-2.5", "-0.1", "-0", "+0.0", "0.09", "0.1", "1", "01.0", "9", "10", "10.01"];
    let same = [("-2.50", "-2.5"), ("-0", "+0.0"), ("1", "01.0")];
    for pair in ordered.windows(2) {
        let (less, more) = (Decimal::parse(pair[0]).unwrap(), Decimal::parse(pair[1]).unwrap());
        assert_eq!(less == more, same.contains(&(pair[0], pair[1])), "{pair:?}");
        assert!(less <= more, "{pair:?}");
    }
}

proptest! {
    #[test]
    fn numbers_are_ordered_as_integers_are(one in any::<i64>(), other in any::<i64>()) {
        let decimal = |number: i64| Decimal::parse(&number.to_string()).unwrap();
        prop_assert_eq!(decimal(one).cmp(&decimal(other)), one.cmp(&other));
    }

    #[test]
    fn whatever_is_given_is_read_or_not(text in ".{0,30}") {
        let _ = (Decimal::parse(&text), date(&text), boolean(&text), network(&text), address(&text), binary(&text));
    }
}

#[test]
fn times_are_read_as_iso_8601_and_as_seconds() {
    let seconds = |text: &str| date(text).map(|time| time.unix_timestamp_nanos());
    for (text, nanos) in [
        ("1970", 0),
        ("1970-01-01", 0),
        ("1970-01-01T00:00Z", 0),
        ("1970-01-01T01:00:00+01:00", 0),
        ("1970-01-01T00:00:00.25Z", 250_000_000),
        ("0", 0),
        ("-1", -1_000_000_000),
        ("-0.5", -500_000_000),
        ("1.5", 1_500_000_000),
        ("12345", 12_345_000_000_000),
        ("1970-02", 2_678_400_000_000_000),
    ] {
        assert_eq!(seconds(text), Some(nanos), "{text}");
    }
    for text in [
        "",
        "x",
        "T",
        "19700101",
        "1970-1-1",
        "1970-00-01",
        "1970-02-30",
        "1970-01-01T00:00:00",
        "1970-01-01 00:00:00Z",
        "1970-01-01T24:01:00Z",
        "1970-01-01T00Z",
        "1970-01-01-01",
        "99999999999999",
        "é-01",
    ] {
        assert!(date(text).is_none() || text == "19700101", "{text}");
    }
}

#[test]
fn addresses_and_networks() {
    assert!(network("10.0.0.0/8").unwrap().contains(&address("10.9.9.9").unwrap()));
    assert!(network("::ffff:10.0.0.0/104").unwrap().contains(&address("::ffff:10.9.9.9").unwrap()));
    assert!(!network("::/0").unwrap().contains(&address("::ffff:10.9.9.9").unwrap()));
    for text in ["", "10", "10.0.0", "010.0.0.1", "10.0.0.0/", "10.0.0.0/33", "::/129", "10.0.0.0/-1", "10.0.0.1 "] {
        assert_eq!(network(text), None, "{text}");
    }
}
