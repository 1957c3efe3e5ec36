use time::Duration;

use super::*;
use crate::testing::{ACS, IDP, NOW, REQUEST, SP, expected, field, issue as usual, key, other_key, value};
use crate::{Binding, Check, Endpoint, NAME_ID_EMAIL, NAME_ID_TRANSIENT, Outgoing, Refusal, SamlError, sp};

const SSO: &str = "https://idp.example.com/saml/sso";

fn request(binding: Binding, signed: bool) -> Outgoing {
    let destination = Endpoint { binding, location: SSO.to_owned() };
    let request = sp::AuthnRequest {
        id: REQUEST,
        issuer: SP,
        destination: &destination,
        acs_url: ACS,
        name_id_format: Some(NAME_ID_EMAIL),
        force_authn: true,
        now: NOW,
    };
    sp::send(&request, signed.then(key).as_ref(), Some("a b&c")).unwrap()
}

/// Reads what [`request`] made, or XML.
fn read_with(incoming: &Incoming<'_>, must_be_signed: bool) -> Result<ReceivedRequest, Refusal> {
    let certificates = [other_key().certificate().clone(), key().certificate().clone()];
    let acs_urls = ["http://localhost:7890/redshift/".to_owned(), ACS.to_owned()];
    let expected = ExpectedRequest {
        sp_entity_id: Some(SP),
        acs_urls: &acs_urls,
        certificates: &certificates,
        must_be_signed,
        destination: SSO,
        now: NOW,
        skew: Duration::minutes(1),
    };
    let verdict = read_request(incoming, &expected);
    assert_eq!(verdict.outcome.is_err(), verdict.checks.failed().is_some());
    verdict.outcome
}

fn read_xml(xml: &str) -> Result<ReceivedRequest, Refusal> {
    use base64::Engine as _;
    let message = base64::engine::general_purpose::STANDARD.encode(xml);
    read_with(&Incoming::Post { message: &message, relay_state: None }, false)
}

/// An unsigned request with these attributes and children.
fn xml(attributes: &str, children: &str) -> String {
    format!(
        "<samlp:AuthnRequest xmlns:samlp=\"urn:oasis:names:tc:SAML:2.0:protocol\" \
         xmlns:saml=\"urn:oasis:names:tc:SAML:2.0:assertion\" ID=\"_request1\" Version=\"2.0\" \
         IssueInstant=\"2027-01-15T08:00:00Z\" {attributes}><saml:Issuer>{SP}</saml:Issuer>{children}</samlp:AuthnRequest>"
    )
}

#[test]
fn a_request_is_read_from_either_binding() {
    for signed in [false, true] {
        let form = request(Binding::Post, signed);
        let redirect = request(Binding::Redirect, signed);
        let (message, query) = (field(&form, "SAMLRequest"), field(&redirect, ""));
        for incoming in
            [Incoming::Post { message: &message, relay_state: Some("a b&c") }, Incoming::Redirect { query: &query }]
        {
            let read = read_with(&incoming, signed).unwrap();
            assert_eq!((read.id.as_str(), read.issuer.as_str(), read.acs_url.as_str()), (REQUEST, SP, ACS));
            assert_eq!(read.name_id_format.as_deref(), Some(NAME_ID_EMAIL));
            assert_eq!(read.relay_state.as_deref(), Some("a b&c"));
            assert_eq!((read.force_authn, read.is_passive, read.signed), (true, false, signed));
            assert!(read.accepts_context(CONTEXT_PASSWORD));
            assert_eq!(peek(&incoming).unwrap().issuer.as_deref(), Some(SP));
        }
    }
}

#[test]
fn an_unsigned_request_is_refused_where_it_must_be_signed() {
    let message = field(&request(Binding::Post, false), "SAMLRequest");
    let refusal = read_with(&Incoming::Post { message: &message, relay_state: None }, true).unwrap_err();
    assert_eq!(refusal.check, Check::Signed);
    let query = field(&request(Binding::Redirect, false), "");
    assert_eq!(read_with(&Incoming::Redirect { query: &query }, true).unwrap_err().check, Check::Signed);
}

