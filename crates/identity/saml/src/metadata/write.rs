//! Our own metadata, in the order of the schema (SAML metadata 2.4.3, 2.4.4).

use crate::binding::{Binding, Endpoint};
use crate::certificate::SigningCertificate;
use crate::xml::{self, Element, ns};

/// An identity provider of ours, for one application.
#[derive(Debug, Clone, Copy)]
pub struct IdpDescription<'a> {
    pub entity_id: &'a str,
    pub single_sign_on: &'a [Endpoint],
    pub single_logout: &'a [Endpoint],
    /// The current one first, then those of keys that come or go.
    pub certificates: &'a [SigningCertificate],
    pub wants_signed_requests: bool,
    pub name_id_formats: &'a [&'a str],
    pub organisation: Option<&'a Organisation<'a>>,
}

/// Whose metadata it is, for people.
#[derive(Debug, Clone, Copy)]
pub struct Organisation<'a> {
    pub name: &'a str,
    pub url: &'a str,
}

/// Identity Center as a service provider. It wants every assertion signed.
#[derive(Debug, Clone, Copy)]
pub struct SpDescription<'a> {
    pub entity_id: &'a str,
    /// For HTTP-POST.
    pub acs_url: &'a str,
    pub single_logout: &'a [Endpoint],
    /// What requests and logouts are signed with.
    pub certificates: &'a [SigningCertificate],
    pub signs_requests: bool,
    pub name_id_formats: &'a [&'a str],
}

#[must_use]
pub fn write_idp(description: &IdpDescription<'_>) -> String {
    let role = xml::metadata("IDPSSODescriptor")
        .with("WantAuthnRequestsSigned", flag(description.wants_signed_requests))
        .with("protocolSupportEnumeration", ns::PROTOCOL)
        .all(description.certificates.iter().map(key_descriptor))
        .all(endpoints("SingleLogoutService", description.single_logout))
        .all(name_id_formats(description.name_id_formats))
        .all(endpoints("SingleSignOnService", description.single_sign_on));
    document(description.entity_id, role, description.organisation)
}

#[must_use]
pub fn write_sp(description: &SpDescription<'_>) -> String {
    let consumer = xml::metadata("AssertionConsumerService")
        .with("Binding", Binding::Post.uri())
        .with("Location", description.acs_url)
        .with("index", "0")
        .with("isDefault", "true");
    let role = xml::metadata("SPSSODescriptor")
        .with("AuthnRequestsSigned", flag(description.signs_requests))
        .with("WantAssertionsSigned", "true")
        .with("protocolSupportEnumeration", ns::PROTOCOL)
        .all(description.certificates.iter().map(key_descriptor))
        .all(endpoints("SingleLogoutService", description.single_logout))
        .all(name_id_formats(description.name_id_formats))
        .child(consumer);
    document(description.entity_id, role, None)
}

fn document(entity_id: &str, role: Element, organisation: Option<&Organisation<'_>>) -> String {
    let entity = xml::metadata("EntityDescriptor")
        .declaring(&[ns::METADATA, ns::SIGNATURE])
        .with("entityID", entity_id)
        .child(role)
        .child_some(organisation.map(organisation_element));
    format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n{}\n", entity.document())
}

fn organisation_element(organisation: &Organisation<'_>) -> Element {
    let named = |local: &str, value: &str| xml::metadata(local).in_english().holding(value);
    xml::metadata("Organization")
        .child(named("OrganizationName", organisation.name))
        .child(named("OrganizationDisplayName", organisation.name))
        .child(named("OrganizationURL", organisation.url))
}

fn key_descriptor(certificate: &SigningCertificate) -> Element {
    let x509 = xml::signature_value("X509Certificate").holding(&certificate.base64());
    let info = xml::signature_value("KeyInfo").child(xml::signature_value("X509Data").child(x509));
    xml::metadata("KeyDescriptor").with("use", "signing").child(info)
}

fn endpoints<'a>(local: &'a str, endpoints: &'a [Endpoint]) -> impl Iterator<Item = Element> + 'a {
    endpoints.iter().map(move |endpoint| {
        xml::metadata(local).with("Binding", endpoint.binding.uri()).with("Location", &endpoint.location)
    })
}

fn name_id_formats<'a>(formats: &'a [&'a str]) -> impl Iterator<Item = Element> + 'a {
    formats.iter().map(|format| xml::metadata("NameIDFormat").holding(format))
}

const fn flag(value: bool) -> &'static str {
    if value { "true" } else { "false" }
}
