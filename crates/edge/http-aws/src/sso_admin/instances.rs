//! Instances: there is one.

use base::id::InstanceArn;
use serde_json::{Value, json};

use super::fields::{add, check_instance, check_instance_access, identity_store_arn, instance, invalid, only_page};
use crate::error::ApiError;
use crate::operation::{Answer, Context, Operation};
use crate::protocol::json;
use crate::state::AwsState;

#[derive(Debug)]
pub(super) struct ListInstances;

impl ListInstances {
    pub(super) fn parse(body: &[u8]) -> Result<Self, ApiError> {
        json::parse(Self::NAME, body, |fields| {
            fields.max_results()?;
            only_page(fields)?;
            // The instance is in this region, which is all that there are.
            match fields.optional::<String>("RegionScope")?.as_deref() {
                None | Some("CURRENT_REGION" | "ALL_REGIONS") => Ok(Self),
                Some(_) => Err(invalid("RegionScope", "it must be CURRENT_REGION or ALL_REGIONS")),
            }
        })
    }
}

impl Operation for ListInstances {
    const NAME: &'static str = "ListInstances";

    fn resource(&self, _: &AwsState) -> String {
        "*".to_owned()
    }

    async fn run(self, context: &Context<'_>) -> Result<Answer, ApiError> {
        Ok(Answer::Json(json!({ "Instances": [show(context.state)] })))
    }
}

#[derive(Debug)]
pub(super) struct DescribeInstance(InstanceArn);

impl DescribeInstance {
    pub(super) fn parse(body: &[u8]) -> Result<Self, ApiError> {
        json::parse(Self::NAME, body, |fields| instance(fields).map(Self))
    }
}

impl Operation for DescribeInstance {
    const NAME: &'static str = "DescribeInstance";

    fn resource(&self, _: &AwsState) -> String {
        self.0.as_str().to_owned()
    }

    async fn run(self, context: &Context<'_>) -> Result<Answer, ApiError> {
        check_instance_access(context.state, &self.0)?;
        Ok(Answer::Json(show(context.state)))
    }
}

#[derive(Debug)]
pub(super) struct UpdateInstance {
    instance: InstanceArn,
    name: String,
}

impl UpdateInstance {
    pub(super) fn parse(body: &[u8]) -> Result<Self, ApiError> {
        json::parse(Self::NAME, body, |fields| Ok(Self { instance: instance(fields)?, name: fields.required("Name")? }))
    }
}

impl Operation for UpdateInstance {
    const NAME: &'static str = "UpdateInstance";

    fn resource(&self, _: &AwsState) -> String {
        self.instance.as_str().to_owned()
    }

    async fn run(self, context: &Context<'_>) -> Result<Answer, ApiError> {
        check_instance(context.state, &self.instance)?;
        context.state.center.rename_instance(&self.name).await?;
        Ok(Answer::Json(json!({})))
    }
}

fn show(state: &AwsState) -> Value {
    let instance = state.center.instance();
    let created = instance.created.unix_timestamp();
    let mut shown = json!({
        "InstanceArn": instance.arn.as_str(),
        "IdentityStoreId": instance.identity_store_id,
        "IdentityStoreArn": identity_store_arn(state),
        "OwnerAccountId": instance.owner_account,
        "CreatedDate": created,
        "Status": "ACTIVE",
        "PrimaryRegion": state.region(),
        "Regions": [{
            "RegionName": state.region(),
            "Status": "ACTIVE",
            "AddedDate": created,
            "IsPrimaryRegion": true,
        }],
    });
    add(&mut shown, [("Name", state.center.instance_settings().name.clone())]);
    shown
}
