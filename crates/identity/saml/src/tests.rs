//! Every file of the corpus is refused for the reason that it was made for, and every good one is taken.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use time::macros::datetime;
use time::{Duration, OffsetDateTime};

use crate::sp::{Expected, InResponseTo, ValidatedAssertion, validate};
use crate::{Check, Refusal, SigningCertificate};

const NOW: OffsetDateTime = datetime!(2027-01-15 08:00 UTC);

/// File -> the check that fails.
const REFUSED: &[(&str, Check)] = &[
    ("algorithm-digest-md5", Check::SignatureAlgorithm),
    ("algorithm-digest-sha1", Check::SignatureAlgorithm),
    ("algorithm-dsa-sha1", Check::SignatureAlgorithm),
    ("algorithm-ecdsa-sha1", Check::SignatureAlgorithm),
    ("algorithm-hmac-sha256", Check::SignatureAlgorithm),
    ("algorithm-rsa-md5", Check::SignatureAlgorithm),
    ("algorithm-rsa-pss", Check::SignatureAlgorithm),
    ("algorithm-rsa-sha1", Check::SignatureAlgorithm),
    ("answer-of-assertion-missing", Check::InResponseTo),
    ("answer-of-assertion-other", Check::InResponseTo),
    ("answer-of-response-missing", Check::ResponseInResponseTo),
    ("answer-of-response-other", Check::ResponseInResponseTo),
    ("assertion-encrypted", Check::Encryption),
    ("assertion-missing", Check::OneAssertion),
    ("attribute-encrypted", Check::Encryption),
    ("attribute-without-name", Check::Attributes),
    ("audience-missing", Check::Audience),
    ("audience-other", Check::Audience),
    ("audience-second-restriction", Check::Audience),
    ("audience-slash", Check::Audience),
    ("authn-in-the-future", Check::AuthnInstant),
    ("authn-missing", Check::Statement),
    ("authn-stale", Check::FreshSignIn),
    ("condition-foreign", Check::Conditions),
    ("condition-unknown", Check::Conditions),
    ("conditions-missing", Check::Conditions),
    ("confirmation-endless", Check::ConfirmationNotOnOrAfter),
    ("confirmation-expired", Check::ConfirmationNotOnOrAfter),
    ("confirmation-holder-of-key", Check::Confirmation),
    ("confirmation-missing-data", Check::Confirmation),
    ("confirmation-not-before", Check::ConfirmationNotBefore),
    ("confirmation-two", Check::Confirmation),
    ("cve-2018-0489", Check::Comments),
    ("cve-2022-41912", Check::OneAssertion),
    ("cve-2024-45409", Check::Signature),
    ("cve-2025-23369", Check::DocumentType),
    ("cve-2025-25291", Check::DocumentType),
    ("cve-2025-25292", Check::Signature),
    ("cve-2025-29774", Check::SignatureForm),
    ("cve-2025-29775", Check::Comments),
    ("cve-2025-47949", Check::OneAssertion),
    ("destination-missing", Check::Destination),
    ("destination-other", Check::Destination),
    ("issuer-of-assertion", Check::Issuer),
    ("issuer-of-response", Check::ResponseIssuer),
    ("message-bare-assertion", Check::Message),
    ("name-empty", Check::NameId),
    ("name-encrypted", Check::Encryption),
    ("name-missing", Check::NameId),
    ("name-with-elements", Check::NameId),
    ("namespace-assertion", Check::OneAssertion),
    ("namespace-attribute-twice", Check::Namespaces),
    ("namespace-of-xml", Check::Namespaces),
    ("namespace-response", Check::Message),
    ("namespace-signature", Check::Signed),
    ("namespace-undeclared", Check::Namespaces),
    ("parser-comment", Check::Comments),
    ("parser-control-character", Check::DocumentType),
    ("parser-doctype", Check::DocumentType),
    ("parser-duplicate-assertion-id", Check::UniqueIds),
    ("parser-duplicate-id", Check::UniqueIds),
    ("parser-duplicate-lower-id", Check::UniqueIds),
    ("parser-entity-expansion", Check::DocumentType),
    ("parser-external-entity", Check::DocumentType),
    ("parser-not-closed", Check::Document),
    ("parser-not-utf8", Check::Document),
    ("parser-processing-instruction", Check::DocumentType),
    ("parser-second-root", Check::Document),
    ("parser-text-behind", Check::Document),
    ("parser-too-deep", Check::Document),
    ("parser-too-long", Check::Document),
    ("parser-too-many-attributes", Check::Document),
    ("parser-too-many-nodes", Check::Document),
    ("parser-undeclared-entity", Check::DocumentType),
    ("parser-utf16", Check::Document),
    ("parser-xml11", Check::Document),
    ("recipient-missing", Check::Recipient),
    ("recipient-other", Check::Recipient),
    ("session-over", Check::SessionNotOnOrAfter),
    ("signature-at-the-end", Check::SignatureForm),
    ("signature-by-attacker", Check::Signature),
    ("signature-by-expired", Check::CertificateValidity),
    ("signature-canonicalization-inclusive", Check::SignatureForm),
    ("signature-changed-group", Check::Signature),
    ("signature-changed-name", Check::Signature),
    ("signature-changed-value", Check::Signature),
    ("signature-deeper", Check::SignatureForm),
    ("signature-empty-value", Check::SignatureForm),
    ("signature-missing", Check::Signed),
    ("signature-of-response-only", Check::Signed),
    ("signature-of-response-wrong", Check::ResponseSignature),
    ("signature-reference-empty", Check::SignatureReference),
    ("signature-reference-external", Check::SignatureReference),
    ("signature-reference-response", Check::SignatureReference),
    ("signature-reference-xpointer", Check::SignatureReference),
    ("signature-transform-comments", Check::SignatureForm),
    ("signature-transform-inclusive", Check::SignatureForm),
    ("signature-transform-one", Check::SignatureForm),
    ("signature-transform-three", Check::SignatureForm),
    ("signature-transform-xpath", Check::SignatureForm),
    ("signature-transform-xslt", Check::SignatureForm),
    ("signature-two", Check::SignatureForm),
    ("signature-two-references", Check::SignatureForm),
    ("signature-two-signed-info", Check::SignatureForm),
    ("signature-with-object", Check::SignatureForm),
    ("signature-without-reference", Check::SignatureForm),
    ("statement-unknown", Check::Statement),
    ("status-authn-failed", Check::Status),
    ("subject-two", Check::Subject),
    ("time-issued-ahead", Check::IssueInstant),
    ("time-not-yet", Check::NotBefore),
    ("time-over", Check::NotOnOrAfter),
    ("time-response-issued-ahead", Check::IssueInstant),
    ("time-without-zone", Check::NotBefore),
    ("version-1-1", Check::Version),
    ("wrapped-forged-behind-signed", Check::OneAssertion),
    ("wrapped-forged-in-extensions-other-id", Check::OneAssertion),
    ("wrapped-second-signature-in-status", Check::SignatureForm),
    ("wrapped-signature-in-issuer", Check::SignatureForm),
    ("wrapped-signed-in-advice", Check::OneAssertion),
    ("wrapped-signed-in-confirmation-data", Check::OneAssertion),
    ("xsw1-response-in-signature", Check::OneAssertion),
    ("xsw2-response-before-signature", Check::OneAssertion),
    ("xsw3-forged-before-signed", Check::OneAssertion),
    ("xsw4-forged-around-signed", Check::OneAssertion),
    ("xsw5-signed-altered-original-behind", Check::OneAssertion),
    ("xsw6-original-in-signature", Check::OneAssertion),
    ("xsw7-forged-in-extensions", Check::UniqueIds),
    ("xsw8-original-in-object", Check::OneAssertion),
];

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus")
}

