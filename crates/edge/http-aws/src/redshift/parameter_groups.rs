//! Cluster parameter groups.

mod change;
mod describe;

use control::{ControlError, Family, NewParameterGroup, ParameterGroup};
use sts::Ask;

pub(super) use self::change::{DeleteClusterParameterGroup, ModifyClusterParameterGroup, ResetClusterParameterGroup};
pub(super) use self::describe::{
    DescribeClusterParameterGroups, DescribeClusterParameters, DescribeDefaultClusterParameters,
};
use super::tags;
use crate::error::ApiError;
use crate::operation::{Answer, Context, Operation};
use crate::protocol::query::{Fields, QueryParameters};
use crate::protocol::xml::Xml;
use crate::state::AwsState;

fn family(fields: &mut Fields<'_>) -> Result<Family, ApiError> {
    const PARAMETER: &str = "ParameterGroupFamily";
    let name = fields.required(PARAMETER)?;
    let rule = || format!("it must be {}", Family::ALL.map(Family::name).join(" or "));
    Family::from_name(&name).ok_or_else(|| ApiError::InvalidParameter { parameter: PARAMETER, rule: rule() })
}

fn found(state: &AwsState, name: &str) -> Result<std::sync::Arc<ParameterGroup>, ApiError> {
    let missing = || ControlError::from(control::ParameterGroupError::NotFound(name.to_owned()));
    Ok(state.control.parameter_group(name).ok_or_else(missing)?)
}

fn write(xml: &mut Xml, group: &ParameterGroup) {
    xml.text("ParameterGroupName", &group.name);
    xml.text("ParameterGroupFamily", group.family.name());
    xml.text("Description", &group.description);
    tags::write(xml, &group.tags);
}

#[derive(Debug)]
pub(super) struct CreateClusterParameterGroup(NewParameterGroup);

impl CreateClusterParameterGroup {
    pub(super) fn parse(parameters: QueryParameters) -> Result<Self, ApiError> {
        parameters.parse(Self::NAME, |fields| {
            Ok(Self(NewParameterGroup {
                name: fields.required("ParameterGroupName")?,
                family: family(fields)?,
                description: fields.required("Description")?,
                tags: tags::read(fields, "Tags")?,
            }))
        })
    }
}

impl Operation for CreateClusterParameterGroup {
    const NAME: &'static str = "CreateClusterParameterGroup";

    fn resource(&self, state: &AwsState) -> String {
        state.control.parameter_group_arn(&self.0.name.to_ascii_lowercase())
    }

    fn asks(&self, state: &AwsState) -> Vec<Ask> {
        let tags = self.0.tags.iter().map(|(key, value)| (key.as_str(), value.as_str()));
        vec![Ask::new(Self::NAME, self.resource(state)).with_request_tags(tags)]
    }

    async fn run(self, context: &Context<'_>) -> Result<Answer, ApiError> {
        let made = context.state.control.create_parameter_group(self.0).await?;
        Ok(Answer::Xml(Some(Xml::fragment(|xml| xml.element("ClusterParameterGroup", |xml| write(xml, &made))))))
    }
}
