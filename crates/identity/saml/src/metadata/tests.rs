use base::Fault;
use time::macros::datetime;

use super::*;
use crate::testing::{key, other_key};
use crate::xml::XmlRefusal;
use crate::{Binding, NAME_ID_EMAIL, NAME_ID_PERSISTENT};

const KEYCLOAK: &str = include_str!("tests/keycloak.xml");
const OKTA: &str = include_str!("tests/okta.xml");
const ENTRA: &str = include_str!("tests/entra.xml");
const JUMPCLOUD: &str = include_str!("tests/jumpcloud.xml");
const SIMPLESAMLPHP: &str = include_str!("tests/simplesamlphp.xml");
const AWS: &str = include_str!("tests/aws.xml");

fn idp(xml: &str) -> IdpMetadata {
    read_idp(xml.as_bytes()).unwrap()
}

fn refused(xml: &str) -> MetadataRefusal {
    let refusal = read_idp(xml.as_bytes()).unwrap_err();
    assert!(refusal.public().hint.is_some());
    refusal
}

#[test]
fn the_metadata_of_identity_providers_is_read() {
    let ours = key().certificate().clone();
    let keycloak = idp(KEYCLOAK);
    assert_eq!(keycloak.entity_id, "http://127.0.0.1:8180/realms/acme");
    assert!(keycloak.wants_signed_requests);
    assert_eq!((keycloak.single_sign_on.len(), keycloak.single_logout.len()), (2, 2));
    assert_eq!(keycloak.single_sign_on[0].binding, Binding::Post);
    assert_eq!(keycloak.certificates, std::slice::from_ref(&ours));
    assert_eq!(keycloak.name_id_formats, [NAME_ID_PERSISTENT, NAME_ID_EMAIL]);

    let okta = idp(OKTA);
    assert_eq!(okta.entity_id, "http://www.okta.com/exk1fxp8xqLkj0Yq5357");
    assert!(!okta.wants_signed_requests && okta.single_logout.is_empty());
    assert_eq!(okta.certificates, std::slice::from_ref(&ours));

    // Two keys, while one takes the other's place; those of WS-Federation and of the metadata's own signature don't count.
    let entra = idp(ENTRA);
    assert_eq!(entra.certificates, [ours.clone(), other_key().certificate().clone()]);
    assert_eq!(entra.single_sign_on.len(), 2);

    let jumpcloud = idp(JUMPCLOUD);
    assert_eq!((jumpcloud.entity_id.as_str(), jumpcloud.certificates), ("JumpCloud", vec![ours.clone()]));

    let simplesamlphp = idp(SIMPLESAMLPHP);
    assert_eq!(simplesamlphp.certificates, [ours]);
    assert_eq!(simplesamlphp.valid_until, Some(datetime!(2027-01-17 08:00 UTC)));
    assert_eq!(simplesamlphp.left_out, ["the certificate's RSA key has 1024 bits; 2048 to 8192 are taken."]);
}

#[test]
fn the_metadata_of_aws_is_read() {
    let aws = read_sp(AWS.as_bytes()).unwrap();
    assert_eq!(aws.entity_id, "urn:amazon:webservices");
    let consumers: Vec<(&str, u16, bool)> = aws
        .assertion_consumers
        .iter()
        .map(|consumer| (consumer.location.as_str(), consumer.index, consumer.is_default))
        .collect();
    assert_eq!(
        consumers,
        [("https://signin.aws.amazon.com/saml", 1, true), ("https://us-west-2.signin.aws.amazon.com/saml", 2, false)]
    );
    assert!(aws.wants_signed_assertions && !aws.signs_requests);
    assert_eq!(aws.name_id_formats.len(), 3);
}

#[test]
fn one_entity_among_others_is_found_and_two_are_refused() {
    let body = |xml: &str| xml.split_once("?>").map_or(xml, |(_, body)| body).to_owned();
    let group = |inner: &str| {
        format!("<EntitiesDescriptor xmlns=\"urn:oasis:names:tc:SAML:2.0:metadata\">{inner}</EntitiesDescriptor>")
    };
    let one = group(&group(&format!("{}{}", body(OKTA), body(AWS))));
    assert_eq!(idp(&one).entity_id, "http://www.okta.com/exk1fxp8xqLkj0Yq5357");
    assert_eq!(read_sp(one.as_bytes()).unwrap().entity_id, "urn:amazon:webservices");
    let two = group(&format!("{}{KEYCLOAK}", body(OKTA)));
    assert_eq!(refused(&two), MetadataRefusal::NotOne { role: "identity provider", found: 2 });
    assert_eq!(refused(AWS), MetadataRefusal::NotOne { role: "identity provider", found: 0 });
}

