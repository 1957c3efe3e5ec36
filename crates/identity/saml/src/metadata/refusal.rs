//! Why metadata isn't taken.

use base::{ErrorKind, Fault, PublicMessage};

use super::LONGEST;
use crate::xml::XmlRefusal;

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MetadataRefusal {
    #[error("the metadata has {0} characters")]
    TooLong(usize),
    #[error("the metadata can't be read: {0}")]
    Document(XmlRefusal),
    /// The root is something else.
    #[error("the document is {0}, not SAML metadata")]
    NotMetadata(String),
    /// No entity in it plays the role, or several do.
    #[error("the metadata describes {found} {role}s instead of one")]
    NotOne { role: &'static str, found: usize },
    #[error("the metadata has no {0}")]
    Missing(&'static str),
    /// Certificates are there, but none that can be used.
    #[error("the metadata has no certificate that can be used: {0}")]
    Certificates(String),
    #[error("{name} is {value:?} in the metadata")]
    Value { name: &'static str, value: String },
}

impl Fault for MetadataRefusal {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::TooLong(_) => ErrorKind::LimitExceeded,
            Self::Document(_)
            | Self::NotMetadata(_)
            | Self::NotOne { .. }
            | Self::Missing(_)
            | Self::Certificates(_)
            | Self::Value { .. } => ErrorKind::InvalidInput,
        }
    }

    fn public(&self) -> PublicMessage {
        let (message, hint) = match self {
            Self::TooLong(found) => (
                format!("The metadata has {found} characters; at most {LONGEST} are taken."),
                "Take the metadata of the one application, not of the whole federation.",
            ),
            Self::Document(refusal) => (
                format!("The metadata isn't taken: {refusal}."),
                "Give the XML file as the other side hands it out, in UTF-8.",
            ),
            Self::NotMetadata(found) => (
                format!("This is {found}, not SAML metadata."),
                "Give the EntityDescriptor that the other side hands out as its SAML 2.0 metadata.",
            ),
            Self::NotOne { role, found } => (
                format!("The metadata describes {found} {role}s; one is needed."),
                "Give the metadata of the one party that is meant, for SAML 2.0.",
            ),
            Self::Missing(what) => (
                format!("The metadata has no {what}."),
                "Let the other side export its metadata again, with this in it.",
            ),
            Self::Certificates(why) => (
                format!("The metadata has no signing certificate that can be used: {why}"),
                "Let the other side sign with an RSA key of at least 2048 bits.",
            ),
            Self::Value { name, value } => {
                (format!("{name} can't be {value:?}."), "Let the other side export its metadata again.")
            }
        };
        PublicMessage::new(message).with_hint(hint)
    }
}
