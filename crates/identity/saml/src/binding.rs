//! The bindings: how messages travel through a browser (SAML bindings 3.4 and 3.5).

mod post;
mod redirect;
#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};
use url::Url;

use crate::check::{Check, Refusal, Story};
use crate::error::SamlError;
use crate::xml::{self, Element, Kind, XmlRefusal};

pub(crate) use post::form;
pub(crate) use redirect::location;

/// RelayState may have 80 bytes by the standard, but deep links are longer, and AWS passes them on unmodified.
pub const LONGEST_RELAY_STATE: usize = 1024;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Binding {
    Redirect,
    Post,
}

impl Binding {
    /// As metadata names it.
    #[must_use]
    pub const fn uri(self) -> &'static str {
        match self {
            Self::Redirect => "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect",
            Self::Post => "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST",
        }
    }

    #[must_use]
    pub fn from_uri(uri: &str) -> Option<Self> {
        [Self::Redirect, Self::Post].into_iter().find(|binding| binding.uri() == uri)
    }
}

/// Where messages of a kind are sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Endpoint {
    pub binding: Binding,
    /// An absolute address.
    pub location: String,
}

/// A message on its way through the browser.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outgoing {
    /// The address to redirect to, the message in its query.
    Redirect(String),
    /// A form that the browser posts.
    Post { action: String, fields: Vec<(&'static str, String)> },
}

/// A message as it came.
#[derive(Debug, Clone, Copy)]
pub enum Incoming<'a> {
    /// The query as it stands in the address, without `?`, not decoded: its signature is over these characters.
    Redirect { query: &'a str },
    /// The form's `SAMLRequest` or `SAMLResponse`, and its `RelayState`.
    Post { message: &'a str, relay_state: Option<&'a str> },
}

/// Which field carries the message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Field {
    Request,
    Response,
}

impl Field {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Request => "SAMLRequest",
            Self::Response => "SAMLResponse",
        }
    }
}

/// A message out of its binding.
#[derive(Debug)]
pub(crate) struct Received {
    pub(crate) root: Element,
    pub(crate) relay_state: Option<String>,
    /// Of a redirect that has one: the signed part of the query, the algorithm and the signature.
    pub(crate) query_signature: Option<redirect::QuerySignature>,
}

/// Takes a message out of its binding and reads it.
pub(crate) fn receive(story: &mut Story, incoming: &Incoming<'_>, field: Field) -> Result<Received, Refusal> {
    match incoming {
        Incoming::Redirect { query } => redirect::receive(story, query, field),
        Incoming::Post { message, relay_state } => {
            let root = read_form_value(story, message)?;
            relay_state_fits(story, *relay_state)?;
            Ok(Received { root, relay_state: relay_state.map(str::to_owned), query_signature: None })
        }
    }
}

/// The message of a form's field: base64 of XML.
pub(crate) fn read_form_value(story: &mut Story, value: &str) -> Result<Element, Refusal> {
    match post::decoded(value) {
        Ok(xml) => read(story, &xml),
        Err(why) => story.failed(Check::Encoding, "base64", why),
    }
}

fn read(story: &mut Story, document: &[u8]) -> Result<Element, Refusal> {
    match xml::read(document, Kind::Message) {
        Ok(root) => {
            story.passed(Check::Document, "well-formed, within limits, without a document type", "so it is");
            Ok(root)
        }
        Err(refusal) => {
            let (check, wanted) = check_of(&refusal);
            story.failed(check, wanted, refusal.to_string())
        }
    }
}

/// The check that a document failed, and what it expects.
const fn check_of(refusal: &XmlRefusal) -> (Check, &'static str) {
    match refusal {
        XmlRefusal::TooLong { .. }
        | XmlRefusal::NotUtf8
        | XmlRefusal::Declaration(_)
        | XmlRefusal::TooDeep
        | XmlRefusal::TooManyNodes
        | XmlRefusal::TooManyAttributes(_)
        | XmlRefusal::NotWellFormed(_) => (Check::Document, "well-formed XML, within limits"),
        XmlRefusal::DocumentType | XmlRefusal::ProcessingInstruction | XmlRefusal::Entity(_) => {
            (Check::DocumentType, "no document type, no processing instruction, no entity but the five of XML")
        }
        XmlRefusal::Comment => (Check::Comments, "no comment"),
        XmlRefusal::Namespace(_) => (Check::Namespaces, "namespaces that are declared, each as itself"),
        XmlRefusal::DuplicateId(_) => (Check::UniqueIds, "an id of its own for each element"),
    }
}

fn relay_state_fits(story: &mut Story, relay_state: Option<&str>) -> Result<(), Refusal> {
    let length = relay_state.map_or(0, str::len);
    if length <= LONGEST_RELAY_STATE {
        return Ok(());
    }
    let expected = format!("a RelayState of at most {LONGEST_RELAY_STATE} bytes");
    story.failed(Check::Encoding, expected, format!("a RelayState of {length} bytes"))
}

/// Checks what goes beside a message that is sent.
pub(crate) fn may_go(location: &str, relay_state: Option<&str>) -> Result<(), SamlError> {
    let fits = Url::parse(location)
        .is_ok_and(|url| matches!(url.scheme(), "https" | "http") && url.has_host() && url.fragment().is_none());
    if !fits || location.chars().any(|one| one.is_control() || one.is_whitespace()) {
        return Err(SamlError::Location(location.chars().take(200).collect()));
    }
    match relay_state.map_or(0, str::len) {
        length if length > LONGEST_RELAY_STATE => Err(SamlError::RelayState(length)),
        _ => Ok(()),
    }
}
