//! Permissions boundaries of users and roles.

use std::marker::PhantomData;

use ::sts::Ask;

use super::{Kind, OfRole, OfUser};
use crate::error::ApiError;
use crate::iam::call::IamCall;
use crate::iam::target::with_boundary;
use crate::operation::{Answer, Context, Operation};
use crate::protocol::query::Fields;
use crate::state::AwsState;

/// A kind of holder that may have a boundary.
pub(in crate::iam) trait Bounded: Kind {
    const PUT_BOUNDARY: &'static str;
    const DELETE_BOUNDARY: &'static str;
}

impl Bounded for OfUser {
    const PUT_BOUNDARY: &'static str = "PutUserPermissionsBoundary";
    const DELETE_BOUNDARY: &'static str = "DeleteUserPermissionsBoundary";
}

impl Bounded for OfRole {
    const PUT_BOUNDARY: &'static str = "PutRolePermissionsBoundary";
    const DELETE_BOUNDARY: &'static str = "DeleteRolePermissionsBoundary";
}

/// `PutUserPermissionsBoundary`, `PutRolePermissionsBoundary`
#[derive(Debug)]
pub(in crate::iam) struct PutBoundary<K> {
    name: String,
    policy: String,
    kind: PhantomData<K>,
}

impl<K: Bounded> IamCall for PutBoundary<K> {
    fn read(fields: &mut Fields<'_>, _: &Context<'_>) -> Result<Self, ApiError> {
        let policy = fields.required("PermissionsBoundary")?;
        Ok(Self { name: fields.required(K::PARAMETER)?, policy, kind: PhantomData })
    }
}

impl<K: Bounded> Operation for PutBoundary<K> {
    const NAME: &'static str = K::PUT_BOUNDARY;

    fn resource(&self, state: &AwsState) -> String {
        K::target(state, &self.name).arn
    }

    /// `iam:PermissionsBoundary` is the one to be set (IAM User Guide, "Delegating responsibility to others using permissions
    /// boundaries").
    fn asks(&self, state: &AwsState) -> Vec<Ask> {
        vec![with_boundary(K::target(state, &self.name).ask(Self::NAME), Some(&self.policy))]
    }

    async fn run(self, context: &Context<'_>) -> Result<Answer, ApiError> {
        context.state.iam.put_boundary(K::holder(&self.name), &self.policy).await?;
        Ok(Answer::Xml(None))
    }
}

/// `DeleteUserPermissionsBoundary`, `DeleteRolePermissionsBoundary`
#[derive(Debug)]
pub(in crate::iam) struct DeleteBoundary<K> {
    name: String,
    kind: PhantomData<K>,
}

impl<K: Bounded> IamCall for DeleteBoundary<K> {
    fn read(fields: &mut Fields<'_>, _: &Context<'_>) -> Result<Self, ApiError> {
        Ok(Self { name: fields.required(K::PARAMETER)?, kind: PhantomData })
    }
}

impl<K: Bounded> Operation for DeleteBoundary<K> {
    const NAME: &'static str = K::DELETE_BOUNDARY;

    fn resource(&self, state: &AwsState) -> String {
        K::target(state, &self.name).arn
    }

    fn asks(&self, state: &AwsState) -> Vec<Ask> {
        vec![K::target(state, &self.name).ask_with_boundary(Self::NAME)]
    }

    async fn run(self, context: &Context<'_>) -> Result<Answer, ApiError> {
        context.state.iam.delete_boundary(K::holder(&self.name)).await?;
        Ok(Answer::Xml(None))
    }
}
