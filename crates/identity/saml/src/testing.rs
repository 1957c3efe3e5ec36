//! What the tests share: keys of the corpus and a sign-in as it should be.

use base::Secret;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use time::macros::datetime;
use time::{Duration, OffsetDateTime};

use crate::idp::{Attribute, CONTEXT_PASSWORD, Issue, IssuedResponse};
use crate::sp::{Expected, InResponseTo};
use crate::{NAME_ID_EMAIL, Outgoing, SigningCertificate, SigningKey};

pub(crate) const NOW: OffsetDateTime = datetime!(2027-01-15 08:00 UTC);
pub(crate) const IDP: &str = "https://idp.example.com/saml";
pub(crate) const SP: &str = "https://sp.example.com/saml";
pub(crate) const ACS: &str = "https://sp.example.com/saml/acs";
pub(crate) const REQUEST: &str = "_request1";

pub(crate) fn key() -> SigningKey {
    load(include_str!("../tests/corpus/keys/idp.key.pem"), include_str!("../tests/corpus/keys/idp.crt.pem"))
}

pub(crate) fn other_key() -> SigningKey {
    load(include_str!("../tests/corpus/keys/attacker.key.pem"), include_str!("../tests/corpus/keys/attacker.crt.pem"))
}

fn load(key: &str, certificate: &str) -> SigningKey {
    SigningKey::from_pkcs8(Secret::new(der(key)), SigningCertificate::from_pem(certificate).unwrap()).unwrap()
}

pub(crate) fn der(pem: &str) -> Vec<u8> {
    STANDARD.decode(pem.lines().filter(|line| !line.starts_with("-----")).collect::<String>()).unwrap()
}

pub(crate) fn issue<'a>(name_id: &'a str, attributes: &'a [Attribute<'a>]) -> Issue<'a> {
    Issue {
        issuer: IDP,
        audience: SP,
        recipient: ACS,
        in_response_to: Some(REQUEST),
        name_id,
        name_id_format: NAME_ID_EMAIL,
        attributes,
        authn_instant: NOW - Duration::minutes(1),
        authn_context: CONTEXT_PASSWORD,
        session_index: "_session1",
        lifetime: Duration::minutes(5),
        session_not_on_or_after: Some(NOW + Duration::hours(8)),
        now: NOW,
        response_id: "_response1",
        assertion_id: "_assertion1",
        sign_response: false,
    }
}

pub(crate) fn expected(certificates: &[SigningCertificate]) -> Expected<'_> {
    Expected {
        idp_entity_id: IDP,
        certificates,
        sp_entity_id: SP,
        acs_url: ACS,
        in_response_to: InResponseTo::Request(REQUEST),
        now: NOW,
        skew: Duration::minutes(1),
        force_authn_since: None,
    }
}

/// The form's value.
pub(crate) fn value(response: &IssuedResponse) -> String {
    field(&response.post(ACS, None).unwrap(), "SAMLResponse")
}

/// A field of a form, or the query of a redirect.
pub(crate) fn field(outgoing: &Outgoing, name: &str) -> String {
    match outgoing {
        Outgoing::Redirect(location) => location.split_once('?').unwrap().1.to_owned(),
        Outgoing::Post { fields, .. } => fields.iter().find(|(known, _)| *known == name).unwrap().1.clone(),
    }
}
