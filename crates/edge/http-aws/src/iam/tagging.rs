//! Tags of users, roles, policies and identity providers.

use std::marker::PhantomData;

use ::iam::{Taggable, Tags};
use ::sts::Ask;

use super::call::IamCall;
use super::fields::{self, PageRequest};
use super::holders::page_of;
use super::target::Target;
use super::write;
use crate::error::ApiError;
use crate::operation::{Answer, Context, Operation};
use crate::protocol::query::Fields;
use crate::state::AwsState;

/// A kind of resource with tags: how its operations and parameters are called.
pub(super) trait Kind: std::fmt::Debug + Send + Sync + 'static {
    const PARAMETER: &'static str;
    const TAG: &'static str;
    const UNTAG: &'static str;
    const LIST_TAGS: &'static str;

    fn taggable(name: &str) -> Taggable<'_>;
    fn target(state: &AwsState, name: &str) -> Target;
}

#[derive(Debug)]
pub(super) struct OfUser;
#[derive(Debug)]
pub(super) struct OfRole;
#[derive(Debug)]
pub(super) struct OfPolicy;
#[derive(Debug)]
pub(super) struct OfSamlProvider;
#[derive(Debug)]
pub(super) struct OfOidcProvider;

impl Kind for OfUser {
    const PARAMETER: &'static str = "UserName";
    const TAG: &'static str = "TagUser";
    const UNTAG: &'static str = "UntagUser";
    const LIST_TAGS: &'static str = "ListUserTags";

    fn taggable(name: &str) -> Taggable<'_> {
        Taggable::User(name)
    }

    fn target(state: &AwsState, name: &str) -> Target {
        Target::user(state, name)
    }
}

impl Kind for OfRole {
    const PARAMETER: &'static str = "RoleName";
    const TAG: &'static str = "TagRole";
    const UNTAG: &'static str = "UntagRole";
    const LIST_TAGS: &'static str = "ListRoleTags";

    fn taggable(name: &str) -> Taggable<'_> {
        Taggable::Role(name)
    }

    fn target(state: &AwsState, name: &str) -> Target {
        Target::role(state, name)
    }
}

impl Kind for OfPolicy {
    const PARAMETER: &'static str = "PolicyArn";
    const TAG: &'static str = "TagPolicy";
    const UNTAG: &'static str = "UntagPolicy";
    const LIST_TAGS: &'static str = "ListPolicyTags";

    fn taggable(arn: &str) -> Taggable<'_> {
        Taggable::Policy(arn)
    }

    fn target(state: &AwsState, arn: &str) -> Target {
        Target::policy(state, arn)
    }
}

impl Kind for OfSamlProvider {
    const PARAMETER: &'static str = "SAMLProviderArn";
    const TAG: &'static str = "TagSAMLProvider";
    const UNTAG: &'static str = "UntagSAMLProvider";
    const LIST_TAGS: &'static str = "ListSAMLProviderTags";

    fn taggable(arn: &str) -> Taggable<'_> {
        Taggable::SamlProvider(arn)
    }

    fn target(state: &AwsState, arn: &str) -> Target {
        Target::saml_provider(state, arn)
    }
}

impl Kind for OfOidcProvider {
    const PARAMETER: &'static str = "OpenIDConnectProviderArn";
    const TAG: &'static str = "TagOpenIDConnectProvider";
    const UNTAG: &'static str = "UntagOpenIDConnectProvider";
    const LIST_TAGS: &'static str = "ListOpenIDConnectProviderTags";

    fn taggable(arn: &str) -> Taggable<'_> {
        Taggable::OidcProvider(arn)
    }

    fn target(state: &AwsState, arn: &str) -> Target {
        Target::oidc_provider(state, arn)
    }
}

/// `TagUser`, `TagRole` …
#[derive(Debug)]
pub(super) struct Tag<K> {
    name: String,
    tags: Tags,
    kind: PhantomData<K>,
}

impl<K: Kind> IamCall for Tag<K> {
    fn read(fields: &mut Fields<'_>, _: &Context<'_>) -> Result<Self, ApiError> {
        let tags = fields::tags(fields)?;
        if tags.is_empty() {
            return Err(ApiError::MissingParameter { operation: Self::NAME, parameter: "Tags" });
        }
        Ok(Self { name: fields.required(K::PARAMETER)?, tags, kind: PhantomData })
    }
}

impl<K: Kind> Operation for Tag<K> {
    const NAME: &'static str = K::TAG;

    fn resource(&self, state: &AwsState) -> String {
        K::target(state, &self.name).arn
    }

    fn asks(&self, state: &AwsState) -> Vec<Ask> {
        vec![K::target(state, &self.name).ask(Self::NAME).with_request_tags(self.tags.iter())]
    }

    async fn run(self, context: &Context<'_>) -> Result<Answer, ApiError> {
        context.state.iam.tag(K::taggable(&self.name), self.tags).await?;
        Ok(Answer::Xml(None))
    }
}

/// `UntagUser`, `UntagRole` …
#[derive(Debug)]
pub(super) struct Untag<K> {
    name: String,
    keys: Vec<String>,
    kind: PhantomData<K>,
}

impl<K: Kind> IamCall for Untag<K> {
    fn read(fields: &mut Fields<'_>, _: &Context<'_>) -> Result<Self, ApiError> {
        let keys = fields::required_texts(fields, "TagKeys")?;
        Ok(Self { name: fields.required(K::PARAMETER)?, keys, kind: PhantomData })
    }
}

impl<K: Kind> Operation for Untag<K> {
    const NAME: &'static str = K::UNTAG;

    fn resource(&self, state: &AwsState) -> String {
        K::target(state, &self.name).arn
    }

    fn asks(&self, state: &AwsState) -> Vec<Ask> {
        vec![K::target(state, &self.name).ask(Self::NAME).with_all("aws:TagKeys", self.keys.clone())]
    }

    async fn run(self, context: &Context<'_>) -> Result<Answer, ApiError> {
        context.state.iam.untag(K::taggable(&self.name), &self.keys).await?;
        Ok(Answer::Xml(None))
    }
}

/// `ListUserTags`, `ListRoleTags` …
#[derive(Debug)]
pub(super) struct ListTags<K> {
    name: String,
    page: PageRequest,
    kind: PhantomData<K>,
}

impl<K: Kind> IamCall for ListTags<K> {
    fn read(fields: &mut Fields<'_>, _: &Context<'_>) -> Result<Self, ApiError> {
        Ok(Self { name: fields.required(K::PARAMETER)?, page: PageRequest::read(fields)?, kind: PhantomData })
    }
}

impl<K: Kind> Operation for ListTags<K> {
    const NAME: &'static str = K::LIST_TAGS;

    fn resource(&self, state: &AwsState) -> String {
        K::target(state, &self.name).arn
    }

    fn asks(&self, state: &AwsState) -> Vec<Ask> {
        vec![K::target(state, &self.name).ask(Self::NAME)]
    }

    async fn run(self, context: &Context<'_>) -> Result<Answer, ApiError> {
        let tags = context.state.iam.tags_of(K::taggable(&self.name))?.to_map();
        let (keys, next) = page_of(tags.keys().map(String::as_str), &self.page);
        Ok(write::page("Tags", &keys, next, |xml, key| {
            let value = tags.get(*key).map(String::as_str).unwrap_or_default();
            write::tag(xml, (key, value));
        }))
    }
}
