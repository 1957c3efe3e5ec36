use std::sync::OnceLock;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use saml::metadata::{IdpDescription, write_idp};
use saml::{Binding, Endpoint, SigningCertificate, SigningKey};
use time::Duration;

use super::fixture::{Fixture, at, refused};
use crate::{NewSamlProvider, SamlProviderEdit, Taggable, Tags};

/// Two certificates, made once.
fn certificates() -> &'static [SigningCertificate; 2] {
    static CERTIFICATES: OnceLock<[SigningCertificate; 2]> = OnceLock::new();
    CERTIFICATES.get_or_init(|| {
        let key = |name| SigningKey::generate(name, at() - Duration::DAY, at() + Duration::days(365)).unwrap();
        [key("old").certificate().clone(), key("new").certificate().clone()]
    })
}

fn metadata(certificates: &[SigningCertificate]) -> String {
    let location = "https://id.example.com/saml/sso".to_owned();
    write_idp(&IdpDescription {
        entity_id: "https://id.example.com/saml",
        single_sign_on: &[Endpoint { binding: Binding::Post, location }],
        single_logout: &[],
        certificates,
        wants_signed_requests: false,
        name_id_formats: &[],
        organisation: None,
    })
}

fn good() -> String {
    metadata(&certificates()[..1])
}

fn new(metadata: &str) -> NewSamlProvider {
    NewSamlProvider { name: "redshift-sso".to_owned(), metadata: metadata.to_owned(), ..NewSamlProvider::default() }
}

#[tokio::test]
async fn a_provider_has_what_its_metadata_says_also_after_a_restart() {
    let fixture = Fixture::new().await;
    let text = good().replace("<md:EntityDescriptor ", "<md:EntityDescriptor validUntil=\"2030-01-01T00:00:00Z\" ");
    let text = text.replace("<EntityDescriptor ", "<EntityDescriptor validUntil=\"2030-01-01T00:00:00Z\" ");
    let provider = fixture.iam.create_saml_provider(new(&text)).await.unwrap();
    assert_eq!(provider.arn, "arn:aws:iam::123456789012:saml-provider/redshift-sso");
    assert_eq!(provider.idp.entity_id, "https://id.example.com/saml");
    assert_eq!(provider.valid_until.unwrap().year(), 2030);
    assert_eq!(fixture.reopened().await.saml_provider(&provider.arn), Some(provider));
    refused(fixture.iam.create_saml_provider(new(&text)).await, "EntityAlreadyExists", "already exists");
}

#[tokio::test]
async fn certificates_roll_with_an_update() {
    let fixture = Fixture::new().await;
    let iam = &fixture.iam;
    let arn = iam.create_saml_provider(new(&good())).await.unwrap().arn.clone();
    for certificates in [&certificates()[..], &certificates()[1..]] {
        let edit = SamlProviderEdit { metadata: Some(metadata(certificates)), ..SamlProviderEdit::default() };
        let updated = iam.update_saml_provider(&arn, edit).await.unwrap();
        assert_eq!(updated.idp.certificates, certificates);
    }
    assert_eq!(iam.saml_provider(&arn).unwrap().idp.certificates, certificates()[1..]);
    let bad = SamlProviderEdit { metadata: Some("<x/>".repeat(300)), ..SamlProviderEdit::default() };
    refused(iam.update_saml_provider(&arn, bad).await, "InvalidInput", "Could not parse metadata: ");
    assert_eq!(iam.saml_provider(&arn).unwrap().idp.certificates, certificates()[1..]);
}

#[tokio::test]
async fn metadata_that_isnt_an_identity_providers_is_refused_with_the_reason() {
    let fixture = Fixture::new().await;
    let padded = format!("{}<!-- {} -->", "<a></a>", "x".repeat(1000));
    let without_keys = metadata(&[]);
    let without_keys = format!("{without_keys}<!-- {} -->", "x".repeat(1000));
    let doctype = format!("<!DOCTYPE a [<!ENTITY b \"c\">]>{}", good());
    for (text, words) in [
        (padded.as_str(), "not SAML metadata"),
        (without_keys.as_str(), "no certificate for signing"),
        (doctype.as_str(), "Could not parse metadata"),
        (&good().replace("IDPSSODescriptor", "SPSSODescriptor"), "describes 0 identity providers"),
        (&good().replace("SingleSignOnService", "SingleSignOffService"), "SingleSignOnService"),
    ] {
        let result = fixture.iam.create_saml_provider(new(text)).await;
        refused(result, "InvalidInput", "Could not parse metadata: ");
        refused(fixture.iam.create_saml_provider(new(text)).await, "InvalidInput", words);
    }
    assert!(fixture.iam.saml_providers().is_empty());
}

#[tokio::test]
async fn metadata_has_1000_to_10_000_000_characters() {
    let fixture = Fixture::new().await;
    for text in ["x".repeat(999), "x".repeat(10_000_001)] {
        let result = fixture.iam.create_saml_provider(new(&text)).await;
        refused(result, "ValidationError", "1000 to 10000000 characters");
    }
    // What AWS would take, and no single identity provider has.
    let long = format!("{}<!-- {} -->", good(), "x".repeat(100_000));
    refused(fixture.iam.create_saml_provider(new(&long)).await, "InvalidInput", "at most 75000 are taken");
}

