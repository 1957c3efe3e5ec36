use proptest::prelude::*;
use query::{Literal, Value};
use sql::DataType;

use super::{as_binary, as_text};
use crate::value::parameter::{decode, unknown};
use crate::value::{Format, numeric, oid};

fn typed(text: &str, data_type: DataType) -> Literal {
    Literal::Typed(text.to_owned(), data_type)
}

#[test]
fn text_parameters_by_their_declared_type() {
    let text = |text: &str| Literal::Text(text.to_owned());
    let cases = [
        (0, " a ", text(" a ")),
        (oid::UNKNOWN, "5", text("5")),
        (oid::VARCHAR, "x", text("x")),
        (oid::BOOL, "t", Literal::Bool(true)),
        (oid::BOOL, "0", Literal::Bool(false)),
        (oid::INT2, "-32768", Literal::Int(-32_768)),
        (oid::INT8, " 9223372036854775807 ", Literal::Int(i64::MAX)),
        (oid::OID, "4294967295", Literal::Int(4_294_967_295)),
        (oid::FLOAT8, "1.50", typed("1.5", DataType::Double)),
        (oid::FLOAT4, "-inf", typed("-Infinity", DataType::Real)),
        (oid::NUMERIC, "-12.50e2", Literal::Number("-12.50e2".into())),
        (oid::NUMERIC, ".5", Literal::Number(".5".into())),
        (oid::VARBYTE, "00fF", Literal::Bytes(vec![0, 255])),
        (oid::BYTEA, "\\x0a", Literal::Bytes(vec![10])),
        (oid::DATE, "2024-02-29", typed("2024-02-29", DataType::Date)),
        (oid::TIMESTAMPTZ, "2024-02-29 10:00+02", typed("2024-02-29 10:00+02", DataType::TimestampTz)),
    ];
    for (declared, given, expected) in cases {
        assert_eq!(decode(declared, Format::Text, Some(given.as_bytes())).unwrap(), expected, "{declared} {given}");
    }
}

#[test]
fn text_that_its_type_does_not_take_is_refused() {
    let cases: [(u32, &[u8], &str); 14] = [
        (oid::INT4, b"12a", "22P02"),
        (oid::INT4, b"2147483648", "22003"),
        (oid::INT2, b"-32769", "22003"),
        (oid::OID, b"-1", "22003"),
        (oid::INT8, b"9223372036854775808", "22003"),
        (oid::BOOL, b"maybe", "22P02"),
        (oid::FLOAT8, b"1,5", "22P02"),
        (oid::NUMERIC, b"1); drop table x --", "22P02"),
        (oid::NUMERIC, b"1e", "22P02"),
        (oid::NUMERIC, b".", "22P02"),
        (oid::NUMERIC, b"NaN", "22P02"),
        (oid::VARBYTE, b"abc", "22P02"),
        (0, b"a\0b", "22021"),
        (oid::TEXT, b"\xFF", "22021"),
    ];
    for (declared, given, sqlstate) in cases {
        let error = decode(declared, Format::Text, Some(given)).unwrap_err();
        assert_eq!(error.sqlstate(), sqlstate, "{declared} {given:?}");
        assert!(!error.is_fatal());
    }
}

#[test]
fn what_is_not_carried_out_is_refused_by_name() {
    let error = decode(oid::INTERVAL, Format::Binary, Some(&[0; 12])).unwrap_err();
    assert!(error.sqlstate() == "0A000" && error.to_string().contains("interval"));
    let error = decode(1007, Format::Binary, Some(&[0; 12])).unwrap_err();
    assert!(error.sqlstate() == "0A000" && error.to_string().contains("OID 1007"));
    assert_eq!(decode(1007, Format::Text, None).unwrap(), Literal::Null);
}

#[test]
fn a_null_keeps_its_declared_type() {
    let declared = [0, oid::BOOL, oid::INT2, oid::INT4, oid::INT8, oid::FLOAT8, oid::DATE, oid::TIMESTAMPTZ, oid::TEXT];
    let null = Literal::NullOf;
    let expected = [
        Literal::Null,
        null(DataType::Boolean),
        null(DataType::SmallInt),
        null(DataType::Integer),
        null(DataType::BigInt),
        null(DataType::Double),
        null(DataType::Date),
        null(DataType::TimestampTz),
        Literal::Null,
    ];
    assert_eq!(unknown(&declared).unwrap(), expected);
}

