//! Whether an application is for those who are assigned, or for everybody.

use base::id::ApplicationArn;
use serde_json::json;

use super::fields::{application, find};
use crate::error::ApiError;
use crate::operation::{Answer, Context, Operation};
use crate::protocol::json;
use crate::state::AwsState;

#[derive(Debug)]
pub(super) struct PutApplicationAssignmentConfiguration {
    application: ApplicationArn,
    required: bool,
}

impl PutApplicationAssignmentConfiguration {
    pub(super) fn parse(body: &[u8]) -> Result<Self, ApiError> {
        json::parse(Self::NAME, body, |fields| {
            Ok(Self { application: application(fields)?, required: fields.required("AssignmentRequired")? })
        })
    }
}

impl Operation for PutApplicationAssignmentConfiguration {
    const NAME: &'static str = "PutApplicationAssignmentConfiguration";

    fn resource(&self, _: &AwsState) -> String {
        self.application.as_str().to_owned()
    }

    async fn run(self, context: &Context<'_>) -> Result<Answer, ApiError> {
        context.state.center.set_assignment_required(&self.application, self.required).await?;
        Ok(Answer::Json(json!({})))
    }
}

#[derive(Debug)]
pub(super) struct GetApplicationAssignmentConfiguration(ApplicationArn);

impl GetApplicationAssignmentConfiguration {
    pub(super) fn parse(body: &[u8]) -> Result<Self, ApiError> {
        json::parse(Self::NAME, body, |fields| application(fields).map(Self))
    }
}

impl Operation for GetApplicationAssignmentConfiguration {
    const NAME: &'static str = "GetApplicationAssignmentConfiguration";

    fn resource(&self, _: &AwsState) -> String {
        self.0.as_str().to_owned()
    }

    async fn run(self, context: &Context<'_>) -> Result<Answer, ApiError> {
        let application = find(context.state, &self.0)?;
        Ok(Answer::Json(json!({ "AssignmentRequired": application.assignment_required })))
    }
}