#[tokio::test]
async fn a_weak_key_is_refused_also_beside_a_strong_one() {
    let fixture = Fixture::new().await;
    let pair = rcgen::KeyPair::generate_for(&rcgen::PKCS_ED25519).unwrap();
    let weak = rcgen::CertificateParams::default().self_signed(&pair).unwrap();
    let weak = STANDARD.encode(weak.der());
    let [old, new_one] = certificates();
    let text = metadata(certificates()).replace(&new_one.base64(), &weak);
    assert!(text.contains(&weak) && text.contains(&old.base64()));
    refused(fixture.iam.create_saml_provider(new(&text)).await, "InvalidInput", "RSA, EC P-256 and EC P-384 are taken");
}

#[tokio::test]
async fn metadata_that_is_over_is_refused() {
    let fixture = Fixture::new().await;
    let until = |text: &str| {
        let text = text.replace("<md:EntityDescriptor ", "<md:EntityDescriptor validUntil=\"2020-01-01T00:00:00Z\" ");
        text.replace("<EntityDescriptor ", "<EntityDescriptor validUntil=\"2020-01-01T00:00:00Z\" ")
    };
    refused(fixture.iam.create_saml_provider(new(&until(&good()))).await, "InvalidInput", "it was valid until 2020");
}

#[tokio::test]
async fn encryption_is_refused_by_name() {
    let fixture = Fixture::new().await;
    let with = |mode: Option<&str>, private_key| NewSamlProvider {
        encryption_mode: mode.map(str::to_owned),
        private_key,
        ..new(&good())
    };
    let iam = &fixture.iam;
    refused(
        iam.create_saml_provider(with(Some("Required"), false)).await,
        "InvalidInput",
        "AssertionEncryptionMode Required",
    );
    refused(iam.create_saml_provider(with(Some("Other"), false)).await, "ValidationError", "assertionEncryptionMode");
    refused(iam.create_saml_provider(with(None, true)).await, "InvalidInput", "AddPrivateKey");
    let provider = iam.create_saml_provider(with(Some("Allowed"), false)).await.unwrap();
    let edit = SamlProviderEdit { encryption_mode: Some("Required".to_owned()), ..SamlProviderEdit::default() };
    refused(iam.update_saml_provider(&provider.arn, edit).await, "InvalidInput", "AssertionEncryptionMode Required");
    let edit = SamlProviderEdit { private_key: true, ..SamlProviderEdit::default() };
    refused(iam.update_saml_provider(&provider.arn, edit).await, "InvalidInput", "AddPrivateKey");
}

#[tokio::test]
async fn a_name_has_iams_characters() {
    let fixture = Fixture::new().await;
    for name in ["", "a b", "a@b", &"a".repeat(129)] {
        let new = NewSamlProvider { name: name.to_owned(), ..new(&good()) };
        refused(fixture.iam.create_saml_provider(new).await, "ValidationError", "name");
    }
}

#[tokio::test]
async fn a_deleted_provider_is_gone_and_can_be_made_anew() {
    let fixture = Fixture::new().await;
    let iam = &fixture.iam;
    let first = iam.create_saml_provider(new(&good())).await.unwrap();
    let tags = Tags::read([("a".to_owned(), "b".to_owned())]).unwrap();
    iam.tag(Taggable::SamlProvider(&first.arn), tags).await.unwrap();
    assert_eq!(iam.tags_of(Taggable::SamlProvider(&first.arn)).unwrap().get("A"), Some("b"));
    iam.delete_saml_provider(&first.arn).await.unwrap();
    refused(iam.delete_saml_provider(&first.arn).await, "NoSuchEntity", "Manifest not found for arn");
    let second = iam.create_saml_provider(new(&good())).await.unwrap();
    assert_ne!(second.uuid, first.uuid);
    assert_eq!(second.uuid.len(), 22);
}

#[tokio::test]
async fn an_account_has_100_providers_and_a_provider_10_certificates() {
    let fixture = Fixture::new().await;
    let many: Vec<_> = (0..11)
        .map(|number| {
            let pair = rcgen::KeyPair::generate().unwrap();
            let mut params = rcgen::CertificateParams::default();
            params.serial_number = Some(rcgen::SerialNumber::from(number + 1));
            SigningCertificate::from_der(params.self_signed(&pair).unwrap().der()).unwrap()
        })
        .collect();
    let result = fixture.iam.create_saml_provider(new(&metadata(&many))).await;
    refused(result, "LimitExceeded", "CertificatesPerSAMLProvider: 10");
    for number in 0..100 {
        let new = NewSamlProvider { name: format!("p{number}"), ..new(&good()) };
        fixture.iam.create_saml_provider(new).await.unwrap();
    }
    refused(fixture.iam.create_saml_provider(new(&good())).await, "LimitExceeded", "SAMLProvidersPerAccount: 100");
}
