//! Whether an assertion is the provider's, and for us.

use ::saml::Check;
use ::saml::sp::{self, Expected, InResponseTo, ValidatedAssertion};
use aws_lc_rs::digest;
use iam::SamlProvider;
use time::{Duration, OffsetDateTime};

use super::NOT_AUTHORIZED;
use crate::attempt::Story;
use crate::error::{StsCode, StsError};
use crate::parameters;

/// Characters of base64 (apis.md 1.5).
const LONGEST: usize = 100_000;
const SKEW: Duration = Duration::seconds(60);
/// Whom an assertion may be for, beside the recipient itself.
const AUDIENCES: [&str; 2] = ["urn:amazon:webservices", "https://signin.aws.amazon.com/saml"];

/// Whom the assertion is for, and where, it says itself; both are then demanded of what is signed. The role's trust policy decides
/// whether the recipient is the right one (`saml:aud`), and nothing was asked for that it could answer.
pub(super) fn validate(
    story: &mut Story,
    response: &str,
    provider: &SamlProvider,
    now: OffsetDateTime,
) -> Result<ValidatedAssertion, StsError> {
    if !(4..=LONGEST).contains(&response.chars().count()) {
        let text = format!("have length greater than or equal to 4 and less than or equal to {LONGEST}");
        return Err(parameters::invalid("sAMLAssertion", "(not shown)", &text));
    }
    let Some(peeked) = sp::peek(response) else {
        // It says which rule of reading it breaks.
        let nobody = expected(provider, "urn:amazon:webservices", "nowhere", InResponseTo::Unsolicited, now);
        let verdict = sp::validate(response, &nobody);
        story.checks.extend(verdict.checks);
        let why = verdict.outcome.err().map(|refusal| (refusal.to_string(), refusal.mend()));
        let (reason, mend) = why.unwrap_or_else(|| ("it can't be read".to_owned(), ""));
        return Err(StsError::refused(
            StsCode::InvalidIdentityToken,
            "Invalid base64 SAMLResponse or not a SAML Response",
            reason,
            mend,
        ));
    };
    let issuer = peeked.issuer.as_deref().unwrap_or("nobody");
    let entity_id = &provider.idp.entity_id;
    story.check("provider's issuer", entity_id, issuer, issuer == entity_id, || {
        StsError::refused(
            StsCode::InvalidIdentityToken,
            "Issuer not present in specified provider",
            format!("the assertion's issuer is {issuer}, and the metadata of {} names {entity_id}", provider.arn),
            "Give the metadata of this issuer to UpdateSAMLProvider, or name the provider of this issuer.",
        )
    })?;
    let recipient = peeked.recipient.as_deref().unwrap_or("nowhere");
    let audience = peeked.audiences.iter().map(String::as_str);
    let audience = audience.into_iter().find(|audience| AUDIENCES.contains(audience) || *audience == recipient);
    let audience = audience.unwrap_or("urn:amazon:webservices");
    let answers = peeked.in_response_to.as_deref().map_or(InResponseTo::Unsolicited, InResponseTo::Request);
    let verdict = sp::validate(response, &expected(provider, audience, recipient, answers, now));
    story.checks.extend(verdict.checks);
    verdict.outcome.map_err(|refusal| {
        let (code, message) = told(refusal.check);
        StsError::refused(code, message, refusal.to_string(), refusal.mend())
    })
}

fn expected<'a>(
    provider: &'a SamlProvider,
    audience: &'a str,
    recipient: &'a str,
    in_response_to: InResponseTo<'a>,
    now: OffsetDateTime,
) -> Expected<'a> {
    Expected {
        idp_entity_id: &provider.idp.entity_id,
        certificates: &provider.idp.certificates,
        sp_entity_id: audience,
        acs_url: recipient,
        in_response_to,
        now,
        skew: SKEW,
        force_authn_since: None,
    }
}

/// AWS's code and text for a failed check.
const fn told(check: Check) -> (StsCode, &'static str) {
    use StsCode::{AccessDenied, ExpiredToken, InvalidIdentityToken};
    match check {
        Check::Signed
        | Check::SignatureForm
        | Check::SignatureReference
        | Check::SignatureAlgorithm
        | Check::Signature
        | Check::CertificateValidity
        | Check::ResponseSignature => (InvalidIdentityToken, "Response signature invalid"),
        Check::Issuer | Check::ResponseIssuer => (InvalidIdentityToken, "Issuer not present in specified provider"),
        Check::IssueInstant
        | Check::NotBefore
        | Check::NotOnOrAfter
        | Check::ConfirmationNotOnOrAfter
        | Check::AuthnInstant
        | Check::FreshSignIn
        | Check::SessionNotOnOrAfter => (ExpiredToken, "Token must be redeemed within its validity window"),
        Check::Audience => (InvalidIdentityToken, "Response does not contain the required audience"),
        Check::NameId | Check::Subject => (AccessDenied, NOT_AUTHORIZED),
        Check::Status => (InvalidIdentityToken, "The Response status is not Success"),
        Check::Encryption => {
            (InvalidIdentityToken, "Encrypted assertions are not supported for the specified provider")
        }
        Check::Recipient
        | Check::Confirmation
        | Check::ConfirmationNotBefore
        | Check::Destination
        | Check::ResponseInResponseTo
        | Check::InResponseTo => (InvalidIdentityToken, "SubjectConfirmation of the Response is not valid"),
        Check::Encoding
        | Check::Document
        | Check::DocumentType
        | Check::Comments
        | Check::Namespaces
        | Check::UniqueIds
        | Check::Message
        | Check::Version
        | Check::OneAssertion
        | Check::Conditions
        | Check::Statement
        | Check::Attributes
        | Check::RequestContent
        | Check::AssertionConsumer => (InvalidIdentityToken, "Invalid SAML Response"),
    }
}

/// What an assertion is remembered by.
pub(super) fn mark(issuer: &str, assertion_id: &str) -> String {
    let text = format!("saml\n{issuer}\n{assertion_id}");
    hex::encode(digest::digest(&digest::SHA256, text.as_bytes()))
}
