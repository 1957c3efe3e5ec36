//! What changes a parameter group.

use control::ParameterGroup;

use crate::error::ApiError;
use crate::operation::{Answer, Context, Operation};
use crate::protocol::query::{Fields, QueryParameters};
use crate::protocol::xml::Xml;
use crate::state::AwsState;

/// Parameters of one request (Redshift API, ModifyClusterParameterGroup and ResetClusterParameterGroup).
const PARAMETERS_MAX: usize = 20;

/// `Parameters.Parameter.N.ParameterName` and `ParameterValue`. What else a description of a parameter says may be repeated.
fn parameters(fields: &mut Fields<'_>) -> Result<Vec<(String, Option<String>)>, ApiError> {
    const PARAMETER: &str = "Parameters";
    let invalid = |rule: &str| ApiError::InvalidParameter { parameter: PARAMETER, rule: rule.to_owned() };
    let mut read: Vec<(String, Option<String>)> = Vec::new();
    for mut item in fields.structures(PARAMETER, "Parameter")? {
        let name = item.optional("ParameterName").ok_or_else(|| invalid("each needs a ParameterName"))?;
        let value = item.optional("ParameterValue");
        // Each is applied by a reboot, whichever way is asked for.
        if item.optional("ApplyType").is_some_and(|kind| kind != "static") {
            return Err(invalid("each has the ApplyType static: it counts from the next reboot on; leave it out"));
        }
        item.finish()?;
        if read.iter().any(|(one, _)| *one == name) {
            return Err(invalid("each can be given once"));
        }
        read.push((name, value));
    }
    if read.len() > PARAMETERS_MAX { Err(invalid("there are at most 20 in one request")) } else { Ok(read) }
}

fn answer(group: &ParameterGroup) -> Answer {
    Answer::Xml(Some(Xml::fragment(|xml| {
        xml.text("ParameterGroupName", &group.name);
        xml.text(
            "ParameterGroupStatus",
            "Your parameter group has been updated but changes won't get applied until you reboot the associated Clusters.",
        );
    })))
}

#[derive(Debug)]
pub(in crate::redshift) struct ModifyClusterParameterGroup {
    name: String,
    values: Vec<(String, String)>,
}

impl ModifyClusterParameterGroup {
    pub(in crate::redshift) fn parse(parameters: QueryParameters) -> Result<Self, ApiError> {
        parameters.parse(Self::NAME, |fields| {
            let (name, given) = (fields.required("ParameterGroupName")?, self::parameters(fields)?);
            if given.is_empty() {
                return Err(ApiError::MissingParameter { operation: Self::NAME, parameter: "Parameters" });
            }
            let value = |(name, value): (String, Option<String>)| {
                let rule = format!("{name} needs a ParameterValue");
                value.map(|value| (name, value)).ok_or(ApiError::InvalidParameter { parameter: "Parameters", rule })
            };
            Ok(Self { name, values: given.into_iter().map(value).collect::<Result<_, _>>()? })
        })
    }
}

impl Operation for ModifyClusterParameterGroup {
    const NAME: &'static str = "ModifyClusterParameterGroup";

    fn resource(&self, state: &AwsState) -> String {
        state.control.parameter_group_arn(&self.name.to_ascii_lowercase())
    }

    async fn run(self, context: &Context<'_>) -> Result<Answer, ApiError> {
        Ok(answer(&*context.state.control.modify_parameter_group(&self.name, self.values).await?))
    }
}

#[derive(Debug)]
pub(in crate::redshift) struct ResetClusterParameterGroup {
    name: String,
    /// `None` is all.
    parameters: Option<Vec<String>>,
}

impl ResetClusterParameterGroup {
    pub(in crate::redshift) fn parse(parameters: QueryParameters) -> Result<Self, ApiError> {
        parameters.parse(Self::NAME, |fields| {
            let name = fields.required("ParameterGroupName")?;
            let all = fields.boolean("ResetAllParameters")?;
            let named: Vec<_> = self::parameters(fields)?.into_iter().map(|(name, _)| name).collect();
            // Without either, everything is reset (the operation's default is true).
            match (all, named.is_empty()) {
                (Some(true), false) => {
                    Err(ApiError::ParameterCombination { one: "ResetAllParameters", other: "Parameters" })
                }
                (Some(false), true) => {
                    Err(ApiError::MissingParameter { operation: Self::NAME, parameter: "Parameters" })
                }
                (Some(true) | None, true) => Ok(Self { name, parameters: None }),
                (Some(false) | None, false) => Ok(Self { name, parameters: Some(named) }),
            }
        })
    }
}

impl Operation for ResetClusterParameterGroup {
    const NAME: &'static str = "ResetClusterParameterGroup";

    fn resource(&self, state: &AwsState) -> String {
        state.control.parameter_group_arn(&self.name.to_ascii_lowercase())
    }

    async fn run(self, context: &Context<'_>) -> Result<Answer, ApiError> {
        Ok(answer(&*context.state.control.reset_parameter_group(&self.name, self.parameters).await?))
    }
}

#[derive(Debug)]
pub(in crate::redshift) struct DeleteClusterParameterGroup(String);

impl DeleteClusterParameterGroup {
    pub(in crate::redshift) fn parse(parameters: QueryParameters) -> Result<Self, ApiError> {
        parameters.parse(Self::NAME, |fields| fields.required("ParameterGroupName").map(Self))
    }
}

impl Operation for DeleteClusterParameterGroup {
    const NAME: &'static str = "DeleteClusterParameterGroup";

    fn resource(&self, state: &AwsState) -> String {
        state.control.parameter_group_arn(&self.0.to_ascii_lowercase())
    }

    async fn run(self, context: &Context<'_>) -> Result<Answer, ApiError> {
        context.state.control.delete_parameter_group(&self.0).await?;
        Ok(Answer::Xml(None))
    }
}
