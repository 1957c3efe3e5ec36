//! What a signed assertion says (SAML core 2.3 and 2.5, profiles 4.1.4.2 and 4.1.4.3).

use time::OffsetDateTime;

use super::{Expected, ValidatedAssertion, attributes, subject};
use crate::certificate::SigningCertificate;
use crate::check::{Check, Refusal, Story};
use crate::envelope;
use crate::instant;
use crate::xml::{Element, ns};

pub(super) fn check(
    story: &mut Story,
    assertion: &Element,
    expected: &Expected<'_>,
    certificate: &SigningCertificate,
) -> Result<ValidatedAssertion, Refusal> {
    let id = envelope::check_id(story, assertion)?;
    envelope::check_issuer(story, Check::Issuer, assertion, expected.idp_entity_id)?;
    envelope::check_issue_instant(story, assertion, expected.now, expected.skew)?;
    let audiences = conditions(story, assertion, expected)?;
    let subject = subject::check(story, assertion, expected)?;
    let statement = statement(story, assertion, expected)?;
    let attributes = attributes::read(story, assertion)?;
    Ok(ValidatedAssertion {
        issuer: expected.idp_entity_id.to_owned(),
        id,
        name_id: subject.name_id,
        attributes,
        session_index: statement.session_index,
        session_not_on_or_after: statement.session_not_on_or_after,
        authn_instant: statement.instant,
        authn_context: statement.context,
        in_response_to: subject.in_response_to,
        replay_until: subject.replay_until,
        recipient: expected.acs_url.to_owned(),
        audiences,
        certificate: certificate.clone(),
    })
}

/// Exactly one child of a name of the assertion's namespace.
fn only<'a>(story: &mut Story, check: Check, parent: &'a Element, local: &'static str) -> Result<&'a Element, Refusal> {
    match parent.only(ns::ASSERTION, local) {
        Some(element) => Ok(element),
        None => story.failed(check, format!("one {local}"), format!("none or several {local}")),
    }
}

/// An attribute that is an instant; `None` if it isn't there.
pub(super) fn instant_of(
    story: &mut Story,
    check: Check,
    element: &Element,
    name: &str,
) -> Result<Option<OffsetDateTime>, Refusal> {
    let Some(text) = element.attribute(name) else { return Ok(None) };
    match instant::parse(text) {
        Some(instant) => Ok(Some(instant)),
        None => story.failed(check, format!("{name} in UTC"), format!("{name} {text:?}")),
    }
}

/// Time, audience, and no condition that isn't understood. `OneTimeUse` asks for what is done anyway, and
/// `ProxyRestriction` forbids what is never done: no assertion is issued on the ground of another.
fn conditions(story: &mut Story, assertion: &Element, expected: &Expected<'_>) -> Result<Vec<String>, Refusal> {
    const UNDERSTOOD: [&str; 3] = ["AudienceRestriction", "OneTimeUse", "ProxyRestriction"];
    let conditions = only(story, Check::Conditions, assertion, "Conditions")?;
    let unknown = conditions.elements().find(|child| !UNDERSTOOD.iter().any(|name| child.is(ns::ASSERTION, name)));
    let expected_words = "understood: AudienceRestriction, OneTimeUse, ProxyRestriction";
    let found =
        unknown.map_or_else(|| "understood".to_owned(), |child| format!("one of unknown kind, {}", child.described()));
    story.note(Check::Conditions, expected_words, found, unknown.is_none())?;

    let now = instant::format(expected.now);
    if let Some(start) = instant_of(story, Check::NotBefore, conditions, "NotBefore")? {
        let come = instant::has_come(start, expected.now, expected.skew);
        let found = if come { instant::format(start) } else { format!("from {}", instant::ahead(start, expected.now)) };
        story.note(Check::NotBefore, format!("a start not after {now}"), found, come)?;
    }
    if let Some(end) = instant_of(story, Check::NotOnOrAfter, conditions, "NotOnOrAfter")? {
        let open = instant::is_open(end, expected.now, expected.skew);
        let found = if open { instant::format(end) } else { format!("until {}", instant::behind(end, expected.now)) };
        story.note(Check::NotOnOrAfter, format!("an end after {now}"), found, open)?;
    }
    audiences(story, conditions, expected)
}