fn trusted() -> Vec<SigningCertificate> {
    let read = |name: &str| std::fs::read_to_string(folder().join("keys").join(name)).unwrap();
    ["old.crt.pem", "idp.crt.pem", "ec.crt.pem"].map(|name| SigningCertificate::from_pem(&read(name)).unwrap()).to_vec()
}

/// The files' names, without `.xml`.
fn files() -> BTreeSet<String> {
    let names = std::fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    names.filter_map(|name| name.strip_suffix(".xml").map(str::to_owned)).collect()
}

fn judge(name: &str) -> Result<ValidatedAssertion, Refusal> {
    let xml = std::fs::read(folder().join(format!("{name}.xml"))).unwrap();
    let unsolicited = name == "ok-unsolicited";
    let certificates = trusted();
    let expected = Expected {
        idp_entity_id: "https://idp.example.com/saml",
        certificates: &certificates,
        sp_entity_id: "https://sp.example.com/saml",
        acs_url: "https://sp.example.com/saml/acs",
        in_response_to: if unsolicited { InResponseTo::Unsolicited } else { InResponseTo::Request("_request1") },
        now: NOW,
        skew: Duration::minutes(1),
        force_authn_since: Some(NOW - Duration::minutes(2)),
    };
    let verdict = validate(&STANDARD.encode(xml), &expected);
    let failed = verdict.checks.failed().map(|checked| checked.check.clone());
    let last = verdict.checks.list().last().map(|checked| checked.check.clone());
    match &verdict.outcome {
        Ok(_) => assert_eq!(failed, None, "{name}"),
        Err(refusal) => {
            // The story ends with the check that failed.
            assert_eq!(failed.as_deref(), Some(refusal.check.name()), "{name}");
            assert_eq!(failed, last, "{name}");
            assert!(!refusal.to_string().is_empty() && !refusal.mend().is_empty(), "{name}");
        }
    }
    verdict.outcome
}

