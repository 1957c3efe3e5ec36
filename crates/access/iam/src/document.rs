//! Policy documents: read, refused with their place, kept as text.

use std::sync::Arc;

use policy::{Document, DocumentKind};
use serde::de::Error as _;
use serde::{Deserialize as _, Deserializer, Serializer};

use crate::{IamError, quota};

/// A document of an identity or of a role's trust, as the API takes it.
///
/// # Errors
/// [`IamError::MalformedPolicyDocument`] with the place and the reason.
pub(crate) fn read(text: &str, kind: DocumentKind) -> Result<Arc<Document>, IamError> {
    let legal = |c: char| matches!(c, '\t' | '\n' | '\r' | ' '..='\u{ff}');
    if text.is_empty() || text.len() > 131_072 || !text.chars().all(legal) {
        let rule = "Member must have 1 to 131072 characters of Latin-1";
        return Err(IamError::validation("policyDocument", rule));
    }
    Document::parse(text, kind).map(Arc::new).map_err(|error| IamError::MalformedPolicyDocument(error.to_string()))
}

/// A managed policy's.
pub(crate) fn managed(text: &str) -> Result<Arc<Document>, IamError> {
    let document = read(text, DocumentKind::Identity)?;
    if document.len_without_whitespace() > quota::MANAGED_POLICY {
        return Err(IamError::quota("PolicySize", quota::MANAGED_POLICY));
    }
    Ok(document)
}

/// A role's trust policy.
pub(crate) fn trust(text: &str) -> Result<Arc<Document>, IamError> {
    let document = read(text, DocumentKind::Trust)?;
    if document.len_without_whitespace() > quota::TRUST_POLICY {
        return Err(IamError::quota("ACLSizePerRole", quota::TRUST_POLICY));
    }
    Ok(document)
}

fn stored<'de, D: Deserializer<'de>>(text: &str, kind: DocumentKind) -> Result<Arc<Document>, D::Error> {
    Document::parse(text, kind).map(Arc::new).map_err(|error| D::Error::custom(format!("policy document: {error}")))
}

/// serde of an identity's document.
pub(crate) mod identity {
    use super::*;

    pub(crate) fn serialize<S: Serializer>(document: &Arc<Document>, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(document.text())
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Arc<Document>, D::Error> {
        stored::<D>(&String::deserialize(deserializer)?, DocumentKind::Identity)
    }
}

/// serde of a trust policy.
pub(crate) mod trusting {
    use super::*;

    pub(crate) fn serialize<S: Serializer>(document: &Arc<Document>, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(document.text())
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Arc<Document>, D::Error> {
        stored::<D>(&String::deserialize(deserializer)?, DocumentKind::Trust)
    }
}

/// serde of inline policies by their names.
pub(crate) mod inline {
    use std::collections::BTreeMap;

    use super::*;

    pub(crate) fn serialize<S: Serializer>(
        documents: &BTreeMap<String, Arc<Document>>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.collect_map(documents.iter().map(|(name, document)| (name, document.text())))
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<BTreeMap<String, Arc<Document>>, D::Error> {
        let texts = BTreeMap::<String, String>::deserialize(deserializer)?;
        texts.into_iter().map(|(name, text)| Ok((name, stored::<D>(&text, DocumentKind::Identity)?))).collect()
    }
}
