//! Applications.

use std::collections::BTreeMap;

use base::id::{ApplicationArn, InstanceArn};
use center::{Application, ApplicationEdit, ApplicationGrants, ApplicationStatus, CenterError, NewApplication, Page};
use serde::Deserialize;
use serde_json::{Value, json};
use sts::Ask;

use super::application_providers::{Owner, Provider, provider};
use super::fields::{
    add, after_application, application, check, check_instance, check_instance_access, conflict, find,
    identity_store_arn, instance, invalid, is_account, is_provider_arn, listed,
};
use super::tags;
use crate::error::ApiError;
use crate::operation::{Answer, Context, Operation};
use crate::protocol::json::{self, Fields};
use crate::resource_tags::pairs;
use crate::state::AwsState;

fn status(fields: &mut Fields) -> Result<Option<ApplicationStatus>, ApiError> {
    let Some(name) = fields.optional::<String>("Status")? else { return Ok(None) };
    let status = ApplicationStatus::from_name(&name);
    status.map(Some).ok_or_else(|| invalid("Status", "it must be ENABLED or DISABLED"))
}

#[derive(Debug)]
pub(super) struct CreateApplication {
    instance: InstanceArn,
    new: NewApplication,
    client_token: Option<String>,
}

impl CreateApplication {
    pub(super) fn parse(body: &[u8]) -> Result<Self, ApiError> {
        json::parse(Self::NAME, body, |fields| {
            let new = NewApplication {
                provider_arn: provider(fields)?,
                name: fields.required("Name")?,
                description: fields.optional("Description")?,
                status: status(fields)?.unwrap_or(ApplicationStatus::Enabled),
                assignment_required: true,
                grants: ApplicationGrants::default(),
                scopes: BTreeMap::new(),
                tags: tags::optional(fields)?,
            };
            Ok(Self { instance: instance(fields)?, new, client_token: fields.optional("ClientToken")? })
        })
    }
}

impl Operation for CreateApplication {
    const NAME: &'static str = "CreateApplication";

    fn resource(&self, _: &AwsState) -> String {
        self.instance.as_str().to_owned()
    }

    fn asks(&self, state: &AwsState) -> Vec<Ask> {
        vec![Ask::new(Self::NAME, self.resource(state)).with_request_tags(pairs(&self.new.tags))]
    }

    async fn run(self, context: &Context<'_>) -> Result<Answer, ApiError> {
        let AwsState { center, .. } = context.state;
        check_instance(context.state, &self.instance)?;
        let known = Provider::find(&self.new.provider_arn);
        let known = known.ok_or_else(|| CenterError::ResourceNotFound(self.new.provider_arn.clone()))?;
        match known.owner {
            Owner::Customer => {}
            Owner::Service { create, .. } => {
                let provider = &self.new.provider_arn;
                return Err(conflict(format!("Applications of {provider} are managed; make one by {create}.")));
            }
        }
        let made = match &self.client_token {
            None => center.create_application(self.new).await?,
            Some(token) => center.create_application_once(self.new, token).await?,
        };
        Ok(Answer::Json(json!({
            "ApplicationArn": made.arn.as_str(),
            "InstanceArn": self.instance.as_str(),
            "IdentityStoreArn": identity_store_arn(context.state),
        })))
    }
}

#[derive(Debug)]
pub(super) struct DescribeApplication(ApplicationArn);

impl DescribeApplication {
    pub(super) fn parse(body: &[u8]) -> Result<Self, ApiError> {
        json::parse(Self::NAME, body, |fields| application(fields).map(Self))
    }
}

impl Operation for DescribeApplication {
    const NAME: &'static str = "DescribeApplication";

    fn resource(&self, _: &AwsState) -> String {
        self.0.as_str().to_owned()
    }

