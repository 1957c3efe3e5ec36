//! A session of a role, for a caller of this account.

use sts::{Ask, AssumeRoleRequest, StsError};

use super::{assumed, credentials, duration, policy_arns, required};
use crate::error::ApiError;
use crate::operation::{Answer, Context, Operation};
use crate::protocol::query::QueryParameters;
use crate::protocol::xml::Xml;
use crate::state::AwsState;

/// `RoleArn`, `RoleSessionName` (`Policy`, `PolicyArns`, `DurationSeconds`, `Tags`, `TransitiveTagKeys`, `ExternalId`, `SourceIdentity`) →
/// `Credentials`, `AssumedRoleUser`, `PackedPolicySize`, `SourceIdentity`. `ProvidedContexts`, `SerialNumber` and `TokenCode` are refused
/// by name.
#[derive(Debug)]
pub(super) struct AssumeRole(AssumeRoleRequest);

impl AssumeRole {
    pub(super) fn parse(parameters: QueryParameters) -> Result<Self, ApiError> {
        parameters.parse(Self::NAME, |fields| {
            let mut tags = Vec::new();
            for mut tag in fields.structures("Tags", "member")? {
                let key = tag.optional("Key").ok_or_else(|| StsError::missing("tags.member.key"))?;
                tags.push((key, tag.optional("Value").ok_or_else(|| StsError::missing("tags.member.value"))?));
                tag.finish()?;
            }
            Ok(Self(AssumeRoleRequest {
                role_arn: required(fields, "RoleArn", "roleArn")?,
                session_name: required(fields, "RoleSessionName", "roleSessionName")?,
                policy: fields.optional("Policy"),
                policy_arns: policy_arns(fields)?,
                duration_seconds: duration(fields)?,
                tags,
                transitive_tag_keys: fields.texts("TransitiveTagKeys", "member")?.unwrap_or_default(),
                external_id: fields.optional("ExternalId"),
                source_identity: fields.optional("SourceIdentity"),
            }))
        })
    }
}

impl Operation for AssumeRole {
    const NAME: &'static str = "AssumeRole";
    const OPEN: bool = true;

    fn resource(&self, _: &AwsState) -> String {
        self.0.role_arn.clone()
    }

    /// The role's trust policy has its say too, so that it is asked with the rest.
    fn asks(&self, _: &AwsState) -> Vec<Ask> {
        Vec::new()
    }

    async fn run(self, context: &Context<'_>) -> Result<Answer, ApiError> {
        let Context { state, caller, peer, correlation, notes, .. } = *context;
        let attempt = state.sts.assume_role(caller, &self.0, peer, correlation);
        notes.add("checks", attempt.checks.to_json());
        let issued = attempt.outcome?;
        notes.add("issued_access_key_id", issued.access_key_id.as_str());
        notes.add("session", issued.caller.principal().to_string());
        Ok(Answer::Xml(Some(Xml::fragment(|xml| {
            credentials(xml, &issued);
            assumed(xml, &issued);
        }))))
    }
}
