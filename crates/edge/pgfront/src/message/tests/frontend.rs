use proptest::prelude::*;

use crate::message::frontend::{Bind, Frontend, Target};
use crate::value::Format;

#[test]
fn messages_have_their_golden_bytes() {
    let bind = Bind {
        portal: "p".into(),
        statement: "s".into(),
        formats: vec![Format::Binary],
        values: vec![Some(b"ab".to_vec()), None, Some(Vec::new())],
        result_formats: vec![Format::Text, Format::Binary],
    };
    let golden: [(u8, &[u8], Frontend); 12] = [
        (b'Q', b"select 1\0", Frontend::Query("select 1".into())),
        (
            b'P',
            b"n\0select $1\0\0\x02\0\0\0\x17\0\0\x02\xC1",
            Frontend::Parse { name: "n".into(), text: "select $1".into(), parameter_oids: vec![23, 705] },
        ),
        (b'B', b"p\0s\0\0\x01\0\x01\0\x03\0\0\0\x02ab\xFF\xFF\xFF\xFF\0\0\0\0\0\x02\0\0\0\x01", Frontend::Bind(bind)),
        (b'D', b"Sn\0", Frontend::Describe(Target::Statement("n".into()))),
        (b'D', b"P\0", Frontend::Describe(Target::Portal(String::new()))),
        (b'C', b"Pp\0", Frontend::Close(Target::Portal("p".into()))),
        (b'E', b"p\0\0\0\0\x05", Frontend::Execute { portal: "p".into(), max_rows: 5 }),
        (b'H', b"", Frontend::Flush),
        (b'S', b"", Frontend::Sync),
        (b'X', b"", Frontend::Terminate),
        (b'F', b"whatever", Frontend::FunctionCall),
        (b'C', b"S\xC3\xA9\0", Frontend::Close(Target::Statement("é".into()))),
    ];
    for (tag, body, expected) in golden {
        assert_eq!(Frontend::decode(tag, body).unwrap(), expected);
    }
}

#[test]
fn malformed_bodies_are_errors_that_the_session_survives() {
    let cases: [(u8, &[u8], &str); 10] = [
        (b'Q', b"no terminator", "08P01"),
        (b'Q', b"two\0strings\0", "08P01"),
        (b'Q', b"\xFF\0", "22021"),
        (b'P', b"n\0t\0\0\x02\0\0\0\x17", "08P01"),
        (b'B', b"\0\0\0\x01\0\x02\0\0\0\0", "08P01"),
        (b'B', b"\0\0\0\0\0\x01\xFF\xFF\xFF\xFE\0\0", "08P01"),
        (b'B', b"\0\0\0\0\0\x01\x7F\xFF\xFF\xFFab\0\0", "08P01"),
        (b'D', b"Xn\0", "08P01"),
        (b'E', b"p\0\0\0", "08P01"),
        (b'C', b"", "08P01"),
    ];
    for (tag, body, sqlstate) in cases {
        let error = Frontend::decode(tag, body).unwrap_err();
        assert_eq!((error.sqlstate(), error.is_fatal()), (sqlstate, false), "{} {body:?}", char::from(tag));
    }
}

#[test]
fn what_has_no_place_or_no_end_is_fatal() {
    for (tag, body) in
        [(b'd', &b"x"[..]), (b'c', b""), (b'f', b"x\0"), (b'p', b"x\0"), (b'S', b"x"), (b'X', b"x"), (0, b"")]
    {
        let error = Frontend::decode(tag, body).unwrap_err();
        assert_eq!((error.sqlstate(), error.is_fatal()), ("08P01", true), "{}", char::from(tag));
    }
}

proptest! {
    #[test]
    fn an_unknown_message_is_fatal_whatever_it_holds(tag: u8, body: Vec<u8>) {
        if !b"QPBDECHSXF".contains(&tag) {
            prop_assert!(Frontend::decode(tag, &body).is_err_and(|error| error.is_fatal()));
        }
    }

    #[test]
    fn known_messages_with_arbitrary_bodies_fail_with_a_protocol_state(
        tag in prop::sample::select(b"QPBDEC".to_vec()),
        body: Vec<u8>,
    ) {
        if let Err(error) = Frontend::decode(tag, &body) {
            prop_assert!(["08P01", "22021"].contains(&error.sqlstate()));
        }
    }

    #[test]
    fn parse_round_trips(name in "[^\0]{0,20}", text in "[^\0]{0,200}", parameter_oids: Vec<u32>) {
        let mut body = format!("{name}\0{text}\0").into_bytes();
        body.extend(u16::try_from(parameter_oids.len()).unwrap().to_be_bytes());
        parameter_oids.iter().for_each(|oid| body.extend(oid.to_be_bytes()));
        prop_assert_eq!(Frontend::decode(b'P', &body).unwrap(), Frontend::Parse { name, text, parameter_oids });
    }
}
