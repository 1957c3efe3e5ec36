//! Inline policies: Put, Get, Delete and List of users, groups and roles.

use std::marker::PhantomData;

use ::sts::Ask;

use super::{Kind, page_of};
use crate::error::ApiError;
use crate::iam::call::{IamCall, no_such_entity};
use crate::iam::fields::PageRequest;
use crate::iam::write;
use crate::operation::{Answer, Context, Operation};
use crate::protocol::query::Fields;
use crate::state::AwsState;

/// `PutUserPolicy`, `PutGroupPolicy`, `PutRolePolicy`
#[derive(Debug)]
pub(in crate::iam) struct PutPolicy<K> {
    name: String,
    policy: String,
    document: String,
    kind: PhantomData<K>,
}

impl<K: Kind> IamCall for PutPolicy<K> {
    fn read(fields: &mut Fields<'_>, _: &Context<'_>) -> Result<Self, ApiError> {
        Ok(Self {
            name: fields.required(K::PARAMETER)?,
            policy: fields.required("PolicyName")?,
            document: fields.required("PolicyDocument")?,
            kind: PhantomData,
        })
    }
}

impl<K: Kind> Operation for PutPolicy<K> {
    const NAME: &'static str = K::PUT_POLICY;

    fn resource(&self, state: &AwsState) -> String {
        K::target(state, &self.name).arn
    }

    fn asks(&self, state: &AwsState) -> Vec<Ask> {
        vec![K::target(state, &self.name).ask_with_boundary(Self::NAME)]
    }

    async fn run(self, context: &Context<'_>) -> Result<Answer, ApiError> {
        context.state.iam.put_policy(K::holder(&self.name), &self.policy, &self.document).await?;
        Ok(Answer::Xml(None))
    }
}

/// An inline policy by its name.
#[derive(Debug)]
struct Named<K> {
    name: String,
    policy: String,
    kind: PhantomData<K>,
}

impl<K: Kind> Named<K> {
    fn read(fields: &mut Fields<'_>) -> Result<Self, ApiError> {
        Ok(Self { name: fields.required(K::PARAMETER)?, policy: fields.required("PolicyName")?, kind: PhantomData })
    }
}

/// `GetUserPolicy`, `GetGroupPolicy`, `GetRolePolicy`
#[derive(Debug)]
pub(in crate::iam) struct GetPolicy<K>(Named<K>);

impl<K: Kind> IamCall for GetPolicy<K> {
    fn read(fields: &mut Fields<'_>, _: &Context<'_>) -> Result<Self, ApiError> {
        Named::read(fields).map(Self)
    }
}

impl<K: Kind> Operation for GetPolicy<K> {
    const NAME: &'static str = K::GET_POLICY;

    fn resource(&self, state: &AwsState) -> String {
        K::target(state, &self.0.name).arn
    }

    fn asks(&self, state: &AwsState) -> Vec<Ask> {
        vec![K::target(state, &self.0.name).ask(Self::NAME)]
    }

    async fn run(self, context: &Context<'_>) -> Result<Answer, ApiError> {
        let Named { name, policy, kind: _ } = self.0;
        let held = K::find(&context.state.iam, &name)?;
        let Some(document) = held.inline().get(&policy) else {
            let kind = K::PARAMETER.trim_end_matches("Name").to_lowercase();
            return Err(no_such_entity(format!("The {kind} policy with name {policy} cannot be found.")));
        };
        Ok(write::result(|xml| {
            xml.text(K::PARAMETER, &name);
            xml.text("PolicyName", &policy);
            write::document(xml, "PolicyDocument", document.text());
        }))
    }
}

/// `DeleteUserPolicy`, `DeleteGroupPolicy`, `DeleteRolePolicy`
#[derive(Debug)]
pub(in crate::iam) struct DeletePolicy<K>(Named<K>);

impl<K: Kind> IamCall for DeletePolicy<K> {
    fn read(fields: &mut Fields<'_>, _: &Context<'_>) -> Result<Self, ApiError> {
        Named::read(fields).map(Self)
    }
}

impl<K: Kind> Operation for DeletePolicy<K> {
    const NAME: &'static str = K::DELETE_POLICY;

    fn resource(&self, state: &AwsState) -> String {
        K::target(state, &self.0.name).arn
    }

    fn asks(&self, state: &AwsState) -> Vec<Ask> {
        vec![K::target(state, &self.0.name).ask_with_boundary(Self::NAME)]
    }

    async fn run(self, context: &Context<'_>) -> Result<Answer, ApiError> {
        context.state.iam.delete_policy_of(K::holder(&self.0.name), &self.0.policy).await?;
        Ok(Answer::Xml(None))
    }
}

/// `ListUserPolicies`, `ListGroupPolicies`, `ListRolePolicies`
#[derive(Debug)]
pub(in crate::iam) struct ListPolicies<K> {
    name: String,
    page: PageRequest,
    kind: PhantomData<K>,
}

impl<K: Kind> IamCall for ListPolicies<K> {
    fn read(fields: &mut Fields<'_>, _: &Context<'_>) -> Result<Self, ApiError> {
        Ok(Self { name: fields.required(K::PARAMETER)?, page: PageRequest::read(fields)?, kind: PhantomData })
    }
}

impl<K: Kind> Operation for ListPolicies<K> {
    const NAME: &'static str = K::LIST_POLICIES;

    fn resource(&self, state: &AwsState) -> String {
        K::target(state, &self.name).arn
    }

    fn asks(&self, state: &AwsState) -> Vec<Ask> {
        vec![K::target(state, &self.name).ask(Self::NAME)]
    }

    async fn run(self, context: &Context<'_>) -> Result<Answer, ApiError> {
        let held = K::find(&context.state.iam, &self.name)?;
        let (names, next) = page_of(held.inline().keys().map(String::as_str), &self.page);
        Ok(write::result(|xml| {
            write::texts(xml, "PolicyNames", names);
            write::end_of_page(xml, next);
        }))
    }
}
