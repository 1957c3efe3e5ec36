//! Signing with our own keys.

use saml_rs::crypto::{construct_message_signature, construct_saml_signature};

use super::RSA_SHA256;
use crate::error::SamlError;
use crate::key::SigningKey;
use crate::xml::{self, Element, Kind};

/// What of a message is signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    /// The root.
    Message,
    /// The assertion in it.
    Assertion,
}

/// Signs the parts in their order (the assertion first, since the message's signature covers it). The signature is put behind
/// the Issuer, by RSA-SHA256 and exclusive canonicalization.
pub(crate) fn enveloped(message: &Element, parts: &[Part], key: &SigningKey) -> Result<String, SamlError> {
    let mut text = checked(message)?;
    let certificate = key.certificate().base64();
    for part in parts {
        let whole = *part == Part::Message;
        let signed = construct_saml_signature(&text, whole, key.loaded(), &certificate, RSA_SHA256, &[], None);
        text = signed.map_err(|error| SamlError::Signing(error.to_string()))?;
    }
    Ok(text)
}

/// The message as text, which our own strict reader takes: nothing that it was given made another document of it.
pub(crate) fn checked(message: &Element) -> Result<String, SamlError> {
    let text = message.document();
    xml::read(text.as_bytes(), Kind::Message).map_err(|refusal| SamlError::Value(refusal.to_string()))?;
    Ok(text)
}

/// The signature of the HTTP-Redirect binding (SAML bindings 3.4.4.1) over `SAMLRequest=…&RelayState=…&SigAlg=…`, in base64.
pub(crate) fn of_query(signed: &str, key: &SigningKey) -> Result<String, SamlError> {
    construct_message_signature(signed, key.loaded(), RSA_SHA256).map_err(|error| SamlError::Signing(error.to_string()))
}
