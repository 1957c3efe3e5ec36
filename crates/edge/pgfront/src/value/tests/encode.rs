use bytes::BytesMut;
use proptest::prelude::*;
use query::{Column, Value, ValueType};

use super::{as_binary, as_text};
use crate::error::WireError;
use crate::value::{Format, IntervalLayout, binary, column_formats, is_sendable_as, numeric, put};

const DAY: i64 = 86_400_000_000;
/// 2024-01-01 00:00:00 UTC.
const NEW_YEAR: i64 = 19_723 * DAY;

fn check_texts(cases: &[(Value, &str)]) {
    for (value, expected) in cases {
        assert_eq!(as_text(value), *expected, "{value:?}");
    }
}

#[test]
fn plain_values_as_text() {
    check_texts(&[
        (Value::Bool(true), "t"),
        (Value::Bool(false), "f"),
        (Value::Int2(-1), "-1"),
        (Value::Int8(i64::MIN), "-9223372036854775808"),
        (Value::Text("é'\"".into()), "é'\""),
        (Value::Bytes(vec![0, 0xAB, 0xFF]), "00abff"),
    ]);
}

#[test]
fn floats_are_printed_as_postgresql_prints_them() {
    check_texts(&[
        (Value::Float8(0.1), "0.1"),
        (Value::Float8(1.0), "1"),
        (Value::Float8(-0.0), "-0"),
        (Value::Float8(0.1 + 0.2), "0.30000000000000004"),
        (Value::Float8(1e14), "100000000000000"),
        (Value::Float8(1e15), "1e+15"),
        (Value::Float8(1.5e300), "1.5e+300"),
        (Value::Float8(0.0001), "0.0001"),
        (Value::Float8(0.000_012), "1.2e-05"),
        (Value::Float8(f64::MIN_POSITIVE), "2.2250738585072014e-308"),
        (Value::Float4(123_456.0), "123456"),
        (Value::Float4(1_234_567.0), "1.234567e+06"),
        (Value::Float4(0.1), "0.1"),
        (Value::Float8(f64::NAN), "NaN"),
        (Value::Float8(f64::INFINITY), "Infinity"),
        (Value::Float4(f32::NEG_INFINITY), "-Infinity"),
    ]);
}

#[test]
fn numerics_keep_their_scale() {
    let numeric = |unscaled, scale| Value::Numeric { unscaled, scale };
    check_texts(&[
        (numeric(12_345, 2), "123.45"),
        (numeric(-5, 2), "-0.05"),
        (numeric(0, 2), "0.00"),
        (numeric(7, 0), "7"),
        (numeric(100, 2), "1.00"),
        (numeric(-99_999_999_999_999_999_999_999_999_999_999_999_999, 38), "-0.99999999999999999999999999999999999999"),
        (numeric(i128::MIN, 0), "-170141183460469231731687303715884105728"),
    ]);
}

#[test]
fn dates_and_times_as_iso_text() {
    check_texts(&[
        (Value::Date(0), "1970-01-01"),
        (Value::Date(19_782), "2024-02-29"),
        (Value::Date(-719_162), "0001-01-01"),
        (Value::Date(-719_163), "0001-12-31 BC"),
        (Value::Date(-2_440_588), "4714-11-24 BC"),
        (Value::Date(2_932_897), "10000-01-01"),
        (Value::Date(i32::MAX), "infinity"),
        (Value::Date(-i32::MAX), "-infinity"),
        (Value::Time(36_000_500_000), "10:00:00.5"),
        (Value::Time(DAY), "24:00:00"),
        (Value::TimeTz { micros: 36_000_000_000, offset_seconds: 7_200 }, "10:00:00+02"),
        (Value::TimeTz { micros: 0, offset_seconds: -19_800 }, "00:00:00-05:30"),
        (Value::TimeTz { micros: 0, offset_seconds: 1_172 }, "00:00:00+00:19:32"),
        (Value::Timestamp(NEW_YEAR + 36_000_500_000), "2024-01-01 10:00:00.5"),
        (Value::Timestamp(-1), "1969-12-31 23:59:59.999999"),
        (Value::TimestampTz(NEW_YEAR), "2024-01-01 00:00:00+00"),
        (Value::TimestampTz(-719_163 * DAY), "0001-12-31 00:00:00+00 BC"),
        (Value::Timestamp(i64::MAX), "infinity"),
        (Value::Timestamp(i64::MAX - 1), "294247-01-10 04:00:54.775806"),
    ]);
}