#[test]
fn a_changed_query_is_refused_even_where_nothing_must_be_signed() {
    let query = field(&request(Binding::Redirect, true), "");
    let other_state = query.replace("RelayState=a", "RelayState=x");
    assert_ne!(query, other_state);
    let refusal = read_with(&Incoming::Redirect { query: &other_state }, false).unwrap_err();
    assert_eq!(refusal.check, Check::Signature);
    let weak = query.replace("rsa-sha256", "rsa-sha1");
    assert_eq!(read_with(&Incoming::Redirect { query: &weak }, false).unwrap_err().check, Check::SignatureAlgorithm);
}

#[test]
fn a_parameter_twice_or_in_disguise_is_refused() {
    let query = field(&request(Binding::Redirect, true), "");
    for bad in [
        format!("{query}&SAMLRequest=x"),
        format!("{query}&RelayState=x"),
        format!("{query}&%52elayState=x"),
        format!("{query}&SAMLResponse=x"),
        query.split("&Signature=").next().unwrap().to_owned(),
        "RelayState=x".to_owned(),
        "SAMLRequest=%25%25".to_owned(),
        format!("{query}&SAMLEncoding=none"),
    ] {
        assert_eq!(read_with(&Incoming::Redirect { query: &bad }, false).unwrap_err().check, Check::Encoding, "{bad}");
    }
    let more = format!("{query}&utm=1");
    assert!(read_with(&Incoming::Redirect { query: &more }, true).is_ok());
}

#[test]
fn a_bomb_is_refused_before_it_is_whole() {
    use base64::Engine as _;
    use std::io::Write as _;
    let mut encoder = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(&vec![b' '; 8 * 1024 * 1024]).unwrap();
    let bomb = base64::engine::general_purpose::STANDARD.encode(encoder.finish().unwrap()).replace('+', "%2B");
    let refusal = read_with(&Incoming::Redirect { query: &format!("SAMLRequest={bomb}") }, false).unwrap_err();
    assert_eq!(refusal.check, Check::Encoding);
    assert!(refusal.found.contains("too long"), "{refusal}");
}

#[test]
fn the_answer_goes_to_a_registered_address_only() {
    let other = xml("AssertionConsumerServiceURL=\"https://evil.example.com/acs\"", "");
    assert_eq!(read_xml(&other).unwrap_err().check, Check::AssertionConsumer);
    assert_eq!(read_xml(&xml("", "")).unwrap().acs_url, "http://localhost:7890/redshift/");
}

#[test]
fn what_is_not_carried_out_is_refused_by_name() {
    for (attributes, children, named) in [
        ("AssertionConsumerServiceIndex=\"1\"", "", "AssertionConsumerServiceIndex"),
        ("AttributeConsumingServiceIndex=\"1\"", "", "AttributeConsumingServiceIndex"),
        ("ProtocolBinding=\"urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Artifact\"", "", "HTTP-Artifact"),
        ("IsPassive=\"perhaps\"", "", "IsPassive"),
        ("", "<samlp:Extensions/>", "Extensions"),
        ("", "<saml:Subject/>", "Subject"),
        ("", "<saml:Conditions/>", "Conditions"),
        ("", "<samlp:Scoping><samlp:IDPList/></samlp:Scoping>", "IDPList"),
        ("", "<samlp:NameIDPolicy SPNameQualifier=\"https://other.example.com\"/>", "SPNameQualifier"),
        ("", "<samlp:NameIDPolicy Format=\"urn:oasis:names:tc:SAML:2.0:nameid-format:encrypted\"/>", "encrypted"),
        ("", "<samlp:RequestedAuthnContext Comparison=\"better\"/>", "better"),
        ("", "<samlp:RequestedAuthnContext><saml:AuthnContextDeclRef/></samlp:RequestedAuthnContext>", "DeclRef"),
    ] {
        let refusal = read_xml(&xml(attributes, children)).unwrap_err();
        assert_eq!(refusal.check, Check::RequestContent, "{named}: {refusal}");
        assert!(refusal.found.contains(named), "{refusal:?}");
    }
    assert!(read_xml(&xml("", "<samlp:Scoping ProxyCount=\"1\"/>")).is_ok());
}

