//! Adding and taking away rules.

use std::collections::BTreeMap;
use std::sync::Arc;

use network::{Direction, NewRule, Rule, RuleChoice, RuleId, SecurityGroup};
use sts::Ask;

use super::groups::GroupChoice;
use super::permissions::{self, Asked};
use super::request::{Ec2Operation, missing, refused, tags_of};
use super::{arn, write};
use crate::error::ApiError;
use crate::operation::{Answer, Context, Operation};
use crate::protocol::query::Fields;
use crate::protocol::xml::Xml;
use crate::state::AwsState;

#[derive(Debug)]
struct Authorize {
    group: GroupChoice,
    asked: Vec<Asked>,
    tags: BTreeMap<String, String>,
}

impl Authorize {
    fn read(group: GroupChoice, fields: &mut Fields<'_>) -> Result<Self, ApiError> {
        Ok(Self { group, asked: permissions::read_some(fields)?, tags: tags_of(fields, "security-group-rule")? })
    }

    fn asks(&self, state: &AwsState, operation: &'static str) -> Vec<Ask> {
        let pairs = || self.tags.iter().map(|(key, value)| (key.as_str(), value.as_str()));
        let mut asks = vec![self.group.ask(state, operation).with_request_tags(pairs())];
        if !self.tags.is_empty() {
            let resource = arn(state, "security-group-rule", "*");
            asks.push(Ask::new("CreateTags", resource).with("ec2:CreateAction", operation).with_request_tags(pairs()));
        }
        asks
    }

    async fn run(self, context: &Context<'_>, direction: Direction) -> Result<Answer, ApiError> {
        let network = &context.state.network;
        let group = self.group.find(network)?;
        let rules = rules(context.state, &group, self.asked)?;
        let made = network.authorize(&group.id, direction, rules, self.tags).await?;
        Ok(shown(context.state, &group, "securityGroupRuleSet", &made, false))
    }
}

pub(super) fn rules(state: &AwsState, group: &SecurityGroup, asked: Vec<Asked>) -> Result<Vec<NewRule>, ApiError> {
    asked.into_iter().map(|one| one.rule(state, group)).collect()
}

fn shown(state: &AwsState, group: &SecurityGroup, name: &str, rules: &[Arc<Rule>], revoked: bool) -> Answer {
    Answer::Xml(Some(Xml::fragment(|xml| {
        xml.text("return", "true");
        xml.element(name, |xml| {
            for rule in rules {
                xml.element("item", |xml| write::rule(xml, state, group, rule, revoked));
            }
        });
    })))
}

#[derive(Debug)]
struct Revoke {
    group: GroupChoice,
    chosen: Chosen,
}

#[derive(Debug)]
enum Chosen {
    Ids(Vec<RuleId>),
    Permissions(Vec<Asked>),
}

impl Revoke {
    fn read(group: GroupChoice, fields: &mut Fields<'_>) -> Result<Self, ApiError> {
        let ids = fields.flat_texts("SecurityGroupRuleId")?.unwrap_or_default();
        let ids: Vec<_> = ids.into_iter().map(rule_id).collect::<Result<_, _>>()?;
        let asked = permissions::read(fields)?;
        let chosen = match (ids.is_empty(), asked.is_empty()) {
            (false, true) => Chosen::Ids(ids),
            (true, false) => Chosen::Permissions(asked),
            (true, true) => return Err(missing("ipPermissions or securityGroupRuleId")),
            (false, false) => {
                let message = "The parameter securityGroupRuleIds cannot be used with the parameter ipPermissions";
                return Err(refused("InvalidParameterCombination", message));
            }
        };
        Ok(Self { group, chosen })
    }

    async fn run(self, context: &Context<'_>, direction: Direction) -> Result<Answer, ApiError> {
        let network = &context.state.network;
        let group = self.group.find(network)?;
        let choices: Vec<_> = match self.chosen {
            Chosen::Ids(ids) => ids.into_iter().map(RuleChoice::Id).collect(),
            Chosen::Permissions(asked) => {
                rules(context.state, &group, asked)?.into_iter().map(RuleChoice::Permission).collect()
            }
        };
        let revoked = network.revoke(&group.id, direction, &choices).await?;
        Ok(shown(context.state, &group, "revokedSecurityGroupRuleSet", &revoked, true))
    }
}

pub(super) fn rule_id(id: String) -> Result<RuleId, ApiError> {
    if id.starts_with("sgr-") {
        return Ok(RuleId::new(id));
    }
    let message = format!("Invalid id: \"{id}\" (expecting \"sgr-...\")");
    Err(refused("InvalidSecurityGroupRuleId.Malformed", message))
}

/// The four operations: in which direction, and how the group is named. An outbound rule's only by its id.
macro_rules! operations {
    ($($operation:ident = $name:literal: $kind:ident, $direction:ident, $group:path;)*) => {$(
        #[derive(Debug)]
        pub(super) struct $operation($kind);

        impl Ec2Operation for $operation {
            fn read(fields: &mut Fields<'_>) -> Result<Self, ApiError> {
                $kind::read($group(fields)?, fields).map(Self)
            }
        }

        impl Operation for $operation {
            const NAME: &'static str = $name;

            fn resource(&self, state: &AwsState) -> String {
                self.0.group.resource(state)
            }

            fn asks(&self, state: &AwsState) -> Vec<Ask> {
                self.0.asks(state, Self::NAME)
            }

            async fn run(self, context: &Context<'_>) -> Result<Answer, ApiError> {
                self.0.run(context, Direction::$direction).await
            }
        }
    )*};
}

impl Revoke {
    fn asks(&self, state: &AwsState, operation: &'static str) -> Vec<Ask> {
        vec![self.group.ask(state, operation)]
    }
}

operations! {
    AuthorizeIngress = "AuthorizeSecurityGroupIngress": Authorize, Ingress, GroupChoice::read;
    AuthorizeEgress = "AuthorizeSecurityGroupEgress": Authorize, Egress, GroupChoice::read_id;
    RevokeIngress = "RevokeSecurityGroupIngress": Revoke, Ingress, GroupChoice::read;
    RevokeEgress = "RevokeSecurityGroupEgress": Revoke, Egress, GroupChoice::read_id;
}
