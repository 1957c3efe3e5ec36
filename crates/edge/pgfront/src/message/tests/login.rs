use proptest::prelude::*;
use query::{Challenge, ChallengeAnswer};

use super::bytes;
use crate::error::WireError;
use crate::message::auth::{decode_answer, put_challenge, put_ok};
use crate::message::startup::StartupPacket;

fn startup(parameters: &[u8]) -> Vec<u8> {
    [&196_608_u32.to_be_bytes(), parameters].concat()
}

#[test]
fn the_python_drivers_startup_packet_keeps_its_order_and_its_empty_user() {
    let packet = startup(b"user\0\0database\0dev\0idp_type\0AwsIdc\0\0");
    let expected = [("user", ""), ("database", "dev"), ("idp_type", "AwsIdc")];
    let parameters = expected.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    assert_eq!(StartupPacket::decode(&packet).unwrap(), StartupPacket::Startup { parameters });
}

#[test]
fn requests_are_told_by_their_codes() {
    let decode = |code: u32| StartupPacket::decode(&code.to_be_bytes()).unwrap();
    assert_eq!(decode(80_877_103), StartupPacket::SslRequest);
    assert_eq!(decode(80_877_104), StartupPacket::GssEncRequest);
    let cancel = [&80_877_102_u32.to_be_bytes()[..], &7_i32.to_be_bytes(), &(-2_i32).to_be_bytes()].concat();
    let expected = StartupPacket::CancelRequest { process_id: 7, secret_key: -2 };
    assert_eq!(StartupPacket::decode(&cancel).unwrap(), expected);
}

#[test]
fn other_protocol_versions_are_refused_by_number() {
    for (version, major, minor) in [(0x0003_0002_u32, 3, 2), (0x0002_0000, 2, 0), (0x0003_270F, 3, 9_999)] {
        let error = StartupPacket::decode(&version.to_be_bytes()).unwrap_err();
        assert!(matches!(error, WireError::UnsupportedProtocol { major: a, minor: b } if (a, b) == (major, minor)));
        assert_eq!((error.sqlstate(), error.is_fatal()), ("0A000", true));
    }
}

#[test]
fn malformed_startup_packets_are_fatal_protocol_errors() {
    let cases: [&[u8]; 5] = [b"user\0ethan\0", b"user\0ethan", b"user", b"user\0ethan\0\0left", b"us\xFFer\0x\0\0"];
    for parameters in cases {
        let error = StartupPacket::decode(&startup(parameters)).unwrap_err();
        assert_eq!((error.sqlstate(), error.is_fatal()), ("08P01", true), "{parameters:?}");
    }
    assert!(StartupPacket::decode(&[0, 1]).is_err());
}

#[test]
fn challenges_have_the_drivers_bytes() {
    assert_eq!(bytes(put_ok), b"R\0\0\0\x08\0\0\0\0");
    let golden: [(Challenge, &[u8]); 4] = [
        (Challenge::Token, b"R\0\0\0\x08\0\0\0\x0E"),
        (Challenge::Cleartext, b"R\0\0\0\x08\0\0\0\x03"),
        (Challenge::Md5 { salt: *b"salt" }, b"R\0\0\0\x0C\0\0\0\x05salt"),
        (
            Challenge::Digest { salt: b"ab".to_vec(), server_nonce: b"xyz".to_vec() },
            b"R\0\0\0\x19\0\0\0\x0D\0\0\0\0\0\0\0\x02ab\0\0\0\x03xyz",
        ),
    ];
    for (challenge, expected) in golden {
        assert_eq!(bytes(|out| put_challenge(out, &challenge)), expected, "{challenge:?}");
    }
}

fn token(body: &[u8]) -> String {
    let answer = decode_answer(&Challenge::Token, b'i', body).unwrap();
    let ChallengeAnswer::Token(token) = answer else { panic!("{answer:?}") };
    token.into_exposed()
}

#[test]
fn a_token_loses_at_most_one_trailing_zero_byte() {
    assert_eq!(token(b"a.b.c"), "a.b.c");
    assert_eq!(token(b"a.b.c\0"), "a.b.c");
    assert_eq!(token(b"a.b.c\0\0"), "a.b.c\0");
}

#[test]
fn a_digest_answer_has_two_counted_parts() {
    let challenge = Challenge::Digest { salt: Vec::new(), server_nonce: Vec::new() };
    let answer = decode_answer(&challenge, b'd', b"\0\0\0\x03abc\0\0\0\x0D1700000000000").unwrap();
    let ChallengeAnswer::Digest { digest, client_nonce } = answer else { panic!("{answer:?}") };
    assert_eq!((digest.as_slice(), client_nonce.as_slice()), (&b"abc"[..], &b"1700000000000"[..]));
    for bad in [&b"\0\0\0\x04abc"[..], b"\xFF\xFF\xFF\xFF\0\0\0\0", b"\0\0\0\0\0\0\0\0x", b"\x7F\xFF\xFF\xFFabc"] {
        assert!(decode_answer(&challenge, b'd', bad).unwrap_err().is_fatal(), "{bad:?}");
    }
}

#[test]
fn an_answer_of_the_wrong_kind_ends_the_login() {
    let md5 = Challenge::Md5 { salt: [0; 4] };
    for (challenge, tag) in [(&Challenge::Token, b'p'), (&md5, b'i'), (&md5, b'd'), (&Challenge::Cleartext, b'Q')] {
        let error = decode_answer(challenge, tag, b"x\0").unwrap_err();
        assert_eq!((error.sqlstate(), error.is_fatal()), ("08P01", true));
    }
    assert!(decode_answer(&md5, b'p', b"no terminator").is_err());
    assert!(decode_answer(&md5, b'p', b"two\0strings\0").is_err());
}

#[test]
fn a_refused_answer_is_not_in_its_error() {
    let error = decode_answer(&Challenge::Cleartext, b'p', b"hunter2").unwrap_err();
    assert!(!format!("{error} {error:?}").contains("hunter2"));
}

proptest! {
    #[test]
    fn decoding_never_panics(tag: u8, body: Vec<u8>, which in 0_usize..4) {
        let md5 = Challenge::Md5 { salt: [1; 4] };
        let digest = Challenge::Digest { salt: vec![1], server_nonce: vec![2] };
        let challenge = [Challenge::Token, Challenge::Cleartext, md5, digest][which].clone();
        if let Err(error) = decode_answer(&challenge, tag, &body) {
            prop_assert!(error.is_fatal());
        }
        if let Err(error) = StartupPacket::decode(&body) {
            prop_assert!(error.is_fatal());
        }
        if let Err(error) = StartupPacket::decode(&startup(&body)) {
            prop_assert!(error.is_fatal());
        }
    }
}
