//! Whom the assertion is about, and that its bearer may present it here and now (SAML profiles 4.1.4.2).

use time::OffsetDateTime;

use super::Expected;
use super::assertion::instant_of;
use super::response::answers;
use crate::check::{Check, Refusal, Story};
use crate::envelope;
use crate::instant;
use crate::name_id::NameId;
use crate::xml::{Element, ns};

const BEARER: &str = "urn:oasis:names:tc:SAML:2.0:cm:bearer";

pub(super) struct Subject {
    pub(super) name_id: NameId,
    pub(super) in_response_to: Option<String>,
    /// Until then the assertion must be remembered: later it is refused by itself.
    pub(super) replay_until: OffsetDateTime,
}

/// One NameID, confirmed once, as a bearer's.
pub(super) fn check(story: &mut Story, assertion: &Element, expected: &Expected<'_>) -> Result<Subject, Refusal> {
    let Some(subject) = assertion.only(ns::ASSERTION, "Subject") else {
        return story.failed(Check::Subject, "one Subject", "missing, or there several times");
    };
    let confirmation = confirmation(story, subject)?;
    let Some(data) = confirmation.only(ns::ASSERTION, "SubjectConfirmationData") else {
        return story.failed(Check::Confirmation, "one SubjectConfirmationData", "without it, or with several");
    };
    envelope::check_children(story, Check::Confirmation, data, &[])?;
    let recipient = data.attribute("Recipient").unwrap_or("nobody");
    story.note(Check::Recipient, expected.acs_url, recipient, recipient == expected.acs_url)?;
    let not_before = data.attribute("NotBefore");
    let found = not_before.map_or_else(|| "none".to_owned(), |start| format!("NotBefore {start}"));
    story.note(Check::ConfirmationNotBefore, "no NotBefore", found, not_before.is_none())?;
    let replay_until = end(story, data, expected)?;
    let in_response_to = data.attribute("InResponseTo");
    answers(story, Check::InResponseTo, in_response_to, expected)?;
    let name_id = NameId::read(story, subject)?;
    Ok(Subject { name_id, in_response_to: in_response_to.map(str::to_owned), replay_until })
}

/// The one confirmation, of the bearer's method, for nobody else.
fn confirmation<'a>(story: &mut Story, subject: &'a Element) -> Result<&'a Element, Refusal> {
    let Some(confirmation) = subject.only(ns::ASSERTION, "SubjectConfirmation") else {
        return story.failed(Check::Confirmation, "one SubjectConfirmation", "missing, or there several times");
    };
    let method = confirmation.attribute("Method").unwrap_or("of no method");
    story.note(Check::Confirmation, BEARER, method, method == BEARER)?;
    envelope::check_children(story, Check::Confirmation, confirmation, &[(ns::ASSERTION, "SubjectConfirmationData")])?;
    let names = [(ns::ASSERTION, "NameID"), (ns::ASSERTION, "EncryptedID"), (ns::ASSERTION, "SubjectConfirmation")];
    envelope::check_children(story, Check::Subject, subject, &names)?;
    Ok(confirmation)
}

/// How long the assertion could be delivered.
fn end(story: &mut Story, data: &Element, expected: &Expected<'_>) -> Result<OffsetDateTime, Refusal> {
    let check = Check::ConfirmationNotOnOrAfter;
    let words = format!("an end after {}", instant::format(expected.now));
    let Some(end) = instant_of(story, check, data, "NotOnOrAfter")? else {
        return story.failed(check, words, "without an end (NotOnOrAfter is missing)");
    };
    let open = instant::is_open(end, expected.now, expected.skew);
    let found = if open { instant::format(end) } else { format!("until {}", instant::behind(end, expected.now)) };
    story.note(check, words, found, open)?;
    Ok(end.checked_add(instant::bounded(expected.skew)).unwrap_or(end))
}