#[test]
fn intervals_in_the_postgres_style() {
    let interval = |months, days, micros| Value::Interval { months, days, micros };
    let clock = 4 * 3_600_000_000 + 5 * 60_000_000 + 6_700_000;
    check_texts(&[
        (interval(14, 3, clock), "1 year 2 mons 3 days 04:05:06.7"),
        (interval(0, 0, 0), "00:00:00"),
        (interval(1, 0, 0), "1 mon"),
        (interval(-14, 3, -clock), "-1 years -2 mons +3 days -04:05:06.7"),
        (interval(0, -1, clock), "-1 days +04:05:06.7"),
        (interval(0, 0, 100 * 3_600_000_000), "100:00:00"),
        (interval(24, 0, 0), "2 years"),
        (interval(0, 0, i64::MIN), "-2562047788:00:54.775808"),
    ]);
}

#[test]
fn binary_values_have_their_golden_bytes() {
    let clock = Value::Interval { months: 14, days: 3, micros: 1 };
    let golden: [(Value, &[u8]); 14] = [
        (Value::Bool(true), b"\x01"),
        (Value::Int2(-2), b"\xFF\xFE"),
        (Value::Int4(1), b"\0\0\0\x01"),
        (Value::Int8(1), b"\0\0\0\0\0\0\0\x01"),
        (Value::Float4(1.0), b"\x3F\x80\0\0"),
        (Value::Float8(1.0), b"\x3F\xF0\0\0\0\0\0\0"),
        (Value::Text("ab".into()), b"ab"),
        (Value::Bytes(vec![0, 255]), b"\0\xFF"),
        (Value::Date(10_957), b"\0\0\0\0"),
        (Value::Date(i32::MAX), b"\x7F\xFF\xFF\xFF"),
        (Value::Timestamp(946_684_800_000_001), b"\0\0\0\0\0\0\0\x01"),
        (Value::TimestampTz(-i64::MAX), b"\x80\0\0\0\0\0\0\0"),
        (Value::TimeTz { micros: 1, offset_seconds: 3_600 }, b"\0\0\0\0\0\0\0\x01\xFF\xFF\xF1\xF0"),
        (clock, b"\0\0\0\0\0\0\0\x01\0\0\0\x03\0\0\0\x0E"),
    ];
    for (value, expected) in golden {
        assert_eq!(as_binary(&value), expected, "{value:?}");
    }
}

/// As PostgreSQL's `numeric_send` gives them.
#[test]
fn binary_numerics_have_their_golden_bytes() {
    let golden: [(i128, u8, &[u8]); 7] = [
        (0, 2, b"\0\0\0\0\0\0\0\x02"),
        (1, 0, b"\0\x01\0\0\0\0\0\0\0\x01"),
        (12_345, 2, b"\0\x02\0\0\0\0\0\x02\0\x7B\x11\x94"),
        (-12_345, 2, b"\0\x02\0\0\x40\0\0\x02\0\x7B\x11\x94"),
        (100_000_000, 0, b"\0\x01\0\x02\0\0\0\0\0\x01"),
        (1, 5, b"\0\x01\xFF\xFE\0\0\0\x05\x03\xE8"),
        (123_456_789, 0, b"\0\x03\0\x02\0\0\0\0\0\x01\x09\x29\x1A\x85"),
    ];
    for (unscaled, scale, expected) in golden {
        assert_eq!(as_binary(&Value::Numeric { unscaled, scale }), expected, "{unscaled} {scale}");
    }
}

