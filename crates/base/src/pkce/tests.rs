use super::*;

/// RFC 7636 appendix B.
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

#[test]
fn the_example_of_the_rfc_verifies() {
    assert_eq!(challenge_of(&Secret::from(VERIFIER)), CHALLENGE);
    assert!(verifies(&Secret::from(VERIFIER), CHALLENGE));
    assert!(!verifies(&Secret::from("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXl"), CHALLENGE));
    // The method `plain` would accept this.
    assert!(!verifies(&Secret::from(CHALLENGE), CHALLENGE));
}

#[test]
fn a_verifier_that_is_too_short_or_too_long_never_verifies() {
    for length in [0, 42, 129] {
        let verifier = Secret::new("a".repeat(length));
        assert!(!verifies(&verifier, &challenge_of(&verifier)), "{length}");
    }
    for length in [43, 128] {
        let verifier = Secret::new("a".repeat(length));
        assert!(verifies(&verifier, &challenge_of(&verifier)), "{length}");
    }
}

#[test]
fn a_challenge_is_43_characters_of_base64url() {
    assert!(is_challenge(CHALLENGE));
    for text in ["", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM=", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw+cM"] {
        assert!(!is_challenge(text), "{text}");
    }
}
