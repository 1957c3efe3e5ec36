//! DescribeSecurityGroupRules.

use std::sync::Arc;

use network::{NetworkError, Rule, RuleId, SecurityGroup};

use super::filter::Filters;
use super::request::{Ec2Operation, Paging, list};
use super::rules::rule_id;
use super::write;
use crate::error::ApiError;
use crate::operation::{Answer, Context, Operation};
use crate::protocol::query::Fields;
use crate::state::AwsState;

#[derive(Debug)]
pub(super) struct DescribeSecurityGroupRules {
    ids: Vec<RuleId>,
    filters: Filters,
    paging: Paging,
}

impl Ec2Operation for DescribeSecurityGroupRules {
    fn read(fields: &mut Fields<'_>) -> Result<Self, ApiError> {
        let ids = fields.flat_texts("SecurityGroupRuleId")?.unwrap_or_default();
        let ids: Vec<_> = ids.into_iter().map(rule_id).collect::<Result<_, _>>()?;
        let by_id = (!ids.is_empty()).then_some("SecurityGroupRuleIds");
        let filters = Filters::read(fields, &["group-id", "security-group-rule-id"])?;
        Ok(Self { filters, paging: Paging::read(fields, "sgr-", by_id)?, ids })
    }
}

impl Operation for DescribeSecurityGroupRules {
    const NAME: &'static str = "DescribeSecurityGroupRules";

    fn resource(&self, _: &AwsState) -> String {
        "*".to_owned()
    }

    async fn run(self, context: &Context<'_>) -> Result<Answer, ApiError> {
        let (state, all) = (context.state, context.state.network.snapshot());
        for id in &self.ids {
            all.rule(id).ok_or_else(|| NetworkError::RuleNotFound(id.clone()))?;
        }
        let rules = all.groups().flat_map(|group| group.rules.iter().map(move |rule| (group, rule)));
        let chosen = |(group, rule): &(&Arc<SecurityGroup>, &Arc<Rule>)| {
            let value = |name: &str| match name {
                "group-id" => Some(group.id.to_string()),
                "security-group-rule-id" => Some(rule.id.to_string()),
                _ => None,
            };
            (self.ids.is_empty() || self.ids.contains(&rule.id)) && self.filters.select(&rule.tags, value)
        };
        let mut rules: Vec<_> = rules.filter(chosen).collect();
        rules.sort_unstable_by_key(|(_, rule)| &rule.id);
        let page = self.paging.page(rules.into_iter(), |(_, rule)| rule.id.to_string());
        Ok(list("securityGroupRuleSet", &page, |xml, (group, rule)| write::rule(xml, state, group, rule, false)))
    }
}
