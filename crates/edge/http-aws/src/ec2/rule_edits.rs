//! ModifySecurityGroupRules, and descriptions of rules.

use base::id::SecurityGroupId;
use network::{DescriptionEdit, Direction, NewRule, Permission, RuleChoice, RuleId, Source, Traffic};
use sts::Ask;

use super::groups::{GroupChoice, group_id};
use super::permissions::{self, Asked};
use super::request::{Ec2Operation, done, missing, number, refused};
use super::rules::{rule_id, rules};
use super::tags::about;
use crate::error::ApiError;
use crate::operation::{Answer, Context, Operation};
use crate::protocol::query::{Fields, Structure};
use crate::state::AwsState;

#[derive(Debug)]
pub(super) struct ModifySecurityGroupRules {
    group: GroupChoice,
    edits: Vec<(RuleId, NewRule)>,
}

impl Ec2Operation for ModifySecurityGroupRules {
    fn read(fields: &mut Fields<'_>) -> Result<Self, ApiError> {
        let group = GroupChoice::read_id(fields)?;
        let mut edits = Vec::new();
        for structure in fields.flat_structures("SecurityGroupRule")? {
            edits.push(edit(structure, fields.operation())?);
        }
        if edits.is_empty() { Err(missing("securityGroupRule")) } else { Ok(Self { group, edits }) }
    }
}

fn edit(mut structure: Structure, operation: &'static str) -> Result<(RuleId, NewRule), ApiError> {
    let id = structure.optional("SecurityGroupRuleId").ok_or_else(|| missing("securityGroupRuleId"))?;
    let id = rule_id(id)?;
    let mut member = |name: &str| structure.optional(&format!("SecurityGroupRule.{name}"));
    let protocol = member("IpProtocol").ok_or_else(|| missing("ipProtocol"))?;
    let (from, to) = (number("fromPort", member("FromPort"))?, number("toPort", member("ToPort"))?);
    if member("PrefixListId").is_some() {
        return Err(ApiError::UnsupportedParameter { operation, parameter: "PrefixListId".to_owned() });
    }
    let v4 = member("CidrIpv4").map(|text| Source::v4(&text)).transpose()?;
    let v6 = member("CidrIpv6").map(|text| Source::v6(&text)).transpose()?;
    let group: Option<SecurityGroupId> = member("ReferencedGroupId").map(group_id).transpose()?;
    let mut sources = [v4, v6, group.map(Source::Group)].into_iter().flatten();
    let (Some(source), None) = (sources.next(), sources.next()) else {
        let message = "You must specify exactly one of CidrIpv4, CidrIpv6 and ReferencedGroupId.";
        return Err(refused("InvalidParameterCombination", message));
    };
    let description = member("Description").filter(|text| !text.is_empty());
    structure.finish()?;
    let permission = Permission { traffic: Traffic::read(&protocol, from, to)?, source };
    Ok((id, NewRule { permission, description }))
}

impl Operation for ModifySecurityGroupRules {
    const NAME: &'static str = "ModifySecurityGroupRules";

    fn resource(&self, state: &AwsState) -> String {
        self.group.resource(state)
    }

    fn asks(&self, state: &AwsState) -> Vec<Ask> {
        let rules = self.edits.iter().map(|(id, _)| about(state, Self::NAME, id.as_str()));
        std::iter::once(self.group.ask(state, Self::NAME)).chain(rules).collect()
    }

    async fn run(self, context: &Context<'_>) -> Result<Answer, ApiError> {
        let network = &context.state.network;
        let group = self.group.find(network)?;
        network.modify_rules(&group.id, self.edits).await?;
        Ok(done())
    }
}

/// UpdateSecurityGroupRuleDescriptionsIngress and …Egress.
#[derive(Debug)]
struct Update {
    group: GroupChoice,
    by_id: Vec<DescriptionEdit>,
    by_permission: Vec<Asked>,
}

impl Update {
    fn read(fields: &mut Fields<'_>) -> Result<Self, ApiError> {
        let group = GroupChoice::read(fields)?;
        let mut by_id = Vec::new();
        for mut structure in fields.flat_structures("SecurityGroupRuleDescription")? {
            let id = structure.optional("SecurityGroupRuleId").ok_or_else(|| missing("securityGroupRuleId"))?;
            let description = structure.optional("Description").filter(|text| !text.is_empty());
            structure.finish()?;
            by_id.push(DescriptionEdit { rule: RuleChoice::Id(rule_id(id)?), description });
        }
        let by_permission = permissions::read(fields)?;
        match (by_id.is_empty(), by_permission.is_empty()) {
            (true, true) => Err(missing("ipPermissions or securityGroupRuleDescription")),
            (false, false) => {
                let message =
                    "The parameter securityGroupRuleDescriptions cannot be used with the parameter ipPermissions";
                Err(refused("InvalidParameterCombination", message))
            }
            (true, false) | (false, true) => Ok(Self { group, by_id, by_permission }),
        }
    }

    async fn run(self, context: &Context<'_>, direction: Direction) -> Result<Answer, ApiError> {
        let network = &context.state.network;
        let group = self.group.find(network)?;
        let mut edits = self.by_id;
        for NewRule { permission, description } in rules(context.state, &group, self.by_permission)? {
            let rule = RuleChoice::Permission(NewRule { permission, description: None });
            edits.push(DescriptionEdit { rule, description });
        }
        network.describe_rules(&group.id, direction, edits).await?;
        Ok(done())
    }
}

macro_rules! updates {
    ($($operation:ident = $name:literal: $direction:ident;)*) => {$(
        #[derive(Debug)]
        pub(super) struct $operation(Update);

        impl Ec2Operation for $operation {
            fn read(fields: &mut Fields<'_>) -> Result<Self, ApiError> {
                Update::read(fields).map(Self)
            }
        }

        impl Operation for $operation {
            const NAME: &'static str = $name;

            fn resource(&self, state: &AwsState) -> String {
                self.0.group.resource(state)
            }

            fn asks(&self, state: &AwsState) -> Vec<Ask> {
                vec![self.0.group.ask(state, Self::NAME)]
            }

            async fn run(self, context: &Context<'_>) -> Result<Answer, ApiError> {
                self.0.run(context, Direction::$direction).await
            }
        }
    )*};
}

updates! {
    UpdateIngressDescriptions = "UpdateSecurityGroupRuleDescriptionsIngress": Ingress;
    UpdateEgressDescriptions = "UpdateSecurityGroupRuleDescriptionsEgress": Egress;
}
