//! Attached policies: Attach, Detach and List of users, groups and roles.

use std::marker::PhantomData;

use ::sts::Ask;

use super::{Kind, page_of};
use crate::error::ApiError;
use crate::iam::call::IamCall;
use crate::iam::fields::PageRequest;
use crate::iam::write;
use crate::operation::{Answer, Context, Operation};
use crate::protocol::query::Fields;
use crate::state::AwsState;

/// A holder and a managed policy.
#[derive(Debug)]
struct Pair<K> {
    name: String,
    policy: String,
    kind: PhantomData<K>,
}

impl<K: Kind> Pair<K> {
    fn read(fields: &mut Fields<'_>) -> Result<Self, ApiError> {
        Ok(Self { name: fields.required(K::PARAMETER)?, policy: fields.required("PolicyArn")?, kind: PhantomData })
    }

    fn asks(&self, state: &AwsState, action: &str) -> Vec<Ask> {
        let ask = K::target(state, &self.name).ask_with_boundary(action);
        vec![ask.with("iam:PolicyARN", &self.policy)]
    }
}

/// `AttachUserPolicy`, `AttachGroupPolicy`, `AttachRolePolicy`
#[derive(Debug)]
pub(in crate::iam) struct Attach<K>(Pair<K>);

impl<K: Kind> IamCall for Attach<K> {
    fn read(fields: &mut Fields<'_>, _: &Context<'_>) -> Result<Self, ApiError> {
        Pair::read(fields).map(Self)
    }
}

impl<K: Kind> Operation for Attach<K> {
    const NAME: &'static str = K::ATTACH;

    fn resource(&self, state: &AwsState) -> String {
        K::target(state, &self.0.name).arn
    }

    fn asks(&self, state: &AwsState) -> Vec<Ask> {
        self.0.asks(state, Self::NAME)
    }

    async fn run(self, context: &Context<'_>) -> Result<Answer, ApiError> {
        context.state.iam.attach_policy(K::holder(&self.0.name), &self.0.policy).await?;
        Ok(Answer::Xml(None))
    }
}

/// `DetachUserPolicy`, `DetachGroupPolicy`, `DetachRolePolicy`
#[derive(Debug)]
pub(in crate::iam) struct Detach<K>(Pair<K>);

impl<K: Kind> IamCall for Detach<K> {
    fn read(fields: &mut Fields<'_>, _: &Context<'_>) -> Result<Self, ApiError> {
        Pair::read(fields).map(Self)
    }
}

impl<K: Kind> Operation for Detach<K> {
    const NAME: &'static str = K::DETACH;

    fn resource(&self, state: &AwsState) -> String {
        K::target(state, &self.0.name).arn
    }

    fn asks(&self, state: &AwsState) -> Vec<Ask> {
        self.0.asks(state, Self::NAME)
    }

    async fn run(self, context: &Context<'_>) -> Result<Answer, ApiError> {
        context.state.iam.detach_policy(K::holder(&self.0.name), &self.0.policy).await?;
        Ok(Answer::Xml(None))
    }
}

/// `ListAttachedUserPolicies`, `ListAttachedGroupPolicies`, `ListAttachedRolePolicies`
#[derive(Debug)]
pub(in crate::iam) struct ListAttached<K> {
    name: String,
    path_prefix: String,
    page: PageRequest,
    kind: PhantomData<K>,
}

impl<K: Kind> IamCall for ListAttached<K> {
    fn read(fields: &mut Fields<'_>, _: &Context<'_>) -> Result<Self, ApiError> {
        Ok(Self {
            name: fields.required(K::PARAMETER)?,
            path_prefix: crate::iam::fields::path_prefix(fields)?,
            page: PageRequest::read(fields)?,
            kind: PhantomData,
        })
    }
}

impl<K: Kind> Operation for ListAttached<K> {
    const NAME: &'static str = K::LIST_ATTACHED;

    fn resource(&self, state: &AwsState) -> String {
        K::target(state, &self.name).arn
    }

    fn asks(&self, state: &AwsState) -> Vec<Ask> {
        vec![K::target(state, &self.name).ask(Self::NAME)]
    }

    async fn run(self, context: &Context<'_>) -> Result<Answer, ApiError> {
        let held = K::find(&context.state.iam, &self.name)?;
        let is_below = |arn: &&str| path_of(arn).starts_with(&self.path_prefix);
        let (arns, next) = page_of(held.attached().iter().map(String::as_str).filter(is_below), &self.page);
        Ok(write::page("AttachedPolicies", &arns, next, |xml, arn| write::attached(xml, arn)))
    }
}

/// `/path/` of `arn:aws:iam::ACCOUNT:policy/path/name`.
fn path_of(arn: &str) -> &str {
    let from_path = arn.find('/').and_then(|slash| arn.get(slash..)).unwrap_or_default();
    let end = from_path.rfind('/').map_or(0, |slash| slash.saturating_add(1));
    from_path.get(..end).unwrap_or_default()
}
