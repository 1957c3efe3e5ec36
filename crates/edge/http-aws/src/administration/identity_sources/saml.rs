//! Certificates and metadata of SAML sources.

use base::id::SourceId;
use serde_json::json;

use super::{arn, show, source_id};
use crate::error::ApiError;
use crate::operation::{Answer, Context, Operation};
use crate::protocol::json;
use crate::state::AwsState;

/// `SourceId`, `Certificate` (PEM, or base64 of DER) → `IdentitySource`. The others stay: a rolling change.
#[derive(Debug)]
pub(in super::super) struct AddIdentitySourceCertificate {
    id: SourceId,
    certificate: String,
}

impl AddIdentitySourceCertificate {
    pub(in super::super) fn parse(body: &[u8]) -> Result<Self, ApiError> {
        json::parse(Self::NAME, body, |fields| {
            Ok(Self { id: source_id(fields)?, certificate: fields.required("Certificate")? })
        })
    }
}

impl Operation for AddIdentitySourceCertificate {
    const NAME: &'static str = "AddIdentitySourceCertificate";

    fn resource(&self, state: &AwsState) -> String {
        arn(state, self.id.as_str())
    }

    async fn run(self, context: &Context<'_>) -> Result<Answer, ApiError> {
        let state = context.state;
        let source = state.sources.add_certificate(&self.id, &self.certificate).await?;
        let shown = show::source(&source, state.sources.urls(), state.clock.now());
        Ok(Answer::Json(json!({ "IdentitySource": shown })))
    }
}

/// `SourceId`, `Sha256` (hex, with or without colons) → `IdentitySource`. The last certificate can't be removed.
#[derive(Debug)]
pub(in super::super) struct RemoveIdentitySourceCertificate {
    id: SourceId,
    sha256: String,
}

impl RemoveIdentitySourceCertificate {
    pub(in super::super) fn parse(body: &[u8]) -> Result<Self, ApiError> {
        json::parse(Self::NAME, body, |fields| Ok(Self { id: source_id(fields)?, sha256: fields.required("Sha256")? }))
    }
}

impl Operation for RemoveIdentitySourceCertificate {
    const NAME: &'static str = "RemoveIdentitySourceCertificate";

    fn resource(&self, state: &AwsState) -> String {
        arn(state, self.id.as_str())
    }

    async fn run(self, context: &Context<'_>) -> Result<Answer, ApiError> {
        let state = context.state;
        let source = state.sources.remove_certificate(&self.id, &self.sha256).await?;
        let shown = show::source(&source, state.sources.urls(), state.clock.now());
        Ok(Answer::Json(json!({ "IdentitySource": shown })))
    }
}

/// `SourceId` → `IdentitySource`, `AddedCertificates[]`, `DroppedCertificates[]` (SHA-256), `LeftOut[]` (sentences).
#[derive(Debug)]
pub(in super::super) struct RefreshIdentitySourceMetadata {
    id: SourceId,
}

impl RefreshIdentitySourceMetadata {
    pub(in super::super) fn parse(body: &[u8]) -> Result<Self, ApiError> {
        json::parse(Self::NAME, body, |fields| Ok(Self { id: source_id(fields)? }))
    }
}

impl Operation for RefreshIdentitySourceMetadata {
    const NAME: &'static str = "RefreshIdentitySourceMetadata";

    fn resource(&self, state: &AwsState) -> String {
        arn(state, self.id.as_str())
    }

    async fn run(self, context: &Context<'_>) -> Result<Answer, ApiError> {
        let state = context.state;
        let refreshed = state.sources.refresh_metadata(&self.id).await?;
        Ok(Answer::Json(json!({
            "IdentitySource": show::source(&refreshed.source, state.sources.urls(), state.clock.now()),
            "AddedCertificates": refreshed.added,
            "DroppedCertificates": refreshed.dropped,
            "LeftOut": refreshed.left_out,
        })))
    }
}

/// `SourceId` → `Metadata` (XML), `EntityId`, `AcsUrl`: what the identity provider has to be told.
#[derive(Debug)]
pub(in super::super) struct GetServiceProviderMetadata {
    id: SourceId,
}

impl GetServiceProviderMetadata {
    pub(in super::super) fn parse(body: &[u8]) -> Result<Self, ApiError> {
        json::parse(Self::NAME, body, |fields| Ok(Self { id: source_id(fields)? }))
    }
}

impl Operation for GetServiceProviderMetadata {
    const NAME: &'static str = "GetServiceProviderMetadata";

    fn resource(&self, state: &AwsState) -> String {
        arn(state, self.id.as_str())
    }

    async fn run(self, context: &Context<'_>) -> Result<Answer, ApiError> {
        let sources = &context.state.sources;
        let metadata = sources.sp_metadata(&self.id)?;
        let urls = sources.urls();
        Ok(Answer::Json(json!({
            "Metadata": metadata,
            "EntityId": urls.saml_entity_id(&self.id),
            "AcsUrl": urls.saml_acs(&self.id),
        })))
    }
}
