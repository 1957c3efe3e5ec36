//! Our own keys for signing.

#[cfg(test)]
mod tests;

use std::fmt;

use base::Secret;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bergshamra::Key;
use rcgen::{CertificateParams, DistinguishedName, DnType, KeyPair, PKCS_RSA_SHA256, RsaKeySize};
use saml_rs::crypto::keys::load_private_key;
use saml_rs::crypto::{construct_message_signature, verify_message_signature};
use time::OffsetDateTime;

use crate::certificate::{KeyKind, SigningCertificate};
use crate::error::SamlError;
use crate::signature::RSA_SHA256;

/// A private RSA key and the certificate that others know it by. Signs with RSA-SHA256.
#[derive(Clone)]
pub struct SigningKey {
    pkcs8: Secret<Vec<u8>>,
    certificate: SigningCertificate,
    loaded: Key,
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SigningKey").field("certificate", &self.certificate.sha256()).finish_non_exhaustive()
    }
}

impl SigningKey {
    /// Takes an RSA key (PKCS#8, DER, not encrypted) and its certificate.
    ///
    /// # Errors
    /// [`SamlError::Key`] if it is none, [`SamlError::KeyMismatch`] if they don't belong together.
    pub fn from_pkcs8(pkcs8: Secret<Vec<u8>>, certificate: SigningCertificate) -> Result<Self, SamlError> {
        match certificate.key() {
            KeyKind::Rsa(_) => {}
            other @ (KeyKind::EcP256 | KeyKind::EcP384) => {
                return Err(SamlError::Key(format!("it is {other}, and messages are signed with RSA")));
            }
        }
        let pem = Secret::new(format!(
            "-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n",
            lines(&STANDARD.encode(pkcs8.expose()))
        ));
        // The engine's own words could repeat parts of what it was given.
        let loaded = load_private_key(pem.expose(), None)
            .map_err(|_| SamlError::Key("it can't be read as PKCS#8 of an RSA key".to_owned()))?;
        let key = Self { pkcs8, certificate, loaded };
        key.try_out()?;
        Ok(key)
    }

    /// Makes an RSA-2048 key and a certificate for it that it has signed itself. Takes about half a second.
    ///
    /// # Errors
    /// [`SamlError::Key`] if the machine can't.
    pub fn generate(
        common_name: &str,
        not_before: OffsetDateTime,
        not_after: OffsetDateTime,
    ) -> Result<Self, SamlError> {
        let failed = |error: rcgen::Error| SamlError::Key(error.to_string());
        let pair = KeyPair::generate_rsa_for(&PKCS_RSA_SHA256, RsaKeySize::_2048).map_err(failed)?;
        let mut params = CertificateParams::default();
        params.distinguished_name = DistinguishedName::new();
        params.distinguished_name.push(DnType::CommonName, common_name);
        params.not_before = not_before;
        params.not_after = not_after;
        let certificate = params.self_signed(&pair).map_err(failed)?;
        let certificate =
            SigningCertificate::from_der(certificate.der()).map_err(|refusal| SamlError::Key(refusal.to_string()))?;
        Self::from_pkcs8(Secret::new(pair.serialize_der()), certificate)
    }

    /// The private key, for keeping it sealed.
    #[must_use]
    pub const fn pkcs8(&self) -> &Secret<Vec<u8>> {
        &self.pkcs8
    }

    #[must_use]
    pub const fn certificate(&self) -> &SigningCertificate {
        &self.certificate
    }

    pub(crate) const fn loaded(&self) -> &Key {
        &self.loaded
    }

    /// Whether what the key signs verifies with the certificate.
    fn try_out(&self) -> Result<(), SamlError> {
        const PROBE: &str = "does the key belong to the certificate?";
        let failed = |_| SamlError::Key("it can't sign".to_owned());
        let signature = construct_message_signature(PROBE, &self.loaded, RSA_SHA256).map_err(failed)?;
        let fits = verify_message_signature(PROBE, &signature, &self.certificate.base64(), RSA_SHA256);
        if fits.unwrap_or(false) {
            return Ok(());
        }
        Err(SamlError::KeyMismatch { certificate: self.certificate.sha256().to_owned() })
    }
}

/// In lines of 64 characters, as PEM has it.
fn lines(base64: &str) -> String {
    let mut out = String::with_capacity(base64.len() + base64.len() / 64);
    for (place, character) in base64.chars().enumerate() {
        if place > 0 && place % 64 == 0 {
            out.push('\n');
        }
        out.push(character);
    }
    out
}
