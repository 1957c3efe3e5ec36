//! Who is in a group.

use crate::error::ApiError;
use crate::iam::call::IamCall;
use crate::iam::target::Target;
use crate::operation::{Answer, Context, Operation};
use crate::protocol::query::Fields;
use crate::state::AwsState;

#[derive(Debug)]
struct Membership {
    group: String,
    user: String,
}

impl Membership {
    fn read(fields: &mut Fields<'_>) -> Result<Self, ApiError> {
        Ok(Self { group: fields.required("GroupName")?, user: fields.required("UserName")? })
    }
}

#[derive(Debug)]
pub(super) struct AddUserToGroup(Membership);

impl IamCall for AddUserToGroup {
    fn read(fields: &mut Fields<'_>, _: &Context<'_>) -> Result<Self, ApiError> {
        Membership::read(fields).map(Self)
    }
}

impl Operation for AddUserToGroup {
    const NAME: &'static str = "AddUserToGroup";

    fn resource(&self, state: &AwsState) -> String {
        Target::group(state, &self.0.group).arn
    }

    async fn run(self, context: &Context<'_>) -> Result<Answer, ApiError> {
        context.state.iam.add_user_to_group(&self.0.group, &self.0.user).await?;
        Ok(Answer::Xml(None))
    }
}

#[derive(Debug)]
pub(super) struct RemoveUserFromGroup(Membership);

impl IamCall for RemoveUserFromGroup {
    fn read(fields: &mut Fields<'_>, _: &Context<'_>) -> Result<Self, ApiError> {
        Membership::read(fields).map(Self)
    }
}

impl Operation for RemoveUserFromGroup {
    const NAME: &'static str = "RemoveUserFromGroup";

    fn resource(&self, state: &AwsState) -> String {
        Target::group(state, &self.0.group).arn
    }

    async fn run(self, context: &Context<'_>) -> Result<Answer, ApiError> {
        context.state.iam.remove_user_from_group(&self.0.group, &self.0.user).await?;
        Ok(Answer::Xml(None))
    }
}
