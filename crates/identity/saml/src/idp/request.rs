//! AuthnRequest, as it is received (SAML core 3.4.1). What of it isn't carried out is refused by name.

use serde::{Deserialize, Serialize};
use time::{Duration, OffsetDateTime};

use super::{CONTEXT_MFA, CONTEXT_PASSWORD, CONTEXT_UNSPECIFIED};
use crate::binding::{Binding, Field, Incoming};
use crate::certificate::SigningCertificate;
use crate::check::{Check, Refusal, Story, Verdict};
use crate::envelope;
use crate::instant;
use crate::message::{Authentic, From, authentic};
use crate::xml::{Element, ns};

/// An old request is a browser's tab that was left open; it gives nothing that a new one doesn't.
const OLDEST: Duration = Duration::hours(1);
const ENCRYPTED: &str = "urn:oasis:names:tc:SAML:2.0:nameid-format:encrypted";

/// What a request is checked against: the application that its address belongs to.
#[derive(Debug, Clone, Copy)]
pub struct ExpectedRequest<'a> {
    /// `None`: any.
    pub sp_entity_id: Option<&'a str>,
    /// Where answers may be sent; the first is the default. Compared exactly.
    pub acs_urls: &'a [String],
    pub certificates: &'a [SigningCertificate],
    pub must_be_signed: bool,
    /// Our own address that the request came to.
    pub destination: &'a str,
    pub now: OffsetDateTime,
    pub skew: Duration,
}

/// A request that may be answered. It can be kept (sealed) while the person signs in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReceivedRequest {
    pub id: String,
    pub issuer: String,
    /// A registered one.
    pub acs_url: String,
    /// The person must prove who they are even within a session.
    pub force_authn: bool,
    /// No page may be shown: answer with [`super::RefuseStatus::NoPassive`] where one would be needed.
    pub is_passive: bool,
    /// Asked for; `None` if any will do (absent, or `unspecified`).
    pub name_id_format: Option<String>,
    pub relay_state: Option<String>,
    pub signed: bool,
    contexts: Vec<String>,
    at_least: bool,
}

impl ReceivedRequest {
    /// Whether the way in which the person signed in is one that was asked for; if not, answer with
    /// [`super::RefuseStatus::NoAuthnContext`], or let the person take the step that is missing.
    #[must_use]
    pub fn accepts_context(&self, context: &str) -> bool {
        if self.contexts.is_empty() {
            return true;
        }
        let strong_enough = |asked: &String| {
            asked == context || self.at_least && strength(asked).is_some_and(|asked| strength(context) >= Some(asked))
        };
        self.contexts.iter().any(strong_enough)
    }

    /// Which ways of signing in were asked for (AuthnContextClassRef); none: any.
    #[must_use]
    pub fn contexts(&self) -> &[String] {
        &self.contexts
    }
}

/// The order of the contexts that are known here. An unknown one isn't weaker or stronger than any.
fn strength(context: &str) -> Option<u8> {
    match context {
        CONTEXT_UNSPECIFIED => Some(0),
        "urn:oasis:names:tc:SAML:2.0:ac:classes:Password" => Some(1),
        CONTEXT_PASSWORD => Some(2),
        CONTEXT_MFA => Some(3),
        _ => None,
    }
}

/// Reads a request.
#[must_use]
pub fn read_request(incoming: &Incoming<'_>, expected: &ExpectedRequest<'_>) -> Verdict<ReceivedRequest> {
    let mut story = Story::default();
    let outcome = read(&mut story, incoming, expected);
    story.verdict(outcome)
}

fn read(
    story: &mut Story,
    incoming: &Incoming<'_>,
    expected: &ExpectedRequest<'_>,
) -> Result<ReceivedRequest, Refusal> {
    let from = From {
        issuer: expected.sp_entity_id,
        certificates: expected.certificates,
        must_be_signed: expected.must_be_signed,
        destination: expected.destination,
        now: expected.now,
        skew: expected.skew,
    };
    let Authentic { id, received, issued, signed } =
        authentic(story, incoming, (Field::Request, "AuthnRequest"), &from)?;
    let root = &received.root;
    let oldest = expected.now.checked_sub(OLDEST).unwrap_or(expected.now);
    let fresh = oldest <= issued;
    let words = format!("after {}", instant::format(oldest));
    story.note(Check::IssueInstant, words, format!("at {}", instant::format(issued)), fresh)?;

    content(story, root)?;
    let acs_url = assertion_consumer(story, root, expected.acs_urls)?;
    let issuer = root.only(ns::ASSERTION, "Issuer").and_then(Element::value).unwrap_or_default().to_owned();
    story.note(Check::Issuer, "a service provider's name", &issuer, !issuer.is_empty())?;
    let name_id_format = name_id_format(story, root, &issuer)?;
    let (contexts, at_least) = contexts(story, root)?;
    let (force_authn, is_passive) = (flag(story, root, "ForceAuthn")?, flag(story, root, "IsPassive")?);
    let relay_state = received.relay_state;
    Ok(ReceivedRequest {
        id,
        issuer,
        acs_url,
        force_authn,
        is_passive,
        name_id_format,
        relay_state,
        signed,
        contexts,
        at_least,
    })
}

