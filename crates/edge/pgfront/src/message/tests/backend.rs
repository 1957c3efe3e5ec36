use base::{ErrorKind, PublicMessage};
use bytes::BytesMut;
use query::{Column, Notice, QueryError, Severity, TransactionStatus, Value, ValueType};

use super::bytes;
use crate::error::WireError;
use crate::message::backend as sut;
use crate::value::{Format, IntervalLayout};

#[test]
fn short_messages_have_their_golden_bytes() {
    assert_eq!(bytes(sut::parse_complete), b"1\0\0\0\x04");
    assert_eq!(bytes(sut::bind_complete), b"2\0\0\0\x04");
    assert_eq!(bytes(sut::close_complete), b"3\0\0\0\x04");
    assert_eq!(bytes(sut::no_data), b"n\0\0\0\x04");
    assert_eq!(bytes(sut::portal_suspended), b"s\0\0\0\x04");
    assert_eq!(bytes(sut::empty_query), b"I\0\0\0\x04");
    assert_eq!(bytes(|out| sut::command_complete(out, "INSERT 0 4")), b"C\0\0\0\x0FINSERT 0 4\0");
    assert_eq!(bytes(|out| sut::parameter_status(out, "a", "b")), b"S\0\0\0\x08a\0b\0");
    assert_eq!(bytes(|out| sut::backend_key_data(out, 1, -1)), b"K\0\0\0\x0C\0\0\0\x01\xFF\xFF\xFF\xFF");
    for (status, letter) in
        [(TransactionStatus::Idle, b'I'), (TransactionStatus::InTransaction, b'T'), (TransactionStatus::Failed, b'E')]
    {
        assert_eq!(bytes(|out| sut::ready_for_query(out, status)), [b'Z', 0, 0, 0, 5, letter]);
    }
}

#[test]
fn undeclared_parameters_are_told_as_varchar() {
    let expected = b"t\0\0\0\x12\0\x03\0\0\x04\x13\0\0\x04\x13\0\0\0\x17";
    assert_eq!(bytes(|out| sut::parameter_description(out, &[0, 705, 23])), expected);
}

#[test]
fn a_row_description_has_oid_size_modifier_and_format() {
    let columns = [
        Column { name: "n".into(), value_type: ValueType::Numeric { precision: 12, scale: 2 } },
        Column { name: "t".into(), value_type: ValueType::Text },
    ];
    let written = bytes(|out| sut::row_description(out, &columns, &[Format::Text, Format::Binary]));
    let mut expected = b"T\0\0\0\x2E\0\x02".to_vec();
    expected.extend(b"n\0\0\0\0\0\0\0\0\0\x06\xA4\xFF\xFF\0\x0C\0\x06\0\0");
    expected.extend(b"t\0\0\0\0\0\0\0\0\0\x04\x13\xFF\xFF\xFF\xFF\xFF\xFF\0\x01");
    assert_eq!(written, expected);
}

fn row(values: &[Value], columns: &[Column], formats: &[Format]) -> Result<Vec<u8>, WireError> {
    let mut out = BytesMut::from(&b"before"[..]);
    let written = sut::data_row(&mut out, values, columns, formats, IntervalLayout::PostgreSql);
    assert!(written.is_ok() || out == b"before"[..], "a failed message leaves nothing behind");
    written.map(|()| out[6..].to_vec())
}

#[test]
fn a_data_row_counts_each_value() {
    let column = |value_type| Column { name: "c".into(), value_type };
    let columns = [column(ValueType::Int4), column(ValueType::Text), column(ValueType::Int4)];
    let values = [Value::Int4(258), Value::Null, Value::Int4(258)];
    let written = row(&values, &columns, &[Format::Text, Format::Text, Format::Binary]).unwrap();
    assert_eq!(written, b"D\0\0\0\x19\0\x03\0\0\0\x03258\xFF\xFF\xFF\xFF\0\0\0\x04\0\0\x01\x02");
}

#[test]
fn a_row_that_belies_its_columns_is_refused() {
    let columns = [Column { name: "secret".into(), value_type: ValueType::Int4 }];
    let error = row(&[Value::Bool(true)], &columns, &[Format::Text]).unwrap_err();
    assert!(matches!(error, WireError::ValueMismatch { .. }));
    assert!(row(&[], &columns, &[Format::Text]).is_err());
    assert!(row(&[Value::Int4(1), Value::Int4(2)], &columns, &[Format::Text]).is_err());
}

#[test]
fn an_error_has_the_fields_that_every_driver_reads_and_no_other() {
    let mut error = QueryError::new(ErrorKind::Denied, "42501", "permission denied for relation revenue")
        .detail("It needs SELECT.")
        .hint("GRANT SELECT …")
        .log("not for the client");
    error.position = Some(15);
    let written = bytes(|out| sut::error_response(out, &error.clone().into(), false));
    let fields = "SERROR\0C42501\0Mpermission denied for relation revenue\0DIt needs SELECT.\0HGRANT SELECT …\0P15\0\0";
    assert_eq!(&written[5..], fields.as_bytes());
    let written = bytes(|out| sut::error_response(out, &WireError::TooManyConnections, true));
    assert!(written[5..].starts_with(b"SFATAL\0C53300\0Mtoo many connections\0H"));
}

#[test]
fn a_notice_has_its_severity_and_no_string_can_break_out() {
    let notice = Notice { severity: Severity::Info, sqlstate: "00000", message: PublicMessage::new("a\0Cfake") };
    assert_eq!(bytes(|out| sut::notice_response(out, &notice)), b"N\0\0\0\x15SINFO\0C00000\0Ma\0\0");
}
