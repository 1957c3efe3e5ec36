//! SAML providers: whose assertions AssumeRoleWithSAML takes.

use ::iam::{NewSamlProvider, SamlProviderEdit};
use ::sts::Ask;

use super::call::{Entry, IamCall, entry};
use super::fields;
use super::tagging::{self, ListTags, Tag, Untag};
use super::target::{Target, asks_to_make};
use super::write;
use crate::error::ApiError;
use crate::operation::{Answer, Context, Operation};
use crate::protocol::query::Fields;
use crate::state::AwsState;

pub(super) const OPERATIONS: &[Entry] = &[
    entry::<CreateSamlProvider>(),
    entry::<GetSamlProvider>(),
    entry::<ListSamlProviders>(),
    entry::<UpdateSamlProvider>(),
    entry::<DeleteSamlProvider>(),
    entry::<Tag<tagging::OfSamlProvider>>(),
    entry::<Untag<tagging::OfSamlProvider>>(),
    entry::<ListTags<tagging::OfSamlProvider>>(),
];

#[derive(Debug)]
struct CreateSamlProvider(NewSamlProvider);

impl IamCall for CreateSamlProvider {
    fn read(fields: &mut Fields<'_>, _: &Context<'_>) -> Result<Self, ApiError> {
        Ok(Self(NewSamlProvider {
            name: fields.required("Name")?,
            metadata: fields.required("SAMLMetadataDocument")?,
            encryption_mode: fields.optional("AssertionEncryptionMode"),
            private_key: fields.optional("AddPrivateKey").is_some(),
            tags: fields::tags(fields)?,
        }))
    }
}

impl Operation for CreateSamlProvider {
    const NAME: &'static str = "CreateSAMLProvider";

    fn resource(&self, state: &AwsState) -> String {
        Target::new(state, "saml-provider", None, &self.0.name).arn
    }

    fn asks(&self, state: &AwsState) -> Vec<Ask> {
        asks_to_make(Ask::new(Self::NAME, self.resource(state)), &self.0.tags, "TagSAMLProvider")
    }

    async fn run(self, context: &Context<'_>) -> Result<Answer, ApiError> {
        let made = context.state.iam.create_saml_provider(self.0).await?;
        Ok(write::result(|xml| {
            xml.text("SAMLProviderArn", &made.arn);
            write::tags(xml, &made.tags);
        }))
    }
}

#[derive(Debug)]
struct GetSamlProvider(String);

impl IamCall for GetSamlProvider {
    fn read(fields: &mut Fields<'_>, _: &Context<'_>) -> Result<Self, ApiError> {
        fields.required("SAMLProviderArn").map(Self)
    }
}

impl Operation for GetSamlProvider {
    const NAME: &'static str = "GetSAMLProvider";

    fn resource(&self, _: &AwsState) -> String {
        self.0.clone()
    }

    fn asks(&self, state: &AwsState) -> Vec<Ask> {
        vec![Target::saml_provider(state, &self.0).ask(Self::NAME)]
    }

    async fn run(self, context: &Context<'_>) -> Result<Answer, ApiError> {
        let provider = context.state.iam.find_saml_provider(&self.0)?;
        Ok(write::result(|xml| {
            xml.text("SAMLProviderUUID", &provider.uuid);
            xml.text("SAMLMetadataDocument", &provider.metadata);
            xml.text("CreateDate", &write::instant(provider.created));
            if let Some(until) = provider.valid_until {
                xml.text("ValidUntil", &write::instant(until));
            }
            write::tags(xml, &provider.tags);
        }))
    }
}

/// All of them: an account has at most 100.
#[derive(Debug)]
struct ListSamlProviders;

impl IamCall for ListSamlProviders {
    fn read(_: &mut Fields<'_>, _: &Context<'_>) -> Result<Self, ApiError> {
        Ok(Self)
    }
}

impl Operation for ListSamlProviders {
    const NAME: &'static str = "ListSAMLProviders";

    fn resource(&self, _: &AwsState) -> String {
        "*".to_owned()
    }

    async fn run(self, context: &Context<'_>) -> Result<Answer, ApiError> {
        let providers = context.state.iam.saml_providers();
        Ok(write::result(|xml| {
            write::members(xml, "SAMLProviderList", &providers, |xml, provider| {
                xml.text("Arn", &provider.arn);
                if let Some(until) = provider.valid_until {
                    xml.text("ValidUntil", &write::instant(until));
                }
                xml.text("CreateDate", &write::instant(provider.created));
            });
        }))
    }
}

#[derive(Debug)]
struct UpdateSamlProvider {
    arn: String,
    edit: SamlProviderEdit,
}

impl IamCall for UpdateSamlProvider {
    fn read(fields: &mut Fields<'_>, _: &Context<'_>) -> Result<Self, ApiError> {
        let keys = [fields.optional("AddPrivateKey"), fields.optional("RemovePrivateKey")];
        Ok(Self {
            arn: fields.required("SAMLProviderArn")?,
            edit: SamlProviderEdit {
                metadata: fields.optional("SAMLMetadataDocument"),
                encryption_mode: fields.optional("AssertionEncryptionMode"),
                private_key: keys.iter().any(Option::is_some),
            },
        })
    }
}

impl Operation for UpdateSamlProvider {
    const NAME: &'static str = "UpdateSAMLProvider";

    fn resource(&self, _: &AwsState) -> String {
        self.arn.clone()
    }

    fn asks(&self, state: &AwsState) -> Vec<Ask> {
        vec![Target::saml_provider(state, &self.arn).ask(Self::NAME)]
    }

    async fn run(self, context: &Context<'_>) -> Result<Answer, ApiError> {
        context.state.iam.update_saml_provider(&self.arn, self.edit).await?;
        Ok(write::result(|xml| xml.text("SAMLProviderArn", &self.arn)))
    }
}

#[derive(Debug)]
struct DeleteSamlProvider(String);

impl IamCall for DeleteSamlProvider {
    fn read(fields: &mut Fields<'_>, _: &Context<'_>) -> Result<Self, ApiError> {
        fields.required("SAMLProviderArn").map(Self)
    }
}

impl Operation for DeleteSamlProvider {
    const NAME: &'static str = "DeleteSAMLProvider";

    fn resource(&self, _: &AwsState) -> String {
        self.0.clone()
    }

    fn asks(&self, state: &AwsState) -> Vec<Ask> {
        vec![Target::saml_provider(state, &self.0).ask(Self::NAME)]
    }

    async fn run(self, context: &Context<'_>) -> Result<Answer, ApiError> {
        context.state.iam.delete_saml_provider(&self.0).await?;
        Ok(Answer::Xml(None))
    }
}
