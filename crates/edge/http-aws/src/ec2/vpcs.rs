//! Virtual networks.

use std::sync::Arc;

use base::id::VpcId;
use network::{NetworkError, NewVpc, Vpc};
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
pub(super) struct DescribeVpcs {
    ids: Vec<VpcId>,
    filters: Filters,
    paging: Paging,
}

const FILTERS: [&str; 6] = ["vpc-id", "cidr", "cidr-block-association.cidr-block", "is-default", "owner-id", "state"];

impl Ec2Operation for DescribeVpcs {
    fn read(fields: &mut Fields<'_>) -> Result<Self, ApiError> {
        let ids: Vec<_> = fields.flat_texts("VpcId")?.unwrap_or_default().into_iter().map(VpcId::new).collect();
        let by_id = (!ids.is_empty()).then_some("VpcIds");
        Ok(Self { filters: Filters::read(fields, &FILTERS)?, paging: Paging::read(fields, "vpc-", by_id)?, ids })
    }
}

impl Operation for DescribeVpcs {
    const NAME: &'static str = "DescribeVpcs";

    fn resource(&self, _: &AwsState) -> String {
        "*".to_owned()
    }

    async fn run(self, context: &Context<'_>) -> Result<Answer, ApiError> {
        let (state, all) = (context.state, context.state.network.snapshot());
        for id in &self.ids {
            all.vpc(id).ok_or_else(|| NetworkError::VpcNotFound(id.clone()))?;
        }
        let chosen = |vpc: &&Arc<Vpc>| {
            let value = |name: &str| {
                Some(match name {
                    "vpc-id" => vpc.id.to_string(),
                    "cidr" | "cidr-block-association.cidr-block" => vpc.cidr.to_string(),
                    "is-default" => vpc.is_default.to_string(),
                    "owner-id" => state.account().to_owned(),
                    "state" => "available".to_owned(),
                    _ => return None,
                })
            };
            (self.ids.is_empty() || self.ids.contains(&vpc.id)) && self.filters.select(&vpc.tags, value)
        };
        let page = self.paging.page(all.vpcs().filter(chosen), |vpc| vpc.id.to_string());
        Ok(list("vpcSet", &page, |xml, vpc| write::vpc(xml, state, vpc)))
    }
}

#[derive(Debug)]
pub(super) struct CreateVpc {
    new: NewVpc,
}

impl Ec2Operation for CreateVpc {
    fn read(fields: &mut Fields<'_>) -> Result<Self, ApiError> {
        let cidr = fields.optional("CidrBlock").ok_or_else(|| missing("cidrBlock"))?;
        let ipv6 = fields.boolean("AmazonProvidedIpv6CidrBlock")?.unwrap_or(false);
        match fields.optional("InstanceTenancy").as_deref() {
            None | Some("default") => {}
            Some(other) => {
                let message = format!("Value ({other}) for parameter instanceTenancy is invalid here: it is default.");
                return Err(refused("InvalidParameterValue", message));
            }
        }
        Ok(Self { new: NewVpc { cidr, ipv6, tags: tags_of(fields, "vpc")? } })
    }
}

impl Operation for CreateVpc {
    const NAME: &'static str = "CreateVpc";

    fn resource(&self, state: &AwsState) -> String {
        arn(state, "vpc", "*")
    }

    fn asks(&self, state: &AwsState) -> Vec<Ask> {
        making(state, Self::NAME, "vpc", &self.new.tags)
    }

    async fn run(self, context: &Context<'_>) -> Result<Answer, ApiError> {
        let vpc = context.state.network.create_vpc(self.new).await?;
        let shown = |xml: &mut Xml| xml.element("vpc", |xml| write::vpc(xml, context.state, &vpc));
        Ok(Answer::Xml(Some(Xml::fragment(shown))))
    }
}

#[derive(Debug)]
pub(super) struct DeleteVpc {
    id: VpcId,
}

impl Ec2Operation for DeleteVpc {
    fn read(fields: &mut Fields<'_>) -> Result<Self, ApiError> {
        let id = fields.optional("VpcId").ok_or_else(|| missing("vpcId"))?;
        Ok(Self { id: VpcId::new(id) })
    }
}

impl Operation for DeleteVpc {
    const NAME: &'static str = "DeleteVpc";

    fn resource(&self, state: &AwsState) -> String {
        arn(state, "vpc", self.id.as_str())
    }

    fn asks(&self, state: &AwsState) -> Vec<Ask> {
        vec![about(state, Self::NAME, self.id.as_str())]
    }

    async fn run(self, context: &Context<'_>) -> Result<Answer, ApiError> {
        context.state.network.delete_vpc(&self.id).await?;
        Ok(done())
    }
}