#[test]
fn a_way_of_signing_in_is_accepted_as_it_was_asked_for() {
    let asking = |comparison: &str, class: &str| {
        let children = format!(
            "<samlp:RequestedAuthnContext Comparison=\"{comparison}\"><saml:AuthnContextClassRef>{class}\
             </saml:AuthnContextClassRef></samlp:RequestedAuthnContext>"
        );
        read_xml(&xml("", &children)).unwrap()
    };
    let exact = asking("exact", CONTEXT_PASSWORD);
    assert!(exact.accepts_context(CONTEXT_PASSWORD) && !exact.accepts_context(CONTEXT_MFA));
    let minimum = asking("minimum", CONTEXT_PASSWORD);
    assert!(minimum.accepts_context(CONTEXT_MFA) && !minimum.accepts_context(CONTEXT_UNSPECIFIED));
    // It waits as JSON while the person signs in, with all that was asked for.
    let kept = serde_json::to_string(&minimum).unwrap();
    assert_eq!(serde_json::from_str::<ReceivedRequest>(&kept).unwrap(), minimum);
    let unknown = asking("minimum", "urn:example:card");
    assert!(!unknown.accepts_context(CONTEXT_MFA) && unknown.accepts_context("urn:example:card"));
}

#[test]
fn a_request_for_another_address_or_of_another_day_is_refused() {
    let elsewhere = xml("Destination=\"https://other.example.com/sso\"", "");
    assert_eq!(read_xml(&elsewhere).unwrap_err().check, Check::Destination);
    for instant in ["2027-01-15T06:59:59Z", "2027-01-15T08:01:01Z"] {
        let other = xml("", "").replace("2027-01-15T08:00:00Z", instant);
        assert_eq!(read_xml(&other).unwrap_err().check, Check::IssueInstant, "{instant}");
    }
    let stranger = xml("", "").replace(&format!("<saml:Issuer>{SP}"), "<saml:Issuer>https://other.example.com");
    assert_eq!(read_xml(&stranger).unwrap_err().check, Check::Issuer);
    let response = xml("", "").replace("AuthnRequest", "LogoutRequest");
    assert_eq!(read_xml(&response).unwrap_err().check, Check::Message);
}

#[test]
fn a_refusal_is_signed_and_tells_the_status() {
    let answer = refuse(
        &Refuse {
            issuer: IDP,
            destination: ACS,
            in_response_to: Some(REQUEST),
            response_id: "_response1",
            status: RefuseStatus::RequestDenied,
            message: Some("no group of this person opens it"),
            now: NOW,
        },
        &key(),
    )
    .unwrap();
    assert!(answer.xml.contains("<ds:SignatureValue>"));
    let certificates = [key().certificate().clone()];
    let refusal = sp::validate(&value(&answer), &expected(&certificates)).outcome.unwrap_err();
    assert_eq!(refusal.check, Check::Status);
    assert_eq!(refusal.found, "Responder, RequestDenied (no group of this person opens it)");
}

#[test]
fn what_cannot_stand_in_an_assertion_is_refused_before_signing() {
    let bad = ["a\u{1}b".to_owned()];
    let attributes = [Attribute { name: "x", name_format: AttributeFormat::Basic, values: &bad }];
    for said in [
        usual("olivia@example.com", &attributes),
        usual(" olivia", &[]),
        usual("", &[]),
        Issue { lifetime: Duration::ZERO, ..usual("olivia@example.com", &[]) },
        Issue { assertion_id: "_response1", ..usual("olivia@example.com", &[]) },
    ] {
        assert!(matches!(issue(&said, &key()), Err(SamlError::Value(_))), "{said:?}");
    }
    let nowhere = Issue { recipient: "redshift", ..usual("olivia@example.com", &[]) };
    assert!(matches!(issue(&nowhere, &key()), Err(SamlError::Location(_))));
}

/// The Redshift driver listens on loopback, over plain http.
#[test]
fn an_assertion_may_go_to_the_drivers_own_listener() {
    let said = Issue {
        recipient: "http://localhost:7890/redshift/",
        in_response_to: None,
        session_not_on_or_after: None,
        name_id_format: NAME_ID_TRANSIENT,
        ..usual("olivia@example.com", &[])
    };
    let answer = issue(&said, &key()).unwrap();
    assert!(answer.xml.contains("Recipient=\"http://localhost:7890/redshift/\""));
    assert!(!answer.xml.contains("InResponseTo") && !answer.xml.contains("SessionNotOnOrAfter"));
    assert!(!answer.xml.contains("AttributeStatement"));
}
