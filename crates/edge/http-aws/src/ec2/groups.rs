//! Security groups.

use std::sync::Arc;

use base::id::{SecurityGroupId, VpcId};
use network::{Direction, Network, NetworkError, NewSecurityGroup, Rule, SecurityGroup, Source};
use sts::Ask;

use super::filter::Filters;
use super::request::{Ec2Operation, Paging, list, making, missing, refused, tags_of};
use super::tags::about;
use super::{arn, write};
use crate::error::ApiError;
use crate::operation::{Answer, Context, Operation};
use crate::protocol::query::Fields;
use crate::protocol::xml::Xml;
use crate::state::AwsState;

/// `GroupId`, or `GroupName` of the default network.
#[derive(Debug)]
pub(super) enum GroupChoice {
    Id(SecurityGroupId),
    Name(String),
}

impl GroupChoice {
    pub(super) fn read(fields: &mut Fields<'_>) -> Result<Self, ApiError> {
        match (fields.optional("GroupId"), fields.optional("GroupName")) {
            (Some(id), None) => Ok(Self::Id(group_id(id)?)),
            (None, Some(name)) => Ok(Self::Name(name)),
            (None, None) => Err(missing("groupName or groupId")),
            (Some(_), Some(_)) => {
                let message = "The parameter groupName cannot be used with the parameter groupId";
                Err(refused("InvalidParameterCombination", message))
            }
        }
    }

    /// Only by its id: the group of an outbound rule.
    pub(super) fn read_id(fields: &mut Fields<'_>) -> Result<Self, ApiError> {
        group_id(fields.optional("GroupId").ok_or_else(|| missing("groupId"))?).map(Self::Id)
    }

    pub(super) fn find(&self, network: &Network) -> Result<Arc<SecurityGroup>, NetworkError> {
        match self {
            Self::Id(id) => network.group(id).ok_or_else(|| NetworkError::GroupNotFound(id.clone())),
            Self::Name(name) => in_default_vpc(network, name),
        }
    }

    /// Its ARN; `security-group/*` where it isn't there.
    pub(super) fn resource(&self, state: &AwsState) -> String {
        let id = match self {
            Self::Id(id) => id.to_string(),
            Self::Name(_) => self.find(&state.network).map_or_else(|_| "*".to_owned(), |group| group.id.to_string()),
        };
        arn(state, "security-group", &id)
    }

    /// What IAM is asked about an operation on it.
    pub(super) fn ask(&self, state: &AwsState, operation: &'static str) -> Ask {
        let Ok(group) = self.find(&state.network) else { return Ask::new(operation, self.resource(state)) };
        about(state, operation, group.id.as_str()).with("ec2:Vpc", arn(state, "vpc", group.vpc.as_str()))
    }
}

pub(super) fn group_id(id: String) -> Result<SecurityGroupId, ApiError> {
    if id.starts_with("sg-") {
        return Ok(SecurityGroupId::new(id));
    }
    Err(refused("InvalidGroupId.Malformed", format!("Invalid id: \"{id}\" (expecting \"sg-...\")")))
}

fn in_default_vpc(network: &Network, name: &str) -> Result<Arc<SecurityGroup>, NetworkError> {
    let all = network.snapshot();
    let vpc = &all.default_vpc().ok_or(NetworkError::DefaultVpc)?.id;
    let found = all.group_named(vpc, name).cloned();
    found.ok_or_else(|| NetworkError::GroupNameNotFound { name: name.to_owned(), vpc: vpc.clone() })
}

#[derive(Debug)]
pub(super) struct CreateSecurityGroup {
    new: NewSecurityGroup,
}

impl Ec2Operation for CreateSecurityGroup {
    fn read(fields: &mut Fields<'_>) -> Result<Self, ApiError> {
        let name = fields.optional("GroupName").ok_or_else(|| missing("groupName"))?;
        let description = fields.optional("GroupDescription").ok_or_else(|| missing("GroupDescription"))?;
        let vpc = fields.optional("VpcId").map(VpcId::new);
        Ok(Self { new: NewSecurityGroup { name, description, vpc, tags: tags_of(fields, "security-group")? } })
    }
}

impl Operation for CreateSecurityGroup {
    const NAME: &'static str = "CreateSecurityGroup";

    fn resource(&self, state: &AwsState) -> String {
        arn(state, "security-group", "*")
    }

    fn asks(&self, state: &AwsState) -> Vec<Ask> {
        let mut asks = making(state, Self::NAME, "security-group", &self.new.tags);
        let default = || state.network.snapshot().default_vpc().map(|vpc| vpc.id.clone());
        if let Some(vpc) = self.new.vpc.clone().or_else(default) {
            asks.push(about(state, Self::NAME, vpc.as_str()));
        }
        asks
    }

    async fn run(self, context: &Context<'_>) -> Result<Answer, ApiError> {
        let group = context.state.network.create_group(self.new).await?;
        Ok(Answer::Xml(Some(Xml::fragment(|xml| {
            xml.text("groupId", group.id.as_str());
            write::tags(xml, &group.tags);
            xml.text("securityGroupArn", &arn(context.state, "security-group", group.id.as_str()));
        }))))
    }
}

#[derive(Debug)]
pub(super) struct DeleteSecurityGroup {
    group: GroupChoice,
}

