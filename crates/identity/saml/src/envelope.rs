//! What all messages have: a name, a version, an id, an instant, an issuer, an address (SAML core 3.2).

use time::{Duration, OffsetDateTime};

use crate::check::{Check, Refusal, Story};
use crate::instant;
use crate::xml::{Element, is_ncname, ns};

/// The longest id, in characters.
const LONGEST_ID: usize = 256;

/// The root is the expected message of SAML 2.0 and has an id that signatures can refer to.
pub(crate) fn check_root(story: &mut Story, root: &Element, local: &str) -> Result<String, Refusal> {
    let expected = format!("{local} of namespace {}", ns::PROTOCOL);
    story.note(Check::Message, expected, root.described(), root.is(ns::PROTOCOL, local))?;
    check_id(story, root)
}

/// Version and id of a message or an assertion.
pub(crate) fn check_id(story: &mut Story, element: &Element) -> Result<String, Refusal> {
    let version = element.attribute("Version").unwrap_or("none");
    story.note(Check::Version, "2.0", version, version == "2.0")?;
    match element.attribute("ID").filter(|id| is_ncname(id) && id.len() <= LONGEST_ID) {
        Some(id) => Ok(id.to_owned()),
        None => story.failed(
            Check::Message,
            format!("{} with an id", element.local),
            format!("{} without an id, or with one that is no XML name", element.local),
        ),
    }
}

/// Only these child elements, each at most once, in this order (the schema's sequence).
pub(crate) fn check_children(
    story: &mut Story,
    check: Check,
    element: &Element,
    sequence: &[(&str, &str)],
) -> Result<(), Refusal> {
    let mut rest = sequence.iter();
    for child in element.elements() {
        if !rest.any(|(namespace, local)| child.is(namespace, local)) {
            let names: Vec<&str> = sequence.iter().map(|(_, local)| *local).collect();
            let expected = format!("{} with {}, each once and in this order", element.local, names.join(", "));
            return story.failed(
                check,
                expected,
                format!("{} with an unexpected {}", element.local, child.described()),
            );
        }
    }
    Ok(())
}

/// The instant of issue: readable and not ahead of our clock.
pub(crate) fn check_issue_instant(
    story: &mut Story,
    element: &Element,
    now: OffsetDateTime,
    skew: Duration,
) -> Result<OffsetDateTime, Refusal> {
    let expected = format!("not after {}", instant::format(now));
    let text = element.attribute("IssueInstant").unwrap_or("at no instant");
    let Some(issued) = instant::parse(text) else { return story.failed(Check::IssueInstant, expected, text) };
    let come = instant::has_come(issued, now, skew);
    let found = if come { instant::format(issued) } else { format!("at {}", instant::ahead(issued, now)) };
    story.note(Check::IssueInstant, expected, found, come)?;
    Ok(issued)
}

/// The issuer, exactly. `check` is [`Check::Issuer`] or [`Check::ResponseIssuer`].
pub(crate) fn check_issuer(story: &mut Story, check: Check, element: &Element, expected: &str) -> Result<(), Refusal> {
    let found = element.only(ns::ASSERTION, "Issuer").and_then(Element::value).unwrap_or("nobody");
    story.note(check, expected, found, found == expected)
}

/// The address that the message was sent to.
pub(crate) fn check_destination(story: &mut Story, root: &Element, expected: &str) -> Result<(), Refusal> {
    let found = root.attribute("Destination").unwrap_or("no destination");
    story.note(Check::Destination, expected, found, found == expected)
}