#[test]
fn redshifts_drivers_get_their_own_interval_layout() {
    let put = |months, days, micros| {
        let mut out = BytesMut::new();
        binary::put(&mut out, &Value::Interval { months, days, micros }, IntervalLayout::Redshift)
            .map(|()| out.to_vec())
    };
    assert_eq!(put(14, 0, 1).unwrap(), b"\0\0\0\0\0\0\0\x01\0\0\0\x0E");
    assert_eq!(put(0, 1, 1).unwrap(), [(DAY + 1).to_be_bytes().to_vec(), vec![0; 4]].concat());
    for (months, days, micros) in [(32_768, 0, 0), (0, i32::MAX, 0), (0, 1, i64::MAX)] {
        assert!(matches!(put(months, days, micros), Err(WireError::DatetimeOverflow("interval"))));
    }
}

#[test]
fn what_binary_can_not_hold_is_an_error_and_not_another_value() {
    for value in [Value::Date(i32::MIN + 2), Value::Timestamp(i64::MIN + 2)] {
        let mut out = BytesMut::new();
        let error = binary::put(&mut out, &value, IntervalLayout::PostgreSql).unwrap_err();
        assert_eq!(error.sqlstate(), "22008");
        assert!(!as_text(&value).is_empty());
    }
}

#[test]
fn formats_are_none_one_or_one_each() {
    use Format::{Binary, Text};
    assert_eq!(column_formats(&[], 2).unwrap(), [Text, Text]);
    assert_eq!(column_formats(&[Binary], 2).unwrap(), [Binary, Binary]);
    assert_eq!(column_formats(&[Text, Binary], 2).unwrap(), [Text, Binary]);
    assert_eq!(column_formats(&[Text, Binary], 3).unwrap_err().sqlstate(), "08P01");
    assert!(Format::from_code(2).is_err());
}

#[test]
fn a_value_of_a_neighbouring_type_is_sent_as_the_announced_one() {
    let send = |value_type, value: Value| {
        let mut out = BytesMut::new();
        let column = Column { name: "c".into(), value_type };
        put(&mut out, &column, &value, Format::Binary, IntervalLayout::PostgreSql).map(|()| out.to_vec())
    };
    assert_eq!(send(ValueType::Text, Value::Int4(12)).unwrap(), b"12");
    assert_eq!(send(ValueType::Int2, Value::Int8(5)).unwrap(), b"\0\x05");
    assert_eq!(send(ValueType::Int8, Value::Int2(5)).unwrap(), b"\0\0\0\0\0\0\0\x05");
    assert_eq!(send(ValueType::Int2, Value::Int4(40_000)).unwrap_err().sqlstate(), "22003");
    assert!(send(ValueType::Int4, Value::Text("1".into())).is_err());
    assert!(is_sendable_as(ValueType::Text, ValueType::Date));
    assert!(!is_sendable_as(ValueType::Int4, ValueType::Text));
    assert!(!is_sendable_as(ValueType::Timestamp, ValueType::TimestampTz));
}

proptest! {
    #[test]
    fn a_binary_numeric_reads_back_as_its_text(unscaled: i128, scale in 0_u8..=38) {
        let value = Value::Numeric { unscaled, scale };
        prop_assert_eq!(numeric::read_binary(&as_binary(&value)).unwrap(), as_text(&value));
    }

    #[test]
    fn a_printed_float_reads_back_as_itself(bits: u64) {
        let value = f64::from_bits(bits);
        let read: f64 = as_text(&Value::Float8(value)).parse().unwrap();
        prop_assert!(read.to_bits() == bits || value.is_nan());
    }

    #[test]
    fn consecutive_days_print_in_order(days in -719_162_i32..2_932_896) {
        let (this, next) = (as_text(&Value::Date(days)), as_text(&Value::Date(days + 1)));
        prop_assert!(this < next, "{} {}", this, next);
    }
}
