//! Metadata -> what is used of it.

use time::OffsetDateTime;
use url::Url;

use super::{AssertionConsumer, IdpMetadata, LONGEST, MetadataRefusal, SpMetadata};
use crate::binding::{Binding, Endpoint};
use crate::certificate::SigningCertificate;
use crate::instant;
use crate::xml::{self, Element, Kind, ns};

/// The longest entity ID (SAML core 8.3.6).
const LONGEST_ENTITY_ID: usize = 1024;
/// The longest address of an endpoint.
const LONGEST_LOCATION: usize = 2048;
/// Entries of a kind.
const MOST: usize = 50;

/// Reads the metadata of an identity provider: an EntityDescriptor, or an EntitiesDescriptor with one of them.
///
/// # Errors
/// [`MetadataRefusal`]: what is wrong or missing.
pub fn read_idp(xml: &[u8]) -> Result<IdpMetadata, MetadataRefusal> {
    let root = document(xml)?;
    let (entity, role) = entity(&root, "identity provider", "IDPSSODescriptor")?;
    let (certificates, left_out) = certificates(role)?;
    if certificates.is_empty() {
        return Err(MetadataRefusal::Missing("certificate for signing (X509Certificate)"));
    }
    let single_sign_on = endpoints(role, "SingleSignOnService")?;
    if single_sign_on.is_empty() {
        return Err(MetadataRefusal::Missing("SingleSignOnService for HTTP-Redirect or HTTP-POST"));
    }
    Ok(IdpMetadata {
        entity_id: entity_id(entity)?,
        single_sign_on,
        single_logout: endpoints(role, "SingleLogoutService")?,
        certificates,
        wants_signed_requests: flag(role, "WantAuthnRequestsSigned")?.unwrap_or(false),
        name_id_formats: name_id_formats(role),
        valid_until: valid_until(&root, entity, role)?,
        left_out,
    })
}

/// Reads the metadata of a service provider.
///
/// # Errors
/// [`MetadataRefusal`]: what is wrong or missing.
pub fn read_sp(xml: &[u8]) -> Result<SpMetadata, MetadataRefusal> {
    let root = document(xml)?;
    let (entity, role) = entity(&root, "service provider", "SPSSODescriptor")?;
    let (certificates, left_out) = certificates(role)?;
    Ok(SpMetadata {
        entity_id: entity_id(entity)?,
        assertion_consumers: assertion_consumers(role)?,
        single_logout: endpoints(role, "SingleLogoutService")?,
        certificates,
        signs_requests: flag(role, "AuthnRequestsSigned")?.unwrap_or(false),
        wants_signed_assertions: flag(role, "WantAssertionsSigned")?.unwrap_or(false),
        name_id_formats: name_id_formats(role),
        valid_until: valid_until(&root, entity, role)?,
        left_out,
    })
}

fn document(xml: &[u8]) -> Result<Element, MetadataRefusal> {
    let length = String::from_utf8_lossy(xml).chars().count();
    if length > LONGEST {
        return Err(MetadataRefusal::TooLong(length));
    }
    xml::read(xml, Kind::Metadata).map_err(MetadataRefusal::Document)
}

/// The one entity of SAML 2.0 that plays the role, and the role.
fn entity<'a>(
    root: &'a Element,
    role: &'static str,
    descriptor: &'static str,
) -> Result<(&'a Element, &'a Element), MetadataRefusal> {
    let mut entities = Vec::new();
    collect(root, &mut entities);
    if entities.is_empty() && !root.is(ns::METADATA, "EntitiesDescriptor") {
        return Err(MetadataRefusal::NotMetadata(root.described()));
    }
    let speaks = |role: &&Element| {
        let protocols = role.attribute("protocolSupportEnumeration").unwrap_or_default();
        protocols.split_ascii_whitespace().any(|protocol| protocol == ns::PROTOCOL)
    };
    let mut fitting = Vec::new();
    for entity in entities {
        fitting.extend(entity.named(ns::METADATA, descriptor).filter(speaks).map(|role| (entity, role)));
    }
    match fitting.as_slice() {
        [one] => Ok(*one),
        others => Err(MetadataRefusal::NotOne { role, found: others.len() }),
    }
}

/// The entities of a document, whose groups may hold groups.
fn collect<'a>(element: &'a Element, entities: &mut Vec<&'a Element>) {
    if element.is(ns::METADATA, "EntityDescriptor") {
        entities.push(element);
    } else if element.is(ns::METADATA, "EntitiesDescriptor") {
        element.elements().for_each(|child| collect(child, entities));
    }
}

fn entity_id(entity: &Element) -> Result<String, MetadataRefusal> {
    let id = entity.attribute("entityID").unwrap_or_default().trim();
    if id.is_empty() {
        return Err(MetadataRefusal::Missing("entityID"));
    }
    if id.len() > LONGEST_ENTITY_ID || id.chars().any(|one| one.is_control() || one.is_whitespace()) {
        return Err(wrong("entityID", id));
    }
    Ok(id.to_owned())
}