impl Ec2Operation for DeleteSecurityGroup {
    fn read(fields: &mut Fields<'_>) -> Result<Self, ApiError> {
        Ok(Self { group: GroupChoice::read(fields)? })
    }
}

impl Operation for DeleteSecurityGroup {
    const NAME: &'static str = "DeleteSecurityGroup";

    fn resource(&self, state: &AwsState) -> String {
        self.group.resource(state)
    }

    fn asks(&self, state: &AwsState) -> Vec<Ask> {
        vec![self.group.ask(state, Self::NAME)]
    }

    async fn run(self, context: &Context<'_>) -> Result<Answer, ApiError> {
        let network = &context.state.network;
        let group = self.group.find(network)?;
        network.delete_group(&group.id).await?;
        Ok(Answer::Xml(Some(Xml::fragment(|xml| {
            xml.text("return", "true");
            xml.text("groupId", group.id.as_str());
        }))))
    }
}

#[derive(Debug)]
pub(super) struct DescribeSecurityGroups {
    ids: Vec<SecurityGroupId>,
    names: Vec<String>,
    filters: Filters,
    paging: Paging,
}

const FILTERS: [&str; 21] = [
    "group-id",
    "group-name",
    "description",
    "owner-id",
    "vpc-id",
    "ip-permission.cidr",
    "ip-permission.ipv6-cidr",
    "ip-permission.from-port",
    "ip-permission.to-port",
    "ip-permission.protocol",
    "ip-permission.group-id",
    "ip-permission.group-name",
    "ip-permission.user-id",
    "egress.ip-permission.cidr",
    "egress.ip-permission.ipv6-cidr",
    "egress.ip-permission.from-port",
    "egress.ip-permission.to-port",
    "egress.ip-permission.protocol",
    "egress.ip-permission.group-id",
    "egress.ip-permission.group-name",
    "egress.ip-permission.user-id",
];

impl Ec2Operation for DescribeSecurityGroups {
    fn read(fields: &mut Fields<'_>) -> Result<Self, ApiError> {
        let ids = fields.flat_texts("GroupId")?.unwrap_or_default();
        let ids = ids.into_iter().map(group_id).collect::<Result<Vec<_>, _>>()?;
        let names = fields.flat_texts("GroupName")?.unwrap_or_default();
        let by_id = match (ids.is_empty(), names.is_empty()) {
            (false, _) => Some("SecurityGroupIds"),
            (true, false) => Some("SecurityGroupNames"),
            (true, true) => None,
        };
        Ok(Self { filters: Filters::read(fields, &FILTERS)?, paging: Paging::read(fields, "sg-", by_id)?, ids, names })
    }
}

impl Operation for DescribeSecurityGroups {
    const NAME: &'static str = "DescribeSecurityGroups";

    fn resource(&self, _: &AwsState) -> String {
        "*".to_owned()
    }

    async fn run(self, context: &Context<'_>) -> Result<Answer, ApiError> {
        let (state, all) = (context.state, context.state.network.snapshot());
        for id in &self.ids {
            all.group(id).ok_or_else(|| NetworkError::GroupNotFound(id.clone()))?;
        }
        let named = self.names.iter().map(|name| in_default_vpc(&state.network, name).map(|group| group.id.clone()));
        let named = named.collect::<Result<Vec<_>, _>>()?;
        let chosen = |group: &&Arc<SecurityGroup>| {
            (self.ids.is_empty() || self.ids.contains(&group.id))
                && (named.is_empty() || named.contains(&group.id))
                && self.filters.select(&group.tags, |name| values(state, group, name))
        };
        let page = self.paging.page(all.groups().filter(chosen), |group| group.id.to_string());
        Ok(list("securityGroupInfo", &page, |xml, group| write::group(xml, state, group)))
    }
}

/// What a group has for the name of a filter.
fn values(state: &AwsState, group: &SecurityGroup, name: &str) -> Vec<String> {
    let (direction, of_rule) = match name.strip_prefix("egress.ip-permission.") {
        Some(of_rule) => (Direction::Egress, Some(of_rule)),
        None => (Direction::Ingress, name.strip_prefix("ip-permission.")),
    };
    if let Some(of_rule) = of_rule {
        return group.rules_of(direction).filter_map(|rule| rule_value(state, rule, of_rule)).collect();
    }
    let value = match name {
        "group-id" => group.id.to_string(),
        "group-name" => group.name.clone(),
        "description" => group.description.clone(),
        "owner-id" => state.account().to_owned(),
        "vpc-id" => group.vpc.to_string(),
        _ => return Vec::new(),
    };
    vec![value]
}

fn rule_value(state: &AwsState, rule: &Rule, name: &str) -> Option<String> {
    let traffic = rule.permission.traffic;
    match (name, &rule.permission.source) {
        ("cidr", Source::V4(net)) => Some(net.to_string()),
        ("ipv6-cidr", Source::V6(net)) => Some(net.to_string()),
        ("from-port", _) => traffic.ports().map(|(from, _)| from.to_string()),
        ("to-port", _) => traffic.ports().map(|(_, to)| to.to_string()),
        ("protocol", _) => Some(traffic.protocol()),
        ("group-id", Source::Group(id)) => Some(id.to_string()),
        ("group-name", Source::Group(id)) => state.network.group(id).map(|group| group.name.clone()),
        ("user-id", Source::Group(_)) => Some(state.account().to_owned()),
        _ => None,
    }
}