#[test]
fn what_is_missing_is_named() {
    let without = |from: &str, to: &str| {
        let (before, rest) = OKTA.split_once(from).unwrap();
        format!("{before}{}", rest.split_once(to).unwrap().1)
    };
    assert_eq!(refused(&without("entityID=\"", "\"")), MetadataRefusal::Missing("entityID"));
    assert!(matches!(refused(&without("<md:KeyDescriptor", "</md:KeyDescriptor>")), MetadataRefusal::Missing(_)));
    let soap = OKTA.replace("bindings:HTTP-POST", "bindings:SOAP").replace("bindings:HTTP-Redirect", "bindings:SOAP");
    assert!(matches!(refused(&soap), MetadataRefusal::Missing(what) if what.starts_with("SingleSignOnService")));
    let saml1 = OKTA.replace(
        "protocolSupportEnumeration=\"urn:oasis:names:tc:SAML:2.0",
        "protocolSupportEnumeration=\"urn:oasis:names:tc:SAML:1.1",
    );
    assert_eq!(refused(&saml1), MetadataRefusal::NotOne { role: "identity provider", found: 0 });
    let no_consumer = AWS.replace("bindings:HTTP-POST", "bindings:PAOS");
    assert!(matches!(read_sp(no_consumer.as_bytes()), Err(MetadataRefusal::Missing(_))));
}

#[test]
fn what_is_wrong_is_named() {
    assert_eq!(
        refused(&format!("{OKTA}{}", " ".repeat(75_000))),
        MetadataRefusal::TooLong(OKTA.chars().count() + 75_000)
    );
    assert_eq!(refused("<!DOCTYPE x><x/>"), MetadataRefusal::Document(XmlRefusal::DocumentType));
    assert!(matches!(refused("<html/>"), MetadataRefusal::NotMetadata(_)));
    let script = OKTA.replace("https://example.okta.com/app", "javascript:alert(1)//app");
    assert!(matches!(refused(&script), MetadataRefusal::Value { name: "SingleSignOnService", .. }));
    let flag = OKTA.replace("WantAuthnRequestsSigned=\"false\"", "WantAuthnRequestsSigned=\"no\"");
    assert!(matches!(refused(&flag), MetadataRefusal::Value { name: "WantAuthnRequestsSigned", .. }));
    let weak = SIMPLESAMLPHP.replace("use=\"signing\"", "use=\"encryption\"");
    assert!(matches!(refused(&weak), MetadataRefusal::Certificates(why) if why.contains("1024")));
}

#[test]
fn what_is_written_is_read() {
    let certificates = [key().certificate().clone(), other_key().certificate().clone()];
    let endpoints = [
        Endpoint { binding: Binding::Redirect, location: "https://localhost:8444/idp/saml/a?b=1&c=2".to_owned() },
        Endpoint { binding: Binding::Post, location: "https://localhost:8444/idp/saml/a".to_owned() },
    ];
    let written = write_idp(&IdpDescription {
        entity_id: "https://localhost:8444/idp/saml/a",
        single_sign_on: &endpoints,
        single_logout: &endpoints[..1],
        certificates: &certificates,
        wants_signed_requests: true,
        name_id_formats: &[NAME_ID_EMAIL, NAME_ID_PERSISTENT],
        organisation: Some(&Organisation { name: "Acme & Söhne", url: "https://acme.example" }),
    });
    let read = idp(&written);
    assert_eq!(read.entity_id, "https://localhost:8444/idp/saml/a");
    assert_eq!(read.single_sign_on, endpoints);
    assert_eq!(read.single_logout, endpoints[..1]);
    assert_eq!(read.certificates, certificates);
    assert!(read.wants_signed_requests && read.left_out.is_empty());
    // The schema's order: keys, logout, name ids, sign-on; the organisation last.
    let places = [
        "<md:KeyDescriptor",
        "<md:SingleLogoutService",
        "<md:NameIDFormat",
        "<md:SingleSignOnService",
        "<md:Organization",
    ]
    .map(|name| written.find(name).unwrap());
    assert!(places.is_sorted(), "{written}");

    let written = write_sp(&SpDescription {
        entity_id: "https://127.0.0.1:8443/platform/saml/ids-1",
        acs_url: "https://127.0.0.1:8443/platform/saml/ids-1/acs",
        single_logout: &endpoints,
        certificates: &certificates[..1],
        signs_requests: true,
        name_id_formats: &[NAME_ID_EMAIL],
    });
    let read = read_sp(written.as_bytes()).unwrap();
    assert_eq!(read.assertion_consumers[0].location, "https://127.0.0.1:8443/platform/saml/ids-1/acs");
    assert!(read.assertion_consumers[0].is_default && read.signs_requests && read.wants_signed_assertions);
    assert_eq!((read.single_logout, read.certificates), (endpoints.to_vec(), certificates[..1].to_vec()));
    let places = ["<md:KeyDescriptor", "<md:SingleLogoutService", "<md:NameIDFormat", "<md:AssertionConsumerService"]
        .map(|name| written.find(name).unwrap());
    assert!(places.is_sorted(), "{written}");
}
