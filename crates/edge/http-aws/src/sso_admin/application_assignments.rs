//! Who is assigned to an application.

use base::id::ApplicationArn;
use center::{AssignedPrincipal, CenterError};
use serde_json::{Value, json};

use super::fields;
use crate::error::ApiError;
use crate::operation::{Answer, Context, Operation};
use crate::protocol::json::{self, Fields};
use crate::state::AwsState;

#[derive(Debug)]
struct Assignment {
    application: ApplicationArn,
    principal: AssignedPrincipal,
}

impl Assignment {
    fn read(fields: &mut Fields) -> Result<Self, ApiError> {
        Ok(Self { application: fields::application(fields)?, principal: fields::principal(fields)? })
    }
}

/// One assignment, as every operation shows it.
pub(super) fn show(application: &ApplicationArn, principal: &AssignedPrincipal) -> Value {
    json!({
        "ApplicationArn": application.as_str(),
        "PrincipalId": principal.id(),
        "PrincipalType": principal.kind(),
    })
}

#[derive(Debug)]
pub(super) struct CreateApplicationAssignment(Assignment);

impl CreateApplicationAssignment {
    pub(super) fn parse(body: &[u8]) -> Result<Self, ApiError> {
        json::parse(Self::NAME, body, |fields| Assignment::read(fields).map(Self))
    }
}

impl Operation for CreateApplicationAssignment {
    const NAME: &'static str = "CreateApplicationAssignment";

    fn resource(&self, _: &AwsState) -> String {
        self.0.application.as_str().to_owned()
    }

    async fn run(self, context: &Context<'_>) -> Result<Answer, ApiError> {
        let AwsState { center, directory, .. } = context.state;
        center.create_assignment(&self.0.application, &self.0.principal, directory.as_ref()).await?;
        Ok(Answer::Json(json!({})))
    }
}

#[derive(Debug)]
pub(super) struct DescribeApplicationAssignment(Assignment);

impl DescribeApplicationAssignment {
    pub(super) fn parse(body: &[u8]) -> Result<Self, ApiError> {
        json::parse(Self::NAME, body, |fields| Assignment::read(fields).map(Self))
    }
}

impl Operation for DescribeApplicationAssignment {
    const NAME: &'static str = "DescribeApplicationAssignment";

    fn resource(&self, _: &AwsState) -> String {
        self.0.application.as_str().to_owned()
    }

    async fn run(self, context: &Context<'_>) -> Result<Answer, ApiError> {
        let Assignment { application, principal } = self.0;
        fields::find(context.state, &application)?;
        if context.state.center.is_assigned(&application, &principal) {
            return Ok(Answer::Json(show(&application, &principal)));
        }
        Err(CenterError::AssignmentNotFound { application, principal }.into())
    }
}

#[derive(Debug)]
pub(super) struct DeleteApplicationAssignment(Assignment);

impl DeleteApplicationAssignment {
    pub(super) fn parse(body: &[u8]) -> Result<Self, ApiError> {
        json::parse(Self::NAME, body, |fields| Assignment::read(fields).map(Self))
    }
}

impl Operation for DeleteApplicationAssignment {
    const NAME: &'static str = "DeleteApplicationAssignment";

    fn resource(&self, _: &AwsState) -> String {
        self.0.application.as_str().to_owned()
    }

    async fn run(self, context: &Context<'_>) -> Result<Answer, ApiError> {
        context.state.center.delete_assignment(&self.0.application, &self.0.principal).await?;
        Ok(Answer::Json(json!({})))
    }
}

#[derive(Debug)]
pub(super) struct ListApplicationAssignments {
    application: ApplicationArn,
    after: Option<AssignedPrincipal>,
    records: usize,
}

impl ListApplicationAssignments {
    pub(super) fn parse(body: &[u8]) -> Result<Self, ApiError> {
        json::parse(Self::NAME, body, |fields| {
            let position = fields.position()?;
            let principal = |text: &str| {
                let (kind, id) = text.split_once(':')?;
                AssignedPrincipal::from_parts(kind, id)
            };
            Ok(Self {
                application: fields::application(fields)?,
                after: position.map(|text| principal(&text).ok_or_else(json::bad_token)).transpose()?,
                records: fields.max_results()?,
            })
        })
    }
}

impl Operation for ListApplicationAssignments {
    const NAME: &'static str = "ListApplicationAssignments";

    fn resource(&self, _: &AwsState) -> String {
        self.application.as_str().to_owned()
    }

    async fn run(self, context: &Context<'_>) -> Result<Answer, ApiError> {
        let page = context.state.center.assignments(&self.application, self.after.as_ref(), self.records)?;
        let shown = page.items.iter().map(|principal| show(&self.application, principal)).collect();
        let next = page.next.map(|last| format!("{}:{}", last.kind(), last.id()));
        Ok(Answer::Json(fields::listed(Self::NAME, "ApplicationAssignments", shown, next.as_deref())))
    }
}
