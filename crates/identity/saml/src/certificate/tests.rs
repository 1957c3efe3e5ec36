use rcgen::{CertificateParams, KeyPair, PKCS_ECDSA_P256_SHA256, PKCS_ECDSA_P384_SHA384, PKCS_ED25519};

use super::*;

const IDP: &str = include_str!("../../tests/corpus/keys/idp.crt.pem");

fn self_signed(pair: &KeyPair) -> Vec<u8> {
    CertificateParams::default().self_signed(pair).unwrap().der().to_vec()
}

#[test]
fn a_certificate_is_read_in_each_of_its_forms() {
    let certificate = SigningCertificate::from_pem(IDP).unwrap();
    assert_eq!(certificate.key(), KeyKind::Rsa(2048));
    assert_eq!(certificate.subject(), "CN=corpus idp");
    assert_eq!(certificate.sha256().len(), 64);
    assert_eq!(SigningCertificate::from_der(certificate.der()).unwrap(), certificate);
    assert_eq!(SigningCertificate::from_base64(&certificate.base64()).unwrap(), certificate);
    assert_eq!(SigningCertificate::from_pem(&certificate.pem()).unwrap(), certificate);
    assert!(certificate.is_valid_at(certificate.not_before()) && certificate.is_valid_at(certificate.not_after()));
    assert!(!certificate.is_valid_at(certificate.not_after() + time::Duration::seconds(1)));
}

#[test]
fn keys_of_elliptic_curves_are_p256_and_p384() {
    for (algorithm, kind) in [(&PKCS_ECDSA_P256_SHA256, KeyKind::EcP256), (&PKCS_ECDSA_P384_SHA384, KeyKind::EcP384)] {
        let pair = KeyPair::generate_for(algorithm).unwrap();
        assert_eq!(SigningCertificate::from_der(&self_signed(&pair)).unwrap().key(), kind);
    }
    let edwards = self_signed(&KeyPair::generate_for(&PKCS_ED25519).unwrap());
    assert!(matches!(SigningCertificate::from_der(&edwards), Err(CertificateRefusal::Key(_))));
}

#[test]
fn a_weak_rsa_key_is_refused() {
    let weak = include_str!("tests/rsa1024.crt.pem");
    assert_eq!(SigningCertificate::from_pem(weak), Err(CertificateRefusal::RsaLength(1024)));
}

#[test]
fn what_is_no_certificate_is_refused_with_a_hint() {
    let twice = format!("{IDP}{IDP}");
    let trailing = [SigningCertificate::from_pem(IDP).unwrap().der(), b"x"].concat();
    assert_eq!(SigningCertificate::from_pem(&twice), Err(CertificateRefusal::NotOne(2)));
    assert_eq!(SigningCertificate::from_pem(""), Err(CertificateRefusal::NotOne(0)));
    for refusal in [
        SigningCertificate::from_pem("-----BEGIN CERTIFICATE-----\nAAAA"),
        SigningCertificate::from_base64("not base64!"),
        SigningCertificate::from_base64("AAAA"),
        SigningCertificate::from_der(&trailing),
        SigningCertificate::from_base64(&"A".repeat(100_000)),
    ] {
        let refusal = refusal.unwrap_err();
        assert!(matches!(refusal, CertificateRefusal::Unreadable(_)), "{refusal}");
        assert!(refusal.public().hint.is_some());
    }
}