/// Our entity ID is in every restriction, and there is one.
fn audiences(story: &mut Story, conditions: &Element, expected: &Expected<'_>) -> Result<Vec<String>, Refusal> {
    let mut all = Vec::new();
    for restriction in conditions.named(ns::ASSERTION, "AudienceRestriction") {
        let named: Vec<&str> = restriction.named(ns::ASSERTION, "Audience").filter_map(Element::value).collect();
        let fits = named.contains(&expected.sp_entity_id) && named.len() == restriction.elements().count();
        let found = if named.is_empty() { "nobody".to_owned() } else { named.join(" or ") };
        story.note(Check::Audience, expected.sp_entity_id, found, fits)?;
        all.extend(named.into_iter().map(str::to_owned));
    }
    if all.is_empty() {
        return story.failed(Check::Audience, expected.sp_entity_id, "not restricted");
    }
    Ok(all)
}

struct Statement {
    instant: OffsetDateTime,
    session_index: Option<String>,
    session_not_on_or_after: Option<OffsetDateTime>,
    context: Option<String>,
}

/// How and when the person signed in at the identity provider.
fn statement(story: &mut Story, assertion: &Element, expected: &Expected<'_>) -> Result<Statement, Refusal> {
    const CHILDREN: [&str; 7] =
        ["Issuer", "Signature", "Subject", "Conditions", "Advice", "AuthnStatement", "AttributeStatement"];
    let unknown = assertion.elements().find(|child| {
        let namespace = if child.local == "Signature" { ns::SIGNATURE } else { ns::ASSERTION };
        !CHILDREN.contains(&child.local.as_str()) || child.namespace.as_deref() != Some(namespace)
    });
    if let Some(child) = unknown {
        let found = format!("an unexpected {}", child.described());
        return story.failed(Check::Statement, "AuthnStatement and AttributeStatement only", found);
    }
    let statement = only(story, Check::Statement, assertion, "AuthnStatement")?;
    let (now, skew) = (expected.now, expected.skew);
    let expected_words = format!("not after {}", instant::format(now));
    let Some(instant) = instant_of(story, Check::AuthnInstant, statement, "AuthnInstant")? else {
        return story.failed(Check::AuthnInstant, expected_words, "at no instant");
    };
    let come = instant::has_come(instant, now, skew);
    let found = if come { instant::format(instant) } else { format!("at {}", instant::ahead(instant, now)) };
    story.note(Check::AuthnInstant, expected_words, found, come)?;
    if let Some(since) = expected.force_authn_since {
        let fresh = instant.checked_add(instant::bounded(skew)).is_none_or(|latest| since <= latest);
        let (since, found) = (instant::format(since), instant::format(instant));
        story.note(Check::FreshSignIn, format!("since {since}"), format!("at {found}"), fresh)?;
    }
    let end = instant_of(story, Check::SessionNotOnOrAfter, statement, "SessionNotOnOrAfter")?;
    if let Some(end) = end {
        let open = instant::is_open(end, now, skew);
        let found = if open { instant::format(end) } else { format!("at {}", instant::behind(end, now)) };
        story.note(Check::SessionNotOnOrAfter, format!("an end after {}", instant::format(now)), found, open)?;
    }
    let context = statement.only(ns::ASSERTION, "AuthnContext");
    let class = context.and_then(|context| context.only(ns::ASSERTION, "AuthnContextClassRef"));
    Ok(Statement {
        instant,
        session_index: statement.attribute("SessionIndex").map(str::to_owned),
        session_not_on_or_after: end,
        context: class.and_then(Element::value).map(str::to_owned),
    })
}
