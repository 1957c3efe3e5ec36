use std::ops::Range;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use proptest::prelude::*;
use rcgen::{CertificateParams, KeyPair, PKCS_RSA_SHA256, date_time_ymd};
use time::Duration;

use super::*;
use crate::idp::{Attribute, AttributeFormat, Issue, issue};
use crate::testing::{ACS, IDP, NOW, REQUEST, expected, issue as usual, key, other_key, value};
use crate::{Binding, Check, Endpoint, NAME_ID_EMAIL, Outgoing, Refusal, SamlError};

/// The check that a change of the usual sign-in fails at.
fn refused(change: impl FnOnce(&mut Issue<'_>, &mut Expected<'_>)) -> Refusal {
    let certificates = [key().certificate().clone()];
    let (mut said, mut wanted) = (usual("olivia@example.com", &[]), expected(&certificates));
    change(&mut said, &mut wanted);
    validate(&value(&issue(&said, &key()).unwrap()), &wanted).outcome.unwrap_err()
}

#[test]
fn what_is_issued_is_taken_with_all_that_it_says() {
    let groups = ["awssso-sales".to_owned(), "a <b> & \"c\" 'd'\t\r\n é 😀 ".to_owned()];
    let attributes = [Attribute { name: "groups", name_format: AttributeFormat::Basic, values: &groups }];
    let certificates = [other_key().certificate().clone(), key().certificate().clone()];
    for sign_response in [false, true] {
        let said = Issue { sign_response, ..usual("olivia@example.com", &attributes) };
        let verdict = validate(&value(&issue(&said, &key()).unwrap()), &expected(&certificates));
        let assertion = verdict.outcome.unwrap();
        assert_eq!(assertion.name_id().value, "olivia@example.com");
        assert_eq!(assertion.name_id().format.as_deref(), Some(NAME_ID_EMAIL));
        assert_eq!(assertion.attribute("groups"), groups);
        assert!(assertion.attribute("Groups").is_empty());
        assert_eq!(assertion.issuer(), IDP);
        assert_eq!(assertion.assertion_id(), "_assertion1");
        assert_eq!(assertion.in_response_to(), Some(REQUEST));
        assert_eq!(assertion.session_index(), Some("_session1"));
        assert_eq!(assertion.session_not_on_or_after(), Some(NOW + Duration::hours(8)));
        assert_eq!(assertion.authn_instant(), NOW - Duration::minutes(1));
        assert_eq!(assertion.authn_context(), Some(crate::idp::CONTEXT_PASSWORD));
        assert_eq!(assertion.replay_until(), NOW + Duration::minutes(6));
        assert_eq!((assertion.recipient(), assertion.audiences().len()), (ACS, 1));
        assert_eq!(assertion.certificate(), key().certificate());
        assert_eq!(verdict.checks.failed(), None);
    }
}

#[test]
fn an_unsolicited_response_must_answer_nothing() {
    let unsolicited = refused(|_, wanted| wanted.in_response_to = InResponseTo::Unsolicited);
    assert_eq!(unsolicited.check, Check::ResponseInResponseTo);
    assert_eq!(unsolicited.expected, "no request");
    let solicited = refused(|said, _| said.in_response_to = None);
    assert_eq!(solicited.check, Check::ResponseInResponseTo);
}

#[test]
fn a_renewed_certificate_of_the_same_key_counts_beside_the_one_that_expired() {
    let key = key();
    let pair =
        KeyPair::from_pkcs8_der_and_sign_algo(&key.pkcs8().expose().as_slice().into(), &PKCS_RSA_SHA256).unwrap();
    let of_years = |from: i32, until: i32| {
        let mut params = CertificateParams::default();
        (params.not_before, params.not_after) = (date_time_ymd(from, 1, 1), date_time_ymd(until, 1, 1));
        SigningCertificate::from_der(params.self_signed(&pair).unwrap().der()).unwrap()
    };
    let (expired, renewed) = (of_years(2024, 2026), of_years(2026, 2030));
    let said = value(&issue(&usual("olivia@example.com", &[]), &key).unwrap());
    for certificates in [[expired.clone(), renewed.clone()], [renewed.clone(), expired.clone()]] {
        let assertion = validate(&said, &expected(&certificates)).outcome.unwrap();
        assert_eq!(assertion.certificate(), &renewed);
    }
    let refusal = validate(&said, &expected(&[expired])).outcome.unwrap_err();
    assert_eq!(refusal.check, Check::CertificateValidity);
}

