//! What changes a role that is there.

use ::sts::Ask;

use crate::error::ApiError;
use crate::iam::call::IamCall;
use crate::iam::fields;
use crate::iam::target::Target;
use crate::iam::write::{self, Detail};
use crate::operation::{Answer, Context, Operation};
use crate::protocol::query::Fields;
use crate::state::AwsState;

#[derive(Debug)]
pub(super) struct UpdateRole {
    name: String,
    description: Option<String>,
    max_session_duration: Option<u32>,
}

impl IamCall for UpdateRole {
    fn read(fields: &mut Fields<'_>, _: &Context<'_>) -> Result<Self, ApiError> {
        Ok(Self {
            name: fields.required("RoleName")?,
            description: fields.optional("Description"),
            max_session_duration: fields::number(fields, "MaxSessionDuration")?,
        })
    }
}

impl Operation for UpdateRole {
    const NAME: &'static str = "UpdateRole";

    fn resource(&self, state: &AwsState) -> String {
        Target::role(state, &self.name).arn
    }

    fn asks(&self, state: &AwsState) -> Vec<Ask> {
        vec![Target::role(state, &self.name).ask(Self::NAME)]
    }

    async fn run(self, context: &Context<'_>) -> Result<Answer, ApiError> {
        let Self { name, description, max_session_duration } = self;
        context.state.iam.update_role(&name, description.as_deref(), max_session_duration).await?;
        Ok(write::result(|_| {}))
    }
}

#[derive(Debug)]
pub(super) struct UpdateRoleDescription {
    name: String,
    description: String,
}

impl IamCall for UpdateRoleDescription {
    fn read(fields: &mut Fields<'_>, _: &Context<'_>) -> Result<Self, ApiError> {
        Ok(Self { name: fields.required("RoleName")?, description: fields.required("Description")? })
    }
}

impl Operation for UpdateRoleDescription {
    const NAME: &'static str = "UpdateRoleDescription";

    fn resource(&self, state: &AwsState) -> String {
        Target::role(state, &self.name).arn
    }

    fn asks(&self, state: &AwsState) -> Vec<Ask> {
        vec![Target::role(state, &self.name).ask(Self::NAME)]
    }

    async fn run(self, context: &Context<'_>) -> Result<Answer, ApiError> {
        let iam = &context.state.iam;
        let role = iam.update_role(&self.name, Some(&self.description), None).await?;
        Ok(write::result(|xml| xml.element("Role", |xml| write::role(xml, iam, &role, Detail::Full))))
    }
}

#[derive(Debug)]
pub(super) struct UpdateAssumeRolePolicy {
    name: String,
    document: String,
}

impl IamCall for UpdateAssumeRolePolicy {
    fn read(fields: &mut Fields<'_>, _: &Context<'_>) -> Result<Self, ApiError> {
        Ok(Self { name: fields.required("RoleName")?, document: fields.required("PolicyDocument")? })
    }
}

impl Operation for UpdateAssumeRolePolicy {
    const NAME: &'static str = "UpdateAssumeRolePolicy";

    fn resource(&self, state: &AwsState) -> String {
        Target::role(state, &self.name).arn
    }

    fn asks(&self, state: &AwsState) -> Vec<Ask> {
        vec![Target::role(state, &self.name).ask(Self::NAME)]
    }

    async fn run(self, context: &Context<'_>) -> Result<Answer, ApiError> {
        context.state.iam.update_trust(&self.name, &self.document).await?;
        Ok(Answer::Xml(None))
    }
}

#[derive(Debug)]
pub(super) struct DeleteRole(String);

impl IamCall for DeleteRole {
    fn read(fields: &mut Fields<'_>, _: &Context<'_>) -> Result<Self, ApiError> {
        fields.required("RoleName").map(Self)
    }
}

impl Operation for DeleteRole {
    const NAME: &'static str = "DeleteRole";

    fn resource(&self, state: &AwsState) -> String {
        Target::role(state, &self.0).arn
    }

    fn asks(&self, state: &AwsState) -> Vec<Ask> {
        vec![Target::role(state, &self.0).ask_with_boundary(Self::NAME)]
    }

    async fn run(self, context: &Context<'_>) -> Result<Answer, ApiError> {
        context.state.iam.delete_role(&self.0).await?;
        Ok(Answer::Xml(None))
    }
}
