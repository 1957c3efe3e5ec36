//! Workgroups: the endpoints of namespaces.

use base::id::{NamespaceName, SecurityGroupId, SubnetId, WorkgroupName};
use control::{ControlError, NewWorkgroup, Workgroup, WorkgroupEdit, shown_config};
use serde_json::{Value, json};
use sts::Ask;

use super::parameters::{self, config, settle, settle_target};
use super::{arn, tags};
use crate::error::ApiError;
use crate::operation::{Answer, Context, Operation};
use crate::protocol::json::{self, Fields};
use crate::protocol::query::timestamp;
use crate::resource_tags::pairs;
use crate::state::AwsState;

fn name(fields: &mut Fields) -> Result<WorkgroupName, ApiError> {
    fields.required::<String>("workgroupName").map(WorkgroupName::new)
}

/// Control checks its range.
fn port(fields: &mut Fields) -> Result<Option<u16>, ApiError> {
    const PARAMETER: &str = "port";
    let port = fields.optional::<i64>(PARAMETER)?.map(u16::try_from).transpose();
    let rule = "a port is a number from 1150 to 65535".to_owned();
    port.map_err(|_| ApiError::InvalidParameter { parameter: PARAMETER, rule })
}

fn security_groups(fields: &mut Fields) -> Result<Option<Vec<SecurityGroupId>>, ApiError> {
    let ids = fields.optional::<Vec<String>>("securityGroupIds")?;
    Ok(ids.map(|ids| ids.into_iter().map(SecurityGroupId::new).collect()))
}

fn subnets(fields: &mut Fields) -> Result<Option<Vec<SubnetId>>, ApiError> {
    let ids = fields.optional::<Vec<String>>("subnetIds")?;
    Ok(ids.map(|ids| ids.into_iter().map(SubnetId::new).collect()))
}

/// The ARN of a workgroup by its name; of every one where there is none of this name.
pub(super) fn resource(state: &AwsState, name: &WorkgroupName) -> String {
    state.control.workgroup(name).map_or_else(|| arn(state, "workgroup/*"), |found| state.control.workgroup_arn(&found))
}

fn answer(state: &AwsState, workgroup: &Workgroup) -> Answer {
    Answer::Json(json!({ "workgroup": shown(state, workgroup) }))
}

fn shown(state: &AwsState, workgroup: &Workgroup) -> Value {
    let endpoint = state.control.endpoint_of_workgroup(workgroup);
    let pair = |(key, value)| json!({ "parameterKey": key, "parameterValue": value });
    let config: Vec<_> = shown_config(&workgroup.config).into_iter().map(pair).collect();
    let groups = state.network.groups_of(&workgroup.attachment());
    let groups: Vec<_> = groups.iter().map(|group| group.id.as_str().to_owned()).collect();
    let subnets: Vec<_> = workgroup.subnet_ids.iter().map(SubnetId::as_str).collect();
    json!({
        "workgroupArn": state.control.workgroup_arn(workgroup),
        "workgroupId": workgroup.id,
        "workgroupName": workgroup.name.as_str(),
        "namespaceName": workgroup.namespace.as_str(),
        "endpoint": { "address": endpoint.address, "port": endpoint.port, "vpcEndpoints": [] },
        "port": endpoint.port,
        "publiclyAccessible": workgroup.publicly_accessible,
        "configParameters": config,
        "enhancedVpcRouting": false,
        "extraComputeForAutomaticOptimization": false,
        "ipAddressType": "ipv4",
        "pricePerformanceTarget": { "status": "DISABLED" },
        "crossAccountVpcs": [],
        "securityGroupIds": groups,
        "subnetIds": subnets,
        "trackName": "current",
        "workgroupVersion": "1.0",
        "status": workgroup.status.workgroup_name(),
        // The model writes this service's times as texts.
        "creationDate": timestamp(workgroup.created),
    })
}

#[derive(Debug)]
pub(super) struct CreateWorkgroup(NewWorkgroup);

impl CreateWorkgroup {
    pub(super) fn parse(body: &[u8]) -> Result<Self, ApiError> {
        json::parse(Self::NAME, body, |fields| {
            settle(fields, parameters::WORKGROUP)?;
            settle_target(fields)?;
            Ok(Self(NewWorkgroup {
                name: name(fields)?,
                namespace: NamespaceName::new(fields.required::<String>("namespaceName")?),
                port: port(fields)?,
                publicly_accessible: fields.optional("publiclyAccessible")?.unwrap_or(false),
                tags: tags::read(fields)?.unwrap_or_default(),
                security_group_ids: security_groups(fields)?.unwrap_or_default(),
                subnet_ids: subnets(fields)?.unwrap_or_default(),
                config: config(fields)?,
            }))
        })
    }
}

