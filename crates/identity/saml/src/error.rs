//! What goes wrong when a message is made, or a key is read. What is wrong with a received message is a [`crate::Refusal`].

use base::{ErrorKind, Fault, PublicMessage};

/// A message wasn't made, or a key isn't taken. Never holds a part of a private key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SamlError {
    /// The private key can't be used.
    #[error("the private key can't be used: {0}")]
    Key(String),
    #[error("the private key and the certificate {certificate} (SHA-256) don't belong together")]
    KeyMismatch { certificate: String },
    /// Our own defect, or the machine's.
    #[error("signing failed: {0}")]
    Signing(String),
    /// An address that a browser can't be sent to.
    #[error("{0} is no address that a browser can be sent to")]
    Location(String),
    #[error("RelayState has {0} bytes")]
    RelayState(usize),
    /// A value that can't stand in a message.
    #[error("the message can't hold what it was given: {0}")]
    Value(String),
}

impl Fault for SamlError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::Key(_) | Self::KeyMismatch { .. } | Self::Location(_) | Self::RelayState(_) | Self::Value(_) => {
                ErrorKind::InvalidInput
            }
            Self::Signing(_) => ErrorKind::Internal,
        }
    }

    fn public(&self) -> PublicMessage {
        match self {
            Self::Key(_) => PublicMessage::new("The private key can't be used for signing.")
                .with_hint("Give an RSA key of at least 2048 bits as PKCS#8, unencrypted."),
            Self::KeyMismatch { .. } => {
                PublicMessage::new("The private key and the certificate don't belong together.")
                    .with_hint("Give the certificate that was made for this key.")
            }
            Self::Signing(_) => PublicMessage::new("The message couldn't be signed."),
            Self::Location(location) => {
                PublicMessage::new(format!("{location} is no address that a browser can be sent to."))
                    .with_hint("Give an absolute http or https address without a fragment.")
            }
            Self::RelayState(length) => PublicMessage::new(format!(
                "The RelayState has {length} bytes; at most {} are sent.",
                crate::binding::LONGEST_RELAY_STATE
            )),
            Self::Value(why) => PublicMessage::new(format!("A value can't stand in a SAML message: {why}."))
                .with_hint("Take control characters out of names and attributes."),
        }
    }
}
