//! From the form's value to an assertion that the identity provider signed.

use super::{Expected, InResponseTo, ValidatedAssertion, assertion};
use crate::binding::read_form_value;
use crate::check::{Check, Refusal, Story};
use crate::envelope;
use crate::signature::{verify, verify_any};
use crate::status;
use crate::xml::{Element, ns};

const CHILDREN: [(&str, &str); 5] = [
    (ns::ASSERTION, "Issuer"),
    (ns::SIGNATURE, "Signature"),
    (ns::PROTOCOL, "Extensions"),
    (ns::PROTOCOL, "Status"),
    (ns::ASSERTION, "Assertion"),
];

pub(super) fn check(
    story: &mut Story,
    saml_response: &str,
    expected: &Expected<'_>,
) -> Result<ValidatedAssertion, Refusal> {
    let response = read_form_value(story, saml_response)?;
    envelope::check_root(story, &response, "Response")?;
    status::check(story, &response)?;
    let assertion = only_assertion(story, &response)?;

    let certificate = verify(story, assertion, &[&response], expected.certificates, expected.now)?;
    let signed = Check::ResponseSignature;
    let whole = verify_any(story, signed, &response, &[], expected.certificates, expected.now)?.is_some();

    // SAML profiles 4.1.4.2: it may be left out of a Response that isn't signed.
    if whole || response.named(ns::ASSERTION, "Issuer").next().is_some() {
        envelope::check_issuer(story, Check::ResponseIssuer, &response, expected.idp_entity_id)?;
    }
    envelope::check_issue_instant(story, &response, expected.now, expected.skew)?;
    envelope::check_destination(story, &response, expected.acs_url)?;
    answers(story, Check::ResponseInResponseTo, response.attribute("InResponseTo"), expected)?;
    assertion::check(story, assertion, expected, certificate)
}

/// The one assertion of the Response, as its child, and none anywhere else: not in another assertion's advice, not in an
/// extension, not in a signature.
fn only_assertion<'a>(story: &mut Story, response: &'a Element) -> Result<&'a Element, Refusal> {
    for (local, what) in
        [("EncryptedAssertion", "an encrypted assertion"), ("EncryptedAttribute", "an encrypted attribute")]
    {
        let found = response.has_below(ns::ASSERTION, local);
        story.note(Check::Encryption, "nothing encrypted", if found { what } else { "nothing" }, !found)?;
    }
    let children = response.named(ns::ASSERTION, "Assertion").count();
    let all = response.count_below(ns::ASSERTION, "Assertion");
    let found = format!("{children} in the Response, {} elsewhere", all.saturating_sub(children));
    story.note(Check::OneAssertion, "one assertion, as a child of the Response", &found, children == 1 && all == 1)?;
    envelope::check_children(story, Check::Message, response, &CHILDREN)?;
    match response.only(ns::ASSERTION, "Assertion") {
        Some(assertion) => Ok(assertion),
        None => story.failed(Check::OneAssertion, "one assertion", found),
    }
}

/// Whether a message answers the request that it must answer, or none.
pub(super) fn answers(
    story: &mut Story,
    check: Check,
    found: Option<&str>,
    expected: &Expected<'_>,
) -> Result<(), Refusal> {
    let wanted = match expected.in_response_to {
        InResponseTo::Request(id) => Some(id),
        InResponseTo::Unsolicited => None,
    };
    let told = |id: Option<&str>| id.map_or_else(|| "no request".to_owned(), |id| format!("the request {id}"));
    story.note(check, told(wanted), told(found), wanted == found)
}
