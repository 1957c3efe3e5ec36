//! Certificates as they are kept: base64 of DER.

use saml::SigningCertificate;
use serde::{Deserialize, Deserializer, Serialize as _, Serializer};

pub(super) fn serialize<S: Serializer>(certificates: &[SigningCertificate], serializer: S) -> Result<S::Ok, S::Error> {
    certificates.iter().map(SigningCertificate::base64).collect::<Vec<_>>().serialize(serializer)
}

pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<SigningCertificate>, D::Error> {
    let texts = Vec::<String>::deserialize(deserializer)?;
    texts.iter().map(|text| SigningCertificate::from_base64(text).map_err(serde::de::Error::custom)).collect()
}