fn wrong(name: &'static str, value: &str) -> MetadataRefusal {
    MetadataRefusal::Value { name, value: value.chars().take(200).collect() }
}

/// The endpoints of a kind that a browser can use, one for each binding and address.
fn endpoints(role: &Element, local: &'static str) -> Result<Vec<Endpoint>, MetadataRefusal> {
    let mut endpoints = Vec::new();
    for element in role.named(ns::METADATA, local).take(MOST) {
        let binding = element.attribute("Binding").and_then(Binding::from_uri);
        let Some(binding) = binding else { continue };
        let endpoint = Endpoint { binding, location: location(element, local)? };
        if !endpoints.contains(&endpoint) {
            endpoints.push(endpoint);
        }
    }
    Ok(endpoints)
}

/// An address that a browser can be sent to. Plain http is for loopback: the Redshift driver listens there.
fn location(element: &Element, name: &'static str) -> Result<String, MetadataRefusal> {
    let text = element.attribute("Location").unwrap_or_default().trim();
    let fits = text.len() <= LONGEST_LOCATION
        && !text.chars().any(|one| one.is_control() || one.is_whitespace())
        && Url::parse(text)
            .is_ok_and(|url| matches!(url.scheme(), "https" | "http") && url.has_host() && url.fragment().is_none());
    if fits { Ok(text.to_owned()) } else { Err(wrong(name, text)) }
}

fn assertion_consumers(role: &Element) -> Result<Vec<AssertionConsumer>, MetadataRefusal> {
    let mut consumers = Vec::new();
    for element in role.named(ns::METADATA, "AssertionConsumerService").take(MOST) {
        if element.attribute("Binding") != Some(Binding::Post.uri()) {
            continue;
        }
        let index = element.attribute("index").unwrap_or("0");
        let index = index.trim().parse().map_err(|_| wrong("the index of an AssertionConsumerService", index))?;
        let is_default = flag(element, "isDefault")?.unwrap_or(false);
        let location = location(element, "AssertionConsumerService")?;
        consumers.push(AssertionConsumer { location, index, is_default });
    }
    if consumers.is_empty() {
        return Err(MetadataRefusal::Missing("AssertionConsumerService for HTTP-POST"));
    }
    consumers.sort_by_key(|consumer| (!consumer.is_default, consumer.index));
    Ok(consumers)
}

/// The certificates for signing, each once, and what is wrong with the others.
fn certificates(role: &Element) -> Result<(Vec<SigningCertificate>, Vec<String>), MetadataRefusal> {
    let mut certificates: Vec<SigningCertificate> = Vec::new();
    let mut left_out = Vec::new();
    for key in role.named(ns::METADATA, "KeyDescriptor").take(MOST) {
        match key.attribute("use") {
            None | Some("signing") => {}
            Some("encryption") => continue,
            Some(other) => return Err(wrong("the use of a KeyDescriptor", other)),
        }
        let data = key.named(ns::SIGNATURE, "KeyInfo").flat_map(|info| info.named(ns::SIGNATURE, "X509Data"));
        for element in data.flat_map(|data| data.named(ns::SIGNATURE, "X509Certificate")).take(MOST) {
            match SigningCertificate::from_base64(element.text().unwrap_or_default()) {
                Ok(certificate) if certificates.contains(&certificate) => {}
                Ok(certificate) => certificates.push(certificate),
                Err(refusal) => left_out.push(format!("{refusal}.")),
            }
        }
    }
    if certificates.is_empty() && !left_out.is_empty() {
        return Err(MetadataRefusal::Certificates(left_out.join(" ")));
    }
    Ok((certificates, left_out))
}

fn name_id_formats(role: &Element) -> Vec<String> {
    let formats = role.named(ns::METADATA, "NameIDFormat").filter_map(Element::value);
    formats.filter(|format| !format.is_empty()).take(MOST).map(str::to_owned).collect()
}

/// The earliest of the three places where it may stand.
fn valid_until(root: &Element, entity: &Element, role: &Element) -> Result<Option<OffsetDateTime>, MetadataRefusal> {
    let mut earliest: Option<OffsetDateTime> = None;
    for text in [root, entity, role].into_iter().filter_map(|element| element.attribute("validUntil")) {
        let instant = instant::parse(text.trim()).ok_or_else(|| wrong("validUntil", text))?;
        earliest = Some(earliest.map_or(instant, |known| known.min(instant)));
    }
    Ok(earliest)
}

fn flag(element: &Element, name: &'static str) -> Result<Option<bool>, MetadataRefusal> {
    match element.attribute(name).map(str::trim) {
        None => Ok(None),
        Some("true" | "1") => Ok(Some(true)),
        Some("false" | "0") => Ok(Some(false)),
        Some(other) => Err(wrong(name, other)),
    }
}
