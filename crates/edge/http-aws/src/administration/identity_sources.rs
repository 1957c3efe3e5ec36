//! Identity sources: who signs people in.

mod configure;
mod read;
mod saml;
mod show;

use base::id::SourceId;
use base::{ErrorKind, Fault as _};
use source::SourceError;

pub(super) use self::configure::{
    CreateIdentitySource, DeleteIdentitySource, SetDirectorySignIn, UpdateIdentitySource,
};
pub(super) use self::read::{DescribeIdentitySource, ListIdentitySources};
pub(super) use self::saml::{
    AddIdentitySourceCertificate, GetServiceProviderMetadata, RefreshIdentitySourceMetadata,
    RemoveIdentitySourceCertificate,
};
use crate::error::ApiError;
use crate::protocol::json::Fields;
use crate::state::AwsState;

fn arn(state: &AwsState, id: &str) -> String {
    format!("arn:aws:gatehouse:{}:{}:identity-source/{id}", state.region(), state.account())
}

fn source_id(fields: &mut Fields) -> Result<SourceId, ApiError> {
    Ok(SourceId::new(fields.required::<String>("SourceId")?))
}

impl From<SourceError> for ApiError {
    fn from(error: SourceError) -> Self {
        let (kind, public) = (error.kind(), error.public());
        let words = [Some(public.message), public.detail, public.hint];
        let message = words.into_iter().flatten().collect::<Vec<_>>().join(" ");
        let (status, code) = match kind {
            ErrorKind::NotFound => (400, "ResourceNotFoundException"),
            ErrorKind::Conflict => (400, "ConflictException"),
            ErrorKind::LimitExceeded => (400, "ServiceQuotaExceededException"),
            ErrorKind::InvalidInput | ErrorKind::Unsupported => (400, "ValidationException"),
            ErrorKind::Denied | ErrorKind::Unauthenticated => (400, "AccessDeniedException"),
            ErrorKind::Cancelled | ErrorKind::TimedOut | ErrorKind::Unavailable => (503, "ServiceUnavailableException"),
            ErrorKind::Internal => (500, "InternalServerException"),
        };
        if kind == ErrorKind::Internal {
            tracing::error!(%error, "an identity source failed");
        }
        // Their documents, not our store: the administrator has to be told what is wrong there.
        let is_theirs =
            matches!(error, SourceError::Provider(_) | SourceError::Fetch { .. } | SourceError::FetchStatus { .. });
        let (status, code) = if is_theirs { (400, "ValidationException") } else { (status, code) };
        Self::Named { kind, status, code, message, members: Vec::new() }
    }
}