#[test]
fn every_attack_is_refused_by_the_check_that_it_is_for() {
    for (name, check) in REFUSED {
        match judge(name) {
            Ok(assertion) => panic!("{name} was taken: {assertion:?}"),
            Err(refusal) => assert_eq!(refusal.check, *check, "{name}: {refusal}"),
        }
    }
}

#[test]
fn every_file_that_should_be_taken_is() {
    let good: Vec<String> = files().into_iter().filter(|name| name.starts_with("ok-")).collect();
    assert!(good.len() > 10, "{good:?}");
    for name in good {
        match judge(&name) {
            Ok(assertion) => assert_eq!(assertion.name_id().value, "olivia@example.com", "{name}"),
            Err(refusal) => panic!("{name}: {refusal}"),
        }
    }
}

/// Signed by lxml's canonicalization and OpenSSL (the Python package signxml), with white space that a parser must normalise.
#[test]
fn what_another_implementation_signed_is_taken() {
    let assertion = judge("foreign/ok-signxml").unwrap();
    assert_eq!(assertion.attribute("groups"), ["awssso-sales"]);
}

#[test]
fn no_file_is_forgotten() {
    let attacks: BTreeSet<String> = files().into_iter().filter(|name| !name.starts_with("ok-")).collect();
    let named: BTreeSet<String> = REFUSED.iter().map(|(name, _)| (*name).to_owned()).collect();
    assert_eq!(named.len(), REFUSED.len());
    assert_eq!(attacks, named);
}

#[test]
fn the_words_say_by_how_much_clocks_differ_and_what_was_expected() {
    let told = |name: &str| judge(name).unwrap_err().to_string();
    let early = told("time-not-yet");
    assert!(early.contains("the sender's clock is 94 s ahead of ours"), "{early}");
    let late = told("time-over");
    assert!(late.contains("was 94 s ago"), "{late}");
    let audience = told("audience-other");
    assert_eq!(audience, "The audience is https://other.example.com, not https://sp.example.com/saml.");
    let status = told("status-authn-failed");
    assert!(status.contains("AuthnFailed"), "{status}");
}

/// Without the keys the same files prove nothing.
#[test]
fn nothing_is_taken_without_a_trusted_key() {
    let xml = std::fs::read(folder().join("ok-assertion-signed.xml")).unwrap();
    let expected = Expected {
        idp_entity_id: "https://idp.example.com/saml",
        certificates: &[],
        sp_entity_id: "https://sp.example.com/saml",
        acs_url: "https://sp.example.com/saml/acs",
        in_response_to: InResponseTo::Request("_request1"),
        now: NOW,
        skew: Duration::minutes(1),
        force_authn_since: None,
    };
    let refusal = validate(&STANDARD.encode(xml), &expected).outcome.unwrap_err();
    assert_eq!(refusal.check, Check::Signature);
}
