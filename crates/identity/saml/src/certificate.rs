//! X.509 certificates that messages may be signed with.
//!
//! They carry a key and dates; who issued them means nothing in SAML, where metadata says which are trusted.

#[cfg(test)]
mod tests;

use std::fmt;

use base::{ErrorKind, Fault, PublicMessage};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use time::OffsetDateTime;
use x509_parser::prelude::{FromDer, X509Certificate};
use x509_parser::public_key::PublicKey;

/// RSA keys shorter than this are refused (NIST SP 800-131A).
const SHORTEST_RSA: u32 = 2048;
/// Longer keys cost more time to verify with than anybody needs.
const LONGEST_RSA: u32 = 8192;
/// Bytes of a certificate.
const LONGEST: usize = 16 * 1024;

const OID_RSA: &str = "1.2.840.113549.1.1.1";
const OID_EC: &str = "1.2.840.10045.2.1";
const OID_P256: &str = "1.2.840.10045.3.1.7";
const OID_P384: &str = "1.3.132.0.34";

/// A certificate whose key is strong enough and of a kind that is verified here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SigningCertificate {
    der: Vec<u8>,
    sha256: String,
    subject: String,
    not_before: OffsetDateTime,
    not_after: OffsetDateTime,
    key: KeyKind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyKind {
    /// The modulus in bits.
    Rsa(u32),
    EcP256,
    EcP384,
}

impl fmt::Display for KeyKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Rsa(bits) => write!(f, "RSA {bits}"),
            Self::EcP256 => f.write_str("EC P-256"),
            Self::EcP384 => f.write_str("EC P-384"),
        }
    }
}

/// Why a certificate isn't taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CertificateRefusal {
    #[error("the certificate can't be read: {0}")]
    Unreadable(String),
    #[error("there are {0} certificates instead of one")]
    NotOne(usize),
    #[error("the certificate's RSA key has {0} bits; 2048 to 8192 are taken")]
    RsaLength(u32),
    #[error("the certificate's key is {0}; RSA, EC P-256 and EC P-384 are taken")]
    Key(String),
}

impl Fault for CertificateRefusal {
    fn kind(&self) -> ErrorKind {
        ErrorKind::InvalidInput
    }

    fn public(&self) -> PublicMessage {
        let hint = match self {
            Self::Unreadable(_) => "Give one X.509 certificate as PEM, with its BEGIN and END lines.",
            Self::NotOne(_) => "Give each certificate on its own.",
            Self::RsaLength(_) | Self::Key(_) => {
                "Let the identity provider sign with an RSA key of at least 2048 bits."
            }
        };
        PublicMessage::new(capitalised(&self.to_string())).with_hint(hint)
    }
}

fn capitalised(sentence: &str) -> String {
    let mut characters = sentence.chars();
    let first = characters.next().map(|first| first.to_ascii_uppercase());
    first.into_iter().chain(characters).chain(['.']).collect()
}

impl SigningCertificate {
    /// One `CERTIFICATE` block.
    ///
    /// # Errors
    /// [`CertificateRefusal`].
    pub fn from_pem(pem: &str) -> Result<Self, CertificateRefusal> {
        const BEGIN: &str = "-----BEGIN CERTIFICATE-----";
        const END: &str = "-----END CERTIFICATE-----";
        let blocks = pem.matches(BEGIN).count();
        if blocks != 1 {
            return Err(CertificateRefusal::NotOne(blocks));
        }
        let body = pem.split_once(BEGIN).and_then(|(_, rest)| rest.split_once(END)).map(|(body, _)| body);
        Self::from_base64(body.ok_or_else(|| CertificateRefusal::Unreadable("its END line is missing".to_owned()))?)
    }

    /// Base64 as metadata has it; white space means nothing.
    ///
    /// # Errors
    /// [`CertificateRefusal`].
    pub fn from_base64(text: &str) -> Result<Self, CertificateRefusal> {
        if text.len() > 2 * LONGEST {
            return Err(CertificateRefusal::Unreadable(format!("it has {} characters", text.len())));
        }
        let text: String = text.chars().filter(|character| !character.is_ascii_whitespace()).collect();
        let der = STANDARD.decode(text).map_err(|error| CertificateRefusal::Unreadable(error.to_string()))?;
        Self::from_der(&der)
    }

