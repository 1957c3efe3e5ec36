//! The Response with a signed assertion (SAML profiles 4.1.4.2).

use time::{Duration, OffsetDateTime};

use crate::binding::{Field, Outgoing, form, may_go};
use crate::error::SamlError;
use crate::instant;
use crate::key::SigningKey;
use crate::name_id::NameId;
use crate::signature::{Part, enveloped};
use crate::status;
use crate::xml::{self, Element, ns};

/// Before this instant clocks that are a little behind ours would refuse the assertion.
const BEFORE: Duration = Duration::seconds(30);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AttributeFormat {
    Unspecified,
    Basic,
    /// The name is a URI, as AWS's are.
    Uri,
}

impl AttributeFormat {
    #[must_use]
    pub const fn uri(self) -> &'static str {
        match self {
            Self::Unspecified => "urn:oasis:names:tc:SAML:2.0:attrname-format:unspecified",
            Self::Basic => "urn:oasis:names:tc:SAML:2.0:attrname-format:basic",
            Self::Uri => "urn:oasis:names:tc:SAML:2.0:attrname-format:uri",
        }
    }
}

#[derive(Debug, Clone, Copy)]
pub struct Attribute<'a> {
    pub name: &'a str,
    pub name_format: AttributeFormat,
    pub values: &'a [String],
}

/// What is said about whom to whom.
#[derive(Debug, Clone, Copy)]
pub struct Issue<'a> {
    /// Our entity ID.
    pub issuer: &'a str,
    /// The service provider's entity ID.
    pub audience: &'a str,
    /// The assertion consumer service: `http://localhost:7890/redshift/` is one, too.
    pub recipient: &'a str,
    /// `None` when it is begun here.
    pub in_response_to: Option<&'a str>,
    pub name_id: &'a str,
    pub name_id_format: &'a str,
    pub attributes: &'a [Attribute<'a>],
    /// When the person proved who they are.
    pub authn_instant: OffsetDateTime,
    /// How: [`super::CONTEXT_PASSWORD`], [`super::CONTEXT_MFA`].
    pub authn_context: &'a str,
    /// The session here; a logout names it.
    pub session_index: &'a str,
    /// Of the assertion: Conditions and SubjectConfirmationData.
    pub lifetime: Duration,
    /// When the session over there should end.
    pub session_not_on_or_after: Option<OffsetDateTime>,
    pub now: OffsetDateTime,
    /// From [`crate::message_id`], as the next.
    pub response_id: &'a str,
    pub assertion_id: &'a str,
    /// The assertion is always signed; whether the Response is, too.
    pub sign_response: bool,
}

/// A signed Response.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IssuedResponse {
    pub xml: String,
    /// Empty for a refusal.
    pub assertion_id: String,
}

impl IssuedResponse {
    /// The form that carries it to the service provider.
    ///
    /// # Errors
    /// [`SamlError`] if the address or the relay state can't be sent.
    pub fn post(&self, acs_url: &str, relay_state: Option<&str>) -> Result<Outgoing, SamlError> {
        may_go(acs_url, relay_state)?;
        Ok(form(acs_url, Field::Response, &self.xml, relay_state))
    }
}

/// Makes and signs a Response.
///
/// # Errors
/// [`SamlError`] if a value can't stand in it, or signing fails.
pub fn issue(issue: &Issue<'_>, key: &SigningKey) -> Result<IssuedResponse, SamlError> {
    may_go(issue.recipient, None)?;
    if issue.lifetime <= Duration::ZERO || issue.now.checked_add(issue.lifetime).is_none() {
        return Err(SamlError::Value("the assertion's lifetime isn't positive".to_owned()));
    }
    if !NameId::may_be_sent(issue.name_id) {
        return Err(SamlError::Value("the NameID is empty, too long, or has spaces around it".to_owned()));
    }
    let response = response(issue.issuer, issue.recipient, issue.in_response_to, (issue.response_id, issue.now))
        .child(status::element(&["Success"], None))
        .child(assertion(issue));
    let parts: &[Part] = if issue.sign_response { &[Part::Assertion, Part::Message] } else { &[Part::Assertion] };
    let xml = enveloped(&response, parts, key)?;
    Ok(IssuedResponse { xml, assertion_id: issue.assertion_id.to_owned() })
}

/// A Response without its status.
pub(super) fn response(
    issuer: &str,
    destination: &str,
    in_response_to: Option<&str>,
    (id, now): (&str, OffsetDateTime),
) -> Element {
    xml::protocol("Response")
        .declaring(&[ns::PROTOCOL, ns::ASSERTION])
        .with("ID", id)
        .with("Version", "2.0")
        .with("IssueInstant", &instant::format(now))
        .with("Destination", destination)
        .with_some("InResponseTo", in_response_to)
        .child(xml::assertion("Issuer").holding(issuer))
}

fn assertion(issue: &Issue<'_>) -> Element {
    let end = instant::format(issue.now.saturating_add(issue.lifetime));
    let data = xml::assertion("SubjectConfirmationData")
        .with("NotOnOrAfter", &end)
        .with("Recipient", issue.recipient)
        .with_some("InResponseTo", issue.in_response_to);
    let confirmation =
        xml::assertion("SubjectConfirmation").with("Method", "urn:oasis:names:tc:SAML:2.0:cm:bearer").child(data);
    let subject = xml::assertion("Subject")
        .child(xml::assertion("NameID").with("Format", issue.name_id_format).holding(issue.name_id))
        .child(confirmation);
    let restriction = xml::assertion("AudienceRestriction").child(xml::assertion("Audience").holding(issue.audience));
    let conditions = xml::assertion("Conditions")
        .with("NotBefore", &instant::format(issue.now.saturating_sub(BEFORE)))
        .with("NotOnOrAfter", &end)
        .child(restriction);
    xml::assertion("Assertion")
        .with("ID", issue.assertion_id)
        .with("Version", "2.0")
        .with("IssueInstant", &instant::format(issue.now))
        .child(xml::assertion("Issuer").holding(issue.issuer))
        .child(subject)
        .child(conditions)
        .child(statement(issue))
        .child_some(attributes(issue))
}

fn statement(issue: &Issue<'_>) -> Element {
    let session_end = issue.session_not_on_or_after.map(instant::format);
    let class = xml::assertion("AuthnContextClassRef").holding(issue.authn_context);
    xml::assertion("AuthnStatement")
        .with("AuthnInstant", &instant::format(issue.authn_instant))
        .with("SessionIndex", issue.session_index)
        .with_some("SessionNotOnOrAfter", session_end.as_deref())
        .child(xml::assertion("AuthnContext").child(class))
}

/// `None` without attributes: an empty statement isn't valid. An attribute without values isn't sent either.
fn attributes(issue: &Issue<'_>) -> Option<Element> {
    let element = |attribute: &Attribute<'_>| {
        let values = attribute.values.iter().map(|value| xml::assertion("AttributeValue").holding(value));
        xml::assertion("Attribute")
            .with("Name", attribute.name)
            .with("NameFormat", attribute.name_format.uri())
            .all(values)
    };
    let with_values = issue.attributes.iter().filter(|attribute| !attribute.values.is_empty());
    let elements: Vec<Element> = with_values.map(element).collect();
    (!elements.is_empty()).then(|| xml::assertion("AttributeStatement").all(elements))
}