/// Which parts a request may have. The others mean something that isn't carried out.
fn content(story: &mut Story, root: &Element) -> Result<(), Refusal> {
    const CHILDREN: [(&str, &str); 5] = [
        (ns::ASSERTION, "Issuer"),
        (ns::SIGNATURE, "Signature"),
        (ns::PROTOCOL, "NameIDPolicy"),
        (ns::PROTOCOL, "RequestedAuthnContext"),
        (ns::PROTOCOL, "Scoping"),
    ];
    let check = Check::RequestContent;
    envelope::check_children(story, check, root, &CHILDREN)?;
    let indexes = ["AssertionConsumerServiceIndex", "AttributeConsumingServiceIndex"];
    if let Some(index) = indexes.into_iter().find(|index| root.attribute(index).is_some()) {
        return story.failed(check, "AssertionConsumerServiceURL", index);
    }
    let binding = root.attribute("ProtocolBinding").unwrap_or(Binding::Post.uri());
    story.note(check, Binding::Post.uri(), format!("the binding {binding}"), binding == Binding::Post.uri())?;
    // Nothing is passed on to another identity provider, so how often it may be means nothing; who asked is information.
    if let Some(list) = root.only(ns::PROTOCOL, "Scoping").and_then(|scoping| scoping.only(ns::PROTOCOL, "IDPList")) {
        return story.failed(check, "no list of identity providers", &list.local);
    }
    Ok(())
}

/// Where the answer goes: to a registered address, or not at all.
fn assertion_consumer(story: &mut Story, root: &Element, registered: &[String]) -> Result<String, Refusal> {
    let asked = root.attribute("AssertionConsumerServiceURL").or(registered.first().map(String::as_str));
    let asked = asked.unwrap_or("no address");
    let fits = registered.iter().any(|url| url == asked);
    let known = if registered.is_empty() { "none".to_owned() } else { registered.join(" or ") };
    story.note(Check::AssertionConsumer, known, asked, fits)?;
    Ok(asked.to_owned())
}

fn name_id_format(story: &mut Story, root: &Element, issuer: &str) -> Result<Option<String>, Refusal> {
    let Some(policy) = root.only(ns::PROTOCOL, "NameIDPolicy") else { return Ok(None) };
    let qualifier = policy.attribute("SPNameQualifier").filter(|qualifier| *qualifier != issuer);
    if let Some(qualifier) = qualifier {
        let found = format!("a name for {qualifier} (SPNameQualifier)");
        return story.failed(Check::RequestContent, "a name for the requester itself", found);
    }
    let format = policy.attribute("Format").unwrap_or(crate::NAME_ID_UNSPECIFIED);
    story.note(Check::RequestContent, "a plain name id", format, format != ENCRYPTED)?;
    // SAML core 3.4.1.1: unspecified leaves it to us.
    Ok((format != crate::NAME_ID_UNSPECIFIED).then(|| format.to_owned()))
}

/// The ways of signing in that were asked for, and whether stronger ones will do.
fn contexts(story: &mut Story, root: &Element) -> Result<(Vec<String>, bool), Refusal> {
    let Some(requested) = root.only(ns::PROTOCOL, "RequestedAuthnContext") else { return Ok((Vec::new(), false)) };
    let check = Check::RequestContent;
    let comparison = requested.attribute("Comparison").unwrap_or("exact");
    let known = matches!(comparison, "exact" | "minimum");
    story.note(check, "the comparison exact or minimum", format!("the comparison {comparison}"), known)?;
    let mut contexts = Vec::new();
    for child in requested.elements() {
        let class = child.is(ns::ASSERTION, "AuthnContextClassRef").then(|| child.value()).flatten();
        match class {
            Some(class) => contexts.push(class.to_owned()),
            None => return story.failed(check, "AuthnContextClassRef", child.described()),
        }
    }
    Ok((contexts, comparison == "minimum"))
}

fn flag(story: &mut Story, root: &Element, name: &str) -> Result<bool, Refusal> {
    match root.attribute(name) {
        None | Some("false" | "0") => Ok(false),
        Some("true" | "1") => Ok(true),
        Some(other) => story.failed(Check::RequestContent, "true or false", format!("{name} {other:?}")),
    }
}
