//! Whether an element is what one of the trusted keys signed.

use saml_rs::crypto::verify_signature;
use time::OffsetDateTime;

use super::form;
use crate::certificate::SigningCertificate;
use crate::check::{Check, Refusal, Story};
use crate::instant;
use crate::xml::{Element, ns};

/// Certificates that are tried; more are configured nowhere.
const MOST_CERTIFICATES: usize = 16;

/// The signature that stands in an element, if there is one.
///
/// # Errors
/// When there are several, or one where none may be: a signature stands in a message or in the assertion that is its child.
fn signature_of<'a>(story: &mut Story, element: &'a Element) -> Result<Option<&'a Element>, Refusal> {
    let own = |parent: &Element| parent.named(ns::SIGNATURE, "Signature").count();
    let in_assertions = element.named(ns::ASSERTION, "Assertion").map(own).sum::<usize>();
    if own(element) > 1 {
        return story.failed(Check::SignatureForm, format!("one Signature in {}", element.local), "several");
    }
    if element.count_below(ns::SIGNATURE, "Signature") != own(element) + in_assertions {
        return story.failed(Check::SignatureForm, "a Signature right behind the Issuer", "one at another place");
    }
    Ok(element.only(ns::SIGNATURE, "Signature"))
}

/// [`verify_any`] of an element that must be signed: an unsigned one is refused as [`Check::Signed`].
pub(crate) fn verify<'c>(
    story: &mut Story,
    element: &Element,
    ancestors: &[&Element],
    trusted: &'c [SigningCertificate],
    now: OffsetDateTime,
) -> Result<&'c SigningCertificate, Refusal> {
    let signature = signature_of(story, element)?;
    let expected = format!("a signed {}", element.local);
    let found = if signature.is_some() { "one" } else { "an unsigned one" };
    story.note(Check::Signed, expected, found, signature.is_some())?;
    match verify_any(story, Check::Signature, element, ancestors, trusted, now)? {
        Some(certificate) => Ok(certificate),
        None => story.failed(Check::Signed, "a signature", "none"),
    }
}

/// Verifies the signature of an element, if it has one. `check` is the name under which a wrong one is refused.
pub(crate) fn verify_any<'c>(
    story: &mut Story,
    check: Check,
    element: &Element,
    ancestors: &[&Element],
    trusted: &'c [SigningCertificate],
    now: OffsetDateTime,
) -> Result<Option<&'c SigningCertificate>, Refusal> {
    let Some(signature) = signature_of(story, element)? else { return Ok(None) };
    form::check(story, element, signature)?;
    let text = element.isolated(ancestors);
    let whole = element.named(ns::ASSERTION, "Assertion").next().is_none();
    let Some(certificate) = signer(trusted, now, |certificate| signed_by(&text, whole, certificate)) else {
        return story.failed(check, keys(trusted), format!("{} isn't what they signed", element.local));
    };
    story.passed(check, &keys(trusted), certificate.sha256());
    validity(story, certificate, now)?;
    Ok(Some(certificate))
}

/// Whose key signed. A valid certificate rather than one that isn't: a provider that renews its certificate may keep the key.
pub(super) fn signer(
    trusted: &[SigningCertificate],
    now: OffsetDateTime,
    has_signed: impl Fn(&SigningCertificate) -> bool,
) -> Option<&SigningCertificate> {
    let tried = || trusted.iter().take(MOST_CERTIFICATES);
    let valid = tried().filter(|certificate| certificate.is_valid_at(now));
    let others = tried().filter(|certificate| !certificate.is_valid_at(now));
    valid.chain(others).find(|certificate| has_signed(certificate))
}

/// Whether the certificate may be used at this time.
pub(super) fn validity(
    story: &mut Story,
    certificate: &SigningCertificate,
    now: OffsetDateTime,
) -> Result<(), Refusal> {
    let (from, until) = (instant::format(certificate.not_before()), instant::format(certificate.not_after()));
    let expected = format!("from {from} until {until}");
    story.note(Check::CertificateValidity, expected, instant::format(now), certificate.is_valid_at(now))
}

/// The trusted certificates by the beginning of their fingerprints.
pub(super) fn keys(trusted: &[SigningCertificate]) -> String {
    if trusted.is_empty() {
        return "no certificate configured".to_owned();
    }
    let names = trusted.iter().map(|certificate| certificate.sha256().get(..16).unwrap_or_default());
    format!("the configured certificates {}", names.collect::<Vec<_>>().join(", "))
}

/// `text` is a document whose root holds its signature as [`form`] has found it: one reference, to the root. saml-rs answers
/// with what the signature covers: the whole, but of a Response its assertion.
fn signed_by(text: &str, whole: bool, certificate: &SigningCertificate) -> bool {
    match verify_signature(text, &[certificate.base64()]) {
        Ok((true, Some(covered))) => {
            if whole {
                covered == text
            } else {
                text.contains(&covered)
            }
        }
        Ok((true, None)) => true,
        Ok((false, _)) | Err(_) => false,
    }
}
