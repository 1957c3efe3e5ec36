//! The signature of the HTTP-Redirect binding.

use saml_rs::crypto::verify_message_signature;
use time::OffsetDateTime;

use super::verify::{keys, signer, validity};
use super::{ALGORITHMS, ALLOWED};
use crate::certificate::SigningCertificate;
use crate::check::{Check, Refusal, Story};

/// Verifies the signature over the part of a query that `signed` is, exactly as it came.
pub(crate) fn verify_query(
    story: &mut Story,
    signed: &str,
    (algorithm, signature): (&str, &str),
    trusted: &[SigningCertificate],
    now: OffsetDateTime,
) -> Result<(), Refusal> {
    story.note(Check::SignatureAlgorithm, ALLOWED, algorithm, ALGORITHMS.contains(&algorithm))?;
    let by = |certificate: &SigningCertificate| {
        verify_message_signature(signed, signature, &certificate.base64(), algorithm).unwrap_or(false)
    };
    match signer(trusted, now, by) {
        Some(certificate) => {
            story.passed(Check::Signature, &keys(trusted), certificate.sha256());
            validity(story, certificate, now)
        }
        None => story.failed(Check::Signature, keys(trusted), "the query isn't what they signed"),
    }
}