    /// # Errors
    /// [`CertificateRefusal`].
    pub fn from_der(der: &[u8]) -> Result<Self, CertificateRefusal> {
        if der.len() > LONGEST {
            return Err(CertificateRefusal::Unreadable(format!("it has {} bytes", der.len())));
        }
        let (rest, certificate) =
            X509Certificate::from_der(der).map_err(|_| CertificateRefusal::Unreadable("it is no X.509".to_owned()))?;
        if !rest.is_empty() {
            return Err(CertificateRefusal::Unreadable("something stands behind it".to_owned()));
        }
        let key = key_kind(&certificate)?;
        let subject = certificate.subject().to_string();
        Ok(Self {
            sha256: sha256(der),
            subject: subject.chars().map(|one| if one.is_control() { ' ' } else { one }).take(200).collect(),
            not_before: certificate.validity().not_before.to_datetime(),
            not_after: certificate.validity().not_after.to_datetime(),
            key,
            der: der.to_vec(),
        })
    }

    #[must_use]
    pub fn der(&self) -> &[u8] {
        &self.der
    }

    /// In one line, as metadata has it.
    #[must_use]
    pub fn base64(&self) -> String {
        STANDARD.encode(&self.der)
    }

    #[must_use]
    pub fn pem(&self) -> String {
        let mut pem = String::from("-----BEGIN CERTIFICATE-----\n");
        for (place, character) in self.base64().chars().enumerate() {
            if place > 0 && place % 64 == 0 {
                pem.push('\n');
            }
            pem.push(character);
        }
        pem.push_str("\n-----END CERTIFICATE-----\n");
        pem
    }

    /// The fingerprint, in lower-case hex.
    #[must_use]
    pub fn sha256(&self) -> &str {
        &self.sha256
    }

    /// For people; at most 200 characters.
    #[must_use]
    pub fn subject(&self) -> &str {
        &self.subject
    }

    #[must_use]
    pub const fn not_before(&self) -> OffsetDateTime {
        self.not_before
    }

    #[must_use]
    pub const fn not_after(&self) -> OffsetDateTime {
        self.not_after
    }

    #[must_use]
    pub fn is_valid_at(&self, now: OffsetDateTime) -> bool {
        self.not_before <= now && now <= self.not_after
    }

    #[must_use]
    pub const fn key(&self) -> KeyKind {
        self.key
    }
}

fn sha256(der: &[u8]) -> String {
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, der);
    digest.as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}

fn key_kind(certificate: &X509Certificate<'_>) -> Result<KeyKind, CertificateRefusal> {
    let info = certificate.public_key();
    let algorithm = info.algorithm.algorithm.to_id_string();
    let unreadable = || CertificateRefusal::Unreadable("its key is malformed".to_owned());
    match algorithm.as_str() {
        OID_RSA => {
            let Ok(PublicKey::RSA(key)) = info.parsed() else { return Err(unreadable()) };
            let bits = u32::try_from(key.key_size()).unwrap_or(u32::MAX);
            let fits = (SHORTEST_RSA..=LONGEST_RSA).contains(&bits);
            if fits { Ok(KeyKind::Rsa(bits)) } else { Err(CertificateRefusal::RsaLength(bits)) }
        }
        OID_EC => {
            let curve = info.algorithm.parameters.as_ref().and_then(|parameters| parameters.as_oid().ok());
            let curve = curve.map(|curve| curve.to_id_string()).ok_or_else(unreadable)?;
            match curve.as_str() {
                OID_P256 => Ok(KeyKind::EcP256),
                OID_P384 => Ok(KeyKind::EcP384),
                other => Err(CertificateRefusal::Key(format!("on the curve {other}"))),
            }
        }
        other => Err(CertificateRefusal::Key(format!("of the algorithm {other}"))),
    }
}
