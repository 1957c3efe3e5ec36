//! Subnets.

use std::sync::Arc;

use base::id::{SubnetId, VpcId};
use network::{NetworkError, NewSubnet, Subnet};
use sts::Ask;

use super::filter::Filters;
use super::request::{Ec2Operation, Paging, done, list, making, missing, refused, tags_of};
use super::tags::about;
use super::{arn, write};
use crate::error::ApiError;
use crate::operation::{Answer, Context, Operation};
use crate::protocol::query::Fields;
use crate::protocol::xml::Xml;
use crate::state::AwsState;

#[derive(Debug)]
pub(super) struct DescribeSubnets {
    ids: Vec<SubnetId>,
    filters: Filters,
    paging: Paging,
}

const FILTERS: [&str; 13] = [
    "subnet-id",
    "subnet-arn",
    "vpc-id",
    "availability-zone",
    "availabilityZone",
    "availability-zone-id",
    "cidr-block",
    "cidrBlock",
    "cidr",
    "default-for-az",
    "defaultForAz",
    "owner-id",
    "state",
];

impl Ec2Operation for DescribeSubnets {
    fn read(fields: &mut Fields<'_>) -> Result<Self, ApiError> {
        let ids: Vec<_> = fields.flat_texts("SubnetId")?.unwrap_or_default().into_iter().map(SubnetId::new).collect();
        let by_id = (!ids.is_empty()).then_some("SubnetIds");
        Ok(Self { filters: Filters::read(fields, &FILTERS)?, paging: Paging::read(fields, "subnet-", by_id)?, ids })
    }
}

/// What a subnet has for the name of a filter.
fn value(state: &AwsState, subnet: &Subnet, name: &str) -> Option<String> {
    let zone_id = || state.network.zones().iter().find(|zone| zone.name == subnet.zone).map(|zone| zone.id.clone());
    match name {
        "subnet-id" => Some(subnet.id.to_string()),
        "subnet-arn" => Some(arn(state, "subnet", subnet.id.as_str())),
        "vpc-id" => Some(subnet.vpc.to_string()),
        "availability-zone" | "availabilityZone" => Some(subnet.zone.clone()),
        "availability-zone-id" => zone_id(),
        "cidr-block" | "cidrBlock" | "cidr" => Some(subnet.cidr.to_string()),
        "default-for-az" | "defaultForAz" => Some(subnet.default_for_zone.to_string()),
        "owner-id" => Some(state.account().to_owned()),
        "state" => Some("available".to_owned()),
        _ => None,
    }
}

impl Operation for DescribeSubnets {
    const NAME: &'static str = "DescribeSubnets";

    fn resource(&self, _: &AwsState) -> String {
        "*".to_owned()
    }

    async fn run(self, context: &Context<'_>) -> Result<Answer, ApiError> {
        let (state, all) = (context.state, context.state.network.snapshot());
        for id in &self.ids {
            all.subnet(id).ok_or_else(|| NetworkError::SubnetNotFound(id.clone()))?;
        }
        let chosen = |subnet: &&Arc<Subnet>| {
            (self.ids.is_empty() || self.ids.contains(&subnet.id))
                && self.filters.select(&subnet.tags, |name| value(state, subnet, name))
        };
        let page = self.paging.page(all.subnets().filter(chosen), |subnet| subnet.id.to_string());
        Ok(list("subnetSet", &page, |xml, subnet| write::subnet(xml, state, subnet)))
    }
}

#[derive(Debug)]
pub(super) struct CreateSubnet {
    new: NewSubnet,
}

impl Ec2Operation for CreateSubnet {
    fn read(fields: &mut Fields<'_>) -> Result<Self, ApiError> {
        let vpc = fields.optional("VpcId").map(VpcId::new).ok_or_else(|| missing("vpcId"))?;
        let cidr = fields.optional("CidrBlock").ok_or_else(|| missing("cidrBlock"))?;
        let (name, id) = (fields.optional("AvailabilityZone"), fields.optional("AvailabilityZoneId"));
        if name.is_some() && id.is_some() {
            let message = "The parameter AvailabilityZone cannot be used with the parameter AvailabilityZoneId";
            return Err(refused("InvalidParameterCombination", message));
        }
        let ipv6 = fields.optional("Ipv6CidrBlock");
        Ok(Self { new: NewSubnet { vpc, cidr, ipv6, zone: name.or(id), tags: tags_of(fields, "subnet")? } })
    }
}

impl Operation for CreateSubnet {
    const NAME: &'static str = "CreateSubnet";

    fn resource(&self, state: &AwsState) -> String {
        arn(state, "subnet", "*")
    }

    fn asks(&self, state: &AwsState) -> Vec<Ask> {
        let mut asks = making(state, Self::NAME, "subnet", &self.new.tags);
        asks.push(about(state, Self::NAME, self.new.vpc.as_str()));
        asks
    }

    async fn run(self, context: &Context<'_>) -> Result<Answer, ApiError> {
        let subnet = context.state.network.create_subnet(self.new).await?;
        let shown = |xml: &mut Xml| xml.element("subnet", |xml| write::subnet(xml, context.state, &subnet));
        Ok(Answer::Xml(Some(Xml::fragment(shown))))
    }
}

#[derive(Debug)]
pub(super) struct DeleteSubnet {
    id: SubnetId,
}

impl Ec2Operation for DeleteSubnet {
    fn read(fields: &mut Fields<'_>) -> Result<Self, ApiError> {
        let id = fields.optional("SubnetId").ok_or_else(|| missing("subnetId"))?;
        Ok(Self { id: SubnetId::new(id) })
    }
}

impl Operation for DeleteSubnet {
    const NAME: &'static str = "DeleteSubnet";

    fn resource(&self, state: &AwsState) -> String {
        arn(state, "subnet", self.id.as_str())
    }

    fn asks(&self, state: &AwsState) -> Vec<Ask> {
        vec![about(state, Self::NAME, self.id.as_str())]
    }

    async fn run(self, context: &Context<'_>) -> Result<Answer, ApiError> {
        context.state.network.delete_subnet(&self.id).await?;
        Ok(done())
    }
}
