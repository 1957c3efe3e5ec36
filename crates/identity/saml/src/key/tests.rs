use time::Duration;

use super::*;
use crate::testing::{NOW, der, key, other_key};

#[test]
fn a_generated_key_signs_what_its_certificate_verifies() {
    let made = SigningKey::generate("Gatehouse test", NOW, NOW + Duration::days(365)).unwrap();
    assert_eq!(made.certificate().key(), KeyKind::Rsa(2048));
    assert_eq!(made.certificate().subject(), "CN=Gatehouse test");
    assert_eq!((made.certificate().not_before(), made.certificate().not_after()), (NOW, NOW + Duration::days(365)));
    let again = SigningKey::from_pkcs8(made.pkcs8().clone(), made.certificate().clone()).unwrap();
    assert_eq!(again.certificate(), made.certificate());
}

#[test]
fn a_key_and_the_certificate_of_another_are_no_pair() {
    let mixed = SigningKey::from_pkcs8(key().pkcs8().clone(), other_key().certificate().clone());
    assert!(matches!(mixed, Err(SamlError::KeyMismatch { .. })), "{mixed:?}");
}

#[test]
fn what_is_no_rsa_key_is_refused_without_repeating_it() {
    let nonsense = SigningKey::from_pkcs8(Secret::new(b"hunter2".to_vec()), key().certificate().clone());
    let error = nonsense.unwrap_err();
    assert!(matches!(error, SamlError::Key(_)) && !error.to_string().contains("hunter2"));
    let ec = SigningCertificate::from_pem(include_str!("../../tests/corpus/keys/ec.crt.pem")).unwrap();
    let secret = Secret::new(der(include_str!("../../tests/corpus/keys/ec.key.pem")));
    assert!(matches!(SigningKey::from_pkcs8(secret, ec), Err(SamlError::Key(_))));
}

#[test]
fn a_key_is_never_shown() {
    let shown = format!("{:?}", key());
    assert!(shown.contains(key().certificate().sha256()) && shown.len() < 150, "{shown}");
}
