//! Managed policies.

mod entities;
mod list;
mod versions;

use ::iam::NewPolicy;
use ::sts::Ask;

use self::entities::ListEntitiesForPolicy;
use self::list::ListPolicies;
use self::versions::{
    CreatePolicyVersion, DeletePolicyVersion, GetPolicyVersion, ListPolicyVersions, SetDefaultPolicyVersion,
};
use super::call::{Entry, IamCall, entry};
use super::fields;
use super::tagging::{self, ListTags, Tag, Untag};
use super::target::{Target, asks_to_make};
use super::write::{self, Detail};
use crate::error::ApiError;
use crate::operation::{Answer, Context, Operation};
use crate::protocol::query::Fields;
use crate::state::AwsState;

pub(super) const OPERATIONS: &[Entry] = &[
    entry::<CreatePolicy>(),
    entry::<GetPolicy>(),
    entry::<ListPolicies>(),
    entry::<DeletePolicy>(),
    entry::<CreatePolicyVersion>(),
    entry::<GetPolicyVersion>(),
    entry::<ListPolicyVersions>(),
    entry::<SetDefaultPolicyVersion>(),
    entry::<DeletePolicyVersion>(),
    entry::<ListEntitiesForPolicy>(),
    entry::<Tag<tagging::OfPolicy>>(),
    entry::<Untag<tagging::OfPolicy>>(),
    entry::<ListTags<tagging::OfPolicy>>(),
];

#[derive(Debug)]
struct CreatePolicy(NewPolicy);

impl IamCall for CreatePolicy {
    fn read(fields: &mut Fields<'_>, _: &Context<'_>) -> Result<Self, ApiError> {
        Ok(Self(NewPolicy {
            name: fields.required("PolicyName")?,
            path: fields.optional("Path"),
            document: fields.required("PolicyDocument")?,
            description: fields.optional("Description"),
            tags: fields::tags(fields)?,
        }))
    }
}

impl Operation for CreatePolicy {
    const NAME: &'static str = "CreatePolicy";

    fn resource(&self, state: &AwsState) -> String {
        Target::new(state, "policy", self.0.path.as_deref(), &self.0.name).arn
    }

    fn asks(&self, state: &AwsState) -> Vec<Ask> {
        asks_to_make(Ask::new(Self::NAME, self.resource(state)), &self.0.tags, "TagPolicy")
    }

    async fn run(self, context: &Context<'_>) -> Result<Answer, ApiError> {
        let iam = &context.state.iam;
        let made = iam.create_policy(self.0).await?;
        Ok(write::result(|xml| xml.element("Policy", |xml| write::policy(xml, iam, &made, Detail::Full))))
    }
}

#[derive(Debug)]
struct GetPolicy(String);

impl IamCall for GetPolicy {
    fn read(fields: &mut Fields<'_>, _: &Context<'_>) -> Result<Self, ApiError> {
        fields.required("PolicyArn").map(Self)
    }
}

impl Operation for GetPolicy {
    const NAME: &'static str = "GetPolicy";

    fn resource(&self, _: &AwsState) -> String {
        self.0.clone()
    }

    fn asks(&self, state: &AwsState) -> Vec<Ask> {
        vec![Target::policy(state, &self.0).ask(Self::NAME)]
    }

    async fn run(self, context: &Context<'_>) -> Result<Answer, ApiError> {
        let iam = &context.state.iam;
        let policy = iam.find_policy(&self.0)?;
        Ok(write::result(|xml| xml.element("Policy", |xml| write::policy(xml, iam, &policy, Detail::Full))))
    }
}

#[derive(Debug)]
struct DeletePolicy(String);

impl IamCall for DeletePolicy {
    fn read(fields: &mut Fields<'_>, _: &Context<'_>) -> Result<Self, ApiError> {
        fields.required("PolicyArn").map(Self)
    }
}

impl Operation for DeletePolicy {
    const NAME: &'static str = "DeletePolicy";

    fn resource(&self, _: &AwsState) -> String {
        self.0.clone()
    }

    fn asks(&self, state: &AwsState) -> Vec<Ask> {
        vec![Target::policy(state, &self.0).ask(Self::NAME)]
    }

    async fn run(self, context: &Context<'_>) -> Result<Answer, ApiError> {
        context.state.iam.delete_policy(&self.0).await?;
        Ok(Answer::Xml(None))
    }
}
