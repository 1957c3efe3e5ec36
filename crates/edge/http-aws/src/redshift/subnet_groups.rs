//! Cluster subnet groups.

use std::sync::Arc;

use base::id::SubnetId;
use control::TagFilter;
use network::{NetworkError, NewSubnetGroup, SubnetGroup};
use sts::Ask;

use crate::error::ApiError;
use crate::operation::{Answer, Context, Operation};
use crate::protocol::query::{Fields, QueryParameters};
use crate::protocol::xml::Xml;
use crate::redshift::tags;
use crate::state::AwsState;

fn resource(state: &AwsState, name: &str) -> String {
    state.redshift_arn(&format!("subnetgroup:{}", name.to_ascii_lowercase()))
}

fn subnets(fields: &mut Fields<'_>) -> Result<Vec<SubnetId>, ApiError> {
    let ids = fields.texts("SubnetIds", "SubnetIdentifier")?;
    let ids = ids.ok_or(ApiError::MissingParameter { operation: fields.operation(), parameter: "SubnetIds" })?;
    Ok(ids.into_iter().map(SubnetId::new).collect())
}

fn answer(state: &AwsState, group: &SubnetGroup) -> Answer {
    Answer::Xml(Some(Xml::fragment(|xml| xml.element("ClusterSubnetGroup", |xml| write(xml, state, group)))))
}

fn write(xml: &mut Xml, state: &AwsState, group: &SubnetGroup) {
    let all = state.network.snapshot();
    let known = || group.subnets.iter().filter_map(|id| all.subnet(id));
    xml.text("ClusterSubnetGroupName", &group.name);
    xml.text("Description", &group.description);
    xml.text("VpcId", group.vpc.as_str());
    xml.text("SubnetGroupStatus", "Complete");
    xml.element("Subnets", |xml| {
        for subnet in known() {
            xml.element("Subnet", |xml| {
                xml.text("SubnetIdentifier", subnet.id.as_str());
                xml.element("SubnetAvailabilityZone", |xml| xml.text("Name", &subnet.zone));
                xml.text("SubnetStatus", "Active");
            });
        }
    });
    tags::write(xml, &group.tags);
    xml.element("SupportedClusterIpAddressTypes", |xml| {
        xml.text("item", "ipv4");
        if known().all(|subnet| subnet.ipv6.is_some()) {
            xml.text("item", "dualstack");
        }
    });
}

#[derive(Debug)]
pub(super) struct CreateClusterSubnetGroup {
    new: NewSubnetGroup,
}

impl CreateClusterSubnetGroup {
    pub(super) fn parse(parameters: QueryParameters) -> Result<Self, ApiError> {
        parameters.parse(Self::NAME, |fields| {
            Ok(Self {
                new: NewSubnetGroup {
                    name: fields.required("ClusterSubnetGroupName")?,
                    description: fields.required("Description")?,
                    subnets: subnets(fields)?,
                    tags: tags::read(fields, "Tags")?,
                },
            })
        })
    }
}

impl Operation for CreateClusterSubnetGroup {
    const NAME: &'static str = "CreateClusterSubnetGroup";

    fn resource(&self, state: &AwsState) -> String {
        resource(state, &self.new.name)
    }

    fn asks(&self, state: &AwsState) -> Vec<Ask> {
        let tags = self.new.tags.iter().map(|(key, value)| (key.as_str(), value.as_str()));
        vec![Ask::new(Self::NAME, self.resource(state)).with_request_tags(tags)]
    }

    async fn run(self, context: &Context<'_>) -> Result<Answer, ApiError> {
        let group = context.state.network.create_subnet_group(self.new).await?;
        Ok(answer(context.state, &group))
    }
}

#[derive(Debug)]
pub(super) struct ModifyClusterSubnetGroup {
    name: String,
    description: Option<String>,
    subnets: Vec<SubnetId>,
}

