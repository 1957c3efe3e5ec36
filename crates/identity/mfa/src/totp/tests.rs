use time::Duration;

use super::*;

/// RFC 6238, appendix B: the secret of its SHA-1 rows, whose codes have eight digits; ours are the last six of them.
const RFC_SECRET: &[u8; 20] = b"12345678901234567890";
const RFC_VECTORS: [(i64, &str); 6] = [
    (59, "94287082"),
    (1_111_111_109, "07081804"),
    (1_111_111_111, "14050471"),
    (1_234_567_890, "89005924"),
    (2_000_000_000, "69279037"),
    (20_000_000_000, "65353130"),
];

fn at(seconds: i64) -> OffsetDateTime {
    OffsetDateTime::from_unix_timestamp(seconds).unwrap()
}

fn rfc_secret() -> TotpSecret {
    TotpSecret::from_bytes(RFC_SECRET).unwrap()
}

#[test]
fn the_vectors_of_rfc_6238_are_accepted_at_their_time() {
    for (seconds, code) in RFC_VECTORS {
        let step = u64::try_from(seconds).unwrap() / 30;
        assert_eq!(verify_totp(&rfc_secret(), code.split_at(2).1, at(seconds), None), Ok(step), "{seconds}");
    }
}

#[test]
fn a_code_counts_one_step_early_or_late_and_no_more() {
    let (seconds, code) = (1_111_111_111 / 30 * 30, "050471");
    for (moved, accepted) in [(-31, false), (-30, true), (0, true), (30, true), (59, true), (60, false)] {
        let answer = verify_totp(&rfc_secret(), code, at(seconds + moved), None);
        assert_eq!(answer, if accepted { Ok(37_037_037) } else { Err(TotpRefusal::Wrong) }, "{moved} s");
    }
}

#[test]
fn a_code_counts_once() {
    let now = at(1_111_111_111);
    let step = verify_totp(&rfc_secret(), "050471", now, None).unwrap();
    assert_eq!(verify_totp(&rfc_secret(), "050471", now, Some(step)), Err(TotpRefusal::Replayed { step }));
    let later = now + Duration::seconds(20);
    assert_eq!(verify_totp(&rfc_secret(), "050471", later, Some(step)), Err(TotpRefusal::Replayed { step }));
    assert_eq!(verify_totp(&rfc_secret(), "050471", now, Some(step + 1)), Err(TotpRefusal::Replayed { step }));
    assert_eq!(verify_totp(&rfc_secret(), "050471", now, Some(step - 1)), Ok(step));
}

#[test]
fn what_isnt_six_digits_is_no_code() {
    for wrong in ["", "05047", "0504711", "05o471", "-50471", "٠٥٠٤٧١", "05047١"] {
        assert_eq!(verify_totp(&rfc_secret(), wrong, at(1_111_111_111), None), Err(TotpRefusal::Malformed), "{wrong}");
    }
    verify_totp(&rfc_secret(), " 050 471\n", at(1_111_111_111), None).unwrap();
}

#[test]
fn another_secret_and_a_time_before_all_time_are_wrong() {
    let other = TotpSecret::generate();
    assert_eq!(verify_totp(&other, "050471", at(1_111_111_111), None), Err(TotpRefusal::Wrong));
    assert_eq!(verify_totp(&rfc_secret(), "050471", at(-1), None), Err(TotpRefusal::Wrong));
}

#[test]
fn a_secret_is_160_random_bits_and_is_kept_as_bytes() {
    let secret = TotpSecret::generate();
    assert_ne!(secret.expose(), TotpSecret::generate().expose());
    assert_eq!(TotpSecret::from_bytes(secret.expose()).unwrap().expose(), secret.expose());
    assert!(TotpSecret::from_bytes(&[0; 19]).is_none());
    assert!(TotpSecret::from_bytes(&[0; 21]).is_none());
    assert_eq!(format!("{secret:?}"), "TotpSecret(Secret(…))");
}

#[test]
fn the_address_names_issuer_and_account_and_reads_back() {
    let uri = rfc_secret().otpauth_uri("Example: Corp", "ethan@example.com").unwrap();
    assert_eq!(
        uri.expose(),
        "otpauth://totp/Example%20%20Corp:ethan%40example.com?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Example%20%20Corp"
    );
    let read = Totp::from_url(uri.expose()).unwrap();
    assert_eq!(read.secret().as_bytes(), RFC_SECRET);
    let words = rfc_secret().in_words();
    assert_eq!(words.expose(), "GEZD GNBV GY3T QOJQ GEZD GNBV GY3T QOJQ");
    for awkward in ["", ":", "\n", &"ö".repeat(5000)] {
        rfc_secret().qr_svg(awkward, awkward).unwrap();
    }
}

#[test]
fn the_qr_code_has_a_title_and_keeps_its_contrast() {
    let svg = rfc_secret().qr_svg("Example", "ethan").unwrap();
    let svg = svg.expose();
    assert!(svg.starts_with("<svg xmlns=\"http://www.w3.org/2000/svg\" role=\"img\" viewBox=\"0 0 "), "{svg}");
    assert!(svg.contains("<title>QR code for your authenticator app</title>"));
    assert!(svg.contains("fill=\"#fff\"") && svg.contains("fill=\"#000\""));
    assert!(svg.contains("M4,4h1v1h-1z"), "the finder pattern begins after the quiet zone");
    assert_ne!(svg, rfc_secret().qr_svg("Example", "olivia").unwrap().expose());
}
