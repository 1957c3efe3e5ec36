//! Who sent a message that isn't a Response: its signature, in either binding.

use time::{Duration, OffsetDateTime};

use crate::binding::{Field, Incoming, Received, receive};
use crate::certificate::SigningCertificate;
use crate::check::{Check, Refusal, Story};
use crate::envelope;
use crate::signature::{verify_any, verify_query};

/// What a request or an answer is checked against.
#[derive(Debug, Clone, Copy)]
pub(crate) struct From<'a> {
    /// `None`: whoever it is.
    pub(crate) issuer: Option<&'a str>,
    pub(crate) certificates: &'a [SigningCertificate],
    pub(crate) must_be_signed: bool,
    pub(crate) destination: &'a str,
    pub(crate) now: OffsetDateTime,
    pub(crate) skew: Duration,
}

/// A message whose sender, address and time are right.
pub(crate) struct Authentic {
    pub(crate) id: String,
    pub(crate) received: Received,
    pub(crate) issued: OffsetDateTime,
    pub(crate) signed: bool,
}

/// Reads a message and checks all that doesn't depend on what it says.
pub(crate) fn authentic(
    story: &mut Story,
    incoming: &Incoming<'_>,
    (field, local): (Field, &str),
    from: &From<'_>,
) -> Result<Authentic, Refusal> {
    let received = receive(story, incoming, field)?;
    let id = envelope::check_root(story, &received.root, local)?;
    let signed = signature(story, &received, incoming, from)?;
    if let Some(issuer) = from.issuer {
        envelope::check_issuer(story, Check::Issuer, &received.root, issuer)?;
    }
    // SAML bindings 3.4.5.2 and 3.5.5.2: a signed message must say where it goes.
    if signed || received.root.attribute("Destination").is_some() {
        envelope::check_destination(story, &received.root, from.destination)?;
    }
    let issued = envelope::check_issue_instant(story, &received.root, from.now, from.skew)?;
    Ok(Authentic { id, received, issued, signed })
}

/// A signature that is there must verify, also where none is needed; without keys to verify it by it proves nothing, and is
/// passed over where none is needed.
fn signature(
    story: &mut Story,
    received: &Received,
    incoming: &Incoming<'_>,
    from: &From<'_>,
) -> Result<bool, Refusal> {
    let expected = format!("a signed {}", received.root.local);
    if from.certificates.is_empty() && !from.must_be_signed {
        return Ok(false);
    }
    let signed = match incoming {
        Incoming::Redirect { .. } => match &received.query_signature {
            Some(query) => {
                let how = (query.algorithm.as_str(), query.signature.as_str());
                verify_query(story, &query.signed, how, from.certificates, from.now)?;
                true
            }
            None => false,
        },
        Incoming::Post { .. } => {
            verify_any(story, Check::Signature, &received.root, &[], from.certificates, from.now)?.is_some()
        }
    };
    if from.must_be_signed {
        story.note(Check::Signed, expected, if signed { "one" } else { "an unsigned one" }, signed)?;
    }
    Ok(signed)
}
