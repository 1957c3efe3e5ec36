//! What a message says of itself before anything of it is verified: to choose words and settings by, never to believe.

use crate::binding::{Field, Incoming, receive};
use crate::check::Story;
use crate::xml::{Element, ns};

/// Unverified: a stranger's words.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Peeked {
    pub id: Option<String>,
    pub issuer: Option<String>,
    pub in_response_to: Option<String>,
    /// Of the first assertion in a Response.
    pub assertion_id: Option<String>,
    /// Of its first confirmation.
    pub recipient: Option<String>,
    /// Of its restrictions.
    pub audiences: Vec<String>,
}

/// `None` for what can't be read.
pub(crate) fn peek(incoming: &Incoming<'_>, field: Field) -> Option<Peeked> {
    let received = receive(&mut Story::default(), incoming, field).ok()?;
    Some(of(&received.root))
}

const MOST_AUDIENCES: usize = 20;

pub(crate) fn of(root: &Element) -> Peeked {
    let assertion = root.named(ns::ASSERTION, "Assertion").next();
    let issuer = |element: &Element| element.only(ns::ASSERTION, "Issuer").and_then(Element::value).map(shortened);
    Peeked {
        id: root.attribute("ID").map(shortened),
        issuer: issuer(root).or_else(|| assertion.and_then(issuer)),
        in_response_to: root.attribute("InResponseTo").map(shortened),
        assertion_id: assertion.and_then(|assertion| assertion.attribute("ID")).map(shortened),
        recipient: assertion.and_then(recipient).map(shortened),
        audiences: assertion.map(audiences).unwrap_or_default(),
    }
}

fn recipient(assertion: &Element) -> Option<&str> {
    let subject = assertion.named(ns::ASSERTION, "Subject").next()?;
    let confirmation = subject.named(ns::ASSERTION, "SubjectConfirmation").next()?;
    confirmation.named(ns::ASSERTION, "SubjectConfirmationData").next()?.attribute("Recipient")
}

fn audiences(assertion: &Element) -> Vec<String> {
    let conditions = assertion.named(ns::ASSERTION, "Conditions");
    let restrictions = conditions.flat_map(|conditions| conditions.named(ns::ASSERTION, "AudienceRestriction"));
    let named = restrictions.flat_map(|restriction| restriction.named(ns::ASSERTION, "Audience"));
    named.filter_map(Element::value).map(shortened).take(MOST_AUDIENCES).collect()
}

fn shortened(text: &str) -> String {
    text.chars().filter(|one| !one.is_control()).take(300).collect()
}