    async fn run(self, context: &Context<'_>) -> Result<Answer, ApiError> {
        Ok(Answer::Json(show(context.state, &*find(context.state, &self.0)?)))
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Filter {
    application_account: Option<String>,
    application_provider: Option<String>,
}

impl Filter {
    fn read(fields: &mut Fields) -> Result<Self, ApiError> {
        let filter: Self = fields.optional("Filter")?.unwrap_or_default();
        if filter.application_account.as_deref().is_some_and(|account| !is_account(account)) {
            return Err(invalid("Filter.ApplicationAccount", "an account id is twelve digits"));
        }
        let provider = filter.application_provider.as_deref();
        provider.map_or(Ok(()), |arn| check("Filter.ApplicationProvider", arn, is_provider_arn))?;
        Ok(filter)
    }
}

#[derive(Debug)]
pub(super) struct ListApplications {
    instance: InstanceArn,
    filter: Filter,
    after: Option<ApplicationArn>,
    records: usize,
}

impl ListApplications {
    pub(super) fn parse(body: &[u8]) -> Result<Self, ApiError> {
        json::parse(Self::NAME, body, |fields| {
            Ok(Self {
                instance: instance(fields)?,
                filter: Filter::read(fields)?,
                after: after_application(fields)?,
                records: fields.max_results()?,
            })
        })
    }
}

impl Operation for ListApplications {
    const NAME: &'static str = "ListApplications";

    fn resource(&self, _: &AwsState) -> String {
        self.instance.as_str().to_owned()
    }

    async fn run(self, context: &Context<'_>) -> Result<Answer, ApiError> {
        let state = context.state;
        check_instance_access(state, &self.instance)?;
        let Filter { application_account, application_provider } = &self.filter;
        let page = if application_account.as_deref().is_some_and(|account| account != state.account()) {
            Page { items: Vec::new(), next: None }
        } else {
            match application_provider {
                None => state.center.applications_page(self.after.as_ref(), self.records),
                Some(provider) => state.center.applications_of_provider(provider, self.after.as_ref(), self.records),
            }
        };
        let shown = page.items.iter().map(|application| show(state, application)).collect();
        Ok(Answer::Json(listed(Self::NAME, "Applications", shown, page.next.as_ref().map(|last| last.arn.as_str()))))
    }
}

#[derive(Debug)]
pub(super) struct UpdateApplication {
    application: ApplicationArn,
    edit: ApplicationEdit,
}

impl UpdateApplication {
    pub(super) fn parse(body: &[u8]) -> Result<Self, ApiError> {
        json::parse(Self::NAME, body, |fields| {
            let application = application(fields)?;
            let edit = ApplicationEdit {
                name: fields.optional("Name")?,
                description: fields.optional("Description")?,
                status: status(fields)?,
            };
            Ok(Self { application, edit })
        })
    }
}

impl Operation for UpdateApplication {
    const NAME: &'static str = "UpdateApplication";

    fn resource(&self, _: &AwsState) -> String {
        self.application.as_str().to_owned()
    }

    async fn run(self, context: &Context<'_>) -> Result<Answer, ApiError> {
        context.state.center.update_application(&self.application, self.edit).await?;
        Ok(Answer::Json(json!({})))
    }
}

#[derive(Debug)]
pub(super) struct DeleteApplication(ApplicationArn);

impl DeleteApplication {
    pub(super) fn parse(body: &[u8]) -> Result<Self, ApiError> {
        json::parse(Self::NAME, body, |fields| application(fields).map(Self))
    }
}

impl Operation for DeleteApplication {
    const NAME: &'static str = "DeleteApplication";

    fn resource(&self, _: &AwsState) -> String {
        self.0.as_str().to_owned()
    }

    async fn run(self, context: &Context<'_>) -> Result<Answer, ApiError> {
        let application = find(context.state, &self.0)?;
        match Provider::find(&application.provider_arn).map(|provider| provider.owner) {
            Some(Owner::Customer) | None => {}
            Some(Owner::Service { delete, .. }) => {
                return Err(conflict(format!("The application {} is managed; delete it by {delete}.", self.0)));
            }
        }
        context.state.center.delete_application(&self.0).await?;
        Ok(Answer::Json(json!({})))
    }
}

fn show(state: &AwsState, application: &Application) -> Value {
    let mut shown = json!({
        "ApplicationArn": application.arn.as_str(),
        "ApplicationProviderArn": application.provider_arn,
        "Name": application.name,
        "ApplicationAccount": state.account(),
        "InstanceArn": state.center.instance().arn.as_str(),
        "IdentityStoreArn": identity_store_arn(state),
        "Status": application.status.name(),
        "CreatedDate": application.created.unix_timestamp(),
        "CreatedFrom": state.region(),
    });
    add(&mut shown, [("Description", application.description.clone())]);
    shown
}
