//! What changes a provider that is there.

use ::sts::Ask;

use crate::error::ApiError;
use crate::iam::call::IamCall;
use crate::iam::fields;
use crate::iam::target::Target;
use crate::operation::{Answer, Context, Operation};
use crate::protocol::query::Fields;
use crate::state::AwsState;

#[derive(Debug)]
pub(super) struct AddClientId {
    arn: String,
    client_id: String,
}

impl IamCall for AddClientId {
    fn read(fields: &mut Fields<'_>, _: &Context<'_>) -> Result<Self, ApiError> {
        Ok(Self { arn: fields.required("OpenIDConnectProviderArn")?, client_id: fields.required("ClientID")? })
    }
}

impl Operation for AddClientId {
    const NAME: &'static str = "AddClientIDToOpenIDConnectProvider";

    fn resource(&self, _: &AwsState) -> String {
        self.arn.clone()
    }

    fn asks(&self, state: &AwsState) -> Vec<Ask> {
        vec![Target::oidc_provider(state, &self.arn).ask(Self::NAME)]
    }

    async fn run(self, context: &Context<'_>) -> Result<Answer, ApiError> {
        context.state.iam.add_client_id(&self.arn, &self.client_id).await?;
        Ok(Answer::Xml(None))
    }
}

#[derive(Debug)]
pub(super) struct RemoveClientId {
    arn: String,
    client_id: String,
}

impl IamCall for RemoveClientId {
    fn read(fields: &mut Fields<'_>, _: &Context<'_>) -> Result<Self, ApiError> {
        Ok(Self { arn: fields.required("OpenIDConnectProviderArn")?, client_id: fields.required("ClientID")? })
    }
}

impl Operation for RemoveClientId {
    const NAME: &'static str = "RemoveClientIDFromOpenIDConnectProvider";

    fn resource(&self, _: &AwsState) -> String {
        self.arn.clone()
    }

    fn asks(&self, state: &AwsState) -> Vec<Ask> {
        vec![Target::oidc_provider(state, &self.arn).ask(Self::NAME)]
    }

    async fn run(self, context: &Context<'_>) -> Result<Answer, ApiError> {
        context.state.iam.remove_client_id(&self.arn, &self.client_id).await?;
        Ok(Answer::Xml(None))
    }
}

#[derive(Debug)]
pub(super) struct UpdateThumbprint {
    arn: String,
    thumbprints: Vec<String>,
}

impl IamCall for UpdateThumbprint {
    fn read(fields: &mut Fields<'_>, _: &Context<'_>) -> Result<Self, ApiError> {
        Ok(Self {
            arn: fields.required("OpenIDConnectProviderArn")?,
            thumbprints: fields::required_texts(fields, "ThumbprintList")?,
        })
    }
}

impl Operation for UpdateThumbprint {
    const NAME: &'static str = "UpdateOpenIDConnectProviderThumbprint";

    fn resource(&self, _: &AwsState) -> String {
        self.arn.clone()
    }

    fn asks(&self, state: &AwsState) -> Vec<Ask> {
        vec![Target::oidc_provider(state, &self.arn).ask(Self::NAME)]
    }

    async fn run(self, context: &Context<'_>) -> Result<Answer, ApiError> {
        context.state.iam.update_thumbprints(&self.arn, self.thumbprints).await?;
        Ok(Answer::Xml(None))
    }
}

#[derive(Debug)]
pub(super) struct DeleteOidcProvider {
    arn: String,
}

impl IamCall for DeleteOidcProvider {
    fn read(fields: &mut Fields<'_>, _: &Context<'_>) -> Result<Self, ApiError> {
        Ok(Self { arn: fields.required("OpenIDConnectProviderArn")? })
    }
}

impl Operation for DeleteOidcProvider {
    const NAME: &'static str = "DeleteOpenIDConnectProvider";

    fn resource(&self, _: &AwsState) -> String {
        self.arn.clone()
    }

    fn asks(&self, state: &AwsState) -> Vec<Ask> {
        vec![Target::oidc_provider(state, &self.arn).ask(Self::NAME)]
    }

    async fn run(self, context: &Context<'_>) -> Result<Answer, ApiError> {
        context.state.iam.delete_oidc_provider(&self.arn).await?;
        Ok(Answer::Xml(None))
    }
}