#[test]
fn the_skew_is_bounded_whatever_the_caller_asks_for() {
    let late = refused(|_, wanted| {
        wanted.skew = Duration::days(1);
        wanted.now = NOW + Duration::minutes(8) + Duration::seconds(1);
    });
    assert_eq!(late.check, Check::NotOnOrAfter);
    let early = refused(|_, wanted| {
        wanted.skew = Duration::days(1);
        wanted.now = NOW - Duration::minutes(3) - Duration::seconds(1);
    });
    assert_eq!(early.check, Check::IssueInstant);
    let backwards = refused(|_, wanted| {
        wanted.skew = -Duration::days(1);
        wanted.now = NOW - Duration::seconds(1);
    });
    assert_eq!(backwards.check, Check::IssueInstant);
}

#[test]
fn a_clock_behind_is_told_in_seconds() {
    let refusal = refused(|_, wanted| wanted.now = NOW - Duration::seconds(94));
    assert!(refusal.to_string().contains("clock is 94 s ahead of ours"), "{refusal}");
    assert!(refusal.mend().contains("NTP"));
}

#[test]
fn a_fresh_sign_in_is_one_since_the_request() {
    let stale = refused(|_, wanted| wanted.force_authn_since = Some(NOW + Duration::seconds(1)));
    assert_eq!(stale.check, Check::FreshSignIn);
}

#[test]
fn a_key_that_is_not_trusted_verifies_nothing() {
    let certificates = [other_key().certificate().clone()];
    let said = usual("olivia@example.com", &[]);
    let verdict = validate(&value(&issue(&said, &key()).unwrap()), &expected(&certificates));
    let refusal = verdict.outcome.unwrap_err();
    assert_eq!(refusal.check, Check::Signature);
    assert!(refusal.expected.contains(certificates[0].sha256().get(..16).unwrap()));
}

/// The signed part: the assertion without `KeyInfo`, which no signature covers.
fn signed_part(xml: &str) -> (Range<usize>, Range<usize>) {
    let at = |text: &str| xml.find(text).unwrap();
    (at("<saml:Assertion")..at("</samlp:Response>"), at("<ds:KeyInfo")..at("</ds:Signature>"))
}

#[test]
fn any_changed_byte_of_the_signed_part_is_refused() {
    let groups = ["awssso-sales".to_owned()];
    let attributes = [Attribute { name: "groups", name_format: AttributeFormat::Basic, values: &groups }];
    let xml = issue(&usual("olivia@example.com", &attributes), &key()).unwrap().xml;
    let certificates = [key().certificate().clone()];
    let expected = expected(&certificates);
    let (assertion, key_info) = signed_part(&xml);
    let mut changed = 0;
    for place in assertion.filter(|place| !key_info.contains(place)) {
        let mut bytes = xml.clone().into_bytes();
        bytes[place] ^= 1 << (place % 7);
        let verdict = validate(&STANDARD.encode(&bytes), &expected);
        assert!(verdict.outcome.is_err(), "{}", String::from_utf8_lossy(&bytes));
        changed += 1;
    }
    assert!(changed > 1500, "{changed}");
}

/// saml-rs's own parser, over the bytes as they came, finds the same assertion that was read here; and what was verified is
/// what was read, byte for byte in canonical form.
#[test]
fn the_verifier_saw_the_element_that_was_read() {
    use bergshamra::c14n::{C14nMode, canonicalize_doc};
    use bergshamra::xml::NodeSet;
    use bergshamra::xml::uppsala;

    let canonical = |xml: &str| {
        let document = uppsala::parse(xml).unwrap();
        let nodes = document.get_elements_by_tag_name("Assertion");
        let [assertion] = nodes.as_slice() else { panic!("{xml}") };
        let set = NodeSet::tree_without_comments(*assertion, &document);
        canonicalize_doc::<&str>(&document, C14nMode::Exclusive, Some(&set), &[]).unwrap()
    };
    let xml = issue(&usual("olivia@example.com", &[]), &key()).unwrap().xml;
    let tree = crate::xml::read(xml.as_bytes(), crate::xml::Kind::Message).unwrap();
    let assertion = tree.only(crate::xml::ns::ASSERTION, "Assertion").unwrap();
    let isolated = assertion.isolated(&[&tree]);
    let (_, key_info) = signed_part(&xml);
    let without_key_info = format!("{}{}", xml.get(..key_info.start).unwrap(), xml.get(key_info.end..).unwrap());
    assert_eq!(canonical(&isolated), canonical(&without_key_info));
}