#[test]
fn binary_parameters_as_the_drivers_send_them() {
    let cases: [(u32, &[u8], Literal); 9] = [
        (oid::BOOL, b"\x01", Literal::Bool(true)),
        (oid::INT2, b"\xFF\xFE", Literal::Int(-2)),
        (oid::INT4, b"\0\0\0\x05", Literal::Int(5)),
        (oid::INT8, b"\0\0\0\0\0\0\0\x05", Literal::Int(5)),
        (oid::FLOAT8, b"\x3F\xF8\0\0\0\0\0\0", typed("1.5", DataType::Double)),
        (oid::TIMESTAMP, b"\0\0\0\0\0\0\0\x01", typed("2000-01-01 00:00:00.000001", DataType::Timestamp)),
        (oid::TIMESTAMPTZ, b"\0\0\0\0\0\0\0\0", typed("2000-01-01 00:00:00+00", DataType::TimestampTz)),
        (oid::DATE, b"\xFF\xFF\xFF\xFF", typed("1999-12-31", DataType::Date)),
        (oid::VARBYTE, b"\x01\x02", Literal::Bytes(vec![1, 2])),
    ];
    for (declared, given, expected) in cases {
        assert_eq!(decode(declared, Format::Binary, Some(given)).unwrap(), expected, "{declared}");
    }
}

#[test]
fn binary_parameters_of_the_wrong_length_are_refused() {
    let fixed = [oid::BOOL, oid::INT2, oid::INT4, oid::INT8, oid::OID, oid::FLOAT4, oid::FLOAT8, oid::DATE, oid::TIME];
    for declared in fixed.into_iter().chain([oid::TIMETZ, oid::TIMESTAMP, oid::TIMESTAMPTZ, oid::NUMERIC]) {
        for given in [&[][..], &[0; 3], &[0; 13]] {
            assert_eq!(decode(declared, Format::Binary, Some(given)).unwrap_err().sqlstate(), "22P03", "{declared}");
        }
    }
}

#[test]
fn binary_times_beyond_a_day_and_dates_beyond_the_range_are_refused() {
    for micros in [-1_i64, 86_400_000_001] {
        let error = decode(oid::TIME, Format::Binary, Some(&micros.to_be_bytes())).unwrap_err();
        assert_eq!(error.sqlstate(), "22008");
    }
    let late = (i32::MAX - 1).to_be_bytes();
    assert_eq!(decode(oid::DATE, Format::Binary, Some(&late)).unwrap_err().sqlstate(), "22008");
}

#[test]
fn binary_numerics_that_make_no_sense_are_refused() {
    let cases: [(&[u8], &str); 5] = [
        (b"\0\0\0\0\xC0\0\0\0", "0A000"),
        (b"\0\x01\0\0\0\0\0\0\x27\x10", "22P03"),
        (b"\0\x01\x7F\xFF\0\0\0\0\0\x01", "22003"),
        (b"\0\0\0\0\0\0\xFF\xFF", "22003"),
        (b"\xFF\xFF\0\0\0\0\0\0", "22P03"),
    ];
    for (given, sqlstate) in cases {
        assert_eq!(numeric::read_binary(given).unwrap_err().sqlstate(), sqlstate, "{given:?}");
    }
    assert_eq!(numeric::read_binary(b"\0\x01\xFF\xFE\0\0\0\x05\x03\xE8").unwrap(), "0.00001");
}

proptest! {
    #[test]
    fn decoding_never_panics(index in 0_usize..16, binary: bool, value: Vec<u8>) {
        let declared = [0, 16, 17, 20, 21, 23, 26, 700, 701, 1043, 1082, 1083, 1114, 1184, 1266, 1700][index];
        let format = if binary { Format::Binary } else { Format::Text };
        if let Err(error) = decode(declared, format, Some(&value)) {
            prop_assert!(!error.is_fatal());
        }
    }

    #[test]
    fn a_binary_timestamp_is_the_same_as_its_text(micros in -200_000_000_000_000_000_i64..9_000_000_000_000_000_000) {
        let value = Value::Timestamp(micros);
        let literal = decode(oid::TIMESTAMP, Format::Binary, Some(&as_binary(&value))).unwrap();
        prop_assert_eq!(literal, typed(&as_text(&value), DataType::Timestamp));
    }

    #[test]
    fn a_numeric_literal_is_a_number_and_nothing_else(text in "[-+.eE0-9 ;x]{0,12}") {
        if let Ok(Literal::Number(number)) = decode(oid::NUMERIC, Format::Text, Some(text.as_bytes())) {
            prop_assert!(number.parse::<f64>().is_ok());
        }
    }
}
