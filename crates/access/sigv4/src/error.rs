//! Why a request isn't proven, under AWS's names.

use base::{ErrorKind, Fault, PublicMessage};

/// `Display` is for the log and names no value that the client sent; [`Fault::public`] tells the client all it needs to find
/// the mistake.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SigV4Error {
    #[error("the request is not signed")]
    MissingAuthenticationToken,
    /// The signature or one of its parts is absent, malformed or of another algorithm.
    #[error("the signature is incomplete")]
    Incomplete(String),
    /// The access key or its session token isn't known.
    #[error("the access key is not known")]
    InvalidClientTokenId,
    /// The session that the token stands for is over.
    #[error("the session of the access key is over")]
    ExpiredToken,
    /// The credential is scoped to another day, region, service or terminator.
    #[error("the credential scope is not ours")]
    Scope(String),
    /// Signed too long ago, or a presigned request past its `X-Amz-Expires`.
    #[error("the signature has expired")]
    Expired(String),
    /// Signed in the future.
    #[error("the signature is not yet current")]
    NotYetCurrent(String),
    /// `X-Amz-Content-SHA256` isn't the hash of the body.
    #[error("the body doesn't have the hash that the request states")]
    PayloadMismatch,
    #[error("the signature doesn't match")]
    SignatureDoesNotMatch { canonical_request: String, string_to_sign: String },
}

impl SigV4Error {
    /// The error code of the Query protocol (AWS "Common Errors").
    #[must_use]
    pub const fn aws_name(&self) -> &'static str {
        match self {
            Self::MissingAuthenticationToken => "MissingAuthenticationToken",
            Self::Incomplete(_) => "IncompleteSignature",
            Self::InvalidClientTokenId => "InvalidClientTokenId",
            Self::ExpiredToken => "ExpiredToken",
            Self::Expired(_) | Self::NotYetCurrent(_) => "RequestExpired",
            Self::Scope(_) | Self::PayloadMismatch | Self::SignatureDoesNotMatch { .. } => "SignatureDoesNotMatch",
        }
    }

    /// The error code of the JSON protocols.
    #[must_use]
    pub const fn aws_json_name(&self) -> &'static str {
        match self {
            Self::MissingAuthenticationToken => "MissingAuthenticationTokenException",
            Self::Incomplete(_) => "IncompleteSignatureException",
            Self::InvalidClientTokenId => "UnrecognizedClientException",
            Self::ExpiredToken => "ExpiredTokenException",
            Self::Expired(_)
            | Self::NotYetCurrent(_)
            | Self::Scope(_)
            | Self::PayloadMismatch
            | Self::SignatureDoesNotMatch { .. } => "InvalidSignatureException",
        }
    }

    /// The HTTP status of the Query protocol.
    #[must_use]
    pub const fn http_status(&self) -> u16 {
        match self {
            Self::Incomplete(_) | Self::Expired(_) | Self::NotYetCurrent(_) => 400,
            Self::MissingAuthenticationToken
            | Self::InvalidClientTokenId
            | Self::ExpiredToken
            | Self::Scope(_)
            | Self::PayloadMismatch
            | Self::SignatureDoesNotMatch { .. } => 403,
        }
    }
}

impl Fault for SigV4Error {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::Incomplete(_) => ErrorKind::InvalidInput,
            Self::MissingAuthenticationToken
            | Self::InvalidClientTokenId
            | Self::ExpiredToken
            | Self::Scope(_)
            | Self::Expired(_)
            | Self::NotYetCurrent(_)
            | Self::PayloadMismatch
            | Self::SignatureDoesNotMatch { .. } => ErrorKind::Unauthenticated,
        }
    }

    fn public(&self) -> PublicMessage {
        match self {
            Self::MissingAuthenticationToken => {
                PublicMessage::new("Request is missing Authentication Token. Sign it with Signature Version 4.")
            }
            Self::Incomplete(message)
            | Self::Scope(message)
            | Self::Expired(message)
            | Self::NotYetCurrent(message) => PublicMessage::new(message),
            Self::InvalidClientTokenId => PublicMessage::new("The security token included in the request is invalid."),
            Self::ExpiredToken => PublicMessage::new("The security token included in the request is expired"),
            Self::PayloadMismatch => PublicMessage::new(
                "The x-amz-content-sha256 header does not match the SHA-256 of the body that was received.",
            ),
            Self::SignatureDoesNotMatch { canonical_request, string_to_sign } => PublicMessage::new(format!(
                "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access \
                 Key and signing method. Consult the service documentation for details.\n\nThe Canonical String for this \
                 request should have been\n'{canonical_request}'\n\nThe String-to-Sign should have been\n'{string_to_sign}'\n"
            )),
        }
    }
}
