use base::Secret;

use super::{PasswordVerifier, md5_hex, sha256};

const SALT: [u8; 32] = [7; 32];

fn clause(text: &str) -> Result<PasswordVerifier, String> {
    PasswordVerifier::from_clause(&Secret::from(text), SALT).map_err(|error| error.message.message)
}

#[test]
fn rules_are_checked_on_clear_text() {
    for (text, expected) in [
        ("Ab1", "password must contain at least 8 characters"),
        ("abcdefg1", "password must contain an upper-case letter"),
        ("ABCDEFG1", "password must contain a lower-case letter"),
        ("Abcdefgh", "password must contain a digit"),
        ("Abcdef 1", "password must contain only ASCII characters from 33 to 126, without ' \" \\ and /"),
        ("sha256|short", "password must contain at least 8 characters"),
        ("sha256|aa|bb", "the password is not a valid sha256 hash"),
    ] {
        assert_eq!(clause(text).unwrap_err(), expected);
    }
    let long = format!("Ab1{}", "x".repeat(62));
    assert_eq!(clause(&long).unwrap_err(), "password must contain at most 64 characters");
    assert!(clause("P@ssw0rd").is_ok());
}

#[test]
fn clear_text_is_kept_as_salted_sha256() {
    let verifier = clause("Passw0rd1").unwrap();
    assert!(matches!(&verifier, PasswordVerifier::Sha256 { salt, .. } if salt == &SALT));
    assert!(verifier.check_clear("u", &Secret::from("Passw0rd1")));
    assert!(!verifier.check_clear("u", &Secret::from("Passw0rd2")));
    assert_eq!(clause("sha256|Passw0rd1").unwrap(), verifier);
    let inner = sha256(&[b"Passw0rd1", &SALT]);
    assert_eq!(clause(&format!("sha256|{}|{}", hex::encode(&inner), hex::encode(SALT))).unwrap(), verifier);
}

#[test]
fn the_digest_of_code_13() {
    let verifier = clause("Passw0rd1").unwrap();
    let inner = sha256(&[b"Passw0rd1", &SALT]);
    let answer = sha256(&[&inner, b"server", b"1700000000000"]);
    assert!(verifier.check_digest(b"server", b"1700000000000", &answer));
    assert!(!verifier.check_digest(b"other", b"1700000000000", &answer));
    assert!(!verifier.check_digest(b"server", b"1700000000000", &[]));
}

#[test]
fn the_md5_of_code_5() {
    let inner = md5_hex(&[b"secret", b"bob"]);
    assert_eq!(inner, "21f3163f8f86fa10bdefbfbd502a8f06");
    let verifier = clause(&format!("md5{}", inner.to_uppercase())).unwrap();
    let answer = format!("md5{}", md5_hex(&[inner.as_bytes(), &[1, 2, 3, 4]]));
    assert!(verifier.check_md5([1, 2, 3, 4], &Secret::new(answer.clone())));
    assert!(!verifier.check_md5([1, 2, 3, 5], &Secret::new(answer)));
    assert!(verifier.check_clear("bob", &Secret::from("secret")));
    assert!(!verifier.check_clear("alice", &Secret::from("secret")));
    assert!(!verifier.check_digest(b"", b"", &[]));
}

#[test]
fn nothing_of_a_verifier_is_printed() {
    let shown = format!("{:?}", clause("Passw0rd1").unwrap());
    assert!(shown.contains("Secret(…)"), "{shown}");
    assert!(!shown.contains(&format!("{:?}", sha256(&[b"Passw0rd1", &SALT]))));
}