impl ModifyClusterSubnetGroup {
    pub(super) fn parse(parameters: QueryParameters) -> Result<Self, ApiError> {
        parameters.parse(Self::NAME, |fields| {
            Ok(Self {
                name: fields.required("ClusterSubnetGroupName")?,
                description: fields.optional("Description"),
                subnets: subnets(fields)?,
            })
        })
    }
}

impl Operation for ModifyClusterSubnetGroup {
    const NAME: &'static str = "ModifyClusterSubnetGroup";

    fn resource(&self, state: &AwsState) -> String {
        resource(state, &self.name)
    }

    async fn run(self, context: &Context<'_>) -> Result<Answer, ApiError> {
        let Self { name, description, subnets } = self;
        let group = context.state.network.modify_subnet_group(&name, description, subnets).await?;
        Ok(answer(context.state, &group))
    }
}

#[derive(Debug)]
pub(super) struct DeleteClusterSubnetGroup {
    name: String,
}

impl DeleteClusterSubnetGroup {
    pub(super) fn parse(parameters: QueryParameters) -> Result<Self, ApiError> {
        parameters.parse(Self::NAME, |fields| Ok(Self { name: fields.required("ClusterSubnetGroupName")? }))
    }
}

impl Operation for DeleteClusterSubnetGroup {
    const NAME: &'static str = "DeleteClusterSubnetGroup";

    fn resource(&self, state: &AwsState) -> String {
        resource(state, &self.name)
    }

    async fn run(self, context: &Context<'_>) -> Result<Answer, ApiError> {
        context.state.network.delete_subnet_group(&self.name).await?;
        Ok(Answer::Xml(None))
    }
}

#[derive(Debug)]
pub(super) struct DescribeClusterSubnetGroups {
    name: Option<String>,
    marker: Option<String>,
    records: usize,
    filter: TagFilter,
}

impl DescribeClusterSubnetGroups {
    pub(super) fn parse(parameters: QueryParameters) -> Result<Self, ApiError> {
        let parsed = parameters.parse(Self::NAME, |fields| {
            Ok(Self {
                name: fields.optional("ClusterSubnetGroupName"),
                marker: fields.optional("Marker"),
                records: fields.max_records()?,
                filter: tags::filter(fields)?,
            })
        })?;
        if parsed.name.is_some() && parsed.marker.is_some() {
            return Err(ApiError::ParameterCombination { one: "ClusterSubnetGroupName", other: "Marker" });
        }
        Ok(parsed)
    }
}

impl Operation for DescribeClusterSubnetGroups {
    const NAME: &'static str = "DescribeClusterSubnetGroups";

    fn resource(&self, state: &AwsState) -> String {
        resource(state, self.name.as_deref().unwrap_or("*"))
    }

    async fn run(self, context: &Context<'_>) -> Result<Answer, ApiError> {
        let all = context.state.network.snapshot();
        let chosen = |group: &&Arc<SubnetGroup>| tags::selects(&self.filter, &group.tags);
        let (groups, next): (Vec<_>, Option<String>) = match &self.name {
            Some(name) => {
                let group = all.subnet_group(name).ok_or_else(|| NetworkError::SubnetGroupNotFound(name.clone()))?;
                (Some(group).into_iter().filter(chosen).collect(), None)
            }
            None => {
                let mut following = all.subnet_groups(self.marker.as_deref()).filter(chosen);
                let page: Vec<_> = following.by_ref().take(self.records).collect();
                let next = following.next().and_then(|_| page.last().map(|group| group.name.clone()));
                (page, next)
            }
        };
        Ok(Answer::Xml(Some(Xml::fragment(|xml| {
            xml.element("ClusterSubnetGroups", |xml| {
                for group in groups {
                    xml.element("ClusterSubnetGroup", |xml| write(xml, context.state, group));
                }
            });
            if let Some(next) = &next {
                xml.text("Marker", next);
            }
        }))))
    }
}
