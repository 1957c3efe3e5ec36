//! The status of a response (SAML core 3.2.2).

use crate::check::{Check, Refusal, Story};
use crate::xml::{self, Element, ns};

pub(crate) const SUCCESS: &str = "urn:oasis:names:tc:SAML:2.0:status:Success";
pub(crate) const PARTIAL_LOGOUT: &str = "urn:oasis:names:tc:SAML:2.0:status:PartialLogout";
const PREFIX: &str = "urn:oasis:names:tc:SAML:2.0:status:";

/// The codes of a response, the top one first, and its message. Empty without a status.
pub(crate) fn codes(root: &Element) -> (Vec<String>, Option<String>) {
    let status = root.only(ns::PROTOCOL, "Status");
    let mut codes = Vec::new();
    let mut code = status.and_then(|status| status.only(ns::PROTOCOL, "StatusCode"));
    while let Some(one) = code {
        codes.push(one.attribute("Value").unwrap_or_default().to_owned());
        code = one.only(ns::PROTOCOL, "StatusCode");
    }
    let message = status.and_then(|status| status.only(ns::PROTOCOL, "StatusMessage")).and_then(Element::value);
    (codes, message.filter(|message| !message.is_empty()).map(str::to_owned))
}

/// Only the whole success passes.
pub(crate) fn check(story: &mut Story, root: &Element) -> Result<(), Refusal> {
    let (codes, message) = codes(root);
    let passed = codes.first().is_some_and(|code| code == SUCCESS);
    let short: Vec<&str> = codes.iter().map(|code| code.strip_prefix(PREFIX).unwrap_or(code)).collect();
    let mut found = if short.is_empty() { "no status".to_owned() } else { short.join(", ") };
    if let Some(message) = message {
        found.push_str(&format!(" ({message})"));
    }
    story.note(Check::Status, "Success", found, passed)
}

/// `Status` of an answer: the codes from the top one down, each without its prefix.
pub(crate) fn element(codes: &[&str], message: Option<&str>) -> Element {
    let code = codes.iter().rev().fold(None, |inner: Option<Element>, code| {
        Some(xml::protocol("StatusCode").with("Value", &format!("{PREFIX}{code}")).child_some(inner))
    });
    let message = message.map(|message| xml::protocol("StatusMessage").holding(message));
    xml::protocol("Status").child_some(code).child_some(message)
}
