//! RFC 7636, appendix B, and what isn't a verifier.

use super::*;

const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

#[test]
fn the_example_of_the_rfc_verifies() {
    assert_eq!(challenge_of(&Secret::from(VERIFIER)), CHALLENGE);
    assert!(verifies(&Secret::from(VERIFIER), CHALLENGE));
}

#[test]
fn another_verifier_a_plain_one_and_a_short_one_do_not() {
    assert!(!verifies(&Secret::from(CHALLENGE), CHALLENGE), "plain");
    assert!(!verifies(&Secret::from("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXX"), CHALLENGE));
    let short = Secret::from("short");
    assert!(!verifies(&short, &challenge_of(&short)));
}
