//! Roles of services: made for one, changed by nobody.

use ::iam::Iam;
use ::sts::Ask;

use crate::error::ApiError;
use crate::iam::call::{IamCall, no_such_entity};
use crate::iam::target::Target;
use crate::iam::write::{self, Detail};
use crate::operation::{Answer, Context, Operation};
use crate::protocol::query::Fields;
use crate::state::AwsState;

#[derive(Debug)]
pub(super) struct CreateServiceLinkedRole {
    service: String,
    description: Option<String>,
    custom_suffix: Option<String>,
}

impl IamCall for CreateServiceLinkedRole {
    fn read(fields: &mut Fields<'_>, _: &Context<'_>) -> Result<Self, ApiError> {
        Ok(Self {
            service: fields.required("AWSServiceName")?,
            description: fields.optional("Description"),
            custom_suffix: fields.optional("CustomSuffix"),
        })
    }
}

impl Operation for CreateServiceLinkedRole {
    const NAME: &'static str = "CreateServiceLinkedRole";

    fn resource(&self, state: &AwsState) -> String {
        let name = Iam::service_linked_role_name(&self.service).unwrap_or_default();
        Target::new(state, "role", Some(&format!("/aws-service-role/{}/", self.service)), name).arn
    }

    fn asks(&self, state: &AwsState) -> Vec<Ask> {
        vec![Ask::new(Self::NAME, self.resource(state)).with("iam:AWSServiceName", &self.service)]
    }

    async fn run(self, context: &Context<'_>) -> Result<Answer, ApiError> {
        let iam = &context.state.iam;
        let Self { service, description, custom_suffix } = self;
        let made = iam.create_service_linked_role(&service, description.as_deref(), custom_suffix.as_deref()).await?;
        Ok(write::result(|xml| xml.element("Role", |xml| write::role(xml, iam, &made, Detail::Full))))
    }
}

#[derive(Debug)]
pub(super) struct DeleteServiceLinkedRole(String);

impl IamCall for DeleteServiceLinkedRole {
    fn read(fields: &mut Fields<'_>, _: &Context<'_>) -> Result<Self, ApiError> {
        fields.required("RoleName").map(Self)
    }
}

impl Operation for DeleteServiceLinkedRole {
    const NAME: &'static str = "DeleteServiceLinkedRole";

    fn resource(&self, state: &AwsState) -> String {
        Target::role(state, &self.0).arn
    }

    fn asks(&self, state: &AwsState) -> Vec<Ask> {
        let ask = Target::role(state, &self.0).ask(Self::NAME);
        let service = state.iam.role(&self.0).and_then(|role| role.service_linked.clone());
        vec![service.into_iter().fold(ask, |ask, service| ask.with("iam:AWSServiceName", service))]
    }

    async fn run(self, context: &Context<'_>) -> Result<Answer, ApiError> {
        let task = context.state.iam.delete_service_linked_role(&self.0).await?;
        Ok(write::result(|xml| xml.text("DeletionTaskId", &task)))
    }
}

/// What [`DeleteServiceLinkedRole`] gives an id for is done before it answers.
#[derive(Debug)]
pub(super) struct GetServiceLinkedRoleDeletionStatus(String);

impl IamCall for GetServiceLinkedRoleDeletionStatus {
    fn read(fields: &mut Fields<'_>, _: &Context<'_>) -> Result<Self, ApiError> {
        fields.required("DeletionTaskId").map(Self)
    }
}

impl Operation for GetServiceLinkedRoleDeletionStatus {
    const NAME: &'static str = "GetServiceLinkedRoleDeletionStatus";

    fn resource(&self, state: &AwsState) -> String {
        let role = role_of_task(&self.0).unwrap_or_default();
        format!("arn:aws:iam::{}:role/{role}", state.account())
    }

    async fn run(self, context: &Context<'_>) -> Result<Answer, ApiError> {
        let unknown = || no_such_entity(format!("There is no deletion task {}.", self.0));
        let name = role_of_task(&self.0).and_then(|role| role.rsplit('/').next()).ok_or_else(unknown)?;
        // A task's role is there again only where somebody made it again.
        let status = if context.state.iam.role(name).is_none() { "SUCCEEDED" } else { "FAILED" };
        Ok(write::result(|xml| xml.text("Status", status)))
    }
}

/// `aws-service-role/SERVICE/ROLE` of `task/aws-service-role/SERVICE/ROLE/ID`.
fn role_of_task(task: &str) -> Option<&str> {
    let (role, _) = task.strip_prefix("task/")?.rsplit_once('/')?;
    role.starts_with("aws-service-role/").then_some(role)
}