fn send_to(
    binding: Binding,
    key: Option<&crate::SigningKey>,
    relay_state: Option<&str>,
) -> Result<Outgoing, SamlError> {
    let destination = Endpoint { binding, location: "https://idp.example.com/sso?tenant=1".to_owned() };
    let request = AuthnRequest {
        id: REQUEST,
        issuer: "https://sp.example.com/saml",
        destination: &destination,
        acs_url: ACS,
        name_id_format: Some(NAME_ID_EMAIL),
        force_authn: true,
        now: NOW,
    };
    send(&request, key, relay_state)
}

#[test]
fn a_request_goes_by_redirect_or_by_form() {
    let Outgoing::Redirect(location) = send_to(Binding::Redirect, None, Some("key & more")).unwrap() else { panic!() };
    assert!(location.starts_with("https://idp.example.com/sso?tenant=1&SAMLRequest="), "{location}");
    assert!(location.ends_with("&RelayState=key%20%26%20more"), "{location}");
    let signed = send_to(Binding::Post, Some(&key()), None).unwrap();
    let Outgoing::Post { action, fields } = signed else { panic!() };
    assert_eq!(action, "https://idp.example.com/sso?tenant=1");
    let xml = String::from_utf8(STANDARD.decode(&fields[0].1).unwrap()).unwrap();
    assert!(xml.contains("ForceAuthn=\"true\"") && xml.contains("<ds:SignatureValue>"), "{xml}");
    assert_eq!(fields.len(), 1);
}

#[test]
fn relay_state_may_be_a_deep_link_but_not_a_book() {
    let link = format!("https://us-east-1.console.aws.amazon.com/sqlworkbench/home#{}", "x".repeat(900));
    assert!(send_to(Binding::Post, None, Some(&link)).is_ok());
    assert_eq!(send_to(Binding::Post, None, Some(&"x".repeat(1025))), Err(SamlError::RelayState(1025)));
}

#[test]
fn a_request_goes_to_web_addresses_only() {
    for location in ["javascript:alert(1)", "/sso", "https://idp.example.com/sso#x", "https://idp.example.com/a b"] {
        let destination = Endpoint { binding: Binding::Redirect, location: location.to_owned() };
        let request = AuthnRequest {
            id: REQUEST,
            issuer: "https://sp.example.com/saml",
            destination: &destination,
            acs_url: ACS,
            name_id_format: None,
            force_authn: false,
            now: NOW,
        };
        assert!(matches!(send(&request, None, None), Err(SamlError::Location(_))), "{location}");
    }
}

#[test]
fn peeking_tells_whose_it_is_and_never_fails() {
    let peeked = peek(&value(&issue(&usual("olivia@example.com", &[]), &key()).unwrap())).unwrap();
    assert_eq!(peeked.issuer.as_deref(), Some(IDP));
    assert_eq!(peeked.in_response_to.as_deref(), Some(REQUEST));
    assert_eq!(peeked.assertion_id.as_deref(), Some("_assertion1"));
    assert_eq!(peek("no base64"), None);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// Whatever people are called and whatever their attributes hold.
    #[test]
    fn what_is_issued_is_taken(
        name in "[!-~à-ÿ]{1,40}",
        attributes in prop::collection::btree_map("[ -~]{1,20}", prop::collection::vec("[\t\n\r -\u{D7FF}]{0,40}", 1..4), 0..5),
        sign_response in any::<bool>(),
    ) {
        let list: Vec<Attribute<'_>> = attributes
            .iter()
            .map(|(name, values)| Attribute { name, name_format: AttributeFormat::Unspecified, values })
            .collect();
        let said = Issue { sign_response, ..usual(&name, &list) };
        let certificates = [key().certificate().clone()];
        let assertion = validate(&value(&issue(&said, &key()).unwrap()), &expected(&certificates)).outcome.unwrap();
        prop_assert_eq!(&assertion.name_id().value, &name);
        prop_assert_eq!(assertion.attributes(), &attributes);
    }
}