impl Operation for CreateWorkgroup {
    const NAME: &'static str = "CreateWorkgroup";

    fn resource(&self, state: &AwsState) -> String {
        arn(state, "workgroup/*")
    }

    fn asks(&self, state: &AwsState) -> Vec<Ask> {
        vec![Ask::new(Self::NAME, self.resource(state)).with_request_tags(pairs(&self.0.tags))]
    }

    async fn run(self, context: &Context<'_>) -> Result<Answer, ApiError> {
        let made = context.state.control.create_workgroup(self.0).await?;
        Ok(answer(context.state, &made))
    }
}

#[derive(Debug)]
pub(super) struct GetWorkgroup(WorkgroupName);

impl GetWorkgroup {
    pub(super) fn parse(body: &[u8]) -> Result<Self, ApiError> {
        json::parse(Self::NAME, body, |fields| name(fields).map(Self))
    }
}

impl Operation for GetWorkgroup {
    const NAME: &'static str = "GetWorkgroup";

    fn resource(&self, state: &AwsState) -> String {
        resource(state, &self.0)
    }

    async fn run(self, context: &Context<'_>) -> Result<Answer, ApiError> {
        let found = context.state.control.workgroup(&self.0).ok_or(ControlError::WorkgroupNotFound(self.0))?;
        Ok(answer(context.state, &found))
    }
}

#[derive(Debug)]
pub(super) struct ListWorkgroups {
    after: Option<WorkgroupName>,
    records: usize,
    owner_account: Option<String>,
}

impl ListWorkgroups {
    pub(super) fn parse(body: &[u8]) -> Result<Self, ApiError> {
        json::parse(Self::NAME, body, |fields| {
            Ok(Self {
                after: fields.position_named("nextToken")?.map(WorkgroupName::new),
                records: fields.max_results_named("maxResults")?,
                owner_account: fields.optional("ownerAccount")?,
            })
        })
    }
}

impl Operation for ListWorkgroups {
    const NAME: &'static str = "ListWorkgroups";

    fn resource(&self, state: &AwsState) -> String {
        arn(state, "workgroup/*")
    }

    async fn run(self, context: &Context<'_>) -> Result<Answer, ApiError> {
        let state = context.state;
        if self.owner_account.is_some_and(|account| account != state.account()) {
            let rule = format!("this server has the account {} only; leave it out", state.account());
            return Err(ApiError::InvalidParameter { parameter: "ownerAccount", rule });
        }
        let page = state.control.workgroups(self.after.as_ref(), self.records);
        let items = page.items.iter().map(|workgroup| shown(state, workgroup)).collect::<Vec<_>>();
        let mut answer = json!({ "workgroups": items });
        if let (Some(next), Some(members)) = (&page.next, answer.as_object_mut()) {
            members.insert("nextToken".to_owned(), json::next_token(Self::NAME, next).into());
        }
        Ok(Answer::Json(answer))
    }
}

#[derive(Debug)]
pub(super) struct UpdateWorkgroup {
    name: WorkgroupName,
    edit: WorkgroupEdit,
}

impl UpdateWorkgroup {
    pub(super) fn parse(body: &[u8]) -> Result<Self, ApiError> {
        json::parse(Self::NAME, body, |fields| {
            settle(fields, parameters::WORKGROUP)?;
            settle_target(fields)?;
            let edit = WorkgroupEdit {
                port: port(fields)?,
                publicly_accessible: fields.optional("publiclyAccessible")?,
                security_group_ids: security_groups(fields)?,
                subnet_ids: subnets(fields)?,
                config: config(fields)?,
            };
            Ok(Self { name: name(fields)?, edit })
        })
    }
}

impl Operation for UpdateWorkgroup {
    const NAME: &'static str = "UpdateWorkgroup";

    fn resource(&self, state: &AwsState) -> String {
        resource(state, &self.name)
    }

    async fn run(self, context: &Context<'_>) -> Result<Answer, ApiError> {
        let changed = context.state.control.update_workgroup(&self.name, self.edit).await?;
        Ok(answer(context.state, &changed))
    }
}

/// Deletes the endpoint; the namespace and its data stay.
#[derive(Debug)]
pub(super) struct DeleteWorkgroup(WorkgroupName);

impl DeleteWorkgroup {
    pub(super) fn parse(body: &[u8]) -> Result<Self, ApiError> {
        json::parse(Self::NAME, body, |fields| name(fields).map(Self))
    }
}

impl Operation for DeleteWorkgroup {
    const NAME: &'static str = "DeleteWorkgroup";

    fn resource(&self, state: &AwsState) -> String {
        resource(state, &self.0)
    }

    async fn run(self, context: &Context<'_>) -> Result<Answer, ApiError> {
        let deleted = context.state.control.delete_workgroup(&self.0).await?;
        Ok(answer(context.state, &deleted))
    }
}
