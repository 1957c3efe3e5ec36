//! OpenID Connect providers: whose ID tokens AssumeRoleWithWebIdentity takes.

mod change;

use ::iam::NewOidcProvider;
use ::sts::Ask;

use self::change::{AddClientId, DeleteOidcProvider, RemoveClientId, UpdateThumbprint};
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
    entry::<CreateOidcProvider>(),
    entry::<GetOidcProvider>(),
    entry::<ListOidcProviders>(),
    entry::<AddClientId>(),
    entry::<RemoveClientId>(),
    entry::<UpdateThumbprint>(),
    entry::<DeleteOidcProvider>(),
    entry::<Tag<tagging::OfOidcProvider>>(),
    entry::<Untag<tagging::OfOidcProvider>>(),
    entry::<ListTags<tagging::OfOidcProvider>>(),
];

/// How the URL stands in ARNs and answers: without its scheme.
fn without_scheme(url: &str) -> &str {
    url.strip_prefix("https://").unwrap_or(url)
}

#[derive(Debug)]
struct CreateOidcProvider(NewOidcProvider);

impl IamCall for CreateOidcProvider {
    fn read(fields: &mut Fields<'_>, _: &Context<'_>) -> Result<Self, ApiError> {
        Ok(Self(NewOidcProvider {
            url: fields.required("Url")?,
            client_ids: fields.texts("ClientIDList", "member")?.unwrap_or_default(),
            thumbprints: fields.texts("ThumbprintList", "member")?.unwrap_or_default(),
            tags: fields::tags(fields)?,
        }))
    }
}

impl Operation for CreateOidcProvider {
    const NAME: &'static str = "CreateOpenIDConnectProvider";

    fn resource(&self, state: &AwsState) -> String {
        Target::new(state, "oidc-provider", None, without_scheme(&self.0.url)).arn
    }

    fn asks(&self, state: &AwsState) -> Vec<Ask> {
        asks_to_make(Ask::new(Self::NAME, self.resource(state)), &self.0.tags, "TagOpenIDConnectProvider")
    }

    async fn run(self, context: &Context<'_>) -> Result<Answer, ApiError> {
        let made = context.state.iam.create_oidc_provider(self.0).await?;
        Ok(write::result(|xml| {
            xml.text("OpenIDConnectProviderArn", &made.arn);
            write::tags(xml, &made.tags);
        }))
    }
}

#[derive(Debug)]
struct GetOidcProvider(String);

impl IamCall for GetOidcProvider {
    fn read(fields: &mut Fields<'_>, _: &Context<'_>) -> Result<Self, ApiError> {
        fields.required("OpenIDConnectProviderArn").map(Self)
    }
}

impl Operation for GetOidcProvider {
    const NAME: &'static str = "GetOpenIDConnectProvider";

    fn resource(&self, _: &AwsState) -> String {
        self.0.clone()
    }

    fn asks(&self, state: &AwsState) -> Vec<Ask> {
        vec![Target::oidc_provider(state, &self.0).ask(Self::NAME)]
    }

    async fn run(self, context: &Context<'_>) -> Result<Answer, ApiError> {
        let provider = context.state.iam.find_oidc_provider(&self.0)?;
        Ok(write::result(|xml| {
            xml.text("Url", without_scheme(&provider.url));
            write::texts(xml, "ClientIDList", provider.client_ids.iter().map(String::as_str));
            write::texts(xml, "ThumbprintList", provider.thumbprints.iter().map(String::as_str));
            xml.text("CreateDate", &write::instant(provider.created));
            write::tags(xml, &provider.tags);
        }))
    }
}

/// All of them: an account has at most 100.
#[derive(Debug)]
struct ListOidcProviders;

impl IamCall for ListOidcProviders {
    fn read(_: &mut Fields<'_>, _: &Context<'_>) -> Result<Self, ApiError> {
        Ok(Self)
    }
}

impl Operation for ListOidcProviders {
    const NAME: &'static str = "ListOpenIDConnectProviders";

    fn resource(&self, _: &AwsState) -> String {
        "*".to_owned()
    }

    async fn run(self, context: &Context<'_>) -> Result<Answer, ApiError> {
        let providers = context.state.iam.oidc_providers();
        Ok(write::result(|xml| {
            let list = "OpenIDConnectProviderList";
            write::members(xml, list, &providers, |xml, provider| xml.text("Arn", &provider.arn));
        }))
    }
}
